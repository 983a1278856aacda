"""Rows that a transaction holds until it ends, so that two acts never miss each other.

PostgreSQL locks the row; on SQLite a session that writes is alone anyway. Order: enrolment, person, tallies.
"""

import uuid
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app.records import hot
from app.records.models import Person
from app.records.sql import Plain


class Known(NamedTuple):
    """What completions, certificates and counts take over from a person."""

    id: uuid.UUID
    name: str
    name_latin: str
    demo: bool
    country: str | None
    sex: str | None
    ministry_type: str | None
    organisation_id: uuid.UUID | None
    age_band: str | None
    language: str


ENROLMENT = Plain("SELECT id FROM enrolment WHERE person_id = :person_id AND course = :course FOR UPDATE")
KNOWN = f"SELECT {', '.join(Known._fields)} FROM person WHERE id = :id"
KNOWN_ALONE, KNOWN_HELD = Plain(KNOWN, Known), Plain(f"{KNOWN} FOR SHARE", Known)


class LastAdministrator(Exception):
    """The only administrator who can sign in would go; another must be made first."""


def on_server(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def enrolment(session: Session, person_id: uuid.UUID, course: str) -> None:
    """Let this learner's acts in this course follow one another."""
    if on_server(session):
        hot.rows(session, ENROLMENT, {"person_id": person_id, "course": course})


def known(session: Session, person_id: uuid.UUID) -> Known:
    """The person as she is now, staying so until the transaction ends; others may hold her, too.

    Raises NoResultFound.
    """
    found: Known | None = hot.first(session, KNOWN_HELD if on_server(session) else KNOWN_ALONE, {"id": person_id})
    if found is None:
        raise NoResultFound(str(person_id))
    return found


def person(session: Session, person_id: uuid.UUID) -> Person:
    """The person to be changed, held by this transaction alone until it ends. Raises NoResultFound."""
    found = select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    return session.execute(found.execution_options(populate_existing=True)).scalar_one()


def administrators(session: Session, leaving: uuid.UUID) -> None:
    """Hold all administrators; raises LastAdministrator when `leaving` is the only one who can sign in."""
    active = select(Person.id).where(Person.role == "administrator", Person.disabled_at.is_(None))
    if list(session.execute(active.order_by(Person.id).with_for_update()).scalars()) == [leaving]:
        raise LastAdministrator(str(leaving))
