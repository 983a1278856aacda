"""What is derived agrees with the facts; where it does not, the comparison says so and a rebuild mends it."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core.progress import Facts
from app.records import attempts, people, reading, standing, tallies
from app.records.engine import open_session
from tests.records.samples import COURSE, FINAL, ISSUER, LIBRARY, NOW, QUIZ, SECTIONS, complete, join, later, take


def test_somebody_who_has_not_begun_has_empty_facts(session: Session) -> None:
    person = join(session)
    assert standing.facts(session, person, COURSE) == Facts()
    assert standing.recount(session, person, COURSE) == Facts()
    assert standing.compare(session) == []


def test_facts_survive_packing(session: Session) -> None:
    person = join(session)
    complete(session, person)
    facts = standing.facts(session, person, COURSE)
    assert standing.unpack(standing.pack(facts)) == facts == standing.recount(session, person, COURSE)


def test_differences_are_named_and_mended_by_a_rebuild(session: Session) -> None:
    person, other = join(session), join(session, "other")
    complete(session, person)
    reading.enrol(session, LIBRARY, other, COURSE, NOW)
    stranger = join(session, "stranger")
    session.execute(text("UPDATE tally SET n = n + 1 WHERE measure = 'started'"))
    session.execute(text("DELETE FROM standing"))
    standing.store(session, stranger, COURSE, Facts(enrolled_at=NOW))
    assert sorted(standing.compare(session)) == sorted(
        [
            f"the standing of {person} in {COURSE} is not what the facts say",
            f"the standing of {other} in {COURSE} is not what the facts say",
            f"the standing of {stranger} in {COURSE} has no facts",
            *[
                line
                for line in standing.compare(session)
                if line.startswith("the tally islands started 2026-11 FJ woman")
            ],
        ]
    )
    assert len(standing.compare(session)) == 4
    standing.rebuild(session)
    assert standing.compare(session) == []
    assert len(standing.facts(session, person, COURSE).completions) == 2


def test_months_are_those_of_the_time_zone(session: Session) -> None:
    fiji = ZoneInfo("Pacific/Fiji")
    night = NOW.replace(month=10, day=31, hour=20).astimezone(fiji)
    reading.enrol(session, LIBRARY, join(session), COURSE, night)
    assert {key[2] for key in tallies.counted(session)} == {"2026-11"}
    assert standing.compare(session, fiji) == []
    assert len(standing.compare(session, UTC)) == 10  # the count under two months, and so in all four tables of sums
    people.change_profile(session, one_person(session), {"country": "TO"}, later(days=1).astimezone(fiji))
    assert standing.compare(session, fiji) == []


def one_person(session: Session):
    found = people.find_login(session, "ana")
    assert found is not None
    return found.id


ACTS = st.lists(
    st.tuples(st.sampled_from(["read", "try", "fail", "open", "move", "erase", "final"]), st.integers(0, 3)),
    max_size=14,
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_two_learners_do_standings_and_tallies_agree_with_the_facts(
    engine: Engine, acts: list[tuple[str, int]]
) -> None:
    live(engine, acts)


@pytest.mark.prove
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_four_hundred_lives_leave_standings_and_tallies_right(engine: Engine, acts: list[tuple[str, int]]) -> None:
    live(engine, acts)


def live(engine: Engine, acts: list[tuple[str, int]]) -> None:
    """Two people act in turn; completions only ever grow, except by an erasure."""
    with open_session(engine, write=True) as session:
        people_of = {0: join(session, "ana"), 1: join(session, "bela", sex="man", country="TO", organisation="")}
        for place, (act, n) in enumerate(acts):
            now, person = later(days=2 * place), people_of[n % 2]
            before = standing.facts(session, person, COURSE).completions
            if act == "erase":
                people.erase(session, person, now, keep_certificates=bool(n // 2))
                people_of[n % 2] = join(session, f"new{place}")
            else:
                perform(session, person, act, n, now)
                assert before.items() <= standing.facts(session, person, COURSE).completions.items()
            assert standing.compare(session) == []


def perform(session: Session, person, act: str, n: int, now) -> None:
    facts = standing.facts(session, person, COURSE)
    quiz = FINAL if act == "final" else QUIZ
    number = len(facts.results.get(quiz, ())) + 1
    if act == "read":
        reading.mark_read(session, LIBRARY, person, COURSE, *SECTIONS[n], now, "en", ISSUER)
    elif act == "move":
        people.change_profile(session, person, {"country": ("FJ", "TO", "", "KI")[n], "language": "fr"}, now)
    elif quiz in facts.open or (quiz == QUIZ and number <= 3) or (quiz == FINAL and passed(facts)):
        if act == "open":
            attempts.open_attempt(session, LIBRARY, person, quiz, number, "seed", now)
        else:
            take(session, person, quiz, number, now, right=act != "fail")


def passed(facts: Facts) -> bool:
    return any(result.passed for result in facts.results.get(QUIZ, ()))
