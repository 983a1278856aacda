"""Registering and signing in: who gets in, who is told what, and how often a wrong password may be tried."""

import statistics
import time
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from app.records import passwords, people, sign_ins
from app.records.engine import open_session
from app.web import throttle
from tests.web.conftest import PASSWORD, Site, sign_in
from tests.web.members import cookie, send
from tests.web.visitor import Page, Visitor

WRONG = "palm leaves keep nothing"
NOT_RIGHT = "The sign-in name or the password is not right. Check both and try again."
TOO_MANY = "There were too many wrong tries. Wait an hour, or use a device on which you signed in before."


FORM = {"login": "litia", "name": "Litia Vakatawale", "password": PASSWORD, "device": "shared"}


def try_in(visitor: Visitor, login: str, password: str = PASSWORD) -> Page:
    """Sends the form of the sign-in page without opening it first."""
    return visitor.post("/sign-in", {"login": login, "password": password, "device": "shared"}, follow=False)


def send_in(visitor: Visitor, login: str, password: str = PASSWORD) -> int:
    return send(visitor, "/sign-in", {"login": login, "password": password, "device": "shared"})


def fill(site: Site, key: str, failures: int) -> None:
    with open_session(site.engine, write=True) as session:
        for _ in range(failures):
            sign_ins.add(session, key, site.now)
        session.commit()


def network(site: Site, address: str = "127.0.0.1") -> str:
    with site.app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        return throttle.network()


def register(visitor: Visitor, **fields: Any) -> Page:
    return visitor.post("/register", FORM | fields, follow=False)


# The same answer for known and unknown names


def with_mail(site: Site) -> None:
    site.account("known-name", email="litia@example.org")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/sign-in", {"password": WRONG, "device": "shared"}),
        ("/reset", {"code": "0000-0000-0000-0000", "password": "four new words here"}),
        ("/reset", {"by_mail": "1"}),
    ],
)
def test_a_known_and_an_unknown_name_get_the_same_answer(site: Site, path: str, fields: dict[str, str]) -> None:
    with_mail(site)
    answers = []
    for login in ("known-name", "other-name"):
        page = site.visitor().post(path, fields | {"login": login}, follow=False)
        headers = [(name, value) for name, value in page.headers if name != "Set-Cookie"]
        answers.append((page.status, headers, page.body.replace(login.encode(), b"login")))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(("path", "field"), [("/sign-in", "password"), ("/reset", "code")])
def test_a_known_and_an_unknown_name_cost_the_same_work(
    site: Site, path: str, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    monkeypatch.setattr(passwords, "DECOY", passwords.hash_password("nobody's"))
    for number in range(5):
        site.account(f"known-{number}", password_hash=passwords.hash_password(PASSWORD))
    fields = {"password": "four new words here", "device": "shared", "code": "0000-0000-0000-0000"}
    spent: dict[str, list[float]] = {"known": [], "other": []}
    for number in range(5):
        for kind, times in spent.items():
            begun = time.process_time()
            site.visitor().post(path, fields | {"login": f"{kind}-{number}"}, status=422)
            times.append(time.process_time() - begun)
    known, other = (statistics.median(times) for times in spent.values())
    assert known / 2 < other < known * 2


def test_a_closed_account_says_so_only_to_who_knows_the_password(site: Site) -> None:
    id = site.account("closed")
    with open_session(site.engine, write=True) as session:
        people.disable(session, id, site.now)
        session.commit()
    assert try_in(site.visitor(), "closed", WRONG).errors == [NOT_RIGHT]
    assert try_in(site.visitor(), "closed").errors == ["This account is closed for now. Ask the contact below."]


# Throttles


def test_strangers_lock_an_account_for_strangers_and_never_for_its_own_device(site: Site) -> None:
    site.account("litia")
    site.account("other")
    known = site.visitor()
    sign_in(known, "litia")
    known.submit(known.get("/account"), "/sign-out", status=200)
    fill(site, key_of(site, "litia"), 9)
    stranger = site.visitor()
    assert [send_in(stranger, "litia", WRONG), send_in(stranger, "litia", WRONG)] == [422, 429]
    locked = try_in(site.visitor(), "litia")
    assert (locked.status, locked.errors) == (429, [TOO_MANY])
    assert send_in(site.visitor(), "other") == 303
    assert send_in(known, "litia") == 303
    site.later(hours=2)
    assert send_in(site.visitor(), "litia") == 303


def test_a_known_device_has_ten_tries_of_its_own(site: Site) -> None:
    site.account("litia")
    known = site.visitor()
    assert send_in(known, "litia") == 303
    known.submit(known.get("/account"), "/sign-out", status=200)
    assert [send_in(known, "litia", WRONG) for _ in range(10)] == [422] * 10
    assert send_in(known, "litia") == 429
    assert send_in(site.visitor(), "litia") == 303


def test_a_forged_mark_makes_no_device_known(site: Site) -> None:
    site.account("litia")
    mine = site.visitor()
    assert register(mine, login="mallory").status == 200
    fill(site, key_of(site, "litia"), 10)
    for value in ("0123456789abcdef.0123456789abcdef", cookie(mine, "lontar-device") or "", ".", "x" * 4000, "a.b.c"):
        forger = site.visitor()
        forger.client.set_cookie("lontar-device", value, domain="127.0.0.1")
        assert (value, send_in(forger, "litia")) == (value, 429)


def key_of(site: Site, login: str) -> str:
    with site.app.test_request_context("/", environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        return next(key for key in throttle.keys(login) if key.startswith("account:"))


def test_two_hundred_people_behind_one_address_pass(site: Site) -> None:
    """Each of them has mistyped once, and each may then go in; who signs in costs the network nothing."""
    fill(site, network(site), 197)
    for number in range(3):
        site.account(f"person-{number}")
    newcomers = [site.visitor() for _ in range(3)]
    assert [send_in(one, f"person-{number}", WRONG) for number, one in enumerate(newcomers)] == [422] * 3
    assert [send_in(one, f"person-{number}") for number, one in enumerate(newcomers)] == [303] * 3
    with open_session(site.engine, write=False) as session:
        assert sign_ins.count(session, [network(site)], site.now) == {network(site): 200}


def test_a_network_that_guesses_is_stopped_and_others_are_not(site: Site) -> None:
    site.account("litia")
    fill(site, network(site), 300)
    assert send_in(site.visitor(), "litia") == 429
    elsewhere = site.visitor()
    elsewhere.client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    assert send_in(elsewhere, "litia") == 303


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("2001:db8::1%eth0", "2001:db8::2", True),
        ("unix:", "", True),  # a server on a socket: all who have no address are one network
        ("203.0.113.9:5021", "203.0.113.9", True),  # some proxies add the port
    ],
)
def test_what_counts_as_one_network(site: Site, one: str, other: str, same: bool) -> None:
    assert (network(site, one) == network(site, other)) == same


def test_taken_names_cannot_be_listed_from_one_network(site: Site) -> None:
    site.account("litia")
    fill(site, "register:" + network(site), throttle.PER_NETWORK_NEW - 1)
    stranger = site.visitor()
    page = register(stranger)
    assert (page.status, page.errors) == (
        422,
        ["This sign-in name is taken. Choose another, or sign in if it is yours."],
    )
    stopped = register(stranger)
    assert (stopped.status, stopped.h1) == (429, "Too many new accounts from your network")
    elsewhere = site.visitor()
    elsewhere.client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    assert register(elsewhere, login="another").status == 200


@pytest.mark.parametrize("login", ["LITIA", "ｌｉｔｉａ", " litia ", "litia\u0007", "\u2009Litia\u3000"])
def test_a_name_is_taken_in_any_case_and_width(site: Site, login: str) -> None:
    site.account("litia")
    assert send(site.visitor(), "/register", FORM | {"login": login}) == 422


# Passwords


SHORT = "The password is too short. Use 12 characters or more; a few words in a row are good."
LONG = "The password is too long. Use 128 characters at most."
COMMON = "This password is easy to guess. Choose a few words that do not belong together."
PERSONAL = "The password holds your name or sign-in name. Choose something others cannot know."


WEAK: list[Any] = [
    ("", "Choose a password of 12 characters or more."),
    ("elevenchars", SHORT),
    ("ﬃ" * 3, SHORT),  # nine letters when normalised
    ("x" * 129, LONG),
    ("correct horse " * 1000, LONG),
    ("passwordpassword", COMMON),
    ("123456789012", COMMON),
    ("qwertyuiop12", COMMON),
    ("litia@example.org", PERSONAL),
    ("Vakatawale12", PERSONAL),
]


def test_a_weak_password_is_refused_in_words(site: Site) -> None:
    for password, problem in WEAK:
        page = register(site.visitor(), login="litia@example.org", password=password)
        assert (page.status, page.errors) == (422, [problem])
        assert page.form("/register").fields["password"] == [""]


@pytest.mark.parametrize(
    ("chosen", "typed"),
    [
        ("twelve chars", "twelve chars"),
        ("no rules needed here", "no rules needed here"),
        ("ｔｗｅｌｖｅ ｃｈａｒｓ", "twelve chars"),  # full-width
        ("caf\u00e9 on the hill", "cafe\u0301 on the hill"),  # composed, decomposed
        (" spaces at both ends ", " spaces at both ends "),
        ("w" + "o" * 60 + "rds are long" * 4, "w" + "o" * 60 + "rds are long" * 4),
        ("ពាក្យសម្ងាត់របស់ខ្ញុំ", "ពាក្យសម្ងាត់របស់ខ្ញុំ"),
    ],
)
def test_a_password_fits_however_the_keyboard_writes_it(site: Site, chosen: str, typed: str) -> None:
    assert register(site.visitor(), password=chosen).status == 200
    assert send_in(site.visitor(), "litia", typed) == 303
    assert send_in(site.visitor(), "litia", typed + " ") == 422


def test_an_old_hash_is_made_new_at_sign_in(site: Site) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    site.account("litia", password_hash=old)
    assert send_in(site.visitor(), "litia") == 303
    with open_session(site.engine, write=False) as session:
        kept = session.execute(text("SELECT password_hash FROM person")).scalar_one()
    assert not passwords.HASHER.check_needs_rehash(kept)
    assert passwords.HASHER.check_needs_rehash(old)
    assert send_in(site.visitor(), "litia") == 303


# Registering


def test_who_registers_comes_back_to_the_section_that_was_open(site: Site) -> None:
    visitor = site.visitor()
    section = visitor.get("/courses/tiny/one/second")
    address = next(link for link in section.links() if link.startswith("/sign-in?"))
    sign_in_page = visitor.get(address)
    page = visitor.get(next(link for link in sign_in_page.links() if link.startswith("/register")))
    done = visitor.submit(page, "/register", login="litia", name="Litia Vakatawale", password=PASSWORD)
    assert done.h1 == "Write down your recovery code"
    assert "/courses/tiny/one/second" in done.links()


def test_registering_twice_makes_one_account(site: Site) -> None:
    first, second = site.visitor(), site.visitor()
    assert register(first).status == 200
    assert register(second).status == 422
    assert register(first).status == 422 or cookie(first, "lontar")
    with open_session(site.engine, write=False) as session:
        assert session.execute(text("SELECT count(*) FROM person")).scalar_one() == 1


MISFITS: list[Any] = [
    {"sex": "unknown"},
    {"country": "XX"},
    {"age_band": "12"},
    {"ministry_type": "<script>"},
    {"device": "forever"},
    {"name": ""},
    {"name": " \t\u200b "},
    {"name": "\u200d"},
    {"name": "x" * 201},
    {"login": ""},
    {"login": "x" * 101},
    {"email": "not an address"},
    {"email": "a@example.org,b@example.org"},
    {"organisation": "x" * 201},
]


def test_a_field_that_does_not_fit_is_named_and_the_rest_stays_filled_in(site: Site) -> None:
    for fields in MISFITS:
        values = {"name_latin": "Litia V.", "email": "litia@example.org", "sex": "woman", "country": "MN"} | fields
        page = register(site.visitor(), **values)
        assert (page.status, len(page.errors)) == (422, 1)
        form = page.form("/register")
        kept = {name: form.fields[name] for name in ("name_latin", "email", "sex", "country") if name not in fields}
        assert kept == {name: [values[name]] for name in kept}
        assert form.fields["password"] == [""]
