"""Who confirmed the identity of a learner: an office, on a day. Certificates that are issued later say so."""

import uuid
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.core.certificates import clean_name
from app.records import hot
from app.records.certifying import IdentityCheck
from app.records.keys import new_id
from app.records.sql import Plain, insertion, query

LONGEST = 200  # letters of an office's name
ADD = insertion(IdentityCheck, "ON CONFLICT (person_id, course, number) DO NOTHING RETURNING number")
NEWEST = Plain(
    "SELECT number, office, day FROM identity_check WHERE person_id = :person_id AND course = :course"
    " ORDER BY number DESC LIMIT 1"
)
OF_PERSON = query(
    """
    SELECT course, office, day, "by", at FROM identity_check AS one WHERE person_id = :person_id AND number = (
        SELECT max(number) FROM identity_check AS newest
        WHERE newest.person_id = one.person_id AND newest.course = one.course)
    """
)


class Confirmed(NamedTuple):
    """`by` None: the command line, or an invited cohort."""

    course: str
    office: str
    day: date
    by: uuid.UUID | None
    at: datetime


def confirm(
    session: Session, person_id: uuid.UUID, course: str, office: str, day: date, by: uuid.UUID | None, now: datetime
) -> bool:
    """Remember that this office confirmed who the learner is, for certificates of this course that are issued from now
    on; says whether that was new. Raises ValueError for an office without a name, or a day that is yet to come."""
    named = clean_name(office)
    if not named or len(named) > LONGEST or day > now.date():
        raise ValueError(f"no identity confirmed by {named[:50]!r} on {day}")
    return _add(session, person_id, course, named, day.isoformat(), by, now)


def take_back(session: Session, person_id: uuid.UUID, course: str, by: uuid.UUID | None, now: datetime) -> bool:
    """Certificates that are issued from now on say nothing of a confirmation any more; says whether that was new."""
    return _add(session, person_id, course, "", "", by, now)


def _add(
    session: Session, person_id: uuid.UUID, course: str, office: str, day: str, by: uuid.UUID | None, now: datetime
) -> bool:
    newest = hot.first(session, NEWEST, {"person_id": person_id, "course": course})
    if (newest.office, newest.day) == (office, day) if newest else not office:
        return False
    row = {"id": new_id(), "person_id": person_id, "course": course, "number": newest.number + 1 if newest else 1}
    added = session.execute(ADD, row | {"office": office, "day": day, "by": by, "at": now})
    return added.first() is not None


def line(session: Session, person_id: uuid.UUID, course: str) -> dict[str, str] | None:
    """What a certificate that is issued now says: {office, date}; None where nobody confirmed."""
    found = hot.first(session, NEWEST, {"person_id": person_id, "course": course})
    return {"office": found.office, "date": found.day} if found and found.office else None


def of_person(session: Session, person_id: uuid.UUID) -> dict[str, Confirmed]:
    """What is confirmed of a person now, by course."""
    rows = session.execute(OF_PERSON, {"person_id": person_id})
    return {
        row.course: Confirmed(row.course, row.office, date.fromisoformat(row.day), row.by, row.at)
        for row in rows
        if row.office
    }
