"""What a tool is made of: what it asks, how it works it out, and what it answers in words and tables.

Texts are marked with `N_` and translated where they are shown; what people typed is wrapped in `Typed`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Union

from app.core.content import Library, Texts


def N_(text: str) -> str:  # noqa: N802 - the name that Babel looks for
    """Marks a text for translation where it is shown."""
    return text


PER_CENT = "%"
POINTS = N_("percentage points")


@dataclass(frozen=True)
class Number:
    """An exact number, shown rounded to at most so many decimals with its unit (a marked text, or "%") behind it."""

    value: Fraction | int
    decimals: int = 0
    unit: str = ""


@dataclass(frozen=True)
class Typed:
    """What somebody typed: shown as it is."""

    text: str


@dataclass(frozen=True)
class Words:
    """A marked text with `%(name)s` for each of its values."""

    text: str
    values: Mapping[str, "Cell"] = field(default_factory=dict)


@dataclass(frozen=True)
class Quoted:
    """Words of the course files, by language."""

    texts: Texts


Cell = Union[str, Words, Number, Typed, Quoted]  # noqa: UP007 - names each other
"""What stands in a place of a page; a plain `str` is a marked text, "" nothing."""

Values = Mapping[str, Any]
"""What was entered, by field: a Fraction, the value of a choice, a text; None (a text: "") where nothing was."""


def say(text: str, **values: Cell) -> Words:
    """A marked text filled in: `say(N_("%(a)s of %(b)s"), a=…, b=…)`."""
    return Words(text, values)


def percent(value: Fraction | int, decimals: int = 1) -> Number:
    """A share as a number of per cent: 0.448 -> 44.8 %."""
    return Number(value * 100, decimals, PER_CENT)


def money(value: Fraction) -> Number:
    """An amount: small ones with two decimals."""
    return Number(value, 0 if abs(value) >= 1000 else 2)


@dataclass(frozen=True)
class Table:
    """A table with a caption; the first cell of each row is its heading."""

    caption: Cell
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Step:
    """A next step in words; the page adds where the course serves this national action."""

    action: str
    words: Words


@dataclass(frozen=True)
class Result:
    """What a tool answers: sentences, most important first, tables that show how it came about, next steps, and
    `checks`: what does not agree, or is missing, in what was entered."""

    words: tuple[Words, ...]
    tables: tuple[Table, ...] = ()
    steps: tuple[Step, ...] = ()
    checks: tuple[Words, ...] = ()

    @property
    def told(self) -> tuple[Words, ...]:
        """All that it says in sentences."""
        return (*self.words, *self.checks, *(one.words for one in self.steps))


class Unfit(ValueError):
    """Entries that don't fit together: field -> why, and what to do."""

    def __init__(self, problems: Mapping[str, str | Words]) -> None:
        self.problems = {name: words if isinstance(words, Words) else Words(words) for name, words in problems.items()}
        super().__init__(", ".join(problems))


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that a tool asks.

    `kind` "number": from `least` to `most`, `whole` numbers or any, zero only where `zero`; `unit` stands behind the
    box; `why` explains, where it can't be more than `most`. "choice": one of `choices` (value, label), the first unless
    another is chosen. "text": up to `longest` characters.
    """

    label: Cell
    hint: Cell = ""
    kind: str = "number"
    unit: str = ""
    required: bool = False
    whole: bool = False
    zero: bool = True
    least: int = 0
    most: int = 10**18
    why: str = ""
    choices: tuple[tuple[str, Cell], ...] = ()
    longest: int = 60


@dataclass(frozen=True, kw_only=True)
class Group:
    """Fields that stand together, under a heading where there is one; parts of one `name` are opened together."""

    name: str = ""
    fields: Mapping[str, Field]
    legend: Cell = ""
    hint: Cell = ""

    def named(self) -> Iterator[tuple[str, Field, Cell]]:
        for name, one in self.fields.items():
            yield name, one, one.label


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A form that is a table. `rows`: (id, heading); the field of a cell is called `<column>-<row>`.

    The cells in `without` are left out; `name` as in a group.
    """

    name: str = ""
    legend: Cell
    rows: tuple[tuple[str, Cell], ...]
    columns: Mapping[str, Field]
    corner: str = ""
    hint: str = ""
    without: frozenset[str] = frozenset()

    def named(self) -> Iterator[tuple[str, Field, Cell]]:
        for row, heading in self.rows:
            for column, one in self.columns.items():
                if (name := f"{column}-{row}") not in self.without:
                    yield name, one, say(N_("%(column)s (%(row)s)"), column=one.label, row=heading)


@dataclass(frozen=True)
class Formula:
    """A formula in words and signs, and where it comes from."""

    text: str
    source: str


@dataclass(frozen=True)
class Example:
    """A worked example at a fictional place: its story, and what one would type."""

    story: str
    entries: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A page of every course. `summary` says in one sentence what it does; `purpose` in a few what it is for; `action`
    is the national action under which a learner's note of it stands.

    `echoes` is False where the answer's tables hold what was entered. A tool that uses course files is made from them
    by `made`. `fill` gives texts for empty fields, by language, after something was chosen in the others.

    A calculator has `asks` and `work`, which answers what was entered or raises `Unfit`. A tool that is only to be read
    and printed has `tables`. `template` is its page, where the common one does not do.
    """

    title: str
    summary: str
    action: str
    purpose: tuple[str, ...] = ()
    formulas: tuple[Formula, ...] = ()
    asks: tuple[Group | Grid, ...] = ()
    work: Callable[[Values], Result] | None = None
    example: Example | None = None
    tables: tuple[Table, ...] = ()
    template: str = "public/tool.html"
    echoes: bool = True
    made: Callable[[Library], "Tool"] | None = None
    fill: Callable[[Mapping[str, str], str], Mapping[str, str]] | None = None

    def named(self) -> Iterator[tuple[str, Field, Cell]]:
        """Every field by its name, with the words that tell which it is."""
        for part in self.asks:
            yield from part.named()
