"""A table of a report: the same rows on the page and in the file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from app.core.cells import Cell as FileCell
from app.core.cells import csv_line
from app.core.formats import BYTE_ORDER_MARK
from app.web.i18n import gettext as _

HEADER = ("table", "row", "figure", "value", "unit")
PEOPLE, PER_CENT = "people", "per cent"
ABOUT, NOTE = "about", "note"  # the table that says what a file is about; the unit of words that are no figures

Named = tuple[str, str]  # a name, and what it says


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

    @property
    def not_narrowed(self) -> str:
        """That it does not follow all filters, and which; "" where it does."""
        if not self.unheard:
            return ""
        return _("Not narrowed by what you chose under: %(filters)s.", filters=", ".join(self.unheard))

    @property
    def said(self) -> tuple[str, ...]:
        """All that is said beside the figures; of no rows, why there are none."""
        if not self.rows:
            return (self.empty,)
        return (*([self.not_narrowed] if self.unheard else ()), *self.notes)


def as_csv(tables: Iterable[Table], about: Iterable[Named] = ()) -> bytes:
    """What they are `about`, then the tables one below the other as RFC 4180: a line for each figure.

    What is said of a table stands before its figures, in lines whose unit is "note", as do the lines about all."""
    lines: list[Sequence[FileCell]] = [HEADER, *((ABOUT, name, "", words, NOTE) for name, words in about)]
    for table in tables:
        lines += [(table.id, NOTE, "", _bare(words), NOTE) for words in table.said]
        for row in table.all:
            lines += [(table.id, _bare(row.words), column, *_figure(cell, table.unit))
                      for column, cell in zip(table.columns, row.cells, strict=True)]  # fmt: skip
    return BYTE_ORDER_MARK + b"".join(csv_line(line) for line in lines)


def _bare(words: str) -> str:
    return Markup(words).striptags() if isinstance(words, Markup) else words


def _figure(cell: Cell, unit: str) -> tuple[FileCell, str]:
    if isinstance(cell, Share):
        return cell.value, PER_CENT
    return (cell, "") if isinstance(cell, str) else (cell, unit)
