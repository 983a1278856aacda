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
from itertools import islice
from typing import Any, BinaryIO, Self
from zoneinfo import ZoneInfo

import msgspec

from app.core import sheets
from app.core.cells import ENCODE, csv_line, fields, json_values, reader
from app.core.content import Struct

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
XLSX_ROWS = 200_000  # a sheet holds 1,048,575; above this a spreadsheet is slow to open and to make
STEP = 200


class Column(Struct, frozen=True):
    """A column: `kind` is text, integer, decimal (two places) or moment; `meaning` says what it counts or names."""

    name: str
    kind: str
    meaning: str


class About(Struct, frozen=True):
    """What is said about an export, in its `.about.json` and on the About sheet.

    `row` says what one row stands for; `filter` names what was left out or chosen; `release` the content that the rows
    were judged by; `time` and all moments of the rows are in `timezone`; `chain` whether that of the audit log holds.
    """

    name: str
    row: str
    filter: dict[str, str]
    release: str
    rows: int
    time: str
    timezone: str
    sha256: str
    columns: tuple[Column, ...]
    chain: str = ""

    def as_json(self) -> str:
        told = {name: value for name, value in msgspec.to_builtins(self).items() if value != ""}
        return json.dumps(told, ensure_ascii=False, indent=2)


class TooManyRows(ValueError):
    """More rows than an XLSX sheet is made for."""

    def __init__(self, most: int) -> None:
        super().__init__(f"an XLSX file takes up to {most:,} rows and there are more: choose csv or jsonl")


class Writer(ABC):
    """A format, used as a context: `add` for some rows at a time, then `close` with what is said about them."""

    def __init__(self, file: BinaryIO, name: str, columns: Sequence[Column], zone: ZoneInfo) -> None:
        self.file = file
        self.columns = columns
        self.readers = [reader(column.kind, column.name, zone) for column in columns]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Let go of what the format needed, also after an error."""
        return

    @abstractmethod
    def add(self, rows: Sequence[Sequence[object]], lines: bytes) -> None:
        """Write some rows; `lines` are the same as canonical CSV."""

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
    row: str = "",
    filter: Mapping[str, str],
    release: str,
    now: datetime,
    zone: ZoneInfo,
    chain: str = "",
    step: Callable[[int], None] = lambda _: None,
) -> About:
    """Write all rows in the format `kind` (a key of FORMATS) and return what is said about them.

    A row holds one value for each column: str, int, Decimal or an aware datetime, None for nothing. `step` is told
    now and then how many more rows are done. Raises ValueError for a row that does not fit, TooManyRows for XLSX.
    """
    hasher, count, rest = hashlib.sha256(csv_line([column.name for column in columns])), 0, iter(rows)
    with FORMATS[kind](file, name, columns, zone) as writer:
        made = [fields(column.kind, read, zone) for read, column in zip(writer.readers, columns, strict=True)]
        while some := list(islice(rest, STEP)):
            lines = _lines(some, made)
            hasher.update(lines)
            writer.add(some, lines)
            count += len(some)
            step(len(some))
        about = About(
            name=name,
            row=row,
            filter=dict(filter),
            release=release,
            rows=count,
            time=now.astimezone(zone).isoformat(timespec="seconds"),
            timezone=zone.key,
            sha256=hasher.hexdigest(),
            columns=tuple(columns),
            chain=chain,
        )
        writer.close(about)
    return about


def _lines(rows: Sequence[Sequence[object]], fields: Sequence[Callable[[Sequence[object]], Iterable[str]]]) -> bytes:
    """Rows as canonical CSV, worked out column by column, which is several times as fast."""
    unfit = next((len(row) for row in rows if len(row) != len(fields)), None)
    if unfit is not None:
        raise ValueError(f"a row has {unfit} values for {len(fields)} columns")
    columns = [field(values) for field, values in zip(fields, zip(*rows, strict=True), strict=True)]
    return "\r\n".join([*map(",".join, zip(*columns, strict=True)), ""]).encode()


class Csv(Writer):
    """RFC 4180 in UTF-8 with a byte-order mark, so that spreadsheets know the letters."""

    def __init__(self, file: BinaryIO, name: str, columns: Sequence[Column], zone: ZoneInfo) -> None:
        super().__init__(file, name, columns, zone)
        file.write(BYTE_ORDER_MARK + csv_line([column.name for column in columns]))

    def add(self, rows: Sequence[Sequence[object]], lines: bytes) -> None:
        self.file.write(lines)


class JsonLines(Writer):
    """One object a line: numbers as numbers, moments as ISO 8601 text, nothing as null."""

    def __init__(self, file: BinaryIO, name: str, columns: Sequence[Column], zone: ZoneInfo) -> None:
        super().__init__(file, name, columns, zone)
        self.made = [json_values(column.kind, read, zone) for read, column in zip(self.readers, columns, strict=True)]
        names = (ENCODE(column.name).replace("%", "%%") for column in columns)
        self.line = "{" + ", ".join(f"{name}: %s" for name in names) + "}\n"

    def add(self, rows: Sequence[Sequence[object]], lines: bytes) -> None:
        columns = [made(values) for made, values in zip(self.made, zip(*rows, strict=True), strict=True)]
        self.file.write("".join(map(self.line.__mod__, zip(*columns, strict=True))).encode())


class Xlsx(Writer):
    """A sheet of rows under a frozen header, and the About sheet; rows go to disk as they come."""

    WIDTHS: Mapping[str, int] = {"text": 22, "integer": 12, "decimal": 12, "moment": 20}

    def __init__(self, file: BinaryIO, name: str, columns: Sequence[Column], zone: ZoneInfo) -> None:
        import xlsxwriter  # heavy, and no page needs it

        super().__init__(file, name, columns, zone)
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
        self.sheet._write_single_row(1)  # the library's rows end with the heads, see `app.core.sheets`
        self.made = [self._column(place, column.kind, zone) for place, column in enumerate(columns)]
        self.rows = 0

    def _column(self, place: int, kind: str, zone: ZoneInfo) -> sheets.Column:
        from xlsxwriter.utility import xl_col_to_name

        style = self.formats[kind]._get_xf_index() if kind in self.formats else 0
        return sheets.column(kind, xl_col_to_name(place), style, self.readers[place], zone)

    def __exit__(self, *error: object) -> None:
        self.sheet.row_data_fh.close()
        self.folder.cleanup()

    def add(self, rows: Sequence[Sequence[object]], lines: bytes) -> None:
        if self.rows + len(rows) > XLSX_ROWS:
            raise TooManyRows(XLSX_ROWS)
        self.sheet.row_data_fh.write(sheets.rows(self.made, rows, self.rows + 2))
        self.rows += len(rows)

    def close(self, about: About) -> None:
        self.sheet.dim_rowmax = self.rows
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
            **({"One row": about.row} if about.row else {}),
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
