"""Lists of people from other programs: found columns, encodings, formulas, bombs, and what each row is told."""

import io
import zipfile
from collections.abc import Callable

import pytest

from app.core import tables
from app.core.invitees import Bounds, Refusal, Row, columns_of, judge
from app.core.tables import Unreadable

BOUNDS = Bounds({"fj": "FJ", "fiji": "FJ", "fidji": "FJ", "tv": "TV"}, ("en", "fr"), None)
PEOPLE = "Email,NAME,Sex\nana@example.org,José Núñez,F\n"
FOUND = ["Email", "NAME", "Sex"], [(2, ["ana@example.org", "José Núñez", "F"])]


def xlsx(*rows: tuple[object, ...]) -> bytes:
    import openpyxl  # slow to load, for few tests

    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def archive(size: int, head: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", head + b" " * size)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "guessed"),
    [
        (PEOPLE.encode(), False),
        (b"\xef\xbb\xbf" + PEOPLE.encode(), False),
        (PEOPLE.encode("utf-16"), False),
        (PEOPLE.encode("utf-16-le"), False),
        (PEOPLE.encode("cp1252"), True),
        (PEOPLE.replace(",", ";").replace("\n", "\r\n").encode(), False),
        (PEOPLE.replace(",", "\t").encode(), False),
        (b"\n,,\n" + PEOPLE.encode(), False),
        (lambda: xlsx(("Email", "NAME", "Sex"), ("ana@example.org", "José Núñez", "F")), False),
    ],
)
def test_the_same_rows_are_read_from_every_kind_of_file(data: bytes | Callable[[], bytes], guessed: bool) -> None:
    table = tables.read(data() if callable(data) else data)
    rows = list(table.rows)
    shift = rows[0][0] - 2
    assert ((table.header, [(number - shift, row) for number, row in rows]), table.guessed) == (FOUND, guessed)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\x89PNG\x00\x01\x02rest of it", "binary"),
        (b"PK\x03\x04 is no archive", "broken"),
        (archive(100), "broken"),
        (archive(100, b"<!DOCTYPE x [<!ENTITY a 'b'>]>"), "bomb"),
        (b"name\n" + b'"' + b"x" * 200_000, "broken"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable, match=code):
        list(tables.read(data).rows)


def test_bombs_and_endless_lists_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_UNPACKED", 10_000)
    with pytest.raises(Unreadable, match="bomb"):
        tables.read(archive(20_000))
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    with pytest.raises(Unreadable, match="rows"):
        list(tables.read(b"name\na\nb\nc\n").rows)
    monkeypatch.setattr(tables, "MOST_BYTES", 4)
    with pytest.raises(Unreadable, match="size"):
        tables.read(b"name\n")


def test_columns_are_known_by_their_names_in_any_order() -> None:
    places, unused = columns_of(["Courriel", "Shoe size", "Full name", "staff-no", ""])
    assert (places, unused) == ({"email": 0, "name": 2, "key": 3}, ["Shoe size"])
    for header, code in ((["email"], "name"), (["name", "Nom"], "twice")):
        with pytest.raises(Unreadable, match=code):
            columns_of(header)


HEADER = ("name", "email", "country", "sex", "ministry type", "language", "organisation", "key")


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (("  Ana",), Row("Ana", "", "", "en", {}, "")),
        (
            ("Ana", "a@b.c", "Fidji", "Femme", "Social welfare", "fr", "FNPF", "17"),
            Row(
                "Ana",
                "",
                "a@b.c",
                "fr",
                {"country": "FJ", "sex": "woman", "ministry_type": "social-welfare", "organisation": "FNPF"},
                "17",
            ),
        ),
        (("", "a@b.c"), Refusal("name", "")),
        (("12",), Refusal("name", "")),
        (("=cmd|' /C calc'!A0",), Refusal("formula", "name")),
        (("Ana", "＝1+1"), Refusal("formula", "email")),
        (("x" * 201,), Refusal("long", "name")),
        (("Ana", "nobody"), Refusal("email", "nobody")),
        (("Ana", "", "Atlantis"), Refusal("country", "Atlantis")),
        (("Ana", "", "", "yes"), Refusal("sex", "yes")),
        (("Ana", "", "", "", "Fun"), Refusal("ministry", "Fun")),
        (("Ana", "", "", "", "", "xx"), Refusal("language", "xx")),
    ],
)
def test_each_row_is_somebody_to_invite_or_told_why_not(cells: tuple[str, ...], wanted: Row | Refusal) -> None:
    places, _unused = columns_of(HEADER)
    assert judge([" ".join(cell.split()) for cell in cells], places, BOUNDS) == wanted


def test_a_cohort_of_one_country_takes_no_other() -> None:
    places, _unused = columns_of(HEADER)
    own = BOUNDS._replace(own="FJ")
    assert judge(("Ana", "", "TV"), places, own) == Refusal("another-country", "TV")
    assert judge(("Ana",), places, own) == Row("Ana", "", "", "en", {"country": "FJ"}, "")
