"""What a report is about: a course, a period of whole months and a choice of people, as an address carries it.

The same choice reads the tallies, the roster of enrolments and the exports, so that screen, file and command agree.
"""

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from app.core.content import Library, Struct
from app.core.profile import AGE_BANDS, MINISTRY_TYPES, SEXES

NOT_STATED = "-"  # in an address; the tallies say ""
BLOCS = ("ldc", "lldc", "sids")
DIMENSIONS = ("country", "sex", "ministry_type", "organisation", "age_band", "language")
STATUSES = ("not-started", "started", "completed")
PERIOD = re.compile(r"(?P<year>2[0-9]{3})(-Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")
QUARTER = 3  # months


class Period(NamedTuple):
    """Whole months of the site's time zone, `YYYY-MM`, both ends included; "" where an end is open."""

    first: str = ""
    last: str = ""


class Filters(Struct):
    """A choice; an empty tuple or text leaves its question open, "" within a tuple means "not stated".

    `group` is a subregion or one of `BLOCS`; `organisation` holds ids as 32 hex digits; `period` is as in the address:
    a year, a quarter (2026-Q4), a month (2026-11), or two of these with ".." between.
    """

    course: str
    period: str = ""
    group: str = ""
    country: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    ministry_type: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    age_band: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    status: str = ""

    @property
    def months(self) -> Period:
        """The months of the period."""
        return months_of(self.period)

    def countries(self, library: Library) -> tuple[str, ...]:
        """The codes that country and group leave together, sorted; empty where both are open."""
        if not self.group:
            return self.country
        members = members_of(library, self.group)
        return tuple(code for code in self.country if code in members) if self.country else members

    def as_args(self) -> dict[str, list[str]]:
        """The query of an address that `read` reads back; what is left open is not in it."""
        several = {name: [value or NOT_STATED for value in getattr(self, name)] for name in DIMENSIONS}
        single = {name: [value] for name in ("period", "group", "status") if (value := getattr(self, name))}
        return {"course": [self.course]} | single | {name: values for name, values in several.items() if values}


class Unfit(ValueError):
    """Filters that cannot be: `problems` is name -> `unknown`, `contradiction`, `period` or `several`."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


def read(
    args: Mapping[str, Sequence[str]], library: Library, languages: Collection[str], only: str | None = None
) -> Filters:
    """Read the query of an address; a course is needed only where there are several.

    `only`: the one country that may be asked for, which then is always asked for. A name that is no filter is refused,
    as a mistyped one would count everybody. Raises Unfit with every problem found.
    """
    given = {name: tuple(dict.fromkeys(value for value in values if value)) for name, values in args.items()}
    problems = {name: "unknown" for name in given if name not in Filters.__struct_fields__}
    problems |= {name: "several" for name in ("course", "period", "group", "status") if len(given.get(name, ())) > 1}
    single = {name: next(iter(given.get(name, ())), "") for name in ("course", "period", "group", "status")}
    known = _known(library, languages)
    several = {}
    for name in DIMENSIONS:
        several[name] = tuple(sorted("" if value == NOT_STATED else value for value in given.get(name, ())))
        if any(not _fits(value, known.get(name)) for value in several[name]):
            problems.setdefault(name, "unknown")
    if only is not None:
        if several["country"] not in ((), (only,)) or single["group"]:
            problems["country"] = "unknown"
        several["country"] = (only,)
    course = single["course"] or (next(iter(library.courses)) if len(library.courses) == 1 else "")
    if course not in library.courses:
        problems.setdefault("course", "unknown")
    filters = Filters(course=course, period=single["period"], group=single["group"], status=single["status"], **several)
    problems = _judge(filters, library) | problems
    if problems:
        raise Unfit(problems)
    return filters


def _known(library: Library, languages: Collection[str]) -> dict[str, Collection[str]]:
    return {
        "country": library.countries,
        "sex": SEXES,
        "ministry_type": MINISTRY_TYPES,
        "age_band": AGE_BANDS,
        "language": languages,
    }


def _fits(value: str, known: Collection[str] | None) -> bool:
    if value == "":
        return True
    if known is not None:
        return value in known
    try:
        return uuid.UUID(value).hex == value
    except ValueError:
        return False


def _judge(filters: Filters, library: Library) -> dict[str, str]:
    problems = {}
    if filters.status and filters.status not in STATUSES:
        problems["status"] = "unknown"
    if filters.group and not members_of(library, filters.group):
        problems["group"] = "unknown"
    elif filters.group and filters.country and not filters.countries(library):
        problems["country"] = "contradiction"
    try:
        first, last = filters.months
    except ValueError:
        problems["period"] = "period"
    else:
        if first and last and first > last:
            problems["period"] = "contradiction"
    return problems


def members_of(library: Library, group: str) -> tuple[str, ...]:
    """The codes of the countries of a subregion or bloc, sorted; empty for a group that there is not."""
    countries = library.countries.values()
    if group in BLOCS:
        return tuple(sorted(country.code for country in countries if getattr(country, group)))
    return tuple(sorted(country.code for country in countries if group and country.subregion == group))


def subregions(library: Library) -> tuple[str, ...]:
    """The subregions that countries of the list are in, in the order of the list."""
    return tuple(dict.fromkeys(country.subregion for country in library.countries.values() if country.subregion))


def months_of(period: str) -> Period:
    """The months of a period as an address writes it. Raises ValueError where it is none."""
    if not period:
        return Period()
    first, between, last = period.partition("..")
    if not between:
        return _span(period)
    return Period(_span(first).first if first else "", _span(last).last if last else "")


def _span(text: str) -> Period:
    match = PERIOD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is no year, quarter or month")
    year = match["year"]
    if match["month"]:
        return Period(text, text)
    if match["quarter"]:
        last = int(match["quarter"]) * QUARTER
        return Period(f"{year}-{last - QUARTER + 1:02}", f"{year}-{last:02}")
    return Period(f"{year}-01", f"{year}-12")


def quarter_of(month: str) -> str:
    """The quarter of a month, as a period: 2026-11 is in 2026-Q4."""
    return f"{month[:4]}-Q{(int(month[5:]) + QUARTER - 1) // QUARTER}"
