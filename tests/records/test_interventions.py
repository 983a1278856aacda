"""What administrators change of one learner: names, links between accounts, and that linked accounts count once."""

import uuid
from collections import Counter
from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.records import doubles, interventions, people, reading, standing, tallies, timeline
from app.records.engine import open_session
from app.records.interventions import Changed, Unfit
from tests.records.samples import COURSE, ISSUER, LIBRARY, NOW, SECTIONS, complete, join, later, read_all, tallied

BY = uuid.UUID(int=7)
WHY = "the same passport"
ANA = ("Ana Moana", "Ana Moana")


def test_a_name_is_corrected_with_its_reason_until_a_certificate_carries_it(session: Session) -> None:
    person = join(session)
    assert interventions.correct_name(session, person, ANA, ("Anna Moana", "Anna"), "asked by phone", BY, NOW)
    assert not interventions.correct_name(session, person, ANA, ("Anna Moana", "Anna"), "second press", BY, NOW)
    [kept] = interventions.of_person(session, person)
    assert (kept.deed, kept.before, kept.reason, kept.by) == ("name", "Ana Moana / Ana Moana", "asked by phone", BY)
    with pytest.raises(Changed):
        interventions.correct_name(session, person, ANA, ("Hanna", ""), "saw the old name", BY, NOW)
    with pytest.raises(ValueError, match="printed"):
        interventions.correct_name(session, person, ("Anna Moana", "Anna"), (" ", ""), "empty", BY, NOW)
    complete(session, person)
    with pytest.raises(people.NameFixed):
        interventions.correct_name(session, person, ("Anna Moana", "Anna"), ("Hanna", ""), "late", BY, NOW)
    assert (people.get(session, person).name, len(people.export_data(session, person)["changes_by_others"])) == (
        "Anna Moana",
        1,
    )


def test_accounts_of_one_person_form_no_chain_and_no_circle(session: Session) -> None:
    one, two, three = (join(session, login) for login in ("one", "two", "three"))
    interventions.link(session, two, one, WHY, BY, NOW)
    tried = {
        "self": (one, one),
        "unknown": (three, BY),
        "linked": (two, three),
        "main": (three, two),
        "chain": (one, three),
    }
    for why, (person, main) in tried.items():
        with pytest.raises(Unfit, match=why):
            interventions.link(session, person, main, WHY, BY, NOW)
    interventions.link(session, three, one, WHY, BY, NOW)
    found = interventions.accounts(session, people.get(session, two))
    assert (found.main and found.main.id, [one.id for one in found.others]) == (one, [three])
    assert interventions.unlink(session, two, "was another", BY, NOW) == one
    with pytest.raises(Unfit):
        interventions.unlink(session, two, WHY, BY, NOW)
    assert [row.deed for row in interventions.of_person(session, two)] == ["link", "unlink"]
    assert interventions.accounts(session, people.get(session, two)) == (None, ())


def test_linked_accounts_count_as_one_person_and_keep_what_is_theirs(session: Session) -> None:
    one, two = join(session, "one"), join(session, "two", country="TV")
    complete(session, one)
    read_all(session, two, later(days=1))
    before, facts = tallied(session), standing.facts(session, two, COURSE)
    assert (before["enrolled"], before["started"], before["completion"]) == (2, 2, 1)
    interventions.link(session, two, one, WHY, BY, NOW)
    alone = tallied(session)
    assert (alone["enrolled"], alone["started"], alone["completion"]) == (1, 1, 1)
    assert alone["certificate"] == before["certificate"]
    assert standing.facts(session, two, COURSE) == facts
    complete(session, two)  # what a linked account does later is seen by the timer
    doubles.settle(session, UTC)
    assert tallied(session)["completion"] == 1
    people.change_profile(session, two, {"country": "KH"}, NOW)
    assert tallied(session)["enrolled"] == 1
    assert all(n >= 0 for n in tallies.counted(session).values())
    assert standing.compare(session) == []
    interventions.unlink(session, two, "was another", BY, NOW)
    assert (tallied(session)["enrolled"], tallied(session)["completion"]) == (2, 2)
    assert standing.compare(session) == []


@pytest.mark.parametrize("first", [True, False])
def test_erasing_one_of_two_linked_accounts_leaves_every_count(session: Session, first: bool) -> None:
    one, two = join(session, "one"), join(session, "two", country="TV")
    read_all(session, one)
    complete(session, two)
    interventions.link(session, two, one, WHY, BY, NOW)
    before = tallies.counted(session)
    people.erase(session, one if first else two, NOW, keep_certificates=True)
    assert tallies.counted(session) == before
    assert standing.compare(session) == []
    assert doubles.recorded(session) == Counter()


DEEDS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["link", "unlink", "read", "move", "erase"])), max_size=8)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEEDS)
def test_no_order_of_deeds_makes_the_counts_differ_from_the_facts(engine: Engine, deeds: list[tuple[int, str]]) -> None:
    with open_session(engine, write=True) as session:
        ids = [join(session, f"p{number}") for number in range(4)]
        for place, (number, deed) in enumerate(deeds):
            person, other = ids[number], ids[(number + 1) % 4]
            if people.find(session, person) is None:
                continue
            if deed == "link" and people.find(session, other):
                try:
                    interventions.link(session, person, other, WHY, BY, NOW)
                except Unfit:
                    continue
            elif deed == "unlink" and people.get(session, person).same_as:
                interventions.unlink(session, person, WHY, BY, NOW)
            elif deed == "read":
                module, section = SECTIONS[0]
                reading.mark_read(session, LIBRARY, person, COURSE, module, section, later(days=place), "en", ISSUER)
            elif deed == "move":
                people.change_profile(session, person, {"country": "TV"}, NOW)
            elif deed == "erase":
                people.erase(session, person, NOW, keep_certificates=False)
        doubles.settle(session, UTC)
        assert standing.compare(session) == []
        session.rollback()


def test_a_timeline_tells_everything_once_the_newest_first(session: Session) -> None:
    person, other = join(session), join(session, "other")
    complete(session, person)
    interventions.link(session, other, person, WHY, BY, later(days=3))
    events = timeline.of_person(session, people.get(session, person))
    kinds = Counter(one.kind for one in events)
    assert kinds == {"joined": 1, "enrolled": 1, "read": 2, "handed_in": 2, "certificate": 2, "act": 1}
    assert [one.at for one in events] == sorted((one.at for one in events), reverse=True)
    assert (events[0].about["other"], events[0].about["reason"]) == (other, WHY)
    assert {one.about["n"] for one in events if one.kind == "read"} == {2}
