"""A corrected name from the holder's request to the stranger's look; identities, revocations, renewals as pages."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from app.core.content import Library
from app.ops import keys
from app.records import audit
from app.records.engine import open_session
from tests.web.conftest import PASSWORD, Build, Site
from tests.web.members import Member, member
from tests.web.story import quizzes_of, read_the_last, take_quiz
from tests.web.visitor import Page

BASE = "https://learn.example.org"


@pytest.fixture
def site(build: Build, tiny: Library) -> Site:
    made = build(tiny, base_url=BASE, issuer_name="Institute of the Isles", trusted_proxies=1)
    assert keys.ensure(made.engine, made.config, made.now) is None
    return made


def certified(site: Site, name: str = "Litia Vakatawale") -> tuple[Member, str]:
    hers = member(site, "litia", name)
    return hers, read_the_last(hers.visitor, hers.id, site, "tiny").path.split("/")[2].partition("?")[0]


def ask(hers: Member, **changes: Any) -> Page:
    given = {"name": "Litia Vakatāwale", "password": PASSWORD} | changes
    return hers.visitor.submit(hers.visitor.get("/account/name"), "/account/name", **given)


def decide(staff: Member, **fields: Any) -> Page:
    page = staff.visitor.get("/admin/names")
    action = next(one.action for one in page.forms() if "/admin/names/" in one.action)
    return staff.visitor.submit(page, action, **fields)


def newest(hers: Member) -> str:
    links = hers.visitor.get("/account").links()
    return next(link.rpartition("/")[2] for link in links if link.startswith("/certificates/"))


def test_a_misspelt_name_is_corrected_and_both_editions_say_so(site: Site) -> None:
    hers, old = certified(site)
    clerk = member(site, "clerk", "Ana Tuilagi", role="administrator")
    assert "Nobody is waiting." in clerk.visitor.get("/admin/names").main
    profile = hers.visitor.submit(hers.visitor.get("/account/profile"), "/account/profile", name="Another Name")
    assert "/account/name" in profile.links()
    assert ask(hers, password="not the right words").errors == ["This is not your password."]
    assert ask(hers, name="Litia Vakatawale").errors == ["This is how your name stands on them already."]
    assert "You asked for this name" in ask(hers, note="=a long ā").main
    assert "1 correction of a name waits." in clerk.visitor.get("/admin").main
    page = clerk.visitor.get("/admin/names")
    for shown in ("Litia Vakatawale", "Litia Vakatāwale", "=a long ā", "spelling: one administrator"):
        assert shown in page.main
    assert decide(clerk, reason=" ").errors == ["Say why: which paper you saw, and when."]
    assert "issued anew" in decide(clerk, reason="passport, 22 November").main
    new = newest(hers)
    stranger = site.visitor()
    before, after = stranger.get(f"/verify/{old}"), stranger.get(f"/verify/{new}")
    assert "Revoked on 22 November 2026. Reissued, name corrected. This document no longer counts." in before.main
    assert "Litia Vakatawale" in before.main
    assert f"/verify/{new}" in before.links()
    assert ("Valid." in after.main, "Litia Vakatāwale" in after.main, "passport" in after.main) == (True, True, False)
    assert f"Reissued, name corrected. It stands in place of number {old}" in after.main
    sentence = f"Edition 2: reissued with a corrected name, in place of number {old}."
    assert (sentence in after.main, sentence in stranger.get(f"/certificates/{new}").main) == (True, True)
    assert f"/certificates/{new}" in stranger.get(f"/certificates/{old}").links()
    assert f"/certificates/{old}" in stranger.get(f"/certificates/{new}").links()
    papers = {number: text(stranger.get(f"/certificates/{number}.pdf").body) for number in (old, new)}
    assert ("REVOKED" in papers[old], "REVOKED" in papers[new]) == (True, False)
    assert sentence in papers[new]
    links = [stranger.get(f"/certificates/{number}.json").headers["Link"] for number in (old, new)]
    assert links == [
        f'<{BASE}/certificates/{new}.json>; rel="successor-version"',
        f'<{BASE}/certificates/{old}.json>; rel="predecessor-version"',
    ]
    assert json.loads(stranger.get(f"/certificates/{new}.json").body)["description"] == sentence
    with open_session(site.engine, write=False) as session:
        assert [row.deed for row in audit.latest(session)][:2] == ["name", "name asked"]


def text(body: bytes) -> str:
    from tests.core.glyphs import words

    return " ".join(words(body).split())


def test_another_name_needs_two_administrators_and_nobody_decides_about_herself(site: Site) -> None:
    hers, old = certified(site)
    first, second = (member(site, login, "Ana", role="administrator") for login in ("first", "second"))
    ask(hers, name="Litia Tupou")
    assert "more than spelling: two administrators" in first.visitor.get("/admin/names").main
    assert "waits for a second administrator" in decide(first, reason="marriage certificate").main
    page = first.visitor.get("/admin/names")
    assert ("You agreed already." in page.main, [one for one in page.forms() if "/names/" in one.action]) == (True, [])
    assert "A first administrator has agreed" in hers.visitor.get("/account/name").main
    assert newest(hers) == old
    assert "marriage certificate" in second.visitor.get("/admin/names").main
    assert "issued anew" in decide(second, reason="seen it, too").main
    assert newest(hers) != old
    read_the_last(first.visitor, first.id, site, "tiny")
    ask(first, name="Anna")
    own = first.visitor.get("/admin/names")
    assert ("This is your own name." in own.main, [one for one in own.forms() if "/names/" in one.action]) == (True, [])
    assert "refused" in decide(second, refuse="1").main


def test_a_request_is_taken_back_and_a_decision_comes_too_late(site: Site) -> None:
    hers, old = certified(site)
    clerk = member(site, "clerk", "Ana Tuilagi", role="administrator")
    ask(hers)
    late = clerk.visitor.get("/admin/names")
    hers.visitor.submit(hers.visitor.get("/account/name"), "/take-back", status=200)
    action = next(one.action for one in late.forms() if "/admin/names/" in one.action)
    for fields in ({"reason": "passport"}, {"reason": ""}, {"refuse": "1"}):
        assert "taken back, changed or decided" in clerk.visitor.submit(late, action, **fields).main
    assert newest(hers) == old


def test_without_a_certificate_the_name_is_changed_in_the_profile(site: Site) -> None:
    assert member(site).visitor.get("/account/name").path == "/account/profile"


def test_an_identity_is_confirmed_before_the_certificate(site: Site) -> None:
    hers = member(site)
    clerk = member(site, "clerk", "Ana Tuilagi", role="administrator").visitor
    hers.visitor.get("/courses/tiny/one/" + site.library.modules["one"].sections[0].id)
    place, action = f"/admin/learners/{hers.id}", f"/admin/learners/{hers.id}/identity/tiny"
    hers.visitor.post("/courses/tiny/start", {"csrf_token": hers.csrf})
    assert "Self-declared" in clerk.get(place).main
    for day, problem in (("", "Give the day"), ("2027-01-01", "Give the day"), ("soon", "Give the day")):
        wrong = clerk.submit(clerk.get(place), action, office="Ministry of Rivers", day=day)
        assert (wrong.status, [one.startswith(problem) for one in wrong.errors]) == (422, [True])
    done = clerk.submit(clerk.get(place), action, office="Ministry of Rivers", day="2026-11-20")
    assert "Confirmed by Ministry of Rivers on 20 November 2026." in done.main
    number = read_the_last(hers.visitor, hers.id, site, "tiny").path.split("/")[2].partition("?")[0]
    gone = clerk.submit(clerk.get(place), action, office="", day="")
    assert "Self-declared" in gone.main
    shown = site.visitor().get(f"/verify/{number}").main
    assert "confirmed by Ministry of Rivers on 20 November 2026" in shown
    assert "not checked" not in shown


def test_a_certificate_is_revoked_with_a_reason_that_all_see(site: Site) -> None:
    hers, number = certified(site)
    clerk = member(site, "clerk", "Ana Tuilagi", role="administrator").visitor
    action = f"/admin/certificates/{number}/revoke"
    page = clerk.get(f"/admin/learners/{hers.id}")
    assert clerk.submit(page, action, reason="because", status=422).status == 422
    assert "The certificate is revoked." in clerk.submit(page, action, reason="rules").main
    assert clerk.submit(page, action, reason="mistake").status == 200  # once is enough
    shown = site.visitor().get(f"/verify/{number}").main
    assert "Revoked on 22 November 2026. The rules of the assessment were broken." in shown
    assert "Revoke it" not in clerk.get(f"/admin/learners/{hers.id}").main


def test_the_final_of_today_renews_what_expires(build: Build, tiny: Library) -> None:
    course = replace(tiny.courses["tiny"], completion={"final_passed": True, "valid_years": 2})
    site = build(replace(tiny, courses={"tiny": course}), base_url=BASE, issuer_name="Institute", trusted_proxies=1)
    hers = member(site)
    for quiz in quizzes_of(site, "tiny"):
        take_quiz(hers.visitor, site, "tiny", quiz)
    take_quiz(hers.visitor, site, "tiny", str(course.final))
    old, stranger = newest(hers), site.visitor()
    assert "To renew it" not in hers.visitor.get(f"/certificates/{old}").main
    site.later(days=680)
    hers = Member(member_again(site, hers), hers.id, hers.login)
    assert "To renew it" in hers.visitor.get(f"/certificates/{old}").main
    assert "To renew it" not in stranger.get(f"/certificates/{old}").main
    take_quiz(hers.visitor, site, "tiny", str(course.final))
    new = newest(hers)
    assert f"It was renewed under number {new}." in stranger.get(f"/verify/{old}").main
    assert f"It renews number {old}." in stranger.get(f"/verify/{new}").main
    site.later(days=100)
    assert "Expired." in stranger.get(f"/verify/{old}").main
    assert "Valid." in stranger.get(f"/verify/{new}").main


def member_again(site: Site, hers: Member) -> Any:
    return site.browser(hers.id)
