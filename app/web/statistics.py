"""Statistics for everybody: the tables of a month as they were frozen. A request reads that row, and counts nothing."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from babel.dates import format_date
from flask import Blueprint, Response, abort, current_app, render_template

from app.core.content import Course
from app.core.frozen import LICENCE, STATISTICS
from app.core.published import MEASURES, TIMES, VALUES, WOMEN_BY_MINISTRY, WOMEN_BY_SUBREGION
from app.records import frozen, people
from app.web import db
from app.web.fields import AGE_BANDS, MINISTRY_TYPES, country_choices
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.library import course_or_404, library

blueprint = Blueprint("statistics", __name__)

KEPT = "public, max-age=300"  # a new month comes once a month; a closed page should not stay long
NEWEST_MONTHS = 12
SUBREGIONS = {
    "East and North-East Asia": N_("East and North-East Asia"),
    "North and Central Asia": N_("North and Central Asia"),
    "Pacific": N_("Pacific"),
    "South and South-West Asia": N_("South and South-West Asia"),
    "South-East Asia": N_("South-East Asia"),
    "non-regional": N_("Members outside the region"),
}
BLOCS = {
    "ldc": N_("Least developed countries"),
    "lldc": N_("Landlocked developing countries"),
    "sids": N_("Small island developing States"),
}
SEX = {"woman": N_("Women"), "man": N_("Men"), "other": N_("Other, or not stated")}
TITLES = {
    "sex": (N_("By sex"), N_("Sex")),
    "ministry_type": (N_("By kind of ministry"), N_("Kind of ministry")),
    "age_band": (N_("By age"), N_("Age")),
    WOMEN_BY_MINISTRY: (N_("Women by kind of ministry"), N_("Kind of ministry")),
    WOMEN_BY_SUBREGION: (N_("Women by subregion"), N_("Subregion")),
}


@blueprint.before_request
def closed() -> None:
    """Where the site does not want them, there are no statistics for everybody."""
    if not db.settings().public_statistics:
        abort(404)


@blueprint.get("/statistics")
def overview() -> str:
    """The newest month of the first course, with links to the others."""
    return month_page(next(iter(library().courses.values())))


@blueprint.get("/statistics/<course>")
def newest(course: str) -> str:
    return month_page(course_or_404(course))


@blueprint.get("/statistics/<course>/<period>")
def month(course: str, period: str) -> str:
    return month_page(course_or_404(course), period)


def month_page(course: Course, period: str = "") -> str:
    """One month, by default the newest; before the first one the page says when it comes."""
    known = sorted(frozen.periods(db.reading(), course.id, STATISTICS), reverse=True)
    if period and period not in known:
        abort(404)
    chosen = period or next(iter(known), "")
    document = msgspec.json.decode(_row(course.id, chosen).document) if chosen else None
    return render_template(
        "public/statistics.html",
        course=course,
        courses=library().courses.values(),
        shown=page_of(document) if document else None,
        months=known,
        period=chosen,
        in_words=in_words,
        least=db.settings().suppression,
        times=TIMES,
        licence=LICENCE,
    )


@blueprint.get("/statistics.json")
def json_file() -> Response:
    """The newest month of each course, each as it was frozen."""
    rows = [row for course in library().courses if (row := newest_row(course))]
    return file("[" + ",\n".join(row.document for row in rows) + "]\n", "json")


@blueprint.get("/statistics.csv")
def csv_file() -> Response:
    """The same of the first course; those of the others stand at their own addresses."""
    row = newest_row(next(iter(library().courses))) or abort(404)
    return file(row.sheet, "csv")


@blueprint.get("/statistics/<course>/<period>.<any(json,csv):style>")
def one_file(course: str, period: str, style: str) -> Response:
    """A month as it was frozen, bit for bit."""
    row = _row(course_or_404(course).id, period)
    return file(row.document if style == "json" else row.sheet, style)


def newest_row(course: str) -> Any | None:
    latest = frozen.latest(db.reading(), course, STATISTICS)
    return latest and _row(course, latest.period)


def _row(course: str, period: str) -> Any:
    return frozen.find(db.reading(), course, STATISTICS, period) or abort(404)


def file(text: str, style: str) -> Response:
    """A frozen text as a file; any site may read it, since everybody may."""
    types = {"json": "application/json", "csv": "text/csv"}
    response = current_app.response_class(text.encode(), content_type=f"{types[style]}; charset=utf-8")
    response.headers["Cache-Control"], response.headers["Vary"] = KEPT, "Accept-Encoding"
    return response


# In words


def in_words(period: str) -> str:
    """A month (2026-09) or quarter (2026-Q3) in the reader's language."""
    year, _dash, part = period.partition("-")
    if part.startswith("Q"):
        return _("Quarter %(number)s of %(year)s", number=part[1:], year=year)
    return str(format_date(date(int(year), int(part), 1), "LLLL y", locale=spoken().language.formats))


def value_words(table: str, value: str) -> str:
    """A value of one of the published tables."""
    if table == "sex":
        return _(SEX[value])
    if not value:
        return _("Elsewhere or not stated") if table == WOMEN_BY_SUBREGION else _("Not stated")
    if table == WOMEN_BY_SUBREGION:
        return subregion_words(value)
    return _({**MINISTRY_TYPES, **AGE_BANDS}.get(value, value))


def subregion_words(name: str) -> str:
    return _(SUBREGIONS[name]) if name in SUBREGIONS else name


def place_words(row: Mapping[str, Any]) -> str:
    """A row of countries."""
    if row["code"]:
        return country_choices().get(row["code"], row["code"])
    if row["subregion"]:
        return _("Further countries: %(subregion)s", subregion=subregion_words(row["subregion"]))
    return _("All others, and not stated")


def share(part: int, whole: int) -> int | None:
    """Hundredths of a per cent, cut to tenths of a per cent; None without a base."""
    return part * 1000 // whole * 10 if whole else None


class Counted(NamedTuple):
    """A row of countries: enrolled, completed, certificates, and the completed of the enrolled."""

    words: str
    enrolled: int
    completed: int
    certificates: int
    share: int | None


def counted(words: str, row: Mapping[str, Any]) -> Counted:
    numbers = [row[measure] for measure in MEASURES]
    return Counted(words, *numbers, share(row["completed"], row["enrolled"]))


class Cell(NamedTuple):
    """A number of a breakdown: None is hidden; not `whole` means that more people were counted than shown."""

    n: int | None
    whole: bool = True


class Split(NamedTuple):
    """A breakdown: (words, two numbers, their share) for each value, then what is in no line. `untils`: of both."""

    table: str
    title: str
    first: str
    heads: tuple[str, str]
    lines: list[tuple[str, Cell, Cell, int | None]]
    withheld: tuple[int, int]
    since: tuple[int, int]
    totals: tuple[int, int]
    untils: tuple[str, str]
    hidden_share: int | None


def page_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the template shows of a frozen document."""
    rows = document["countries"]
    named = sorted((row for row in rows if row["code"]), key=lambda row: people.fold(place_words(row)))
    return {
        "frozen_at": datetime.fromisoformat(document["frozen_at"]),
        "time_zone": document["time_zone"],
        "release": document["release"],
        "small": document["small"],
        "least": document["least"],
        "total": counted(_("All"), document["total"]),
        "apart": share(document["not_by_country"], document["total"]["enrolled"]),
        "months": [counted(in_words(row["month"]), row) for row in document["months"][: -NEWEST_MONTHS - 1 : -1]],
        "countries": [counted(place_words(row), row) for row in [*named, *(row for row in rows if not row["code"])]],
        "subregions": [counted(subregion_words(row["subregion"]), row) for row in document["subregions"]],
        "blocs": [(counted(_(BLOCS[row["bloc"]]), row), row["unclear"]) for row in document["blocs"]],
        "splits": splits(document["breakdowns"], document["total"]),
    }


def splits(breakdowns: Iterable[Mapping[str, Any]], total: Mapping[str, int]) -> list[Split]:
    """The tables of one question with enrolled and completed side by side; those of women by themselves."""
    found = {(one["table"], one["measure"]): one for one in breakdowns}
    tables = [table for table in TITLES if (table, "enrolled") in found]
    return [
        split(table, found[table, "enrolled"], found.get((table, "completed")), total)
        if table in VALUES
        else women(table, found[table, "enrolled"])
        for table in tables
    ]


def split(
    table: str, enrolled: Mapping[str, Any], completed: Mapping[str, Any] | None, total: Mapping[str, int]
) -> Split:
    done = {row["value"]: row for row in completed["rows"]} if completed else {}
    lines = []
    for row in enrolled["rows"]:
        first, second = cell(row, 0), cell(done[row["value"]], 0) if done else Cell(None)
        both = first.whole and second.whole and first.n and second.n is not None
        lines.append((value_words(table, row["value"]), first, second, share(second.n, first.n) if both else None))
    return Split(
        table, *map(_, TITLES[table]), (_("Enrolled"), _("Completed")), lines,
        (enrolled["withheld"], completed["withheld"] if completed else 0),
        (enrolled["since"], completed["since"] if completed else total["completed"]),
        (total["enrolled"], total["completed"]),
        (in_words(enrolled["until"]), in_words(completed["until"]) if completed else ""),
        share(enrolled["withheld"], total["enrolled"]),
    )  # fmt: skip


def women(table: str, one: Mapping[str, Any]) -> Split:
    lines = []
    for row in one["rows"]:
        first, second = cell(row, 0), cell(row, 1)
        lines.append((value_words(table, row["value"]), first, second, share(first.n, second.n) if second.n else None))
    until = in_words(one["until"])
    heads = (_("Women"), _("All"))
    everybody = one["people"] + one["since"]
    return Split(table, *map(_, TITLES[table]), heads, lines, (0, one["withheld"]), (0, one["since"]),
                 (0, everybody), (until, until), share(one["withheld"], everybody))  # fmt: skip


def cell(row: Mapping[str, Any], place: int) -> Cell:
    people = row["people"]
    n = people[place] if place < len(people) else 0
    return Cell(n or None, row["whole"])
