"""Progress: what is read and passed, what opens when, what a certificate still needs, and what comes next."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.content import Course, Item, ItemText, Library, Module, ModuleText, Quiz, Section, SectionText
from app.core.limits import Allowed
from app.core.progress import (
    Facts,
    Judged,
    Missing,
    Progress,
    QuizState,
    Result,
    Step,
    assess,
    due,
    in_order,
    passed,
    wait_until,
)
from app.core.roster import Done, counting

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def section(module: str, id: str) -> Section:
    return Section(
        id=id, module=module, texts={"en": SectionText(title=id, parts=(), words=0, source="")}, minutes=5, version="v1"
    )


def module(id: str, quiz: str | None = None) -> Module:
    sections = (section(id, "a"), section(id, "b"), section(id, "c"))
    return Module(id=id, texts={"en": ModuleText(title=id, intro="")}, sections=sections, quiz=quiz)


def quiz(id: str, *, practice: bool = False, **rules: object) -> Quiz:
    items = tuple(
        Item(id=f"{id}-{n}", quiz=id, kind="single", texts={"en": ItemText(heading="", body={})}, practice=practice)
        for n in range(4)
    )
    return Quiz(id=id, title={"en": id}, items=items, **rules)


COURSE = Course(
    id="course",
    title={"en": "Course"},
    version="1",
    hours=1,
    languages=("en",),
    licence="",
    modules=("start", "why", "right"),
    final="final",
    participation={"every_section_read": True},
    completion={"every_quiz_passed": True, "final_passed": True, "valid_years": None},
)
LIBRARY = Library(
    courses={"course": COURSE},
    modules={"start": module("start", "practice"), "why": module("why", "why"), "right": module("right", "right")},
    quizzes={
        "practice": quiz("practice", practice=True),
        "why": quiz("why", wait_after=3, wait_minutes=60),
        "right": quiz("right", attempts=2),
        "final": quiz("final", wait_after=1, wait_minutes=1440),
    },
    figures={},
    terms={},
    countries={},
    actions={},
)
ALL_READ = {f"{module}/{section}": "v1" for module in COURSE.modules for section in "abc"}


def results(*passes: bool, at: datetime = NOW - HOUR / 2) -> tuple[Result, ...]:
    """Attempts handed in one after the other, a minute apart, the last at `at`."""
    start = at - timedelta(minutes=len(passes) - 1)
    return tuple(
        Result(number=n + 1, at=start + timedelta(minutes=n), passed=ok, score=9000 if ok else 5000)
        for n, ok in enumerate(passes)
    )


PASSED = {"why": results(True), "right": results(True)}


def stand(**facts: object) -> Progress:
    return assess(LIBRARY, COURSE, Facts(**facts), NOW)


def test_a_new_learner_begins_with_the_first_section() -> None:
    progress = stand()
    assert progress.next == Step(kind="section", module="start", section="a")
    assert (progress.sections_read, progress.sections, progress.modules_done) == (0, 9, 0)
    assert progress.minutes_left == 9 * 5 + 3 * 4
    assert progress.due == ()
    assert len(progress.missing["participation"]) == 9
    assert progress.missing["completion"] == (
        Missing(kind="quiz", reason="ready", module="why", quiz="why"),
        Missing(kind="quiz", reason="ready", module="right", quiz="right"),
        Missing(kind="final", reason="quizzes", quiz="final"),
    )


def test_a_bank_of_practice_items_asks_for_no_pass() -> None:
    assert [state.quiz for state in stand().quizzes] == ["why", "right", "final"]
    started = stand(readings={"start/a": "v1", "start/b": "v1", "start/c": "v1"})
    assert [module.done for module in started.modules] == [True, False, False]


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({"readings": {"why/a": "v1"}, "last": "why/a"}, Step(kind="section", module="why", section="b")),
        # The section behind the last one comes before one that was skipped.
        ({"readings": {"why/b": "v1"}, "last": "why/b"}, Step(kind="section", module="why", section="c")),
        ({"readings": {"why/c": "v1"}, "last": "why/c"}, Step(kind="section", module="why", section="a")),
        ({"readings": ALL_READ, "last": "right/c"}, Step(kind="quiz", module="right", quiz="right")),
        ({"readings": ALL_READ, "last": "start/c"}, Step(kind="quiz", module="why", quiz="why")),
        # A section that a later release took away.
        ({"readings": {"gone/a": "v1"}, "last": "gone/a"}, Step(kind="section", module="start", section="a")),
        ({"open": {"right": "id"}}, Step(kind="attempt", module="right", quiz="right", attempt="id")),
        ({"readings": ALL_READ, "results": PASSED}, Step(kind="final", quiz="final")),
        ({"readings": ALL_READ, "results": PASSED | {"final": results(True)}}, Step(kind="done")),
        (
            {"readings": ALL_READ, "results": PASSED | {"final": results(False)}},
            Step(kind="wait", quiz="final", at=NOW + 23.5 * HOUR),
        ),
        (
            {"readings": ALL_READ, "results": {"why": results(True), "right": results(False, False)}},
            Step(kind="limit", module="right", quiz="right"),
        ),
        # A try that is not left is not missed after a pass, and the next section is one that is not read.
        (
            {"readings": ALL_READ, "results": PASSED | {"right": results(False, True), "final": results(True)}},
            Step(kind="done"),
        ),
        (
            {"readings": {"why/a": "v1", "why/b": "v1"}, "last": "why/a"},
            Step(kind="section", module="why", section="c"),
        ),
    ],
)
def test_the_next_step(facts: dict[str, object], step: Step) -> None:
    assert stand(**facts).next == step


@pytest.mark.parametrize(
    ("tries", "now", "closed"),
    [
        ((), NOW, ""),
        ((False, False), NOW, ""),
        ((False, False, False), NOW, "wait"),
        ((False, False, False), NOW + HOUR / 2, ""),
        ((False, False, False, False), NOW, "wait"),
        ((True, False, False, False), NOW, ""),
        ((False, False, True, False), NOW, ""),
    ],
)
def test_failed_attempts_make_the_next_one_wait(tries: tuple[bool, ...], now: datetime, closed: str) -> None:
    state = assess(LIBRARY, COURSE, Facts(results={"why": results(*tries)}), now).quiz("why")
    assert state is not None
    assert (state.closed, state.opens_at) == (closed, NOW + HOUR / 2 if closed else None)


def test_the_limit_of_attempts() -> None:
    state = stand(results={"right": results(False)}).quiz("right")
    assert state is not None
    assert (state.number, state.tries_left, state.closed, state.best) == (2, 1, "", 5000)
    spent = stand(results={"right": results(False, False)}).quiz("right")
    assert spent is not None
    assert (spent.tries_left, spent.closed) == (0, "limit")


def test_the_final_waits_for_every_module_quiz() -> None:
    closed = stand(results={"why": results(True)}).final
    assert closed is not None
    assert (closed.closed, closed.first) == ("quizzes", ("right",))
    opened = stand(results=PASSED).final
    assert opened is not None
    assert (opened.closed, opened.first) == ("", ())


def result(number: int, points: int, possible: int, pass_mark: int = 70) -> Result:
    share = Fraction(points, possible)
    return Result(
        number=number,
        at=NOW,
        passed=share * 100 >= pass_mark,
        score=int(share * 10_000),
        points=str(points),
        possible=possible,
    )


@pytest.mark.parametrize(
    ("counts", "tries", "verdict"),
    [
        ("best", [(2, 3), (3, 4), (1, 4)], True),
        ("best", [(2, 3)], False),
        ("best", [], False),
        ("last", [(3, 4), (2, 3)], False),
        ("last", [(2, 3), (3, 4)], True),
        ("average", [(2, 3), (11, 15)], True),  # 66.66… and 73.33… %: exactly 70, but not with rounded scores
        ("average", [(2, 3), (10, 15)], False),
        ("average", [(3, 4), (1, 4)], False),
        ("average", [(69, 100), (70, 100)], False),
        ("last", [(3, 4), (2, 3), (3, 4)], True),
    ],
)
def test_what_counts(counts: str, tries: list[tuple[int, int]], verdict: bool) -> None:
    made = tuple(result(n, *points) for n, points in enumerate(tries, 1))
    assert passed(quiz("q", counts=counts), made) == verdict


def test_an_average_of_results_without_points_uses_their_scores() -> None:
    tries = (Result(number=1, at=NOW, passed=False, score=6000), Result(number=2, at=NOW, passed=True, score=8000))
    assert passed(quiz("q", counts="average"), tries)
    assert wait_until(quiz("q", wait_after=1, wait_minutes=5), tries) is None


def test_certificates_are_due_once() -> None:
    read = stand(readings=ALL_READ)
    assert read.due == ("participation",)
    done = stand(readings=ALL_READ, results=PASSED | {"final": results(True)}, completions={"participation": "N1"})
    assert (done.due, done.granted, done.missing) == (("completion",), ("participation",), {"completion": ()})


def test_completion_needs_no_reading_unless_its_rule_says_so() -> None:
    assert stand(results=PASSED | {"final": results(True)}).due == ("completion",)


def test_a_granted_completion_stays_whatever_authors_add() -> None:
    progress = stand(completions={"completion": "N1", "participation": "N2"})
    assert (progress.granted, progress.due, progress.missing) == (("completion", "participation"), (), {})


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"modules": ()}, {"participation": (), "completion": (Missing(kind="final", reason="ready", quiz="final"),)}),
        (
            {"final": None, "modules": ()},
            {"participation": (), "completion": (Missing(kind="final", reason="absent"),)},
        ),
        ({"participation": {}, "completion": {}}, {}),
        (
            {"participation": {"every_section_read": False}, "completion": {"every_quiz_passed": True}, "modules": ()},
            {"completion": ()},
        ),
    ],
)
def test_an_empty_course_is_never_complete(change: dict[str, object], missing: dict[str, object]) -> None:
    parts = {name: getattr(COURSE, name) for name in COURSE.__struct_fields__}
    progress = assess(LIBRARY, Course(**(parts | change)), Facts(), NOW)
    assert (progress.due, progress.missing) == ((), missing)


def test_what_changed_since_it_was_read() -> None:
    assert stand(readings={"why/a": "v0", "why/b": "v1", "why/gone": "v0"}).changed == ("why/a",)


STATES = st.fixed_dictionaries(
    {
        "readings": st.sets(st.sampled_from(sorted(ALL_READ))),
        "results": st.fixed_dictionaries({id: st.lists(st.booleans(), max_size=4) for id in ("why", "right", "final")}),
        "open": st.sets(st.sampled_from(["why", "right", "final"])),
        "granted": st.sets(st.sampled_from(["completion", "participation"])),
    }
)


def facts_of(state: dict) -> Facts:
    return Facts(
        readings=dict.fromkeys(state["readings"], "v1"),
        results={id: results(*tries) for id, tries in state["results"].items()},
        open=dict.fromkeys(state["open"], "id"),
        completions=dict.fromkeys(state["granted"], "N"),
    )


def joined(one: dict, other: dict) -> dict:
    results = {id: one["results"][id] + other["results"][id] for id in one["results"]}
    sets = {name: one[name] | other[name] for name in ("readings", "open", "granted")}
    return {**sets, "results": results}


def earned(state: dict) -> set[str]:
    progress = assess(LIBRARY, COURSE, facts_of(state), NOW)
    assert due(LIBRARY, COURSE, facts_of(state), NOW) == progress.due
    return {*progress.due, *progress.granted}


@given(STATES, STATES)
def test_progress_never_shrinks_when_facts_are_added(one: dict, other: dict) -> None:
    more = joined(one, other)
    assert earned(one) <= earned(more)
    before, after = (assess(LIBRARY, COURSE, facts_of(state), NOW) for state in (one, more))
    assert before.sections_read <= after.sections_read
    assert all(not old.passed or new.passed for old, new in zip(before.quizzes, after.quizzes, strict=True))


@given(STATES)
def test_there_is_always_a_next_step_and_it_can_be_taken(state: dict) -> None:
    progress = assess(LIBRARY, COURSE, facts_of(state), NOW)
    step = progress.next
    found = progress.quiz(step.quiz)
    if step.kind in ("quiz", "final"):
        assert found is not None
        assert found.closed == ""
    if step.kind == "done":
        assert progress.sections_read == progress.sections
        assert all(quiz.passed for quiz in progress.quizzes)


@given(STATES)
def test_lists_of_learners_count_as_the_page_of_one_does(state: dict) -> None:
    facts = facts_of(state)
    progress = assess(LIBRARY, COURSE, facts, NOW)
    done = msgspec.json.decode(msgspec.json.encode(facts), type=Done)
    passed = sum(module.quiz.passed for module in progress.modules if module.quiz)
    assert counting(LIBRARY, COURSE)(done) == (progress.sections_read, passed)
    assert done.begun == bool(facts.readings or facts.results or facts.open)


def test_what_is_so_when_nothing_is_said() -> None:
    graded = Judged(number=1, passed=True, score=8000)
    assert graded == Judged(number=1, passed=True, score=8000, points="", possible=0)
    assert [
        Judged(number=1, passed=True, score=8000, points=points, possible=possible).share
        for points, possible in (("", 0), ("3", 0), ("", 4), ("3/2", 2))
    ] == [Fraction(4, 5), Fraction(4, 5), Fraction(4, 5), Fraction(3, 4)]
    assert Facts().last == ""
    state = QuizState(quiz="q", module="m", passed=False, tries=0)
    assert (state.closed, state.first, state.allowed) == ("", (), Allowed())
    bare = Missing(kind="quiz", reason="ready")
    assert bare == Missing(kind="quiz", reason="ready", module="", section="", quiz="")
    assert Step(kind="done") == Step(kind="done", module="", section="", quiz="", attempt="")


def test_results_are_taken_in_the_order_of_the_tries() -> None:
    first, second, third = results(True, False, False)
    assert in_order([second, first]) == (first, second)
    assert in_order([third, first, second]) == (first, second, third)


def altered(library: dict[str, object] | None = None, **course: object) -> tuple[Library, Course]:
    """The library and the course with other parts."""
    return replace(LIBRARY, **library or {}), replace(COURSE, **course)


def test_a_module_is_done_when_it_is_read_and_its_quiz_passed() -> None:
    read = {f"why/{section}": "v1" for section in "abc"}
    for facts, done in (
        ({"readings": read}, False),
        ({"results": PASSED}, False),
        ({"readings": read} | {"results": PASSED}, True),
    ):
        why = stand(**facts).module("why")
        assert why is not None
        assert (why.module, why.done) == ("why", done)
    assert stand().module("gone") is None
    assert [one.module for one in stand().counted] == ["why", "right"]
    unasked = assess(*altered(modules=("gone", "start"), final=None), Facts(), NOW)
    assert [one.module for one in unasked.counted] == [one.module for one in unasked.modules] == ["start"]


def test_what_is_missing_names_its_place_and_what_runs() -> None:
    missing = stand(open={"right": "id"}, results={"why": results(True)}).missing
    assert missing["participation"][0] == Missing(kind="section", reason="unread", module="start", section="a")
    assert missing["completion"][0] == Missing(kind="quiz", reason="open", module="right", quiz="right")
    alone = assess(*altered(completion={"final_passed": True}), Facts(results={"final": results(True)}), NOW)
    assert alone.due == ("completion",)


def test_minutes_are_those_of_what_is_not_passed() -> None:
    assert [stand(readings=ALL_READ, results=done).minutes_left for done in ({}, PASSED)] == [12, 4]


def test_more_tries_and_time_are_those_of_the_learner() -> None:
    more = Allowed(tries=1, extra=50)
    state = stand(allowed={"right": more}, results={"right": results(False, False)}).quiz("right")
    assert state is not None
    assert (state.allowed, state.tries_left, state.closed) == (more, 1, "")


@pytest.mark.parametrize(
    ("done", "closed"),
    [
        ({}, ""),
        ({"final": (True,)}, "late"),
        ({"final": (False,)}, ""),
        ({"entry": (False,), "final": (True,)}, "limit"),
    ],
)
def test_an_entry_check_is_open_until_the_final_is_passed(done: dict[str, tuple[bool, ...]], closed: str) -> None:
    quizzes = {**LIBRARY.quizzes, "entry": quiz("entry", attempts=1)}
    facts = Facts(results={id: results(*tries) for id, tries in done.items()})
    progress = assess(*altered({"quizzes": quizzes}, entry="entry"), facts, NOW)
    assert progress.entry is progress.quiz("entry")
    assert progress.entry is not None
    assert (progress.entry.quiz, progress.entry.module, progress.entry.closed) == ("entry", "", closed)
    assert stand().entry is None


@pytest.mark.parametrize(("earlier", "named"), [(0, "why"), (5, "right")])
def test_of_two_waits_the_shorter_one_is_named(earlier: int, named: str) -> None:
    quizzes = {**LIBRARY.quizzes, "right": quiz("right", wait_after=1, wait_minutes=60)}
    at = NOW - HOUR / 2
    tried = {"why": results(False, False, False, at=at), "right": results(False, at=at - timedelta(minutes=earlier))}
    step = assess(*altered({"quizzes": quizzes}), Facts(readings=ALL_READ, results=tried), NOW).next
    assert step == Step(kind="wait", module=named, quiz=named, at=NOW + HOUR / 2 - timedelta(minutes=earlier))
