"""Completions and certificates: written once, with the person as she was, found by number."""

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.certificates import RECORD_KEYS, Issuer, normalise_number
from app.records import attempts, certificates, people, reading, standing
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
    read_all,
    take,
)


def test_both_certificates_are_issued_by_the_acts_that_made_them_due(session: Session) -> None:
    person = join(session)
    participation = read_all(session, person)
    assert take(session, person, QUIZ, 1).certificates == ()
    completion = take(session, person, FINAL, 1, later(hours=1)).certificates
    found = certificates.of_person(session, person, NOW)
    assert [(one.kind, one.number, one.status) for one in found] == [
        ("participation", participation[0], "valid"),
        ("completion", completion[0], "valid"),
    ]
    assert certificates.find(session, completion[0], NOW) == found[1]
    assert [normalise_number(one.number) for one in found] == [one.number for one in found]


def test_the_public_record_holds_its_keys_and_no_more(session: Session) -> None:
    person = join(session)
    numbers = complete(session, person)
    found = certificates.find(session, numbers[1], NOW)
    assert found is not None
    assert found.record is not None
    assert set(found.record) == set(RECORD_KEYS)
    assert (found.record["name"], found.record["version"], found.record["date"]) == ("Ana Moana", "1.0", "2026-11-22")
    assert found.record["timezone"] == "Pacific/Fiji"
    assert (found.record["trial"], found.record["demonstration"], found.record["edition"]) == (False, False, 1)
    told = str(found.record | {"number": ""})  # whose letters are drawn, and could be those of a country
    assert [private for private in ("woman", "FJ", "35-44", "labour") if private in told] == []


def test_a_completion_keeps_the_person_the_rule_and_the_evidence_as_they_were(session: Session) -> None:
    person = join(session)
    take(session, person, QUIZ, 1, right=False)
    take(session, person, QUIZ, 2)
    take(session, person, FINAL, 1)
    people.change_profile(session, person, {"country": "TO", "sex": "man", "age_band": "55-over"}, later(days=1))
    columns = "country, sex, ministry_type, age_band, language, course_version, release, rule, evidence"
    row = session.execute(text(f"SELECT {columns} FROM completion")).one()
    assert tuple(row)[:7] == ("FJ", "woman", "labour", "35-44", "en", "1.0", "release-1")
    assert msgspec.json.decode(row.rule)["quiz_pass_mark"] == 70
    evidence = msgspec.json.decode(row.evidence)
    assert evidence["quizzes"] == {QUIZ: [[1, 0, False], [2, 10000, True]], FINAL: [[1, 10000, True]]}
    assert evidence["act"].startswith("attempt ")


@pytest.mark.parametrize(
    ("person", "issuer", "status"),
    [
        ({"demo": True}, ISSUER, "demonstration"),
        ({}, replace(ISSUER, trial=True), "trial"),
        ({}, Issuer(), "sample"),
        ({}, ISSUER, "valid"),
    ],
)
def test_what_certifies_nothing_says_so(session: Session, person: dict[str, bool], issuer: Issuer, status: str) -> None:
    id = join(session, **person)
    library = replace(LIBRARY, modules={**LIBRARY.modules})
    number = ()
    for module, section in (("welcome", "start"), ("welcome", "tour"), ("rights", "law"), ("rights", "duty")):
        number = reading.mark_read(session, library, id, COURSE, module, section, NOW, "en", issuer)
    found = certificates.find(session, number[0], NOW)
    assert found is not None
    assert found.status == status


def test_a_certificate_expires_in_its_own_time_zone(session: Session) -> None:
    course = replace(LIBRARY.courses[COURSE], participation={"every_section_read": True, "valid_years": 1})
    library = replace(LIBRARY, courses={COURSE: course})
    person = join(session)
    for module, section in (("welcome", "start"), ("welcome", "tour"), ("rights", "law"), ("rights", "duty")):
        numbers = reading.mark_read(session, library, person, COURSE, module, section, NOW, "en", ISSUER)
    moments = {later(days=364): "valid", later(days=365, hours=11): "valid", later(days=366): "expired"}
    for moment, status in moments.items():
        found = certificates.find(session, numbers[0], moment)
        assert found is not None
        assert found.status == status


def test_a_revoked_certificate_says_so_and_stays(session: Session) -> None:
    numbers = complete(session, join(session))
    assert certificates.revoke(session, numbers[0], "a mistake", None, NOW, successor=numbers[1]) is True
    assert certificates.revoke(session, numbers[0], "again", None, NOW) is False
    found = certificates.find(session, numbers[0], NOW)
    assert found is not None
    assert (found.status, found.successor) == ("revoked", numbers[1])
    with pytest.raises(LookupError, match="no certificate has the number"):
        certificates.revoke(session, "LON-0000-0000-0000", "none", None, NOW)


def test_a_number_that_was_never_issued_is_unknown(session: Session) -> None:
    complete(session, join(session))
    assert certificates.find(session, "LON-0000-0000-0000", NOW) is None


def test_what_is_due_again_is_granted_once(session: Session) -> None:
    person = join(session)
    numbers = complete(session, person)
    forgetful = replace(standing.facts(session, person, COURSE), completions={})
    course = LIBRARY.courses[COURSE]
    facts, issued = certificates.issue_due(session, LIBRARY, person, course, forgetful, NOW, "en", ISSUER, "again")
    assert issued == ()
    assert set(facts.completions.values()) == set(numbers)
    assert standing.compare(session) == []


def test_a_later_release_makes_no_second_completion(session: Session) -> None:
    person = join(session)
    numbers = complete(session, person)
    newer = replace(LIBRARY.courses[COURSE], version="2.0", completion={"every_section_read": True})
    library = replace(LIBRARY, courses={COURSE: newer}, release="release-2")
    attempt = attempts.open_attempt(session, library, person, QUIZ, 2, "seed", NOW)
    assert attempts.hand_in(session, library, person, attempt.id, NOW, "en", ISSUER).certificates == ()
    assert [one.number for one in certificates.of_person(session, person, NOW)] == list(numbers)
