"""What happened with one person, in one list: joining, learning, certificates, sign-ins, what others did about her."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.records import interventions
from app.records.models import Person
from app.records.sql import query

VALUES = "person_id = :person_id"
ENROLMENTS = query(f"SELECT course, at FROM enrolment WHERE {VALUES}")
READINGS = query(
    f"""
    SELECT course, module, count(*) AS n, min(at) AS first_at, max(at) AS last_at FROM reading WHERE {VALUES}
    GROUP BY course, module
    """
)
ATTEMPTS = query(
    f"""
    SELECT attempt.course, quiz, attempt.number, opened_at, handed_in_at, grade.score, grade.passed
    FROM attempt LEFT JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE {VALUES}
    """
)
CERTIFICATES = query(
    """
    SELECT completion.course, completion.kind, certificate.number, certificate.at, revocation.at AS revoked_at
    FROM completion JOIN certificate ON certificate.completion_id = completion.id
    LEFT JOIN revocation ON revocation.certificate_id = certificate.id WHERE completion.person_id = :person_id
    """
)
SIGN_INS = query(f"SELECT kind, started_at FROM session WHERE {VALUES}")


class Event(NamedTuple):
    """One thing that happened. `kind`: joined, enrolled, read, opened, handed_in, certificate, revoked, signed_in,
    seen, act; `about` holds what that kind needs: ids, numbers, and until when for readings."""

    at: datetime
    kind: str
    about: dict[str, Any]


def of_person(session: Session, person: Person) -> list[Event]:
    """Everything, the newest first."""
    values = {"person_id": person.id}
    events = [Event(person.joined_at, "joined", {})]
    if person.seen_at:
        events.append(Event(person.seen_at, "seen", {}))
    events += [Event(row.at, "enrolled", {"course": row.course}) for row in session.execute(ENROLMENTS, values)]
    for row in session.execute(READINGS, values):
        about = {"course": row.course, "module": row.module, "n": int(row.n), "first": row.first_at}
        events.append(Event(row.last_at, "read", about))
    events += [Event(row.started_at, "signed_in", {"kind": row.kind}) for row in session.execute(SIGN_INS, values)]
    events += _tries(session, values)
    events += _certificates(session, values)
    events += _acts(session, person)
    return sorted(events, key=lambda one: one.at, reverse=True)


def _tries(session: Session, values: dict[str, Any]) -> Iterator[Event]:
    for row in session.execute(ATTEMPTS, values):
        about = {"course": row.course, "quiz": row.quiz, "number": row.number}
        if row.handed_in_at:
            yield Event(row.handed_in_at, "handed_in", about | {"score": row.score, "passed": row.passed})
        else:
            yield Event(row.opened_at, "opened", about)


def _certificates(session: Session, values: dict[str, Any]) -> Iterator[Event]:
    for row in session.execute(CERTIFICATES, values):
        about = {"course": row.course, "kind": row.kind, "number": row.number}
        yield Event(row.at, "certificate", about)
        if row.revoked_at:
            yield Event(row.revoked_at, "revoked", about)


def _acts(session: Session, person: Person) -> Iterator[Event]:
    """The acts of the audit log, each with the reason that was given with it."""
    given = {(row.at, row.deed): row for row in interventions.of_person(session, person.id)}
    deeds = {"name corrected": interventions.NAME, "link": interventions.LINK, "unlink": interventions.UNLINK}
    for row in interventions.acts_since(session, person.id):
        why = given.pop((row.at, deeds.get(row.deed, "")), None)
        about = {"by": row.by, "doer": row.doer, "deed": row.deed, "detail": row.detail}
        yield Event(row.at, "act", about | ({"reason": why.reason, "before": why.before} if why else {}))
    for row in given.values():  # another account that was linked to this one: its own act stands there
        if row.other_id == person.id:
            about = {"by": row.by, "doer": row.doer, "deed": row.deed, "detail": "", "reason": row.reason}
            yield Event(row.at, "act", about | {"other": row.person_id})
