"""Exports saved under a name: run, renamed, deleted, moving with the calendar; and nobody else takes anything."""

from datetime import UTC, datetime

from app.core.content import Library
from app.core.exports import KINDS
from app.records import audit, people, saved_exports
from app.records.engine import open_session
from tests.web.conftest import Build, Site
from tests.web.test_admin import acts
from tests.web.test_exports import boss, read_csv, unpacked
from tests.web.visitor import Visitor

__all__ = ["boss"]


def test_an_export_is_saved_run_renamed_and_deleted(site: Site, boss: Visitor) -> None:
    page = boss.get("/admin/exports?sex=woman&period=this-month&kind=enrolments")
    kept = {"column": ["name", "enrolled"], "format": "jsonl"}
    done = boss.submit(page, "/admin/exports/rows", 200, **kept).body
    token = page.form("/exports/rows").fields | kept | {"name": " Women  this month"}
    assert "The export is saved." in boss.post("/admin/exports/saved", token).main
    with open_session(site.engine, write=False) as session:
        one = saved_exports.all_saved(session)[0]
    assert one[1:] == (
        "Women this month",
        "enrolments",
        ("name", "enrolled"),
        {"course": ["tiny"], "period": ["this-month"], "sex": ["woman"]},
        "jsonl",
    )
    path = f"/admin/exports/saved/{one.id}"
    page = boss.get("/admin/exports")
    assert "Enrolments; This month: November 2026; Woman; Columns: 2; JSON Lines" in page.main
    again = boss.submit(page, path, 200).body
    assert unpacked(again) == unpacked(done)
    assert boss.submit(page, f"{path}/rename", 422, name=" ").errors == ["Write a name."]
    assert "new name" in boss.submit(page, f"{path}/rename", 200, name="Women").main
    assert boss.post("/admin/exports/saved", token | {"name": "WOMEN"}, 422).errors == [
        "Another saved export has this name."
    ]
    assert "is deleted" in boss.submit(boss.get("/admin/exports"), f"{path}/delete", 200).main
    token = {"csrf_token": token["csrf_token"]}
    assert [boss.post(f"{path}{one}", token).status for one in ("", "/rename", "/delete")] == [404, 404, 404]
    with open_session(site.engine, write=False) as session:
        log = [(row.deed, row.subject, row.detail) for row in audit.latest(session) if row.deed == "saved export"]
    assert log == [("saved export", str(one.id), f"{did} enrolments jsonl") for did in ("deleted", "renamed", "saved")]


def test_a_month_begins_where_the_site_is(build: Build, tiny: Library) -> None:
    site = build(tiny, timezone="Pacific/Fiji")
    site.now = datetime(2026, 11, 30, 13, tzinfo=UTC)  # on Fiji December has begun
    page = site.administrator().get("/admin/exports?period=this-month")
    assert "This month: December 2026" in page.main


def test_a_saved_period_moves_with_the_calendar(site: Site, boss: Visitor) -> None:
    with open_session(site.engine, write=True) as session:
        wish = ("learners", (), {"period": ["this-month"]}, "csv")
        id = saved_exports.save(session, "Monthly", *wish, None, site.now)
        session.commit()
    rows = []
    for _ in range(2):
        reply = boss.submit(boss.get("/admin/exports"), f"/admin/exports/saved/{id}", 200)
        rows.append(len(read_csv(unpacked(reply.body)["learners.csv"])))
        site.later(days=30)
        boss = site.administrator()
    assert rows == [5, 1]  # four people and the administrator; then another one, who came a month later


def test_erased_administrators_leave_no_name_on_what_they_saved(site: Site) -> None:
    with open_session(site.engine, write=True) as session:
        person = people.register(session, login="gone", password_hash="", name="Gone", now=site.now)
        id = saved_exports.save(session, "Mine", "items", (), {}, "csv", person.id, site.now)
        people.erase(session, person.id, site.now, keep_certificates=False)
        assert session.get_one(saved_exports.SavedExport, id).by is None


def test_nobody_else_takes_anything(site: Site, boss: Visitor) -> None:
    with open_session(site.engine, write=True) as session:
        id = saved_exports.save(session, "Mine", "items", (), {}, "csv", None, site.now)
        session.commit()
    others = [site.learner(), site.staff("author"), site.staff("focal")]
    for one in others:
        token = one.get("/account").form("/sign-out").fields["csrf_token"]
        for kind in KINDS:
            assert one.post("/admin/exports/rows", {"csrf_token": token, "kind": kind}).status == 403
            assert one.get(f"/admin/exports?kind={kind}", 403).status == 403
        for path in ("/admin/exports/saved", f"/admin/exports/saved/{id}", "/admin/audit/rows"):
            assert one.post(path, {"csrf_token": token, "format": "csv"}).status == 403
    assert site.visitor().post("/admin/exports/rows", {"kind": "learners"}, status=401).h1 == "Sign in"
    assert [deed for deed, _subject in acts(site) if deed == "export"] == []
