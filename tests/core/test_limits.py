"""Tries, time and the table of what is shown: pure rules, and what the check says of them."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from app.core.content import Course, Quiz
from app.core.limits import Allowed, Span, left, merged, one_by_one, seconds, shown, table, tries
from app.core.progress import Facts, Result, assess
from tests.core.contents import Content
from tests.core.test_progress import COURSE, LIBRARY, NOW

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
ALL = ("marks", "reasons", "key")


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def spans(*minutes: tuple[float, float]) -> list[Span]:
    return [(at(start), at(end)) for start, end in minutes]


CLOCKS: list[tuple[list[Span], float, float]] = [  # signs of life, now, minutes left of 30
    ([], 10, 20),
    ([], 31, -1),
    (spans((-60, 10)), 10, 20),
    (spans((-60, 9.5)), 10, 20),  # half a minute of silence is no outage
    (spans((-60, 9)), 10, 21),  # a minute is
    (spans((-60, 5), (15, 20)), 20, 20),
    (spans((-60, 5), (15, 20)), 40, 20),  # and it went on being away
    (spans((-60, 5), (-60, 25)), 25, 5),  # another process went on
    (spans((-60, -30), (-20, 10)), 10, 20),  # away before the start
    (spans((-60, -30), (4, 10)), 10, 24),  # and until after it
    (spans((2, 10)), 10, 20),  # nothing is known before
    (spans((12, 13), (0, 4), (8, 9), (3, 5)), 13, 23),
    (spans((-60, 12)), 10, 20),  # a clock that was set back
    (spans((-90, -80), (-70, -60)), 10, 30),
]


@pytest.mark.parametrize(("alive", "now", "expected"), CLOCKS)
def test_the_clock_stops_while_nobody_serves(alive: list[Span], now: float, expected: float) -> None:
    assert left(30 * 60, at(0), at(now), alive) == timedelta(minutes=expected)


def test_spans_that_touch_are_one() -> None:
    assert merged(spans((5, 6), (0, 3), (2, 4), (4, 5))) == spans((0, 6))
    assert merged([]) == []


QUIZ = Quiz(id="why", title={"en": "Why"}, items=(), attempts=2, minutes=30)


@pytest.mark.parametrize(
    ("given", "most", "time"),
    [
        ({}, 2, 1800),
        ({"why": Allowed(tries=3)}, 5, 1800),
        ({"why": Allowed(extra=50)}, 2, 2700),
        ({"": Allowed(extra=25)}, 2, 2250),
        ({"": Allowed(tries=9, extra=25), "why": Allowed(tries=1, extra=10)}, 3, 2250),
        ({"": Allowed(extra=25), "why": Allowed(extra=100)}, 2, 3600),
        ({"right": Allowed(tries=9, extra=100)}, 2, 1800),
    ],
)
def test_what_an_administrator_has_allowed(given: dict[str, Allowed], most: int, time: int) -> None:
    assert (tries(QUIZ, given), seconds(QUIZ, given)) == (most, time)
    free = replace(QUIZ, attempts=None, minutes=None)
    assert (tries(free, given), seconds(free, given)) == (None, None)


def test_further_tries_open_a_quiz_again() -> None:
    failed = tuple(Result(number=n, at=NOW, passed=False, score=0) for n in (1, 2))
    facts = Facts(results={"right": failed})
    for more, closed, left_over in ((0, "limit", 0), (1, "", 1), (3, "", 3)):
        state = assess(LIBRARY, COURSE, replace(facts, allowed={"right": Allowed(tries=more)}), NOW).quiz("right")
        assert state
        assert (state.closed, state.tries_left, state.allowed.tries) == (closed, left_over, more)


TABLE = {"before_passing": ("topics",), "after_last_try": ("topics", "marks")}
PLACES: list[tuple[str, dict[str, tuple[str, ...]], tuple[tuple[str, ...], ...]]] = [
    # mode, table, what is shown before passing, after passing, after the last try
    ("after_attempt", {}, (ALL, ALL, ALL)),
    ("after_each", {}, (ALL, ALL, ALL)),
    ("by_topic", {}, (("topics",),) * 3),
    ("score_only", {}, ((),) * 3),
    ("after_attempt", TABLE, (("topics",), ALL, ("topics", "marks"))),
    ("after_attempt", {"before_passing": ()}, ((), ALL, ALL)),
]


@pytest.mark.parametrize(("mode", "rows", "expected"), PLACES)
def test_what_is_shown_when(mode: str, rows: dict[str, tuple[str, ...]], expected: tuple[tuple[str, ...], ...]) -> None:
    quiz = Quiz(id="why", title={"en": "Why"}, items=(), feedback=mode, shows=rows)
    seen = [shown(quiz, COURSE, passed, left) for passed, left in ((False, 1), (True, 0), (False, 0))]
    assert (tuple(table(quiz).values()), tuple(map(tuple, seen))) == (expected, expected)
    assert shown(quiz, COURSE, False, None) == expected[0]
    assert one_by_one(quiz, COURSE) == (mode == "after_each")


@pytest.mark.parametrize("mode", ["after_each", "after_attempt", "by_topic", "score_only"])
@pytest.mark.parametrize("course", [replace(COURSE, final="why"), replace(COURSE, final=None, entry="why")])
def test_a_final_and_an_entry_check_never_tell_the_key(mode: str, course: Course) -> None:
    quiz = Quiz(id="why", title={"en": "Why"}, items=(), feedback=mode, shows={"after_passing": ALL})
    for passed, left_over in ((False, 1), (True, None), (False, 0)):
        assert set(shown(quiz, course, passed, left_over)) <= {"topics"}
    assert one_by_one(quiz, course) is False


# The check

QUIZ_FILE, FINAL_FILE = "quizzes/two.md", "quizzes/tiny-final.md"
FRONT: list[tuple[str, str, list[tuple[str, int, str]]]] = [  # file, front matter, what is said
    (QUIZ_FILE, "feedback: after_each", []),
    (QUIZ_FILE, "minutes: 30", []),
    (QUIZ_FILE, "minutes: none", []),
    (QUIZ_FILE, "minutes: 2", []),
    (QUIZ_FILE, "shows: {before_passing: [], after_passing: [marks, key], after_last_try: [marks]}", []),
    (QUIZ_FILE, "minutes: 1", [(QUIZ_FILE, 2, "minutes")]),
    (QUIZ_FILE, "minutes: 0", [(QUIZ_FILE, 2, "value")]),
    (QUIZ_FILE, "minutes: -5", [(QUIZ_FILE, 2, "value")]),
    (QUIZ_FILE, "minutes: 1.5", [(QUIZ_FILE, 2, "value")]),
    (QUIZ_FILE, "minutes: ٣٠", [(QUIZ_FILE, 2, "value")]),
    (QUIZ_FILE, "minutes: 999999999", [(QUIZ_FILE, 2, "value")]),
    (QUIZ_FILE, "minutes: [30]", [(QUIZ_FILE, 2, "value")]),
    (QUIZ_FILE, "shows: {before_passing: none}", [(QUIZ_FILE, 2, "value")]),
    (QUIZ_FILE, "shows: {before_passing: [answers]}", [(QUIZ_FILE, 2, "value")]),
    (QUIZ_FILE, "shows: {before: [marks]}", [(QUIZ_FILE, 2, "key-unknown")]),
    (QUIZ_FILE, "shows: [marks]", [(QUIZ_FILE, 2, "value")]),
    (QUIZ_FILE, "shows: {after_passing: [key]}", [(QUIZ_FILE, 2, "shows")]),
    (QUIZ_FILE, "shows: {after_passing: [topics, reasons]}", [(QUIZ_FILE, 2, "shows")]),
    (QUIZ_FILE, "feedback: by_topic\nshows: {after_passing: [marks]}", [(QUIZ_FILE, 3, "shows")]),
    (QUIZ_FILE, "feedback: score_only\nshows: {after_passing: []}", [(QUIZ_FILE, 3, "shows")]),
    (QUIZ_FILE, "feedback: after_each\nshows: {before_passing: []}", [(QUIZ_FILE, 3, "shows")]),
    (FINAL_FILE, "feedback: after_each", [(FINAL_FILE, 2, "final-key")]),
    (FINAL_FILE, "feedback: after_attempt", [(FINAL_FILE, 2, "final-key")]),
    (FINAL_FILE, "shows: {after_passing: [topics]}", [(FINAL_FILE, 2, "final-key")]),
    (FINAL_FILE, "shows: {after_passing: [marks, key]}", [(FINAL_FILE, 2, "final-key")]),
]


def test_what_the_check_says_of_limits_and_feedback(content: Content) -> None:
    before = {name: content.path(name).read_text() for name in (QUIZ_FILE, FINAL_FILE)}
    wrong = []
    for name, front, expected in FRONT:
        key = front.partition(":")[0]
        rest = [line for line in before[name].split("\n")[1:] if line.partition(":")[0] not in (key, "feedback")]
        text = "\n".join(["---", front, *rest])
        content.path(name).write_text(text)
        said = [one for one in content.said() if one[2] not in ("guessing", "overlap")]
        if said != expected:
            wrong.append((front, said))
        content.path(name).write_text(before[name])
    assert wrong == []
