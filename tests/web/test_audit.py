"""The audit log: who did what, found by deed, person and months, with its chain, on the page and as a file."""

import io
import json
import zipfile

import pytest
from sqlalchemy import text

from app.core.columns import ACTS
from app.records import audit
from app.records.engine import open_session
from app.web import audit_log
from tests.web.conftest import Site
from tests.web.story import person_id
from tests.web.test_admin import NOBODY, boss, person
from tests.web.test_exports import read_csv, read_jsonl
from tests.web.visitor import Page, Visitor

__all__ = ["boss"]


def test_an_empty_log_says_so(boss: Visitor) -> None:
    assert "Nothing has been noted yet." in boss.get("/admin/audit").main


def test_the_log_says_who_did_what_to_whom(site: Site, boss: Visitor) -> None:
    id = person(site, "ana", name="Ana Moana")
    boss.submit(boss.get(f"/admin/learners/{id}"), "/code", status=200)
    with open_session(site.engine, write=True) as session:
        audit.record(session, None, "role", str(id), "author", site.now)
        session.commit()
    page = boss.get("/admin/audit")
    assert "The chain holds: 2 rows checked." in page.main
    assert (
        f"Role changed no. 2, 22 November 2026, 09:00 (UTC) By: the server or the command line About: {id} author"
        in page.main
    )
    assert f"One-time code made no. 1, 22 November 2026, 09:00 (UTC) By: you About: {id}" in page.main
    assert "Ana Moana" not in page.html
    other = site.administrator().get("/admin/audit")
    assert f"By: {person_id(site, 'learner1')} About: {id}" in other.main


def test_a_row_that_was_changed_outside_is_named(site: Site, boss: Visitor) -> None:
    with open_session(site.engine, write=True) as session:
        for number in range(3):
            audit.record(session, None, "role", str(NOBODY), str(number), site.now)
        session.execute(text("DROP TRIGGER act_unchanged"))
        session.execute(text("UPDATE act SET detail = 'administrator' WHERE number = 2"))
        session.commit()
    assert "Row 2 does not follow from the one before it" in boss.get("/admin/audit").main


def test_a_long_log_comes_in_pages_and_is_checked_when_asked(
    site: Site, boss: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "A_PAGE", 2)
    monkeypatch.setattr(audit_log, "CHECKED_UNASKED", 4)
    with open_session(site.engine, write=True) as session:
        for number in range(5):
            audit.record(session, None, "role", str(NOBODY), str(number), site.now)
        session.commit()
    page = boss.get("/admin/audit")
    assert "The log has 5 rows; checking them takes a moment." in page.main
    older = boss.get(next(path for path, said in page.links().items() if said == "Older"))
    assert ("no. 3," in older.main, "no. 2," in older.main, "no. 4," in older.main) == (True, True, False)
    assert "The chain holds: 5 rows checked." in boss.get("/admin/audit?check=yes").main
    assert boss.get(f"/admin/audit?before={'9' * 40}").status == 200


def numbers(page: Page) -> list[str]:
    """The numbers of the rows that a page shows."""
    return [line.partition(",")[0] for line in page.main.split(" no. ")[1:] if "," in line[:8]]


@pytest.fixture
def log(site: Site, boss: Visitor) -> str:
    """Five acts in three months: 1 and 5 by the administrator, 3 about her; her id."""
    me = person_id(site, "learner1")
    acts = ((me, "code", NOBODY), (None, "role", NOBODY), (None, "role", me), (None, "demo", "9 people"))
    with open_session(site.engine, write=True) as session:
        for month, (by, deed, subject) in zip((9, 9, 10, 11), acts, strict=True):
            audit.record(session, by, deed, str(subject), "", site.now.replace(month=month))
        audit.record(session, me, "export", "completions tiny csv", "", site.now)
        session.commit()
    return str(me)


def test_rows_are_found_by_deed_person_and_months(boss: Visitor, log: str) -> None:
    found = {
        "": ["5", "4", "3", "2", "1"],
        "?deed=role": ["3", "2"],
        f"?person={log}": ["5", "3", "1"],
        "?person=learner1": ["5", "3", "1"],
        "?person=-": ["4", "3", "2"],
        "?period=2026-09": ["2", "1"],
        "?period=this-quarter&deed=role": ["3"],
        "?deed=merge": [],
        "?before=3&deed=role": ["2"],
    }
    for query, expected in found.items():
        page = boss.get(f"/admin/audit{query}")
        assert numbers(page) == expected, query
        assert "The chain holds: 5 rows checked. Checked on 22 November 2026, 09:00 (UTC), up to no. 5." in page.main
    assert "No row is like this." in boss.get("/admin/audit?deed=merge").main


def test_pages_keep_the_filters(boss: Visitor, log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "A_PAGE", 1)
    page = boss.get("/admin/audit?deed=role")
    assert numbers(page) == ["3"]
    older = boss.get(next(path for path, said in page.links().items() if said == "Older"))
    assert (numbers(older), "Older" in older.links().values()) == (["2"], False)


def test_filters_that_cannot_be_are_refused(boss: Visitor, log: str) -> None:
    refused = {
        "deed=stolen": "There is no such deed. Choose one of the list.",
        "person=who": "Nobody has this sign-in name or id.",
        "period=soon": "Period: write a year (2026), a quarter (2026-Q4), a month (2026-11), or two with .. between.",
        "who=me": "who: there is no such filter. Choose below.",
    }
    for query, words in refused.items():
        page = boss.get(f"/admin/audit?{query}", 422)
        assert (page.errors, numbers(page)) == ([words], [])
    page = boss.submit(boss.get("/admin/audit"), "/audit/rows", 422, format="xlsx")
    assert page.errors == ["Choose one of the formats."]


def taken(boss: Visitor, page: Page, format: str) -> tuple[bytes, dict[str, object]]:
    reply = boss.submit(page, "/audit/rows", 200, format=format)
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.namelist() == [f"audit.{format}", "audit.about.json"]
        return archive.read(f"audit.{format}"), json.loads(archive.read("audit.about.json"))


def test_the_log_as_a_file_says_whether_the_chain_holds(site: Site, boss: Visitor, log: str) -> None:
    body, about = taken(boss, boss.get("/admin/audit?deed=role"), "csv")
    assert [(row["number"], row["by"], row["subject"]) for row in read_csv(body)] == [
        ("2", "", str(NOBODY)),
        ("3", "", log),
    ]
    assert (about["rows"], about["filter"]) == (2, {"deed": "role"})
    assert about["chain"] == "holds: every row from 1 to 5 follows from the one before it"
    body, about = taken(boss, boss.get("/admin/audit"), "jsonl")
    whole = read_jsonl(body)
    assert [row["number"] for row in whole] == [1, 2, 3, 4, 5, 6]
    assert [row["before"] for row in whole[1:]] == [row["hash"] for row in whole[:-1]]
    assert list(whole[0]) == [column.name for column in ACTS]
    assert (whole[-1]["by"], whole[-1]["subject"], whole[-1]["detail"][65:]) == (log, "audit csv", "deed=role")
    with open_session(site.engine, write=True) as session:
        session.execute(text("DROP TRIGGER act_unchanged"))
        session.execute(text("UPDATE act SET detail = 'nothing' WHERE number = 6"))
        session.commit()
    assert taken(boss, boss.get("/admin/audit"), "csv")[1]["chain"] == (
        "broken: row 6 does not follow from the one before it"
    )
