"""A posted form -> what a tool works with, or what is wrong with each field; nothing is guessed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from app.core.numbers import readings
from app.core.questions._shared import Fields, Unreadable, one
from app.core.tools._frame import N_, Cell, Field, Grid, Number, Result, Table, Tool, Typed, Unfit, Words, say

MARK = "decimal_mark"
LONGEST = 60
EXACT = 40  # decimals: more than anybody can type in a field


@dataclass(frozen=True)
class Unsure:
    """A number that can be read in two ways: as a whole one, or with `point` as its decimal mark."""

    text: str
    point: str
    whole: Fraction
    decimals: Fraction

    def read(self, mark: str) -> Fraction:
        """What it means where `mark` is the decimal mark."""
        return self.decimals if mark == self.point else self.whole


@dataclass
class Entry:
    """What was typed, what it means, and what is wrong; `mark` is the decimal mark that settles the unsure numbers, ""
    while nobody has said."""

    typed: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Words] = field(default_factory=dict)
    unsure: dict[str, Unsure] = field(default_factory=dict)
    mark: str = ""


@dataclass(frozen=True)
class Outcome:
    """An entry and, where all of it fits, the answer."""

    entry: Entry
    result: Result | None = None


def calculate(tool: Tool, fields: Fields) -> Outcome:
    """What a tool answers to a posted form; fields that it does not ask are passed over."""
    entry = read(tool, fields)
    if entry.problems or tool.work is None:
        return Outcome(entry)
    try:
        return Outcome(entry, tool.work(entry.values))
    except Unfit as unfit:
        entry.problems |= unfit.problems
        return Outcome(entry)


def opened(tool: Tool, fields: Fields, language: str) -> Entry:
    """A form that was sent to be shown further, not to be worked out: as it was typed, with what `Tool.fill` adds."""
    entry = read(tool, fields)
    more = tool.fill(entry.typed, language) if tool.fill else {}
    return Entry(typed={**entry.typed, **more}, unsure=entry.unsure, mark=entry.mark)


def read(tool: Tool, fields: Fields) -> Entry:
    """Every field of a tool as it was sent; problems stand in the order of the page."""
    mark = one_of(fields, MARK, Entry())
    entry = Entry(mark=mark if mark in (".", ",") else "")
    for name, asked, label in tool.named():
        _take(entry, name, asked, label, fields)
    if entry.unsure and not entry.mark:
        ask = N_("Some numbers can be read in two ways. Choose what the comma and the point mean.")
        entry.problems = {MARK: Words(ask)} | entry.problems
    return entry


def one_of(fields: Fields, name: str, entry: Entry, longest: int = LONGEST) -> str:
    """The one text sent as `name`; where two different ones came or it is too long, the problem is noted."""
    try:
        return one(fields, name, longest)
    except Unreadable as problem:
        entry.problems[name] = Words(problem.message, {key: Typed(text) for key, text in problem.values.items()})
        return problem.value if isinstance(problem.value, str) else ""


def _take(entry: Entry, name: str, asked: Field, label: Cell, fields: Fields) -> None:
    text = entry.typed[name] = one_of(fields, name, entry, asked.longest)
    entry.values[name] = text if asked.kind == "text" else None
    if name in entry.problems:
        return
    if asked.kind == "choice":
        entry.values[name] = _chosen(entry, name, asked, label, text)
    elif not text and asked.required:
        entry.problems[name] = say(N_("Fill in “%(label)s”."), label=label)
    elif text and asked.kind == "number":
        entry.values[name] = _number(entry, name, asked, label, text)


def _chosen(entry: Entry, name: str, asked: Field, label: Cell, text: str) -> str | None:
    values = [value for value, _ in asked.choices]
    if text in values:
        return text
    if text or asked.required:
        entry.problems[name] = say(N_("Choose one of the answers for “%(label)s”."), label=label)
        return None
    return values[0]


def _number(entry: Entry, name: str, asked: Field, label: Cell, text: str) -> Fraction | None:
    """The number that was typed. Where it can be read in two ways, one that does not fit the field is no reading: so
    400,000 persons are whole persons."""
    found = [Fraction(number) for number in readings(text, asked.unit)][: 1 if asked.whole else 2]
    fitting = [number for number in found if not list(_unfit(number, asked))]
    if len(fitting) == 2:
        unsure = entry.unsure[name] = Unsure(text, _point(text), *fitting)
        return unsure.read(entry.mark) if entry.mark else None
    if fitting:
        return fitting[0]
    why, values = next(_unfit(found[0], asked)) if found else (NO_NUMBER, {"text": Typed(text)})
    entry.problems[name] = Words(why, {"label": label, "more": asked.why, **values})
    return None


NO_NUMBER = N_("“%(label)s”: we could not read “%(text)s” as a number. Write it in digits, without other words.")


def _unfit(number: Fraction, asked: Field) -> Iterator[tuple[str, Mapping[str, Cell]]]:
    if number < 0 <= asked.least:
        yield N_("“%(label)s” can't be less than zero."), {}
    elif number < asked.least:
        yield N_("“%(label)s” can't be less than %(least)s."), {"least": Number(asked.least)}
    if number == 0 and not asked.zero:
        yield N_("“%(label)s” can't be zero: everything is compared with it."), {}
    if number > asked.most:
        yield N_("“%(label)s” can't be more than %(most)s. %(more)s"), {"most": Number(asked.most, 0, asked.unit)}
    if asked.whole and number.denominator > 1:
        yield N_("“%(label)s” is a whole number. Write it without decimals."), {}


def _point(text: str) -> str:
    """The mark that would be the decimal one in a number that can be read in two ways."""
    return "." if any(mark in text for mark in ".．") else ","


def entered(tool: Tool, entry: Entry, caption: str = N_("What you entered")) -> tuple[Table, ...]:
    """What was entered, as tables: the single fields first, then each table of the form; what is empty is left out."""
    if not tool.echoes:
        return ()
    single = [
        (asked.label, _shown(asked, entry.values.get(name)))
        for part in tool.asks
        if not isinstance(part, Grid)
        for name, asked in part.fields.items()
    ]
    rows = tuple(row for row in single if row[1] != "")
    tables = [Table(caption, ("", N_("Value")), rows)] if rows else []
    return (*tables, *(_of_grid(part, entry) for part in tool.asks if isinstance(part, Grid)))


def _of_grid(grid: Grid, entry: Entry) -> Table:
    cells = {
        (row, column): _shown(asked, entry.values.get(f"{column}-{row}"))
        for row, _ in grid.rows
        for column, asked in grid.columns.items()
    }
    rows = [(row, heading) for row, heading in grid.rows if any(cells[row, column] != "" for column in grid.columns)]
    columns = [column for column in grid.columns if any(cells[row, column] != "" for row, _ in rows)]
    head = (grid.corner, *(grid.columns[column].label for column in columns))
    return Table(grid.legend, head, tuple((name, *(cells[row, column] for column in columns)) for row, name in rows))


def _shown(asked: Field, value: Any) -> Cell:
    if value is None or value == "":
        return ""
    if asked.kind == "number":
        return Number(value, EXACT, asked.unit)
    return dict(asked.choices)[value] if asked.kind == "choice" else Typed(value)
