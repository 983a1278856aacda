"""Lists of people from other programs: found columns, encodings, formulas, bombs, and what each row is told."""

import io
import zipfile
from collections.abc import Callable

import pytest

from app.core import tables
from app.core.invitees import Bounds, Row, columns_of, judge
from app.core.tables import Refusal, Unreadable

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


ROWS = "name,email\nA One,a1@example.org\n"


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (ROWS + '"C Three,c3@example.org\nD Four,d4@example.org\n', 3),  # up to the end of the file
        (ROWS + 'B,\n"C Three,c3@example.org\n"D Four",d4@example.org\n', 4),  # up to a name that is quoted
        (ROWS + 'B,b@x.y\nC,"c@x.y\n' + "D Four,d4@example.org\n" * 9000, 4),
        (ROWS + '"C "Ace" Three",c3@example.org\n', 3),
        ('"name,email\nA One,a1@example.org\n', 1),
        ('name,"email\nA One,a1@example.org"\nB Two,b2@example.org\n', 1),
    ],
)
def test_a_quotation_mark_that_is_not_closed_is_told_with_its_row(data: str, row: int) -> None:
    with pytest.raises(Unreadable, match="quote") as told:
        list(tables.read(data.encode()).rows)
    assert told.value.row == row


@pytest.mark.parametrize(
    ("header", "rows", "wanted"),
    [
        # What a quotation mark swallowed that some later one happens to close
        ("name,email", '"C,c@x.y\nD",d@x.y\n', [Refusal("lines", "C,c@x.y")]),
        ("name,email,note", 'A,a@x.y,"late\nB,b@x.y,soon"\n', [Refusal("lines", "late")]),
        ("name,email,note", 'A,a@x.y,"late\nB",b@x.y,\n', [Refusal("lines", "late")]),
        ("name", '"C Three\nD"\n', [Refusal("lines", "C Three")]),
        # Honest cells of several lines
        ("name,email,note", 'A,a@x.y,"12 Queen St,\nSuva"\n', [["A", "a@x.y", "12 Queen St,\nSuva"]]),
        ("name,email,note", 'A,a@x.y,"late\r\n"\n', [["A", "a@x.y", "late"]]),
        ("name,email", 'Ana "Ace" Vula,a@x.y\n', [['Ana "Ace" Vula', "a@x.y"]]),
        # More cells than heads
        ("name,email", "a,a@x.y,c,d\nb,b@x.y\n", [Refusal("more", "c"), ["b", "b@x.y"]]),
        ("name,email,,", "a,a@x.y,,d\n", [Refusal("more", "d")]),
        ("name", "Vula, Ana\n", [Refusal("more", "Ana")]),
        ("name,email", "a,a@x.y,, \n,,,\nb\n", [["a", "a@x.y"], ["b"]]),
        ("name,,email", "a,c,a@x.y\n", [["a", "c", "a@x.y"]]),
        ("name,email", "a,a@x.y" + "," * 300 + "d\n", [Refusal("more", "d")]),
        ("name" + ",x" * 250, "a" + ",b" * 250 + "\n", [["a", *"b" * 199]]),
    ],
)
def test_a_row_whose_cells_are_not_where_they_belong_is_refused(header: str, rows: str, wanted: list[object]) -> None:
    assert [row for _number, row in tables.read(f"{header}\n{rows}".encode()).rows] == wanted


def test_workbooks_are_read_by_the_same_rules() -> None:
    rows = ("name", "organisation", None), ("Ana", "Ministry\nof Labour, Suva"), ("Ben", None, "x"), ("C\nD", " ")
    found = [row for _number, row in tables.read(xlsx(*rows)).rows]
    assert found == [["Ana", "Ministry\nof Labour, Suva"], Refusal("more", "x"), ["C\nD", ""]]


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
        (("Ana",), Row("Ana", "", "", "en", {}, "")),
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
        (
            ("Ana", "", "", "", "", "", "Ministry\nof Labour"),
            Row("Ana", "", "", "en", {"organisation": "Ministry of Labour"}, ""),
        ),
        (("Ana\nBen",), Refusal("lines", "name")),
        (("Ana", "a@b.c\nBen"), Refusal("lines", "email")),
        (("Ana", "", "", "", "", "", "", "17\n18"), Refusal("lines", "key")),
        (Refusal("more", "x"), Refusal("more", "x")),
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
def test_each_row_is_somebody_to_invite_or_told_why_not(
    cells: tuple[str, ...] | Refusal, wanted: Row | Refusal
) -> None:
    places, _unused = columns_of(HEADER)
    assert judge(cells, places, BOUNDS) == wanted


def test_a_cohort_of_one_country_takes_no_other() -> None:
    places, _unused = columns_of(HEADER)
    own = BOUNDS._replace(own="FJ")
    assert judge(("Ana", "", "TV"), places, own) == Refusal("another-country", "TV")
    assert judge(("Ana",), places, own) == Row("Ana", "", "", "en", {"country": "FJ"}, "")
