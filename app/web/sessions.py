"""Who is asking: an opaque cookie, the SHA-256 of which is the key of a row; the row ends when the rules say so.

Flask's signed session is not used; Flask-Login asks `load` alone, so that its `current_user` works.
"""

import hashlib
import hmac
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import flask_login
from flask import Flask, Request, current_app, g, request
from flask.sessions import NullSession, SessionInterface
from werkzeug.wrappers import Response

from app.records import sign_ins, standing
from app.records.engine import Unavailable, open_session
from app.web import db
from app.web.db import settings

log = logging.getLogger("lontar")

OWN, SHARED = "own", "shared"
IDLE = {OWN: timedelta(days=60), SHARED: timedelta(hours=12)}
STAFF = ("focal", "author", "administrator")
STAFF_IDLE, STAFF_LONGEST = timedelta(minutes=60), timedelta(hours=12)
TOUCH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SignedIn(flask_login.UserMixin):  # type: ignore[misc]  # flask_login has no types
    """The person of this request and the session that says so; `standing`: packed facts where a page asked for them."""

    id: uuid.UUID
    name: str
    role: str
    language: str
    demo: bool
    kind: str
    started_at: datetime
    used_at: datetime
    token_hash: str
    course: str = ""
    standing: str | None = None

    def get_id(self) -> str:
        return str(self.id)

    @property
    def staff(self) -> bool:
        return self.role in STAFF


class NoSession(SessionInterface):
    """Flask's own session, switched off: it is always empty and never written."""

    def open_session(self, app: Flask, request: Request) -> NullSession:
        return NullSession()

    def save_session(self, app: Flask, session: Any, response: Any) -> None:
        return None


def init(app: Flask) -> None:
    """Wire Flask-Login by hand: `init_app` would also handle a remember cookie on every reply, and there is none."""
    app.session_interface = NoSession()
    app.config["REMEMBER_COOKIE_NAME"] = ""
    manager = flask_login.LoginManager()
    manager.session_protection = None
    manager.request_loader(load)
    app.login_manager = manager  # type: ignore[attr-defined]  # where flask_login looks for it


def cookie_name() -> str:
    return "__Host-lontar" if settings().secure else "lontar"


def person() -> SignedIn | None:
    """The signed-in person of this request, or None for a visitor."""
    return identify()


def required() -> SignedIn:
    """The signed-in person of a page that the access table keeps for them."""
    found = person()
    assert found is not None
    return found


def cookie(environ: Mapping[str, Any], name: str) -> str:
    """One of this site's cookies, none of which needs quotes; the last one of the name, "" where there is none."""
    wanted = name + "="
    found = [one for one in environ.get("HTTP_COOKIE", "").split("; ") if one.startswith(wanted)]
    return found[-1][len(wanted) :] if found else ""


def load(request: Request) -> SignedIn | None:
    return identify()


def identify(course: str = "") -> SignedIn | None:
    """The person behind the cookie, with the standing in a course where one is named: one statement."""
    here = g._get_current_object()  # a look through the proxy costs each time
    if not hasattr(here, "signed_in"):
        token = cookie(request.environ, cookie_name())
        here.signed_in = find(token, course) if token else None
    found: SignedIn | None = here.signed_in
    return found


def standing_in(course: str) -> str | None:
    """The signed-in person's packed facts in a course; they mostly came with the session."""
    signed = identify(course)
    if signed is None or signed.course == course:
        return signed.standing if signed else None
    return standing.packed(db.reading(), signed.id, course)


def find(token: str, course: str) -> SignedIn | None:
    row = sign_ins.find_with_standing(db.engine(), hash_of(token), course)
    if row is None or row.disabled_at is not None:
        return None
    signed = SignedIn(
        id=row.person_id,
        name=row.name,
        role=row.role,
        language=row.language,
        demo=row.demo,
        kind=row.kind,
        started_at=row.started_at,
        used_at=row.used_at,
        token_hash=row.token_hash,
        course=course,
        standing=row.packed,
    )
    now = db.now()
    if ended(signed, now):
        g.expired = signed.id
        return None
    if now - signed.used_at > TOUCH:
        touch(signed)
    return signed


def ended(signed: SignedIn, now: datetime) -> bool:
    """Whether the session has outlived its rule: staff 60 minutes unused or 12 hours old, others by their device."""
    if signed.staff:
        return now - signed.used_at > STAFF_IDLE or now - signed.started_at > STAFF_LONGEST
    return now - signed.used_at > IDLE.get(signed.kind, IDLE[SHARED])


def touch(signed: SignedIn) -> None:
    """Note the last use, in a transaction of its own: the one write that a GET may cause.

    A database that cannot be written now keeps nobody from reading, nor waiting for it again for a while.
    """
    resting = current_app.extensions.get("touches_rest_until")
    if resting and db.now() < resting:
        return
    try:
        with open_session(db.engine(), write=True) as session:
            sign_ins.touch(session, signed.token_hash, db.now())
            session.commit()
    except Unavailable as error:
        current_app.extensions["touches_rest_until"] = db.now() + TOUCH
        log.error("a last use was not noted: %s", error)


def begin(person_id: uuid.UUID, kind: str) -> str:
    """Start a session for a person within the open transaction; returns the token for `set_cookie`."""
    return sign_ins.start(db.writing(), person_id, kind, db.now())


def set_cookie(response: Response, token: str, kind: str) -> None:
    lifetime = int(IDLE[OWN].total_seconds()) if kind == OWN else None
    secure = settings().secure
    response.set_cookie(cookie_name(), token, max_age=lifetime, secure=secure, httponly=True, samesite="Lax", path="/")


def clear_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), secure=settings().secure, httponly=True, samesite="Lax", path="/")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def sign(purpose: str, *parts: str) -> str:
    """A keyed hash of these parts for one purpose, 32 hexadecimal digits."""
    return signature(current_app.extensions["secret"], purpose, *parts)


@lru_cache(maxsize=4096)
def signature(secret: bytes, *parts: str) -> str:
    """Kept for those who come again: each page of a session carries the same two."""
    return hmac.digest(secret, "\x00".join(parts).encode(), "sha256").hex()[:32]


def csrf_token(signed: SignedIn | None) -> str:
    """The token that every form of this session carries; the same on every page, so that an old tab still works.

    Behind a point it says whose form it is, which outlives the session.
    """
    return f"{sign('csrf', signed.token_hash)}.{owner(signed.id)}" if signed else ""


def owner(id: uuid.UUID) -> str:
    """A mark of a person that only this site can make."""
    return sign("owner", str(id))[:16]


def owner_in(token: str) -> str:
    """Whose form carried this token; empty for a visitor's."""
    return token.partition(".")[2]


def ask_to_sign_in(*, anothers: bool = False) -> Response:
    """The sign-in page in place of the one that was asked for; what was posted comes along and is not lost."""
    from app.web.signing import sign_in_page

    return sign_in_page(status=409 if anothers else 401, anothers=anothers)
