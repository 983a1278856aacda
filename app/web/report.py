"""A table of a report: the same rows on the page and in the file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from app.core.cells import Cell as FileCell
from app.core.cells import csv_line
from app.core.formats import BYTE_ORDER_MARK

HEADER = ("table", "row", "figure", "value", "unit")
PEOPLE, PER_CENT = "people", "per cent"


@dataclass(frozen=True)
class Share:
    """A part of a whole in hundredths of a per cent, with a bar; None of nothing."""

    hundredths: int | None

    @property
    def value(self) -> Decimal | None:
        return None if self.hundredths is None else Decimal(self.hundredths) / 100


Cell = int | Decimal | str | Share | None


@dataclass(frozen=True)
class Row:
    """A line of a table: what it is about, and a cell for each column."""

    words: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """`id` is its place in the page and its name in files; `head` stands over the words of the rows; `notes` say what
    is counted. `unit` is that of numbers that are no shares. `empty` stands in the place of no rows."""

    id: str
    title: str
    head: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    notes: tuple[str, ...] = ()
    unit: str = PEOPLE
    empty: str = ""
    line: tuple[tuple[str, str], ...] = ()  # pictures above it: a title, and the points of a line
    unheard: tuple[str, ...] = ()  # the filters that are chosen and change nothing here, in words

    @property
    def all(self) -> tuple[Row, ...]:
        return (*self.rows, *([self.total] if self.total else ()))


def as_csv(tables: Iterable[Table]) -> bytes:
    """The tables one below the other as RFC 4180, a line for each figure."""
    lines: list[Sequence[FileCell]] = [HEADER]
    for table in tables:
        for row in table.all:
            words = Markup(row.words).striptags() if isinstance(row.words, Markup) else row.words
            lines += [(table.id, words, column, *_figure(cell, table.unit))
                      for column, cell in zip(table.columns, row.cells, strict=True)]  # fmt: skip
    return BYTE_ORDER_MARK + b"".join(csv_line(line) for line in lines)


def _figure(cell: Cell, unit: str) -> tuple[FileCell, str]:
    if isinstance(cell, Share):
        return cell.value, PER_CENT
    return (cell, "") if isinstance(cell, str) else (cell, unit)
