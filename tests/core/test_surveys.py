"""Which surveys are open, which are offered, and that neither they nor the entry check count for anything."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.progress import Facts, assess
from app.core.surveys import OCCASIONS, UNTIL_ASKED, closed, finished, may_be_asked_later, offers
from tests.core.test_progress import ALL_READ, COURSE, LIBRARY, NOW, PASSED, quiz, results

SURVEYS = {"before": "rating", "after": "rating", "end": "ending", "follow_up": "used"}
ASKING = replace(COURSE, entry="entry", surveys=SURVEYS)
WITH_ENTRY = replace(
    LIBRARY, courses={"course": ASKING}, quizzes={**LIBRARY.quizzes, "entry": quiz("entry", attempts=1)}
)
DONE = {"readings": ALL_READ, "results": PASSED | {"final": results(True)}}
AGO, SOON = NOW - timedelta(days=1), NOW + timedelta(days=1)


def known(**given: object) -> Facts:
    return Facts(**({"enrolled_at": AGO} | given))


def offered(**given: object) -> tuple[str, ...]:
    facts = known(**given)
    return offers(ASKING, facts, assess(WITH_ENTRY, ASKING, facts, NOW), NOW)


@pytest.mark.parametrize(
    ("facts", "now_offered"),
    [
        ({}, ("before", "entry")),
        ({"readings": {"start/a": "v1"}}, ("before", "entry")),
        ({"results": {"why": results(False)}}, ("before", "entry")),
        ({"results": {"why": results(True)}}, ("entry",)),  # too late to say how it was before
        ({"results": {"entry": results(True)}}, ("before",)),
        ({"open": {"entry": "id"}}, ("before", "entry")),
        ({"surveys": {"before": "answered"}}, ("entry",)),
        ({"surveys": {"before": "dismissed", "entry": "dismissed"}}, ()),
        ({"results": PASSED}, ("entry",)),
        (DONE, ("after", "end")),
        (DONE | {"surveys": {"after": "answered", "end": "dismissed"}}, ()),
        (DONE | {"ask_at": SOON}, ("after", "end")),
        (DONE | {"ask_at": NOW}, ("after", "end", "follow_up")),
        (DONE | {"ask_at": AGO, "surveys": {"after": "answered", "end": "answered"}}, ("follow_up",)),
        (DONE | {"ask_at": AGO, "surveys": dict.fromkeys(OCCASIONS, "answered")}, ()),
        ({"completions": {"completion": "LON"}}, ("after", "end")),  # granted before the course grew
        (DONE | {"open": {"entry": "id"}}, ("entry", "after", "end")),
    ],
)
def test_what_is_offered(facts: dict[str, object], now_offered: tuple[str, ...]) -> None:
    assert offered(**facts) == now_offered


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({}, ["", "early", "early", "unasked"]),
        (DONE, ["late", "", "", "unasked"]),
        (DONE | {"ask_at": SOON}, ["late", "", "", "early"]),
        (DONE | {"ask_at": AGO}, ["late", "", "", ""]),
        (DONE | {"surveys": dict.fromkeys(OCCASIONS, "dismissed")}, ["late", "", "", "unasked"]),  # by its address
        (DONE | {"surveys": dict.fromkeys(OCCASIONS, "answered")}, ["answered"] * 4),
    ],
)
def test_why_a_survey_is_closed(facts: dict[str, object], reasons: list[str]) -> None:
    given = known(**facts)
    progress = assess(WITH_ENTRY, ASKING, given, NOW)
    assert [closed(given, progress, one, NOW) for one in OCCASIONS] == reasons


def test_a_course_offers_only_what_its_outline_names() -> None:
    for course in (COURSE, replace(COURSE, surveys={"end": "ending"})):
        for facts in (known(), known(**DONE)):
            found = offers(course, facts, assess(LIBRARY, course, facts, NOW), NOW)
            assert found == (("end",) if course.surveys and facts.results else ())
    assert may_be_asked_later(ASKING, known())
    assert not may_be_asked_later(COURSE, known())
    assert not may_be_asked_later(ASKING, known(ask_at=AGO))
    assert not may_be_asked_later(ASKING, known(surveys={"follow_up": "dismissed"}))
    assert timedelta(days=90) == UNTIL_ASKED


def test_a_course_without_a_final_ends_where_nothing_is_left() -> None:
    course = replace(ASKING, final=None, completion={"every_quiz_passed": True})
    for facts, is_finished in ((known(), False), (known(readings=ALL_READ, results=PASSED), True)):
        assert finished(assess(WITH_ENTRY, course, facts, NOW)) == is_finished


def test_an_entry_check_is_taken_once_and_only_before_the_final_is_passed() -> None:
    def state(**given: object) -> tuple[str, int] | None:
        entry = assess(WITH_ENTRY, ASKING, known(**given), NOW).quiz("entry")
        return (entry.closed, entry.number) if entry else None

    assert state() == ("", 1)
    assert state(results={"entry": results(False)}) == ("limit", 2)
    assert state(**DONE) == ("late", 1)
    assert assess(LIBRARY, COURSE, known(), NOW).quiz("entry") is None


STATES = st.fixed_dictionaries(
    {
        "readings": st.sampled_from([{}, {"start/a": "v1"}, ALL_READ]),
        "results": st.sampled_from([{}, {"why": results(False)}, PASSED, DONE["results"]]),
    }
)


@given(STATES, st.sampled_from(["taken", "open", "answered"]))
def test_nothing_optional_moves_progress(given_state: dict[str, dict[str, object]], how: str) -> None:
    """With or without an entry check, taken, begun or not, and with any survey answered: the same progress."""
    more = {
        "taken": {"results": {**given_state["results"], "entry": results(True)}},
        "open": {"open": {"entry": "id"}},
        "answered": {"surveys": dict.fromkeys((*OCCASIONS, "entry"), "answered"), "ask_at": AGO},
    }[how]
    plain = assess(LIBRARY, COURSE, known(**given_state), NOW)
    optional = assess(WITH_ENTRY, ASKING, known(**{**given_state, **more}), NOW)
    assert replace(optional, entry=None) == plain
    assert optional.quizzes == plain.quizzes
