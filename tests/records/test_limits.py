"""What is checked stays, what is allowed holds, clocks stop while nobody serves and hand in what was saved."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core.content import Library
from app.core.limits import BEAT, Allowed
from app.core.papers import Answer
from app.ops.overdue import Heart, hand_in_late
from app.records import allowances, answers, attempts, clocks, standing
from app.records.allowances import NotEnrolled
from app.records.attempts import Refused
from app.records.engine import open_session
from app.records.keys import new_id
from config import Config
from tests.records.samples import COURSE, ISSUER, LIBRARY, NOW, QUIZ, join, later, right_answers, take

TIMED: Library = replace(
    LIBRARY,
    quizzes={**LIBRARY.quizzes, QUIZ: replace(LIBRARY.quizzes[QUIZ], minutes=30, version="timed")},
    release="timed",
)


def begin(
    session: Session, person: uuid.UUID, quiz: str = QUIZ, number: int = 1, now: datetime = NOW
) -> attempts.Attempt:
    return attempts.open_attempt(session, TIMED, person, quiz, number, f"seed {number}", now)


def check(session: Session, attempt: attempts.Attempt, question: int, value: str) -> Answer | None:
    return answers.check_answer(session, attempt.id, attempt.person_id, question, value, "en", 5, NOW)


def save(session: Session, attempt: attempts.Attempt, question: int, value: str, issued: int = 9) -> str:
    return answers.save_answer(session, attempt.id, attempt.person_id, question, value, "en", 5, issued, NOW)


def hand_in(session: Session, attempt: attempts.Attempt) -> attempts.Handed:
    return attempts.hand_in(session, TIMED, attempt.person_id, attempt.id, NOW, "en", ISSUER)


def test_what_was_checked_first_is_what_counts(session: Session) -> None:
    one = begin(session, join(session))
    right = right_answers(attempts.paper_of(one))
    wrong = {question: "ABCD"[("ABCD".index(letter) + 1) % 4] for question, letter in right.items()}
    save(session, one, 1, wrong[1])
    assert (check(session, one, 1, wrong[1]), answers.checked(session, one.id).keys()) == (
        Answer(value=wrong[1], language="en", seconds=5),
        {1},
    )
    for again in (wrong[1], right[1]):  # sent again, or from another device
        found = check(session, one, 1, again)
        assert found
        assert found.value == wrong[1]
    save(session, one, 1, right[1], issued=99)
    save(session, one, 2, right[2])
    given = {number: answer.value for number, answer in attempts.answers(session, one).items()}
    assert given == {1: wrong[1], 2: right[2]}
    assert hand_in(session, one).grade.points == "1"
    handed = attempts.find(session, one.id, one.person_id)
    assert {number: answer.value for number, answer in attempts.answers(session, handed).items()} == given
    assert check(session, one, 3, right[3]) is None
    other = one._replace(person_id=join(session, "other"))
    assert check(session, other, 4, "A") is None


def test_further_tries_and_more_time_hold_from_then_on(session: Session) -> None:
    person = join(session)
    with pytest.raises(NotEnrolled):
        allowances.give(session, person, COURSE, QUIZ, Allowed(tries=1), "ill", None, NOW)
    for number in (1, 2, 3):
        take(session, person, QUIZ, number, right=False)
    with pytest.raises(Refused):
        begin(session, person, number=4)
    giver = join(session, "giver", "Mere Talani")
    steps = [(Allowed(tries=1), True), (Allowed(tries=1), False), (Allowed(tries=2), True)]
    for minutes, (allowed, new) in enumerate(steps):
        assert allowances.give(session, person, COURSE, QUIZ, allowed, "was ill", giver, later(minutes=minutes)) == new
    assert [begin(session, person, number=number).number for number in (4, 5)] == [4, 4]
    assert allowances.give(session, person, COURSE, "", Allowed(extra=50), "low vision", None, later(minutes=9))
    kept = allowances.of_person(session, person)
    assert [(row.quiz, row.tries, row.extra, row.reason, row.giver) for row in kept] == [
        ("", 0, 50, "low vision", None),
        (QUIZ, 2, 0, "was ill", "Mere Talani"),
        (QUIZ, 1, 0, "was ill", "Mere Talani"),
    ]
    assert standing.facts(session, person, COURSE).allowed == {QUIZ: Allowed(tries=2), "": Allowed(extra=50)}
    assert standing.compare(session) == []
    standing.rebuild(session)
    assert standing.facts(session, person, COURSE).allowed == {QUIZ: Allowed(tries=2), "": Allowed(extra=50)}


def remaining(session: Session, attempt: attempts.Attempt, minute: float) -> timedelta | None:
    quiz = attempts.quiz_of(session, TIMED, attempt)
    return clocks.left(session, attempt, quiz, later(minutes=minute))


def test_a_clock_stands_still_while_no_process_serves(session: Session) -> None:
    person = join(session)
    one = begin(session, person)
    assert [row.id for row in clocks.running(session)] == [one.id]
    assert remaining(session, one, 10) == timedelta(minutes=20)
    first, second = new_id(), new_id()
    for minute in (-5, 0, 3, 4):
        clocks.beat(session, first, later(minutes=-9), later(minutes=minute))
    assert remaining(session, one, 4) == timedelta(minutes=26)
    assert (remaining(session, one, 90), clocks.silent(session, later(minutes=90))) == (timedelta(minutes=26), True)
    clocks.beat(session, second, later(minutes=60), later(minutes=80))
    assert (remaining(session, one, 80), clocks.silent(session, later(minutes=80))) == (timedelta(minutes=6), False)
    allowances.give(session, person, COURSE, "", Allowed(extra=50), "low vision", None, NOW)
    assert remaining(session, one, 80) == timedelta(minutes=21)
    clocks.tidy(session, later(minutes=70))
    assert session.execute(text("SELECT count(*) FROM uptime")).scalar() == 1
    hand_in(session, one)
    assert (clocks.running(session), attempts.ran_out(session, one)) == ([], False)


def test_a_quiz_without_a_limit_has_no_clock(session: Session) -> None:
    one = attempts.open_attempt(session, LIBRARY, join(session), QUIZ, 1, "seed", NOW)
    quiz = attempts.quiz_of(session, LIBRARY, one)
    assert (clocks.running(session), clocks.left(session, one, quiz, later(days=9))) == ([], None)
    assert clocks.late(session, one, quiz, later(days=9)) is False


def test_what_is_over_is_handed_in_with_what_was_saved_and_certifies(engine: Engine, tmp_path: Path) -> None:
    """Half a minute after the end, by whichever process comes first; the other finds nothing to do."""
    config = Config(instance=tmp_path, secret="0123456789abcdef" * 2)
    course = replace(TIMED.courses[COURSE], completion={"every_quiz_passed": True})
    library = replace(TIMED, courses={COURSE: course})
    with open_session(engine, write=True) as session:
        person, other = join(session), join(session, "other")
        one = begin(session, person)
        for question, letter in list(right_answers(attempts.paper_of(one)).items())[:3]:
            save(session, one, question, letter)
        slow = begin(session, other)
        allowances.give(session, other, COURSE, "", Allowed(extra=25), "low vision", None, NOW)
        session.commit()
    heart = Heart(engine, config, lambda: library)
    heart.seen_at = heart.started_at = NOW
    moments = [later(minutes=minute) for minute in (29, 30, 30.25, 31, 31.5)]
    handed = []
    for at in moments:
        heart.seen_at = at - BEAT
        heart.beat(at)
        with open_session(engine, write=False) as session:
            handed.append(attempts.find(session, one.id, person).handed_in_at)
    assert handed == [None, None, None, later(minutes=31), later(minutes=31)]
    assert hand_in_late(engine, config, lambda: library, later(minutes=31)) == 0
    with open_session(engine, write=False) as session:
        found = attempts.find(session, one.id, person)
        grade = attempts.grade_of(session, found)
        assert grade
        assert (grade.points, attempts.ran_out(session, found), found.language) == ("3", True, "en")
        assert standing.facts(session, person, COURSE).completions.keys() == {"completion"}
        assert [row.id for row in clocks.running(session)] == [slow.id]
        assert standing.compare(session) == []
    assert hand_in_late(engine, config, lambda: None, later(minutes=60)) == 0
    assert hand_in_late(engine, config, lambda: library, later(minutes=38.5)) == 0  # nobody served since
    heart.seen_at = later(minutes=38.25)
    heart.beat(later(minutes=38.5))
    heart.library = lambda: LIBRARY  # no quiz with a clock any more, and none runs
    heart.beat(later(hours=9))
    with open_session(engine, write=False) as session:
        assert clocks.running(session) == []
        assert clocks.silent(session, later(minutes=40)) is True


def test_a_process_that_slept_begins_a_new_span(engine: Engine, tmp_path: Path) -> None:
    heart = Heart(engine, Config(instance=tmp_path), lambda: TIMED)
    heart.seen_at = heart.started_at = NOW
    for seconds in (15, 30, 3600, 3615, 3000):
        heart.beat(NOW + timedelta(seconds=seconds))
    with open_session(engine, write=False) as session:
        spans = sorted(
            (int((a - NOW).total_seconds()), int((b - NOW).total_seconds())) for a, b in clocks.spans(session, NOW)
        )
    assert spans == [(0, 30), (3000, 3000), (3600, 3615)]
