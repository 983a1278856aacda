"""A file of rows from another program, CSV or XLSX, as texts: encodings and separators found, bombs refused."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

MOST_ROWS = 200_000
MOST_BYTES = 32 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_PARTS = 500
MOST_COLUMNS = 200
SHOWN = 40  # characters of a cell that is told
SEPARATORS = ",;\t|"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Unreadable(ValueError):
    """A file that holds no table. Its words are a code: empty, binary, broken, bomb, rows, size, name, twice, quote;
    for the last, `row` is where the quotation mark opens."""

    def __init__(self, code: str, row: int = 0) -> None:
        super().__init__(code)
        self.row = row


class Refusal(NamedTuple):
    """Why a row is not taken, and where. Here: more (cells than heads) or lines (a cell that may have swallowed
    others); those who ask for rows know further reasons."""

    reason: str
    detail: str


Row = list[str] | Refusal


class Table(NamedTuple):
    """A header and rows, each with its number as a spreadsheet counts; `guessed`: read as Windows-1252 for want of
    better. `total` is how many rows there may be. A cell of several lines keeps its line ends."""

    header: list[str]
    rows: Iterator[tuple[int, Row]]
    total: int
    guessed: bool = False


def read(data: bytes) -> Table:
    """The table of a file. Raises Unreadable, also while rows are read."""
    if len(data) > MOST_BYTES:
        raise Unreadable("size")
    return _from_xlsx(data) if data.startswith(b"PK\x03\x04") else _from_csv(data)


def _begin(rows: Iterator[tuple[int, list[str]]], total: int, guessed: bool = False, separator: str = "") -> Table:
    for number, cells in rows:
        header = [_plain(cell).replace("\n", " ") for cell in cells[:MOST_COLUMNS]]
        if any(header):
            if separator and _swallowing(cells, len(cells), separator):
                raise Unreadable("quote", number)
            while not header[-1]:
                header.pop()
            return Table(header, _limited(_fitting(rows, cells, separator)), total, guessed)
    raise Unreadable("empty")


def _limited(rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    """The same rows; raises Unreadable when there are too many."""
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise Unreadable("rows")
        yield row


def _fitting(rows: Iterator[tuple[int, list[str]]], header: list[str], separator: str) -> Iterator[tuple[int, Row]]:
    """The rows that hold anything, or why a row does not fit below the header."""
    heads = max(place for place, cell in enumerate(header, start=1) if _plain(cell))
    for number, row in rows:
        cells = [_plain(cell) for cell in row[: min(heads, MOST_COLUMNS)]]
        more = next(filter(None, map(_plain, filter(None, row[heads:]))), "")
        swallowing = _swallowing(row, len(header), separator) if separator else ""
        if swallowing:
            yield number, Refusal("lines", swallowing[:SHOWN])
        elif more:
            yield number, Refusal("more", more[:SHOWN])
        elif any(cells):
            yield number, cells


def _swallowing(row: list[str], width: int, separator: str) -> str:
    """The first line of a cell that seems to have swallowed the rows below it, since a quotation mark was not closed
    before the one of another row; "" for an honest row.

    Either the rest of that other row makes this one too long, or as many separators as a row has are in the cell.
    """
    for cell in row:
        if "\n" in cell or "\r" in cell:
            first, *others = _plain(cell).split("\n")
            if others and (len(row) > width or cell.count(separator) >= width - 1):
                return first
    return ""


# CSV


def _from_csv(data: bytes) -> Table:
    text, guessed = _decoded(data)
    if "\x00" in text:
        raise Unreadable("binary")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=first.count)
    return _begin(_csv_rows(text, separator), text.count("\n"), guessed, separator)


def _csv_rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = lines = 0
    try:
        for number, row in enumerate(reader, start=1):
            lines = reader.line_num
            yield number, row
    except csv.Error as error:
        if "limit" in str(error) and reader.line_num == lines + 1:
            raise Unreadable("broken") from error  # one line is too long, whatever its quotation marks
        raise Unreadable("quote", number + 1) from error


def _decoded(data: bytes) -> tuple[str, bool]:
    """The text, and whether its encoding was a guess."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), False
    start = data[:200]
    if start.count(b"\x00") > len(start) // 4:  # UTF-16 without its mark
        return data.decode("utf-16-le" if start[1:2] == b"\x00" else "utf-16-be", "replace"), False
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), True


# XLSX


def _from_xlsx(data: bytes) -> Table:
    import openpyxl

    _check_parts(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        sheet = book.worksheets[0]
        total = sheet.max_row or 0
    except Exception as error:  # whatever a damaged file makes a reader of XML say
        raise Unreadable("broken") from error
    return _begin(_xlsx_rows(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)), total)


def _check_parts(data: bytes) -> None:
    """Refuse archives that unpack to more than they should, and XML with definitions of its own."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Unreadable("bomb")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and _defines(archive, part):
                    raise Unreadable("bomb")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Unreadable("broken") from error


def _defines(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part begins with a document type, in which entities could be defined."""
    with archive.open(part) as file:
        start = file.read(2000).replace(b"\x00", b"").upper()
    return b"<!DOCTYPE" in start or b"<!ENTITY" in start


def _xlsx_rows(rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, row in enumerate(rows, start=1):
            yield number, [_text(cell) for cell in row]
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("broken") from error


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _plain(text: str) -> str:
    """A cell without what nobody sees at the ends of its lines, and without empty lines."""
    if text.isprintable():  # nearly all are, and so hold no line end
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.replace("\ufeff", "").splitlines())
    return "\n".join(line for line in lines if line)
