"""Cohorts as people meet them: lists, keys, invitations, imports, and what a focal point may see."""

import io
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from app.cli import main
from app.ops import importing
from app.records import audit, cohorts, imports, invitations, listings, notes, outbox, people, wishes
from app.records.engine import open_session
from tests import learners
from tests.web.conftest import BOTH, PASSWORD, SECRET, TINY, Build, Library, Site
from tests.web.story import person_id
from tests.web.visitor import Page, Visitor

PUT = {"name": "Induction", "course": "tiny", "wished_for": "2027-06-30", "office": "Public Service Commission"}


def staff(site: Site, role: str, country: str = "FJ") -> Visitor:
    return site.staff(role, country)


def make_cohort(visitor: Visitor, area: str, **changes: Any) -> Page:
    page = visitor.get(f"/{area}/cohorts/new")
    return visitor.submit(page, f"/{area}/cohorts/new", **(PUT | changes))


def cohort_id(page: Page) -> str:
    found = re.search(r"/cohorts/([0-9a-f-]{36})/change", page.html)
    assert found is not None
    return found[1]


def key_of(page: Page) -> str:
    found = re.search(r'class="code"><bdi dir="ltr">([0-9A-Z]{4}-[0-9A-Z]{4})<', page.html)
    assert found is not None
    return found[1]


def deeds(site: Site) -> list[str]:
    with open_session(site.engine, write=False) as session:
        return [row.deed for row in reversed(audit.latest(session))]


@BOTH
def test_learners_choose_from_the_list_of_their_country_without_scripts(site: Site) -> None:
    boss = site.administrator()
    wrote = site.learner("Ana", login="ana", country="FJ", organisation="Min of Labour")
    for names, kind in (("Ministry of Labour\nFNPF\nfnpf", "ministry"), ("Shire", "local-government")):
        page = boss.get("/admin/organisations?country=" + ("FJ" if kind == "ministry" else "TV"))
        page = boss.submit(page, "/organisations/add", names=names, kind=kind)
    page = boss.get("/admin/organisations?country=FJ")
    form = page.form("/organisations/merge")
    assert boss.submit(page, "/organisations/merge").errors == [
        "Tick what people wrote, and choose the organisation that they meant."
    ]
    chosen = {"written": form.choices["written"], "into": form.choices["into"][2]}
    asked = boss.submit(page, "/organisations/merge", **chosen)
    assert asked.h1 == "Merge into “Ministry of Labour”"
    assert "Min of Labour (1 person)" in asked.main
    assert "A merge cannot be taken back." in asked.main
    assert "Min of Labour" in boss.get("/admin/organisations?country=FJ").main  # nothing has happened yet
    assert "now counts as the organisation" in boss.submit(asked, "/organisations/merge", sure="1").main
    assert "Min of Labour" not in boss.get("/admin/organisations?country=FJ").main
    listed = next(path for path, words in page.links().items() if words == "Ministry of Labour")
    token = form.fields["csrf_token"]
    assert boss.post(listed, {"csrf_token": token, "kind": "agency", "name-en": "FNPF"}).errors == [
        "Another organisation of the list has the name “FNPF”."
    ]
    renamed = boss.post(listed, {"csrf_token": token, "kind": "agency", "name-en": "Labour", "name-fr": "Travail"})
    assert "The list has changed." in renamed.main
    page = boss.get(listed)
    assert "is counted with this organisation. A merge cannot be taken back. Min of Labour Take it off" in page.main
    profile = wrote.get("/account/profile")
    assert profile.form("/account/profile").fields["listed"] == [form.choices["into"][2]]
    moved = wrote.submit(profile, "/account/profile", country="TV")
    assert "Your country has a list of organisations:" in moved.main
    assert moved.form("/account/profile").fields["listed"] == [""]
    choices = moved.form("/account/profile").choices["listed"]
    saved = wrote.submit(moved, "/account/profile", listed=choices[1])
    assert saved.form("/account/profile").fields["listed"] == [choices[1]]
    assert wrote.submit(saved, "/account/profile", listed="nonsense").form("/account/profile").fields["listed"] == [""]
    named = wrote.submit(saved, "/account/profile", listed="other", organisation="Court")
    assert named.form("/account/profile").fields["organisation"] == ["Court"]
    assert deeds(site) == ["organisation", "organisation", "organisation", "merge", "organisation"]


@BOTH
def test_a_merge_is_refused_for_what_does_not_wait_there(site: Site) -> None:
    """An organisation of another country, and one that somebody else merged since the page was opened."""
    focal = staff(site, "focal")
    for login, country in (("ana", "FJ"), ("ben", "FJ"), ("tavita", "TV")):
        site.learner(login, login=login, country=country, organisation=f"Office of {login}")
    with open_session(site.engine, write=True) as session:
        listed = listings.put(session, "FJ", "ministry", {"en": "Labour"}, site.now)
        ids = {one.name: str(one.id) for country in ("FJ", "TV") for one in listings.written(session, country)}
        session.commit()
    page = focal.get("/focal/organisations")
    assert "A merge cannot be taken back." in page.main
    for wrong in (ids["Office of tavita"], str(uuid.UUID(int=1)), "nonsense"):
        for answer in ({}, {"sure": "1"}):
            choice = {"written": [ids["Office of ana"], wrong], "into": str(listed)}
            assert focal.submit(page, "/organisations/merge", 404, **choice, **answer).status == 404
    choice = {"written": [ids["Office of ana"], ids["Office of ben"]], "into": str(listed)}
    asked = focal.submit(page, "/organisations/merge", 200, **choice)
    assert "person" not in asked.main  # how many wrote it, also who did not agree, is not for focal points
    with open_session(site.engine, write=True) as session:
        listings.merge(session, uuid.UUID(ids["Office of ana"]), listed, site.now)
        session.commit()
    again = focal.submit(asked, "/organisations/merge", 422, sure="1")
    assert again.errors == ["Some of it was merged or listed meanwhile. Nothing was changed: look again."]
    assert "Office of ben" in again.main
    assert deeds(site) == []


def test_a_key_brings_people_in_who_register_or_sign_in(site: Site) -> None:
    focal = staff(site, "focal")
    page = make_cohort(focal, "focal")
    assert make_cohort(focal, "focal", name="", wished_for="soon", confirmed="y", office="").errors == [
        "Give the cohort a name.",
        "Write the day like 2027-06-30.",
        "Name the office that knows these persons.",
    ]
    id = cohort_id(page)
    assert focal.submit(page, "/keys", ends="2020-01-01", most="none").errors == [
        "This day has passed. Choose a later one.",
        "Write a whole number, or leave it empty.",
    ]
    page = focal.submit(page, "/keys", ends="2026-12-31", most="2")
    key = key_of(page)
    visitor = site.visitor()
    shown = visitor.get(f"/join?code={key.lower().replace('-', ' ')}")
    assert "invites you to take this course: A tiny course" in shown.main
    assert "The focal point of Fiji sees your name" in shown.main
    assert "Ana Tuilagi" in shown.main
    form = visitor.get(f"/register?group={key}")
    assert (form.form("/register").fields["group"], form.form("/register").fields["country"]) == ([key], ["FJ"])
    about = {"login": "sione", "name": "Sione Moala", "password": PASSWORD}
    assert visitor.submit(form, "/register", **about, group="1234").errors[0].startswith("There is no such code.")
    done = visitor.submit(form, "/register", 200, **about)
    assert "/courses/tiny/" in done.links()
    member = site.learner("Ana Moana", login="moana")
    member.submit(member.get(f"/join/{key}"), f"/join/{key}")
    late = site.learner("Late", login="late")
    assert late.get(f"/join/{key}", 404).errors == [
        "This key was used by as many people as it was made for. Ask the person who gave it to you."
    ]
    page = focal.get(f"/focal/cohorts/{id}")
    assert "Used by 2 of 2 people. Works until 31 December 2026." in page.main
    assert all(name in page.main for name in ("Sione Moala", "Registered, not started"))
    assert "Late" not in page.main
    profile = member.get("/account/profile")
    assert "The focal point of this country sees your name" in profile.main or "No focal point" in profile.main
    member.submit(profile, "/leave")
    assert "Ana Moana" not in focal.get(f"/focal/cohorts/{id}").main
    focal.submit(page, "/revoke")
    focal.submit(focal.get(f"/focal/cohorts/{id}"), "/close")
    assert visitor.get(f"/join/{key}", 404).errors[0].startswith("This key is not used any more.")
    assert deeds(site) == ["cohort", "enrolment key", "enrolment key", "cohort"]


def test_an_invitation_comes_by_mail_or_on_paper(build: Build, tiny: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.mail.deliver_soon", lambda: None)
    site = build(tiny, mail_host="127.0.0.1", mail_port=9, mail_from="a@example.org", mail_security="none")
    focal = staff(site, "focal")
    id = cohort_id(make_cohort(focal, "focal"))
    for name, email in (("Sun Sophea", ""), ("Ana Moana", "ana@example.org")):
        focal.submit(focal.get(f"/focal/cohorts/{id}/invite"), "/invite", name=name, email=email)
    page = focal.get(f"/focal/cohorts/{id}")
    assert "1 invitation can be mailed." in page.main
    token = page.form("/addresses").fields["csrf_token"]
    assert "Ana Moana <ana@example.org>" in focal.post(f"/focal/cohorts/{id}/addresses", {"csrf_token": token}).main
    slips = focal.post(f"/focal/cohorts/{id}/slips", {"csrf_token": token}).main
    assert "Sun Sophea" in slips
    assert "Ana Moana" not in slips
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", slips)
    assert code is not None
    focal.submit(page, "/mail")
    with open_session(site.engine, write=True) as session:
        (mail,) = outbox.take(session, site.now)
    assert (mail.recipient, mail.subject) == ("ana@example.org", "An invitation to the course “A tiny course”")
    assert "Public Service Commission invites you" in mail.body
    link, stop = re.findall(r"http://[^/]+(/join/\S+)", mail.body)
    visitor, stopped = site.visitor(), "This address wants no mail: nothing is sent to it."
    assert stopped not in focal.get(f"/focal/cohorts/{id}").main
    page = visitor.submit(visitor.get(stop), "/stop")
    assert "No mail about groups and courses is sent to this address any more." in page.main
    assert focal.get(f"/focal/cohorts/{id}").main.count(stopped) == 1
    known = visitor.get("/register?group=" + link.rpartition("/")[2]).form("/register").fields
    assert (known["name"], known["email"], known["country"]) == (["Ana Moana"], ["ana@example.org"], ["FJ"])
    paper = site.learner("Sun Sophea", login="sophea")
    paper.submit(paper.get(f"/join?code={code[0]}"), f"/join/{code[0]}")
    assert paper.get(f"/join/{code[0]}").h1 == "A tiny course"
    assert site.visitor().get(f"/join/{code[0]}", 404).errors[0].startswith("This invitation was taken up already.")
    page = focal.get(f"/focal/cohorts/{id}?state=invited")
    one = next(path for path in page.links() if "/invitations/" in path)
    shown = focal.post(one, {"csrf_token": token, "code": "1"})
    assert link.rpartition("/")[2] in shown.main
    focal.post(one, {"csrf_token": token, "name": "Ana M."})
    assert "Ana M." in focal.get(one).main
    focal.post(one, {"csrf_token": token, "withdraw": "1"})
    assert focal.get(one, 404).status == visitor.get(link, 404).status == 404
    assert deeds(site)[1:] == ["invite", "invite", "addresses", "slips", "mail", "slips", "invite", "invite"]


LIST = (
    "Courriel,Name,Country\nana@example.org,Ana Moana,Fidji\n,=1+1,\nana@example.org,ana moana,\n,Ben,Tuvalu\n,Carl,\n"
)


def test_a_list_shows_every_fate_before_anything_is_imported(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    focal = staff(site, "focal")
    id = cohort_id(make_cohort(focal, "focal"))
    path = f"/focal/cohorts/{id}/import"
    token = focal.get(path).form("/import").fields["csrf_token"][0]

    def upload(data: bytes) -> Page:
        return focal.post(path, {"csrf_token": token, "file": (io.BytesIO(data), "list.csv")})

    for data, words in ((b"", "The file holds no rows."), (b"mail\n", "No column is called “name”.")):
        assert upload(data).errors[0].startswith(words)
    assert upload(b"name,x\n" + b"a&b," * 80_000).status == 200  # larger than other forms may be
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    page = upload(LIST.encode("cp1252"))
    assert [one for one in ("2 ", "refused") if one in page.main]
    for words in (
        "Refused: a cell begins like a formula (name)",
        "Stands in the list before: row 2",
        "Refused: this is another country than the cohort’s (Tuvalu)",
    ):
        assert words in page.main
    assert "Ana Moana" not in focal.get(f"/focal/cohorts/{id}").main
    other = staff(site, "focal", "TV")
    assert other.get(page.path, 404).status == 404
    done = focal.post(page.path, {"csrf_token": token})
    assert "The list is imported." in done.main
    assert all(name in done.main for name in ("Ana Moana", "Carl"))
    again = upload(LIST.encode())
    assert "There is nobody new in this list." in again.main
    cohort = focal.get(f"/focal/cohorts/{id}")  # who left the list's page finds it again
    assert cohort.main.count("list.csv waits for your yes") == 2
    assert again.path in cohort.links()
    with open_session(site.engine, write=True) as session:  # as a server leaves it that is killed while it reads
        session.execute(text("UPDATE import_run SET state = 'reading' WHERE state = 'read'"))
        session.commit()
    monkeypatch.setattr(imports, "SILENT", timedelta(days=-1))
    assert "Choose the same file again." in focal.get(again.path).main
    assert "was not read to its end" in focal.get(f"/focal/cohorts/{id}").main
    assert "Choose the same file again." in focal.post(again.path, {"csrf_token": token}).main  # and imports nothing
    focal.post(again.path, {"csrf_token": token, "drop": "1"})
    assert focal.get(again.path, 404).status == 404
    assert again.path not in focal.get(f"/focal/cohorts/{id}").html
    assert deeds(site) == ["cohort", "import people"]


def test_the_command_line_imports_the_same(site: Site, tmp_path: Path) -> None:
    id = cohort_id(make_cohort(site.administrator(), "admin", country="FJ"))
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    settings = {"LONTAR_CONTENT": str(TINY), "LONTAR_INSTANCE": str(site.config.instance)}
    settings |= {"LONTAR_DATABASE_URL": site.config.database_url, "LONTAR_SECRET": SECRET}

    def run(*arguments: str) -> tuple[int, list[str]]:
        result = CliRunner().invoke(main, ["import", "people", str(file), *arguments], env=settings)
        return result.exit_code, result.output.splitlines()

    assert run("--cohort", "Nowhere")[0] == 1
    assert run("--cohort", "Induction", "--dry-run") == (
        0,
        [
            "row 2: new",
            "row 3: refused: formula name",
            "row 4: duplicate: 2",
            "row 5: refused: another-country Tuvalu",
            "row 6: new",
            "2 new, 0 existing, 1 duplicate, 0 conflict, 2 refused; nothing was changed",
        ],
    )
    assert (
        run("--cohort", id)[1][-1] == "2 new, 0 existing, 1 duplicate, 0 conflict, 2 refused; the new ones are invited"
    )
    assert (
        run("--cohort", id)[1][-1] == "0 new, 2 existing, 1 duplicate, 0 conflict, 2 refused; the new ones are invited"
    )
    file.write_bytes(b"x")
    assert run("--cohort", id) == (1, ["lontar: list.csv: no column is called name"])
    file.write_text("name,key\nAisake Vula,7\nBen Tui,7\nCarl\nx,y,z\n")
    assert run("--cohort", id)[1] == [
        "row 3: conflict: the key is that of Aisake Vula in row 2; correct one of the two rows",
        "row 5: refused: more z",
        "1 new, 1 existing, 0 duplicate, 1 conflict, 1 refused; the new ones are invited",
    ]
    file.write_text('name,email\nZoe,z@example.org\n"C Three,c3@example.org\nD Four,d4@example.org\n')
    words = (
        "in row 3, a cell opens with a quotation mark that is not closed, or is closed too early;"
        " delete it or close it, and inside a cell write it twice; nothing was imported"
    )
    assert run("--cohort", id) == (1, [f"lontar: list.csv: {words}"])


def test_what_a_list_would_lose_in_silence_is_told_with_its_row(site: Site) -> None:
    focal = staff(site, "focal")
    id = cohort_id(make_cohort(focal, "focal"))
    path = f"/focal/cohorts/{id}/import"
    token = focal.get(path).form("/import").fields["csrf_token"][0]

    def upload(data: str) -> Page:
        return focal.post(path, {"csrf_token": token, "file": (io.BytesIO(data.encode()), "list.csv")})

    torn = 'A One,a1@example.org\nB Two,b2@example.org\n"C Three,c3@example.org\nD Four,d4@example.org\n'
    page = upload("name,email\n" + torn)
    assert "In row 4, a cell opens with a quotation mark" in page.main
    assert "nothing is imported. Mend it, and choose it again." in page.main
    assert "Import 3 people" not in page.main
    assert upload('"name,email\nA One,a1@example.org\n').errors[0].startswith("In row 1, a cell opens with")
    first = "key,name,email\n7,Aisake <b>Vula,aisake@example.org\n"
    page = upload(first + '7,Ben Tui,\n7,Aisake <b>Vula,b@example.org\n8,"C\nD,d",\n9,Eve,e@example.org,x\n')
    for words in (
        "This number is that of Aisake <b>Vula in row 2. Correct one of the two rows.",
        "Aisake <b>Vula stands in row 2 with this number and another address. Correct one of the two rows.",
        "Refused: a cell runs over several lines; look for a quotation mark that is not closed (name)",
        "Refused: this row has more cells than the first row (x)",
    ):
        assert words in page.main
    focal.post(page.path, {"csrf_token": token})
    page = upload("key,name,email\n7,Ben Tui,\n7,Aisake <b>Vula,b@example.org\n")
    for words in (
        "This number is that of Aisake <b>Vula, who is invited already. Correct this row.",
        "Aisake <b>Vula is invited with this number and another address."
        " Correct this row, or withdraw that invitation first.",
        "There is nobody new in this list.",
    ):
        assert words in page.main
    assert "Ben Tui" in focal.get(f"{page.path}?fate=conflict").main


# What a focal point may see


AGREED, SILENT, ABROAD = "Agreed Person", "Silent Person", "Abroad Person"


def test_no_address_of_a_focal_point_shows_who_did_not_agree(site: Site) -> None:
    """Every address under /focal, with real ids of the own country and of another, and the files."""
    boss = site.administrator()
    focal = staff(site, "focal")
    people_of = ((AGREED, "agreed", "FJ"), (SILENT, "silent", "FJ"), (ABROAD, "abroad", "TV"))
    ids = {name: site.account(login, name, country=country) for name, login, country in people_of}
    values = {"name": "Own", "course": "tiny", "organisation_id": None, "wished_for": None, "office": ""}
    with open_session(site.engine, write=True) as session:
        own = cohorts.make(session, values | {"country": "FJ", "confirmed": False}, None, site.now)
        foreign = cohorts.make(session, values | {"name": "Far", "country": "TV", "confirmed": False}, None, site.now)
        key = cohorts.make_key(session, foreign.id, None, site.now, None, None)
        entered = cohorts.make_key(session, own.id, None, site.now, None, None)
        hidden = invitations.Invited("Foreign Invited", email="foreign@example.org")
        far = invitations.invite(session, SECRET.encode(), foreign, hidden, None, site.now)
        for name, id in ids.items():
            learners.read(session, site.library, id, "tiny", leave=3)
            notes.save_note(session, id, "list-of-laws", f"Note of {name}", 1, site.now)
            if name != SILENT:
                wishes.keep(session, id, wishes.Wishes(seen=True), site.now)
                wishes.share(session, id, "list-of-laws", True, site.now)
        cohorts.join(session, site.library, key, ids[SILENT], site.now)
        cohorts.join(session, site.library, entered, ids[ABROAD], site.now)
        session.commit()
        chosen = {"person": ids[AGREED], "cohort": own.id, "key": entered.id}
        wrong = {"person": ids[SILENT], "cohort": foreign.id, "key": key.id, "invitation": far}
    token = focal.get("/focal").form("/export").fields["csrf_token"][0]
    secrets = (SILENT, ABROAD, "Foreign Invited", "foreign@example.org", "Far", "silent", "abroad", key.code)
    nobody = uuid.UUID(int=1)
    read: dict[str, str] = {}
    for rule in site.app.url_map.iter_rules():
        if not rule.endpoint.startswith("focal."):
            continue
        for given in (chosen, wrong, {"person": ids[ABROAD]}):
            parts = {name: given.get(name, nobody) for name in rule.arguments}
            path = site.app.url_map.bind("").build(rule.endpoint, parts)
            for method in {"GET", "POST"} & (rule.methods or set()):
                page = (
                    focal.get(path, None, follow=False)
                    if method == "GET"
                    else focal.post(path, {"csrf_token": token, "format": "csv"}, follow=False)
                )
                if given is not chosen and rule.arguments:
                    assert page.status == 404, (method, path, page.status)
                body = page.body.decode(errors="replace")
                assert [word for word in secrets if word in body] == [], (method, path)
                read[f"{method} {rule.endpoint}"] = body
    assert AGREED in read["GET focal.overview"]
    assert f"Note of {AGREED}" in read["GET focal.notes"]
    rows = next(iter(unpacked(focal.post("/focal/export", {"csrf_token": token, "format": "csv"}).body).values()))
    assert [line.split(",")[0] for line in rows.decode("utf-8-sig").splitlines()] == ["name", AGREED]
    assert ABROAD in boss.get(f"/admin/cohorts/{own.id}").main


def unpacked(body: bytes) -> dict[str, bytes]:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_focal_point_corrects_a_name_until_a_certificate_carries_it(site: Site) -> None:
    focal = staff(site, "focal")
    id = site.account("ana", "Ana Moanna", country="FJ")
    with open_session(site.engine, write=True) as session:
        wishes.keep(session, id, wishes.Wishes(seen=True), site.now)
        session.commit()
    page = focal.get(f"/focal/people/{id}")
    assert focal.submit(page, "/name", name=" 1 ").errors == ["Write the name of the person."]
    assert focal.submit(page, "/name", name="Ana Moana").h1 == "Ana Moana"
    with open_session(site.engine, write=True) as session:
        learners.certify(session, site.library, id, "tiny")
        session.commit()
    assert "A certificate carries this name" in focal.get(f"/focal/people/{id}").main
    assert focal.submit(page, "/name", 422, name="Another").errors == ["A certificate carries this name, so it stays."]
    assert deeds(site) == ["name corrected"]


def test_posts_are_given_handed_over_and_end_at_once(site: Site) -> None:
    boss, first = site.administrator(), site.account("first", "First")
    site.account("second", "Second")
    page = boss.get("/admin/focal-points")
    assert boss.submit(page, "/add", login="first").errors == ["Choose a country."]
    assert boss.submit(page, "/add", login="nobody", country="FJ").errors[0].startswith("No learner has this")
    page = boss.submit(page, "/add", login="first", country="FJ")
    visitor = site.browser(first)
    assert visitor.get("/focal").h1 == "People of your country"
    post = re.search(r"/admin/focal-points/([0-9a-f-]{36})/end", page.html)
    assert post is not None
    token = page.form("/add").fields["csrf_token"][0]
    end = f"/admin/focal-points/{post[1]}/end"
    assert boss.post(end, {"csrf_token": token, "login": "learner1"}, 422).errors[0].startswith("No learner has this")
    assert boss.post(end, {"csrf_token": token, "login": " "}, 422).errors == [
        "Write the sign-in name of the successor."
    ]
    assert visitor.get("/focal").status == 200  # an empty name under “Hand over” ends nothing
    page = boss.post(end, {"csrf_token": token, "login": "second"})
    assert "The post is handed over." in page.main
    assert "from 22 November 2026 to 22 November 2026" in page.main
    assert visitor.get("/focal", 401).h1 == "Sign in"
    assert site.browser(person_id(site, "first")).get("/focal", 403).status == 403
    assert boss.post(end, {"csrf_token": token}).status == 404
    assert deeds(site) == ["focal", "focal"]
    post = re.search(r"/admin/focal-points/([0-9a-f-]{36})/end", page.html)
    assert post is not None
    page = boss.post(f"/admin/focal-points/{post[1]}/end", {"csrf_token": token})
    assert "The post has ended" in page.main
    assert deeds(site) == ["focal", "focal", "focal"]


def test_a_note_is_shared_and_taken_back_by_its_writer(site: Site) -> None:
    learner = site.learner("Ana Moana", login="ana", country="FJ")
    page = learner.get("/courses/tiny/one/first")
    learner.submit(page, "/notes/list-of-laws", text="Ask the fund.")
    focal = staff(site, "focal")
    assert "Ask the fund." not in focal.get("/focal/notes").main
    page = learner.submit(learner.get("/notes"), "/notes/list-of-laws/share")
    assert "Shared with the focal point." in page.main
    assert "Ana Moana" in focal.get("/focal/notes").main
    learner.submit(page, "/notes/list-of-laws/share", keep="1")
    assert "Ask the fund." not in focal.get("/focal/notes").main
    token = page.form("/notes/list-of-laws/share").fields["csrf_token"]
    assert learner.post("/notes/nothing/share", {"csrf_token": token}).status == 404
    with open_session(site.engine, write=False) as session:
        person = people.find_login(session, "ana")
        assert person is not None
        assert people.export_data(session, person.id)["shared_notes"] == []
