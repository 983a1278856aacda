"""What administrators are told: answers to surveys, the tries of a person."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core.content import Course, Item, Library
from app.core.questions import body_of
from app.core.questions.survey import SEVERAL
from app.core.suppression import hidden, hidden_share
from app.records import survey_sums
from app.records.sql import query

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
class Answered:
    """How many chose each option of a survey's question, in the order of the file, and how many left it `empty`.

    None: hidden, because it could tell who answered what. `n` answered the question as it stands today.
    """

    item: Item
    n: int | None
    chosen: tuple[int | None, ...]
    empty: int | None


def survey_counts(
    session: Session, library: Library, course: Course, occasion: str, least: int, kept: survey_sums.Kept | None = None
) -> list[Answered]:
    """The answers to today's survey of an occasion, question by question; every count under `least` is hidden.

    Answers are counted `least` at a time, in the order in which they came, so that nobody learns an answer by looking
    before and after one person. A question with other options than today's is another question, and not counted here.
    `kept`: what an earlier call added up. Raises LookupError where the course has no such survey.
    """
    survey = library.quizzes[course.surveys[occasion]]
    sums = survey_sums.of(session, library, course, occasion, least, {} if kept is None else kept)
    return [
        _answered(item, sums.items.get((item.id, item.key_hash), survey_sums.Sum()), least) for item in survey.items
    ]


def _answered(item: Item, one: survey_sums.Sum, least: int) -> Answered:
    body = body_of(item, next(iter(item.texts)))
    counts = [*(one.places[place] for place in range(len(body.choices))), one.empty]
    if body.form == SEVERAL:
        *shown, empty = (hidden_share(n, one.n, least) for n in counts)
    else:
        *shown, empty = hidden(counts, least)
    return Answered(item, one.n if one.n >= least else None, tuple(shown), empty)


def attempts_of(session: Session, person_id: uuid.UUID) -> list[Row[Any]]:
    """Every attempt of a person in every course; score and passed are None while it is open."""
    return list(session.execute(ATTEMPTS, {"person_id": person_id}))
