"""Attempts at quizzes: opened once, answered, handed in once; a hand-in is one transaction up to the certificate."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.certificates import Issuer
from app.core.content import Course, Item, Library, Quiz, canonical
from app.core.drawing import draw
from app.core.grading import grade as grade_paper
from app.core.papers import Answer, Grade
from app.core.progress import Facts, QuizState, Result, assess
from app.core.tallying import Observation, observations
from app.records import answers as saved_answers
from app.records import (
    certificates,
    clocks,
    editions,
    hot,
    item_tallies,
    last_acts,
    locks,
    reading,
    standing,
    steps,
    versions,
)
from app.records.answers import NotFound, save_answer
from app.records.keys import new_id
from app.records.models import Attempt as AttemptRow
from app.records.models import Grade as GradeRow
from app.records.regraded import grades, met, versions_in
from app.records.sheets import (
    COLUMNS,
    HANDED_IN,
    PAPER,
    TIME_OVER,
    Attempt,
    answers,
    asked,
    find,
    first_score,
    grade_of,
    history,
    paper_of,
    quiz_of,
    ran_out,
)
from app.records.sql import Plain, insert_into, query
from app.records.versions import items_of

__all__ = [
    "HANDED_IN",
    "TIME_OVER",
    "Attempt",
    "NotFound",
    "answers",
    "asked",
    "find",
    "first_score",
    "grade_of",
    "history",
    "items_of",
    "paper_of",
    "quiz_of",
    "ran_out",
    "save_answer",
]

HOLD_ENROLMENT = Plain(
    """
    SELECT enrolment.id FROM enrolment
    JOIN attempt ON attempt.person_id = enrolment.person_id AND attempt.course = enrolment.course
    WHERE attempt.id = :id AND attempt.person_id = :person_id FOR UPDATE OF enrolment
    """
)
FIND_NUMBER = Plain(
    f"SELECT {COLUMNS} FROM attempt WHERE person_id = :person_id AND quiz = :quiz AND number = :number", Attempt
)
PAPERS = query("SELECT paper FROM attempt WHERE person_id = :person_id AND quiz = :quiz")
OPEN = Plain(insert_into(AttemptRow, "ON CONFLICT (person_id, quiz, number) DO NOTHING RETURNING number"))
FREEZE = Plain(
    """
    UPDATE attempt SET handed_in_at = :now, answers = :answers, language = :language,
        sex = (SELECT person.sex FROM person WHERE person.id = attempt.person_id),
        country = (SELECT person.country FROM person WHERE person.id = attempt.person_id)
    WHERE id = :id AND person_id = :person_id AND handed_in_at IS NULL
    RETURNING sex, country,
        coalesce((SELECT region FROM country_group WHERE country_group.country = attempt.country), '') AS region,
        (SELECT count(*) FROM regrade WHERE regrade.quiz = attempt.quiz AND regrade.at >= attempt.opened_at) AS regrades
    """
)
ADD_GRADE = Plain(insert_into(GradeRow))


class Refused(Exception):
    """An attempt can't be opened now. `reason`: limit, wait (until `opens_at`), closed (quizzes come first) or number
    (the form was made before another attempt)."""

    def __init__(self, reason: str, opens_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.opens_at = opens_at


class Graded(NamedTuple):
    """Answers (as they are `saved`, and what they say), the items that they answer and the grade that they are worth,
    by the quiz as it was; nothing is written down yet."""

    saved: Sequence[Any]
    given: dict[int, Answer]
    grade: Grade
    attempt: Attempt
    quiz: Quiz
    items: Mapping[str, Item]


class Handed(NamedTuple):
    """The result of a hand-in: the grade, and the numbers of the certificates that it made due."""

    grade: Grade
    certificates: tuple[str, ...]


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
    paper = draw(quiz, seed, *_seen(session, person_id, quiz_id))
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
    if hot.first(session, OPEN, opened._asdict() | {"seed": seed, "sex": None, "country": None}) is None:
        raise Refused("number")
    if quiz.minutes is not None:
        clocks.start(session, opened.id, now)
    last_acts.acted(session, person_id, course.id, now)
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
    found: Attempt | None = hot.first(session, FIND_NUMBER, {"person_id": person_id, "quiz": quiz, "number": number})
    if found is None:
        raise Refused("number")
    return found


def _seen(session: Session, person_id: uuid.UUID, quiz: str) -> tuple[dict[str, int], dict[str, list[dict[str, str]]]]:
    """How often each item was asked before, and with which values; a scenario counts once in a paper."""
    seen: dict[str, int] = {}
    values: dict[str, list[dict[str, str]]] = {}
    for packed in session.execute(PAPERS, {"person_id": person_id, "quiz": quiz}).scalars():
        questions = PAPER.decode(packed).questions
        for item in {question.scenario or question.item for question in questions}:
            seen[item] = seen.get(item, 0) + 1
        for question in questions:
            if question.drawn.values:
                values.setdefault(question.item, []).append(question.drawn.values)
    return seen, values


# Handing in


def grade_now(place: Session | Engine, library: Library, person_id: uuid.UUID, attempt_id: uuid.UUID) -> Graded:
    """The answers saved so far and their grade, worked out before `hand_in` takes the right to write: others may write
    meanwhile. Raises NotFound."""
    attempt = find(place, attempt_id, person_id)
    return _graded(place, library, attempt, saved_answers.rows(place, attempt_id))


def _graded(place: Session | Engine, library: Library, attempt: Attempt, saved: Sequence[Any]) -> Graded:
    """The grade of these answers by the versions that were asked."""
    given = saved_answers.read(saved)
    paper = paper_of(attempt)
    quiz = quiz_of(place, library, attempt)
    items = items_of(place, library, paper)
    return Graded(saved, given, grade_paper(paper, items, given, quiz.pass_mark), attempt, quiz, items)


def _observed(attempt: Attempt, graded: Graded, frozen: Any, language: str) -> Iterator[Observation]:
    """What the counts of answers learn from this attempt, by the person as she is frozen in it."""
    later, sex, region = attempt.number > 1, frozen.sex, frozen.region
    return observations(
        paper_of(attempt),
        graded.items,
        graded.given,
        graded.grade.marks,
        later=later,
        sex=sex,
        language=language,
        region=region,
    )


def hand_in(
    session: Session,
    library: Library,
    person_id: uuid.UUID,
    attempt_id: uuid.UUID,
    now: datetime,
    language: str,
    issuer: Issuer,
    graded: Graded | None = None,
    reason: str = HANDED_IN,
) -> Handed:
    """Freeze the attempt, grade it, and issue what falls due. A second hand-in changes nothing and returns the same.

    `graded` comes from `grade_now`; it counts where nobody saved another answer since. `reason` is kept with the grade:
    the learner handed in, or her time was over. Raises NotFound.
    """
    attempt = _held(session, attempt_id, person_id, graded)
    act = f"attempt {attempt_id}"
    if attempt.handed_in_at is not None:
        return _handed_in_before(session, attempt, act)
    graded = _graded_again(session, library, attempt, graded)
    row = {"id": attempt_id, "person_id": person_id, "now": now, "language": language}
    frozen = hot.first(session, FREEZE, row | {"answers": saved_answers.pack(graded.given)})
    if frozen is None:  # handed in, or gone, since it was graded
        return _handed_in_before(session, find(session, attempt_id, person_id), act)
    saved_answers.clear(session, attempt_id)
    if graded.quiz.minutes is not None:
        clocks.stop(session, attempt_id)
    _add_grade(session, attempt_id, 1, graded.grade, now, reason)
    if frozen.regrades:
        graded = _regraded(session, library, graded, now)
    grade, facts = graded.grade, standing.facts(session, person_id, attempt.course)
    earlier = facts.results.get(attempt.quiz, ())
    facts = _with_result(facts, attempt, grade, now)
    issued: tuple[str, ...] = ()
    if course := library.courses.get(attempt.course):
        due = (session, library, person_id, course, facts, now, language, issuer, act)
        facts, issued = certificates.issue_due(*due)
        if not issued and grade.passed and _is_current_final(library, course, attempt):
            facts, issued = editions.renew_due(*due)
    standing.store(session, person_id, attempt.course, facts)
    steps.handed_in(session, person_id, attempt.course, attempt.quiz, earlier, grade.passed)
    item_tallies.add(session, item_tallies.count(_observed(attempt, graded, frozen, language)))
    return Handed(grade, issued)


def _is_current_final(library: Library, course: Course, attempt: Attempt) -> bool:
    """Whether this was a try at the final as it is now, not as it was when the attempt was opened."""
    return attempt.quiz == course.final and attempt.version == library.quizzes[attempt.quiz].version


def _held(session: Session, attempt_id: uuid.UUID, person_id: uuid.UUID, graded: Graded | None) -> Attempt:
    """The attempt, while its learner's other acts, further answers and a regrade wait for this one to end.

    On SQLite all do anyway; there what was found when it was graded serves, since FREEZE looks again.
    """
    if not locks.on_server(session):
        return graded.attempt if graded else find(session, attempt_id, person_id)
    hot.rows(session, HOLD_ENROLMENT, {"id": attempt_id, "person_id": person_id})
    return find(session, attempt_id, person_id, held=True)


def _graded_again(session: Session, library: Library, attempt: Attempt, graded: Graded | None) -> Graded:
    """What was graded before, where the same answers are saved now."""
    saved = saved_answers.rows(session, attempt.id)
    return graded if graded and graded.saved == saved else _graded(session, library, attempt, saved)


def _handed_in_before(session: Session, attempt: Attempt, act: str) -> Handed:
    """The result of the first hand-in."""
    grade = grade_of(session, attempt)
    assert grade is not None  # written in the transaction that froze the attempt
    return Handed(grade, certificates.issued_by(session, attempt.person_id, attempt.course, act))


def _regraded(session: Session, library: Library, graded: Graded, now: datetime) -> Graded:
    """The same by the keys that were corrected while the attempt was open; each newer grade is written down."""
    attempt = graded.attempt
    orders = met(session, attempt.quiz, attempt.opened_at)
    items = {**graded.items, **versions.items_at(session, library, versions_in(orders))}
    paper, pass_mark = paper_of(attempt), graded.quiz.pass_mark
    newer = grades(paper, items, graded.given, graded.grade, pass_mark, orders)
    for number, (grade, reason) in enumerate(newer, 2):
        _add_grade(session, attempt.id, number, grade, now, reason)
    return graded._replace(grade=newer[-1][0] if newer else graded.grade, items=items)


def _add_grade(session: Session, attempt_id: uuid.UUID, number: int, grade: Grade, now: datetime, reason: str) -> None:
    row = {"id": new_id(), "attempt_id": attempt_id, "number": number}
    detail = canonical(grade.marks).decode()
    judged = {
        "points": grade.points,
        "possible": grade.possible,
        "score": grade.score,
        "passed": grade.passed,
        "detail": detail,
        "reason": reason,
        "by": None,
        "at": now,
    }
    hot.rows(session, ADD_GRADE, row | judged)


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
