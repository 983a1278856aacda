"""The statistics for everybody and the administrators' reports: pages and files of what was frozen."""

import json
from datetime import datetime

import pytest

from app.ops import freezing
from app.records import tallies
from app.records.engine import open_session
from tests.web.conftest import Build, Site
from tests.web.test_look import FIRST_VISIT, weight

FILE = "/statistics/tiny/2026-10"


@pytest.fixture
def counted(site: Site) -> Site:
    """Enough people in September for a first step, and few in October."""
    cells = {}
    for month, sex, ministry, country, n in (
        (9, "woman", "labour", "FJ", 150), (9, "man", "health", "NP", 100), (9, "", "labour", "NP", 4),
        (10, "man", "", "FJ", 3),
    ):  # fmt: skip
        profile = (country, sex, ministry, "", "25-34", "en")
        cells[tallies.cell("tiny", "enrolled", datetime(2026, month, 3), profile)] = n
    with open_session(site.engine, write=True) as session:
        tallies.add(session, cells)
        session.commit()
    return site


def freeze(site: Site) -> None:
    freezing.freeze_due(site.engine, site.config, site.library, site.now)


def test_the_page_of_everybody(counted: Site) -> None:
    visitor = counted.visitor()
    assert "There are no tables yet." in visitor.get("/statistics").main
    assert json.loads(visitor.get("/statistics.json").body) == []
    assert visitor.get("/statistics.csv", status=404).status == 404
    freeze(counted)
    page = visitor.get("/statistics")
    assert page.h1 == "Statistics"
    assert weight(page) < FIRST_VISIT
    contents = [link for link in page.links() if link.startswith("#")]
    tables = ["#sex", "#age_band", "#ministry_type", "#women_by_ministry_type", "#women_by_subregion"]
    assert contents == ["#main", "#country", "#subregion", "#bloc", *tables, "#months", "#made"]
    shown = page.main.replace(" ", "")
    for words in ("October2026", "Women150", "Menhidden", "Camelater,notinthetableyet3", "UTC"):
        assert words in shown
    assert visitor.get("/statistics/tiny/2026-09").h1 == "Statistics"
    assert visitor.get("/statistics").headers["Cache-Control"] == "public, max-age=300"
    for nothing in ("/statistics/tiny/2026-11", "/statistics/nowhere", "/statistics/tiny/2026-Q3", f"{FILE}.xlsx"):
        assert visitor.get(nothing, status=404).status == 404


def test_the_files_are_what_was_frozen(counted: Site) -> None:
    freeze(counted)
    visitor = counted.visitor()
    document, sheet = visitor.get(f"{FILE}.json"), visitor.get(f"{FILE}.csv")
    assert document.headers["Content-Type"] == "application/json; charset=utf-8"
    found = json.loads(document.body)
    assert (found["licence"], found["period"], found["total"]["enrolled"]) == ("CC BY 4.0", "2026-10", 257)
    assert json.loads(visitor.get("/statistics.json").body) == [found]
    assert visitor.get("/statistics.csv").body == sheet.body
    assert visitor.get(f"{FILE}.csv", status=304, **{"If-None-Match": sheet.headers["ETag"]}).status == 304
    assert b"sex,woman,enrolled,150" in sheet.body


def test_a_site_can_close_the_page(build: Build, counted: Site) -> None:
    freeze(counted)
    closed = build(counted.library, public_statistics=False)
    assert "/statistics" in counted.visitor().get("/help").links()
    assert "/statistics" not in closed.visitor().get("/help").links()
    for path in ("/statistics", "/statistics.json", "/statistics.csv", f"{FILE}.json", "/statistics/tiny"):
        assert closed.visitor().get(path, status=404).status == 404
    administrator = closed.administrator()
    assert "The public page is closed" in administrator.get("/admin/reports").main
    assert administrator.get("/admin/reports/tiny/2026-10/statistics.csv").body.startswith(b"\xef\xbb\xbftable,")


def test_administrators_freeze_read_and_correct_reports(counted: Site) -> None:
    administrator = counted.administrator()
    page = administrator.get("/admin/reports")
    assert "Nothing is frozen yet." in page.main
    page = administrator.submit(page, "/admin/reports", status=200)
    assert "What was due is frozen." in page.main
    report = administrator.get("/admin/reports/tiny/2026-Q3")
    assert report.h1 == "Report: Quarter 3 of 2026"
    assert "Woman15015000" in report.main.replace(" ", "")
    assert report.links()["#table-11"] == "By country and kind of ministry"
    refused = administrator.submit(page, "/admin/reports/tiny", status=422, period="2026-Q3", reason="")
    assert refused.errors == ["Write why. It stays beside the correction."]
    done = administrator.submit(page, "/admin/reports/tiny", status=200, period="2026-Q3", reason="late records")
    assert "Correction,edition2:laterecords" in done.main.replace(" ", "")
    first = administrator.get("/admin/reports/tiny/2026-Q3?edition=1")
    assert "This edition has been corrected." in first.main
    files = [administrator.get(f"/admin/reports/tiny/2026-Q3/report.json?edition={n}") for n in (1, 2)]
    assert files[1].headers["Content-Disposition"] == 'attachment; filename="report-tiny-2026-Q3-edition-2.json"'
    assert [json.loads(one.body)["reason"] for one in files] == ["", "late records"]
    assert administrator.get("/admin/reports/tiny/2026-Q3?edition=9", status=404).status == 404
