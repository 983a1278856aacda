"""Further editions of certificates: a corrected name revokes the edition before, a renewal leaves it to expire.

A holder asks for another name while signed in; an administrator gives a reason, and where it is more than a change of
spelling (`app.core.corrections`) a second one agrees. Nobody decides about a name of her own.
"""

import uuid
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.core import corrections
from app.core.certificates import COMPLETION, CORRECTED, RENEWED, Issuer, clean_name, corrected, may_be_renewed
from app.core.content import Course, Library
from app.core.corrections import Names
from app.core.progress import Facts
from app.records import certificates, hot, identities, locks, people, standing
from app.records.certifying import NameCorrection, Reissue
from app.records.keys import new_id
from app.records.models import Person
from app.records.sql import Plain, insert_into, insertion, query, statement

COLUMNS = "id, person_id, name, name_latin, note, asked_at, first_id, first_at, reason"
ASK = insertion(
    NameCorrection,
    """
    ON CONFLICT (person_id) DO UPDATE SET id = excluded.id, name = excluded.name, name_latin = excluded.name_latin,
        note = excluded.note, asked_at = excluded.asked_at, first_id = NULL, first_at = NULL, reason = ''
    """,
)
OF_PERSON = query(f"SELECT {COLUMNS} FROM name_correction WHERE person_id = :person_id")
BY_ID = query(f"SELECT {COLUMNS} FROM name_correction WHERE id = :id")
WAITING = query(
    """
    SELECT name_correction.id, person_id, name_correction.name, name_correction.name_latin, note, asked_at, first_id,
        first_at, reason, person.name AS old_name, person.name_latin AS old_latin
    FROM name_correction JOIN person ON person.id = name_correction.person_id ORDER BY asked_at, name_correction.id
    """
)
HOW_MANY = statement("SELECT count(*) FROM name_correction")
AGREE = statement(
    "UPDATE name_correction SET first_id = :by, first_at = :now, reason = :reason WHERE id = :id AND first_id IS NULL"
)
CLOSE = query("DELETE FROM name_correction WHERE id = :id RETURNING person_id")
ENROLMENTS = statement("SELECT course FROM enrolment WHERE person_id = :person_id ORDER BY course")
STANDING = query(
    """
    SELECT certificate.completion_id, certificate.number, certificate.record, completion.course, completion.kind,
        revocation.at AS revoked_at
    FROM completion JOIN certificate ON certificate.completion_id = completion.id AND certificate.edition = (
        SELECT max(newest.edition) FROM certificate AS newest WHERE newest.completion_id = completion.id)
    LEFT JOIN revocation ON revocation.certificate_id = certificate.id
    WHERE completion.person_id = :person_id ORDER BY completion.course, completion.kind
    """
)
FIRST = query(
    "SELECT certificate.record FROM completion JOIN certificate ON certificate.completion_id = completion.id"
    " WHERE completion.person_id = :person_id AND certificate.edition = 1"
)
NEWEST = Plain(
    """
    SELECT certificate.completion_id, certificate.number, certificate.record, revocation.at AS revoked_at
    FROM completion JOIN certificate ON certificate.completion_id = completion.id AND certificate.edition = (
        SELECT max(newest.edition) FROM certificate AS newest WHERE newest.completion_id = completion.id)
    LEFT JOIN revocation ON revocation.certificate_id = certificate.id
    WHERE completion.person_id = :person_id AND completion.course = :course AND completion.kind = :kind
    """
)
REISSUE = Plain(insert_into(Reissue))


class Refused(Exception):
    """It can't be done: `reason` is same (nothing would change), empty (no name), gone (decided, or asked anew), own
    (about oneself) or second (another administrator is needed)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Wish(NamedTuple):
    """A request that waits."""

    id: uuid.UUID
    person_id: uuid.UUID
    name: str
    name_latin: str
    note: str
    asked_at: datetime
    first_id: uuid.UUID | None
    first_at: datetime | None
    reason: str

    @property
    def names(self) -> Names:
        return self.name, self.name_latin


class Waiting(NamedTuple):
    """A request with the names before, and what the change amounts to (app.core.corrections)."""

    wish: Wish
    before: Names
    scale: str


class Decided(NamedTuple):
    """What became of it: the new numbers; `second` where another administrator has to agree first."""

    person_id: uuid.UUID
    numbers: tuple[str, ...] = ()
    second: bool = False


# Asking


def ask(session: Session, person_id: uuid.UUID, name: str, name_latin: str, note: str, now: datetime) -> None:
    """Keep what the holder asks for, in place of an earlier request. Raises Refused (same, empty), NoResultFound."""
    person = locks.person(session, person_id)
    names = clean_name(name), clean_name(name_latin)
    if not names[0]:
        raise Refused("empty")
    if names == (clean_name(person.name), clean_name(person.name_latin)):
        raise Refused("same")
    row = {"person_id": person_id, "id": new_id(), "name": names[0], "name_latin": names[1], "note": note}
    session.execute(ASK, row | {"asked_at": now, "first_id": None, "first_at": None, "reason": ""})


def wish_of(session: Session, person_id: uuid.UUID) -> Wish | None:
    """What this person has asked for."""
    row = session.execute(OF_PERSON, {"person_id": person_id}).first()
    return Wish(*row) if row else None


def close(session: Session, id: uuid.UUID) -> uuid.UUID | None:
    """Drop a request, taken back or refused: whose it was, None where it is gone already."""
    found: uuid.UUID | None = session.execute(CLOSE, {"id": id}).scalar()
    return found


def waiting(session: Session) -> list[Waiting]:
    """All requests, the oldest first."""
    rows = session.execute(WAITING).all()
    return [
        Waiting(Wish(*row[:9]), before := (row.old_name, row.old_latin), _scale(session, row.person_id, before, row))
        for row in rows
    ]


def how_many(session: Session) -> int:
    return int(session.execute(HOW_MANY).scalar_one())


def _scale(session: Session, person_id: uuid.UUID, before: Names, wanted: Any) -> str:
    """Measured against the name as it stands and as it was first certified, so that small steps add up."""
    records = [msgspec.json.decode(row.record) for row in session.execute(FIRST, {"person_id": person_id})]
    first = [(one["name"], one["name_latin"]) for one in records]
    return corrections.scale([before, *first], (wanted.name, wanted.name_latin))


# Deciding


def agree(session: Session, id: uuid.UUID, by: uuid.UUID, reason: str, now: datetime) -> Decided:
    """An administrator agrees: certificates are issued anew, or the request waits for a second one.

    Raises Refused (gone, own, second).
    """
    row = session.execute(BY_ID, {"id": id}).first()
    if row is None:
        raise Refused("gone")
    wish = Wish(*row)
    if by == wish.person_id:
        raise Refused("own")
    for course in session.execute(ENROLMENTS, {"person_id": wish.person_id}).scalars().all():
        locks.enrolment(session, wish.person_id, course)
    person = locks.person(session, wish.person_id)
    scale = _scale(session, person.id, (person.name, person.name_latin), wish)
    if scale == corrections.OTHER and wish.first_id in (None, by):
        if wish.first_id == by:
            raise Refused("second")
        session.execute(AGREE, {"id": id, "by": by, "now": now, "reason": reason})
        return Decided(person.id, second=True)
    if close(session, id) is None:
        raise Refused("gone")
    told = "; ".join(part for part in (wish.reason, reason) if part)
    why = {"act": f"request {id}", "reason": told, "by": by, "first_id": wish.first_id, "release": None}
    return Decided(person.id, _correct(session, person, wish.names, why, now))


def _correct(session: Session, person: Person, names: Names, why: dict[str, Any], now: datetime) -> tuple[str, ...]:
    """Give the person her name and each certificate that counts an edition with it; the one before is revoked."""
    person.name, person.name_latin = names
    person.search = people.searchable(vars(person))
    session.flush()
    numbers: dict[str, dict[str, str]] = {}
    for row in session.execute(STANDING, {"person_id": person.id}).all():
        record = msgspec.json.decode(row.record)
        if row.revoked_at is None and not _expired(record, now):
            fresh = corrected(record, certificates.random_number(), *names)
            _add(session, row.completion_id, fresh, CORRECTED, why, now)
            certificates.revoke(session, row.number, CORRECTED, why["by"], now, successor=fresh["number"])
            numbers.setdefault(row.course, {})[row.kind] = fresh["number"]
    for course, granted in numbers.items():
        facts = standing.facts(session, person.id, course)
        standing.store(session, person.id, course, replace(facts, completions={**facts.completions, **granted}))
    return tuple(number for granted in numbers.values() for number in granted.values())


def _expired(record: dict[str, Any], now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(record["timezone"])).date()
    return bool(record["expiry"]) and today.isoformat() > record["expiry"]


def _add(
    session: Session, completion_id: uuid.UUID, record: dict[str, Any], kind: str, why: dict[str, Any], now: datetime
) -> None:
    id = certificates.write(session, completion_id, record, now)
    hot.rows(session, REISSUE, {"certificate_id": id, "kind": kind, "at": now, **why})


# Renewing


def renew_due(
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
    """After a pass of the current final: the next edition of a certificate that expires soon, or has expired.

    One that was revoked is not renewed. Called with the enrolment held.
    """
    row = hot.first(session, NEWEST, {"person_id": person_id, "course": course.id, "kind": COMPLETION})
    record = msgspec.json.decode(row.record) if row and row.revoked_at is None else None
    if record is None or not may_be_renewed(record, today=now.astimezone(ZoneInfo(record["timezone"])).date()):
        return facts, ()
    person = locks.known(session, person_id)
    identity = identities.line(session, person_id, course.id)
    edition = {"edition": record["edition"] + 1, "replaces": row.number}
    fresh = certificates.new_record(library, person, course, COMPLETION, now, language, issuer, identity, **edition)
    why = {"act": act, "reason": "", "by": None, "first_id": None, "release": library.release}
    _add(session, row.completion_id, fresh, RENEWED, why, now)
    return replace(facts, completions={**facts.completions, COMPLETION: fresh["number"]}), (fresh["number"],)
