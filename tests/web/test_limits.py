"""Quizzes that tell after each question, that show more once passed, and that have a clock: as learners meet them."""

from functools import partial
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text

from app.core.content import Library, Quiz
from app.core.grading import item_of
from app.core.limits import Allowed
from app.ops.overdue import hand_in_late
from app.records import allowances, clocks
from app.records.engine import open_session
from app.records.keys import new_id
from tests.web.conftest import BOTH, Build, Site
from tests.web.members import Member, member, send
from tests.web.story import answer_all, attempt_of, empty, knowing, open_quiz, paper_of, take_quiz
from tests.web.test_attempts import HOSTILE, at_once
from tests.web.visitor import Page


def with_rules(library: Library, quiz: str, **rules: Any) -> Library:
    changed = replace(library.quizzes[quiz], **rules)
    assert isinstance(changed, Quiz)
    return replace(library, quizzes={**library.quizzes, quiz: replace(changed, version=f"{quiz}-{len(str(rules))}")})


@pytest.fixture(scope="module")
def one_by_one(tiny: Library) -> Library:
    return with_rules(tiny, "one", feedback="after_each", draw=(), attempts=2)


@pytest.fixture(scope="module")
def with_clock(tiny: Library) -> Library:
    return with_rules(tiny, "two", minutes=30)


@pytest.fixture
def each(build: Build, one_by_one: Library) -> Site:
    return build(one_by_one)


@pytest.fixture
def timed(build: Build, with_clock: Library) -> Site:
    return build(with_clock)


def rows(site: Site, sql: str) -> list[tuple[Any, ...]]:
    with open_session(site.engine, write=False) as session:
        return [tuple(row) for row in session.execute(text(sql))]


def one(site: Site, sql: str) -> Any:
    return rows(site, sql)[0][0]


# After each question


def fields_of(site: Site, page: Page, number: int) -> dict[str, Any]:
    paper, items = paper_of(site, attempt_of(page))
    question = paper.questions[number - 1]
    return dict(knowing(item_of(question, items), question))


def test_every_kind_is_checked_then_stays_and_counts(each: Site) -> None:
    hers = member(each)
    first = open_quiz(hers.visitor, each, "tiny", "one")
    attempt, asked = attempt_of(first), len(paper_of(each, attempt_of(first))[0].questions)
    for number in range(1, asked + 1):
        page = hers.visitor.get(f"/attempts/{attempt}/{number}")
        refused = hers.visitor.submit(page, f"/{number}", check="1", answer=None, **nothing(page))
        assert (refused.status, refused.errors) == (
            422,
            ["Give an answer before you check it, or go on without one."],
        )
        told = hers.visitor.submit(page, f"/{number}", status=200, check="1", **fields_of(each, page, number))
        assert (told.path, "Right." in told.main, told.forms()[0].action.endswith(f"/{number}")) == (
            f"/attempts/{attempt}/{number}",
            True,
            False,
        )
    review = hers.visitor.get(f"/attempts/{attempt}/review")
    assert review.main.count("Checked") == asked
    assert hers.visitor.submit(review, "/hand-in", status=200).h1 == "Passed with 100 %"


def nothing(page: Page) -> dict[str, Any]:
    form = next(one for one in page.forms() if "issued" in one.fields)
    return {name: "" for name in form.fields if name.startswith("answer_")}


def test_what_was_checked_cannot_change_from_anywhere(each: Site) -> None:
    hers = member(each)
    first = open_quiz(hers.visitor, each, "tiny", "one")
    attempt = attempt_of(first)
    paper, items = paper_of(each, attempt)
    number = next(n for n, question in enumerate(paper.questions, 1) if items[question.version].kind == "true-false")
    stale = hers.visitor.get(f"/attempts/{attempt}/{number}")
    other = each.browser(hers.id)
    theirs = other.get(stale.path)
    for _ in range(3):  # the reply was lost, and the form comes again
        told = hers.visitor.submit(stale, f"/{number}", status=200, check="1", answer="1")
    before = rows(each, "SELECT value FROM checked")
    assert (len(before), "Your answer:" in told.main) == (1, True)
    for fields in ({"answer": "2", "check": "1"}, {"answer": "2"}, {"answer": None, "check": "1"}, {"answer": None}):
        for visitor, page in ((other, theirs), (hers.visitor, stale)):
            late = visitor.submit(page, f"/{number}", **fields)
            assert (late.status, "What you just sent does not count." in late.main) == (409, True)
    assert other.submit(theirs, f"/{number}", status=200, answer="1").path == stale.path
    assert rows(each, "SELECT value FROM checked") == before
    review = hers.visitor.submit(hers.visitor.get(f"/attempts/{attempt}/review"), "/hand-in", status=200)
    assert "Your answers" in review.main
    late = hers.visitor.submit(stale, f"/{number}", status=200, check="1", answer="2")
    assert "This try was handed in before." in late.main
    assert rows(each, "SELECT value FROM checked") == before


@BOTH
def test_of_several_checks_at_once_one_counts(each: Site) -> None:
    hers = member(each)
    first = open_quiz(hers.visitor, each, "tiny", "one")
    attempt = attempt_of(first)
    paper, items = paper_of(each, attempt)
    number = next(n for n, question in enumerate(paper.questions, 1) if items[question.version].kind == "true-false")
    path = f"/attempts/{attempt}/{number}"
    opened = [each.browser(hers.id) for _ in range(6)]
    tokens = [Member(visitor, hers.id, hers.login).csrf for visitor in opened]
    codes = at_once(
        [
            partial(send, visitor, path, {"answer": str(place % 2 + 1), "check": "1", "csrf_token": token})
            for place, (visitor, token) in enumerate(zip(opened, tokens, strict=True))
        ]
    )
    assert (set(codes) <= {303, 409}, 303 in codes) == (True, True)
    ((fixed,),) = rows(each, "SELECT value FROM checked")
    hers.visitor.submit(hers.visitor.get(f"/attempts/{attempt}/review"), "/hand-in", status=200)
    packed = msgspec.json.decode(one(each, "SELECT answers FROM attempt"))
    assert packed[str(number)]["value"] == msgspec.json.decode(fixed)


def test_an_older_form_checks_nothing(each: Site) -> None:
    hers = member(each)
    first = open_quiz(hers.visitor, each, "tiny", "one")
    attempt = attempt_of(first)
    paper, items = paper_of(each, attempt)
    number = next(n for n, question in enumerate(paper.questions, 1) if items[question.version].kind == "true-false")
    path = f"/attempts/{attempt}/{number}"
    old, new = hers.visitor.get(path), hers.visitor.get(path)
    assert hers.visitor.submit(new, f"/{number}", status=200, answer="2", later="1").path != path
    told = hers.visitor.submit(old, f"/{number}", answer="1", check="1")
    assert (told.status, one(each, "SELECT count(*) FROM checked")) == (409, 0)
    review = hers.visitor.get(f"/attempts/{attempt}/review")
    assert "Saved, not checked" in review.main


def test_any_form_is_checked_or_refused_in_words(each: Site) -> None:
    hers = member(each)
    first = open_quiz(hers.visitor, each, "tiny", "one")
    attempt, asked = attempt_of(first), len(paper_of(each, attempt_of(first))[0].questions)
    sent = {"csrf_token": hers.csrf, "check": ["1", "x"], "later": "\u0000"}
    codes = {
        send(hers.visitor, f"/attempts/{attempt}/{place % asked + 1}", {**fields, **sent})
        for start, fields in enumerate(HOSTILE)
        for place in range(start, start + 4)
    }
    assert codes <= {303, 409, 422}
    numbers = {row[0] for row in rows(each, "SELECT question FROM checked")}
    for number in range(1, asked + 1):
        page = hers.visitor.get(f"/attempts/{attempt}/{number}")
        assert ("Your answer:" in page.main) == (number in numbers)
    assert send(hers.visitor, f"/attempts/{attempt}/{asked + 1}", {"check": "1", **sent}) == 404
    review = hers.visitor.get(f"/attempts/{attempt}/review")
    assert hers.visitor.submit(review, "/hand-in", status=200).status == 200


@pytest.mark.parametrize("quiz", ["tiny-final"])
def test_the_final_tells_nothing_whatever_its_file_says(build: Build, tiny: Library, quiz: str) -> None:
    every = dict.fromkeys(("before_passing", "after_passing", "after_last_try"), ("marks", "reasons", "key"))
    site = build(with_rules(tiny, quiz, feedback="after_each", shows=every))
    hers = member(site)
    for name in ("one", "two"):
        take_quiz(hers.visitor, site, "tiny", name)
    first = open_quiz(hers.visitor, site, "tiny", quiz)
    page = hers.visitor.submit(first, "/1", status=200, check="1", answer="1")
    assert (page.path.endswith("/2"), one(site, "SELECT count(*) FROM checked")) == (True, 0)
    result = hers.visitor.submit(answer_all(hers.visitor, site, first, knowing), "/hand-in", status=200)
    assert ("Your result by topic" in result.main, "Your answers" in result.main) == (True, False)


# The table


def test_a_result_shows_what_its_row_says(build: Build, tiny: Library) -> None:
    rules = {
        "before_passing": ("topics",),
        "after_passing": ("marks", "reasons", "key"),
        "after_last_try": ("marks",),
    }
    site = build(with_rules(tiny, "two", attempts=3, counts="best", shows=rules))
    hers, other = member(site), member(site, "other")
    start = hers.visitor.get("/courses/tiny/quizzes/two").main
    assert "Until you pass: you see your result by topic, without the answers" in start
    assert "When no try is left: you see which answers were right" in start
    parts = ("Your result by topic", "Your answers", "The right answer:", "You see more of this result")

    def seen(page: Page) -> tuple[bool, ...]:
        return tuple(words in page.main for words in parts)

    failed = take_quiz(hers.visitor, site, "tiny", "two", empty)
    assert seen(failed) == (True, False, False, True)
    assert take_quiz(hers.visitor, site, "tiny", "two").h1 == "Passed with 100 %"
    assert seen(hers.visitor.get(failed.path)) == (False, True, True, False)
    for _ in range(3):
        failed = take_quiz(other.visitor, site, "tiny", "two", empty)
    assert seen(failed) == (False, True, False, False)


# The clock


def alive(site: Site, since: Any, until: Any) -> None:
    with open_session(site.engine, write=True) as session:
        clocks.beat(session, new_id(), since, since)
        clocks.beat(session, new_id(), since, until)
        session.commit()


def test_the_time_is_told_and_stands_still_while_the_site_is_away(timed: Site) -> None:
    hers = member(timed)
    start = hers.visitor.get("/courses/tiny/quizzes/two").main
    assert "30 minutes. The clock runs from the start" in start
    first = open_quiz(hers.visitor, timed, "tiny", "two")
    assert "Time left: 30 minutes." in first.main
    timed.later(minutes=11, seconds=30)
    for path in (first.path, f"/attempts/{attempt_of(first)}/review", "/courses/tiny/quizzes/two"):
        assert "Time left: 19 minutes." in hers.visitor.get(path).main
    alive(timed, timed.now, timed.now)
    timed.later(hours=3)
    alive(timed, timed.now, timed.now)
    assert "Time left: 19 minutes." in hers.visitor.get(first.path).main
    with open_session(timed.engine, write=True) as session:
        allowances.give(session, hers.id, "tiny", "", Allowed(extra=50), "low vision", None, timed.now)
        session.commit()
    assert "Time left: 34 minutes." in hers.visitor.get(first.path).main
    assert "45 minutes (30 minutes, and 50 % more that was given to you)" in hers.visitor.get(start_of("two")).main


def start_of(quiz: str) -> str:
    return f"/courses/tiny/quizzes/{quiz}"


def test_when_the_time_is_over_what_was_saved_counts(timed: Site) -> None:
    hers = member(timed)
    first = open_quiz(hers.visitor, timed, "tiny", "two")
    review = answer_all(hers.visitor, timed, first)
    timed.later(minutes=30, seconds=1)
    for path in (first.path, review.path):
        over = hers.visitor.get(path)
        assert (over.status, over.h1) == (200, "The time is over")
        assert "2 of 2 questions have a saved answer, and they count." in over.main
    result = hers.visitor.submit(over, "/hand-in", status=200)
    assert (result.h1, "The time was over" in result.main) == ("Passed with 100 %", True)
    assert rows(timed, "SELECT reason FROM grade") == [("time",)]
    assert one(timed, "SELECT count(*) FROM timer") == 0


@pytest.mark.parametrize(("late", "score", "told"), [(29, "50 %", False), (31, "0 %", True)])
def test_an_answer_on_its_way_still_counts_for_half_a_minute(timed: Site, late: int, score: str, told: bool) -> None:
    hers = member(timed)
    first = open_quiz(hers.visitor, timed, "tiny", "two")
    timed.later(minutes=30, seconds=late)
    result = hers.visitor.submit(first, "/1", status=200, **fields_of(timed, first, 1))
    assert (score in result.h1, "What you sent last came too late" in result.main) == (True, told)
    again = hers.visitor.submit(first, "/1", status=200, **fields_of(timed, first, 1))
    assert (again.h1, one(timed, "SELECT count(*) FROM grade")) == (result.h1, 1)


def test_nobody_has_to_come_back(timed: Site) -> None:
    hers = member(timed)
    first = open_quiz(hers.visitor, timed, "tiny", "two")
    answer_all(hers.visitor, timed, first)
    timed.later(minutes=31)
    assert [hand_in_late(timed.engine, timed.config, lambda: timed.library, timed.now) for _ in (1, 2)] == [1, 0]
    page = hers.visitor.get(first.path)
    assert (page.path, page.h1) == (f"/attempts/{attempt_of(first)}/result", "Passed with 100 %")


# Allowances

SENT: list[tuple[dict[str, Any], list[str]]] = [  # what an administrator sends, what is wrong with it
    ({"place": "tiny/two", "tries": "1", "reason": "was ill"}, []),
    ({"place": "tiny/", "extra": "50", "reason": "slow link"}, []),
    ({"place": "tiny/two", "tries": "1"}, ["Write why. It stays in the records."]),
    ({"place": "tiny/two", "tries": "1", "reason": " \u200e "}, ["Write why. It stays in the records."]),
    ({"place": "tiny/two", "tries": "1", "reason": "x" * 501}, ["This is too long. Write it shorter."]),
    ({"place": "tiny/", "tries": "1", "reason": "x"}, ["Choose one quiz to give further tries."]),
    ({"place": "tiny/one", "tries": "1", "reason": "x"}, ["Everybody may try this quiz as often as they like."]),
    ({"place": "tiny/one", "extra": "50", "reason": "x"}, ["This quiz has no time limit."]),
    ({"place": "nowhere/", "reason": "x"}, ["Choose one of the list."]),
    ({"place": "tiny/check-first", "reason": "x"}, ["Choose one of the list."]),
    ({"place": None, "reason": "x"}, ["Choose one of the list."]),
    *(
        ({"place": "tiny/two", "tries": tries, "reason": "x"}, ["Write a whole number from 0 to 99."])
        for tries in ("-1", "100", "1.5", "1e9", "٣", "NaN", "9" * 9, "1_0", "+1")
    ),
    *(
        ({"place": "tiny/two", "extra": extra, "reason": "x"}, ["Choose one of the list."])
        for extra in ("-50", "51", "50%", "NaN", "1e9")
    ),
]


def test_an_administrator_gives_further_tries_and_time(timed: Site) -> None:
    boss, hers = timed.administrator(), member(timed)
    path = f"/admin/learners/{hers.id}/allowances"
    assert "has not begun a course yet" in boss.get(path).main
    for _ in range(2):
        take_quiz(hers.visitor, timed, "tiny", "two", empty)
    assert "No try is left" in hers.visitor.get(start_of("two")).main
    assert path in boss.get(f"/admin/learners/{hers.id}").links()
    form = boss.get(path)
    for fields, errors in SENT:
        before = one(timed, "SELECT count(*) FROM allowance")
        page = boss.submit(form, path, **fields)
        assert (page.status, page.errors) == (422 if errors else 200, errors)
        assert one(timed, "SELECT count(*) FROM allowance") - before == (0 if errors else 1)
    for _ in range(2):  # what holds already is written down once
        assert "Saved." in boss.submit(boss.get(path), path, status=200, **SENT[0][0]).main
    assert rows(timed, "SELECT quiz, tries, extra, reason FROM allowance ORDER BY at, id") == [
        ("two", 1, 0, "was ill"),
        ("", 0, 50, "slow link"),
    ]
    assert one(timed, "SELECT count(*) FROM act WHERE deed = 'allow'") == 2
    assert "Further tries or more time given" in boss.get("/admin/audit").main
    start = hers.visitor.get(start_of("two"))
    assert "3 (1 more was given to you), 1 left" in start.main
    assert take_quiz(hers.visitor, timed, "tiny", "two").h1 == "Passed with 100 %"
    boss.submit(boss.get(path), path, status=200, place="tiny/two", tries="0", reason="a mistake")
    assert "replaced since" in boss.get(path).main
    for stranger in (hers.visitor, timed.staff("author")):
        assert stranger.get(path, status=403).status == 403
    assert boss.get("/admin/learners/00000000-0000-0000-0000-000000000001/allowances", status=404).status == 404
