"""What administrators allow single learners: further tries, more time; with who, why and when. Nothing is changed
afterwards: of several for one quiz the newest holds."""

import uuid
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core.limits import NOTHING, Allowed
from app.records import locks, standing
from app.records.keys import new_id
from app.records.sitting import Allowance
from app.records.sql import insertion, query

ADD = insertion(Allowance)
OF_PERSON = query(
    """
    SELECT allowance.course, allowance.quiz, allowance.tries, allowance.extra, allowance.reason, allowance.at,
        person.name AS giver
    FROM allowance LEFT JOIN person ON person.id = allowance.by
    WHERE allowance.person_id = :person_id ORDER BY allowance.at DESC, allowance.id DESC
    """
)


class NotEnrolled(LookupError):
    """A learner who has not begun the course can't be allowed anything in it."""


def give(
    session: Session,
    person_id: uuid.UUID,
    course: str,
    quiz: str,
    allowed: Allowed,
    reason: str,
    by: uuid.UUID | None,
    now: datetime,
) -> bool:
    """From now on this holds for a quiz, or with "" for the time of all quizzes; says whether that is new.

    Raises NotEnrolled.
    """
    locks.enrolment(session, person_id, course)
    facts = standing.facts(session, person_id, course)
    if facts.enrolled_at is None:
        raise NotEnrolled(course)
    if facts.allowed.get(quiz, NOTHING) == allowed:
        return False
    row = {"id": new_id(), "person_id": person_id, "course": course, "quiz": quiz, "reason": reason, "by": by}
    session.execute(ADD, row | {"tries": allowed.tries, "extra": allowed.extra, "at": now})
    standing.store(session, person_id, course, replace(facts, allowed={**facts.allowed, quiz: allowed}))
    return True


def of_person(session: Session, person_id: uuid.UUID) -> list[Row[Any]]:
    """All that was ever allowed to a person, the newest first; `giver` is the name of who did it."""
    return list(session.execute(OF_PERSON, {"person_id": person_id}))
