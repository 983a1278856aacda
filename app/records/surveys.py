"""Surveys: answered once an occasion, dismissed, or asked for later. Nobody but the person sees what she answered."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core import surveys
from app.core.content import Library
from app.core.progress import Facts, assess
from app.records import locks, reading, standing, versions
from app.records.sql import query, statement

ANSWER = query(
    """
    INSERT INTO response (person_id, course, occasion, survey, version, answers, sex, country, language, at)
    SELECT person.id, :course, :occasion, :survey, :version, :answers, person.sex, person.country, :language, :now
    FROM person WHERE person.id = :person_id
    ON CONFLICT (person_id, course, occasion) DO NOTHING RETURNING at
    """
)
KEY = "person_id, course, occasion"
DISMISS = statement(
    f"INSERT INTO survey_choice ({KEY}, dismissed_at) VALUES (:person_id, :course, :occasion, :now)"
    f" ON CONFLICT ({KEY}) DO UPDATE SET dismissed_at = excluded.dismissed_at"
)
ASK = statement(
    f"INSERT INTO survey_choice ({KEY}, ask_at) VALUES (:person_id, :course, :occasion, :ask_at)"
    f" ON CONFLICT ({KEY}) DO UPDATE SET ask_at = excluded.ask_at"
)
IS_DUE = """
    occasion = :occasion AND ask_at <= :now AND ask_at > :since AND mailed_at IS NULL AND dismissed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM response WHERE response.person_id = survey_choice.person_id
        AND response.course = survey_choice.course AND response.occasion = survey_choice.occasion)
    AND EXISTS (SELECT 1 FROM person WHERE person.id = survey_choice.person_id
        AND person.email IS NOT NULL AND person.disabled_at IS NULL AND NOT person.demo)
"""
DUE = statement(f"SELECT 1 FROM survey_choice WHERE {IS_DUE} LIMIT 1")
TAKE_DUE = query(
    f"UPDATE survey_choice SET mailed_at = :now WHERE {IS_DUE} AND course IN :courses RETURNING person_id, course"
)
COUNTED = query("SELECT occasion, count(*) AS n FROM response WHERE course = :course GROUP BY occasion")


class Closed(Exception):
    """A survey can't be answered now; `reason` is that of `app.core.surveys.closed`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def answer(
    session: Session,
    library: Library,
    person_id: uuid.UUID,
    course_id: str,
    occasion: str,
    values: Mapping[str, Any],
    language: str,
    now: datetime,
    ask_later: bool = False,
) -> bool:
    """Keep the answers (item id -> value) to today's survey of an occasion; says whether they were the first ones.

    A second sending changes nothing. `ask_later`: she wants to be asked after 90 days what she has used. Raises Closed,
    and LookupError for an occasion for which the course has no survey.
    """
    course = library.courses[course_id]
    survey = library.quizzes[course.surveys[occasion]]
    facts = reading.enter(session, person_id, course.id, now)
    reason = surveys.closed(facts, assess(library, course, facts, now), occasion, now)
    if reason == surveys.ANSWERED:
        return False
    if reason:
        raise Closed(reason)
    versions.remember_survey(session, survey, now)
    row = {"person_id": person_id, "course": course.id, "occasion": occasion, "survey": survey.id, "now": now}
    answers = msgspec.json.encode(values, order="deterministic").decode()
    session.execute(ANSWER, row | {"version": survey.version, "answers": answers, "language": language})
    facts = replace(facts, surveys={**facts.surveys, occasion: surveys.ANSWERED})
    if ask_later and surveys.may_be_asked_later(course, facts):
        facts = _ask(session, person_id, course.id, facts, now)
    standing.store(session, person_id, course.id, facts)
    return True


def dismiss(session: Session, person_id: uuid.UUID, course: str, occasion: str, now: datetime) -> None:
    """Never offer this survey, or the entry check, to this person again; nothing for somebody who has not enrolled."""
    locks.enrolment(session, person_id, course)
    facts = standing.facts(session, person_id, course)
    if facts.enrolled_at is None or occasion in facts.surveys:
        return
    session.execute(DISMISS, {"person_id": person_id, "course": course, "occasion": occasion, "now": now})
    facts = replace(facts, surveys={**facts.surveys, occasion: surveys.DISMISSED})
    standing.store(session, person_id, course, facts)


def ask_later(
    session: Session, library: Library, person_id: uuid.UUID, course_id: str, wanted: bool, now: datetime
) -> None:
    """Ask this person after 90 days what she has used, or don't; once she has reached the end of the course."""
    course = library.courses[course_id]
    locks.enrolment(session, person_id, course.id)
    facts = standing.facts(session, person_id, course.id)
    if not wanted and facts.ask_at is not None:
        session.execute(ASK, _choice(person_id, course.id) | {"ask_at": None})
        standing.store(session, person_id, course.id, replace(facts, ask_at=None))
    if wanted and surveys.may_be_asked_later(course, facts) and surveys.finished(assess(library, course, facts, now)):
        standing.store(session, person_id, course.id, _ask(session, person_id, course.id, facts, now))


def _ask(session: Session, person_id: uuid.UUID, course: str, facts: Facts, now: datetime) -> Facts:
    ask_at = now + surveys.UNTIL_ASKED
    session.execute(ASK, _choice(person_id, course) | {"ask_at": ask_at})
    return replace(facts, ask_at=ask_at)


def _choice(person_id: uuid.UUID, course: str) -> dict[str, Any]:
    return {"person_id": person_id, "course": course, "occasion": surveys.FOLLOW_UP}


def is_due(session: Session, since: datetime, now: datetime) -> bool:
    """Whether there is anybody to write to, in any course."""
    values = {"occasion": surveys.FOLLOW_UP, "since": since, "now": now}
    return session.execute(DUE, values).first() is not None


def take_due(session: Session, courses: Collection[str], since: datetime, now: datetime) -> list[Row[Any]]:
    """Whom to write to now (person_id, course): those who wanted to be asked, between `since` and now, and have an
    address. Each is told once in her life: who was taken is never told again."""
    values = {"occasion": surveys.FOLLOW_UP, "courses": sorted(courses), "since": since, "now": now}
    return list(session.execute(TAKE_DUE, values).all())


def counted(session: Session, course: str) -> dict[str, int]:
    """How many people answered, by occasion."""
    return {row.occasion: int(row.n) for row in session.execute(COUNTED, {"course": course})}
