"""Attempts from the start to the certificate."""

import uuid
from datetime import datetime

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.content import Library
from app.core.papers import Answer, Paper
from app.records import attempts, certificates, people, standing, versions
from app.records.attempts import NotFound, Refused
from tests.records.samples import (
    COURSE,
    FINAL,
    ISSUER,
    LIBRARY,
    NOW,
    QUIZ,
    complete,
    join,
    later,
    right_answers,
    take,
    tallied,
)


def begin(
    session: Session, person: uuid.UUID, quiz: str = QUIZ, number: int = 1, now: datetime = NOW, seed: str = "seed"
) -> attempts.Attempt:
    return attempts.open_attempt(session, LIBRARY, person, quiz, number, seed, now)


def hand_in(session: Session, person: uuid.UUID, attempt: attempts.Attempt, now: datetime = NOW) -> attempts.Handed:
    return attempts.hand_in(session, LIBRARY, person, attempt.id, now, "en", ISSUER)


# Opening


def test_opening_twice_opens_once(session: Session) -> None:
    person = join(session)
    one = begin(session, person)
    assert begin(session, person, seed="other") == one
    assert begin(session, person, number=2) == one
    assert attempts.find(session, one.id, person) == one
    assert (one.number, one.course, one.opened_at, one.handed_in_at) == (1, COURSE, NOW, None)
    assert standing.facts(session, person, COURSE).open == {QUIZ: str(one.id)}
    assert tallied(session) == {"enrolled": 1, "started": 1}


def test_a_start_that_comes_again_after_the_hand_in_leads_to_that_attempt(session: Session) -> None:
    person = join(session)
    one = begin(session, person)
    hand_in(session, person, one)
    again = begin(session, person, number=1)
    assert (again.id, again.handed_in_at) == (one.id, NOW)
    assert standing.facts(session, person, COURSE).open == {}


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_number_out_of_turn_is_refused(session: Session, number: int) -> None:
    person = join(session)
    take(session, person, QUIZ, 1, right=False)
    with pytest.raises(Refused) as refused:
        begin(session, person, number=number)
    assert refused.value.reason == "number"


def test_after_the_last_try_no_more_begin(session: Session) -> None:
    person = join(session)
    for number in (1, 2, 3):
        take(session, person, QUIZ, number, right=False)
    with pytest.raises(Refused) as refused:
        begin(session, person, number=4)
    assert refused.value.reason == "limit"


def test_the_final_waits_for_the_quizzes_and_after_a_failed_try(session: Session) -> None:
    person = join(session)
    with pytest.raises(Refused) as refused:
        begin(session, person, FINAL)
    assert refused.value.reason == "closed"
    take(session, person, QUIZ, 1)
    take(session, person, FINAL, 1, right=False)
    with pytest.raises(Refused) as refused:
        begin(session, person, FINAL, 2, later(hours=23))
    assert (refused.value.reason, refused.value.opens_at) == ("wait", later(hours=24))
    assert begin(session, person, FINAL, 2, later(hours=24)).number == 2


@pytest.mark.parametrize("quiz", ["nothing", "rights"])
def test_a_quiz_that_no_course_grades_is_not_found(session: Session, quiz: str) -> None:
    with pytest.raises(NotFound):
        begin(session, join(session), quiz)


def test_the_next_paper_asks_what_was_not_asked_before(session: Session) -> None:
    person = join(session)
    take(session, person, QUIZ, 1)
    take(session, person, FINAL, 1, right=False)
    first = {question.item for question in attempts.paper_of(attempts.find(session, last(session), person)).questions}
    second = attempts.paper_of(begin(session, person, FINAL, 2, later(days=2)))
    assert first.isdisjoint(question.item for question in second.questions)


def last(session: Session) -> uuid.UUID:
    return uuid.UUID(
        str(session.execute(text("SELECT id FROM attempt ORDER BY opened_at DESC, quiz LIMIT 1")).scalar())
    )


# Answering


def test_answers_are_the_ones_saved_last_and_packed_at_the_hand_in(session: Session) -> None:
    person = join(session)
    one = begin(session, person)
    for value, issued in (("A", 1), ("B", 2), (None, 3)):
        assert attempts.save_answer(session, one.id, person, 1, value, "en", 7, issued, NOW) == "saved"
    assert attempts.save_answer(session, one.id, person, 1, "D", "en", 7, 2, NOW) == "older"
    attempts.save_answer(session, one.id, person, 2, ["A", {"x": "é\u0000"}], "fr", 9, 1, NOW)
    given = {
        1: Answer(value=None, language="en", seconds=7),
        2: Answer(value=["A", {"x": "é\u0000"}], language="fr", seconds=9),
    }
    assert attempts.answers(session, one) == given
    hand_in(session, person, one)
    assert attempts.answers(session, attempts.find(session, one.id, person)) == given
    assert session.execute(text("SELECT count(*) FROM answer")).scalar() == 0


def test_an_answer_after_the_hand_in_changes_nothing(session: Session) -> None:
    person = join(session)
    one = begin(session, person)
    hand_in(session, person, one)
    assert attempts.save_answer(session, one.id, person, 1, "A", "en", 1, 9, NOW) == "handed_in"
    assert attempts.answers(session, attempts.find(session, one.id, person)) == {}
    assert session.execute(text("SELECT count(*) FROM answer")).scalar() == 0


def test_another_persons_attempt_is_as_good_as_missing(session: Session) -> None:
    owner, other = join(session), join(session, "other")
    one = begin(session, owner)
    for act in (
        lambda: attempts.find(session, one.id, other),
        lambda: attempts.save_answer(session, one.id, other, 1, "A", "en", 1, 9, NOW),
        lambda: hand_in(session, other, one),
        lambda: attempts.find(session, uuid.uuid4(), owner),
        lambda: hand_in(session, owner, one._replace(id=uuid.uuid4())),
    ):
        with pytest.raises(NotFound):
            act()
    assert attempts.answers(session, one) == {}
    assert attempts.find(session, one.id, owner).handed_in_at is None


# Handing in


def test_a_hand_in_grades_and_remembers_the_result(session: Session) -> None:
    person = join(session)
    one = begin(session, person)
    letters = right_answers(attempts.paper_of(one))
    for question in (1, 2, 3):
        attempts.save_answer(session, one.id, person, question, letters[question], "en", 5, 1, NOW)
    grade = hand_in(session, person, one, later(minutes=9)).grade
    assert (grade.points, grade.possible, grade.score, grade.passed) == ("3", 4, 7500, True)
    assert [mark.points for mark in grade.marks] == ["1", "1", "1", "0"]
    handed = attempts.find(session, one.id, person)
    assert attempts.grade_of(session, handed) == grade
    assert (handed.handed_in_at, handed.language) == (later(minutes=9), "en")
    rows = attempts.history(session, person, QUIZ)
    assert [tuple(row) for row in rows] == [(one.id, 1, later(minutes=9), 7500, True)]
    assert session.execute(text("SELECT sex, country FROM attempt")).one() == ("woman", "FJ")
    assert standing.compare(session) == []


def test_an_open_attempt_has_no_grade(session: Session) -> None:
    person = join(session)
    assert attempts.grade_of(session, begin(session, person)) is None
    assert attempts.history(session, person, QUIZ) == []


def test_handing_in_twice_is_handing_in_once(session: Session) -> None:
    person = join(session)
    take(session, person, QUIZ, 1)
    final = begin(session, person, FINAL)
    for question, letter in right_answers(attempts.paper_of(final)).items():
        attempts.save_answer(session, final.id, person, question, letter, "en", 5, 1, NOW)
    first = hand_in(session, person, final)
    assert len(first.certificates) == 1
    before = session.execute(text("SELECT count(*) FROM grade")).scalar()
    assert hand_in(session, person, final, later(days=1)) == first
    assert session.execute(text("SELECT count(*) FROM grade")).scalar() == before
    assert standing.facts(session, person, COURSE).completions == {"completion": first.certificates[0]}
    assert standing.compare(session) == []


def test_a_grade_worked_out_before_counts_only_for_the_same_answers(session: Session) -> None:
    person = join(session)
    for number, changed in ((1, False), (2, True)):
        one = begin(session, person, number=number)
        letters = right_answers(attempts.paper_of(one))
        for question in (1, 2, 3):
            attempts.save_answer(session, one.id, person, question, letters[question], "en", 5, 1, NOW)
        graded = attempts.grade_now(session, LIBRARY, person, one.id)
        assert (graded.grade.points, sorted(graded.given)) == ("3", [1, 2, 3])
        if changed:
            attempts.save_answer(session, one.id, person, 3, None, "en", 5, 2, NOW)
        handed = attempts.hand_in(session, LIBRARY, person, one.id, NOW, "en", ISSUER, graded)
        assert (handed.grade.points, handed.grade is graded.grade) == (("2", False) if changed else ("3", True))
    with pytest.raises(NotFound):
        attempts.grade_now(session, LIBRARY, join(session, "other"), one.id)
    with pytest.raises(NotFound):  # as when she erased her account meanwhile
        attempts.hand_in(session, LIBRARY, join(session, "third"), one.id, NOW, "en", ISSUER, graded)
    assert standing.compare(session) == []


def test_a_later_failed_try_takes_nothing_away(session: Session) -> None:
    person = join(session)
    numbers = complete(session, person)
    take(session, person, QUIZ, 2, later(days=1), right=False)
    assert len(numbers) == 2
    assert set(standing.facts(session, person, COURSE).completions.values()) == set(numbers)
    assert len(certificates.of_person(session, person, NOW)) == 2


def changed_library() -> Library:
    """The sample with every key of the quiz exchanged and a higher pass mark, as if the author had edited the file."""
    quiz = LIBRARY.quizzes[QUIZ]
    items = tuple(replace(item, version=item.version[::-1], texts={"en": other(item.original)}) for item in quiz.items)
    edited = replace(quiz, items=items, version=quiz.version[::-1], pass_mark=100)
    return replace(LIBRARY, quizzes={**LIBRARY.quizzes, QUIZ: edited}, release="release-2")


def other(text: msgspec.Struct) -> msgspec.Struct:
    options = [option | {"right": not option["right"]} for option in text.body["options"]]
    return replace(text, body={"options": options})


def test_an_attempt_is_graded_from_its_own_version(session: Session) -> None:
    person = join(session)
    one = begin(session, person)
    letters = right_answers(attempts.paper_of(one))
    for question in (1, 2, 3):
        attempts.save_answer(session, one.id, person, question, letters[question], "en", 5, 1, NOW)
    edited = changed_library()
    grade = attempts.hand_in(session, edited, person, one.id, NOW, "en", ISSUER).grade
    assert (grade.points, grade.passed) == ("3", True)
    handed = attempts.find(session, one.id, person)
    assert attempts.quiz_of(session, edited, handed) == replace(LIBRARY.quizzes[QUIZ], items=())
    kept = attempts.items_of(session, edited, attempts.paper_of(handed))
    assert kept == {item.version: item for item in LIBRARY.quizzes[QUIZ].items}


def test_an_attempt_is_handed_in_though_its_course_is_gone(session: Session) -> None:
    person = join(session)
    one = begin(session, person)
    empty = replace(LIBRARY, courses={}, quizzes={}, modules={})
    handed = attempts.hand_in(session, empty, person, one.id, NOW, "en", ISSUER)
    assert (handed.grade.passed, handed.certificates) == (False, ())
    assert standing.compare(session) == []


def test_a_version_that_nobody_kept_is_an_error(session: Session) -> None:
    with pytest.raises(LookupError, match="no quiz was kept"):
        versions.quiz(session, LIBRARY, QUIZ, "0" * 32)
    paper = attempts.paper_of(begin(session, join(session)))
    lost = replace(paper, questions=(replace(paper.questions[0], version="0" * 32),))
    with pytest.raises(LookupError, match="no item was kept"):
        attempts.items_of(session, LIBRARY, lost)


def test_a_graded_attempt_can_be_explained_by_the_database_alone(session: Session) -> None:
    person = join(session)
    take(session, person, QUIZ, 1)
    people.change_profile(session, person, {"country": "TO", "sex": "man"}, later(days=1))
    row = session.execute(text("SELECT sex, country, language, version, paper FROM attempt")).one()
    assert (row.sex, row.country, row.language) == ("woman", "FJ", "en")
    kept = set(session.execute(text("SELECT hash FROM version")).scalars())
    asked = {question.version for question in msgspec.json.decode(row.paper, type=Paper).questions}
    assert asked | {row.version} == kept
