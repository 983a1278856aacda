"""What administrators are told: counts from the tallies, answers to surveys, the tries of a person."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core.certificates import COMPLETION
from app.core.content import Course, Item, Library, Quiz
from app.core.questions import body_of
from app.core.questions.survey import SEVERAL, chosen
from app.core.suppression import hidden, hidden_share
from app.records import tallies, versions
from app.records.sql import query, statement

MEASURES = (tallies.ENROLLED, tallies.STARTED, "participation", COMPLETION, tallies.CERTIFICATE)
BY = ("country", "sex", "ministry_type")

COUNTS = query(
    """
    SELECT measure, country, sex, ministry_type, sum(n) AS n FROM tally WHERE course = :course
    GROUP BY measure, country, sex, ministry_type HAVING sum(n) <> 0 ORDER BY country, sex, ministry_type
    """
)
RESPONSES = query(
    "SELECT survey, version, answers FROM response"
    " WHERE course = :course AND occasion = :occasion ORDER BY at, person_id"
)
ENROLLED = statement("SELECT count(*) FROM enrolment WHERE course = :course")
ATTEMPTS = query(
    """
    SELECT attempt.id, attempt.course, attempt.quiz, attempt.number, attempt.opened_at, attempt.handed_in_at,
        grade.score, grade.passed
    FROM attempt LEFT JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE attempt.person_id = :person_id ORDER BY attempt.opened_at, attempt.quiz
    """
)


@dataclass(frozen=True, slots=True)
class Overview:
    """The counts of a course: `totals` by measure; `by` country, sex, ministry type ("": not stated), then measure."""

    totals: dict[str, int] = field(default_factory=dict)
    by: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)


def overview(session: Session, course: str) -> Overview:
    """How many enrolled, started, completed and got certificates, in all and by profile. Reads the tallies alone."""
    found = Overview(dict.fromkeys(MEASURES, 0), {name: {} for name in BY})
    for row in session.execute(COUNTS, {"course": course}):
        found.totals[row.measure] += int(row.n)
        for name in BY:
            cells = found.by[name].setdefault(getattr(row, name), dict.fromkeys(MEASURES, 0))
            cells[row.measure] += int(row.n)
    return found


@dataclass(frozen=True, slots=True)
class Answered:
    """How many chose each option of a survey's question, in the order of the file, and how many left it `empty`.

    None: hidden, because it could tell who answered what. `n` answered the question as it stands today.
    """

    item: Item
    n: int | None
    chosen: tuple[int | None, ...]
    empty: int | None


def survey_counts(session: Session, library: Library, course: Course, occasion: str, least: int) -> list[Answered]:
    """The answers to today's survey of an occasion, question by question; every count under `least` is hidden.

    Answers are counted `least` at a time, in the order in which they came, so that nobody learns an answer by looking
    before and after one person. A question with other options than today's is another question, and not counted here.
    Raises LookupError where the course has no such survey.
    """
    rows = session.execute(RESPONSES, {"course": course.id, "occasion": occasion}).all()
    given: dict[tuple[str, str], list[Any]] = {}
    asked: dict[str, Quiz] = {}
    for row in rows[: len(rows) // least * least]:
        if row.version not in asked:
            asked[row.version] = versions.survey(session, library, row.survey, row.version)
        answers = msgspec.json.decode(row.answers)
        for item in asked[row.version].items:
            given.setdefault((item.id, item.key_hash), []).append(answers.get(item.id))
    survey = library.quizzes[course.surveys[occasion]]
    return [_answered(item, given.get((item.id, item.key_hash), []), least) for item in survey.items]


def _answered(item: Item, values: list[Any], least: int) -> Answered:
    body = body_of(item, next(iter(item.texts)))
    places = [chosen(body, value) for value in values]
    counts = [sum(place in one for one in places) for place in range(len(body.choices))]
    counts.append(sum(not one for one in places))
    if body.form == SEVERAL:
        *shown, empty = (hidden_share(n, len(values), least) for n in counts)
    else:
        *shown, empty = hidden(counts, least)
    return Answered(item, len(values) if len(values) >= least else None, tuple(shown), empty)


def enrolled(session: Session, course: str) -> int:
    """How many people who have an account today are enrolled."""
    return int(session.execute(ENROLLED, {"course": course}).scalar_one())


def attempts_of(session: Session, person_id: uuid.UUID) -> list[Row[Any]]:
    """Every attempt of a person in every course; score and passed are None while it is open."""
    return list(session.execute(ATTEMPTS, {"person_id": person_id}))
