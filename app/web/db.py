"""One database session a request: `reading()` for pages, `writing()` and `commit()` for forms.

A view commits once, just before it answers. A GET cannot write; in tests a request that leaves unsaved changes fails.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

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


def here() -> Any:
    """What belongs to this request; a look through Flask's proxy costs each time."""
    return g._get_current_object()


def reading() -> Session:
    """This request's session; opened to read unless `writing` opened it before."""
    mine = here()
    if "session" not in mine:
        mine.session, mine.writes = open_session(engine(), write=False), False
    session: Session = mine.session
    return session


def writing() -> Session:
    """This request's session, holding the right to write; what was read before is read again."""
    if request.method in ("GET", "HEAD"):
        raise RuntimeError(f"{request.endpoint} answers GET, which never writes")
    mine = here()
    if "session" in mine and not mine.writes:
        close()
    if "session" not in mine:
        mine.session, mine.writes = open_session(engine(), write=True), True
    session: Session = mine.session
    return session


def commit() -> None:
    """Make this request's changes durable and end its session."""
    here().session.commit()
    rollback()


def rollback() -> None:
    """Drop this request's changes, those that were not committed."""
    mine = here()
    mine.pop("changed", None)
    if "session" in mine:
        mine.session.info.pop(hot.WROTE, None)
    close()


def close(error: BaseException | None = None) -> None:
    mine = here()
    session = mine.pop("session", None)
    if session is None:
        return
    unsaved = mine.pop("changed", None) or has_changes(session)
    session.close()
    if unsaved and error is None and current_app.testing:
        raise RuntimeError(f"{request.method} {request.path} left unsaved changes")


def has_changes(session: Session) -> bool:
    return bool(session.info.get(hot.WROTE) or session.new or session.dirty or session.deleted)


def remember_change(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
    if g and g.get("writes") and statement.lstrip()[:6].upper() in CHANGES:
        g.changed = True


def now() -> datetime:
    """This request's moment in the site's time zone, which decides days and months; the same for all it writes."""
    mine = here()
    if "now" not in mine:
        known = current_app.extensions
        clock = known.get("clock")
        mine.now = (clock() if clock else datetime.now(UTC)).astimezone(known["zone"])
    moment: datetime = mine.now
    return moment


def as_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
