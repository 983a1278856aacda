"""The administrators' pages: counts, people, why not yet, codes, closed accounts."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.records import audit, people, sign_ins
from app.records.engine import open_session
from app.web import learner_list
from tests import learners
from tests.web.conftest import PASSWORD, Site, sign_in
from tests.web.story import person_id
from tests.web.visitor import Page, Visitor, X, words

NOBODY = uuid.UUID(int=1)
PAGES = ("/admin", "/admin/learners", f"/admin/learners/{NOBODY}", "/admin/audit", "/admin/exports")
FORMS = (
    f"/admin/learners/{NOBODY}/code",
    f"/admin/learners/{NOBODY}/disable",
    f"/admin/learners/{NOBODY}/enable",
)
FIJI = {"country": "FJ", "sex": "woman", "ministry_type": "labour"}
TUVALU = {"country": "TV", "sex": "man", "ministry_type": "health"}


@pytest.fixture
def boss(site: Site) -> Visitor:
    return site.administrator()


def person(
    site: Site, login: str, name: str = "Sione Moala", act: Callable[..., object] | None = None, **profile: Any
) -> uuid.UUID:
    """Somebody who joined, and did this."""
    with open_session(site.engine, write=True) as session:
        made = people.register(session, login=login, name=name, password_hash="", now=site.now, **profile)
        if act:
            act(session, site.library, made.id)
        session.commit()
        return made.id


def read_one(session: Session, library: Any, person: uuid.UUID) -> None:
    learners.read(session, library, person, "tiny", leave=3)


def complete(session: Session, library: Any, person: uuid.UUID) -> None:
    learners.certify(session, library, person, "tiny")


def rows(page: Page, label: str) -> list[list[str]]:
    """The words of each row's cells in the table of this region, its foot included."""
    assert page.tree is not None
    region = next(one for one in page.tree.iterfind(f".//{X}div[@role='region']") if one.get("aria-label") == label)
    return [[words(cell) for cell in row] for row in region.iter(f"{X}tr")][1:]


def acts(site: Site) -> list[tuple[str, str]]:
    with open_session(site.engine, write=False) as session:
        return [(row.deed, row.subject) for row in audit.latest(session)]


# Who may


def test_administrators_alone_open_the_pages(site: Site, boss: Visitor) -> None:
    learner, author, nobody = site.learner(), site.staff("author"), site.visitor()
    for path in PAGES:
        assert nobody.get(path, status=401).h1 == "Sign in"
        assert [one.get(path, status=403).status for one in (learner, author)] == [403, 403]
        assert boss.get(path, status=None).status == (404 if str(NOBODY) in path else 200)


def test_administrators_alone_send_the_forms(site: Site, boss: Visitor) -> None:
    learner = site.learner()
    token = {one: one.get("/account").form("/sign-out").fields["csrf_token"] for one in (learner, boss)}
    for path in FORMS:
        assert site.visitor().post(path, status=401).h1 == "Sign in"
        assert learner.post(path, {"csrf_token": token[learner]}).status == 403
        assert boss.post(path, {"csrf_token": token[boss]}).status == 404
    assert acts(site) == []


# Learners


def test_people_are_found_in_any_script(site: Site, boss: Visitor) -> None:
    person(site, "sophea", name="សុភា លឹម", name_latin="Sophea Lim", act=read_one, country="FJ")
    person(site, "jose", name="José Núñez")
    for asked, found in [("សុភា", ["សុភា លឹម"]), ("sophea", ["សុភា លឹម"]), ("NUNEZ", ["José Núñez"]), ("xyz", [])]:
        page = boss.submit(boss.get("/admin/learners"), "/admin/learners", q=asked)
        assert [name for path, name in page.links().items() if path.startswith("/admin/learners/")] == found
    assert "Nobody fits." in page.main


def test_a_row_says_who_and_how_far(site: Site, boss: Visitor) -> None:
    person(site, "sophea", name="សុភា លឹម", name_latin="Sophea Lim", act=read_one, country="FJ")
    person(site, "ana", name="Ana Moana", act=complete)
    person(site, "zoe", name="Zoe Zahn", country="ZZ")
    table = rows(boss.get("/admin/learners"), "People")
    assert table[0][:3] == ["Ana Moanaana", "completed", "Not stated"]
    assert table[2][1:] == ["not enrolled", "Other or not listed", "never", "learner"]
    assert table[3] == ["សុភា លឹមSophea Limsophea", "1 of 4 sections, 0 of 3 quizzes", "Fiji", "never", "learner"]
    html = boss.get("/admin/learners").html
    assert '<bdi lang="km">សុភា លឹម</bdi>' in html


def test_the_profile_says_what_people_are_searched_by(site: Site, boss: Visitor) -> None:
    """The language of an account, too: each in its own words."""
    page = boss.get(f"/admin/learners/{person(site, 'sione', language='fr', **FIJI)}")
    assert "Country Fiji Language Français Sex" in facts(page)
    page = boss.get(f"/admin/learners/{person(site, 'maeva', language='ty')}")  # the site spoke it once
    assert "Country Not stated Language ty Sex" in facts(page)


def facts(page: Page) -> str:
    assert page.tree is not None
    return " ".join(words(one) for one in page.tree.find(f".//{X}dl[@class='facts']") or ())


def test_an_id_leads_to_its_person(site: Site, boss: Visitor) -> None:
    id = person(site, "ana", name="Ana Moana")
    assert boss.submit(boss.get("/admin/learners"), "/admin/learners", q=str(id)).h1 == "Ana Moana"
    assert "Nobody fits." in boss.get(f"/admin/learners?q={NOBODY}").main


def test_long_lists_come_in_pages(site: Site, boss: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner_list, "A_PAGE", 2)
    for number in range(4):
        person(site, f"one{number}", name=f"Person {number}")
    first = boss.get("/admin/learners")
    assert [row[0] for row in rows(first, "People")] == ["Ana Tuilagilearner1", "Person 0one0"]
    second = boss.get(next(path for path, said in first.links().items() if said == "More"))
    assert [row[0] for row in rows(second, "People")] == ["Person 1one1", "Person 2one2"]
    last = boss.get(next(path for path, said in second.links().items() if said == "More"))
    assert [row[0] for row in rows(last, "People")] == ["Person 3one3"]
    assert "More" not in last.links().values()
    assert boss.get("/admin/learners?after=nonsense").status == 200


# One person


def test_the_trace_says_why_not_yet(site: Site, boss: Visitor) -> None:
    def act(session: Session, library: Any, person: uuid.UUID) -> None:
        learners.read(session, library, person, "tiny", leave=1)
        learners.sit(session, library, person, "one", right=False)
        learners.begin(session, library, person, "two")

    page = boss.get(f"/admin/learners/{person(site, 'ana', act=act)}")
    assert "Sections read: 3 of 4." in page.main
    assert "1 section of “The second module” is not marked as read: A report." in page.main
    assert (
        "The first module (quiz of the module): not passed in 1 try, best result 0 %, needed 70 %; a try can begin now."
        in page.main
    )
    assert "The second module (quiz of the module): no try handed in yet; a try is open and not handed in." in page.main
    assert "Final assessment: no try handed in yet; opens when 2 more module quizzes are passed." in page.main


def test_the_trace_names_a_wait_and_an_end_of_tries(site: Site) -> None:
    def act(session: Session, library: Any, person: uuid.UUID) -> None:
        for number in (1, 2):
            learners.sit(session, library, person, "two", right=False, number=number)
        for number in (1, 2, 3):
            learners.sit(session, library, person, "one", right=False, number=number)

    site.now = datetime.now(UTC)  # the clock of those who sit
    boss = site.administrator()
    page = boss.get(f"/admin/learners/{person(site, 'ana', act=act)}")
    assert "not passed in 3 tries, best result 0 %, needed 70 %; the next try opens in" in page.main
    assert "not passed in 2 tries, best result 0 %, needed 60 %; no try is left." in page.main


def test_somebody_who_has_not_begun_is_said_to_be_so(site: Site, boss: Visitor) -> None:
    page = boss.get(f"/admin/learners/{person(site, 'ana')}")
    assert "Not enrolled: this person has not started the course" in page.main
    assert page.main.count("None yet.") == 2


def test_a_completed_course_shows_its_certificates_and_tries(site: Site, boss: Visitor) -> None:
    page = boss.get(f"/admin/learners/{person(site, 'ana', act=complete, **FIJI)}")
    assert "why not yet" not in page.main
    numbers = [words for path, words in page.links().items() if path.startswith("/verify/LON-")]
    assert len(numbers) == 2
    assert [row[:4] for row in rows(page, "Tries at quizzes")] == [
        ["The first module", "1", "100 %", "yes"],
        ["The second module", "1", "100 %", "yes"],
        ["Final assessment", "1", "100 %", "yes"],
    ]


def test_notes_and_answers_are_not_shown(site: Site, boss: Visitor) -> None:
    learner = site.learner("Sione Moala", login="sione")
    page = learner.get("/courses/tiny/one/first")
    learner.submit(page, "/notes/list-of-laws", text="My minister would not like this.")
    html = boss.get(f"/admin/learners/{person_id(site, 'sione')}").html
    assert "minister" not in html
    assert "Private notes and answers to questions are shown to nobody but the learner." in html


# Codes


def test_a_code_is_shown_once_and_lets_its_owner_in(site: Site, boss: Visitor) -> None:
    site.learner("Sione Moala", login="sione")
    id = person_id(site, "sione")
    page = boss.get(f"/admin/learners/{id}")
    shown = boss.submit(page, "/code", status=200)
    assert shown.tree is not None
    code = words(shown.tree.find(f".//{X}p[@class='code']"))
    assert "within 7 days" in shown.main
    assert code not in boss.get(f"/admin/learners/{id}").html
    with open_session(site.engine, write=True) as session:
        assert sign_ins.use_code(session, code, site.now) == id
        assert sign_ins.use_code(session, code, site.now) is None
        session.commit()
    assert acts(site) == [("code", str(id))]


def test_a_later_code_takes_the_place_of_an_earlier(site: Site, boss: Visitor) -> None:
    id = person(site, "ana")
    pages = [boss.submit(boss.get(f"/admin/learners/{id}"), "/code", status=200) for _ in range(2)]
    codes = [words(page.tree.find(f".//{X}p[@class='code']")) for page in pages if page.tree is not None]
    with open_session(site.engine, write=True) as session:
        assert [sign_ins.use_code(session, code, site.now) for code in codes] == [None, id]
        session.commit()


# Closed accounts


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(site: Site, boss: Visitor) -> None:
    learner = site.learner("Sione Moala", login="sione")
    id = person_id(site, "sione")
    closed = boss.submit(boss.get(f"/admin/learners/{id}"), "/disable", status=200)
    assert "The account is closed, and its sessions have ended." in closed.main
    assert "account closed" in boss.get("/admin/learners").main
    assert learner.get("/account", status=401).h1 == "Sign in"
    assert sign_in(site.visitor(), "sione").status == 422
    opened = boss.submit(closed, "/enable", status=200)
    assert "The account is open again." in opened.main
    assert sign_in(site.visitor(), "sione", PASSWORD).status == 200
    assert acts(site) == [("enable", str(id)), ("disable", str(id))]


def test_closing_twice_is_noted_once(site: Site, boss: Visitor) -> None:
    id = person(site, "ana")
    page = boss.get(f"/admin/learners/{id}")
    boss.submit(page, "/disable", status=200)
    boss.submit(page, "/disable", status=200)
    assert acts(site) == [("disable", str(id))]


def test_the_last_administrator_stays(site: Site, boss: Visitor) -> None:
    me = person_id(site, "learner1")
    page = boss.get(f"/admin/learners/{me}")
    assert "This is your own account. Another administrator can close it." in page.main
    token = page.form("/code").fields["csrf_token"]
    refused = boss.post(f"/admin/learners/{me}/disable", {"csrf_token": token}, status=200)
    assert "This is the last administrator. Make another one first." in refused.main
    assert acts(site) == []
