"""The author's working copy in a browser: the authors' pages and what course texts link to, without a database.

Every page shows the files as they are at that moment; where they have errors, the last version that had none, and what
the check says. Nobody signs in, nothing is stored, and only this machine is answered.
"""

import hashlib
import logging
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import date
from gettext import NullTranslations
from threading import Lock

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from app.core.content import Course, Library, Problem
from app.ops.watching import Checker, state
from app.web import forms, headers, wiring
from app.web.author import Files
from app.web.i18n import Interface, Speech
from app.web.languages import LANGUAGES
from config import ROOT, Config

STATE = "/preview/state"
# What is answered beside the authors' pages: what texts link to. All else leads to the list of files.
OPEN = {
    *("author.overview", "author.preview", "author.preview_section", "author.quiz", "author.item", "author.draws"),
    *("pages.asset", "pages.icon", "pages.picture", "learn.glossary", "learn.sources", "preview.state"),
    *("tools.overview", "tools.page", "tools.calculate", "tools.open_part", "tools.file"),
}
NOTHING = Library(
    courses={
        "none": Course(id="none", title={"en": ""}, version="", hours=1, languages=("en",), licence="", modules=())
    },
    modules={},
    quizzes={},
    figures={},
    terms={},
    countries={},
    actions={},
)


class WorkingCopy:
    """The files of an author: checked when they have changed, by one thread at a time; `good` had no errors."""

    def __init__(self, app: Flask, checker: Checker) -> None:
        self.app, self.checker = app, checker
        self.good: Library = NOTHING
        self.problems: tuple[Problem, ...] = ()
        self.clean = False
        self.seen = ""
        self.lock = Lock()

    def files(self) -> Files:
        """The files as they are now."""
        with self.lock:
            if (stamp := self.stamp()) != self.seen:
                library, problems = self.checker.check()
                self.seen, self.clean, self.problems = stamp, library is not None, tuple(problems)
                if library:
                    self.good = library
                    self.app.extensions["shelf"].put(library)
                    self.app.extensions["interface"] = interface(self.app, library)
            return Files(self.problems, self.good, self.clean)

    def stamp(self) -> str:
        """What is another after a change of any file, and on another day."""
        return hashlib.sha256(repr((date.today(), state(self.checker.root))).encode()).hexdigest()[:16]


def settings(config: Config, port: int) -> Config:
    """The settings of a preview: this machine, a secret that nobody keeps, a database that nobody opens."""
    return replace(
        config,
        secret=secrets.token_hex(32),
        bind="127.0.0.1",
        port=port,
        base_url=f"http://127.0.0.1:{port}",
        database_url=f"sqlite:///{config.instance / 'preview-has-none.sqlite'}",
        trusted_proxies=0,
        debug=False,
        metrics=False,
    )


def build(config: Config, checker: Checker) -> Flask:
    """The application of a preview; `config` as `settings` makes it."""
    app = wiring.build(config, NOTHING)
    copy = WorkingCopy(app, checker)
    app.extensions["working_copy"] = copy
    app.before_request_funcs[None] = [before]
    app.context_processor(lambda: {"working_copy": checker.root.name, "state": (STATE, copy.seen)})
    app.add_url_rule(STATE, "preview.state", lambda: Response(copy.stamp(), mimetype="text/plain"))
    return app


def before() -> ResponseReturnValue | None:
    """What each request passes: the host, the files as they are, its language, and whether it is part of a preview."""
    g.signed_in = None  # a browser may bring the cookie of a server on the same machine
    headers.check_host(request.environ)
    if request.endpoint not in ("preview.state", "pages.asset", "pages.icon", "pages.picture"):
        current_app.extensions["working_copy"].files()
    asked = request._get_current_object()  # type: ignore[attr-defined]  # of the proxy
    return wiring.choose_language(asked) or forms.check_origin(asked) or elsewhere()


def elsewhere() -> ResponseReturnValue | None:
    """Where an address that is no part of a preview leads: to the same thing there, or to the list of files."""
    endpoint, values = request.endpoint, request.view_args or {}
    if endpoint is None or endpoint in OPEN:
        return None
    if request.method not in ("GET", "HEAD"):
        abort(405)
    if endpoint == "learn.section":
        return redirect(url_for("author.preview_section", module=values["module"], section=values["section"]), 303)
    if endpoint == "learn.module":
        return redirect(url_for("author.preview", module=values["module"]), 303)
    if endpoint == "quiz.start":
        return redirect(url_for("author.quiz", quiz=values["quiz"]), 303)
    return redirect(url_for("author.overview"), 303)


def interface(app: Flask, library: Library) -> Interface:
    """The languages of the site and of the courses; one without a catalogue has English words around its texts."""
    config: Config = app.extensions["settings"]
    found = Interface(ROOT / "translations", config.languages, config.zone)
    for tag in (one for course in library.courses.values() for one in course.languages):
        if tag in LANGUAGES and tag not in found.speeches:
            found.speeches[tag] = Speech(LANGUAGES[tag], NullTranslations(), config.zone)
    found.tags = tuple(found.speeches)
    found.languages = tuple(one.language for one in found.speeches.values())
    return found


def serve(app: Flask, config: Config) -> None:
    """Answer this machine until Ctrl+C."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(config.bind, config.port, app, threaded=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()
