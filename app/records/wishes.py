"""What a person allows: reminders by mail, monthly at most, being seen by her country's focal point, shared notes."""

import hmac
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.records.cohort_tables import SharedNote
from app.records.sql import insertion, query, statement

MONTH = timedelta(days=30)

ONE = query("SELECT remind, seen FROM wish WHERE person_id = :person_id")
KEEP = statement(
    "INSERT INTO wish (person_id, remind, seen, reminded_at, at) VALUES (:person_id, :remind, :seen, NULL, :at)"
    " ON CONFLICT (person_id) DO UPDATE SET remind = excluded.remind, seen = excluded.seen, at = excluded.at"
)
DUE = query(
    """
    SELECT person.id, person.email, person.language, enrolment.course
    FROM wish JOIN person ON person.id = wish.person_id JOIN enrolment ON enrolment.person_id = person.id
    WHERE wish.remind AND person.email IS NOT NULL AND person.disabled_at IS NULL AND NOT person.demo
    AND enrolment.course IN :courses
    AND coalesce(person.seen_at, person.joined_at) <= :since AND (reminded_at IS NULL OR reminded_at <= :since)
    AND enrolment.at <= :since AND NOT EXISTS (SELECT 1 FROM completion WHERE completion.person_id = person.id
        AND completion.course = enrolment.course AND completion.kind = 'completion')
    ORDER BY person.id, enrolment.at LIMIT :limit
    """
)
ANYBODY = query("SELECT 1 AS found FROM wish WHERE remind AND (reminded_at IS NULL OR reminded_at <= :since) LIMIT 1")
STOP = statement("UPDATE wish SET remind = false, at = :at WHERE person_id = :person_id AND remind")
REMINDED = statement("UPDATE wish SET reminded_at = :now WHERE person_id IN :people")
SHARE = insertion(SharedNote, "ON CONFLICT DO NOTHING")
KEEP_BACK = statement("DELETE FROM shared_note WHERE person_id = :person_id AND activity = :activity")
SHARED = query("SELECT activity FROM shared_note WHERE person_id = :person_id")


class Wishes(NamedTuple):
    """`remind`: by mail after a month away; `seen`: by the focal point of her country."""

    remind: bool = False
    seen: bool = False


def of_person(session: Session, person_id: uuid.UUID) -> Wishes:
    row = session.execute(ONE, {"person_id": person_id}).first()
    return Wishes(bool(row.remind), bool(row.seen)) if row else Wishes()


def keep(session: Session, person_id: uuid.UUID, wishes: Wishes, now: datetime) -> None:
    session.execute(KEEP, {"person_id": person_id, "remind": wishes.remind, "seen": wishes.seen, "at": now})


def stop_code(secret: bytes, person_id: uuid.UUID) -> str:
    """What stands in the link of each reminder and ends them without signing in; it can do nothing else."""
    return f"{person_id.hex}-{hmac.digest(secret, b'reminders' + person_id.bytes, 'sha256').hex()[:32]}"


def stop_reminders(session: Session, secret: bytes, code: str, now: datetime) -> bool:
    """End the reminders of the person whose code this is, perhaps for the second time; False for no such code."""
    person_id = owner_of(secret, code)
    if person_id:
        session.execute(STOP, {"person_id": person_id, "at": now})
    return person_id is not None


def owner_of(secret: bytes, code: str) -> uuid.UUID | None:
    """Whose code this is; None for one that this site did not make."""
    try:
        person_id = uuid.UUID(hex=code.partition("-")[0])
    except ValueError:
        return None
    return person_id if hmac.compare_digest(stop_code(secret, person_id).encode(), code.encode()) else None


def is_due(session: Session, now: datetime) -> bool:
    """Whether anybody may wish to be reminded now: asked before the course is looked at."""
    return session.execute(ANYBODY, {"since": now - MONTH}).first() is not None


def take_due(session: Session, courses: Sequence[str], now: datetime, limit: int = 500) -> list[Any]:
    """Those to be reminded now (id, email, language, course), one course each, noted as reminded: people who wish it,
    were away for a month, have not completed, and had no reminder within a month; nobody whose account is closed or for
    demonstration."""
    values = {"courses": list(courses), "since": now - MONTH, "limit": limit}
    rows = {row.id: row for row in reversed(session.execute(DUE, values).all())} if courses else {}
    if rows:
        session.execute(REMINDED, {"now": now, "people": list(rows)})
    return list(rows.values())


def share(session: Session, person_id: uuid.UUID, activity: str, shared: bool, now: datetime) -> None:
    """Show a note to the focal point of the writer's country, or no more."""
    row = {"person_id": person_id, "activity": activity}
    session.execute(SHARE if shared else KEEP_BACK, row | ({"at": now} if shared else {}))


def shared(session: Session, person_id: uuid.UUID) -> set[str]:
    """The activities whose notes this person shares."""
    return set(session.execute(SHARED, {"person_id": person_id}).scalars())
