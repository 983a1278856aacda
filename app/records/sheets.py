"""Attempts as they are kept: found by their learner, with paper, answers and grades."""

import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine, Row
from sqlalchemy.orm import Session

from app.core.content import Library, Quiz
from app.core.papers import Answer, Grade, Mark, Paper
from app.records import answers as saved_answers
from app.records import hot, versions
from app.records.answers import NotFound
from app.records.sql import Plain, query


class Attempt(NamedTuple):
    """One try at a quiz; `paper` and `answers` are packed; columns from `handed_in_at` on are None at first."""

    id: uuid.UUID
    person_id: uuid.UUID
    course: str
    quiz: str
    number: int
    version: str
    paper: str
    opened_at: datetime
    handed_in_at: datetime | None
    answers: str | None
    language: str | None


COLUMNS = "id, person_id, course, quiz, number, version, paper, opened_at, handed_in_at, answers, language"
FIND = Plain(f"SELECT {COLUMNS} FROM attempt WHERE id = :id AND person_id = :person_id", Attempt)
FIND_HELD = Plain(f"SELECT {COLUMNS} FROM attempt WHERE id = :id AND person_id = :person_id FOR UPDATE", Attempt)
HANDED_IN_PAPERS = query(
    "SELECT paper FROM attempt WHERE person_id = :person_id AND quiz = :quiz AND handed_in_at IS NOT NULL"
)
NEWEST_GRADE = Plain(
    "SELECT points, possible, score, passed, detail FROM grade WHERE attempt_id = :id ORDER BY number DESC LIMIT 1"
)
HOW = Plain("SELECT reason FROM grade WHERE attempt_id = :id AND number = 1")
FIRST_SCORE = Plain("SELECT score FROM grade WHERE attempt_id = :id AND number = 1")
HISTORY = query(
    """
    SELECT attempt.id, attempt.number, attempt.handed_in_at AS at, grade.score, grade.passed
    FROM attempt JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE attempt.person_id = :person_id AND attempt.quiz = :quiz ORDER BY attempt.number
    """
)
HANDED_IN, TIME_OVER = "hand-in", "time"
PAPER = msgspec.json.Decoder(Paper)
MARKS = msgspec.json.Decoder(tuple[Mark, ...])


def find(place: Session | Engine, attempt_id: uuid.UUID, person_id: uuid.UUID, held: bool = False) -> Attempt:
    """This person's attempt; raises NotFound, also for another person's. `held`: nobody else may change it now."""
    found: Attempt | None = hot.first(place, FIND_HELD if held else FIND, {"id": attempt_id, "person_id": person_id})
    if found is None:
        raise NotFound(str(attempt_id))
    return found


def paper_of(attempt: Attempt) -> Paper:
    """What the attempt asks."""
    return _paper(attempt.paper)


@lru_cache(maxsize=512)
def _paper(packed: str) -> Paper:
    return PAPER.decode(packed)


def quiz_of(place: Session | Engine, library: Library, attempt: Attempt) -> Quiz:
    """The quiz as it was when the attempt was opened."""
    return versions.quiz(place, library, attempt.quiz, attempt.version)


def answers(place: Session | Engine, attempt: Attempt) -> dict[int, Answer]:
    """The answers given so far, or handed in, by the number of the question."""
    if attempt.answers is not None:
        return saved_answers.unpack(attempt.answers)
    return saved_answers.saved(place, attempt.id)


def grade_of(session: Session, attempt: Attempt) -> Grade | None:
    """The newest grade; None while the attempt is open."""
    row = hot.first(session, NEWEST_GRADE, {"id": attempt.id})
    if row is None:
        return None
    marks = MARKS.decode(row.detail)
    return Grade(points=row.points, possible=row.possible, score=row.score, passed=row.passed, marks=marks)


def ran_out(session: Session, attempt: Attempt) -> bool:
    """Whether an attempt was handed in because its time was over."""
    row = hot.first(session, HOW, {"id": attempt.id})
    return row is not None and row.reason == TIME_OVER


def asked(session: Session, person_id: uuid.UUID, quiz: str) -> set[str]:
    """The versions of the items that this learner's attempts asked, those that are handed in."""
    papers = session.execute(HANDED_IN_PAPERS, {"person_id": person_id, "quiz": quiz}).scalars()
    return {question.version for packed in papers for question in _paper(packed).questions}


def first_score(session: Session, attempt: Attempt) -> int:
    """The result at hand-in, in hundredths of a per cent; a regrade may have raised it since."""
    return int(hot.first(session, FIRST_SCORE, {"id": attempt.id}).score)


def history(session: Session, person_id: uuid.UUID, quiz: str) -> list[Row[Any]]:
    """The attempts handed in, in order: id, number, at, score (hundredths of a per cent), passed."""
    return list(session.execute(HISTORY, {"person_id": person_id, "quiz": quiz}))
