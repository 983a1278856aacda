"""The overview of a course for administrators: one choice of people and time, and its numbers on a few pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from flask import Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.filters import NOT_STATED, Filters, Unfit, quarter_of, read
from app.records import editions, overview
from app.records.filtering import check
from app.web import db, learning_tables, overview_tables
from app.web.admin import blueprint
from app.web.db import settings
from app.web.filter_words import LABELS, not_stated, offered
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.library import library
from app.web.overview_files import Chosen, about_rows, file_name
from app.web.overview_tables import About
from app.web.report import Table, as_csv

PARTS = {
    "completed": N_("Who completed"),
    "people": N_("By people"),
    "learning": N_("Learning"),
    "surveys": N_("Surveys"),
}
PROBLEMS = {
    "unknown": N_("This is not in the list. Choose again."),
    "several": N_("Choose one."),
    "period": N_(
        "This is no period. Choose one of the list, or write in the address a year, a quarter (2026-Q4) or a month "
        "(2026-11)."),
}  # fmt: skip
CONTRADICTIONS = {
    "country": N_("This country is not in the group that is chosen. Change one of the two."),
    "organisation": N_("This organisation is in a country that is not chosen. Change one of the two."),
    "period": N_("This period ends before it begins."),
}
ASKED = (
    *("course", "period", "country", "group", "sex"),
    *("ministry_type", "organisation", "age_band", "language"),
)
YEARS = 3  # so many are offered


class Field(NamedTuple):
    """A question of the form: its choices (value in the address -> words), what is chosen, what is wrong with it.

    `more`: further values of the address, which stay chosen as long as nobody takes them out.
    """

    name: str
    label: str
    choices: Mapping[str, str]
    chosen: str
    more: tuple[str, ...]
    problem: str

    @property
    def seldom(self) -> bool:
        """Whether it stands under "More filters"."""
        return self.name in ("group", "age_band", "language")

    @property
    def asked(self) -> bool:
        return bool(self.chosen or self.problem)


@blueprint.get("", endpoint="overview")
def overview_first() -> ResponseReturnValue:
    return page("completed")


@blueprint.get("/overview/<part>")
def overview_part(part: str) -> ResponseReturnValue:
    """Further numbers under the same filters: by people, learning, surveys."""
    return page(part if part in PARTS else abort(404))


@blueprint.get("/overview/<part>/numbers.csv")
def overview_numbers(part: str) -> ResponseReturnValue:
    """The tables of a page as a file: the same rows, a line for each figure."""
    filters = asked()
    if part not in PARTS:
        abort(404)
    if isinstance(filters, dict):
        return page(part, filters)
    about = about_of(filters)
    chosen = chosen_of(about)
    body = as_csv(tables(about, part, for_file=True), about_rows(about, chosen))
    response = Response(body, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(about, part, chosen)}"'
    return response


@blueprint.get("/overview/print")
def overview_print() -> ResponseReturnValue:
    """All tables on one page, without forms."""
    filters = asked()
    if isinstance(filters, dict):
        return page("completed", filters)
    about = replace(about_of(filters), whole=True)
    return render_template(
        "admin/overview_print.html",
        course=about.course,
        parts=parts_of(about),
        choice=choice_words(about),
        now=about.now,
        zone=settings().timezone,
        back=url_for("admin.overview", **args_of(filters)),
    )


def parts_of(about: About) -> list[tuple[str, list[Table]]]:
    """Every part with its tables; one that an earlier part has shown is not shown again."""
    seen: set[str] = set()
    found = []
    for part, words in PARTS.items():
        new = [one for one in tables(about, part, for_file=True) if one.id not in seen]
        seen |= {one.id for one in new}
        found.append((words, new))
    return found


def asked() -> Filters | dict[str, str]:
    """The filters of the address, or what is wrong with them, by name; without a period it is this quarter."""
    given = request.args.to_dict(flat=False)
    if "period" not in given:
        given["period"] = [this_quarter(db.now())]
    problems = {"status": "unknown"} if given.get("status") else {}
    if not any(given.get("course", ())):
        given["course"] = list(library().courses)[:1]
    try:
        filters = check(db.reading(), read(given, library(), languages()), library())
    except Unfit as unfit:
        problems |= unfit.problems
    return problems or filters


def languages() -> set[str]:
    """Those of the pages and of the courses."""
    return {*settings().languages, *(tag for course in library().courses.values() for tag in course.languages)}


def this_quarter(now: datetime) -> str:
    return quarter_of(now.astimezone(settings().zone).strftime("%Y-%m"))


def args_of(filters: Filters) -> dict[str, Any]:
    """The query of an address; an open period is said, since without one it is this quarter."""
    return filters.as_args() | {"period": filters.period}


def about_of(filters: Filters) -> About:
    return About(db.reading(), library(), library().courses[filters.course], filters, db.now())


def tables(about: About, part: str, for_file: bool = False) -> list[Table]:
    """What a page shows; for files and print with the tiles as a table."""
    if part != "completed":
        makers: Mapping[str, Callable[[About], list[Table]]] = {
            "people": overview_tables.people,
            "learning": learning_tables.learning,
            "surveys": learning_tables.surveys,
        }
        return makers[part](about)
    found = about.by_country
    tiles = [overview_tables.all_of_it(about, overview_tables.tiles(about))] if for_file else []
    organisations = overview_tables.by_organisation(about)
    who = [organisations] if organisations else []
    if organisations is None or not organisations.rows:
        who.insert(0, overview_tables.by_country(about, found))
    return [*tiles, *who, overview_tables.missing(about, found), learning_tables.where_people_stop(about)]


def page(part: str, refused: dict[str, str] | None = None) -> ResponseReturnValue:
    """A part of the overview; where the filters are no filters, the form alone with what is wrong."""
    found = refused or asked()
    filters, problems = (None, found) if isinstance(found, dict) else (found, {})
    about = about_of(filters) if filters else None
    fields = form(filters, problems)
    course = about.course if about else next(iter(library().courses.values()))
    body = render_template(
        "admin/overview.html",
        part=part,
        parts=PARTS,
        course=course,
        fields=fields,
        seldom_asked=any(one.seldom and one.asked for one in fields),
        errors=errors_of(fields, problems),
        args=args_of(filters) if filters else {},
        tiles=overview_tables.tiles(about) if about and part == "completed" else [],
        bounded=bool(about and about.bounded),
        choice=choice_words(about) if about else "",
        tables=tables(about, part) if about else [],
        names_waiting=editions.how_many(db.reading()),
        now=db.now(),
        zone=settings().timezone,
    )
    return make_response(body, 422 if problems else 200)


def errors_of(fields: Sequence[Field], problems: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, in words, by the id of the field; a name that is no filter points to the form."""
    found = {one.name: one.problem for one in fields if one.problem}
    for name in problems:
        if name not in found:
            found["filters"] = _("There is no filter called “%(name)s”. Take it out of the address.", name=name)
    return found


# The form


def form(filters: Filters | None, problems: Mapping[str, str]) -> list[Field]:
    """The questions, filled in with what the address asks."""
    found = []
    for name in ASKED:
        there, problem = choices(name, filters), problems.get(name, "")
        if name in ("course", "organisation") and len(there) < 2 and not problem:
            continue
        chosen, *more = values_of(filters, name) or [""]
        if chosen not in there and not problem:
            there |= {chosen: words_of(name, chosen)}
        found.append(Field(name, _(LABELS[name]), there, chosen, tuple(more), problem_words(name, problem)))
    return found


def values_of(filters: Filters | None, name: str) -> list[str]:
    """What the address asks, as it is written there."""
    if filters is None:
        return request.args.getlist(name) or ([this_quarter(db.now())] if name == "period" else [])
    value = args_of(filters).get(name, [])
    return [value] if isinstance(value, str) else list(value)


def problem_words(name: str, problem: str) -> str:
    if problem == "contradiction":
        return _(CONTRADICTIONS[name])
    return _(PROBLEMS[problem]) if problem else ""


def choices(name: str, filters: Filters | None) -> dict[str, str]:
    """What a question offers: value in the address -> words; the first leaves it open."""
    if name == "period":
        return periods(db.now())
    if name == "organisation":
        return organisations(filters)
    return offered(name) if name == "course" else {"": _("All")} | offered(name)


def organisations(filters: Filters | None) -> dict[str, str]:
    """The listed ones of the one country that is chosen, and whatever the address asks for."""
    if filters is None:
        return {"": _("All")}
    countries = filters.countries(library())
    listed = overview.listed(db.reading(), countries) if len(countries) == 1 else []
    others = overview.names(db.reading(), [one for one in filters.organisation if one])
    named = {one.id: one.name for one in listed} | others
    return {"": _("All")} | named | not_stated() if named or filters.organisation else {}


def periods(now: datetime) -> dict[str, str]:
    """This quarter first, then what is asked for most; the last leaves the time open."""
    local = now.astimezone(settings().zone)
    year, quarter = local.year, (local.month + 2) // 3
    found = {}
    for _place in range(4):
        words = _("Quarter %(quarter)s of %(year)s", quarter=quarter, year=year)
        found[f"{year}-Q{quarter}"] = words
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    year, month = local.year, local.month
    for _place in range(2):
        found[f"{year}-{month:02}"] = overview_tables.month_words(f"{year}-{month:02}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    found |= {str(local.year - ago): str(local.year - ago) for ago in range(YEARS)}
    return found | {"": _("Since the beginning")}


def words_of(name: str, value: str) -> str:
    """A value of the address that the form does not offer."""
    return _("Not stated") if value == NOT_STATED else value


def chosen_of(about: About) -> list[Chosen]:
    """The filters that are asked for, in the order of the form."""
    filters, found = about.filters, []
    for name in ASKED:
        values = getattr(filters, name)
        if name == "course" or not values:
            continue
        there, several = choices(name, filters), (values,) if isinstance(values, str) else values
        words = (there.get(one or NOT_STATED) or words_of(name, one or NOT_STATED) for one in several)
        found.append(Chosen(name, several, tuple(words)))
    return found


def choice_words(about: About) -> str:
    """The filters in words, for the reader and for paper."""
    return "; ".join(_("%(label)s: %(value)s", label=one.label, value=", ".join(one.words)) for one in chosen_of(about))
