"""Attempts at quizzes: opened once, answered, handed in once; a hand-in is one transaction up to the certificate."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core.certificates import Issuer
from app.core.content import Library, Quiz, canonical
from app.core.drawing import draw
from app.core.grading import grade as grade_paper
from app.core.papers import Answer, Grade, Mark, Paper
from app.core.progress import Facts, QuizState, Result, assess
from app.records import answers as saved_answers
from app.records import certificates, locks, reading, standing, versions
from app.records.answers import NotFound, save_answer
from app.records.keys import new_id
from app.records.models import Attempt as AttemptRow
from app.records.models import Grade as GradeRow
from app.records.sql import insertion, query, statement
from app.records.versions import items_of

__all__ = ["NotFound", "items_of", "save_answer"]

COLUMNS = "id, person_id, course, quiz, number, version, paper, opened_at, handed_in_at, answers, language"
TYPED = ("id", "person_id", "opened_at", "handed_in_at")
FIND = query(f"SELECT {COLUMNS} FROM attempt WHERE id = :id AND person_id = :person_id")
FIND_HELD = query(f"SELECT {COLUMNS} FROM attempt WHERE id = :id AND person_id = :person_id FOR UPDATE")
HOLD_ENROLMENT = statement(
    """
    SELECT enrolment.id FROM enrolment
    JOIN attempt ON attempt.person_id = enrolment.person_id AND attempt.course = enrolment.course
    WHERE attempt.id = :id AND attempt.person_id = :person_id FOR UPDATE OF enrolment
    """
)
FIND_NUMBER = query(f"SELECT {COLUMNS} FROM attempt WHERE person_id = :person_id AND quiz = :quiz AND number = :number")
PAPERS = query("SELECT paper FROM attempt WHERE person_id = :person_id AND quiz = :quiz")
OPEN = insertion(AttemptRow, "ON CONFLICT (person_id, quiz, number) DO NOTHING RETURNING number")
FREEZE = query(
    """
    UPDATE attempt SET handed_in_at = :now, answers = :answers, language = :language,
        sex = (SELECT person.sex FROM person WHERE person.id = attempt.person_id),
        country = (SELECT person.country FROM person WHERE person.id = attempt.person_id)
    WHERE id = :id AND person_id = :person_id AND handed_in_at IS NULL RETURNING number
    """
)
ADD_GRADE = insertion(GradeRow)
NEWEST_GRADE = query(
    "SELECT points, possible, score, passed, detail FROM grade WHERE attempt_id = :id ORDER BY number DESC LIMIT 1"
)
HISTORY = query(
    """
    SELECT attempt.id, attempt.number, attempt.handed_in_at AS at, grade.score, grade.passed
    FROM attempt JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE attempt.person_id = :person_id AND attempt.quiz = :quiz ORDER BY attempt.number
    """
)
PAPER = msgspec.json.Decoder(Paper)
MARKS = msgspec.json.Decoder(tuple[Mark, ...])


class Refused(Exception):
    """An attempt can't be opened now. `reason`: limit, wait (until `opens_at`), closed (quizzes come first) or number
    (the form was made before another attempt)."""

    def __init__(self, reason: str, opens_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.opens_at = opens_at


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


class Handed(NamedTuple):
    """The result of a hand-in: the grade, and the numbers of the certificates that it made due."""

    grade: Grade
    certificates: tuple[str, ...]


def find(session: Session, attempt_id: uuid.UUID, person_id: uuid.UUID) -> Attempt:
    """This person's attempt; raises NotFound, also for another person's."""
    row = session.execute(FIND, {"id": attempt_id, "person_id": person_id}).first()
    if row is None:
        raise NotFound(str(attempt_id))
    return Attempt(*row)


def paper_of(attempt: Attempt) -> Paper:
    """What the attempt asks."""
    return PAPER.decode(attempt.paper)


def quiz_of(session: Session, library: Library, attempt: Attempt) -> Quiz:
    """The quiz as it was when the attempt was opened."""
    return versions.quiz(session, library, attempt.quiz, attempt.version)


def answers(session: Session, attempt: Attempt) -> dict[int, Answer]:
    """The answers given so far, or handed in, by the number of the question."""
    if attempt.answers is not None:
        return saved_answers.unpack(attempt.answers)
    return saved_answers.saved(session, attempt.id)


def grade_of(session: Session, attempt: Attempt) -> Grade | None:
    """The newest grade; None while the attempt is open."""
    row = session.execute(NEWEST_GRADE, {"id": attempt.id}).first()
    if row is None:
        return None
    marks = MARKS.decode(row.detail)
    return Grade(points=row.points, possible=row.possible, score=row.score, passed=row.passed, marks=marks)


def history(session: Session, person_id: uuid.UUID, quiz: str) -> list[Row[Any]]:
    """The attempts handed in, in order: id, number, at, score (hundredths of a per cent), passed."""
    return list(session.execute(HISTORY, {"person_id": person_id, "quiz": quiz}))


# Opening


def open_attempt(
    session: Session, library: Library, person_id: uuid.UUID, quiz_id: str, expected: int, seed: str, now: datetime
) -> Attempt:
    """Open the attempt with the number that the form expected, or return the one that is open or has that number.

    Raises Refused, and NotFound for a quiz that no course grades.
    """
    course = library.course_of_quiz(quiz_id)
    if course is None:
        raise NotFound(quiz_id)
    facts = reading.enter(session, person_id, course.id, now)
    state = assess(library, course, facts, now).quiz(quiz_id)
    if state is None:
        raise NotFound(quiz_id)
    if state.attempt:
        return find(session, uuid.UUID(state.attempt), person_id)
    if 1 <= expected < state.number:
        return _numbered(session, person_id, quiz_id, expected)
    _refuse(state, expected)
    quiz = library.quizzes[quiz_id]
    paper = draw(quiz, seed, _seen(session, person_id, quiz_id))
    versions.remember_paper(session, quiz, paper, now)
    opened = Attempt(
        id=new_id(),
        person_id=person_id,
        course=course.id,
        quiz=quiz_id,
        number=expected,
        version=quiz.version,
        paper=canonical(paper).decode(),
        opened_at=now,
        handed_in_at=None,
        answers=None,
        language=None,
    )
    if session.execute(OPEN, opened._asdict() | {"seed": seed, "sex": None, "country": None}).first() is None:
        raise Refused("number")
    reading.count_start(session, person_id, course.id, facts, now)
    facts = replace(facts, open={**facts.open, quiz_id: str(opened.id)})
    standing.store(session, person_id, course.id, facts)
    return opened


def _refuse(state: QuizState, expected: int) -> None:
    if expected != state.number:
        raise Refused("number")
    if state.closed:
        raise Refused("closed" if state.closed == "quizzes" else state.closed, state.opens_at)


def _numbered(session: Session, person_id: uuid.UUID, quiz: str, number: int) -> Attempt:
    row = session.execute(FIND_NUMBER, {"person_id": person_id, "quiz": quiz, "number": number}).first()
    if row is None:
        raise Refused("number")
    return Attempt(*row)


def _seen(session: Session, person_id: uuid.UUID, quiz: str) -> dict[str, int]:
    """How often each item was asked before; a scenario counts once in a paper."""
    seen: dict[str, int] = {}
    for packed in session.execute(PAPERS, {"person_id": person_id, "quiz": quiz}).scalars():
        for item in {question.scenario or question.item for question in PAPER.decode(packed).questions}:
            seen[item] = seen.get(item, 0) + 1
    return seen


# Handing in


def hand_in(
    session: Session,
    library: Library,
    person_id: uuid.UUID,
    attempt_id: uuid.UUID,
    now: datetime,
    language: str,
    issuer: Issuer,
) -> Handed:
    """Freeze the attempt, grade it, and issue what falls due. A second hand-in changes nothing and returns the same.

    Raises NotFound.
    """
    attempt = _held(session, attempt_id, person_id)
    given = answers(session, attempt)
    act = f"attempt {attempt_id}"
    row = {"id": attempt_id, "person_id": person_id, "now": now, "language": language}
    if session.execute(FREEZE, row | {"answers": saved_answers.pack(given)}).first() is None:
        grade = grade_of(session, attempt)
        assert grade is not None  # written in the transaction that froze the attempt
        return Handed(grade, certificates.issued_by(session, person_id, attempt.course, act))
    saved_answers.clear(session, attempt_id)
    grade = _grade(session, library, attempt, given, now)
    facts = _with_result(standing.facts(session, person_id, attempt.course), attempt, grade, now)
    issued: tuple[str, ...] = ()
    if course := library.courses.get(attempt.course):
        facts, issued = certificates.issue_due(session, library, person_id, course, facts, now, language, issuer, act)
    standing.store(session, person_id, attempt.course, facts)
    return Handed(grade, issued)


def _held(session: Session, attempt_id: uuid.UUID, person_id: uuid.UUID) -> Attempt:
    """The attempt, while its learner's other acts and further answers wait for this one to end."""
    if not locks.on_server(session):
        return find(session, attempt_id, person_id)
    whose = {"id": attempt_id, "person_id": person_id}
    session.execute(HOLD_ENROLMENT, whose)
    row = session.execute(FIND_HELD, whose).first()
    if row is None:
        raise NotFound(str(attempt_id))
    return Attempt(*row)


def _grade(session: Session, library: Library, attempt: Attempt, given: Mapping[int, Answer], now: datetime) -> Grade:
    """Grade the answers by the versions that were asked, and write it down as the attempt's first grade."""
    paper = paper_of(attempt)
    quiz = quiz_of(session, library, attempt)
    grade = grade_paper(paper, items_of(session, library, paper), given, quiz.pass_mark)
    _add_grade(session, attempt.id, grade, now)
    return grade


def _add_grade(session: Session, attempt_id: uuid.UUID, grade: Grade, now: datetime) -> None:
    row = {"id": new_id(), "attempt_id": attempt_id, "number": 1, "points": grade.points, "possible": grade.possible}
    detail = canonical(grade.marks).decode()
    judged = {
        "score": grade.score,
        "passed": grade.passed,
        "detail": detail,
        "reason": "hand-in",
        "by": None,
        "at": now,
    }
    session.execute(ADD_GRADE, row | judged)


def _with_result(facts: Facts, attempt: Attempt, grade: Grade, now: datetime) -> Facts:
    result = Result(
        number=attempt.number,
        at=now,
        passed=grade.passed,
        score=grade.score,
        points=grade.points,
        possible=grade.possible,
    )
    results = (*facts.results.get(attempt.quiz, ()), result)
    still_open = {quiz: id for quiz, id in facts.open.items() if quiz != attempt.quiz}
    return replace(facts, results={**facts.results, attempt.quiz: results}, open=still_open)
