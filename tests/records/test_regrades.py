"""A corrected key on the records: results rise, certificates fall due, nothing is edited, all of it or nothing."""

import uuid
from datetime import datetime

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.content import Item, Library
from app.core.regrading import Change
from app.records import attempts, audit, regrades, standing
from app.records.regrades import Plan
from tests.records.samples import (
    COURSE,
    FINAL,
    ISSUER,
    LIBRARY,
    NOW,
    QUIZ,
    item,
    join,
    later,
    read_all,
    right_answers,
    take,
    versioned,
)

SECOND = f"{QUIZ}-1"


def corrected(quiz: str, *items: Item) -> Library:
    """The library with these items in the place of those of the same id."""
    newer = {one.id: one for one in items}
    bank = LIBRARY.quizzes[quiz]
    made = versioned(replace(bank, items=tuple(newer.get(one.id, one) for one in bank.items), version=""))
    return replace(LIBRARY, quizzes={**LIBRARY.quizzes, quiz: made})


def keyed(id: str, quiz: str, right: int) -> Item:
    made = versioned(replace(item(id, quiz, right), version="", key_hash=f"key-{id}-{right}"))
    assert isinstance(made, Item)
    return made


MENDED = corrected(QUIZ, keyed(SECOND, QUIZ, 2))  # C instead of B


def sit(session: Session, person: uuid.UUID, quiz: str, changed: dict[str, str], now: datetime = NOW) -> uuid.UUID:
    """Hand in an attempt with the right answers but for these (item -> letter)."""
    attempt = attempts.open_attempt(session, LIBRARY, person, quiz, 1, "seed", now)
    paper = attempts.paper_of(attempt)
    for number, letter in right_answers(paper).items():
        given = changed.get(paper.questions[number - 1].item, letter)
        attempts.save_answer(session, attempt.id, person, number, given, "en", 5, 1, now)
    attempts.hand_in(session, LIBRARY, person, attempt.id, now, "en", ISSUER)
    return attempt.id


def run(session: Session, library: Library, quiz: str = QUIZ, void: tuple[str, ...] = (), lower: bool = False) -> Plan:
    planned = regrades.plan(session, library, library.quizzes[quiz], void, lower, NOW)
    return regrades.apply(session, library, planned, "the key was wrong", later(days=1), ISSUER)


def grades(session: Session, attempt: uuid.UUID) -> list[tuple[object, ...]]:
    sql = text("SELECT number, points, passed, reason FROM grade WHERE attempt_id = :id ORDER BY number")
    hex = session.get_bind().dialect.name == "sqlite"
    rows = session.execute(sql, {"id": attempt.hex if hex else attempt})
    return [(row.number, row.points, bool(row.passed), row.reason) for row in rows]


def test_a_corrected_key_raises_results_and_lowers_none(session: Session) -> None:
    ana, bela, carl = (join(session, name) for name in ("ana", "bela", "carl"))
    risen = sit(session, ana, QUIZ, {SECOND: "C", f"{QUIZ}-3": "A"})
    kept = sit(session, bela, QUIZ, {})
    same = sit(session, carl, QUIZ, {SECOND: "D"})
    done = run(session, MENDED)
    reason = f"regraded: {SECOND}: the key was wrong"
    assert grades(session, risen) == [(1, "2", False, "hand-in"), (2, "3", True, reason)]
    assert grades(session, kept) == [(1, "4", True, "hand-in"), (2, "4", True, reason)]
    assert grades(session, same) == [(1, "3", True, "hand-in"), (2, "3", True, reason)]
    assert [(one.attempt, one.questions) for one in done.shown] == [(risen, (number_of(session, risen, ana),))]
    assert [(one.person, one.passed, one.due) for one in done.effects] == [(ana, True, ())]
    assert standing.facts(session, ana, COURSE).results[QUIZ][0].score == 7500
    assert standing.compare(session) == []
    counts = session.execute(text(f"SELECT DISTINCT key_hash, option FROM item_sum WHERE item = '{SECOND}'")).all()
    assert sorted(map(tuple, counts)) == [(f"key-{SECOND}-2", letter) for letter in "BCD"]
    assert [(one.deed, one.subject, one.detail) for one in audit.latest(session)] == [
        ("regrade", QUIZ, f"{SECOND}: 1 results of 1 learners changed; the key was wrong")
    ]
    again = run(session, MENDED)
    assert (again.outcomes, len(grades(session, risen))) == ((), 2)


def number_of(session: Session, attempt: uuid.UUID, person: uuid.UUID) -> int:
    questions = attempts.paper_of(attempts.find(session, attempt, person)).questions
    return 1 + [one.item for one in questions].index(SECOND)


def test_a_final_that_passes_now_brings_the_certificate_and_a_fall_takes_none_away(session: Session) -> None:
    ana, bela = join(session), join(session, "bela")
    for person in (ana, bela):
        read_all(session, person)
        take(session, person, QUIZ, 1)
    paper = attempts.paper_of(attempts.open_attempt(session, LIBRARY, ana, FINAL, 1, "seed", NOW))
    wrong, letter = paper.questions[0].item, right_answers(paper)[1]
    other = "ABCD"[("ABCD".index(letter) + 1) % 4]
    sit(session, ana, FINAL, {wrong: other})
    assert standing.facts(session, ana, COURSE).completions.keys() == {"participation"}
    sit(session, bela, FINAL, {})
    before = standing.facts(session, bela, COURSE).completions
    assert before.keys() == {"participation", "completion"}
    library = corrected(FINAL, keyed(wrong, FINAL, "ABCD".index(other)))
    look = regrades.plan(session, library, library.quizzes[FINAL], (), True, NOW)
    assert {(one.person, one.passed, one.due) for one in look.effects} >= {(ana, True, ("completion",))}
    done = run(session, library, FINAL, lower=True)
    assert standing.facts(session, ana, COURSE).completions.keys() == {"participation", "completion"}
    fallen = [one for one in done.shown if one.person == bela]
    assert [(one.before.passed, one.after.passed) for one in fallen] == [(True, False)]
    assert standing.facts(session, bela, COURSE).completions == before
    assert standing.compare(session) == []


def test_what_asks_something_else_is_left_or_taken_out(session: Session) -> None:
    ana = join(session)
    attempt = sit(session, ana, QUIZ, {SECOND: "C", f"{QUIZ}-3": "A"})
    text_of = MENDED.quizzes[QUIZ].items[1].texts["en"]
    reworded = versioned(replace(keyed(SECOND, QUIZ, 2), texts={"en": replace(text_of, heading="What else?")}))
    library = corrected(QUIZ, reworded)
    left = run(session, library)
    assert (left.outcomes, len(grades(session, attempt))) == ((), 1)
    assert [one._replace(version="", today="") for one in left.changes] == [
        Change(SECOND, "", "other", "its wording has changed (en)")
    ]
    run(session, library, void=(SECOND,))
    assert [row[:3] for row in grades(session, attempt)] == [(1, "2", False), (2, "3", True)]
    marks = attempts.grade_of(session, attempts.find(session, attempt, ana))
    assert marks is not None
    assert [one.judged for one in marks.marks if one.item == SECOND] == ["void"]
    assert session.execute(text(f"SELECT count(*) FROM item_sum WHERE item = '{SECOND}'")).scalar() == 0
    assert standing.compare(session) == []
    with pytest.raises(LookupError, match="nothing-like-it was never asked"):
        regrades.plan(session, library, library.quizzes[QUIZ], ("nothing-like-it",), False, NOW)


def test_what_is_handed_in_after_the_plan_is_judged_too(session: Session) -> None:
    ana, bela = join(session, "ana"), join(session, "bela")
    sit(session, ana, QUIZ, {SECOND: "C"})
    planned = regrades.plan(session, MENDED, MENDED.quizzes[QUIZ], (), False, NOW)
    assert (len(planned.outcomes), planned.waiting) == (1, 0)
    sit(session, bela, QUIZ, {SECOND: "C"})
    done = regrades.apply(session, MENDED, planned, "why", NOW, ISSUER)
    assert {one.person for one in done.shown} == {ana, bela}
    assert standing.compare(session) == []


def give(session: Session, person: uuid.UUID, changed: dict[str, str]) -> attempts.Attempt:
    """Open an attempt and answer it, without handing it in."""
    attempt = attempts.open_attempt(session, LIBRARY, person, QUIZ, 1, "seed", NOW)
    paper = attempts.paper_of(attempt)
    for number, letter in right_answers(paper).items():
        given = changed.get(paper.questions[number - 1].item, letter)
        attempts.save_answer(session, attempt.id, person, number, given, "en", 5, 1, NOW)
    return attempt


def test_one_run_is_enough_for_attempts_that_are_open(session: Session) -> None:
    ana, bela, carl = (join(session, name) for name in ("ana", "bela", "carl"))
    new, old = (give(session, who, {SECOND: letter}) for who, letter in ((ana, "C"), (bela, "B")))
    done = run(session, MENDED)
    assert (done.outcomes, done.waiting) == ((), 2)
    assert audit.latest(session)[0].detail == (
        f"{SECOND}: 0 results of 0 learners changed, 2 open attempts follow at hand-in; the key was wrong"
    )
    assert attempts.find(session, new.id, ana).paper == new.paper  # what was asked stays
    again = run(session, MENDED)
    assert (again.outcomes, again.waiting, len(audit.latest(session))) == ((), 0, 1)
    graded = attempts.grade_now(session, MENDED, ana, new.id)  # worked out before, as the server does
    reason = f"regraded: {SECOND}: the key was wrong"
    for who, attempt, before in ((ana, new, graded), (bela, old, None)):
        handed = attempts.hand_in(session, MENDED, who, attempt.id, later(days=2), "en", ISSUER, before)
        assert (handed.grade.points, handed.grade.passed) == ("4", True)
        assert [one.judged for one in handed.grade.marks if one.item == SECOND] == [
            MENDED.quizzes[QUIZ].items[1].version
        ]
    assert grades(session, new.id) == [(1, "3", True, "hand-in"), (2, "4", True, reason)]
    assert grades(session, old.id) == [(1, "4", True, "hand-in"), (2, "4", True, reason)]  # no result falls
    assert standing.facts(session, ana, COURSE).results[QUIZ][0].score == 10_000
    assert standing.compare(session) == []
    keys = session.execute(text(f"SELECT DISTINCT key_hash FROM item_sum WHERE item = '{SECOND}'")).scalars().all()
    assert keys == [f"key-{SECOND}-2"]
    assert (run(session, MENDED).outcomes, len(grades(session, new.id))) == ((), 2)
    fresh = attempts.open_attempt(session, MENDED, carl, QUIZ, 1, "seed", later(days=2))  # opened after the regrade
    attempts.hand_in(session, MENDED, carl, fresh.id, later(days=2), "en", ISSUER)
    assert len(grades(session, fresh.id)) == 1


def test_open_attempts_follow_several_regrades_in_turn(session: Session) -> None:
    """B to C, then C to D, then the question is taken out."""
    ana = join(session)
    attempt = give(session, ana, {SECOND: "D", f"{QUIZ}-3": "A"})
    run(session, MENDED)
    third = corrected(QUIZ, keyed(SECOND, QUIZ, 3))
    assert run(session, third, lower=True).waiting == 1
    assert run(session, third, void=(SECOND,)).waiting == 1
    assert run(session, third, void=(SECOND,)).waiting == 0
    handed = attempts.hand_in(session, third, ana, attempt.id, later(days=2), "en", ISSUER)
    assert [one.judged for one in handed.grade.marks if one.item == SECOND] == ["void"]
    assert [row[:2] for row in grades(session, attempt.id)] == [(1, "2"), (2, "2"), (3, "3"), (4, "3")]
    assert session.execute(text(f"SELECT count(*) FROM item_sum WHERE item = '{SECOND}'")).scalar() == 0
    assert standing.compare(session) == []


def test_interrupted_half_way_it_changes_nothing(session: Session) -> None:
    for name in ("ana", "bela"):
        sit(session, join(session, name), QUIZ, {SECOND: "C"})
    session.commit()

    def everything() -> list[object]:
        tables = ("grade", "standing", "item_tally", "item_sum", "act", "version", "completion", "regrade")
        return [sorted(map(repr, session.execute(text(f"SELECT * FROM {one}")).all())) for one in tables]

    before = everything()
    session.commit()

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    planned = regrades.plan(session, MENDED, MENDED.quizzes[QUIZ], (), False, NOW)
    with pytest.raises(KeyboardInterrupt):
        regrades.apply(session, MENDED, planned, "why", NOW, ISSUER, stop)
    assert everything() != before
    session.rollback()
    assert everything() == before
    session.rollback()
    session.execute(text("DELETE FROM standing"))
    standing.rebuild(session)
    assert (everything() == before, msgspec.json.encode(standing.compare(session))) == (True, b"[]")
