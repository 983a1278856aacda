"""Completions and their certificates: issued when a rule comes true, found by number, revoked, never taken back."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core.certificates import COMPLETION, Issuer, new_number, public_record, rule_of, status, topics_of
from app.core.content import Course, Library, canonical
from app.core.progress import Facts, due
from app.records import hot, identities, locks, places, steps, tallies
from app.records.keys import new_id
from app.records.locks import Known
from app.records.models import Certificate, Completion, Revocation
from app.records.profiles import profile_of
from app.records.sql import Plain, insert_into, insertion, query

REASONS = ("name", "mistake", "rules", "holder")  # a corrected name; issued by mistake; rules broken; her own wish
RANDOM_BYTES = 8
COMPLETE = Plain(insert_into(Completion, "ON CONFLICT (person_id, course, kind) DO NOTHING RETURNING id"))
CERTIFY = Plain(insert_into(Certificate))
REVOKE = insertion(Revocation, "ON CONFLICT (certificate_id) DO NOTHING RETURNING at")
COLUMNS = (
    "certificate.number, certificate.edition, certificate.at, certificate.record, revocation.reason,"
    " coalesce(revocation.successor, later.number) AS successor, earlier.number AS predecessor"
)
REVOKED = "revocation.at AS revoked_at"
JOINED = """
    LEFT JOIN revocation ON revocation.certificate_id = certificate.id
    LEFT JOIN certificate AS later
        ON later.completion_id = certificate.completion_id AND later.edition = certificate.edition + 1
    LEFT JOIN certificate AS earlier
        ON earlier.completion_id = certificate.completion_id AND earlier.edition = certificate.edition - 1
"""
FIND = query(f"SELECT {COLUMNS}, {REVOKED} FROM certificate {JOINED} WHERE certificate.number = :number")
BURIED = query("SELECT at FROM tombstone WHERE number = :number")
OF_PERSON = query(
    f"""
    SELECT {COLUMNS}, {REVOKED}
    FROM completion JOIN certificate ON certificate.completion_id = completion.id AND certificate.edition = (
        SELECT max(newest.edition) FROM certificate AS newest WHERE newest.completion_id = completion.id) {JOINED}
    WHERE completion.person_id = :person_id ORDER BY certificate.at, certificate.number
    """
)
OF_COURSE = Plain(
    """
    SELECT completion.kind, completion.evidence, certificate.number, reissue.act
    FROM completion JOIN certificate ON certificate.completion_id = completion.id AND certificate.edition = (
        SELECT max(newest.edition) FROM certificate AS newest WHERE newest.completion_id = completion.id)
    LEFT JOIN reissue ON reissue.certificate_id = certificate.id
    WHERE completion.person_id = :person_id AND completion.course = :course ORDER BY completion.kind
    """
)
ID_OF = query("SELECT id FROM certificate WHERE number = :number")
HOLDER = query(
    "SELECT completion.person_id FROM certificate JOIN completion ON completion.id = certificate.completion_id"
    " WHERE certificate.number = :number"
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate as the world may know it. `record` is None for one that its holder had forgotten ("withdrawn").

    `successor` and `predecessor` are the numbers of the editions after and before; `reason`: why it was revoked, one of
    `REASONS`, and since when.
    """

    number: str
    status: str
    at: datetime
    record: dict[str, Any] | None = None
    successor: str | None = None
    predecessor: str | None = None
    reason: str = ""
    revoked_at: datetime | None = None

    @property
    def kind(self) -> str:
        return str(self.record["kind"]) if self.record else ""

    @property
    def course(self) -> str:
        return str(self.record["course"]) if self.record else ""


def issue_due(
    session: Session,
    library: Library,
    person_id: uuid.UUID,
    course: Course,
    facts: Facts,
    now: datetime,
    language: str,
    issuer: Issuer,
    act: str,
) -> tuple[Facts, tuple[str, ...]]:
    """Complete and certify whatever these facts make due: the facts with what was granted, and the new numbers.

    `act` says what made it due ("attempt …" or "section …") and is kept as evidence. Called with the enrolment held.
    """
    if not (kinds := due(library, course, facts, now)):
        return facts, ()
    person = locks.known(session, person_id)
    identity = identities.line(session, person_id, course.id)
    granted, issued, counts = dict(facts.completions), [], {}
    for kind in kinds:
        number = _grant(session, library, person, course, kind, facts, now, language, issuer, act, identity)
        if number is not None:
            issued.append(number)
            granted[kind] = number
            profile = (*profile_of(person)[:-1], language)
            counts[tallies.cell(course.id, kind, now, profile)] = 1
    tallies.add(session, {**counts, **_certified(counts)})
    if (course.id, COMPLETION) in {key[:2] for key in counts}:
        profile = (*profile_of(person)[:-1], language)
        steps.completed(session, course.id, facts.enrolled_at, now, evidence_of(facts, act), profile)
    if len(issued) < len(kinds):  # somebody was faster
        granted |= {row.kind: row.number for row in _of_course(session, person_id, course.id)}
    return replace(facts, completions=granted), tuple(issued)


def _certified(counts: dict[tallies.Cell, int]) -> dict[tallies.Cell, int]:
    """One certificate for each completion that is counted."""
    cells: dict[tallies.Cell, int] = {}
    for course, _kind, *rest in counts:
        key = (course, tallies.CERTIFICATE, *rest)
        cells[key] = cells.get(key, 0) + 1
    return cells


def _grant(
    session: Session,
    library: Library,
    person: Known,
    course: Course,
    kind: str,
    facts: Facts,
    now: datetime,
    language: str,
    issuer: Issuer,
    act: str,
    identity: dict[str, str] | None,
) -> str | None:
    """Write the completion and the first edition of its certificate; None when somebody did before."""
    rule = rule_of(library, course, kind)
    row = completion_row(library, person, course, kind, rule, evidence_of(facts, act), now, language)
    completed = hot.first(session, COMPLETE, row)
    if completed is None:
        return None
    record = new_record(library, person, course, kind, now, language, issuer, identity)
    write(session, completed.id, record, now)
    return str(record["number"])


def completion_row(
    library: Library,
    person: Known,
    course: Course,
    kind: str,
    rule: dict[str, Any],
    evidence: dict[str, Any],
    now: datetime,
    language: str,
) -> dict[str, Any]:
    """A completion with the person's profile as it is."""
    return {
        "id": new_id(),
        "person_id": person.id,
        "course": course.id,
        "kind": kind,
        "course_version": course.version,
        "release": library.release,
        "rule": canonical(rule).decode(),
        "evidence": canonical(evidence).decode(),
        "at": now,
        "country": person.country,
        "sex": person.sex,
        "ministry_type": person.ministry_type,
        "organisation_id": person.organisation_id,
        "age_band": person.age_band,
        "language": language,
    }


def random_number() -> str:
    return new_number(secrets.token_bytes(RANDOM_BYTES))


def new_record(
    library: Library,
    person: Known,
    course: Course,
    kind: str,
    now: datetime,
    language: str,
    issuer: Issuer,
    identity: dict[str, str] | None,
    edition: int = 1,
    replaces: str = "",
) -> dict[str, Any]:
    """The public record of a certificate that is issued now, under a new number."""
    return public_record(
        number=random_number(),
        edition=edition,
        name=person.name,
        name_latin=person.name_latin,
        course=course,
        language=language,
        kind=kind,
        at=now,
        timezone=issuer.timezone,
        issuer=issuer,
        rule=rule_of(library, course, kind),
        demo=person.demo,
        trial=issuer.trial,
        topics=topics_of(library, course, language),
        identity=identity,
        replaces=replaces,
    )


def write(session: Session, completion_id: uuid.UUID, record: dict[str, Any], now: datetime) -> uuid.UUID:
    """Add a certificate with its place in the status lists; its id."""
    row = {"id": new_id(), "completion_id": completion_id, "edition": record["edition"], "number": record["number"]}
    hot.rows(session, CERTIFY, row | {"at": now, "record": canonical(record).decode()})
    places.assign(session, record["number"])
    return uuid.UUID(str(row["id"]))


def evidence_of(facts: Facts, act: str) -> dict[str, Any]:
    """Why it was due: the act that made it so, the sections read, and (number, score, passed) of each try at a quiz."""
    tries = {quiz: [[one.number, one.score, one.passed] for one in results] for quiz, results in facts.results.items()}
    return {"act": act, "sections": len(facts.readings), "quizzes": tries}


def _of_course(session: Session, person_id: uuid.UUID, course: str) -> list[Any]:
    return hot.rows(session, OF_COURSE, {"person_id": person_id, "course": course})


def issued_by(session: Session, person_id: uuid.UUID, course: str, act: str) -> tuple[str, ...]:
    """The numbers of the certificates that this act made due."""
    rows = _of_course(session, person_id, course)
    return tuple(row.number for row in rows if act in (row.act, msgspec.json.decode(row.evidence)["act"]))


def find(session: Session, number: str, now: datetime) -> Issued | None:
    """The certificate of this number as it stands now; None for a number that was never issued."""
    row = session.execute(FIND, {"number": number}).first()
    if row is not None:
        return _issued(row, now)
    buried = session.execute(BURIED, {"number": number}).first()
    return Issued(number, "withdrawn", buried.at) if buried else None


def of_person(session: Session, person_id: uuid.UUID, now: datetime) -> tuple[Issued, ...]:
    """A person's certificates, each in its newest edition, the oldest first."""
    return tuple(_issued(row, now) for row in session.execute(OF_PERSON, {"person_id": person_id}))


def _issued(row: Row[Any], now: datetime) -> Issued:
    record = msgspec.json.decode(row.record)
    today = now.astimezone(ZoneInfo(record["timezone"])).date()
    state = status(record, today=today, revoked=row.revoked_at is not None)
    reason = row.reason if row.reason in REASONS else ""
    return Issued(row.number, state, row.at, record, row.successor, row.predecessor, reason, row.revoked_at)


def holder(session: Session, number: str) -> uuid.UUID | None:
    """Whose certificate this is; None for an unknown number, or a holder who erased her account."""
    found: uuid.UUID | None = session.execute(HOLDER, {"number": number}).scalar()
    return found


def revoke(
    session: Session, number: str, reason: str, by: uuid.UUID | None, now: datetime, successor: str | None = None
) -> bool:
    """Say that a certificate no longer counts; says whether that was new. Raises LookupError for an unknown number."""
    id = session.execute(ID_OF, {"number": number}).scalar()
    if id is None:
        raise LookupError(f"no certificate has the number {number}")
    row = {"certificate_id": id, "at": now, "reason": reason, "by": by, "successor": successor}
    return session.execute(REVOKE, row).first() is not None
