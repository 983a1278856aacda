"""The list of organisations of a country: what learners choose from, and what they wrote brought together with it.

A listed organisation has a row in `listed_organisation`. Every other way of writing it, a name in another language or
what somebody typed, is a row of `organisation` that `organisation_merge` leads to it: who writes that name later is
counted with the listed one. Completions keep the organisation as it was; reports follow the lead.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.records import locks, organisations, tallies
from app.records.cohort_tables import ListedOrganisation, OrganisationMerge
from app.records.folding import fold
from app.records.keys import new_id
from app.records.models import Organisation, Person
from app.records.profiles import profile_of
from app.records.sql import insertion, query, statement

KINDS = ("ministry", "agency", "local-government", "other")

LISTED = """
    SELECT organisation.id, organisation.country, listed_organisation.kind, organisation.name, listed_organisation.names
    FROM listed_organisation JOIN organisation ON organisation.id = listed_organisation.organisation_id
"""
OF_COUNTRY = query(LISTED + " WHERE organisation.country = :country ORDER BY organisation.name_key")
ONE = query(LISTED + " WHERE organisation.id = :id")
COUNTRIES = query(
    """
    SELECT organisation.country, count(listed_organisation.organisation_id) AS listed,
        count(*) - count(listed_organisation.organisation_id) AS written
    FROM organisation LEFT JOIN listed_organisation ON listed_organisation.organisation_id = organisation.id
    WHERE NOT EXISTS (SELECT 1 FROM organisation_merge WHERE organisation_merge.organisation_id = organisation.id)
    GROUP BY organisation.country
    """
)
WRITTEN = query(
    """
    SELECT organisation.id, organisation.name,
        (SELECT count(*) FROM person WHERE person.organisation_id = organisation.id) AS n
    FROM organisation WHERE organisation.country = :country
    AND NOT EXISTS (SELECT 1 FROM listed_organisation WHERE listed_organisation.organisation_id = organisation.id)
    AND NOT EXISTS (SELECT 1 FROM organisation_merge WHERE organisation_merge.organisation_id = organisation.id)
    ORDER BY organisation.name_key LIMIT :limit
    """
)
CHOSEN = query(
    """
    SELECT organisation.id, organisation.name,
        (SELECT count(*) FROM person WHERE person.organisation_id = organisation.id) AS n,
        (EXISTS (SELECT 1 FROM listed_organisation WHERE listed_organisation.organisation_id = organisation.id)
        OR EXISTS (SELECT 1 FROM organisation_merge WHERE organisation_merge.organisation_id = organisation.id)) AS done
    FROM organisation WHERE organisation.country = :country AND organisation.id IN :id ORDER BY organisation.name_key
    """
)
MERGED = query(
    """
    SELECT organisation.name FROM organisation_merge
    JOIN organisation ON organisation.id = organisation_merge.organisation_id
    WHERE organisation_merge.into_id = :id ORDER BY organisation.name_key
    """
)
RAW = query("SELECT id FROM organisation WHERE country = :country AND name_key = :name_key")
LEAD = query("SELECT into_id FROM organisation_merge WHERE organisation_id = :id")
LIST = insertion(
    ListedOrganisation, "ON CONFLICT (organisation_id) DO UPDATE SET kind = excluded.kind, names = excluded.names"
)
RENAME = statement("UPDATE organisation SET name = :name WHERE id = :id")
UNLIST = statement("DELETE FROM listed_organisation WHERE organisation_id = :id")
MERGE = insertion(OrganisationMerge, "ON CONFLICT (organisation_id) DO NOTHING")
LEAD_ON = statement("UPDATE organisation_merge SET into_id = :into_id WHERE into_id = :id")
MOVE_COHORTS = statement("UPDATE cohort SET organisation_id = :into_id WHERE organisation_id = :id")


class Listed(NamedTuple):
    """An organisation of a list; `name` is the one that files carry, `names` those of each language."""

    id: uuid.UUID
    country: str
    kind: str
    name: str
    names: dict[str, str]

    def in_language(self, tag: str) -> str:
        return self.names.get(tag) or self.name


class Conflict(Exception):
    """Another organisation of the list has this name already; its words are the name."""


def _read(row: tuple[uuid.UUID, str, str, str, str]) -> Listed:
    return Listed(*row[:4], names=msgspec.json.decode(row[4]))


def of_country(session: Session, country: str | None) -> list[Listed]:
    """The list of a country, by name."""
    rows = session.execute(OF_COUNTRY, {"country": country}) if country else ()
    return [_read(tuple(row)) for row in rows]


def find(session: Session, id: uuid.UUID) -> Listed | None:
    row = session.execute(ONE, {"id": id}).first()
    return _read(tuple(row)) if row else None


def countries(session: Session) -> dict[str, tuple[int, int]]:
    """How many organisations are listed, and how many only written, by country; "" for those without one."""
    return {row.country: (int(row.listed), int(row.written)) for row in session.execute(COUNTRIES)}


class Written(NamedTuple):
    """What somebody wrote, and how many name it today."""

    id: uuid.UUID
    name: str
    people: int


def written(session: Session, country: str, limit: int = 200) -> list[Written]:
    """What people of a country wrote and nobody has listed or merged yet, by name."""
    values = {"country": country, "limit": limit}
    return [Written(row.id, row.name, int(row.n)) for row in session.execute(WRITTEN, values)]


class Gone(Exception):
    """What was to be merged has been merged or listed meanwhile."""


def chosen(session: Session, country: str, ids: set[uuid.UUID]) -> list[Written]:
    """These, which people of a country wrote, by name.

    Raises LookupError where one is not there or of another country, Gone where one is listed or merged already.
    """
    rows = session.execute(CHOSEN, {"country": country, "id": list(ids)}).all()
    if len(rows) < len(ids):
        raise LookupError("not all of these were written in this country")
    if any(row.done for row in rows):
        raise Gone
    return [Written(row.id, row.name, int(row.n)) for row in rows]


def merged(session: Session, found: Listed) -> list[str]:
    """What was merged into a listed organisation, by name; its own names of today are left out."""
    own = {fold(name) for name in (found.name, *found.names.values())}
    return [name for name in session.execute(MERGED, {"id": found.id}).scalars() if fold(name) not in own]


def put(
    session: Session, country: str, kind: str, names: Mapping[str, str], now: datetime, id: uuid.UUID | None = None
) -> uuid.UUID:
    """List an organisation, or change the listed one of this id; the first name given is the one that files carry.

    Each further name leads to it. Raises Conflict where another listed one has a name, ValueError for a kind that
    there is not or no name at all.
    """
    kept = {tag: " ".join(name.split()) for tag, name in names.items() if fold(name)}
    if kind not in KINDS or not kept:
        raise ValueError("an organisation needs a kind of the list and a name")
    main = next(iter(kept.values()))
    known = id or _row_of(session, country, main, now)
    if id is None and (find(session, known) or session.execute(LEAD, {"id": known}).first()):
        raise Conflict(main)
    row = {"organisation_id": known, "kind": kind, "names": msgspec.json.encode(kept).decode(), "at": now}
    session.execute(LIST, row)
    session.execute(RENAME, {"id": known, "name": main})
    for name in kept.values():
        _lead_here(session, country, name, known, now)
    return known


def _row_of(session: Session, country: str, name: str, now: datetime) -> uuid.UUID:
    """The row of exactly this way of writing, made where there is none."""
    key = {"country": country, "name_key": fold(name)}
    session.execute(organisations.ADD, key | {"id": new_id(), "name": name, "at": now})
    found: uuid.UUID = session.execute(RAW, key).scalar_one()
    return found


def _lead_here(session: Session, country: str, name: str, into: uuid.UUID, now: datetime) -> None:
    id = _row_of(session, country, name, now)
    leads = session.execute(LEAD, {"id": id}).scalar()
    if into in (id, leads):
        return
    if leads is not None or find(session, id):
        raise Conflict(name)
    merge(session, id, into, now)


def merge(session: Session, id: uuid.UUID, into: uuid.UUID, now: datetime) -> int:
    """Let one organisation stand for a listed one of the same country: its people move; returns how many.

    Raises LookupError where either is not there or the target is not listed, or both are the same.
    """
    target, source = find(session, into), session.execute(select(Organisation).where(Organisation.id == id)).scalar()
    if target is None or source is None or id == into or source.country != target.country:
        raise LookupError("only an organisation of the same country can be merged into a listed one")
    people = session.scalars(select(Person.id).where(Person.organisation_id == id).order_by(Person.id)).all()
    for person_id in people:
        person = locks.person(session, person_id)
        before = profile_of(person)
        person.organisation_id = into
        session.flush()
        tallies.move(session, person_id, before, profile_of(person), now.tzinfo)
    values = {"id": id, "into_id": into}
    session.execute(MOVE_COHORTS, values)
    session.execute(UNLIST, {"id": id})
    session.execute(LEAD_ON, values)
    session.execute(MERGE, {"organisation_id": id, "into_id": into, "at": now})
    return len(people)


def unlist(session: Session, id: uuid.UUID) -> None:
    """Take an organisation off the list; who named it keeps it, as written."""
    session.execute(UNLIST, {"id": id})
