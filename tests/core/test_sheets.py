"""Rows of a spreadsheet as XlsxWriter would write them, and moments as Python would."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from app.core import moments, sheets
from app.core.cells import reader

TEXTS = ("plain", "a & b", "<i>", " led", "trailed ", "_x0041_", "two\nlines", 'say "so"', "សុខ", "=1+1", None)
KINDS = ("text", "integer", "decimal", "moment")


@pytest.mark.parametrize("zone", ["Asia/Bangkok", "Asia/Kathmandu", "America/St_Johns"])
def test_rows_are_what_the_library_writes(zone: str) -> None:
    there, file = ZoneInfo(zone), io.BytesIO()
    at = datetime(2026, 10, 31, 23, 59, 59, 999999, tzinfo=UTC)
    rows = [
        (text, place * 10**9, Decimal(place) / 3 if text else None, at + timedelta(hours=7 * place) if text else None)
        for place, text in enumerate(TEXTS)
    ]
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    style = book.add_format({"num_format": "0.00"})
    sheet = book.add_worksheet()
    readers = [reader(kind, kind, there) for kind in KINDS]
    for number, row in enumerate(rows):
        text, integer, decimal, moment = (read(value) for read, value in zip(readers, row, strict=True))
        if text is not None:
            sheet.write_string(number, 0, text)
            sheet.write_number(number, 2, decimal, style)
            sheet.write_datetime(number, 3, moment.replace(tzinfo=None), style)  # type: ignore[union-attr]  # no text, no moment
        sheet.write_number(number, 1, integer)
    book.close()
    written = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    columns = [
        sheets.column(kind, letter, style._get_xf_index() if place > 1 else 0, readers[place], there)
        for place, (kind, letter) in enumerate(zip(KINDS, "ABCD", strict=True))
    ]
    made = sheets.rows(columns, rows[:4], 1) + sheets.rows(columns, rows[4:], 5)
    assert made == written.partition("<sheetData>")[2].partition("</sheetData>")[0]


def test_a_text_that_looks_like_the_librarys_own_markup_stays_a_text() -> None:
    column = sheets.column("text", "A", 0, reader("text", "name", ZoneInfo("UTC")), ZoneInfo("UTC"))
    assert column(["<r>a</r>"], ["2"]) == ['<c r="A2" t="inlineStr"><is><t>&lt;r&gt;a&lt;/r&gt;</t></is></c>']


ALONE = (*TEXTS, "", "\n", "two\n lines", "two \nlines", "\u2003led", "tab\tbed", "\x00", "x" * 17_000, "_x", "a\r\nb")


@pytest.mark.parametrize("text", ALONE, ids=ascii)
def test_many_texts_are_written_as_one_is(text: str | None) -> None:
    """Many that are plain are looked at together; one that is not stands among them as it would by itself."""
    many: list[str | None] = [f"Nation{number}" for number in range(20)]
    for values in ([text, *many], [*many[:9], text, *many[9:]], [*many, text]):
        column = sheets.column("text", "A", 0, reader("text", "name", ZoneInfo("UTC")), ZoneInfo("UTC"))
        alone = sheets.column("text", "A", 0, reader("text", "name", ZoneInfo("UTC")), ZoneInfo("UTC"))
        numbers = [str(number) for number in range(2, len(values) + 2)]
        wanted = [alone([value], [number])[0] for value, number in zip(values, numbers, strict=True)]
        assert column(values, numbers) == wanted


@pytest.mark.parametrize("zone", ["Asia/Bangkok", "Asia/Kathmandu", "America/St_Johns", "Africa/Monrovia", "UTC"])
def test_moments_are_written_as_python_writes_them(zone: str) -> None:
    there = ZoneInfo(zone)
    written, numbered = moments.in_zone(there), moments.numbered(there)
    for hours in (*range(0, 20_000, 251), *range(495_000, 500_000, 13), -50_001):  # 1970, 2026, before
        at = moments.EPOCH + timedelta(hours=hours, minutes=31, microseconds=1_999_999)
        local = at.astimezone(there)
        day, second = numbered(at)
        assert written(at) == local.isoformat(timespec="seconds")
        assert moments.in_utc(at) == f"{at:%Y-%m-%d %H:%M:%S.%f}"
        assert moments.EPOCH + timedelta(day, second) == local.replace(tzinfo=UTC, microsecond=0)
