"""Pages of rows of persons, and counts, as other systems ask for them. Pages begin behind a row, never at a number."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core.columns import COMPLETIONS
from app.core.content import Library
from app.core.exports import Site
from app.core.filters import Filters
from app.records import rosters
from app.records.filtering import condition
from app.records.sql import query

SELECT = f"SELECT person.id, person.same_as, {rosters.SAID} {rosters.CERTIFIED}"
NAMES = tuple(column.name for column in COMPLETIONS)
ENROLLED, COMPLETED = "enrolment.at", "completion.at"  # what a list is ordered by
MOMENTS = {ENROLLED: "enrolled_at", COMPLETED: "completed_at"}
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
        sql += " AND completion.at IS NOT NULL"
    if since is not None:
        sql, values["since"] = f"{sql} AND {order} >= :since", since
    if behind is not None:
        sql += f" AND ({order}, enrolment.person_id) > (:behind_at, :behind_id)"
        values |= {"behind_at": behind.at, "behind_id": behind.id}
    select = f"{SELECT}{sql} ORDER BY {order}, enrolment.person_id LIMIT :limit"
    found = session.execute(query(select), values | {"limit": limit + 1}).all()
    last = found[limit - 1] if len(found) > limit else None
    rows = _rows(library, filters, found[:limit], now)
    return Page(rows, Place(getattr(last, MOMENTS[order]), last.id) if last else None)


def one(
    session: Session, library: Library, filters: Filters, person_id: uuid.UUID, now: datetime
) -> dict[str, Any] | None:
    """The row of one enrolled person; None for anybody whom the filters leave out."""
    sql, values = _chosen(library, filters)
    select = query(f"{SELECT} AND enrolment.person_id = :person_id{sql}")
    found = session.execute(select, values | {"person_id": person_id}).first()
    return _rows(library, filters, [found], now)[0] if found else None


def _chosen(library: Library, filters: Filters) -> tuple[str, dict[str, Any]]:
    sql, values = condition(filters, library, rosters.OF_ENROLMENT)
    return sql + rosters.STATUSES[filters.status], values | {"course": filters.course}


def _rows(library: Library, filters: Filters, rows: Sequence[Any], now: datetime) -> list[dict[str, Any]]:
    made = rosters.of_enrolment(Site(library, now, ZoneInfo("UTC")), library.courses[filters.course])
    found = [dict(zip(NAMES, made(row[2:]), strict=True)) for row in rows]
    for values, row in zip(found, rows, strict=True):
        if values["final_score"] is not None:
            values["final_score"] = float(values["final_score"])
        values["same_as"] = str(row.same_as) if row.same_as else None
    return found


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
