"""What can be exported: the kinds, their columns and the filters that each understands, and a wish read from a form.

Page, saved export and command line read a wish with the same function, so that they refuse and write the same.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.core import columns, filters, periods
from app.core.content import Library, Struct
from app.core.filters import Filters, Unfit
from app.core.formats import Column

PROFILE = ("group", "country", "sex", "ministry_type", "organisation", "age_band", "language")


class Kind(Struct):
    """A kind of export. `row`: what one row is; `period`: what the months of a period are about, "" where a period
    means nothing; `keeps`: how far everybody is whom a period keeps, "" where that is open; `filters`: those that it
    understands, beside the course where `of_course`."""

    name: str
    row: str
    columns: tuple[Column, ...]
    period: str = ""
    keeps: str = ""
    filters: tuple[str, ...] = (*PROFILE, "status")
    of_course: bool = True


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name="completions",
            row="One row for each person enrolled in the course who has an account; with a period, only those who "
            "completed the course in it.",
            period="completed in these months",
            keeps="completed",
            columns=columns.COMPLETIONS,
        ),
        Kind(
            name="enrolments",
            row="One row for each person enrolled in the course who has an account; with a period, only those who "
            "enrolled in it.",
            period="enrolled in these months",
            columns=columns.COMPLETIONS,
        ),
        Kind(
            name="attempts",
            row="One row for each try at a quiz of the course; with a period, only those handed in in it.",
            period="handed in in these months",
            columns=columns.ATTEMPTS,
        ),
        Kind(
            name="items",
            row="One row for each question that the course asks, and for each earlier version that was answered.",
            filters=(),
            columns=columns.ITEMS,
        ),
        Kind(
            name="statistics",
            row="One row for each count: a measure, a month and a profile; counts of nobody are left out.",
            period="counted in these months",
            filters=PROFILE,
            columns=columns.STATISTICS,
        ),
        Kind(
            name="learners",
            row="One row for each account of the site; with a period, only those made in it.",
            period="joined in these months",
            filters=PROFILE,
            of_course=False,
            columns=columns.LEARNERS,
        ),
    )
}
DEFAULT = "completions"


class Site(NamedTuple):
    """What rows are made of beside the database: courses as they are now, the moment, the time zone of the months."""

    library: Library
    now: datetime
    zone: ZoneInfo


class Wanted(Struct):
    """A wish that can be granted: `columns` are those of the kind that were chosen, in their order; `asked` is the
    period as it was written, which may be a word such as "this-quarter"."""

    kind: Kind
    filters: Filters
    columns: tuple[Column, ...]
    asked: str = ""

    @property
    def told(self) -> dict[str, str]:
        """The filters as the about file says them."""
        found = {name: ", ".join(values) for name, values in self.filters.as_args().items()}
        if not self.kind.of_course:
            del found["course"]
        if self.asked != self.filters.period:
            found["period"] += f" ({self.asked.replace('-', ' ')})"
        if found.get("period"):
            found["period"] += f": {self.kind.period}"
        return found

    @property
    def args(self) -> dict[str, list[str]]:
        """The filters as an address writes them, the period as it was asked for."""
        return self.filters.as_args() | ({"period": [self.asked]} if self.asked else {})

    def places(self) -> tuple[int, ...]:
        """Where the chosen columns stand among those of the kind."""
        return tuple(place for place, column in enumerate(self.kind.columns) if column in self.columns)


def want(
    kind: str,
    chosen: Collection[str],
    args: Mapping[str, Sequence[str]],
    library: Library,
    languages: Collection[str],
    today: date,
) -> Wanted:
    """Read a wish: no `chosen` columns are all of them; `args` are those that `filters.read` takes, the period also as
    a word of `periods.RELATIVE`.

    Raises Unfit with every problem: those of `filters.read`, `kind` and `column` unknown, and `unused` for a
    filter that the kind does not understand.
    """
    found = KINDS.get(kind)
    if found is None:
        raise Unfit({"kind": "unknown"})
    asked = [value for value in args.get("period", ()) if value]
    args = dict(args) | {"period": [periods.absolute(value, today) for value in asked]}
    if not found.of_course:
        args["course"] = [next(iter(library.courses))]
    problems = {} if set(chosen) <= {column.name for column in found.columns} else {"column": "unknown"}
    try:
        read = filters.read(args, library, languages)
    except Unfit as unfit:
        raise Unfit(unfit.problems | problems) from None
    problems |= {name: "unused" for name in read.as_args() if not understood(found, name) and name != "course"}
    if found.keeps and read.period and read.status not in ("", found.keeps):
        problems |= {"status": "contradiction"}
    if problems:
        raise Unfit(problems)
    kept = tuple(column for column in found.columns if not chosen or column.name in chosen)
    return Wanted(kind=found, filters=read, columns=kept, asked=asked[0] if asked else "")


def understood(kind: Kind, name: str) -> bool:
    """Whether a filter means something for a kind."""
    return (name == "course" and kind.of_course) or (name == "period" and bool(kind.period)) or name in kind.filters
