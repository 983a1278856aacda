"""Further editions: a corrected name revokes the one before, a renewal leaves it to expire; identities are frozen."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.certificates import RECORD_KEYS
from app.records import attempts, certificates, editions, identities, learners, people, places, standing, tallies
from app.records.certificates import Issued
from app.records.editions import Decided, Refused
from tests.records.samples import (
    COURSE,
    FINAL,
    ISSUER,
    LIBRARY,
    NOW,
    complete,
    join,
    later,
    read_all,
    right_answers,
)

CLERK, OTHER = uuid.UUID(int=7), uuid.UUID(int=8)


def found(session: Session, number: str, days: float = 0) -> Issued:
    one = certificates.find(session, number, later(days=days))
    assert one is not None
    return one


def record(session: Session, number: str) -> dict[str, Any]:
    kept = found(session, number).record
    assert kept is not None
    assert set(kept) == set(RECORD_KEYS)
    return kept


def asked(session: Session, person: uuid.UUID, name: str, latin: str = "") -> uuid.UUID:
    editions.ask(session, person, name, latin, "a slip", NOW)
    wish = editions.wish_of(session, person)
    assert wish is not None
    return wish.id


def bits(session: Session, number: str) -> bool:
    place = places.of(session, number)
    assert place is not None
    return place[1] in places.gone(session, place[0]).places


def test_a_corrected_name_issues_anew_and_revokes_in_one_act(session: Session) -> None:
    person = join(session, name_latin="")
    old = complete(session, person)
    counts = tallies.counted(session)
    request = asked(session, person, "Anna Moana")
    assert [one.scale for one in editions.waiting(session)] == ["spelling"]
    done = editions.agree(session, request, CLERK, "shown her passport", later(days=3))
    assert (done.person_id, len(done.numbers), done.second) == (person, 2, False)
    for before, after in zip(
        sorted(old, key=lambda no: found(session, no).kind),
        sorted(done.numbers, key=lambda no: found(session, no).kind),
        strict=True,
    ):
        first, second = found(session, before), found(session, after)
        assert (first.status, first.reason, first.successor, first.predecessor) == ("revoked", "name", after, None)
        assert (second.status, second.successor, second.predecessor) == ("valid", None, before)
        assert first.revoked_at == second.at == later(days=3)
        changed = {key for key in RECORD_KEYS if record(session, before)[key] != record(session, after)[key]}
        assert changed == {"number", "edition", "name", "replaces", "reason"}
        assert (record(session, after)["edition"], record(session, after)["name"]) == (2, "Anna Moana")
        assert (bits(session, before), bits(session, after)) == (True, False)
    assert {one.number for one in certificates.of_person(session, person, NOW)} == set(done.numbers)
    assert people.get(session, person).name == "Anna Moana"
    assert [one.person.id for one in learners.search(session, "anna").rows] == [person]
    assert set(standing.facts(session, person, COURSE).completions.values()) == set(done.numbers)
    assert standing.compare(session) == []
    assert tallies.counted(session) == counts
    assert editions.waiting(session) == []
    row = session.execute(text("SELECT kind, act, reason FROM reissue")).all()
    assert {tuple(one) for one in row} == {("name", f"request {request}", "shown her passport")}
    with pytest.raises(Refused, match="gone"):
        editions.agree(session, request, CLERK, "again", NOW)


def test_a_clock_that_was_set_back_harms_no_certificate(session: Session) -> None:
    """What was issued "tomorrow" is valid today, and a correction made before the issue is still the newer one."""
    person = join(session, name_latin="")
    old = complete(session, person)
    assert {found(session, number, days=-3).status for number in old} == {"valid"}
    done = editions.agree(session, asked(session, person, "Anna Moana"), CLERK, "shown her passport", later(days=-3))
    assert [found(session, number, days=-3).status for number in (*old, *done.numbers)] == ["revoked"] * 2 + [
        "valid"
    ] * 2
    assert {record(session, number)["edition"] for number in done.numbers} == {2}
    assert {one.number for one in certificates.of_person(session, person, later(days=-3))} == set(done.numbers)
    assert {bits(session, number) for number in old} == {True}


def test_more_than_spelling_needs_a_second_administrator(session: Session) -> None:
    person = join(session, name_latin="")
    (old,) = read_all(session, person)
    request = asked(session, person, "Ana Tupou")
    assert [one.scale for one in editions.waiting(session)] == ["other"]
    assert editions.agree(session, request, CLERK, "married", NOW) == Decided(person, second=True)
    assert found(session, old).status == "valid"
    with pytest.raises(Refused, match="second"):
        editions.agree(session, request, CLERK, "married", NOW)
    with pytest.raises(Refused, match="own"):
        editions.agree(session, request, person, "me", NOW)
    (new,) = editions.agree(session, request, OTHER, "seen the register", NOW).numbers
    assert (found(session, old).successor, record(session, new)["name"]) == (new, "Ana Tupou")
    row = session.execute(text("SELECT reason FROM reissue")).scalar_one()
    assert row == "married; seen the register"


def test_a_request_that_changes_begins_anew(session: Session) -> None:
    person = join(session, name_latin="")
    read_all(session, person)
    first = asked(session, person, "Ana Tupou")
    editions.agree(session, first, CLERK, "married", NOW)
    second = asked(session, person, "Sina Tupou")
    with pytest.raises(Refused, match="gone"):
        editions.agree(session, first, OTHER, "seen", NOW)
    assert editions.agree(session, second, OTHER, "seen", NOW).second is True
    assert (editions.close(session, second), editions.close(session, second)) == (person, None)
    assert editions.how_many(session) == 0


def test_small_steps_add_up(session: Session) -> None:
    person = join(session, name_latin="")
    read_all(session, person)
    for name, second in (("Anna Moana", False), ("Anne Moana", False), ("Anne Moane", True)):
        assert editions.agree(session, asked(session, person, name), CLERK, "", NOW).second is second


@pytest.mark.parametrize(("name", "reason"), [("Ana  Moana ", "same"), (" \u202e", "empty")])
def test_what_is_no_correction(session: Session, name: str, reason: str) -> None:
    person = join(session, name_latin="")
    with pytest.raises(Refused, match=reason):
        editions.ask(session, person, name, "", "", NOW)


# Expiry and renewal

VALID = {"every_quiz_passed": True, "final_passed": True, "valid_years": 2}
EXPIRING = replace(LIBRARY, courses={COURSE: replace(LIBRARY.courses[COURSE], completion=VALID)})
NEWER = replace(
    EXPIRING,
    courses={COURSE: replace(EXPIRING.courses[COURSE], version="2.0")},
    quizzes={**EXPIRING.quizzes, FINAL: replace(EXPIRING.quizzes[FINAL], version="another")},
    release="release-2",
)


def sit(session: Session, person: uuid.UUID, quiz: str, number: int, days: float, **more: Any) -> tuple[str, ...]:
    library, opened = more.get("library", NEWER), more.get("opened_in", more.get("library", NEWER))
    now = later(days=days)
    attempt = attempts.open_attempt(session, opened, person, quiz, number, f"seed {number}", now)
    for question, letter in right_answers(attempts.paper_of(attempt)).items() if more.get("right", True) else ():
        attempts.save_answer(session, attempt.id, person, question, letter, "en", 5, 1, now)
    numbers = attempts.hand_in(session, library, person, attempt.id, now, "en", ISSUER).certificates
    assert attempts.hand_in(session, library, person, attempt.id, now, "en", ISSUER).certificates == numbers
    return numbers


def graduate(session: Session) -> tuple[uuid.UUID, str]:
    person = join(session, name_latin="")
    sit(session, person, "rights-quiz", 1, 0, library=EXPIRING)
    return person, sit(session, person, FINAL, 1, 0, library=EXPIRING)[0]


def test_a_pass_of_the_current_final_renews_what_expires(session: Session) -> None:
    person, old = graduate(session)
    assert record(session, old)["expiry"] == "2028-11-22"
    assert sit(session, person, FINAL, 2, 300) == ()  # too early
    assert sit(session, person, FINAL, 3, 700, right=False) == ()
    (new,) = sit(session, person, FINAL, 4, 702)
    fresh = record(session, new)
    assert (fresh["edition"], fresh["version"], fresh["replaces"], fresh["reason"]) == (2, "2.0", old, "renewal")
    assert (fresh["date"], fresh["expiry"]) == ("2028-10-24", "2030-10-24")
    assert [found(session, one, 702).status for one in (old, new)] == ["valid", "valid"]
    assert [found(session, one, 740).status for one in (old, new)] == ["expired", "valid"]
    assert (found(session, old).successor, found(session, new).predecessor) == (new, old)
    assert (bits(session, old), bits(session, new)) == (False, False)
    assert standing.facts(session, person, COURSE).completions["completion"] == new
    assert standing.compare(session) == []
    assert tuple(session.execute(text("SELECT kind, release FROM reissue")).one()) == ("renewal", "release-2")
    assert sit(session, person, FINAL, 5, 800) == ()


def test_what_renews_nothing(session: Session) -> None:
    person, old = graduate(session)
    assert sit(session, person, FINAL, 2, 800, opened_in=EXPIRING) == ()  # a final of the version before
    assert sit(session, person, "rights-quiz", 2, 800) == ()
    certificates.revoke(session, old, "rules", CLERK, later(days=801))
    assert sit(session, person, FINAL, 3, 802) == ()
    assert found(session, old, 803).reason == "rules"


def test_an_expired_one_is_renewed_and_then_corrected_alone(session: Session) -> None:
    person, old = graduate(session)
    (renewed,) = sit(session, person, FINAL, 2, 900)
    (corrected,) = editions.agree(session, asked(session, person, "Anna Moana"), CLERK, "", later(days=901)).numbers
    assert [found(session, one, 902).status for one in (old, renewed, corrected)] == ["expired", "revoked", "valid"]
    assert (record(session, corrected)["edition"], record(session, corrected)["expiry"]) == (3, "2031-05-10")


# Identities


def test_a_confirmed_identity_is_frozen_into_what_is_issued_later(session: Session) -> None:
    person = join(session, name_latin="")
    day = NOW.date()
    assert identities.confirm(session, person, COURSE, " Ministry  of Rivers ", day, CLERK, NOW) is True
    assert identities.confirm(session, person, COURSE, "Ministry of Rivers", day, CLERK, NOW) is False
    assert identities.confirm(session, person, "another", "Office", day, None, NOW) is True
    (first,) = read_all(session, person)
    assert record(session, first)["identity"] == {"office": "Ministry of Rivers", "date": "2026-11-21"}
    assert identities.take_back(session, person, COURSE, CLERK, NOW) is True
    assert identities.take_back(session, person, COURSE, CLERK, NOW) is False
    assert list(identities.of_person(session, person)) == ["another"]
    sit(session, person, "rights-quiz", 1, 0, library=LIBRARY)
    assert record(session, sit(session, person, FINAL, 1, 0, library=LIBRARY)[0])["identity"] == "self-declared"
    assert record(session, first)["identity"] != "self-declared"


@pytest.mark.parametrize(("office", "days"), [("", 0), (" \u202e", 0), ("x" * 201, 0), ("Office", 1)])
def test_what_confirms_nobody(session: Session, office: str, days: int) -> None:
    person = join(session)
    with pytest.raises(ValueError, match="no identity confirmed"):
        identities.confirm(session, person, COURSE, office, NOW.date() + timedelta(days=days), None, NOW)
