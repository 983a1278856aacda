"""One database session a request: `reading()` for pages, `writing()` and `commit()` for forms.

A view commits once, just before it answers. A GET cannot write; in tests a request that leaves unsaved changes fails.
"""

import uuid
from datetime import UTC, datetime

from flask import Flask, current_app, g, request
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.records import hot
from app.records.engine import open_session
from config import Config

CHANGES = ("INSERT", "UPDATE", "DELETE")


def init(app: Flask, engine: Engine) -> None:
    app.extensions["engine"] = engine
    app.teardown_request(close)
    if app.testing:
        event.listen(engine, "before_cursor_execute", remember_change)


def settings() -> Config:
    config: Config = current_app.extensions["settings"]
    return config


def engine() -> Engine:
    found: Engine = current_app.extensions["engine"]
    return found


def reading() -> Session:
    """This request's session; opened to read unless `writing` opened it before."""
    if "session" not in g:
        g.session = open_session(engine(), write=False)
        g.writes = False
    session: Session = g.session
    return session


def writing() -> Session:
    """This request's session, holding the right to write; what was read before is read again."""
    if request.method in ("GET", "HEAD"):
        raise RuntimeError(f"{request.endpoint} answers GET, which never writes")
    if "session" in g and not g.writes:
        close()
    if "session" not in g:
        g.session = open_session(engine(), write=True)
        g.writes = True
    session: Session = g.session
    return session


def commit() -> None:
    """Make this request's changes durable and end its session."""
    g.session.commit()
    forget_changes()
    close()


def rollback() -> None:
    """Drop this request's changes."""
    forget_changes()
    close()


def close(error: BaseException | None = None) -> None:
    here = g._get_current_object()
    if not hasattr(here, "session"):
        return
    session = g.pop("session", None)
    unsaved = g.pop("changed", None) or (session is not None and has_changes(session))
    if session is not None:
        session.close()
    if unsaved and error is None and current_app.testing:
        raise RuntimeError(f"{request.method} {request.path} left unsaved changes")


def has_changes(session: Session) -> bool:
    return bool(session.info.get(hot.WROTE) or session.new or session.dirty or session.deleted)


def forget_changes() -> None:
    """What was done so far is saved, or is meant to be lost."""
    g.pop("changed", None)
    if "session" in g:
        g.session.info.pop(hot.WROTE, None)


def remember_change(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
    if g and g.get("writes") and statement.lstrip()[:6].upper() in CHANGES:
        g.changed = True


def now() -> datetime:
    """This request's moment in the site's time zone, which decides days and months; the same for all it writes."""
    here = g._get_current_object()
    if not hasattr(here, "now"):
        clock = current_app.extensions.get("clock")
        here.now = (clock() if clock else datetime.now(UTC)).astimezone(current_app.extensions["zone"])
    moment: datetime = here.now
    return moment


def as_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
