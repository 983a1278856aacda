"""What a tool says, in the reader's language: as HTML, as plain text for a note, as CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup, escape

from app.core import cells
from app.core.content import in_language
from app.core.formats import BYTE_ORDER_MARK
from app.core.numbers import SPACE, plain, show
from app.core.tools import PER_CENT, Cell, Number, Outcome, Quoted, Table, Tool, Typed, entered
from app.web.i18n import gettext, spoken


def text(cell: Cell) -> str:
    """A cell as plain text."""
    if isinstance(cell, str):
        return gettext(cell) if cell else ""
    if isinstance(cell, Typed):
        return cell.text
    if isinstance(cell, Quoted):
        return str(in_language(cell.texts, spoken().language.tag)[1])
    if isinstance(cell, Number):
        return show(rounded(cell), spoken().language.tag) + unit(cell)
    translated = gettext(cell.text)
    return translated % {name: text(value) for name, value in cell.values.items()} if cell.values else translated


def html(cell: Cell) -> Markup:
    """A cell as HTML: what was typed, and numbers with a sign, kept apart from the direction of the text around."""
    if isinstance(cell, Typed):
        return Markup("<bdi>{}</bdi>").format(cell.text)
    if isinstance(cell, Number) and cell.value < 0:
        return Markup("<bdi>{}</bdi>{}").format(show(rounded(cell), spoken().language.tag), unit(cell))
    if isinstance(cell, str | Number):
        return escape(text(cell))
    if isinstance(cell, Quoted):
        return quoted(cell)
    translated = escape(gettext(cell.text))
    return translated % {name: html(value) for name, value in cell.values.items()} if cell.values else translated


def attributes(cell: Cell) -> Markup:
    """The language of course text, for a place that holds nothing but text."""
    return spoken().shown(cell.texts).attributes if isinstance(cell, Quoted) else Markup("")


def quoted(cell: Quoted) -> Markup:
    """Course text with its language where that is not the page's."""
    one = spoken().shown(cell.texts)
    return Markup("<span{}>{}</span>").format(one.attributes, one.value) if one.foreign else escape(one.value)


def unit(number: Number) -> str:
    """The unit behind a number, with the space before it."""
    words = number.unit if number.unit == PER_CENT else text(number.unit)
    return SPACE + words if words else ""


def rounded(number: Number) -> str:
    return plain(Fraction(number.value), number.decimals)


@dataclass(frozen=True)
class Shown:
    """A table ready for its template: each cell with whether it stands in a column of numbers."""

    caption: Markup
    head: tuple[tuple[Markup, bool], ...]
    rows: tuple[tuple[tuple[Markup, bool], ...], ...]


def shown(table: Table) -> Shown:
    numeric = [any(isinstance(cell, Number) for cell in column) for column in columns(table)]
    return Shown(
        html(table.caption),
        tuple((html(cell), number) for cell, number in zip(table.head, numeric, strict=True)),
        tuple(tuple((html(cell), number) for cell, number in zip(row, numeric, strict=True)) for row in table.rows),
    )


def columns(table: Table) -> list[list[Cell]]:
    """The filled cells of each column."""
    return [[row[place] for row in table.rows if row[place] != ""] for place in range(len(table.head))]


def note_of(tool: Tool, outcome: Outcome, day: str) -> str:
    """An outcome as a note: what was entered, and the answer in words."""
    assert outcome.result
    lines = [f"{gettext(tool.title)} ({day})"]
    for table in entered(tool, outcome.entry) if tool.echoes else outcome.result.tables:
        lines += [line_of(table, row) for row in table.rows]
    return "\n".join([*lines, *(text(words) for words in outcome.result.told)])


def line_of(table: Table, row: Sequence[Cell]) -> str:
    """A row as one line: its heading, then its cells, named by their columns where there are several."""
    named = len(row) > 2
    parts = [
        f"{text(head)} {text(cell)}" if named else text(cell)
        for head, cell in zip(table.head[1:], row[1:], strict=True)
        if cell != ""
    ]
    return f"– {text(row[0])}: {'; '.join(parts)}"


def csv_of(tool: Tool, outcome: Outcome) -> bytes:
    """All tables of an outcome, parted by empty lines, and the answer in words; no cell evaluates."""
    assert outcome.result
    lines = [cells.csv_line([text(tool.title)]), b"\r\n"]
    for table in (*entered(tool, outcome.entry), *outcome.result.tables):
        lines += [*csv_lines(table), b"\r\n"]
    lines += [cells.csv_line([text(words)]) for words in outcome.result.told]
    return BYTE_ORDER_MARK + b"".join(lines)


def csv_lines(table: Table) -> Iterator[bytes]:
    """Numbers stand alone, so that they can be used; their unit goes to the head, or to a column where units differ."""
    units = [sorted({cell.unit for cell in column if isinstance(cell, Number)}) for column in columns(table)]
    yield cells.csv_line([text(table.caption)])
    head: list[cells.Cell] = []
    for cell, unit in zip(table.head, units, strict=True):
        one = len(unit) == 1 and unit[0]
        head.append(f"{text(cell)} ({text(unit[0])})" if one else text(cell))
        head += [gettext("Unit")] if len(unit) > 1 else []
    yield cells.csv_line(head)
    for row in table.rows:
        line: list[cells.Cell] = []
        for cell, unit in zip(row, units, strict=True):
            line.append(Decimal(rounded(cell)) if isinstance(cell, Number) else cells.clean(text(cell)))
            line += [unit_word(cell)] if len(unit) > 1 else []
        yield cells.csv_line(line)


def unit_word(cell: Cell) -> str:
    """A unit as a cell of its own: a sign alone could be the beginning of a formula."""
    if not isinstance(cell, Number):
        return ""
    return gettext("per cent") if cell.unit == PER_CENT else text(cell.unit)
