"""Who is asking: an opaque cookie, the SHA-256 of which is the key of a row; the row ends when the rules say so.

Flask's signed session is not used; Flask-Login asks `load` alone, so that its `current_user` works.
"""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import flask_login
from flask import Flask, Request, current_app, g, request
from flask.sessions import NullSession, SessionInterface
from werkzeug.wrappers import Response

from app.records import sign_ins, standing
from app.records.engine import open_session
from app.web import db
from app.web.db import settings

OWN, SHARED = "own", "shared"
IDLE = {OWN: timedelta(days=60), SHARED: timedelta(hours=12)}
STAFF = ("author", "administrator")
STAFF_IDLE, STAFF_LONGEST = timedelta(minutes=60), timedelta(hours=12)
TOUCH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SignedIn(flask_login.UserMixin):  # type: ignore[misc]
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
    app.session_interface = NoSession()
    app.config["REMEMBER_COOKIE_NAME"] = ""
    manager = flask_login.LoginManager(app)
    manager.session_protection = None
    manager.request_loader(load)


def cookie_name() -> str:
    return "__Host-lontar" if settings().secure else "lontar"


def person() -> SignedIn | None:
    """The signed-in person of this request, or None for a visitor."""
    user = flask_login.current_user
    return user._get_current_object() if user.is_authenticated else None


def required() -> SignedIn:
    """The signed-in person of a page that the access table keeps for them."""
    found = person()
    assert found is not None
    return found


def load(request: Request) -> SignedIn | None:
    return identify()


def identify(course: str = "") -> SignedIn | None:
    """The person behind the cookie, with the standing in a course where one is named: one statement."""
    if "signed_in" not in g:
        token = request.cookies.get(cookie_name())
        g.signed_in = find(token, course) if token else None
    found: SignedIn | None = g.signed_in
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
    if ended(signed, db.now()):
        g.expired = signed.id
        return None
    if db.now() - signed.used_at > TOUCH:
        touch(signed)
    return signed


def ended(signed: SignedIn, now: datetime) -> bool:
    """Whether the session has outlived its rule: staff 60 minutes unused or 12 hours old, others by their device."""
    if signed.staff:
        return now - signed.used_at > STAFF_IDLE or now - signed.started_at > STAFF_LONGEST
    return now - signed.used_at > IDLE.get(signed.kind, IDLE[SHARED])


def touch(signed: SignedIn) -> None:
    """Note the last use, in a transaction of its own: the one write that a GET may cause."""
    with open_session(db.engine(), write=True) as session:
        sign_ins.touch(session, signed.token_hash, db.now())
        session.commit()


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
    secret: bytes = current_app.extensions["secret"]
    return hmac.new(secret, "\x00".join((purpose, *parts)).encode(), hashlib.sha256).hexdigest()[:32]


def csrf_token(signed: SignedIn | None) -> str:
    """The token that every form of this session carries; the same on every page, so that an old tab still works."""
    return sign("csrf", signed.token_hash) if signed else ""


def ask_to_sign_in() -> Response:
    """The sign-in page in place of the one that was asked for; what was posted comes along and is not lost."""
    from app.web.signing import sign_in_page

    return sign_in_page(status=401)
