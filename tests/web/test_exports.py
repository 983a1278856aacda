"""Screen, file and command line agree to the last digit; the file says what is in it; no cell evaluates."""

import csv
import io
import json
import re
import shutil
import subprocess
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli import main
from app.core import columns, formats
from app.core.cells import guard
from app.core.exports import KINDS
from app.records import audit, people
from app.records.engine import open_session
from app.records.models import Person
from tests import learners
from tests.web.conftest import SECRET, TINY, Site
from tests.web.test_admin import acts, rows
from tests.web.visitor import Page, Visitor

FORMULA = "=cmd|' /C calc'!A0"
TRICKY = '=1+1 "quoted", \u202eright to left\u202c; +2'
COLUMNS = [column.name for column in columns.COMPLETIONS]
MONTH = f"{datetime.now(UTC):%Y-%m}"  # people in tests learn now, whatever the site's clock says
PEOPLE: dict[str, dict[str, Any]] = {
    "done": {"name": "សុភា លឹម", "country": "FJ", "sex": "woman", "ministry_type": "labour", "age_band": "25-34"},
    "half": {
        "name": FORMULA,
        "name_latin": TRICKY,
        "country": "FJ",
        "sex": "man",
        "ministry_type": "labour",
        "organisation": "@SUM(1+1)",
    },
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


def download(boss: Visitor, format: str, kind: str = "completions", **filters: str) -> dict[str, bytes]:
    """The files in the ZIP."""
    page = boss.get(f"/admin/exports?{urlencode({'kind': kind, **filters})}")
    reply = boss.submit(page, "/admin/exports/rows", status=200, format=format)
    assert reply.headers["Content-Type"] == "application/zip"
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def command(site: Site, *arguments: str, kind: str = "completions") -> Result:
    settings = {
        "LONTAR_CONTENT": str(TINY),
        "LONTAR_INSTANCE": str(site.config.instance),
        "LONTAR_DATABASE_URL": site.config.database_url,
        "LONTAR_SECRET": SECRET,
    }
    result = CliRunner().invoke(main, ["export", kind, *arguments], env=settings, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def read_csv(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def read_jsonl(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


def opened(body: bytes) -> Any:
    import openpyxl  # slow to load, for few tests

    return openpyxl.load_workbook(io.BytesIO(body))


def read_xlsx(body: bytes) -> list[dict[str, Any]]:
    sheet = opened(body)["Completions"]
    head, *lines = ([cell.value for cell in row] for row in sheet.iter_rows())
    return [dict(zip(head, line, strict=True)) for line in lines]


def counted(found: list[dict[str, str]], column: str, value: str) -> list[str]:
    """Enrolled, started and completed among the rows with this value, as the screen writes them."""
    mine = [row for row in found if row[column] == value]
    started = sum(row["status"] != "enrolled" for row in mine)
    return [str(len(mine)), str(started), str(sum(bool(row["completed"]) for row in mine))]


def test_the_screen_counts_what_the_rows_say(boss: Visitor) -> None:
    found = read_csv(download(boss, "csv")["completions-tiny.csv"])
    pages = {"By country": boss.get("/admin?period=")}
    words = {
        "By country": ("country", {"Fiji": "Fiji", "Tuvalu": "Tuvalu", "Not stated": ""}),
        "By sex": ("sex", {"Woman": "woman", "Man": "man", "Other": "other", "Not stated": ""}),
        "By kind of ministry": ("ministry_type", {"Labour": "labour", "Health": "health", "Not stated": ""}),
    }
    for label, (column, values) in words.items():
        page = pages.get(label) or boss.get("/admin/overview/people?period=")
        table = {row[0]: row[1:4] for row in rows(page, label)}
        assert {said: table[said] for said in values} == {
            said: counted(found, column, value) for said, value in values.items()
        }
        assert table["All"] == ["4", "3", "1"]


def test_every_way_gives_the_same_rows(site: Site, boss: Visitor, tmp_path: Path) -> None:
    sums = set()
    for kind in formats.FORMATS:
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
            assert said["row"] == KINDS["completions"].row
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
    book = opened(download(boss, "xlsx")["completions-tiny.xlsx"])
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


def test_one_press_without_a_choice_gives_completions(boss: Visitor) -> None:
    reply = boss.submit(boss.get("/admin"), "/admin/exports/rows", status=200)
    assert reply.headers["Content-Disposition"] == 'attachment; filename="completions-tiny-2026-11-22.zip"'
    assert reply.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.namelist() == ["completions-tiny.csv", "completions-tiny.about.json"]


REFUSED = [
    ({"format": "pdf"}, "Choose one of the formats."),
    ({"kind": "secrets"}, "There is no such export. Choose one of the list."),
    ({"column": "password_hash"}, "There is no such column. Tick those that you need."),
    ({"sexx": "woman"}, "sexx: there is no such filter. Choose below."),
    ({"sex": "female"}, "Sex: there is no such choice. Choose one of the list."),
    (
        {"period": "soon"},
        "Period: write a year (2026), a quarter (2026-Q4), a month (2026-11), or two with .. between.",
    ),
    (
        {"country": "MN", "group": "sids"},
        "Country or area: this contradicts another filter, so nothing is left. Open one of them.",
    ),
    (
        {"period": "2026-Q4", "status": "not-started"},
        "How far: this contradicts another filter, so nothing is left. Open one of them.",
    ),
    ({"organisation": "ab" * 16}, "Organisation: there is no such choice. Choose one of the list."),
    ({"kind": "items", "sex": "woman"}, "Sex: this kind of export does not know this filter. Leave it open."),
    (
        {"kind": "learners", "status": "started"},
        "How far: this kind of export does not know this filter. Leave it open.",
    ),
]


def test_what_cannot_be_is_refused_in_words(site: Site, boss: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    token = boss.get("/account").form("/sign-out").fields["csrf_token"]
    for wish, words in REFUSED:
        for path in ("/admin/exports/rows", "/admin/exports/saved"):
            page = boss.post(path, {"csrf_token": token, "name": "Refused", **wish}, 422)
            assert page.errors == [words]
    assert boss.get("/admin/exports?sex=female", 422).errors == [
        "Sex: there is no such choice. Choose one of the list."
    ]
    monkeypatch.setattr("app.records.exports.XLSX_ROWS", 2)
    page = boss.submit(boss.get("/admin/exports"), "/admin/exports/rows", status=422, format="xlsx")
    assert page.errors == ["An XLSX file takes up to 200,000 rows, and there are more. Choose CSV or JSON Lines."]
    assert acts(site) == []


def test_the_page_says_how_long_a_large_file_takes(boss: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is made whole before its first byte goes, so that its checksum can go with it."""
    wait = "the download begins in about {} seconds: the file is made first"
    assert "the download begins" not in boss.get("/admin/exports").main
    monkeypatch.setattr("app.web.export_words.MICROSECONDS", {"csv": 1_000_000, "xlsx": 1_300_000, "jsonl": 3_000_000})
    page = boss.get("/admin/exports").main
    assert [wait.format(seconds) in page for seconds in (10, 20, 30)] == [True, True, False]


def test_erased_people_leave_the_rows_and_stay_in_the_counts(site: Site, boss: Visitor) -> None:
    with open_session(site.engine, write=True) as session:
        gone = people.find_login(session, "begun")
        assert gone is not None
        people.erase(session, gone.id, site.now, keep_certificates=True)
        session.commit()
    assert len(read_csv(download(boss, "csv")["completions-tiny.csv"])) == 3
    assert rows(boss.get("/admin?period="), "By country")[-1][1] == "4"


# Every kind


def sheet(body: bytes) -> list[list[Any]]:
    book = opened(body)
    assert all(cell.data_type != "f" for one in book for row in one.iter_rows() for cell in row)
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


WISHES: list[tuple[str, dict[str, str], list[str]]] = [
    ("completions", {"sex": "woman", "period": MONTH}, ["name", "completed"]),
    ("enrolments", {"status": "started"}, []),
    ("attempts", {"country": "FJ"}, []),
    ("items", {}, []),
    ("statistics", {"ministry_type": "labour"}, ["measure", "month", "count"]),
    ("learners", {"country": "FJ"}, ["name", "name_latin", "organisation", "demo"]),
]


@pytest.mark.parametrize(("kind", "filters", "chosen"), WISHES, ids=[wish[0] for wish in WISHES])
def test_screen_file_and_command_agree(
    site: Site, boss: Visitor, tmp_path: Path, kind: str, filters: dict[str, str], chosen: list[str]
) -> None:
    page = boss.get(f"/admin/exports?{urlencode({'kind': kind, **filters})}")
    counted = int(re.findall(r"(\d+) rows?\b", page.main)[0])
    sums = set()
    for format in formats.FORMATS:
        reply = boss.submit(page, "/admin/exports/rows", status=200, format=format, column=chosen or None)
        with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
            body, about = (archive.read(name) for name in archive.namelist())
        output = tmp_path / f"out.{format}"
        asked = [f"--filter={name}={value}" for name, value in filters.items()]
        command(site, *asked, "--columns", ",".join(chosen), "--format", format, "--output", str(output), kind=kind)
        if format == "xlsx":
            assert sheet(body) == sheet(output.read_bytes())
            assert len(sheet(body)) == counted + 1
        else:
            assert body == output.read_bytes()
            assert len(body.splitlines() if format == "jsonl" else read_csv(body)) == counted
        told, said = json.loads(about), json.loads(output.with_suffix(".about.json").read_bytes())
        assert {**told, "time": ""} == {**said, "time": ""}
        assert told["rows"] == counted
        wanted = [column.name for column in KINDS[kind].columns if not chosen or column.name in chosen]
        assert [column["name"] for column in told["columns"]] == wanted
        sums.add(told["sha256"])
    assert len(sums) == 1
    assert counted == {"completions": 1, "enrolments": 2, "attempts": 6, "learners": 2}.get(kind, counted) > 0


def test_filters_choose_by_what_the_rows_show(site: Site, boss: Visitor) -> None:
    everybody = read_csv(download(boss, "csv")["completions-tiny.csv"])
    office = next(row["organisation_id"] for row in everybody if row["organisation"]).replace("-", "")
    cases: list[tuple[dict[str, str], Any]] = [
        ({"country": "-"}, lambda row: not row["country_code"]),
        ({"group": "sids"}, lambda row: row["country_code"] in ("FJ", "TV")),
        ({"organisation": office}, lambda row: row["organisation_id"].replace("-", "") == office),
        ({"age_band": "25-34"}, lambda row: row["age_band"] == "25-34"),
        ({"status": "not-started"}, lambda row: row["status"] == "enrolled"),
        ({"status": "completed"}, lambda row: bool(row["completed"])),
        ({"period": MONTH}, lambda row: row["completed"].startswith(MONTH)),
        ({"period": "..2001"}, lambda row: False),
    ]
    for filters, fits in cases:
        found = read_csv(download(boss, "csv", **filters)["completions-tiny.csv"])
        assert found == [row for row in everybody if fits(row)], filters
    assert len(read_csv(download(boss, "csv", "enrolments", period="2026..")["enrolments-tiny.csv"])) == 4


def test_a_period_in_words_is_told_as_months(boss: Visitor) -> None:
    about = json.loads(download(boss, "csv", period="last-quarter", sex="-")["completions-tiny.about.json"])
    assert about["filter"] == {
        "course": "tiny",
        "period": "2026-Q3 (last quarter): completed in these months",
        "sex": "-",
    }


def test_no_try_tells_a_name_or_an_answer(boss: Visitor) -> None:
    found = read_jsonl(download(boss, "jsonl", "attempts")["attempts-tiny.jsonl"])
    assert {row["quiz"] for row in found} == {"one", "two", "tiny-final"}
    assert [row["passed"] for row in found if row["score"] == 0] == ["no"]
    told = json.dumps(found, ensure_ascii=False)
    assert not [one["name"] for one in PEOPLE.values() if one["name"] in told]


def test_a_client_that_leaves_leaves_nothing_behind(
    site: Site, boss: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("app.web.downloads.CHUNK", 100)
    form = boss.get("/admin/exports").form("/exports/rows")
    headers = boss.headers | {"Origin": boss.base, "Sec-Fetch-Site": "same-origin"}
    reply = boss.client.post(form.action, base_url=boss.base, data=form.fields, headers=headers, buffered=False)
    assert len(next(iter(reply.response))) == 100
    reply.close()
    assert list(tmp_path.iterdir()) == []
    with open_session(site.engine, write=True) as session:  # nobody holds the right to write
        assert audit.latest(session)[0].deed == "export"
        audit.record(session, None, "demo", "0 people", "", site.now)
        session.commit()


# Names that are not only names

NAMES = (
    *(
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        '"quoted" name',
        "tab\tinside",
        "line\nbreak",
        "\u202eright to left",
        "＝full width",
    ),
    "semicolon;=1+1",
)


def test_names_come_through_every_format(site: Site, boss: Visitor, tmp_path: Path) -> None:
    with open_session(site.engine, write=True) as session:
        for number, name in enumerate(NAMES):
            person = people.register(
                session, login=f"n{number}", password_hash="", name=name, organisation=name, country="FJ", now=site.now
            )
            learners.read(session, site.library, person.id, "tiny", leave=3)
        session.commit()
        wanted = set(session.scalars(select(Person.name).where(Person.login.startswith("n"))))
    for kind, file in (("learners", "learners"), ("completions", "completions-tiny")):
        lines = read_jsonl(download(boss, "jsonl", kind)[f"{file}.jsonl"])
        assert wanted <= {row["name"] for row in lines}
        cells = sheet(download(boss, "xlsx", kind)[f"{file}.xlsx"])
        assert wanted <= {str(row[1]) for row in cells}
        plain = read_csv(download(boss, "csv", kind)[f"{file}.csv"])
        assert {guard(name) for name in wanted} <= {row["name"] for row in plain}
        for format in ("csv", "xlsx"):
            (tmp_path / f"{kind}-{format}.{format}").write_bytes(download(boss, format, kind)[f"{file}.{format}"])
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not here (apt-get install libreoffice-calc-nogui)")
    evaluated_nothing(office, tmp_path)


def evaluated_nothing(office: str, folder: Path) -> None:
    """Each file, opened and written again by LibreOffice, has no formula and shows a name as it was."""
    files = sorted(folder.glob("*.*"))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = [office, profile, "--headless", "--convert-to", "ods", "--outdir", str(folder / "out"), *map(str, files)]
    subprocess.run(convert, check=True, capture_output=True, timeout=120)
    for file in files:
        with zipfile.ZipFile(folder / "out" / f"{file.stem}.ods") as archive:
            content = archive.read("content.xml").decode()
        assert ("=1+1" in content, "table:formula" in content) == (True, False), file.name


def unpacked(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def documented() -> Iterator[tuple[str, str, str]]:
    guide = Path(__file__).parents[2] / "docs" / "administering.md"
    for line in guide.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\| `([a-z_0-9]+)` \| (text|integer|decimal|moment) \| (.+) \|", line):
            yield found[1], found[2], found[3]


def test_the_guide_documents_every_column() -> None:
    tables = (columns.COMPLETIONS, columns.ATTEMPTS, columns.ITEMS, columns.STATISTICS, columns.LEARNERS, columns.ACTS)
    assert list(documented()) == [(one.name, one.kind, one.meaning) for table in tables for one in table]
    for table in tables:
        assert len({column.name for column in table}) == len(table)
