"""How many officials are to be trained, per country and organisation, by sex, each number with its source."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.core.denominators import Line
from app.records.folding import fold
from app.records.keys import new_id
from app.records.report_tables import Denominator
from app.records.sql import insertion, query

PUT = insertion(
    Denominator,
    "ON CONFLICT (course, country, organisation, sex) DO UPDATE SET n = excluded.n, source = excluded.source,"
    ' day = excluded.day, "by" = excluded."by", at = excluded.at',
)
REMOVE = query("DELETE FROM denominator WHERE id = :id AND country = :country RETURNING id")
ONE = query("SELECT country FROM denominator WHERE id = :id")
# An organisation that was merged into a listed one stands with it.
OF_COURSE = query(
    """
    SELECT denominator.id, denominator.country, denominator.sex, denominator.n, denominator.source, denominator.day,
        coalesce(organisation_merge.into_id, denominator.organisation_id) AS organisation_id,
        coalesce(organisation.name, '') AS name
    FROM denominator
    LEFT JOIN organisation_merge ON organisation_merge.organisation_id = denominator.organisation_id
    LEFT JOIN organisation
        ON organisation.id = coalesce(organisation_merge.into_id, denominator.organisation_id)
    WHERE denominator.course = :course
    ORDER BY denominator.country, organisation.name_key, denominator.sex, denominator.at
    """
)
LISTED = query(
    """
    SELECT organisation.id FROM organisation
    LEFT JOIN organisation_merge ON organisation_merge.organisation_id = organisation.id
    JOIN listed_organisation
        ON listed_organisation.organisation_id = coalesce(organisation_merge.into_id, organisation.id)
    WHERE organisation.country = :country AND organisation.name_key = :name_key
    """
)
LEAD = query("SELECT into_id FROM organisation_merge WHERE organisation_id = :id")


class Known(NamedTuple):
    """A number as it stands; `name` is the organisation's, "" for the country as a whole."""

    id: uuid.UUID
    line: Line
    name: str


def put(session: Session, course: str, line: Line, by: uuid.UUID | None, now: datetime) -> None:
    """Say how many officials a place has, in the stead of what was said before."""
    row = {"id": new_id(), "course": course, **line._asdict(), "by": by, "at": now}
    row["day"] = line.day.isoformat()
    organisation = uuid.UUID(line.organisation) if line.organisation else None
    session.execute(PUT, row | {"organisation_id": organisation})


def remove(session: Session, id: uuid.UUID, country: str) -> bool:
    """Take a number back; says whether this country had it."""
    return session.execute(REMOVE, {"id": id, "country": country}).first() is not None


def country_of(session: Session, id: uuid.UUID) -> str | None:
    """The country that a number is about; None where it is gone."""
    found: str | None = session.execute(ONE, {"id": id}).scalar()
    return found


def of_course(session: Session, course: str, countries: Sequence[str] = ()) -> list[Known]:
    """The numbers for a course, of these countries (of all, where none is named)."""
    found = []
    for row in session.execute(OF_COURSE, {"course": course}):
        if not countries or row.country in countries:
            organisation = row.organisation_id.hex if row.organisation_id else ""
            day = date.fromisoformat(row.day)
            found.append(Known(row.id, Line(row.country, organisation, row.sex, row.n, row.source, day), row.name))
    return found


def listed_as(session: Session, country: str, name: str) -> str | None:
    """The id of the listed organisation of this name in any of its languages, "" for no name; None for another."""
    if not name:
        return ""
    id = session.execute(LISTED, {"country": country, "name_key": fold(name)}).scalar()
    if id is None:
        return None
    return uuid.UUID(str(session.execute(LEAD, {"id": id}).scalar() or id)).hex
