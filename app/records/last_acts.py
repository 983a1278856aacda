"""When each learner last read a section or opened a quiz of a course, with her profile of today; kept with the act."""

import uuid
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.filters import DIMENSIONS
from app.records import hot, locks
from app.records.profiles import Profile
from app.records.sql import Plain, query, statement

STATED = """
    coalesce(country, '') AS country, coalesce(sex, '') AS sex, coalesce(ministry_type, '') AS ministry_type,
    coalesce(replace(CAST(organisation_id AS text), '-', ''), '') AS organisation, coalesce(age_band, '') AS age_band,
    person.language
"""
ACT = f"""
    INSERT INTO last_act (person_id, course, at, {", ".join(DIMENSIONS)})
    SELECT id, :course, :now, {STATED} FROM person WHERE id = :person_id {{held}}
    ON CONFLICT (person_id, course) DO UPDATE SET at = excluded.at WHERE last_act.at < excluded.at
"""
ALONE, HELD = Plain(ACT.format(held="")), Plain(ACT.format(held="FOR SHARE"))
MOVE = statement(
    f"UPDATE last_act SET {', '.join(f'{name} = :{name}' for name in DIMENSIONS)} WHERE person_id = :person_id"
)
ACTS = """
    SELECT person_id, course, max(at) AS at
    FROM (SELECT person_id, course, at FROM reading UNION ALL SELECT person_id, course, opened_at FROM attempt) AS acts
    GROUP BY person_id, course
"""
EMPTY = statement("DELETE FROM last_act")
FILL = statement(
    f"INSERT INTO last_act (person_id, course, at, {', '.join(DIMENSIONS)})"
    f" SELECT id, course, at, {STATED} FROM ({ACTS}) AS newest JOIN person ON person.id = newest.person_id"
)
WRONG = query(
    f"""
    SELECT person_id, course FROM (
        SELECT person_id, course, at, {", ".join(DIMENSIONS)} FROM last_act
        UNION ALL SELECT id, course, at, {STATED} FROM ({ACTS}) AS newest JOIN person ON person.id = newest.person_id
    ) AS both_ways GROUP BY person_id, course, at, {", ".join(DIMENSIONS)} HAVING count(*) <> 2
    ORDER BY course, person_id
    """
)
ANY = statement("SELECT 1 FROM last_act LIMIT 1")
ANY_ACT = statement("SELECT 1 FROM reading LIMIT 1"), statement("SELECT 1 FROM attempt LIMIT 1")


def acted(session: Session, person_id: uuid.UUID, course: str, now: datetime) -> None:
    """Remember that this learner did something."""
    values = {"person_id": person_id, "course": course, "now": now}
    hot.rows(session, HELD if locks.on_server(session) else ALONE, values)


def move(session: Session, person_id: uuid.UUID, profile: Profile) -> None:
    """The person's acts are those of another profile now."""
    session.execute(MOVE, dict(zip(DIMENSIONS, profile, strict=True)) | {"person_id": person_id})


def missing(session: Session) -> bool:
    """Whether learners have done something, and no last act is known: a database of an earlier release."""
    return not session.execute(ANY).first() and any(session.execute(one).first() for one in ANY_ACT)


def rebuild(session: Session) -> None:
    """Make the last acts anew from the facts."""
    session.execute(EMPTY)
    session.execute(FILL)


def compare(session: Session) -> Iterator[str]:
    """Where the last acts differ from the facts, in words."""
    for row in session.execute(WRONG):
        yield f"the last act of {row.person_id} in {row.course} is not what the facts say"
