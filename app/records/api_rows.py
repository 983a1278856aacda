"""Pages of rows of persons, and counts, as other systems ask for them. Pages begin behind a row, never at a number."""

import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.core.certificates import COMPLETION
from app.core.content import Library
from app.core.exports import COMPLETIONS
from app.core.filters import DIMENSIONS, Filters
from app.records import reports
from app.records.filtering import condition
from app.records.sql import query

COLUMNS = """
    id, same_as, name, name_latin, seen_at, enrolled_at, packed, course_version, completed_at, number, record,
    revoked_at, organisation_id, organisation, country, sex, ministry_type, age_band, language
"""
STATED = {name: f"coalesce({name}, '')" for name in DIMENSIONS} | {
    "organisation": "replace(coalesce(CAST(organisation_id AS TEXT), ''), '-', '')"
}
BEGUN = """((SELECT 1 FROM reading WHERE reading.person_id = roster.id AND reading.course = :course LIMIT 1) IS NOT NULL
    OR (SELECT 1 FROM attempt WHERE attempt.person_id = roster.id AND attempt.course = :course LIMIT 1) IS NOT NULL)"""
STATUSES = {
    "": "",
    "not-started": f" AND completed_at IS NULL AND NOT {BEGUN}",
    "started": f" AND completed_at IS NULL AND {BEGUN}",
    "completed": " AND completed_at IS NOT NULL",
}
NAMES = tuple(column.name for column in COMPLETIONS)
ENROLLED, COMPLETED = "enrolled_at", "completed_at"  # what a list is ordered by
COUNTRY = query(
    """
    SELECT completion.country FROM certificate JOIN completion ON completion.id = certificate.completion_id
    WHERE certificate.number = :number
    """
)


class Place(NamedTuple):
    """A row that a page begins behind: its moment and its person."""

    at: datetime
    id: uuid.UUID


class Page(NamedTuple):
    """Rows with the columns of the export and `same_as`; `behind` is where the next page begins, None on the last."""

    rows: list[dict[str, Any]]
    behind: Place | None


def page(
    session: Session,
    library: Library,
    filters: Filters,
    order: str,
    limit: int,
    now: datetime,
    *,
    since: datetime | None = None,
    behind: Place | None = None,
) -> Page:
    """Enrolled people by the moment of enrolment or of completion (`order`), whom the filters leave."""
    sql, values = _chosen(library, filters)
    if order == COMPLETED:
        sql += " AND completed_at IS NOT NULL"
    if since is not None:
        sql, values["since"] = f"{sql} AND {order} >= :since", since
    if behind is not None:
        sql += f" AND ({order}, id) > (:behind_at, :behind_id)"
        values |= {"behind_at": behind.at, "behind_id": behind.id}
    select = f"SELECT {COLUMNS} FROM ({reports.ROSTER}) AS roster WHERE TRUE{sql} ORDER BY {order}, id LIMIT :limit"
    found = session.execute(query(select), values | {"limit": limit + 1}).all()
    last = found[limit - 1] if len(found) > limit else None
    rows = [_row(library, filters, row, now) for row in found[:limit]]
    return Page(rows, Place(getattr(last, order), last.id) if last else None)


def one(
    session: Session, library: Library, filters: Filters, person_id: uuid.UUID, now: datetime
) -> dict[str, Any] | None:
    """The row of one enrolled person; None for anybody whom the filters leave out."""
    sql, values = _chosen(library, filters)
    select = f"SELECT {COLUMNS} FROM ({reports.ROSTER}) AS roster WHERE id = :person_id{sql}"
    found = session.execute(query(select), values | {"person_id": person_id}).first()
    return _row(library, filters, found, now) if found else None


def _chosen(library: Library, filters: Filters) -> tuple[str, dict[str, Any]]:
    sql, values = condition(filters, library, STATED)
    return sql + STATUSES[filters.status], values | {"course": filters.course, "kind": COMPLETION}


def _row(library: Library, filters: Filters, row: Any, now: datetime) -> dict[str, Any]:
    course = library.courses[filters.course]
    values = dict(zip(NAMES, reports.completion(library, course, row, now), strict=True))
    if values["final_score"] is not None:
        values["final_score"] = float(values["final_score"])
    return values | {"same_as": str(row.same_as) if row.same_as else None}


def counts(
    session: Session, library: Library, filters: Filters, by: tuple[str, ...]
) -> Mapping[tuple[str, ...], Counter[str]]:
    """The counts of a course by these dimensions, measure by measure, "" for not stated; in their order."""
    sql, values = condition(filters, library)
    first, last = filters.months
    for name, bound, sign in (("first", first, ">="), ("last", last, "<=")):
        if bound:
            sql, values[name] = f"{sql} AND month {sign} :{name}", bound
    names = ", ".join(("measure", *by))
    select = f"SELECT {names}, sum(n) AS n FROM tally WHERE course = :course{sql} GROUP BY {names} HAVING sum(n) <> 0"
    found: dict[tuple[str, ...], Counter[str]] = {}
    for measure, *group, n in session.execute(query(select), values | {"course": filters.course}):
        found.setdefault(tuple(group), Counter())[measure] += int(n)
    return dict(sorted(found.items()))


def country_of(session: Session, number: str) -> str | None:
    """The country under which a certificate is counted; None where that was not stated, or nobody has an account."""
    found: str | None = session.execute(COUNTRY, {"number": number}).scalar()
    return found
