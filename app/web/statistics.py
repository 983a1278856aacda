"""Statistics for everybody: the tables of a month as they were frozen. A request reads that row, and counts nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from babel.dates import format_date
from flask import Blueprint, Response, abort, current_app, render_template

from app.core.content import Course
from app.core.frozen import LICENCE, STATISTICS
from app.core.published import COMPLETED, ENROLLED, MEASURES, TIMES, VALUES, WOMEN_BY_MINISTRY, WOMEN_BY_SUBREGION
from app.records import frozen, people
from app.web import db
from app.web.fields import AGE_BANDS, MINISTRY_TYPES, country_choices
from app.web.filter_words import group_words
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.library import course_or_404, library

blueprint = Blueprint("statistics", __name__)

KEPT = "public, max-age=300"  # a new month comes once a month; a closed page should not stay long
NEWEST_MONTHS = 12
SEX = {"woman": N_("Women"), "man": N_("Men"), "other": N_("Other, or not stated")}
TITLES = {
    "sex": (N_("By sex"), N_("Sex")),
    "age_band": (N_("By age"), N_("Age")),
    "ministry_type": (N_("By kind of ministry"), N_("Kind of ministry")),
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
        return group_words(value)
    return _({**MINISTRY_TYPES, **AGE_BANDS}.get(value, value))


def place_words(row: Mapping[str, Any]) -> str:
    """A row of countries."""
    if row["code"]:
        return country_choices().get(row["code"], str(row["code"]))
    if row["subregion"]:
        return _("Further countries: %(subregion)s", subregion=group_words(row["subregion"]))
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


def line_of(words: str, row: Mapping[str, Any]) -> Counted:
    enrolled, completed, certificates = (row[measure] for measure in MEASURES)
    return Counted(words, enrolled, completed, certificates, share(completed, enrolled))


def place_order(row: Mapping[str, Any]) -> tuple[bool, bool, str]:
    """Countries by name, then what is left of subregions by name, then all others."""
    return not row["code"], not row["code"] and not row["subregion"], people.fold(place_words(row))


def alphabetical(rows: Iterable[Counted]) -> list[Counted]:
    return sorted(rows, key=lambda one: people.fold(one.words))


class Cell(NamedTuple):
    """A number of a breakdown: None is hidden; not `whole` means that more people were counted than shown."""

    n: int | None
    whole: bool = True


class Split(NamedTuple):
    """A breakdown: (words, numbers, share of the second in the first) for each value, then who is in no line.

    `id` is its place in the page.
    `numbers` are of enrolled and, once there is a step of them, of completed people; or of women and all. `untils` are
    the last months. `missing`: how many must have completed before they are shown, 0 where they are.
    """

    id: str
    title: str
    first: str
    heads: list[str]
    lines: list[tuple[str, list[Cell], int | None]]
    withheld: list[int | None]
    since: list[int | None]
    totals: list[int | None]
    untils: list[str]
    hidden_share: int | None
    missing: int = 0


def page_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the template shows of a frozen document."""
    rows = sorted(document["countries"], key=place_order)
    return {
        "frozen_at": datetime.fromisoformat(document["frozen_at"]),
        "time_zone": document["time_zone"],
        "release": document["release"],
        "small": document["small"],
        "least": document["least"],
        "total": line_of(_("All"), document["total"]),
        "apart": share(document["not_by_country"], document["total"]["enrolled"]),
        "months": [line_of(in_words(row["month"]), row) for row in document["months"][: -NEWEST_MONTHS - 1 : -1]],
        "countries": [line_of(place_words(row), row) for row in rows],
        "subregions": alphabetical(line_of(group_words(row["subregion"]), row) for row in document["subregions"]),
        "blocs": [(line_of(group_words(row["bloc"]), row), row["unclear"]) for row in document["blocs"]],
        "splits": splits(document),
    }


def splits(document: Mapping[str, Any]) -> list[Split]:
    """The tables of one question with enrolled and completed side by side; those of women by themselves."""
    found = {(one["table"], one["measure"]): one for one in document["breakdowns"]}
    return [
        split(table, [one for measure in (ENROLLED, COMPLETED) if (one := found.get((table, measure)))], document)
        if table in VALUES
        else women(table, found[table, ENROLLED])
        for table in TITLES
        if (table, ENROLLED) in found
    ]


def split(table: str, both: Sequence[Mapping[str, Any]], document: Mapping[str, Any]) -> Split:
    enrolled, completed = both[0], both[1] if len(both) > 1 else None
    done = {row["value"]: [cell(row, 0)] for row in completed["rows"]} if completed else {}
    lines = []
    for row in enrolled["rows"]:
        cells = [cell(row, 0), *done.get(row["value"], [])]
        lines.append((value_words(table, row["value"]), cells, part_of(cells[-1], cells[0]) if completed else None))
    heads = [_("Enrolled"), *([_("Completed"), _("of enrolled")] if completed else [])]
    total = document["total"]
    title, first = TITLES[table]
    return Split(
        table, _(title), _(first), heads, lines,
        [one["withheld"] for one in both], [one["since"] for one in both], [total[one["measure"]] for one in both],
        [in_words(one["until"]) for one in both], share(enrolled["withheld"], total[ENROLLED]),
        0 if completed else TIMES * document["least"],
    )  # fmt: skip


def women(table: str, one: Mapping[str, Any]) -> Split:
    rows, lines = one["rows"], []
    if table == WOMEN_BY_SUBREGION:
        rows = sorted(rows, key=lambda row: (not row["value"], people.fold(value_words(table, row["value"]))))
    for row in rows:
        cells = [cell(row, 0), cell(row, 1)]
        lines.append((value_words(table, row["value"]), cells, part_of(*cells)))
    everybody = one["people"] + one["since"]
    title, first = TITLES[table]
    return Split(
        table, _(title), _(first), [_("Women"), _("All"), _("Share of women")], lines,
        [None, one["withheld"]], [None, one["since"]], [None, everybody],
        [in_words(one["until"])], share(one["withheld"], everybody),
    )  # fmt: skip


def part_of(part: Cell, whole: Cell) -> int | None:
    """The share, where neither number is hidden even in part."""
    return share(part.n, whole.n) if part.whole and whole.whole and part.n is not None and whole.n else None


def cell(row: Mapping[str, Any], place: int) -> Cell:
    return Cell(row["people"][place] if row["people"] else None, row["whole"])
