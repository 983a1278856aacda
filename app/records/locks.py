"""Rows that a transaction holds until it ends, so that two acts never miss each other.

PostgreSQL locks the row; on SQLite a session that writes is alone anyway. Order: enrolment, person, tallies.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.records.models import Person
from app.records.sql import query

ENROLMENT = query("SELECT id FROM enrolment WHERE person_id = :person_id AND course = :course FOR UPDATE")


class LastAdministrator(Exception):
    """The only administrator who can sign in would go; another must be made first."""


def on_server(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def enrolment(session: Session, person_id: uuid.UUID, course: str) -> None:
    """Let this learner's acts in this course follow one another."""
    if on_server(session):
        session.execute(ENROLMENT, {"person_id": person_id, "course": course})


def person(session: Session, person_id: uuid.UUID, read: bool = False) -> Person:
    """The person as she is now, staying so until the transaction ends; with `read` others may hold her, too.

    Raises NoResultFound.
    """
    found = select(Person).where(Person.id == person_id).with_for_update(read=read, key_share=not read)
    return session.execute(found.execution_options(populate_existing=True)).scalar_one()


def administrators(session: Session, leaving: uuid.UUID) -> None:
    """Hold all administrators; raises LastAdministrator when `leaving` is the only one who can sign in."""
    active = select(Person.id).where(Person.role == "administrator", Person.disabled_at.is_(None))
    if list(session.execute(active.order_by(Person.id).with_for_update()).scalars()) == [leaving]:
        raise LastAdministrator(str(leaving))
