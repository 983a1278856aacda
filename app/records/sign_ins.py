"""Sessions: one row per sign-in, found by the hash of its token, so that sign-out ends it at once."""

import uuid
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.records import hot, keys
from app.records.codes import make_code, use_code
from app.records.models import SignIn
from app.records.sql import Plain, insertion, query, statement
from app.records.throttles import add, count

__all__ = ["add", "count", "make_code", "use_code"]


class Visitor(NamedTuple):
    """A session with its person; `packed` is the standing in the course that was asked for, None without one."""

    token_hash: str
    kind: str
    started_at: datetime
    used_at: datetime
    person_id: uuid.UUID
    name: str
    role: str
    language: str
    disabled_at: datetime | None
    demo: bool
    packed: str | None


START = insertion(SignIn)
FIND = Plain(
    """
    SELECT session.token_hash, session.kind, session.started_at, session.used_at, person.id AS person_id, person.name,
        person.role, person.language, person.disabled_at, person.demo, standing.packed
    FROM session JOIN person ON person.id = session.person_id
    LEFT JOIN standing ON standing.person_id = person.id AND standing.course = :course
    WHERE session.token_hash = :token_hash
    """,
    Visitor,
)
SEEN = statement("UPDATE person SET seen_at = :now WHERE id = :person_id")
TOUCH = query("UPDATE session SET used_at = :now WHERE token_hash = :token_hash RETURNING person_id")
END = statement("DELETE FROM session WHERE token_hash = :token_hash")
END_ALL = statement("DELETE FROM session WHERE person_id = :person_id AND token_hash <> :but")


def start(session: Session, person_id: uuid.UUID, kind: str, now: datetime) -> str:
    """Sign a person in on a device of this kind (own, shared, staff); returns the token, kept only as a hash."""
    token = keys.token()
    row = {"token_hash": keys.hash_of(token), "person_id": person_id, "kind": kind, "started_at": now, "used_at": now}
    session.execute(START, row)
    session.execute(SEEN, {"person_id": person_id, "now": now})
    return token


def find(session: Session, token_hash: str) -> Visitor | None:
    """The sign-in of this token with its person; None for a token that never was or has ended."""
    return find_with_standing(session, token_hash, "")


def find_with_standing(place: Session | Engine, token_hash: str, course: str) -> Visitor | None:
    """The sign-in, its person and the packed standing in a course, in one statement; by an engine it costs least."""
    found: Visitor | None = hot.first(place, FIND, {"token_hash": token_hash, "course": course})
    return found


def touch(session: Session, token_hash: str, now: datetime) -> None:
    """Note that a session, and with it the person, was seen."""
    person_id = session.execute(TOUCH, {"token_hash": token_hash, "now": now}).scalar()
    if person_id is not None:
        session.execute(SEEN, {"person_id": person_id, "now": now})


def end(session: Session, token_hash: str) -> None:
    session.execute(END, {"token_hash": token_hash})


def end_all(session: Session, person_id: uuid.UUID, but: str | None = None) -> None:
    """End every sign-in of a person, except the one of the token hash `but`."""
    session.execute(END_ALL, {"person_id": person_id, "but": but or ""})


def tidy(session: Session, unused_since: datetime) -> None:
    """Forget sign-ins that were not used since then."""
    session.execute(FORGET, {"since": unused_since})


FORGET = statement("DELETE FROM session WHERE used_at < :since")
