"""Sums of the counts of people, by month and in all: without the organisation, by profile whatever the country, by
country and sex, by organisation and sex.

They are kept with `tally` itself, so that a report about a million people reads some hundred rows,
or some thousand where it asks for a country and for more than sex.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.records import hot
from app.records.sql import Many, query, statement

Cell = tuple[str, ...]

CELL = ("course", "measure", "month", "country", "sex", "ministry_type", "organisation", "age_band", "language")
NAMED = "named"  # "yes" where an organisation is stated
COLUMNS = (*CELL, NAMED)
MONTH, ORGANISATION = CELL.index("month"), CELL.index("organisation")
EVER = ""  # the month of the sum over all months


class Margin(NamedTuple):
    """A table of sums: its key, and the condition on the counts that it sums."""

    table: str
    key: tuple[str, ...]
    only: str = "TRUE"

    def summed(self, changes: Mapping[Cell, int]) -> Counter[Cell]:
        """The sums of these counts, by the key."""
        found: Counter[Cell] = Counter()
        chosen = itemgetter(*(COLUMNS.index(name) for name in self.key))
        for cell, n in changes.items():
            if self.only == "TRUE" or cell[ORGANISATION]:
                named = "yes" if cell[ORGANISATION] else ""
                found[chosen((*cell, named))] += n
                found[chosen((*cell[:MONTH], EVER, *cell[MONTH + 1 :], named))] += n
        return found


BY_GROUP = Margin("group_tally", tuple(name for name in CELL if name != "organisation"))
BY_ORGANISATION = Margin(
    "organisation_tally", ("course", "measure", "month", "country", "organisation", "sex"), "organisation <> ''"
)
BY_PROFILE = Margin(
    "profile_tally", ("course", "measure", "month", "sex", "ministry_type", "age_band", "language", NAMED)
)
BY_COUNTRY = Margin("country_tally", ("course", "measure", "month", "country", "sex", NAMED))
OF_ALL = (BY_COUNTRY, BY_PROFILE, BY_GROUP)  # each sums all counts; the smallest first
MARGINS = (*OF_ALL, BY_ORGANISATION)
ADD = tuple((margin, Many.counts(margin.table, margin.key)) for margin in MARGINS)
EMPTY = tuple(statement(f"DELETE FROM {margin.table}") for margin in MARGINS)
COUNTED = tuple((margin, query(f"SELECT {', '.join(margin.key)}, n FROM {margin.table}")) for margin in MARGINS)
ANY, *ANY_SUM = (statement(f"SELECT 1 FROM {table} LIMIT 1") for table in ("tally", *(one.table for one in OF_ALL)))


def _filling(margin: Margin, month: str) -> str:
    made = {NAMED: f"CASE WHEN organisation = '' THEN '' ELSE 'yes' END AS {NAMED}"}
    if not month:
        made["month"] = "'' AS month"
    columns = ", ".join(made.get(name, name) for name in margin.key)
    by = ", ".join(name for name in margin.key if name != "month" or month)
    return (
        f"INSERT INTO {margin.table} ({', '.join(margin.key)}, n)"
        f" SELECT {columns}, sum(n) FROM tally WHERE {margin.only} GROUP BY {by}"
    )


FILL = tuple(statement(_filling(margin, month)) for margin in MARGINS for month in ("month", EVER))


def add(session: Session, changes: Mapping[Cell, int]) -> None:
    """Move the sums by these counts of one measure, each table in one order."""
    for margin, adding in ADD:
        summed = margin.summed(changes)
        hot.many(session, adding, [(*key, summed[key]) for key in sorted(summed) if summed[key]])


def empty(session: Session) -> None:
    for one in EMPTY:
        session.execute(one)


def missing(session: Session) -> bool:
    """Whether there are counts, and sums of them that nobody has made: a database of an earlier release."""
    return bool(session.execute(ANY).first()) and not all(session.execute(one).first() for one in ANY_SUM)


def rebuild(session: Session) -> None:
    """Make the sums anew from the counts."""
    empty(session)
    for one in FILL:
        session.execute(one)


def compare(session: Session, cells: Mapping[Cell, int]) -> Iterator[str]:
    """Where the sums differ from these counts, in words."""
    for margin, counted in COUNTED:
        right = margin.summed(cells)
        stands: Mapping[Any, int] = {tuple(row[:-1]): row.n for row in session.execute(counted)}
        for key in sorted(stands.keys() | right.keys()):
            if stands.get(key, 0) != right[key]:
                named = " ".join(part or "-" for part in key)
                yield f"the sum {margin.table} {named} is {stands.get(key, 0)}, the counts say {right[key]}"
