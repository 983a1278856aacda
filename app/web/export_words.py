"""The words of the page of exports: kinds, filters with their choices, what is wrong, what will come."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from babel.dates import format_date

from app.core import periods
from app.core.exports import KINDS, understood
from app.core.filters import STATUSES, Unfit, months_of
from app.core.formats import XLSX_ROWS
from app.records import listings, organisations
from app.records.saved_exports import Saved
from app.web import db
from app.web.filter_words import LABELS, not_stated, offered
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.library import library

FORMATS = {"csv": N_("CSV, for every program"), "xlsx": N_("XLSX, for spreadsheets"), "jsonl": N_("JSON Lines")}
MICROSECONDS = {"csv": 100, "xlsx": 500, "jsonl": 170}  # that a row takes, by docs/performance.md
PATIENCE = 5  # seconds without an answer, after which people press again
NAMES = {
    "completions": N_("Completions"),
    "enrolments": N_("Enrolments"),
    "attempts": N_("Tries at quizzes"),
    "items": N_("Questions"),
    "statistics": N_("Counts"),
    "learners": N_("Accounts"),
}
MEANINGS = {
    "completions": N_("Who completed, and how far everybody else is: one row for each enrolled person."),
    "enrolments": N_("The same rows and columns, for questions about who began when."),
    "attempts": N_("One row for each try: when, how many points, passed or not. No names, no answers."),
    "items": N_("What the answers say of each question and of its earlier versions. No people."),
    "statistics": N_("The counts of the overview by month and profile. No people."),
    "learners": N_("One row for each account: profile, role, when it was made and last used."),
}
PERIODS = {
    "completions": N_("Keeps those who completed in these months."),
    "enrolments": N_("Keeps those who enrolled in these months."),
    "attempts": N_("Keeps the tries that were handed in in these months."),
    "statistics": N_("Keeps the counts of these months."),
    "learners": N_("Keeps the accounts that were made in these months."),
}
HOW_FAR = {
    "not-started": N_("Enrolled, nothing read or tried yet"),
    "started": N_("Begun, not completed yet"),
    "completed": N_("Completed"),
}
SPANS = {
    "this-month": N_("This month"),
    "last-month": N_("Last month"),
    "this-quarter": N_("This quarter"),
    "last-quarter": N_("Last quarter"),
    "this-year": N_("This year"),
    "last-year": N_("Last year"),
}
WRONG = {
    "unknown": N_("%(name)s: there is no such choice. Choose one of the list."),
    "several": N_("%(name)s: only one can be chosen."),
    "period": N_("%(name)s: write a year (2026), a quarter (2026-Q4), a month (2026-11), or two with .. between."),
    "contradiction": N_("%(name)s: this contradicts another filter, so nothing is left. Open one of them."),
    "unused": N_("%(name)s: this kind of export does not know this filter. Leave it open."),
}
OF_FORM = {
    "kind": N_("There is no such export. Choose one of the list."),
    "column": N_("There is no such column. Tick those that you need."),
    "rows": N_("An XLSX file takes up to %(most)s rows, and there are more. Choose CSV or JSON Lines."),
    "format": N_("Choose one of the formats."),
}
NO_FILTER = N_("%(name)s: there is no such filter. Choose below.")
SINGLE = ("course", "period", "status", "group")
A_LIST = 3  # countries of which the organisations are offered


class Field(NamedTuple):
    """A filter on the page; `choices` are value -> words, `chosen` the values of the address; one alone is `single`."""

    name: str
    label: str
    choices: dict[str, str]
    chosen: tuple[str, ...]
    hint: str = ""

    @property
    def single(self) -> bool:
        return self.name in SINGLE

    @property
    def shown(self) -> str:
        """What is chosen, in words."""
        return ", ".join(self.choices.get(value, value) for value in self.chosen)


class Line(NamedTuple):
    """A kind in the list: its words, and the filters of the address that it understands."""

    name: str
    words: str
    meaning: str
    args: dict[str, list[str]]


def kinds(args: Mapping[str, list[str]]) -> list[Line]:
    return [
        Line(name, _(NAMES[name]), _(MEANINGS[name]), {one: args[one] for one in args if understood(kind, one)})
        for name, kind in KINDS.items()
    ]


def fields(kind: str, args: Mapping[str, Sequence[str]]) -> list[Field]:
    """The filters that a kind understands, with what the address chooses; a course is asked for where there are two."""
    found = KINDS.get(kind)
    names = [name for name in LABELS if found and understood(found, name)]
    if len(library().courses) < 2:
        names = [name for name in names if name != "course"]
    return [
        Field(
            name,
            _(LABELS[name]),
            choices(name, args),
            tuple(args.get(name, ())),
            _(PERIODS[kind]) if name == "period" else "",
        )
        for name in names
    ]


def choices(name: str, args: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What a filter offers, in the reader's language; a value of the address is always among it."""
    there = _offered(name, args)
    return there | {value: value for value in args.get(name, ()) if value not in there}


def _offered(name: str, args: Mapping[str, Sequence[str]]) -> dict[str, str]:
    if name == "period":
        return _periods(args)
    if name == "organisation":
        return _organisations(args)
    return {state: _(HOW_FAR[state]) for state in STATUSES} if name == "status" else offered(name)


def _periods(args: Mapping[str, Sequence[str]]) -> dict[str, str]:
    today = db.now().date()
    found = {word: f"{_(words)}: {span(periods.absolute(word, today))}" for word, words in SPANS.items()}
    for period in (*_quarters(today), *(str(today.year - back) for back in range(4)), *args.get("period", ())):
        if period not in found:
            found[period] = span(period)
    return found


def _quarters(today: date) -> Iterator[str]:
    """This quarter and the seven before it."""
    place = today.year * 4 + (today.month - 1) // 3
    for back in range(8):
        year, quarter = divmod(place - back, 4)
        yield f"{year}-Q{quarter + 1}"


def span(period: str) -> str:
    """The months of a period in words; the period itself where it is none."""
    try:
        first, last = months_of(period)
    except ValueError:
        return period
    told = [_month(month) for month in (first, last)]
    if first == last:
        return told[0]
    if not first or not last:
        return _("until %(last)s", last=told[1]) if last else _("from %(first)s on", first=told[0])
    return _("%(first)s to %(last)s", first=told[0], last=told[1])


def _month(month: str) -> str:
    """2026-11 as "November 2026"; "" for an open end."""
    day = date(int(month[:4]), int(month[5:]), 1) if month else None
    return format_date(day, "LLLL y", locale=spoken().language.formats) if day else ""


def _organisations(args: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The lists of the chosen countries, where they are few, and those that the address names."""
    session, tag = db.reading(), spoken().language.tag
    found: dict[str, str] = {}
    for country in tuple(args.get("country", ()))[:A_LIST]:
        found |= {one.id.hex: one.in_language(tag) for one in listings.of_country(session, country)}
    for value in args.get("organisation", ()):
        if value not in found and (id := db.as_id(value)) and (name := organisations.name_of(session, id)):
            found[value] = name
    return found | not_stated()


def told(kind: str, args: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """The filters that are set, each with what it leaves, in words."""
    return [(field.label, field.shown) for field in fields(kind, args) if field.chosen]


def of_saved(one: Saved) -> str:
    """What a saved export is, in one line."""
    chosen = [shown for _label, shown in told(one.kind, one.filters)]
    columns = [_("Columns: %(num)s", num=spoken().number(len(one.columns)))] if one.columns else []
    return "; ".join([_(NAMES.get(one.kind, one.kind)), *chosen, *columns, _(FORMATS.get(one.format, one.format))])


def waits(rows: int) -> dict[str, int]:
    """Format -> about how many seconds so many rows take, in tens; without formats that nobody has to wait for."""
    found = {format: rows * each / 1_000_000 for format, each in MICROSECONDS.items()}
    return {format: -int(-seconds // 10) * 10 for format, seconds in found.items() if seconds > PATIENCE}


def problems(unfit: Unfit, kind: str) -> dict[str, str]:
    """What is wrong, by field, in words."""
    return {name: _problem(name, code) for name, code in unfit.problems.items()}


def _problem(name: str, code: str) -> str:
    if name in OF_FORM:
        words = OF_FORM["rows" if code == "rows" else name]
        return _(words, most=spoken().number(XLSX_ROWS))
    if name not in LABELS:
        return _(NO_FILTER, name=name)
    return _(WRONG[code], name=_(LABELS[name]))
