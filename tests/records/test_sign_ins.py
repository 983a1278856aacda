"""Sessions, codes and throttles."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.records import codes, keys, people, reading, sign_ins, standing, throttles
from app.records.engine import open_session
from tests.letters import LETTERS
from tests.records.samples import COURSE, LIBRARY, NOW, join, later


def test_a_sign_in_is_found_by_its_token_with_person_and_standing(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        person = join(session, demo=True, language="fr")
        token = keys.hash_of(sign_ins.start(session, person, "shared", NOW))
        reading.enrol(session, LIBRARY, person, COURSE, NOW)
        packed = standing.pack(standing.facts(session, person, COURSE))
        session.commit()
        wanted = (token, "shared", NOW, NOW, person, "Ana Moana", "learner", "fr", None, True)
        assert sign_ins.find(session, token) == (*wanted, None)
        assert sign_ins.find_with_standing(session, token, COURSE) == (*wanted, packed)
    assert sign_ins.find_with_standing(engine, token, COURSE) == (*wanted, packed)
    assert sign_ins.find_with_standing(engine, token, "other") == (*wanted, None)
    assert sign_ins.find_with_standing(engine, keys.hash_of("guess"), COURSE) is None


def test_the_database_holds_no_token(session: Session) -> None:
    token = sign_ins.start(session, join(session), "own", NOW)
    assert session.execute(text("SELECT token_hash FROM session")).scalar() == keys.hash_of(token) != token


def test_the_short_way_tells_of_a_closed_account_with_the_same_moment(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        person = join(session)
        people.disable(session, person, later(hours=1))
        token = keys.hash_of(sign_ins.start(session, person, "own", NOW))
        session.commit()
        found = sign_ins.find(session, token)
    assert found is not None
    assert found.disabled_at == later(hours=1)
    short = sign_ins.find_with_standing(engine, token, "")
    assert short == found
    assert short.started_at.tzinfo == found.started_at.tzinfo == UTC


def test_a_sign_in_ends_at_once(session: Session) -> None:
    person, other = join(session), join(session, "other")
    one, two, three = (keys.hash_of(sign_ins.start(session, person, "own", NOW)) for _ in range(3))
    strange = keys.hash_of(sign_ins.start(session, other, "own", NOW))

    def alive() -> list[bool]:
        return [sign_ins.find(session, token) is not None for token in (one, two, three, strange)]

    sign_ins.end(session, one)
    assert alive() == [False, True, True, True]
    sign_ins.end_all(session, person, but=two)
    assert alive() == [False, True, False, True]
    sign_ins.end_all(session, person)
    assert alive() == [False, False, False, True]


def test_being_seen_is_noted_for_the_session_and_the_person(session: Session) -> None:
    person = join(session)
    token = keys.hash_of(sign_ins.start(session, person, "own", NOW))
    sign_ins.touch(session, token, later(minutes=6))
    sign_ins.touch(session, keys.hash_of("guess"), later(minutes=9))
    found = sign_ins.find(session, token)
    assert found is not None
    assert (found.started_at, found.used_at) == (NOW, later(minutes=6))
    assert people.get(session, person).seen_at == later(minutes=6)


def test_sign_ins_long_unused_are_forgotten(session: Session) -> None:
    person = join(session)
    old, new = (keys.hash_of(sign_ins.start(session, person, "own", at)) for at in (NOW, later(days=61)))
    sign_ins.tidy(session, unused_since=later(days=1))
    assert sign_ins.find(session, old) is None
    assert sign_ins.find(session, new) is not None


# Codes


@pytest.mark.parametrize(
    "write",
    [str, str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("0", "o").replace("1", "l")],
)
def test_a_code_works_once_however_it_is_written(session: Session, write: object) -> None:
    person = join(session)
    code = write(sign_ins.make_code(session, person, "recovery", NOW, None))
    assert [sign_ins.use_code(session, code, NOW, person) for _ in range(2)] == [person, None]


def test_a_code_ends_with_its_time_and_with_the_next_of_its_kind(session: Session) -> None:
    person = join(session)
    short = sign_ins.make_code(session, person, "once", NOW, timedelta(hours=1))
    assert sign_ins.use_code(session, short, later(hours=1), person) is None
    first = sign_ins.make_code(session, person, "recovery", NOW, None)
    mailed = sign_ins.make_code(session, person, "mail", NOW, timedelta(hours=2))
    second = sign_ins.make_code(session, person, "recovery", NOW, None)
    assert [sign_ins.use_code(session, code, NOW) for code in (first, mailed, second)] == [None, person, person]


def test_a_code_is_nobody_elses_and_not_for_a_closed_account(session: Session) -> None:
    person, other = join(session), join(session, "other")
    code = sign_ins.make_code(session, person, "recovery", NOW, None)
    assert sign_ins.use_code(session, code, NOW, other) is None
    people.disable(session, person, NOW)
    assert sign_ins.use_code(session, code, NOW, person) is None
    people.enable(session, person)
    assert sign_ins.use_code(session, code, NOW, person) == person


def test_an_unknown_kind_of_code_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="no code of kind 'gold'"):
        sign_ins.make_code(session, join(session), "gold", NOW, None)


@given(st.text(LETTERS))
def test_reading_a_code_never_fails(typed: str) -> None:
    assert codes.plain(codes.plain(typed)) == codes.plain(typed)


# Throttles


def test_failures_fade_within_the_hour_after_theirs(session: Session) -> None:
    at_eleven_fifty = NOW.replace(hour=11, minute=50, second=0, microsecond=0)
    for _ in range(10):
        sign_ins.add(session, "account:x", at_eleven_fifty)
    counts = {
        minutes: sign_ins.count(session, ["account:x", "other"], at_eleven_fifty + timedelta(minutes=minutes))
        for minutes in (0, 9, 10, 15, 40, 70, 130)
    }
    assert {minutes: found["account:x"] for minutes, found in counts.items()} == {
        0: 10,
        9: 10,
        10: 10,
        15: 10,
        40: 5,
        70: 0,
        130: 0,
    }
    assert counts[0]["other"] == 0


def test_old_counters_are_forgotten(session: Session) -> None:
    sign_ins.add(session, "x", NOW)
    throttles.tidy(session, later(hours=1))
    assert sign_ins.count(session, ["x"], NOW) == {"x": 1}
    throttles.tidy(session, later(hours=2))
    assert sign_ins.count(session, ["x"], NOW) == {"x": 0}
