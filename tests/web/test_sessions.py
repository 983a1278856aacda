"""Sessions: how long they last, what ends them at once, and what is kept of a form that was sent too late."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.records import answers, notes, people, sign_ins
from app.records.engine import open_session
from tests.web.conftest import PASSWORD, Build, Site, sign_in
from tests.web.members import Member, cookie, member, send, set_role, status
from tests.web.story import attempt_of, open_quiz, paper_of
from tests.web.visitor import Form, Page, Visitor

NEVER = timedelta(0)


def is_in(visitor: Visitor) -> bool:
    return {200: True, 401: False}[status(visitor, "/account/recovery")]


# How long


@pytest.mark.parametrize(
    ("role", "kind", "used_every", "after", "still_in"),
    [
        ("learner", "shared", NEVER, timedelta(hours=12), True),
        ("learner", "shared", NEVER, timedelta(hours=12, seconds=1), False),
        ("learner", "shared", timedelta(hours=11), timedelta(days=3), True),
        ("learner", "own", NEVER, timedelta(days=60), True),
        ("learner", "own", NEVER, timedelta(days=60, seconds=1), False),
        ("learner", "own", timedelta(days=50), timedelta(days=200), True),
        ("learner", "unheard of", NEVER, timedelta(hours=12, seconds=1), False),
        ("author", "own", NEVER, timedelta(minutes=60), True),
        ("author", "own", NEVER, timedelta(minutes=60, seconds=1), False),
        ("author", "own", timedelta(minutes=50), timedelta(hours=12), True),
        ("author", "shared", timedelta(minutes=50), timedelta(hours=12, seconds=1), False),
        ("administrator", "own", NEVER, timedelta(minutes=60, seconds=1), False),
        ("administrator", "own", timedelta(minutes=50), timedelta(hours=12, seconds=1), False),
    ],
)
def test_how_long_a_session_lasts(
    site: Site, role: str, kind: str, used_every: timedelta, after: timedelta, still_in: bool
) -> None:
    visitor = member(site, kind=kind, role=role).visitor
    end = site.now + after
    while used_every and site.now + used_every < end:
        site.now += used_every
        assert is_in(visitor)
    site.now = end
    assert is_in(visitor) == still_in


def test_a_use_is_noted_every_five_minutes_at_most(site: Site) -> None:
    visitor = member(site).visitor
    used = []
    for minutes in (4, 1, 1, 4, 2):
        site.later(minutes=minutes)
        status(visitor, "/account/recovery")
        with open_session(site.engine, write=False) as session:
            row = sign_ins.find(session, sign_ins.keys.hash_of(cookie(visitor, "lontar") or ""))
            assert row is not None
            used.append(round((row.used_at - row.started_at).total_seconds() / 60))
    assert used == [0, 0, 6, 6, 12]


# A new id at every sign-in, and what ends sessions at once


def test_a_sign_in_makes_a_new_session_and_ends_the_one_before(site: Site) -> None:
    site.account("litia")
    visitor = site.visitor()
    visitor.client.set_cookie("lontar", "chosen-by-somebody-else", domain="127.0.0.1")
    seen = [cookie(visitor, "lontar")]
    for _ in range(2):
        old = site.visitor()
        old.client.set_cookie("lontar", str(seen[-1]), domain="127.0.0.1")
        assert send(visitor, "/sign-in", {"login": "litia", "password": PASSWORD}) == 303
        seen.append(cookie(visitor, "lontar"))
        assert (is_in(visitor), is_in(old)) == (True, False)
    assert len(set(seen)) == 3


def sign_out(site: Site, one: Member) -> None:
    page = one.visitor.submit(one.visitor.get("/account/recovery"), "/sign-out", follow=False)
    assert (page.status, page.headers["Clear-Site-Data"], cookie(one.visitor, "lontar")) == (303, '"cache"', None)


def change_password(site: Site, one: Member) -> None:
    page = one.visitor.get("/account/password")
    before = cookie(one.visitor, "lontar")
    one.visitor.submit(page, "/account/password", status=200, old=PASSWORD, password="a roof over four words")
    assert cookie(one.visitor, "lontar") != before
    assert is_in(one.visitor)


def reset_password(site: Site, one: Member) -> None:
    with open_session(site.engine, write=True) as session:
        code = sign_ins.make_code(session, one.id, "once", site.now, timedelta(hours=1))
        session.commit()
    fields = {"login": one.login, "code": code, "password": "a roof over four words"}
    assert send(site.visitor(), "/reset", fields) == 200


def change_role(site: Site, one: Member) -> None:
    set_role(site, one.id, "author")


def close(site: Site, one: Member) -> None:
    with open_session(site.engine, write=True) as session:
        people.disable(session, one.id, site.now)
        session.commit()


def erase(site: Site, one: Member) -> None:
    page = one.visitor.get("/account/erase")
    done = one.visitor.submit(page, "/account/erase", certificates="forget", password=PASSWORD)
    assert (done.status, done.headers["Clear-Site-Data"], cookie(one.visitor, "lontar")) == (200, '"cache"', None)


@pytest.mark.parametrize(
    ("deed", "others_stay"),
    [
        (sign_out, True),
        (change_password, False),
        (reset_password, False),
        (change_role, False),
        (close, False),
        (erase, False),
    ],
)
def test_what_ends_sessions_at_once(site: Site, deed: Callable[[Site, Member], None], others_stay: bool) -> None:
    one, stranger = member(site), member(site, "stranger")
    token = cookie(one.visitor, "lontar")
    phone = site.browser(one.id, "own")
    deed(site, one)
    thief = site.visitor()
    thief.client.set_cookie("lontar", str(token), domain="127.0.0.1")
    assert (is_in(thief), is_in(phone), is_in(stranger.visitor)) == (False, others_stay, True)


def test_a_phone_that_roams_stays_signed_in(site: Site) -> None:
    visitor = member(site).visitor
    for address, agent in [("192.0.2.1", "Firefox"), ("198.51.100.9", "Chrome"), ("2001:db8::1", "")]:
        visitor.client.environ_base["REMOTE_ADDR"] = address
        visitor.headers["User-Agent"] = agent
        assert is_in(visitor)


# Cookies


@pytest.mark.parametrize(
    ("base_url", "device", "expected"),
    [
        ("http://127.0.0.1:8000", "shared", ("lontar", {"HttpOnly", "Path=/", "SameSite=Lax"})),
        ("http://127.0.0.1:8000", "own", ("lontar", {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=5184000"})),
        ("https://learn.example.org", "shared", ("__Host-lontar", {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"})),
        (
            "https://learn.example.org",
            "own",
            ("__Host-lontar", {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=5184000"}),
        ),
    ],
)
def test_what_the_session_cookie_says(
    build: Build, tiny: Any, base_url: str, device: str, expected: tuple[str, set[str]]
) -> None:
    site = build(tiny, base_url=base_url)
    site.account("litia")
    page = site.visitor().post("/sign-in", {"login": "litia", "password": PASSWORD, "device": device}, follow=False)
    cookies = [line.split("; ") for line in page.headers.getlist("Set-Cookie")]
    name, flags = next((one[0].partition("=")[0], set(one[1:])) for one in cookies if "lontar=" in one[0])
    assert (name, {flag for flag in flags if not flag.startswith("Expires=")}) == expected
    everywhere = [{"Secure", "SameSite=Lax"} & set(one) for one in cookies]
    assert everywhere == [{"Secure", "SameSite=Lax"} if site.config.secure else {"SameSite=Lax"}] * len(cookies)


TOKENS: list[Any] = ["", "x", "x" * 5000, "\u0000", "é", "' OR 1=1 --", "../../etc/passwd"]


def test_a_made_up_session_is_a_visitor(site: Site) -> None:
    for token in TOKENS:
        visitor = site.visitor()
        visitor.headers["Cookie"] = f'lontar="{token}"'
        assert (is_in(visitor), status(visitor, "/")) == (False, 200)


# A form that was sent after the session had ended


def note_form(site: Site, visitor: Visitor) -> tuple[str, dict[str, Any]]:
    form = visitor.get("/courses/tiny/one/first").form("/notes/list-of-laws")
    return form.action, form.fields | {"text": ["The law of 1992\r\n& <more>"]}


def answer_form(site: Site, visitor: Visitor) -> tuple[str, dict[str, Any]]:
    page = open_quiz(visitor, site, "tiny", "two")
    form: Form = page.form("/1")
    choice = next(name for name in (*form.fields, *form.choices) if name.startswith("answer"))
    return form.action, form.fields | {choice: [form.choices[choice][0]]}


def kept(site: Site, id: uuid.UUID) -> tuple[dict[str, str], int]:
    """A person's notes, and how many answers she has saved."""
    with open_session(site.engine, write=False) as session:
        tries = people.export_data(session, id)["attempts"]
        saved = sum(len(answers.saved(session, uuid.UUID(one["id"]))) for one in tries)
        return notes.notes(session, id), saved


MAKE = [note_form, answer_form]


@pytest.mark.parametrize("make", MAKE)
def test_a_form_sent_too_late_is_saved_after_signing_in(
    site: Site, make: Callable[[Site, Visitor], tuple[str, dict[str, Any]]]
) -> None:
    one = member(site)
    action, fields = make(site, one.visitor)
    site.later(hours=13)
    asked = one.visitor.post(action, fields)
    assert (asked.status, asked.h1, "You were signed out." in asked.main) == (401, "Sign in", True)
    mistyped = one.visitor.submit(asked, "/sign-in", login="litia", password="not the right words")
    assert mistyped.status == 422
    after = one.visitor.submit(mistyped, "/sign-in", status=200, login="litia", password=PASSWORD)
    texts, saved = kept(site, one.id)
    expected = ({"list-of-laws": "The law of 1992\n& <more>"}, 0) if make is note_form else ({}, 1)
    assert (texts, saved) == expected
    assert after.path.startswith("/courses/tiny/one/first" if make is note_form else "/attempts/")
    assert is_in(one.visitor)


@pytest.mark.parametrize("ended", ["expired", "signed out elsewhere", "cookie lost"])
@pytest.mark.parametrize("make", MAKE)
def test_a_form_sent_too_late_is_never_saved_for_another_person(
    site: Site, make: Callable[[Site, Visitor], tuple[str, dict[str, Any]]], ended: str
) -> None:
    one, other = member(site), site.account("other")
    action, fields = make(site, one.visitor)
    if ended == "expired":
        site.later(hours=13)
    elif ended == "cookie lost":
        one.visitor.client.delete_cookie("lontar", domain="127.0.0.1")
    else:
        with open_session(site.engine, write=True) as session:
            sign_ins.end_all(session, one.id)
            session.commit()
    asked = one.visitor.post(action, fields)
    assert asked.status == 401
    refused = one.visitor.submit(asked, "/sign-in", login="other", password=PASSWORD)
    assert (refused.status, refused.h1) == (403, "That was sent by another person")
    assert (kept(site, one.id), kept(site, other)) == (({}, 0), ({}, 0))
    assert "litia" not in one.visitor.get("/account").main
    assert "other" in one.visitor.get("/account").main


@pytest.mark.parametrize("make", MAKE)
def test_a_form_opened_by_one_and_sent_by_the_next_person_is_saved_for_the_first(
    site: Site, make: Callable[[Site, Visitor], tuple[str, dict[str, Any]]]
) -> None:
    """Two people at one computer, two windows."""
    one, other = member(site), site.account("other")
    action, fields = make(site, one.visitor)
    assert send(one.visitor, "/sign-in", {"login": "other", "password": PASSWORD}) == 303
    asked = one.visitor.post(action, fields)
    assert (asked.status, "This page was opened by another person." in asked.main) == (409, True)
    assert kept(site, other) == ({}, 0)
    one.visitor.submit(asked, "/sign-in", status=200, login="litia", password=PASSWORD)
    texts, saved = kept(site, one.id)
    assert len(texts) + saved == 1


def test_any_other_form_sent_too_late_is_shown_again_and_not_done(site: Site) -> None:
    one = member(site)
    page = one.visitor.get("/account/profile")
    site.later(hours=13)
    asked = one.visitor.submit(page, "/account/profile", name="Litia V.")
    again = one.visitor.submit(asked, "/sign-in", login="litia", password=PASSWORD)
    assert again.h1 == "Please send this once more"
    with open_session(site.engine, write=False) as session:
        assert people.get(session, one.id).name == "Litia Vakatawale"
    done = one.visitor.submit(again, "/account/profile", status=200)
    assert done.form("/account/profile").fields["name"] == ["Litia V."]


CARRIED = [
    "",
    "[",
    "{}",
    "null",
    "1",
    '"/notes/list-of-laws"',
    "[" * 80_000,
    '["/notes/list-of-laws", [["text", "x"]]]',
    '["/notes/list-of-laws", null, ""]',
    '["/notes/list-of-laws", [["text"]], ""]',
    '["https://evil.example/", [], ""]',
    '["//evil.example/", [["a", "b"]], ""]',
    '["/nowhere", [["a", "b"]], ""]',
    '["/attempts/00000000-0000-0000-0000-000000000001/1", [["answer", "1"]], "{owner}"]',
    '["/attempts/00000000-0000-0000-0000-000000000001/hand-in", [], "{owner}"]',
    '["/notes/nowhere", [["text", "x"]], "{owner}"]',
    '["/notes/list-of-laws", [["text", "\\ud800"]], "\\ud800"]',
    '["/\\ud800", [["\\udfff", "\\ud800"]], ""]',
    '["/account/erase", [["certificates", "forget"]], "{owner}"]',
]


@pytest.mark.parametrize("carried", CARRIED)
def test_a_made_up_form_to_carry_does_nothing(site: Site, carried: str) -> None:
    one = member(site)
    mark = one.csrf.partition(".")[2]
    visitor = site.visitor()
    fields = {"login": "litia", "password": PASSWORD, "carried": carried.replace("{owner}", mark)}
    page = visitor.post("/sign-in", fields, follow=False)
    assert page.status in (200, 303, 403, 404)
    assert page.status != 303 or page.headers["Location"] == "/"
    assert "evil.example" not in page.html
    assert (is_in(visitor), kept(site, one.id)) == (True, ({}, 0))


def test_a_long_note_in_any_script_survives_an_expired_session(site: Site) -> None:
    one = member(site)
    action, fields = note_form(site, one.visitor)
    text = "😀" * 20_000
    site.later(hours=13)
    asked = one.visitor.post(action, fields | {"text": text})
    one.visitor.submit(asked, "/sign-in", status=200, login="litia", password=PASSWORD)
    assert kept(site, one.id) == ({"list-of-laws": text}, 0)


def test_an_attempt_goes_on_where_it_was(site: Site) -> None:
    one = member(site)
    first: Page = open_quiz(one.visitor, site, "tiny", "two")
    before, _items = paper_of(site, attempt_of(first))
    site.later(hours=13)
    sign_in(one.visitor, "litia")
    assert one.visitor.get(first.path).h1 == first.h1
    assert open_quiz_again(one.visitor) == attempt_of(first)
    assert paper_of(site, attempt_of(first))[0] == before


def open_quiz_again(visitor: Visitor) -> uuid.UUID:
    page = visitor.get("/courses/tiny/quizzes/two")
    return next(attempt_of(visitor.get(link)) for link in page.links() if link.startswith("/attempts/"))
