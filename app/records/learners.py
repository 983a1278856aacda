"""Lists of people as administrators see them: who they are and what they have done in each course."""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.core.content import Library
from app.core.filters import DIMENSIONS, Filters
from app.core.progress import Facts
from app.records import people, standing
from app.records.filtering import condition
from app.records.folding import fold
from app.records.models import Person
from app.records.sql import query

STANDINGS = query("SELECT person_id, course, packed FROM standing WHERE person_id IN :people")
# What a filter reads of a person, "" where it is not stated; all of it stands in the index `ix_person_listed`.
STATED = {name: f"coalesce(person.{name}, '')" for name in DIMENSIONS} | {
    "organisation": "replace(coalesce(CAST(person.organisation_id AS TEXT), ''), '-', '')"
}
# Scalar questions instead of EXISTS: PostgreSQL would read all readings of the site at once to answer that.
BEGUN = """((SELECT 1 FROM reading WHERE reading.person_id = person.id AND reading.course = :course LIMIT 1) IS NOT NULL
    OR (SELECT 1 FROM attempt WHERE attempt.person_id = person.id AND attempt.course = :course LIMIT 1) IS NOT NULL)"""
DONE = """(SELECT 1 FROM completion WHERE completion.person_id = person.id AND completion.course = :course
    AND completion.kind = 'completion' LIMIT 1) IS NOT NULL"""
STATUSES = {
    "": "",
    "not-started": f" AND NOT {DONE} AND NOT {BEGUN}",
    "started": f" AND NOT {DONE} AND {BEGUN}",
    "completed": f" AND {DONE}",
}
BEHIND = " AND (search, id) > (:search, :id)"
ESCAPES = str.maketrans({"/": "//", "%": "/%", "_": "/_"})


class Listed(NamedTuple):
    """A person of a list, with the facts of each course that she joined."""

    person: Person
    facts: dict[str, Facts]


class Page(NamedTuple):
    """Some people of a list; `after` is where the next page begins, None on the last."""

    rows: list[Listed]
    after: str | None


def search(
    session: Session,
    text: str,
    after: str | None = None,
    limit: int = 50,
    filters: Filters | None = None,
    library: Library | None = None,
) -> Page:
    """People whose names, sign-in name or e-mail hold every word of `text`, in any script, and whom the filters leave.

    By name; `after` is that of the page before. Profile and status are those of today; who has not enrolled has not
    started. A library is needed with filters.
    """
    sql, values = _condition(text, filters, library)
    last = people.find(session, people.as_id(after)) if after else None
    if last is not None:
        sql, values = sql + BEHIND, values | {"search": last.search, "id": last.id}
    found = query(f"SELECT person.id FROM person WHERE TRUE{sql} ORDER BY search, id LIMIT :limit")
    ids = session.execute(found, values | {"limit": limit + 1}).scalars().all()
    page = people.of_ids(session, ids[:limit])
    known = facts_of(session, [person.id for person in page])
    return Page([Listed(one, known[one.id]) for one in page], str(page[-1].id) if len(ids) > limit else None)


def _condition(text: str, filters: Filters | None, library: Library | None) -> tuple[str, dict[str, Any]]:
    sql: str = ""
    values: dict[str, Any] = {}
    if filters and library:
        sql, values = condition(filters, library, STATED)
    for number, word in enumerate(fold(text).split()):
        sql += f" AND search LIKE :word{number} ESCAPE '/'"
        values[f"word{number}"] = f"%{word.translate(ESCAPES)}%"
    if filters and filters.status:
        sql, values = sql + STATUSES[filters.status], values | {"course": filters.course}
    return sql, values


def facts_of(session: Session, wanted: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, Facts]]:
    """The facts of these people by course; nothing for a course that a person has not joined."""
    known: dict[uuid.UUID, dict[str, Facts]] = {person: {} for person in wanted}
    for row in session.execute(STANDINGS, {"people": list(wanted)}) if wanted else ():
        known[row.person_id][row.course] = standing.unpack(row.packed)
    return known
