"""The condition in SQL of what a report is about: one for the tallies, one for rows of persons."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.core.content import Library
from app.core.filters import DIMENSIONS, Filters, Unfit
from app.records.sql import query

NO_COUNTRY = ""  # that of an organisation whose people state none
TALLY = {name: name for name in DIMENSIONS}
KNOWN = query("SELECT id, country FROM organisation WHERE id IN :people")


def check(session: Session, filters: Filters, library: Library) -> Filters:
    """The filters as they are. Raises Unfit where they ask for an organisation that there is not, or for one of a
    country that they leave out: reports would look as if it had no people."""
    wanted = {uuid.UUID(id) for id in filters.organisation if id}
    if not wanted:
        return filters
    of = {row.id: row.country for row in session.execute(KNOWN, {"people": list(wanted)})}
    if wanted != of.keys():
        raise Unfit({"organisation": "unknown"})
    countries = filters.countries(library)
    if countries and not {*of.values()} <= {*countries, NO_COUNTRY}:
        raise Unfit({"organisation": "contradiction"})
    return filters


def condition(filters: Filters, library: Library, columns: Mapping[str, str] = TALLY) -> tuple[str, dict[str, Any]]:
    """`AND …` for every question that is not left open, and its values; "" where all are.

    `columns` names the expression of each dimension, which is "" where nothing is stated. Period and status are not in
    it: they mean another column for each count.
    """
    asked = _asked(filters, library)
    return "".join(f" AND {columns[name]} IN :{name}" for name in asked), asked


def stated_condition(filters: Filters, library: Library, table: str) -> tuple[str, dict[str, Any]]:
    """The same for rows of `table`, whose columns are those of a person, nothing where nothing is stated; each column
    stands alone, so that its index is used."""
    sql, asked = "", dict[str, Any]()
    for name, values in _asked(filters, library).items():
        column = "organisation_id" if name == "organisation" else name
        stated = [uuid.UUID(value) if name == "organisation" else value for value in values if value]
        either = [f"{table}.{column} IN :{column}"] if stated else []
        asked |= {column: stated} if stated else {}
        either += [f"{table}.{column} IS NULL"] if "" in values else []
        sql += f" AND ({' OR '.join(either)})"
    return sql, asked


def _asked(filters: Filters, library: Library) -> dict[str, list[str]]:
    """What is asked for of each dimension that is not left open."""
    wanted = {name: getattr(filters, name) for name in DIMENSIONS} | {"country": filters.countries(library)}
    return {name: list(values) for name, values in wanted.items() if values}
