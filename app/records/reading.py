"""Enrolment, and the sections that a learner has read."""

import uuid
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.core.certificates import Issuer
from app.core.content import Library
from app.core.progress import Facts
from app.records import certificates, hot, locks, standing, steps, tallies, versions
from app.records.keys import new_id
from app.records.models import Enrolment, Reading
from app.records.profiles import profile_of
from app.records.sql import Plain, insert_into

ENROL = Plain(insert_into(Enrolment, "ON CONFLICT (person_id, course) DO NOTHING RETURNING id"))
ADD = Plain(insert_into(Reading, "ON CONFLICT (person_id, module, section) DO NOTHING RETURNING at"))


def enrol(
    session: Session,
    library: Library,
    person_id: uuid.UUID,
    course_id: str,
    now: datetime,
    cohort: uuid.UUID | None = None,
) -> bool:
    """Start a course; says whether that was new. Raises LookupError for a course that the library lacks."""
    course = library.courses[course_id]
    locks.enrolment(session, person_id, course.id)
    is_new = standing.facts(session, person_id, course.id).enrolled_at is None
    enter(session, person_id, course.id, now, cohort)
    return is_new


def enter(session: Session, person_id: uuid.UUID, course: str, now: datetime, cohort: uuid.UUID | None = None) -> Facts:
    """Begin an act of this learner in this course: enrol her if need be (by a cohort), hold her enrolment, and tell her
    facts."""
    locks.enrolment(session, person_id, course)
    facts = standing.facts(session, person_id, course)
    if facts.enrolled_at is not None:
        return facts
    row = {"id": new_id(), "person_id": person_id, "course": course, "at": now, "cohort": cohort}
    if hot.first(session, ENROL, row) is None:
        return _enter_again(session, person_id, course)
    profile = profile_of(locks.known(session, person_id))
    tallies.add(session, {tallies.cell(course, tallies.ENROLLED, now, profile): 1})
    facts = Facts(enrolled_at=now)
    standing.store(session, person_id, course, facts)
    return facts


def _enter_again(session: Session, person_id: uuid.UUID, course: str) -> Facts:
    """The facts of somebody enrolled by an act that was faster, or whose standing was lost: then it is made anew."""
    locks.enrolment(session, person_id, course)
    facts = standing.facts(session, person_id, course)
    if facts.enrolled_at is None:
        facts = standing.recount(session, person_id, course)
        standing.store(session, person_id, course, facts)
    return facts


def count_start(session: Session, person_id: uuid.UUID, course: str, facts: Facts, now: datetime) -> None:
    """Count a learner as having started, when these facts say that nothing was read or tried so far."""
    if not (facts.readings or facts.results or facts.open):
        profile = profile_of(locks.known(session, person_id))
        tallies.add(session, {tallies.cell(course, tallies.STARTED, now, profile): 1})


def mark_read(
    session: Session,
    library: Library,
    person_id: uuid.UUID,
    course_id: str,
    module: str,
    section: str,
    now: datetime,
    language: str,
    issuer: Issuer,
) -> tuple[str, ...]:
    """Remember the first finish of a section; returns the numbers of the certificates that this made due.

    Raises LookupError for a section that this course lacks.
    """
    course = library.courses[course_id]
    read = library.section(module, section) if module in course.modules else None
    if read is None:
        raise LookupError(f"{course_id} has no section {module}/{section}")
    facts = enter(session, person_id, course.id, now)
    key = f"{module}/{section}"
    if key in facts.readings:
        return ()
    versions.remember_section(session, read, now)
    row = {"person_id": person_id, "module": module, "section": section, "course": course.id}
    hot.rows(session, ADD, row | {"version": read.version, "at": now})
    count_start(session, person_id, course.id, facts, now)
    steps.read(session, person_id, course.id, key, now)  # after the tallies, as everywhere: nobody waits in a circle
    facts = replace(facts, readings={**facts.readings, key: read.version}, last=key)
    facts, issued = certificates.issue_due(
        session, library, person_id, course, facts, now, language, issuer, f"section {key}"
    )
    standing.store(session, person_id, course.id, facts)
    return issued
