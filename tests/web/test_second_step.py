"""The second step of signing in, as staff meet it: set up, asked for, lost, taken off, asked of everybody."""

import base64
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from app.cli import main
from app.core import totp
from app.records import audit, focal_posts, people
from app.records.engine import open_session
from tests.web.conftest import PASSWORD, Site, sign_in
from tests.web.members import member, send, set_role, status
from tests.web.visitor import Page, Visitor

HERE = "/account/second-step"
WRONG = "This code is not right, or it was used already. Wait until the app shows the next one."


def code_of(site: Site, key: bytes, steps: int = 0) -> str:
    return totp.digits(key, totp.step_at(site.now) + steps)


def key_on(page: Page) -> bytes:
    """The key of the set-up page, as the link for the app holds it."""
    link = next(one for one in page.links() if one.startswith("otpauth:"))
    return base64.b32decode(parse_qs(urlsplit(link).query)["secret"][0])


def codes_on(page: Page) -> list[str]:
    return re.findall(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", page.main)


def set_up(site: Site, visitor: Visitor) -> tuple[bytes, list[str]]:
    page = visitor.submit(visitor.get(HERE), HERE, password=PASSWORD, status=200)
    key = key_on(page)
    done = visitor.submit(page, "/confirm", status=200, code=code_of(site, key))
    assert done.h1 == "Your ten spare codes"
    return key, codes_on(done)


def deeds(site: Site) -> list[tuple[str, bool]]:
    """What the audit log says, oldest first, and whether somebody (not the command line) did it to another."""
    with open_session(site.engine, write=False) as session:
        return [(one.deed, str(one.by) != one.subject) for one in reversed(audit.latest(session))]


def test_setting_up_signing_in_and_turning_off(site: Site) -> None:
    boss = member(site, "boss", role="administrator")
    elsewhere = site.browser(boss.id)
    off = boss.visitor.get("/account")
    assert off.links()[HERE] == "The second step when you sign in"
    refused = boss.visitor.submit(boss.visitor.get(HERE), HERE, password="not it")
    assert (refused.status, refused.errors) == (422, ["This is not your password."])
    page = boss.visitor.submit(boss.visitor.get(HERE), HERE, password=PASSWORD, status=200)
    key = key_on(page)
    assert (totp.in_groups(key) in page.main, "<svg" in page.html) == (True, True)
    assert page.headers["Cache-Control"] == "no-store"
    late = boss.visitor.submit(page, "/confirm", code=code_of(site, key, -2))
    assert (late.status, late.errors) == (422, ["This is not the code of now. Is the phone’s clock right?"])
    assert key_on(late) == key
    assert sign_in(site.visitor(), "boss").h1 != "The second step"  # nothing counts before the first code
    done = boss.visitor.submit(late, "/confirm", status=200, code=code_of(site, key))
    codes = codes_on(done)
    assert (len(codes), status(elsewhere, "/account"), status(boss.visitor, "/admin")) == (10, 401, 200)

    visitor = site.visitor()
    asked = visitor.submit(visitor.get("/sign-in?next=/account/profile"), "/sign-in", login="boss", password=PASSWORD)
    field = 'autocomplete="one-time-code"'
    assert (asked.h1, field in asked.html, status(visitor, "/account")) == ("The second step", True, 401)
    used = visitor.submit(asked, "/sign-in/code", code=code_of(site, key))
    assert (used.status, used.errors, code_of(site, key) in used.html) == (422, [WRONG], False)
    site.later(seconds=30)
    assert visitor.submit(used, "/sign-in/code", code=code_of(site, key)).path == "/account/profile"
    again = site.visitor()
    asked = sign_in(again, "boss")
    assert again.submit(asked, "/sign-in/code", code=code_of(site, key)).errors == [WRONG]  # of the same half minute
    assert again.submit(asked, "/sign-in/code", code=codes[0]).path == "/"
    assert "9 of your spare codes are left." in again.get(HERE).main

    on = again.get(HERE)
    wrong: list[tuple[str, dict[str, Any], list[str]]] = [
        ("/off", {"password": "not it", "code": codes[1]}, ["This is not your password."]),
        ("/off", {"password": PASSWORD, "code": "000000"}, [WRONG]),
        ("/off", {"password": PASSWORD, "code": codes[0]}, [WRONG]),
        ("/codes", {"password": PASSWORD, "code": ""}, ["Write the code that the app shows."]),
    ]
    for action, fields, errors in wrong:
        page = again.submit(on, HERE + action, **fields)
        assert (page.status, page.errors, page.h1) == (422, errors, "The second step when you sign in")
    fresh = codes_on(again.submit(on, "/codes", password=PASSWORD, code=codes[1]))
    assert (len(fresh), again.submit(on, "/off", password=PASSWORD, code=codes[2]).errors) == (10, [WRONG])
    gone = again.submit(on, "/off", password=PASSWORD, code=fresh[0])
    assert "The second step is off." in gone.main
    assert (status(visitor, "/account"), sign_in(site.visitor(), "boss").path) == (401, "/")
    assert [one for one, _ in deeds(site)] == ["second step on", "spare code", "spare codes", "second step off"]


def test_no_way_around_the_second_step(site: Site) -> None:
    boss = member(site, "boss", role="administrator", email="boss@example.org")
    other = member(site, "other", role="author")
    key, spare = set_up(site, boss.visitor)
    others, _codes = set_up(site, other.visitor)
    site.later(minutes=2)
    visitor = site.visitor()
    asked = sign_in(visitor, "boss")
    ticket = asked.form("/sign-in/code").fields["ticket"][0]
    id, kind, moment, seal = ticket.split(".")
    forged = [f"{other.id.hex}.{kind}.{moment}.{seal}", f"{id}.own.{moment}.{seal}", f"{id}.{kind}.{'9' * 5000}.{seal}"]
    for one in (*forged, f"{id}.{kind}.٣.{seal}", "", "x.y.z"):
        page = visitor.post("/sign-in/code", {"ticket": one, "code": code_of(site, key)})
        assert (page.status, page.errors) == (422, ["That took too long. Write your password again."])
    assert visitor.submit(asked, "/sign-in/code", code=code_of(site, others)).errors == [WRONG]  # another account's
    site.later(minutes=11)
    assert visitor.submit(asked, "/sign-in/code", code=code_of(site, key)).errors == [
        "That took too long. Write your password again."
    ]
    form = boss.visitor.get("/account/recovery")
    (code,) = codes_on(boss.visitor.submit(form, "/account/recovery", status=200, password=PASSWORD))
    asked = sign_in(visitor, "boss")
    new = "a roof over four words"
    reset = site.visitor()
    assert reset.post("/reset", {"login": "boss", "code": code, "password": new}).status == 200
    assert status(reset, "/account") == 401
    assert visitor.submit(asked, "/sign-in/code", code=spare[0]).h1 == "Sign in"  # the password was another
    assert sign_in(reset, "boss", new).h1 == "The second step"
    with open_session(site.engine, write=True) as session:
        people.disable(session, other.id, site.now)
        session.commit()
    assert sign_in(site.visitor(), "other").errors == ["This account is closed for now. Ask the contact below."]


def test_what_was_sent_when_the_session_ran_out_is_saved_after_both_steps(site: Site) -> None:
    hers = member(site, "ana", role="author")
    key, _codes = set_up(site, hers.visitor)
    page = hers.visitor.get("/notes")
    token = page.form("/sign-out").fields["csrf_token"][0]
    site.later(hours=3)
    asked = hers.visitor.post("/notes/list-of-laws", {"text": "kept through both", "csrf_token": token})
    assert asked.status == 401
    second = hers.visitor.submit(asked, "/sign-in", login="ana", password=PASSWORD)
    second = hers.visitor.submit(second, "/sign-in/code", code="123")
    hers.visitor.submit(second, "/sign-in/code", code=code_of(site, key))
    assert "kept through both" in hers.visitor.get("/notes").html


def test_guessing_is_limited_as_with_passwords(site: Site) -> None:
    boss = member(site, "boss", role="administrator")
    key, codes = set_up(site, boss.visitor)
    site.later(minutes=2)
    visitor = site.visitor()
    asked = sign_in(visitor, "boss")
    tried = [visitor.submit(asked, "/sign-in/code", code="000000").status for _ in range(11)]
    assert tried == [422] * 10 + [429]
    for right in (code_of(site, key), codes[0]):
        page = visitor.submit(asked, "/sign-in/code", code=right)
        assert (page.status, page.errors[0][:30]) == (429, "There were too many wrong trie")
    assert sign_in(site.visitor(), "boss").status == 429
    on = boss.visitor.get(HERE)
    assert boss.visitor.submit(on, "/off", password=PASSWORD, code=codes[0]).errors[0][:18] == "There were too man"


def test_learners_are_not_offered_it_and_former_staff_may_turn_it_off(site: Site) -> None:
    ana, former = member(site, "ana"), member(site, "former", role="author")
    assert HERE not in ana.visitor.get("/account").links()
    assert ana.visitor.get(HERE, status=404).status == 404
    for action in ("", "/confirm", "/codes", "/off"):
        assert send(ana.visitor, HERE + action, {"csrf_token": ana.csrf, "password": PASSWORD}) == 404
    key, codes = set_up(site, former.visitor)
    set_role(site, former.id, "learner")
    site.later(minutes=2)
    visitor = site.visitor()
    visitor.submit(sign_in(visitor, "former"), "/sign-in/code", code=code_of(site, key), status=200)
    visitor.submit(visitor.get(HERE), "/off", password=PASSWORD, code=codes[0], status=200)
    assert visitor.get(HERE, status=404).status == 404


def test_two_pages_set_up_at_once_and_old_ones(site: Site) -> None:
    boss, other = member(site, "boss", role="administrator"), member(site, "other", role="author")
    first, second = (boss.visitor.submit(boss.visitor.get(HERE), HERE, password=PASSWORD, status=200) for _ in range(2))
    assert key_on(first) != key_on(second)
    sealed = second.form("/confirm").fields["sealed"]
    elsewhere = {"sealed": sealed, "code": code_of(site, key_on(second)), "csrf_token": other.csrf}
    assert other.visitor.post(HERE + "/confirm", elsewhere).path == HERE  # another person's key: nothing happens
    site.later(minutes=31)
    old = boss.visitor.submit(second, "/confirm", code=code_of(site, key_on(second)))
    assert "Set it up" in old.html
    set_up(site, boss.visitor)
    late = boss.visitor.submit(first, "/confirm", code=code_of(site, key_on(first)), csrf_token=boss.csrf)
    assert "It is on since" in late.main


def test_administrators_take_it_off_others_never_silently_and_not_their_own(site: Site) -> None:
    post = {"mail_host": "127.0.0.1", "mail_port": 1, "mail_from": "lontar@example.org", "contact": "help@example.org"}
    site.app.extensions["settings"] = replace(site.config, **post)
    boss, second = member(site, "boss", role="administrator"), member(site, "second", role="administrator")
    lost = member(site, "lost", role="focal", email="lost@example.org", language="fr")
    set_up(site, lost.visitor)
    path = f"/admin/learners/{lost.id}/second-step/off"
    author = member(site, "author", role="author")
    for who, refused in ((author, 403), (lost, 403), (member(site, "ana"), 403)):
        assert send(who.visitor, path, {"csrf_token": who.csrf}) == refused
    pages = [one.visitor.get(f"/admin/learners/{lost.id}") for one in (boss, second)]
    done = [one.visitor.submit(page, "/second-step/off") for one, page in zip((boss, second), pages, strict=True)]
    assert all("The second step is taken off" in one.main for one in done)  # the second press changed nothing
    assert status(lost.visitor, "/account") == 401
    assert sign_in(site.visitor(), "lost").path == "/"
    assert deeds(site) == [("second step on", False), ("second step off", True)]
    with open_session(site.engine, write=False) as session:
        mails = people.export_data(session, lost.id)["mail_waiting"]
    assert [(one["recipient"], "Lontar" in one["subject"]) for one in mails] == [("lost@example.org", True)]
    set_up(site, boss.visitor)
    mine = boss.visitor.get(f"/admin/learners/{boss.id}")
    assert "/second-step/off" not in mine.html
    token = boss.csrf
    kept = boss.visitor.post(f"/admin/learners/{boss.id}/second-step/off", {"csrf_token": token})
    assert "Turn your own second step off under My account, with a code." in kept.main
    assert "It is on since" in boss.visitor.get(HERE).main
    assert send(boss.visitor, f"/admin/learners/{site_id(1)}/second-step/off", {"csrf_token": token}) == 404


def site_id(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"


def test_the_operator_takes_it_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    boss = member(site, "boss", role="administrator")
    monkeypatch.setenv("LONTAR_DATABASE_URL", site.config.database_url)
    monkeypatch.setenv("LONTAR_INSTANCE", str(site.config.instance))

    def totp_of(*given: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["user", "totp", *given])
        return done.exit_code, done.output

    assert totp_of("boss") == (0, "boss signs in with the password alone.\n")
    set_up(site, boss.visitor)
    assert totp_of("boss") == (0, "boss has a second step since 2026-11-22, 10 spare code(s) left.\n")
    assert totp_of("nobody", "--off")[0] == 1
    assert totp_of("boss", "--off") == (0, "The second step of boss is taken off and all its sessions have ended.\n")
    assert (status(boss.visitor, "/account"), sign_in(site.visitor(), "boss").path) == (401, "/")
    assert deeds(site)[-1] == ("second step off", True)


LED = {"none": set(), "administrators": {"administrator"}, "staff": {"administrator", "author", "focal"}}


def test_a_site_may_ask_it_of_roles(site: Site) -> None:
    places = {"administrator": "/admin/learners", "author": "/author/drafts", "focal": "/focal"}
    who = {role: member(site, role, role="learner" if role == "focal" else role) for role in places}
    with open_session(site.engine, write=True) as session:
        focal_posts.begin(session, who["focal"].id, "FJ", None, site.now)
        session.commit()
    who["focal"].visitor = site.browser(who["focal"].id)
    for asked, led in LED.items():
        site.app.extensions["settings"] = replace(site.config, require_totp=asked)
        seen = {role: who[role].visitor.get(path) for role, path in places.items()}
        assert {role for role, page in seen.items() if page.path == HERE} == led
        assert all("This site asks for a second step" in seen[role].main for role in led)
        assert [one.visitor.get("/courses/tiny/").status for one in who.values()] == [200] * 3  # learning goes on
    token = who["administrator"].csrf
    assert who["administrator"].visitor.post("/admin/organisations/add", {"csrf_token": token}).path == HERE
    set_up(site, who["administrator"].visitor)
    assert who["administrator"].visitor.get("/admin/learners").path == "/admin/learners"
    assert who["author"].visitor.get("/author/drafts").path == HERE


def test_a_rehashed_password_does_not_end_the_sign_in_half_way(site: Site) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    id = site.account("boss", password_hash=weak, role="administrator")
    key, _codes = set_up(site, site.browser(id))
    site.later(minutes=2)
    visitor = site.visitor()
    assert visitor.submit(sign_in(visitor, "boss"), "/sign-in/code", code=code_of(site, key)).path == "/"
