"""Enrolling and reading sections."""

import uuid

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.content import Section, digest
from app.core.progress import Facts
from app.records import certificates, reading, standing, versions
from tests.records.samples import COURSE, ISSUER, LIBRARY, NOW, SECTIONS, join, later, read_all, tallied


def mark(session: Session, person: uuid.UUID, module: str, section: str, now: object = NOW) -> tuple[str, ...]:
    return reading.mark_read(session, LIBRARY, person, COURSE, module, section, now, "en", ISSUER)


def test_enrolling_twice_is_enrolling_once(session: Session) -> None:
    person = join(session)
    assert reading.enrol(session, LIBRARY, person, COURSE, NOW) is True
    assert reading.enrol(session, LIBRARY, person, COURSE, NOW) is False
    assert reading.enrol(session, LIBRARY, person, COURSE, later(days=1)) is False
    assert standing.facts(session, person, COURSE) == Facts(enrolled_at=NOW)
    assert tallied(session) == {"enrolled": 1}


def test_the_first_finish_of_a_section_counts(session: Session) -> None:
    person = join(session)
    mark(session, person, "welcome", "start")
    mark(session, person, "welcome", "tour", later(hours=1))
    mark(session, person, "welcome", "start", later(hours=2))
    facts = standing.facts(session, person, COURSE)
    one, two = (LIBRARY.section("welcome", id) for id in ("start", "tour"))
    assert one is not None
    assert two is not None
    assert facts.readings == {"welcome/start": one.version, "welcome/tour": two.version}
    assert (facts.last, facts.enrolled_at) == ("welcome/tour", NOW)
    assert tallied(session) == {"enrolled": 1, "started": 1}
    assert standing.compare(session) == []


def test_the_section_is_kept_as_it_was_read(session: Session) -> None:
    person = join(session)
    mark(session, person, "rights", "law")
    section = LIBRARY.section("rights", "law")
    assert section is not None
    assert versions.section(session, section.version) == section
    assert versions.section(session, "0" * 32) is None


def test_the_key_of_a_kept_version_is_the_hash_of_its_content(session: Session) -> None:
    mark(session, join(session), "rights", "law")
    row = session.execute(text("SELECT hash, content FROM version")).one()
    assert digest(msgspec.json.decode(row.content, type=Section)) == row.hash


@pytest.mark.parametrize(
    ("course", "module", "section"),
    [
        (COURSE, "welcome", "law"),
        (COURSE, "nowhere", "start"),
        ("other", "welcome", "start"),
    ],
)
def test_a_section_that_the_course_lacks_is_refused(session: Session, course: str, module: str, section: str) -> None:
    person = join(session)
    with pytest.raises(LookupError):
        reading.mark_read(session, LIBRARY, person, course, module, section, NOW, "en", ISSUER)
    assert standing.facts(session, person, COURSE) == Facts()


def test_the_last_section_brings_the_confirmation_of_participation_once(session: Session) -> None:
    person = join(session)
    numbers = read_all(session, person)
    assert len(numbers) == 1
    assert mark(session, person, *SECTIONS[-1]) == ()
    found = certificates.find(session, numbers[0], NOW)
    assert found is not None
    assert (found.kind, found.course, found.status) == ("participation", COURSE, "valid")
    assert standing.facts(session, person, COURSE).completions == {"participation": numbers[0]}
    assert tallied(session) == {"enrolled": 1, "started": 1, "participation": 1, "certificate": 1}


def test_a_lost_standing_is_made_anew_by_the_next_act(session: Session) -> None:
    person = join(session)
    mark(session, person, "welcome", "start")
    session.execute(text("DELETE FROM standing"))
    mark(session, person, "welcome", "tour", later(hours=1))
    assert standing.compare(session) == []
    assert tallied(session) == {"enrolled": 1, "started": 1}
