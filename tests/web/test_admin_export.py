"""Screen, file and command line agree to the last digit; the file says what is in it; no cell evaluates."""

import csv
import io
import json
import re
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from app.cli import main
from app.core import exports
from app.records import audit, people
from app.records.engine import open_session
from tests import learners
from tests.web.conftest import SECRET, TINY, Site
from tests.web.test_admin import rows
from tests.web.visitor import Page, Visitor

FORMULA = "=cmd|' /C calc'!A0"
COLUMNS = [column.name for column in exports.COMPLETIONS]
PEOPLE: dict[str, dict[str, Any]] = {
    "done": {"name": "សុភា លឹម", "country": "FJ", "sex": "woman", "ministry_type": "labour", "age_band": "25-34"},
    "half": {"name": FORMULA, "country": "FJ", "sex": "man", "ministry_type": "labour", "organisation": "@SUM(1+1)"},
    "begun": {"name": "José Núñez", "country": "TV", "sex": "woman", "ministry_type": "health"},
    "quiet": {"name": "Ana Moana"},
}


@pytest.fixture
def boss(site: Site) -> Visitor:
    with open_session(site.engine, write=True) as session:
        for login, profile in PEOPLE.items():
            person = people.register(session, login=login, password_hash="", now=site.now, **profile)
            act(session, site, person.id, login)
        session.commit()
    return site.administrator()


def act(session: Session, site: Site, person: uuid.UUID, login: str) -> None:
    if login == "done":
        learners.certify(session, site.library, person, "tiny")
    elif login == "half":
        for quiz, right in (("one", True), ("two", True), ("tiny-final", False)):
            learners.sit(session, site.library, person, quiz, right=right)
    else:
        learners.read(session, site.library, person, "tiny", leave=4 if login == "quiet" else 1)
        if login == "quiet":
            learners.reading.enrol(session, site.library, person, "tiny", site.now)


def download(boss: Visitor, kind: str) -> dict[str, bytes]:
    """The files in the ZIP."""
    reply = boss.submit(boss.get("/admin"), "/admin/export/tiny", status=200, format=kind)
    assert reply.headers["Content-Type"] == "application/zip"
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def command(site: Site, *arguments: str) -> Result:
    settings = {
        "LONTAR_CONTENT": str(TINY),
        "LONTAR_INSTANCE": str(site.config.instance),
        "LONTAR_DATABASE_URL": site.config.database_url,
        "LONTAR_SECRET": SECRET,
    }
    result = CliRunner().invoke(main, ["export", "completions", *arguments], env=settings, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def read_csv(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def read_jsonl(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


def read_xlsx(body: bytes) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(body))["Completions"]
    head, *lines = ([cell.value for cell in row] for row in sheet.iter_rows())
    return [dict(zip(head, line, strict=True)) for line in lines]


def counted(found: list[dict[str, str]], column: str, value: str) -> list[str]:
    """Enrolled, started and completed among the rows with this value, as the screen writes them."""
    mine = [row for row in found if row[column] == value]
    started = sum(row["status"] != "enrolled" for row in mine)
    return [str(len(mine)), str(started), str(sum(bool(row["completed"]) for row in mine))]


def test_the_screen_counts_what_the_rows_say(boss: Visitor) -> None:
    found = read_csv(download(boss, "csv")["completions-tiny.csv"])
    page = boss.get("/admin/overview/people?period=")
    words = {
        "By country": ("country", {"Fiji": "Fiji", "Tuvalu": "Tuvalu", "Not stated": ""}),
        "By sex": ("sex", {"Woman": "woman", "Man": "man", "Other": "other", "Not stated": ""}),
        "By kind of ministry": ("ministry_type", {"Labour": "labour", "Health": "health", "Not stated": ""}),
    }
    for label, (column, values) in words.items():
        table = {row[0]: row[1:4] for row in rows(page, label)}
        assert {said: table[said] for said in values} == {
            said: counted(found, column, value) for said, value in values.items()
        }
        assert table["All"] == ["4", "3", "1"]


def test_every_way_gives_the_same_rows(site: Site, boss: Visitor, tmp_path: Path) -> None:
    sums = set()
    for kind in exports.FORMATS:
        files = download(boss, kind)
        output = tmp_path / f"out.{kind}"
        command(site, "--format", kind, "--output", str(output))
        streamed = command(site, "--format", kind).stdout_bytes
        by_web, by_command = files[f"completions-tiny.{kind}"], output.read_bytes()
        read = {"csv": read_csv, "jsonl": read_jsonl, "xlsx": read_xlsx}[kind]
        assert read(by_web) == read(by_command) == read(streamed)
        if kind != "xlsx":
            assert by_web == by_command == streamed
        for about in (files["completions-tiny.about.json"], (tmp_path / "out.about.json").read_bytes()):
            said = json.loads(about)
            sums.add(said["sha256"])
            assert (said["rows"], said["filter"], said["release"]) == (4, {"course": "tiny"}, site.library.release)
            assert [column["name"] for column in said["columns"]] == COLUMNS
    canonical = download(boss, "csv")["completions-tiny.csv"].removeprefix(b"\xef\xbb\xbf")
    assert sums == {sha256(canonical).hexdigest()}


def test_the_formats_hold_the_same_values(boss: Visitor) -> None:
    plain = read_csv(download(boss, "csv")["completions-tiny.csv"])
    lines = read_jsonl(download(boss, "jsonl")["completions-tiny.jsonl"])
    cells = read_xlsx(download(boss, "xlsx")["completions-tiny.xlsx"])
    for ours, line, cell in zip(plain, lines, cells, strict=True):
        for name in ("learner_id", "country", "sex", "course", "version", "certificate_number", "status"):
            assert (ours[name] or None) == line[name] == cell[name]
        for name in ("sections_read", "quizzes_passed"):
            assert int(ours[name]) == line[name] == cell[name]
        assert (float(ours["final_score"]) if ours["final_score"] else None) == line["final_score"]
        assert line["final_score"] == cell["final_score"]


def test_a_row_says_what_the_learners_page_says(site: Site, boss: Visitor) -> None:
    for row in read_csv(download(boss, "csv")["completions-tiny.csv"]):
        page = boss.get(f"/admin/learners/{row['learner_id']}")
        assert page.h1 == row["name"].removeprefix("'")
        assert f"Sections read: {row['sections_read']} of 4." in page.main
        final = [line for line in tries(page) if line[0] == "Final assessment"]
        assert [line[2] for line in final] == ([percent(row["final_score"])] if row["final_score"] else [])
        modules = {line[0] for line in tries(page) if line[0] != "Final assessment" and line[3] == "yes"}
        assert len(modules) == int(row["quizzes_passed"])
        assert (row["certificate_number"] in page.main) == bool(row["completed"]) or not row["certificate_number"]


def tries(page: Page) -> list[list[str]]:
    return rows(page, "Tries at quizzes") if 'aria-label="Tries at quizzes"' in page.html else []


def percent(text: str) -> str:
    return f"{float(text):g} %"


@pytest.mark.parametrize("field", ["name", "organisation"])
def test_no_cell_evaluates(boss: Visitor, field: str) -> None:
    written = PEOPLE["half"][field]
    one = next(row for row in read_csv(download(boss, "csv")["completions-tiny.csv"]) if row["sex"] == "man")
    assert one[field] == "'" + written
    book = openpyxl.load_workbook(io.BytesIO(download(boss, "xlsx")["completions-tiny.xlsx"]))
    cell = next(cell for row in book["Completions"].iter_rows() for cell in row if cell.value == written)
    assert cell.data_type == "s"
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_the_page_shows_such_a_name_as_it_is(site: Site, boss: Visitor) -> None:
    page = boss.submit(boss.get("/admin/learners"), "/admin/learners", q="calc")
    assert FORMULA in page.main


def test_who_took_what_stands_in_the_log(site: Site, boss: Visitor) -> None:
    files = download(boss, "jsonl")
    told = json.loads(files["completions-tiny.about.json"])["sha256"]
    command(site, "--format", "csv")
    with open_session(site.engine, write=False) as session:
        newest, before = audit.latest(session)
        assert [(row.deed, row.subject, row.detail) for row in (newest, before)] == [
            ("export", "completions tiny csv", told),
            ("export", "completions tiny jsonl", told),
        ]
        assert (newest.by, before.by is None) == (None, False)
    assert f"Records exported no. 1, 22 November 2026, 09:00 (UTC) By: you About: completions tiny jsonl {told}" in (
        boss.get("/admin/audit").main
    )


def test_the_file_is_named_by_course_and_day_and_never_kept(boss: Visitor) -> None:
    reply = boss.submit(boss.get("/admin"), "/admin/export/tiny", status=200, format="csv")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="completions-tiny-2026-11-22.zip"'
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", ["", "pdf", "../csv"])
def test_an_unknown_format_is_refused_in_words(boss: Visitor, kind: str) -> None:
    page = boss.submit(boss.get("/admin"), "/admin/export/tiny", status=422, format=kind)
    assert page.errors == ["Choose one of the formats."]


def test_more_rows_than_a_spreadsheet_holds_are_refused_in_words(
    boss: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "XLSX_ROWS", 2)
    page = boss.submit(boss.get("/admin"), "/admin/export/tiny", status=422, format="xlsx")
    assert page.errors == ["There are more rows than a spreadsheet holds. Choose CSV or JSON Lines."]


def test_erased_people_leave_the_rows_and_stay_in_the_counts(site: Site, boss: Visitor) -> None:
    with open_session(site.engine, write=True) as session:
        gone = people.find_login(session, "begun")
        assert gone is not None
        people.erase(session, gone.id, site.now, keep_certificates=True)
        session.commit()
    assert len(read_csv(download(boss, "csv")["completions-tiny.csv"])) == 3
    page = boss.get("/admin?period=")
    assert rows(page, "By country")[-1][1] == "4"
    assert "One row for each enrolled person (3 today, whatever the filters)" in page.main


def documented() -> Iterator[tuple[str, str]]:
    guide = Path(__file__).parents[2] / "docs" / "administering.md"
    for line in guide.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\| `([a-z_]+)` \| (text|integer|decimal|moment) \| (.+) \|", line):
            yield found[1], found[3]


def test_the_guide_documents_every_column() -> None:
    assert list(documented()) == [(column.name, column.meaning) for column in exports.COMPLETIONS]
    assert Counter(COLUMNS).most_common(1)[0][1] == 1
