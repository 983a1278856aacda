"""Puts the application together: what runs before and after each request stands here in its order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Request, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter

from app.core.content import Library
from app.core.tools import TOOLS
from app.ops.serving import secret_of
from app.records.engine import create_engine, is_transient
from app.web import (
    access,
    admin,
    allowances,
    announcements,
    api,
    areas,
    audit_log,
    author,
    certificates,
    cohorts,
    counters,
    credentials,
    db,
    denominators,
    drafts,
    editions,
    errors,
    exports,
    focal,
    focal_points,
    forms,
    frozen,
    headers,
    i18n,
    importing,
    invitations,
    joining,
    learner_changes,
    learner_list,
    notes,
    organisations,
    overview,
    pictures,
    practice,
    problems,
    quiz,
    reference,
    releases,
    sessions,
    signing,
    site_pages,
    statistics,
    surveys,
    taking_off,
    tokens,
    tools,
    translations,
)
from app.web import library as shelf
from app.web.assets import Assets
from app.web.places import Found, LateRule, Place
from app.web.shells import Shells
from config import Config

LANGUAGE_COOKIE = "language"
# A subject's pages may stand in several files: notes and reference belong to learn, signing to account; allowances, the
# overview, the list of learners, their changes, exports, tokens, announcements, settings and health to admin. Those
# that administrators and focal points share are put on both blueprints when their module is imported.
SHARED = (
    *(organisations, cohorts, invitations, importing, focal, focal_points, taking_off, announcements, site_pages),
    *(learner_list, learner_changes, tokens, denominators, overview, exports, audit_log),
)
BLUEPRINTS = {
    module.blueprint.name: module.blueprint
    for module in (
        *(reference, notes, practice, quiz, surveys, signing, certificates, credentials, editions),
        *(
            author,
            drafts,
            translations,
            releases,
            admin,
            allowances,
            frozen,
            areas,
            joining,
            pictures,
            tools,
            statistics,
        ),
        api,
    )
}


TRIES = 3  # of a request that gets into a deadlock


class Application(Flask):
    """Flask without what each request would pay for and none needs here: hosts are checked by `headers.check_host`, no
    function is asynchronous."""

    url_rule_class = LateRule

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.known_places: dict[tuple[str, str], Found] = {}

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        return Place(self.url_map, request.environ, self.known_places) if request else None

    def dispatch_request(self) -> ResponseReturnValue:
        """The view's answer. What fell victim to a deadlock begins anew: nothing of it was saved, and the others are
        done then. A file that was uploaded is read already; who sent it is asked to send it again."""
        for _ in range(TRIES - 1):
            try:
                return super().dispatch_request()
            except Exception as error:
                if not is_transient(error) or request.files:
                    raise
                db.rollback()
        return super().dispatch_request()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def build(config: Config, library: Library | None) -> Flask:
    """The wired application; raises SettingError for settings that are not safe, BrokenContent for broken courses."""
    root = Path(__file__).parents[2]
    app = Application("app", root_path=str(root / "app"), template_folder=str(root / "templates"), static_folder=None)
    app.testing = config.testing
    app.debug = config.debug
    app.extensions["settings"] = config
    app.extensions["zone"] = config.zone
    app.extensions["secret"] = secret_of(config)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.auto_reload = config.debug
    app.url_map.strict_slashes = True
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # Flask's way
    app.extensions["interface"] = i18n.Interface(root / "translations", config.languages, ZoneInfo(config.timezone))
    i18n.install(app.jinja_env)
    counters.init(app)
    errors.init(app)
    headers.init(app, Assets(root / "static"), config)
    app.extensions["shells"] = Shells()
    shelf.init(app, config, library)
    db.init(app, create_engine(config.database))
    sessions.init(app)
    forms.init(app)
    app.before_request(before)
    for blueprint in BLUEPRINTS.values():
        app.register_blueprint(blueprint)
    app.jinja_env.globals["tools"] = TOOLS
    app.context_processor(page_values)
    return app


def before() -> ResponseReturnValue | None:
    """What each request passes before its view: the host, its language, where it comes from, who may ask. Of another
    system nothing but its token counts: no cookie, no language."""
    asked = request._get_current_object()  # type: ignore[attr-defined]  # of the proxy
    headers.check_host(asked.environ)
    if problems.concerned(asked.environ):
        return api.admit(asked)
    return choose_language(asked) or forms.check_origin(asked) or access.guard(asked.endpoint)


def choose_language(asked: Request) -> ResponseReturnValue | None:
    """Speak the language of the address, the account's cookie or the browser; `?lang=` is kept in a cookie."""
    interface = current_interface()
    if "lang=" in asked.environ.get("QUERY_STRING", "") and asked.method == "GET":
        wanted = asked.args.get("lang")
        if wanted in interface.tags:
            return keep_language(wanted)
    i18n.speak(
        interface.choose(
            (sessions.cookie(asked.environ, LANGUAGE_COOKIE),), asked.environ.get("HTTP_ACCEPT_LANGUAGE", "")
        )
    )
    return None


def current_interface() -> i18n.Interface:
    found: i18n.Interface = current_app.extensions["interface"]
    return found


def keep_language(tag: str) -> ResponseReturnValue:
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    target = request.path + (f"?{urlencode(rest)}" if rest else "")
    response = redirect(forms.local_path(target) or "/", 303)
    response.set_cookie(LANGUAGE_COOKIE, tag, max_age=31536000, secure=db.settings().secure, samesite="Lax")
    return response


def place() -> str:
    """The address at which this page opens again; for one that only a button reaches, that of the page before."""
    rule = request.url_rule
    if request.method == "GET" or (rule is not None and "GET" in (rule.methods or ())):
        return request.path
    host, _, path = (request.referrer or "").partition("://")[2].partition("/")
    return (forms.local_path(f"/{path.partition('?')[0]}") or "/") if host == request.host else "/"


def tools_url() -> str:
    """The tools of the course that this page belongs to, or else of the first."""
    courses = shelf.library().courses
    here = (request.view_args or {}).get("course")
    return url_for("tools.overview", course=here if here in courses else next(iter(courses)))


def page_values() -> dict[str, Any]:
    """What every template may use."""
    config = db.settings()
    speech = i18n.spoken()
    signed = g.get("signed_in") if "signed_in" in g else sessions.person()
    return {
        "language": speech.language.tag,
        "direction": speech.language.dir,
        "draft_words": speech.draft,
        "languages": current_interface().languages,
        "person": signed,
        "csrf": sessions.csrf_token(signed),
        "path": place(),
        "contact": config.contact,
        "issuer": config.issuer_name,
        "insecure": config.insecure_lan and not config.secure,
        "site_name": config.site_name,
        "stylesheet": headers.stylesheet,
        "asset": headers.assets().url,
        "public_statistics": config.public_statistics,
        "tools_url": tools_url(),
    }
