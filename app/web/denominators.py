"""How many officials are to be trained: entered line by line or imported, by administrators and focal points."""

import uuid
from collections.abc import Mapping
from datetime import date

from flask import abort, request
from flask.typing import ResponseReturnValue

from app.core import denominators as reading
from app.core import tables
from app.core.certificates import COMPLETION
from app.core.content import Course
from app.core.denominators import ALL, LONGEST, Line, Row, meant_of_country
from app.core.filters import Filters
from app.core.invitees import compared
from app.core.overview import share
from app.core.tables import Refusal, Unreadable
from app.records import denominators as numbers
from app.records import listings, overview
from app.records.overview import ENROLLED, Count
from app.web import db
from app.web.areas import Area, area, on_both
from app.web.fields import SEXES, country_choices, trimmed
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.importing import MESSAGES, ROWS, fault_words
from app.web.library import library
from app.web.report import Row as Shown
from app.web.report import Share
from app.web.report import Table as Report
from app.web.sessions import required

MOST_SHOWN = 50  # refused rows on one page
SEX_WORDS = {ALL: N_("All")} | SEXES
DONE = {
    "saved": N_("The number is kept."),
    "removed": N_("The number is taken back."),
    "imported": N_("The numbers of the file are kept."),
}
REASONS = ROWS | {
    "country": N_("this country is not in the list of countries"),
    "another-country": N_("this is another country than yours"),
    "organisation": N_("this organisation is not on the list of its country"),
    "sex": N_("write woman, man or other, or leave it empty for all"),
    "number": N_("this is no whole number of people"),
    "source": N_("write where the number is from, in 300 characters at most"),
    "day": N_("write the day as 2026-03-31, or the year, not later than today"),
    "formula": N_("a cell begins like a formula"),
    "twice": N_("an earlier row is about the same place and sex"),
}
FILES = MESSAGES | {
    "columns": N_("The first row must name the columns. Needed are n, source and day."),
}


@on_both("/denominators", methods=("GET", "POST"))
def denominators() -> ResponseReturnValue:
    """The numbers as they stand, and a form for one more."""
    here = area()
    if request.method != "POST":
        return page(here)
    line, problems = line_of_form(here)
    if line is None:
        return page(here, problems), 422
    course = chosen_course()
    numbers.put(db.writing(), course.id, line, required().id, db.now())
    here.note("denominator", course.id, f"{line.country} {line.organisation or '-'} {line.sex or '-'} {line.n}")
    db.commit()
    return here.go("denominators", course=course.id, country=line.country, done="saved")


@on_both("/denominators/<uuid:denominator>/remove", methods=("POST",))
def remove_denominator(denominator: uuid.UUID) -> ResponseReturnValue:
    here, session = area(), db.writing()
    country = numbers.country_of(session, denominator)
    if country is None or not here.allows(country):
        db.rollback()
        abort(404)
    numbers.remove(session, denominator, country)
    here.note("denominator", denominator, f"{country} taken back")
    db.commit()
    return here.go("denominators", course=chosen_course().id, country=country, done="removed")


@on_both("/denominators/import", methods=("POST",))
def import_denominators() -> ResponseReturnValue:
    """Take over a file whose rows are all fit; else nothing of it, and each row that is not is told."""
    here, course = area(), chosen_course()
    file = request.files.get("file")
    data = b""
    if file:
        with file.stream as opened:
            data = opened.read()
    db.writing()  # the lists of organisations stay as they are meanwhile
    try:
        lines, refused = lines_of(data, here)
    except Unreadable as fault:
        db.rollback()
        return page(here, {"file": fault_words(fault, FILES)}), 422
    if refused or not lines:
        db.rollback()
        words = (
            _("Nothing was taken over. Mend the rows below and choose the file again.")
            if refused
            else _(FILES["empty"])
        )
        return page(here, {"file": words}, refused), 422
    for line in lines:
        numbers.put(db.writing(), course.id, line, required().id, db.now())
    here.note("denominator", course.id, f"{len(lines)} imported")
    db.commit()
    return here.go("denominators", course=course.id, done="imported")


def chosen_course() -> Course:
    """The course that the page is about: of the address, else the site's first."""
    courses = library().courses
    return courses.get(request.values.get("course", "")) or next(iter(courses.values()))


def page(here: Area, problems: Mapping[str, str] | None = None, refused: list[tuple[int, str]] | None = None) -> str:
    course, names = chosen_course(), {code: name for code, name in country_choices().items() if code}
    asked = request.values.get("country", "")
    country = here.country or (asked if asked in names else "")
    session = db.reading()
    known = numbers.of_course(session, course.id, (country,) if country else ())
    known.sort(key=lambda one: list(names).index(one.line.country) if one.line.country in names else 0)
    return here.page(
        "admin/denominators.html",
        course=course,
        country=country,
        names=names,
        known=known,
        reached=reached(course, country) if country else None,
        organisations=listings.of_country(session, country),
        sexes=SEX_WORDS,
        today=db.now().astimezone(db.settings().zone).date(),
        errors=problems or {},
        refused=(refused or [])[:MOST_SHOWN],
        more=max(0, len(refused or []) - MOST_SHOWN),
        done=_(DONE[done]) if (done := request.args.get("done", "")) in DONE else "",
    )


def reached(course: Course, country: str) -> Report | None:
    """Enrolled and completed of a country beside its officials: counts by country alone tell of no person."""
    lines = [one.line for one in numbers.of_course(db.reading(), course.id, (country,))]
    n = meant_of_country(lines)
    if n is None:
        return None
    filters = Filters(course=course.id, country=(country,))
    counts = overview.groups(db.reading(), filters, library(), (), (ENROLLED, COMPLETION)).total
    enrolled, completed = (counts.get(one, Count()).ever for one in (ENROLLED, COMPLETION))
    rows = (
        Shown(_("To be trained"), (n, Share(None))),
        Shown(_("Enrolled"), (enrolled, Share(share(enrolled, n)))),
        Shown(_("Completed"), (completed, Share(share(completed, n)))),
    )
    heads = (_("People"), _("Of those to be trained"))
    note = _("Up to now. Who is enrolled or completed need not be one of those who were meant.")
    return Report("reached", _("How many are reached"), _("What is counted"), heads, rows, notes=(note,))


def line_of_form(here: Area) -> tuple[Line | None, dict[str, str]]:
    """What was entered, or what is wrong with it, by field."""
    country = request.form.get("country", "")
    if country not in country_choices() or not country or not here.allows(country):
        abort(404)
    organisation, sex = request.form.get("organisation", ""), request.form.get("sex", "")
    listed = {one.id.hex for one in listings.of_country(db.reading(), country)}
    n, source = reading.number(trimmed(request.form.get("n"))), trimmed(request.form.get("source"))
    when = reading.day(trimmed(request.form.get("day")), today())
    problems = {}
    if organisation and organisation not in listed:
        problems["organisation"] = _("Choose one of the list.")
    if sex not in SEX_WORDS:
        problems["sex"] = _("Choose one of the list.")
    if n is None:
        problems["n"] = _("Write a whole number of people.")
    if not source or len(source) > LONGEST:
        problems["source"] = _("Write where the number is from, in 300 characters at most.")
    if when is None:
        problems["day"] = _("Write the day as 2026-03-31, or the year, not later than today.")
    if problems or n is None or when is None:
        return None, problems
    return Line(country, organisation, sex, n, source, when), {}


def today() -> date:
    return db.now().astimezone(db.settings().zone).date()


def lines_of(data: bytes, here: Area) -> tuple[list[Line], list[tuple[int, str]]]:
    """The lines of a file, and the rows that are refused: their number and why. Raises Unreadable."""
    if not data:
        raise Unreadable("empty")
    table = tables.read(data)
    places = reading.columns_of(table.header)
    countries = {compared(code): code for code in library().countries}
    for code, one in library().countries.items():
        countries |= {compared(name): code for name in one.name.values()}
    lines: dict[tuple[str, str, str], Line] = {}
    refused: list[tuple[int, str]] = []
    for number, cells in table.rows:
        found = reading.judge(cells, places, countries, here.country, today())
        line = found if isinstance(found, Refusal) else with_organisation(found)
        if not isinstance(line, Refusal) and line[:3] in lines:
            line = Refusal("twice", "")
        if isinstance(line, Refusal):
            refused.append((number, f"{_(REASONS[line.reason])}{': ' if line.detail else ''}{line.detail}"))
        else:
            lines[line[:3]] = line
    return list(lines.values()), refused


def with_organisation(row: Row) -> Line | Refusal:
    id = numbers.listed_as(db.reading(), row.country, row.organisation)
    if id is None:
        return Refusal("organisation", row.organisation)
    return Line(row.country, id, row.sex, row.n, row.source, row.day)
