"""Rows -> a file of CSV, XLSX or JSON Lines, at constant memory, and what must be said about it.

Every format carries the same cells, and one SHA-256 for all: over the rows as canonical CSV, which is the CSV file
without its byte-order mark. No cell is ever evaluated: in CSV a text that could start a formula gets a leading `'`,
in XLSX texts are stored as texts.
"""

import hashlib
import json
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Self
from zoneinfo import ZoneInfo

import msgspec
import xlsxwriter

from app.core.cells import Cell, csv_line, read
from app.core.content import Struct

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
XLSX_ROWS = 1_048_575  # under the header
STEP = 200


class Column(Struct, frozen=True):
    """A column: `kind` is text, integer, decimal (two places) or moment; `meaning` says what it counts or names."""

    name: str
    kind: str
    meaning: str


class About(Struct, frozen=True):
    """What is said about an export, in its `.about.json` and on the About sheet.

    `filter` names what was left out or chosen; `release` the content that the rows were judged by; `time` and all
    moments of the rows are in `timezone`.
    """

    name: str
    filter: dict[str, str]
    release: str
    rows: int
    time: str
    timezone: str
    sha256: str
    columns: tuple[Column, ...]

    def as_json(self) -> str:
        return json.dumps(msgspec.to_builtins(self), ensure_ascii=False, indent=2)


class TooManyRows(ValueError):
    """An XLSX sheet is full."""


class Writer(ABC):
    """A format, used as a context: one `add` for each row, then `close` with what is said about them."""

    def __init__(self, file: BinaryIO, name: str, columns: Sequence[Column]) -> None:
        self.file = file
        self.columns = columns

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Let go of what the format needed, also after an error."""
        return

    @abstractmethod
    def add(self, cells: Sequence[Cell], line: bytes) -> None:
        """Write a row: `cells` typed, `line` as canonical CSV."""

    def close(self, about: About) -> None:
        """Finish the file."""
        self.file.flush()


def write(
    file: BinaryIO,
    kind: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    *,
    name: str,
    filter: Mapping[str, str],
    release: str,
    now: datetime,
    zone: ZoneInfo,
    step: Callable[[int], None] = lambda _: None,
) -> About:
    """Write all rows in the format `kind` (a key of FORMATS) and return what is said about them.

    A row holds one value for each column: str, int, Decimal or an aware datetime, None for nothing. `step` is told
    now and then how many more rows are done. Raises ValueError for a row that does not fit, TooManyRows for XLSX.
    """
    hasher, count = hashlib.sha256(csv_line([column.name for column in columns])), 0
    with FORMATS[kind](file, name, columns) as writer:
        for count, row in enumerate(rows, start=1):
            cells = _cells(columns, row, zone)
            line = csv_line(cells)
            hasher.update(line)
            writer.add(cells, line)
            if count % STEP == 0:
                step(STEP)
        step(count % STEP)
        about = About(
            name=name,
            filter=dict(filter),
            release=release,
            rows=count,
            time=now.astimezone(zone).isoformat(timespec="seconds"),
            timezone=zone.key,
            sha256=hasher.hexdigest(),
            columns=tuple(columns),
        )
        writer.close(about)
    return about


def _cells(columns: Sequence[Column], row: Sequence[object], zone: ZoneInfo) -> list[Cell]:
    if len(row) != len(columns):
        raise ValueError(f"a row has {len(row)} values for {len(columns)} columns")
    return [read(column.kind, column.name, value, zone) for column, value in zip(columns, row, strict=True)]


class Csv(Writer):
    """RFC 4180 in UTF-8 with a byte-order mark, so that spreadsheets know the letters."""

    def __init__(self, file: BinaryIO, name: str, columns: Sequence[Column]) -> None:
        super().__init__(file, name, columns)
        file.write(BYTE_ORDER_MARK + csv_line([column.name for column in columns]))

    def add(self, cells: Sequence[Cell], line: bytes) -> None:
        self.file.write(line)


class JsonLines(Writer):
    """One object a line: numbers as numbers, moments as ISO 8601 text, nothing as null."""

    def add(self, cells: Sequence[Cell], line: bytes) -> None:
        values = {column.name: _json_value(cell) for column, cell in zip(self.columns, cells, strict=True)}
        self.file.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")


def _json_value(cell: Cell) -> str | int | float | None:
    if isinstance(cell, str | int) or cell is None:
        return cell
    return cell.isoformat() if isinstance(cell, datetime) else float(cell)


class Xlsx(Writer):
    """A sheet of rows under a frozen header, and the About sheet; rows go to disk as they come."""

    WIDTHS: Mapping[str, int] = {"text": 22, "integer": 12, "decimal": 12, "moment": 20}

    def __init__(self, file: BinaryIO, name: str, columns: Sequence[Column]) -> None:
        super().__init__(file, name, columns)
        self.folder = tempfile.TemporaryDirectory(prefix="lontar-xlsx-")
        self.book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": self.folder.name})
        self.bold = self.book.add_format({"bold": True, "bottom": 1})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.formats = {
            "decimal": self.book.add_format({"num_format": "0.00"}),
            "moment": self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        self.sheet = self.book.add_worksheet(name.capitalize()[:31])
        self.sheet.freeze_panes(1, 0)
        self.sheet.set_row(0, None, self.bold)
        for place, column in enumerate(columns):
            self.sheet.set_column(place, place, max(self.WIDTHS[column.kind], len(column.name) + 4))
        for place, column in enumerate(columns):
            self.sheet.write_string(0, place, column.name, self.bold)
        self.rows = 0

    def __exit__(self, *error: object) -> None:
        self.sheet.row_data_fh.close()
        self.folder.cleanup()

    def add(self, cells: Sequence[Cell], line: bytes) -> None:
        if self.rows >= XLSX_ROWS:
            raise TooManyRows(f"an XLSX sheet holds {XLSX_ROWS:,} rows and there are more: choose csv or jsonl")
        self.rows += 1
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                self.sheet.write_string(self.rows, place, cell)
            elif isinstance(cell, datetime):
                self.sheet.write_datetime(self.rows, place, cell.replace(tzinfo=None), self.formats["moment"])
            elif cell is not None:
                self.sheet.write_number(self.rows, place, cell, self.formats.get(self.columns[place].kind))

    def close(self, about: About) -> None:
        self.sheet.autofilter(0, 0, self.rows, len(self.columns) - 1)
        self.book.set_properties(
            {"title": about.name, "created": datetime.fromisoformat(about.time).replace(tzinfo=None)}
        )
        self._tell(about)
        self.book.close()

    def _tell(self, about: About) -> None:
        sheet = self.book.add_worksheet("About")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 12)
        sheet.set_column(2, 2, 90)
        facts: dict[str, Any] = {
            "Export": about.name,
            **{f"Filter: {key}": value for key, value in about.filter.items()},
            "Release": about.release,
            "Rows": about.rows,
            "Time": about.time,
            "Time zone": about.timezone,
            "SHA-256 of the rows": about.sha256,
        }
        for row, (key, value) in enumerate(facts.items()):
            sheet.write_string(row, 0, key, self.bold)
            sheet.write_number(row, 2, value) if isinstance(value, int) else sheet.write_string(row, 2, value)
        start = len(facts) + 1
        for row, line in enumerate(
            [("Column", "Kind", "Meaning"), *((c.name, c.kind, c.meaning) for c in about.columns)]
        ):
            for place, text in enumerate(line):
                sheet.write_string(start + row, place, text, self.wrapped if row else self.bold)


FORMATS: Mapping[str, type[Writer]] = {"csv": Csv, "xlsx": Xlsx, "jsonl": JsonLines}

COMPLETIONS = (
    Column(name="learner_id", kind="text", meaning="The learner's id in this database; it stays the same."),
    Column(name="name", kind="text", meaning="The name in the learner's own script, as the learner gave it."),
    Column(name="name_latin", kind="text", meaning="The name in Latin letters, where given."),
    Column(
        name="country_code", kind="text", meaning="ISO 3166-1 alpha-2 code; ZZ: other or not listed; empty: not stated."
    ),
    Column(name="country", kind="text", meaning="The United Nations' short name of that country or area."),
    Column(name="sex", kind="text", meaning="woman, man or other; empty: not stated."),
    Column(
        name="ministry_type",
        kind="text",
        meaning="labour, social-welfare, finance-planning, health, education, local-government, statistics or other; "
        "empty: not stated.",
    ),
    Column(name="organisation_id", kind="text", meaning="The organisation's id in this database; it stays the same."),
    Column(
        name="organisation",
        kind="text",
        meaning="The organisation: the listed name, or as the learner wrote it; empty: not stated.",
    ),
    Column(name="age_band", kind="text", meaning="under-25, 25-34, 35-44, 45-54 or 55-over; empty: not stated."),
    Column(name="course", kind="text", meaning="The course's id."),
    Column(
        name="version",
        kind="text",
        meaning="The version of the course: the one that was completed, or the present one before completion.",
    ),
    Column(name="enrolled", kind="moment", meaning="When the learner joined the course."),
    Column(
        name="last_seen", kind="moment", meaning="When the learner last used the site; empty: not since it was asked."
    ),
    Column(
        name="sections_read", kind="integer", meaning="Sections of the course, as it is now, that are marked as read."
    ),
    Column(
        name="quizzes_passed", kind="integer", meaning="Module quizzes of the course, as it is now, that are passed."
    ),
    Column(
        name="final_score",
        kind="decimal",
        meaning="The result of the final assessment that counts, in per cent, rounded down; empty: none handed in.",
    ),
    Column(name="completed", kind="moment", meaning="When the rule of the certificate of completion became true."),
    Column(
        name="certificate_number", kind="text", meaning="The number of the certificate of completion, newest edition."
    ),
    Column(
        name="status",
        kind="text",
        meaning="enrolled: nothing read or tried yet; started: not completed yet; afterwards the certificate's own: "
        "valid, expired, revoked, demonstration, sample or trial.",
    ),
)
