"""Many certificates at once: the same number of statements for each batch, however many people are in it.

A batch is one transaction. What another node issued meanwhile is left out by the same UNIQUE constraints that the
hand-in relies on, so a run may be stopped, begun again, or run twice at the same time.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.certificates import COMPLETION, Issuer, public_record, rule_of, topics_of
from app.core.content import Course, Library, canonical
from app.core.credentials import any_place
from app.core.progress import Facts, assess
from app.records import certificates, places, standing, step_facts, steps, tallies
from app.records.keys import new_id
from app.records.locks import Known, on_server
from app.records.models import Base, Certificate, Completion, Enrolment
from app.records.profiles import profile_of
from app.records.signing import StatusPlace
from app.records.sql import query, statement

BATCH = 500  # people

PAGE = query(
    "SELECT person_id, packed FROM standing WHERE course = :course AND person_id > :after_id"
    " ORDER BY person_id LIMIT :limit"
)
HOW_MANY = statement("SELECT count(*) FROM standing WHERE course = :course")
HOLD = statement(
    "SELECT id FROM enrolment WHERE course = :course AND person_id IN :people ORDER BY person_id FOR UPDATE"
)
STANDINGS = query("SELECT person_id, packed FROM standing WHERE course = :course AND person_id IN :people")
KNOWN = f"SELECT {', '.join(Known._fields)} FROM person WHERE id IN :people ORDER BY id"
PEOPLE, PEOPLE_HELD = query(KNOWN), query(f"{KNOWN} FOR SHARE")
IDENTITIES = query(
    """
    SELECT person_id, office, day FROM identity_check AS one
    WHERE course = :course AND person_id IN :people AND office <> '' AND number = (
        SELECT max(number) FROM identity_check AS newest
        WHERE newest.person_id = one.person_id AND newest.course = one.course)
    """
)
BY_LOGIN = query("SELECT login_key, id FROM person WHERE login_key IN :logins")
STORE = standing.STORE.sqlite  # the same words on both databases


@dataclass(frozen=True, slots=True)
class Grant:
    """A certificate to be issued: of which course as it was, when, under which rule, on what evidence."""

    person_id: uuid.UUID
    kind: str
    course: Course
    at: datetime
    rule: Mapping[str, Any]
    evidence: Mapping[str, Any]
    topics: bool = True  # whether the topics of today were those of then
    language: str = ""  # of the words; the person's own without it


def how_many(session: Session, course: str) -> int:
    """Learners of a course."""
    return int(session.execute(HOW_MANY, {"course": course}).scalar_one())


def due(session: Session, library: Library, course: Course, after: uuid.UUID, now: datetime) -> tuple[
    list[uuid.UUID], uuid.UUID | None
]:  # fmt: skip
    """Those of the next learners, by id, to whom a certificate is due; and where the page after begins (None: it was
    the last)."""
    rows = session.execute(PAGE, {"course": course.id, "after_id": after, "limit": BATCH}).all()
    found = [row.person_id for row in rows if assess(library, course, standing.unpack(row.packed), now).due]
    return found, rows[-1].person_id if len(rows) == BATCH else None


def issue_due(
    session: Session,
    library: Library,
    course: Course,
    people: Sequence[uuid.UUID],
    now: datetime,
    issuer: Issuer,
    act: str,
) -> int:
    """Issue what is due to these learners now; returns how many certificates."""
    facts = _held(session, course.id, people)
    rules = {kind: rule_of(library, course, kind) for kind in ("participation", "completion")}
    grants = [
        Grant(id, kind, course, now, rules[kind], certificates.evidence_of(one, act))
        for id, one in facts.items()
        for kind in assess(library, course, one, now).due
    ]
    return _write(session, library, course.id, grants, facts, now, issuer)


def grant(
    session: Session, library: Library, course: str, grants: Sequence[Grant], now: datetime, issuer: Issuer
) -> int:
    """Issue what somebody vouches for, enrolling those who are not; returns how many certificates were new."""
    people = sorted({one.person_id for one in grants})
    _enrol(session, course, grants)
    return _write(session, library, course, grants, _held(session, course, people), now, issuer)


def by_login(session: Session, logins: Sequence[str]) -> dict[str, uuid.UUID]:
    """People by the key of their sign-in names (records.folding.login_key)."""
    return {row.login_key: row.id for row in session.execute(BY_LOGIN, {"logins": list(logins)})}


def _held(session: Session, course: str, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, Facts]:
    """What is remembered of these learners, while their other acts in this course wait."""
    values = {"course": course, "people": list(people)}
    if on_server(session):
        session.execute(HOLD, values)
    return {row.person_id: standing.unpack(row.packed) for row in session.execute(STANDINGS, values)}


def _enrol(session: Session, course: str, grants: Sequence[Grant]) -> None:
    begun = {one.person_id: one.at for one in sorted(grants, key=lambda one: one.at, reverse=True)}
    rows = [
        {"id": new_id(), "person_id": person, "course": course, "at": at, "cohort": None}
        for person, at in begun.items()
    ]
    new = {row.person_id for row in _insert(session, Enrolment, rows, "person_id")}
    people = _people(session, sorted(new))
    cells = (tallies.cell(course, tallies.ENROLLED, begun[id], profile_of(one)) for id, one in people.items())
    tallies.add(session, Counter(cells))
    _store(session, course, {id: Facts(enrolled_at=begun[id]) for id in new})


def _people(session: Session, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, Known]:
    found = PEOPLE_HELD if on_server(session) else PEOPLE
    return {row.id: Known(*row) for row in session.execute(found, {"people": list(people)})} if people else {}


def _write(
    session: Session,
    library: Library,
    course: str,
    grants: Sequence[Grant],
    facts: Mapping[uuid.UUID, Facts],
    now: datetime,
    issuer: Issuer,
) -> int:
    people = _people(session, sorted({one.person_id for one in grants}))
    asked = {(one.person_id, one.kind): one for one in grants if one.person_id in people}
    completed = _complete(session, library, people, asked)
    identities = {
        row.person_id: {"office": row.office, "date": row.day}
        for row in session.execute(IDENTITIES, {"course": course, "people": list(people)})
    }
    rows, changed, cells = [], dict[uuid.UUID, Facts](), Counter[tallies.Cell]()
    taken, quizzes = Counter[step_facts.Step](), step_facts.roles(session)
    for (id, kind), completion_id in completed.items():
        one = asked[id, kind]
        record = _record(library, people[id], one, issuer, identities.get(id))
        packed = canonical(record).decode()
        row = {"id": new_id(), "completion_id": completion_id, "edition": 1, "number": record["number"], "at": now}
        rows.append(row | {"record": packed})
        before = changed.get(id) or facts.get(id) or Facts()
        changed[id] = replace(before, completions={**before.completions, kind: record["number"]})
        profile = (*profile_of(people[id])[:-1], _language(one, people[id]))
        if kind == COMPLETION:
            since = before.enrolled_at
            took = step_facts.of_completion(course, since, one.at, one.evidence, quizzes)
            taken.update((*step, *profile) for step in took)
        for measure in (kind, tallies.CERTIFICATE):
            cells[tallies.cell(course, measure, one.at, profile)] += 1
    _insert(session, Certificate, rows, "number")
    place(session, [str(row["number"]) for row in rows])
    tallies.add(session, cells)
    steps.add(session, taken)
    _store(session, course, changed)
    return len(rows)


def _complete(
    session: Session,
    library: Library,
    people: Mapping[uuid.UUID, Known],
    asked: Mapping[tuple[uuid.UUID, str], Grant],
) -> dict[tuple[uuid.UUID, str], uuid.UUID]:
    """Write the completions; those that were new, with their ids."""
    rows = [
        certificates.completion_row(
            library,
            people[id],
            one.course,
            kind,
            dict(one.rule),
            dict(one.evidence),
            one.at,
            _language(one, people[id]),
        )
        for (id, kind), one in sorted(asked.items())
    ]
    return {(row.person_id, row.kind): row.id for row in _insert(session, Completion, rows, "id", "person_id", "kind")}


def _record(
    library: Library, person: Known, one: Grant, issuer: Issuer, identity: dict[str, str] | None
) -> dict[str, Any]:
    language = _language(one, person)
    return public_record(
        number=certificates.random_number(),
        edition=1,
        name=person.name,
        name_latin=person.name_latin,
        course=one.course,
        language=language,
        kind=one.kind,
        at=one.at,
        timezone=issuer.timezone,
        issuer=issuer,
        rule=one.rule,
        demo=person.demo,
        trial=issuer.trial,
        topics=topics_of(library, one.course, language) if one.topics else (),
        identity=identity,
    )


def _language(one: Grant, person: Known) -> str:
    return one.language or person.language


def _insert(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], *returned: str) -> list[Any]:
    """INSERT of all rows at once, leaving out those that are there; the columns named of those that were new."""
    if not rows:
        return []
    table = model.__table__
    assert isinstance(table, Table)
    make = postgresql.insert if on_server(session) else sqlite.insert
    adding = make(table).on_conflict_do_nothing().returning(*(table.c[name] for name in returned))
    return list(session.connection().execute(adding, [dict(row) for row in rows]))


def place(session: Session, numbers: Sequence[str]) -> None:
    """Give each certificate a place in the status lists, found by chance, as `places.assign` does for one."""
    newest, left = places.begun(session) - 1, set(numbers)
    for listed in [newest] * places.TRIES + list(range(newest + 1, newest + 100)):
        chosen = {any_place(places.CHANCE): number for number in sorted(left)}
        rows = [{"list": listed, "place": place, "number": number} for place, number in chosen.items()]
        left -= {row.number for row in _insert(session, StatusPlace, rows, "number")}
        if not left:
            return
    raise RuntimeError("no free place in a hundred status lists")


def _store(session: Session, course: str, facts: Mapping[uuid.UUID, Facts]) -> None:
    rows = [{"person_id": id, "course": course, "packed": standing.pack(one)} for id, one in sorted(facts.items())]
    if rows:
        session.execute(statement(STORE), rows)
