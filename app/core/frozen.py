"""What is frozen at the end of a month or quarter: documents of counts, without anybody's name, and their CSV.

A **report** is for administrators: every count as it is. **Statistics** are for everybody: the fixed list of
`app.core.published`. Both are plain data that JSON can hold; whoever freezes them keeps the text, and never makes it
again.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from app.core import published, rolling
from app.core.cells import csv_line
from app.core.content import Country, Course
from app.core.filters import BLOCS, months_of
from app.core.formats import BYTE_ORDER_MARK
from app.core.published import MEASURES, Breakdown, Count, Line, Step

REPORT, STATISTICS = "report", "statistics"
FORMATS = {REPORT: "lontar-report-1", STATISTICS: "lontar-statistics-1"}
LICENCE = "CC BY 4.0"
COUNTED = {
    "enrolled": "People who started the course, read a section, opened a quiz or answered a survey.",
    "started": "Of these, people with a first section read or a quiz opened.",
    "participation": "People who read every section: confirmations of participation.",
    "completion": "People who passed every module quiz and the final assessment.",
    "certificate": "Certificates of completion and confirmations of participation, revoked ones included.",
}
NOTES = (
    "Enrolled and started people stand under what their profile said at frozen_at, whenever they enrolled; who "
    "completed or got a certificate stands under what the profile said then. An empty value is not stated.",
    "People who erased their account stay in the counts, without a name.",
    "Months are those of the time zone.",
)
PUBLIC_NOTES = (
    "Counts by country alone are shown as they are. A country with fewer enrolled people than 'small' stands with "
    "the further countries of its subregion, and these among all others where they are too few together. Where the "
    "total of a group of countries, less rows or other groups, would give such a country away, or several that have "
    "fewer than 'small' together, only the rows that belong to the group as a whole are counted, and 'unclear' says "
    "how many enrolled people stand in rows of which a part belongs.",
    "All other tables add up steps: the people who enrolled (or completed) since the step before. A step ends with "
    "the first month by which its people are at least 20 times 'least', and a fifth of those in steps before. Who "
    "came since the last step is in no breakdown yet.",
    "Within a step a count under 'least' is hidden, with as many others as it takes so that it cannot be worked out. "
    "A number that was hidden in some step is less than the truth and is marked whole: false; 'withheld' says how "
    "many people stand in no line for that reason.",
    "A count of completed people is shown only where at least 'least' more are shown as enrolled; a share of "
    "enrolled people only where both numbers are whole. sex 'other' holds all who are not counted as women or men.",
)
TABLES: tuple[tuple[str, ...], ...] = (
    *((), ("subregion",), ("bloc",), ("country",), ("sex",), ("ministry_type",), ("age_band",), ("language",)),
    *(("sex", "ministry_type"), ("country", "sex"), ("country", "ministry_type")),
)


BY_ORGANISATION = ("country", "organisation")


class OrganisationCount(NamedTuple):
    """People of one measure and month who state a country and a listed organisation (its id; "": no listed one)."""

    measure: str
    month: str
    country: str
    organisation: str
    n: int


class Organisations(NamedTuple):
    """The listed organisations (id -> name as it is now), and the counts of their people."""

    names: Mapping[str, str] = {}
    counts: Sequence[OrganisationCount] = ()


class Occasion(NamedTuple):
    """What is frozen, when and by which course; `frozen_at` carries the site's time zone."""

    course: Course
    period: str
    frozen_at: datetime
    release: str
    zone: ZoneInfo
    edition: int = 1
    reason: str = ""

    def head(self, kind: str) -> dict[str, Any]:
        first, last = months_of(self.period)
        return {
            "format": FORMATS[kind],
            "course": self.course.id,
            "title": self.course.title,
            "period": self.period,
            "first_month": first,
            "last_month": last,
            "time_zone": str(self.zone),
            "frozen_at": self.frozen_at.isoformat(timespec="seconds"),
            "release": self.release,
            "edition": self.edition,
            "reason": self.reason,
        }


def text(document: Mapping[str, Any]) -> str:
    """A document as the JSON that is kept."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


# For administrators


def report(
    occasion: Occasion,
    counts: Iterable[Count],
    countries: Mapping[str, Country],
    listed: Organisations,
) -> dict[str, Any]:
    """Every count: until the end of the period, and (`…_new`) within it."""
    first, last = months_of(occasion.period)
    known = [count for count in counts if count.month <= last and count.measure in COUNTED]
    columns = [name for measure in COUNTED for name in (measure, f"{measure}_new")]
    tables = [{"by": by, "rows": _rows(known, by, first, countries)} for by in TABLES]
    of_listed = [count for count in listed.counts if count.month <= last and count.measure in COUNTED]
    if of_listed:
        everybody = [*of_listed, *_rest(known, of_listed)]
        tables.append({"by": BY_ORGANISATION, "rows": _rows(everybody, BY_ORGANISATION, first, countries)})
    return occasion.head(REPORT) | {
        **{"definitions": COUNTED, "notes": NOTES, "columns": columns, "tables": tables},
        "organisations": {id: listed.names[id] for id in sorted({count.organisation for count in of_listed})},
    }


def _rest(known: Iterable[Count], of_listed: Iterable[OrganisationCount]) -> Iterator[OrganisationCount]:
    """Who states no listed organisation: all of a country without those of its organisations."""
    for one in known:
        yield OrganisationCount(one.measure, one.month, one.country, "", one.n)
    for count in of_listed:
        yield count._replace(organisation="", n=-count.n)


def _rows(
    counts: Sequence[Count | OrganisationCount], by: tuple[str, ...], first: str, countries: Mapping[str, Country]
) -> list[list[str | int]]:
    """[values of `by` …, numbers …], sorted by the values."""
    places = {measure: 2 * place for place, measure in enumerate(COUNTED)}
    found: dict[tuple[str, ...], list[int]] = {}
    for count in counts:
        for key in _keys(count, by, countries):
            numbers = found.setdefault(key, [0] * 2 * len(COUNTED))
            place = places[count.measure]
            numbers[place] += count.n
            numbers[place + 1] += count.n if count.month >= first else 0
    return [[*key, *found[key]] for key in sorted(found) if any(found[key])]


def _keys(
    count: Count | OrganisationCount, by: tuple[str, ...], countries: Mapping[str, Country]
) -> list[tuple[str, ...]]:
    country = countries.get(count.country)
    if by == ("bloc",):
        return [(bloc,) for bloc in BLOCS if country and getattr(country, bloc)]
    if by == ("subregion",):
        return [(country.subregion if country else "",)]
    return [tuple(getattr(count, name) for name in by)]


def report_sheet(document: Mapping[str, Any]) -> str:
    """The tables of a report as CSV, one line for each row."""
    names = document["organisations"]
    lines: list[Sequence[str | int]] = [("table", "value", "second_value", *document["columns"], "organisation")]
    for table in document["tables"]:
        by = table["by"]
        for row in table["rows"]:
            values, numbers = [*row[: len(by)], "", ""][:2], row[len(by) :]
            name = names.get(row[1], "") if tuple(by) == BY_ORGANISATION else ""
            lines.append((" x ".join(by) or "all", *values, *numbers, name))
    return _sheet(lines)


# For everybody


def statistics(
    occasion: Occasion,
    counts: Iterable[Count],
    countries: Mapping[str, Country],
    before: Mapping[str, Sequence[Step]],
    least: int,
    small: int,
) -> dict[str, Any]:
    """The published tables of a month; `before` are the steps of the month before, which stay as they are."""
    known = [count for count in counts if count.month <= occasion.period]
    people = published.people_by_country(known)
    where = rolling.places(people, countries, small)
    lines = published.by_country(known, where)
    subregions = published.subregions_of(countries)
    steps = published.close(before, known, occasion.period, subregions, least, small)
    totals = _total(lines)
    return occasion.head(STATISTICS) | {
        "licence": LICENCE,
        "least": least,
        "small": small,
        "definitions": {measure: COUNTED[name] for measure, name in MEASURES.items()},
        "notes": (*NOTES, *PUBLIC_NOTES),
        "total": totals,
        "not_by_country": sum(line.enrolled for line in lines if not line.place.code),
        "months": _months(known),
        "countries": [_line(line) for line in lines],
        "subregions": _subregions(lines),
        "blocs": _blocs(known, lines, where, countries, rolling.clear_blocs(where, countries, people, small)),
        "breakdowns": [_breakdown(one, totals[one.measure]) for one in published.breakdowns(steps)],
        "steps": steps,
    }


def _total(lines: Iterable[Line]) -> dict[str, int]:
    found = dict.fromkeys(MEASURES, 0)
    for line in lines:
        for measure in MEASURES:
            found[measure] += getattr(line, measure)
    return found


def _months(counts: Iterable[Count]) -> list[dict[str, Any]]:
    found: dict[str, Counter[str]] = {}
    for count in counts:
        found.setdefault(count.month, Counter())[count.measure] += count.n
    return [
        {"month": month} | {measure: found[month][name] for measure, name in MEASURES.items()}
        for month in sorted(found)
    ]


def _line(line: Line) -> dict[str, Any]:
    return line.place._asdict() | _total([line])


def _subregions(lines: Sequence[Line]) -> list[dict[str, Any]]:
    names = dict.fromkeys(line.place.subregion for line in lines if line.place.subregion)
    return [{"subregion": name} | _total(line for line in lines if line.place.subregion == name) for name in names]


def _blocs(
    known: Iterable[Count],
    lines: Sequence[Line],
    where: Mapping[str, rolling.Place],
    countries: Mapping[str, Country],
    clear: Collection[str],
) -> list[dict[str, Any]]:
    """The totals of the `clear` blocs; of the others, that of the rows that belong to them as a whole.

    `unclear`: enrolled people in rows of which some countries belong, where these were left out.
    """
    members = {bloc: {code for code, one in countries.items() if getattr(one, bloc)} for bloc in BLOCS}
    found = []
    for bloc in BLOCS:
        belongs = {line: rolling.belongs(line.place, bloc, where, countries) for line in lines}
        if bloc in clear:
            inside = published.by_country((one for one in known if one.country in members[bloc]), where)
            unclear = 0
        else:
            inside = [line for line in lines if belongs[line]]
            unclear = sum(line.enrolled for line in lines if belongs[line] is None)
        found.append({"bloc": bloc} | _total(inside) | {"unclear": unclear})
    return found


def _breakdown(one: Breakdown, total: int) -> dict[str, Any]:
    return {
        "measure": one.measure,
        "table": one.table,
        "until": one.last,
        "people": one.people,
        "withheld": one.withheld,
        "since": total - one.people,
        "rows": [
            {"value": row.value, "people": row.people if any(row.people) else None, "whole": row.whole}
            for row in one.rows
        ],
    }


def statistics_sheet(document: Mapping[str, Any]) -> str:
    """The published tables as CSV, one line for each number, definitions and licence first."""
    lines: list[Sequence[str | int]] = [("table", "value", "measure", "people", "of", "remark")]
    for name in ("title", "period", "time_zone", "frozen_at", "release", "licence", "least", "small"):
        value = document[name]
        lines.append(("about", name, "", "", "", str(value.get("en", "") if isinstance(value, dict) else value)))
    lines += [("about", "definition", measure, "", "", words) for measure, words in document["definitions"].items()]
    lines += [("about", "note", "", "", "", words) for words in document["notes"]]
    for row in document["months"]:
        lines += [("new in month", row["month"], measure, row[measure], "", "") for measure in MEASURES]
    for row in document["countries"]:
        remark = "" if row["code"] else "further countries" if row["subregion"] else "all others and not stated"
        name = row["code"] or row["subregion"]
        lines += [("country", name, measure, row[measure], "", remark) for measure in MEASURES]
    for table, name in (("subregions", "subregion"), ("blocs", "bloc")):
        for row in document[table]:
            lines += [(name, row[name], measure, row[measure], "", "") for measure in MEASURES]
    for one in document["breakdowns"]:
        lines += _breakdown_lines(one)
    return _sheet(lines)


def _breakdown_lines(one: Mapping[str, Any]) -> list[Sequence[str | int]]:
    lines: list[Sequence[str | int]] = []
    for row in one["rows"]:
        people: Sequence[str | int] = row["people"] or ("",)
        remark = "hidden" if not row["people"] else "" if row["whole"] else "part of it is hidden"
        lines.append((one["table"], row["value"], one["measure"], people[0], people[1] if people[1:] else "", remark))
    remark = f"withheld, of all until {one['until']}"
    lines.append((one["table"], "", one["measure"], one["withheld"], one["people"], remark))
    return lines


def _sheet(lines: Iterable[Sequence[str | int]]) -> str:
    return BYTE_ORDER_MARK.decode() + b"".join(csv_line(line) for line in lines).decode()


def steps_of(document: str) -> dict[str, list[Step]]:
    """The steps of published statistics, from the text that was kept."""
    return msgspec.json.decode(document, type=_Kept).steps


class _Kept(msgspec.Struct):
    steps: dict[str, list[Step]]
