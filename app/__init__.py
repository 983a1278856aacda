"""Lontar: a self-paced course engine. Core knows, records remembers, web shows.

The map of the package:

- `core`     courses, questions, grading, progress, certificates: plain data in, plain data out
- `records`  the database: what learners did; append-only facts and the working state around them
- `web`      Flask: one blueprint a subject, one function a page, one row in `web.access` an endpoint
- `cli`      the `lontar` command: parse arguments, call one function

`create_app` wires them: settings, the compiled library, the database, languages, then the blueprints.
Imports stand inside it so that `import app.core.x` pulls in neither Flask nor SQLAlchemy.
"""

import gc
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.core.content import Library
    from config import Config


def create_app(config: "Config | None" = None, library: "Library | None" = None) -> "Flask":
    """The application for these settings; without a library, the one that `lontar serve` compiled last."""
    from app.ops import logs
    from app.ops.overdue import Heart
    from app.web.wiring import build
    from config import Config

    settings = config or Config.from_environment()
    if not settings.testing:
        logs.begin(settings.log_requests)
    app = build(settings, library)
    if not settings.testing:  # nor in `lontar preview`, which has no records
        Heart(app.extensions["engine"], settings, lambda: app.extensions["shelf"].library).start()
    return app


def worker() -> "Flask":
    """The application of one process of `lontar serve`.

    Nothing that is loaded at a start is garbage, so nobody looks for it then, nor, as it stays, among it later. A
    process that is told to stop before it is ready stops at once: forked, it still has the handlers of the first one,
    which only take note.
    """
    from app.ops import workers

    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, signal.SIG_DFL)
    gc.disable()
    app = create_app()
    gc.freeze()
    gc.enable()
    workers.tell_ready(app.extensions["settings"].instance)
    return app
