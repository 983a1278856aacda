"""The interface for other systems: who is let in, what is answered, page by page, and what is refused."""

import csv
import io
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from app.core.api import ENDPOINTS, SCOPES
from app.records import audit, people, tokens
from app.records.engine import open_session
from app.records.tokens import Wanted
from app.web import pace
from tests.web.conftest import Site
from tests.web.members import member, set_role
from tests.web.test_admin import FIJI, TUVALU, complete, person, read_one
from tests.web.visitor import Page, Visitor

AT = "/api/v1"


class Reply(NamedTuple):
    status: int
    json: Any
    headers: Any


class Portal:
    """Another system: asks with a token, keeps no cookie."""

    def __init__(self, site: Site, token: str = "", **headers: str) -> None:
        self.visitor = site.visitor()
        self.headers = headers | ({"Authorization": f"Bearer {token}"} if token else {})

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        sent = self.visitor.headers | self.headers | headers
        reply = self.visitor.client.open(AT + path, method=method, base_url=self.visitor.base, headers=sent)
        assert "Set-Cookie" not in reply.headers
        kind = "application/json" if reply.status_code == 200 else "application/problem+json"
        assert reply.mimetype == kind
        assert reply.headers["Cache-Control"] == "no-store"
        return Reply(reply.status_code, reply.get_json(force=True, silent=True), reply.headers)


@pytest.fixture
def boss(site: Site) -> uuid.UUID:
    site.account("spare", role="administrator")
    return site.account("boss", role="administrator")


def token(site: Site, by: uuid.UUID, *scopes: str, **more: Any) -> str:
    with open_session(site.engine, write=True) as session:
        _id, secret = tokens.make(session, by, Wanted("HR", scopes or tuple(SCOPES), **more), site.now)
        session.commit()
    return secret


def deeds(site: Site) -> list[str]:
    with open_session(site.engine, write=False) as session:
        return [row.deed for row in audit.latest(session)]


def paths(learner: uuid.UUID, number: str) -> dict[str, str]:
    """An address of each endpoint that is there."""
    return {one.name: one.path.format(course="tiny", learner=learner, number=number) for one in ENDPOINTS}


def test_each_scope_opens_its_own_addresses_and_no_session_opens_any(site: Site, boss: uuid.UUID) -> None:
    learner = person(site, "ana", act=complete, **FIJI)
    with open_session(site.engine, write=False) as session:
        number = session.execute(text("SELECT number FROM certificate")).scalars().first()
    wanted = paths(learner, number)
    holders = {scope: Portal(site, token(site, boss, scope)) for scope in SCOPES}
    for one in ENDPOINTS:
        for scope, portal in holders.items():
            reply = portal.get(wanted[one.name])
            assert reply.status == (200 if one.scope in (None, "", scope) else 403), (one.name, scope)
            if reply.status == 403:
                assert f'error="insufficient_scope", scope="{one.scope}"' in reply.headers["WWW-Authenticate"]
    for role in ("learner", "focal", "author", "administrator"):
        who = member(site, f"a-{role}", country="FJ")
        set_role(site, who.id, role)
        for one in ENDPOINTS:
            reply = who.visitor.client.get(AT + wanted[one.name], base_url=who.visitor.base)
            assert reply.status_code == (200 if one.scope is None else 401), (one.name, role)


def test_a_token_that_does_not_count_opens_nothing(site: Site, boss: uuid.UUID) -> None:
    good = token(site, boss)
    short = token(site, boss, expires_at=site.now + timedelta(hours=1))
    assert Portal(site, good).get("/token").json == {
        "name": "HR",
        "scopes": list(SCOPES),
        "country": None,
        "expires": None,
    }
    assert Portal(site, short).get("/token").json["expires"] == "2026-11-22T10:00:00Z"
    wrong = ["x", good[:-1], good + "a", "lontar_" + "a" * 43, f"{good} {good}", "a" * 5000, "ÿ"]
    for one in wrong:
        reply = Portal(site, one).get("/token")
        assert (reply.status, reply.json["title"]) == (401, "No token that counts")
        assert 'error="invalid_token"' in reply.headers["WWW-Authenticate"]
    assert Portal(site).get("/token").headers["WWW-Authenticate"] == 'Bearer realm="lontar"'
    assert Portal(site).get("/token", Authorization=f"Basic {good}").status == 401
    assert Portal(site).get(f"/token?access_token={good}").status == 401
    assert Portal(site, good).get(f"/token?access_token={good}").json["problems"] == {"access_token": "unknown"}
    site.later(hours=1)
    assert [Portal(site, one).get("/token").status for one in (good, short)] == [200, 401]
    with open_session(site.engine, write=True) as session:
        people.disable(session, boss, site.now)
        session.commit()
    assert Portal(site, good).get("/token").status == 401


def test_revoking_on_the_page_ends_a_token_at_once(site: Site) -> None:
    admin = site.administrator()
    page = admin.get("/admin/tokens")
    assert "There is none yet" in page.main
    assert admin.submit(page, "/admin/tokens", name="", status=422).errors == [
        "Write which system it is for.",
        "Choose at least one.",
    ]
    old = {"name": "HR", "scopes": ["people"], "until": "2026-11-21"}
    assert admin.submit(page, "/admin/tokens", status=422, **old).errors == ["This day is over. Choose a later one."]
    for unfit in ({"scopes": ["all"]}, {"country": "XX"}, {"until": "soon"}):
        admin.submit(page, "/admin/tokens", status=422, **({"name": "HR", "scopes": ["people"]} | unfit))
    made = admin.submit(page, "/admin/tokens", name="HR", scopes=["people", "counts"], country="FJ", until="2026-11-22")
    secret = made.main.split("The new token ")[1].split()[0]
    portal = Portal(site, secret)
    assert portal.get("/token").json | {"name": ""} == {
        "name": "",
        "scopes": ["counts", "people"],
        "country": "FJ",
        "expires": "2026-11-23T00:00:00Z",
    }
    listed = admin.get("/admin/tokens")
    assert secret not in listed.html
    assert "Works until 22 November 2026." in listed.main
    assert "Last used on 22 November 2026" in listed.main
    done = admin.submit(listed, "/revoke")
    assert "It opens nothing any more." in done.main
    assert portal.get("/token").status == 401
    assert deeds(site)[:2] == ["token revoked", "token"]
    strange = {"csrf_token": listed.form("/sign-out").fields["csrf_token"]}
    assert admin.post(f"/admin/tokens/{uuid.UUID(int=5)}/revoke", strange, follow=False).status == 404


def exported(admin: Visitor) -> list[dict[str, str]]:
    """The rows of the export of completions."""
    page: Page = admin.submit(admin.get("/admin?period="), "/admin/exports/rows")
    with zipfile.ZipFile(io.BytesIO(page.body)) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".csv"))
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


def test_rows_are_those_of_the_export_page_by_page(site: Site, boss: uuid.UUID) -> None:
    admin = site.administrator()
    for number in range(3):
        person(site, f"ana{number}", "=Ana \u202eTui", act=complete, **FIJI)
        person(site, f"ben{number}", act=read_one, **TUVALU)
    portal, rows, path = Portal(site, token(site, boss)), [], "/courses/tiny/enrolments?limit=4"
    while path:
        page = portal.get(path)
        rows += page.json["items"]
        following = page.headers.get("Link", "").partition(f"{site.config.base_url}{AT}")[2].partition(">")[0]
        assert bool(following) == bool(page.json["next"])
        path = following
    theirs = exported(admin)
    same = ("learner_id", "country_code", "sex", "ministry_type", "course", "version", "certificate_number", "status")
    assert [[row[name] or "" for name in same] for row in rows] == [[row[name] for name in same] for row in theirs]
    assert rows[0]["name"] == "=Ana \u202eTui"
    assert {row["final_score"] for row in rows} == {100.0, None}
    assert all(row["enrolled"].endswith("Z") for row in rows)
    found = portal.get("/courses/tiny/completions?country=FJ&sex=woman").json
    assert ([row["country_code"] for row in found["items"]], found["next"]) == (["FJ"] * 3, None)
    several = portal.get("/courses/tiny/enrolments?country=FJ&country=TV&status=started").json["items"]
    assert [row["name"] for row in several] == ["Sione Moala"] * 3
    one = portal.get(f"/courses/tiny/enrolments/{rows[0]['learner_id']}")
    assert one.json == rows[0]
    late = "/courses/tiny/completions?since=2999-01-01T00:00:00Z"
    assert portal.get(late).json == {"items": [], "next": None}
    assert deeds(site).count("token read") == 1


def test_a_token_of_one_country_sees_nobody_else(site: Site, boss: uuid.UUID) -> None:
    ana, ben = person(site, "ana", act=complete, **FIJI), person(site, "ben", act=complete, **TUVALU)
    fiji = Portal(site, token(site, boss, country="FJ"))
    with open_session(site.engine, write=False) as session:
        numbers = dict(
            session.execute(
                text("SELECT country, number FROM completion JOIN certificate ON completion_id = completion.id")
            ).all()
        )
    for path in ("/courses/tiny/completions", "/courses/tiny/enrolments"):
        assert [row["learner_id"] for row in fiji.get(path).json["items"]] == [str(ana)]
        for query in ("country=TV", "country=FJ&country=TV", "group=sids", "country=-"):
            assert fiji.get(f"{path}?{query}").json["problems"] == {"country": "unknown"}
    assert fiji.get(f"/courses/tiny/enrolments/{ben}").status == 404
    assert fiji.get("/courses/tiny/counts?by=country").json["items"] == [
        {"enrolled": 1, "started": 1, "completed": 1, "participation": 1, "certificates": 2, "country": "FJ"}
    ]
    assert [fiji.get(f"/certificates/{numbers[code]}").status for code in ("FJ", "TV")] == [200, 404]
    with open_session(site.engine, write=True) as session:
        people.erase(session, ana, site.now, keep_certificates=True)
        session.commit()
    assert fiji.get(f"/certificates/{numbers['FJ']}").status == 404


def test_counts_courses_and_certificates(site: Site, boss: uuid.UUID) -> None:
    portal = Portal(site, token(site, boss))
    person(site, "ana", act=complete, **FIJI)
    person(site, "ben", act=read_one, sex="woman")
    today = datetime.now(UTC)  # when these people learn
    found = portal.get(f"/courses/tiny/counts?by=sex&by=month&period={today:%Y}").json
    assert found["by"] == ["sex", "month"]
    assert [(one["sex"], one["month"], one["started"]) for one in found["items"]] == [("woman", f"{today:%Y-%m}", 2)]
    assert (found["total"]["enrolled"], found["timezone"]) == (2, "UTC")
    assert portal.get("/courses/tiny/counts?period=2001").json["total"]["enrolled"] == 0
    assert portal.get("/courses/tiny/counts?country=-").json["total"]["enrolled"] == 1
    course = portal.get("/courses/tiny").json
    assert [one["id"] for one in portal.get("/courses").json["items"]] == ["tiny"]
    assert [one["id"] for one in course["modules"]] == list(site.library.courses["tiny"].modules)
    words = [text for quiz in site.library.quizzes.values() for item in quiz.items for text in [item.original.heading]]
    assert [one for one in words if one in str(course)] == []
    with open_session(site.engine, write=False) as session:
        number = session.execute(text("SELECT number FROM certificate ORDER BY number")).scalars().first()
    said = portal.get(f"/certificates/{number.lower()}").json
    assert (said["number"], said["status"], said["name"], said["issued"]) == (
        number,
        "sample",
        "Sione Moala",
        f"{today:%Y-%m-%d}",
    )


REFUSED = [
    ("/courses/tiny/counts?by=sex&by=country&by=month", {"by": "at most two"}),
    ("/courses/tiny/counts?by=name", {"by": "unknown"}),
    ("/courses/tiny/counts?period=soon", {"period": "period"}),
    ("/courses/tiny/counts?status=completed", {"status": "unknown"}),
    ("/courses/tiny/enrolments?limit=0", {"limit": "a whole number from 1 to 500"}),
    ("/courses/tiny/enrolments?limit=501&limit=2", {"limit": "several"}),
    ("/courses/tiny/enrolments?status=gone&sexx=woman", {"status": "unknown", "sexx": "unknown"}),
    ("/courses/tiny/enrolments?course=other", {"course": "unknown"}),
    ("/courses/tiny/enrolments?country=FJ&group=ldc", {"country": "contradiction"}),
    (f"/courses/tiny/enrolments?organisation={'ab' * 16}", {"organisation": "unknown"}),
    ("/courses/tiny/enrolments?next=AAAA", {"next": "take it from the page before, as it is"}),
    ("/courses/tiny/enrolments?next=%00%ff", {"next": "take it from the page before, as it is"}),
    ("/courses/tiny/completions?since=2026-11-01", {"since": "a moment such as 2026-11-01T00:00:00Z"}),
    ("/courses/tiny/completions?since=0001-01-01T00:00:00%2B23:00", {"since": "a moment such as 2026-11-01T00:00:00Z"}),
]


def test_what_cannot_be_asked_is_refused_in_words(site: Site, boss: uuid.UUID) -> None:
    portal = Portal(site, token(site, boss))
    for path, problems in REFUSED:
        reply = portal.get(path)
        assert (reply.status, reply.json["problems"]) == (422, problems), path
    for path in ("/courses/nowhere", "/courses/nowhere/counts", "/nowhere", "/certificates/LON-0000-0000-0000"):
        assert portal.get(path).status == 404
    assert portal.get(f"/courses/tiny/enrolments/{boss}").status == 404
    assert portal.get("/token", Accept="text/html").status == 406
    assert portal.get("/token", Accept="text/html;q=0.1, */*;q=0.1").status == 200
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        reply = portal.get("/token", method)
        assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")
    assert portal.get("/token?lang=fr").status == 422
    assert portal.get("/token", Cookie="lontar=x; language=fr", Host="elsewhere.example").status == 421


def test_who_asks_too_often_waits(site: Site, boss: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST", pace.MOST | {pace.CALLS: 3, pace.MISSES: 5})
    busy, other = Portal(site, token(site, boss)), Portal(site, token(site, boss))
    assert [busy.get("/token").status for _ in range(5)] == [200, 200, 200, 429, 429]
    assert other.get("/token").status == 200
    assert [Portal(site, "wrong").get("/token").status for _ in range(8)][-1] == 429
    reply = other.get("/token")
    assert (reply.status, reply.headers["Retry-After"]) == (429, str(pace.SPAN))
    site.later(seconds=pace.SPAN)
    assert busy.get("/token").status == 200
