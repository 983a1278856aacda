"""Exports: the same rows in every format, one hash for all, and nothing in them that evaluates."""

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import formats
from app.core.cells import LONGEST, clean, guard
from app.core.columns import COMPLETIONS
from app.core.formats import FORMATS, About, Column, TooManyRows, write

NOW = datetime(2026, 11, 21, 23, 30, 5, 999, tzinfo=UTC)
FIJI = ZoneInfo("Pacific/Fiji")
COLUMNS = (
    Column(name="name", kind="text", meaning="Who."),
    Column(name="read", kind="integer", meaning="How many."),
    Column(name="score", kind="decimal", meaning="How well."),
    Column(name="at", kind="moment", meaning="When."),
)
ROWS: list[tuple[object, ...]] = [
    ("Litia Vakatāwale", 3, Decimal("87.499"), NOW),
    ("សុខ ចន្ទដារ៉ា", 0, Decimal(70), None),
    ('say "hi", or\r\nnot', -5, None, NOW),
    (None, None, None, None),
    ("=HYPERLINK(1)", 1, Decimal("-0.5"), NOW),
]
TYPED: list[list[object]] = [
    ["Litia Vakatāwale", 3, 87.49, datetime(2026, 11, 22, 11, 30, 5)],
    ["សុខ ចន្ទដារ៉ា", 0, 70, None],
    ['say "hi", or\nnot', -5, None, datetime(2026, 11, 22, 11, 30, 5)],
    [None, None, None, None],
    ["=HYPERLINK(1)", 1, -0.5, datetime(2026, 11, 22, 11, 30, 5)],
]
CSV = (
    "name,read,score,at\r\n"
    "Litia Vakatāwale,3,87.49,2026-11-22T11:30:05+12:00\r\n"
    "សុខ ចន្ទដារ៉ា,0,70.00,\r\n"
    '"say ""hi"", or\nnot",-5,,2026-11-22T11:30:05+12:00\r\n'
    ",,,\r\n"
    "'=HYPERLINK(1),1,-0.50,2026-11-22T11:30:05+12:00\r\n"
)


def export(kind: str, rows: Any, columns: Sequence[Column] = COLUMNS, **options: Any) -> tuple[bytes, About]:
    file = io.BytesIO()
    given = {
        "name": "completions",
        "row": "One row for each.",
        "filter": {"course": "tiny"},
        "release": "0.9 (abc)",
        "now": NOW,
        "zone": FIJI,
    }
    about = write(file, kind, columns, rows, **(given | options))
    return file.getvalue(), about


def opened(content: bytes) -> Any:
    import openpyxl  # slow to load, for few tests

    return openpyxl.load_workbook(io.BytesIO(content))


def sheet(content: bytes, name: str = "Completions") -> list[list[object]]:
    book = opened(content)
    return [[cell.value for cell in row] for row in book[name].iter_rows()]


def test_csv_is_rfc_4180_with_a_byte_order_mark() -> None:
    content, about = export("csv", ROWS)
    assert content == b"\xef\xbb\xbf" + CSV.encode()
    assert about.sha256 == hashlib.sha256(CSV.encode()).hexdigest()


def test_xlsx_has_typed_cells_a_frozen_header_and_no_formula() -> None:
    content, _ = export("xlsx", ROWS)
    assert sheet(content) == [["name", "read", "score", "at"], *TYPED]
    book = opened(content)
    assert book["Completions"].freeze_panes == "A2"
    assert [cell.data_type for cell in book["Completions"][6]] == ["s", "n", "n", "d"]  # "f" would be a formula
    assert book["Completions"].auto_filter.ref == "A1:D6"
    assert book["Completions"].column_dimensions["A"].width > 20


def test_json_lines_hold_numbers_as_numbers() -> None:
    content, _ = export("jsonl", ROWS)
    assert [json.loads(line) for line in content.decode().splitlines()] == [
        {"name": name, "read": read, "score": score, "at": at and "2026-11-22T11:30:05+12:00"}
        for name, read, score, at in TYPED
    ]


def test_json_lines_are_written_as_the_library_writes_them() -> None:
    columns = (Column(name='a "share" in %', kind="decimal", meaning=""), Column(name="t", kind="text", meaning=""))
    rows = [(Decimal("12.345"), 'say "é"\\\r\n\u2028'), (None, None), (Decimal(7), "")]
    wanted = [{'a "share" in %': 12.34, "t": 'say "é"\\\n\u2028'}, {'a "share" in %': None, "t": None}]
    wanted.append({'a "share" in %': 7.0, "t": None})
    lines = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in wanted)
    assert export("jsonl", rows, columns)[0].decode() == lines


def test_one_hash_and_one_about_for_every_format() -> None:
    abouts = [export(kind, ROWS)[1] for kind in FORMATS]
    assert [about.as_json() for about in abouts] == [abouts[0].as_json()] * 3
    assert json.loads(abouts[0].as_json()) == {
        "name": "completions",
        "row": "One row for each.",
        "filter": {"course": "tiny"},
        "release": "0.9 (abc)",
        "rows": 5,
        "time": "2026-11-22T11:30:05+12:00",
        "timezone": "Pacific/Fiji",
        "sha256": hashlib.sha256(CSV.encode()).hexdigest(),
        "columns": [
            {"name": "name", "kind": "text", "meaning": "Who."},
            {"name": "read", "kind": "integer", "meaning": "How many."},
            {"name": "score", "kind": "decimal", "meaning": "How well."},
            {"name": "at", "kind": "moment", "meaning": "When."},
        ],
    }


def test_about_sheet_says_the_same() -> None:
    content, about = export("xlsx", ROWS)
    facts = {row[0]: row[2] for row in sheet(content, "About")[:8]}
    assert facts == {
        "Export": "completions",
        "One row": "One row for each.",
        "Filter: course": "tiny",
        "Release": "0.9 (abc)",
        "Rows": 5,
        "Time": "2026-11-22T11:30:05+12:00",
        "Time zone": "Pacific/Fiji",
        "SHA-256 of the rows": about.sha256,
    }
    assert sheet(content, "About")[9:11] == [["Column", "Kind", "Meaning"], ["name", "text", "Who."]]


@pytest.mark.parametrize("kind", FORMATS)
def test_no_rows_is_a_file_with_a_header(kind: str) -> None:
    content, about = export(kind, [])
    assert (about.rows, about.sha256) == (0, hashlib.sha256(b"name,read,score,at\r\n").hexdigest())
    shown = {
        "csv": lambda: content == b"\xef\xbb\xbfname,read,score,at\r\n",
        "xlsx": lambda: sheet(content) == [["name", "read", "score", "at"]],
        "jsonl": lambda: content == b"",
    }
    assert shown[kind]()


def test_progress_adds_up_to_the_rows() -> None:
    steps: list[int] = []
    export("csv", [ROWS[0]] * 450, step=steps.append)
    assert steps == [200, 200, 50]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("a", 1), "a row has 2 values for 4 columns"),
        ((1, 1, None, None), "column name wants text, not 1"),
        (("a", "1", None, None), "column read wants integer, not '1'"),
        (("a", True, None, None), "column read wants integer, not True"),
        (("a", 1, 0.5, None), "column score wants decimal, not 0.5"),
        (("a", 1, Decimal("NaN"), None), "column score wants decimal"),
        (("a", 1, None, datetime(2026, 1, 1)), "column at wants moment"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(kind: str, row: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        export(kind, [ROWS[0], row])


def test_a_full_sheet_is_refused_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(formats, "XLSX_ROWS", 2)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert export("xlsx", ROWS[:2])[1].rows == 2
    with pytest.raises(TooManyRows, match="takes up to 2 rows and there are more: choose csv or jsonl"):
        export("xlsx", ROWS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("|calc", "'|calc"),
        ("%0A", "'%0A"),
        ("\tx", "'\tx"),
        ("\nx", "'\nx"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠A", "'＠A"),
        ("｜a", "'｜a"),
        ("％a", "'％a"),
        ("﹢1", "'﹢1"),
        (" =1", "' =1"),
        ("\u00a0\u3000=1", "'\u00a0\u3000=1"),
        ("\ufeff=1", "'\ufeff=1"),
        ('"=1"', '\'"=1"'),
        ("'=1", "''=1"),
        ("a;=cmd()", "a;'=cmd()"),  # cut at semicolons by programs that expect them
        ("a\t=cmd()", "a\t'=cmd()"),
        ("a\n@x", "a\n'@x"),
        ("Ministry; Labour", "Ministry; Labour"),
        ("a=b", "a=b"),
        ("'Ana Tupou", "'Ana Tupou"),
        ("ʻAna", "ʻAna"),
        ("១", "១"),
        ("(x)", "(x)"),
        ("", ""),
    ],
)
def test_texts_that_could_start_a_formula_are_guarded(text: str, guarded: str) -> None:
    assert guard(text) == guarded


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b\x07c\x1b", "a\ufffdb\ufffdc\ufffd"),
        ("\ud83d\ude00", "\ufffd\ufffd"),  # half surrogates
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\tb", "a\tb"),
        ("😀", "😀"),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * (LONGEST + 1), "x" * (LONGEST - 1) + "…"),
        ("_x0041_", "_x0041_"),
    ],
)
def test_every_text_fits_every_format(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
    column = (Column(name="t", kind="text", meaning=""),)
    assert json.loads(export("jsonl", [(text,)], column)[0]) == {"t": cleaned}
    assert list(csv.reader(io.StringIO(export("csv", [(text,)], column)[0].decode("utf-8-sig"))))[1] == [cleaned]
    assert inline_texts(export("xlsx", [(text,)], column)[0]) == ["t", cleaned]


def inline_texts(content: bytes) -> list[str]:
    """The texts of the first sheet."""
    return [shown(cell) for row in opened(content).worksheets[0].iter_rows() for cell in row]


def shown(cell: Any) -> str:
    """A cell as spreadsheets read it: _x005F_ is an underscore that begins no escape."""
    return str(cell.value).replace("_x005F_", "_")


texts = st.one_of(st.text(st.characters(), max_size=8), st.text("=+-@|%＝\t\r\n;\"', a", max_size=6))


@given(st.lists(st.tuples(texts, st.integers(-(2**53), 2**53)), max_size=6))
def test_csv_and_xlsx_and_json_hold_the_same_cells(rows: list[tuple[str, int]]) -> None:
    columns = COLUMNS[:2]
    wanted = [[clean(text) or None, number] for text, number in rows]
    lines = export("jsonl", rows, columns)[0].decode().split("\n")[:-1]
    assert [list(json.loads(line).values()) for line in lines] == wanted
    read = list(csv.reader(io.StringIO(export("csv", rows, columns)[0].decode("utf-8-sig"), newline="")))
    assert read[1:] == [[guard(str(text or "")), str(number)] for text, number in wanted]
    cells = [cell for row in opened(export("xlsx", rows, columns)[0]).worksheets[0].iter_rows() for cell in row]
    assert [shown(cell) for cell in cells][2:] == [str(cell) for row in wanted for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


@given(texts)
def test_a_guarded_cell_never_starts_a_formula(text: str) -> None:
    guarded = guard(clean(text))
    for piece in guarded.replace("\t", ";").replace("\n", ";").split(";"):
        assert piece.strip()[:1] not in ("=", "+", "-", "@", "|", "%", "＝") or not piece


@pytest.mark.parametrize("kind", FORMATS)
def test_memory_stays_constant(kind: str) -> None:
    def rows(count: int) -> Iterator[tuple[object, ...]]:
        return ((f"Ana {number % 50}", number, Decimal(70), NOW) for number in range(count))

    class Sink(io.RawIOBase):
        def __init__(self) -> None:
            self.place = 0

        def write(self, data: Any) -> int:
            self.place += len(data)
            return len(data)

        def writable(self) -> bool:
            return True

        def tell(self) -> int:
            return self.place

        def seekable(self) -> bool:
            return False

    def peak(count: int) -> int:
        tracemalloc.start()
        write(Sink(), kind, COLUMNS, rows(count), name="x", filter={}, release="", now=NOW, zone=FIJI)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(2_500) < peak(500) + 100_000


def test_completions_have_these_columns() -> None:
    assert [column.name for column in COMPLETIONS] == [
        "learner_id",
        "name",
        "name_latin",
        "country_code",
        "country",
        "sex",
        "ministry_type",
        "organisation_id",
        "organisation",
        "age_band",
        "course",
        "version",
        "enrolled",
        "last_seen",
        "sections_read",
        "quizzes_passed",
        "final_score",
        "completed",
        "certificate_number",
        "status",
    ]
    assert {column.kind for column in COMPLETIONS} == {"text", "integer", "decimal", "moment"}
    assert all(column.meaning.endswith(".") for column in COMPLETIONS)


def test_xlsx_is_a_plain_zip_without_macros_or_links() -> None:
    content, _ = export("xlsx", [("https://example.org", 1, None, None)])
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert not [name for name in names if "vba" in name or "externalLink" in name or "worksheets/_rels" in name]
