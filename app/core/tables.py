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
SEPARATORS = ",;\t|"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Unreadable(ValueError):
    """A file that holds no table. Its words are a code: empty, binary, broken, bomb, rows, size, name, twice."""


class Table(NamedTuple):
    """A header and rows, each with its number as a spreadsheet counts; `guessed`: read as Windows-1252 for want of
    better. `total` is how many rows there may be."""

    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    total: int
    guessed: bool = False


def read(data: bytes) -> Table:
    """The table of a file. Raises Unreadable, also while rows are read."""
    if len(data) > MOST_BYTES:
        raise Unreadable("size")
    return _from_xlsx(data) if data.startswith(b"PK\x03\x04") else _from_csv(data)


def _begin(rows: Iterator[tuple[int, list[str]]], total: int, guessed: bool = False) -> Table:
    for _number, header in rows:
        if any(header):
            return Table(header, _limited(rows), total, guessed)
    raise Unreadable("empty")


def _limited(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything; raises Unreadable when there are too many."""
    count = 0
    for number, row in rows:
        if any(row):
            count += 1
            if count > MOST_ROWS:
                raise Unreadable("rows")
            yield number, row


# CSV


def _from_csv(data: bytes) -> Table:
    text, guessed = _decoded(data)
    if "\x00" in text:
        raise Unreadable("binary")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return _begin(_csv_rows(reader), text.count("\n"), guessed)


def _csv_rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, row in enumerate(reader, start=1):
            yield number, [_plain(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error as error:
        raise Unreadable("broken") from error


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
            cells = [_plain(_text(cell)) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            yield number, cells
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
    """A cell as one line, without what nobody sees at its ends."""
    return " ".join(text.replace("\ufeff", "").split())
