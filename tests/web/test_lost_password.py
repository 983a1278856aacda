"""A new password by recovery code, by a code from an administrator, and by a mailed link."""

import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.ops import mailing
from app.records import outbox, sign_ins
from app.records.engine import open_session
from tests.web.conftest import PASSWORD, Build, Site
from tests.web.members import cookie, send
from tests.web.test_signing import fill, key_of, register
from tests.web.visitor import Page

NEW = "a roof over four words"
DOES_NOT_FIT = "This name and code do not fit together, or the code was used or has run out."


def code_of(page: Page) -> str:
    return re.findall(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", page.main)[0]


def reset(site: Site, login: str, code: str, password: str = NEW) -> Page:
    return site.visitor().post("/reset", {"login": login, "code": code, "password": password})


def test_a_recovery_code_works_once_and_brings_the_next_one(site: Site) -> None:
    visitor = site.visitor()
    first = code_of(register(visitor))
    done = reset(site, "LITIA", first.lower().replace("-", " "))
    assert (done.status, done.h1) == (200, "Write down your recovery code")
    second = code_of(done)
    assert second != first
    assert [send(site.visitor(), "/sign-in", {"login": "litia", "password": one}) for one in (PASSWORD, NEW)] == [
        422,
        303,
    ]
    assert reset(site, "litia", first).errors == [DOES_NOT_FIT]
    assert reset(site, "litia", second).status == 200


def test_a_new_recovery_code_ends_the_old_one(site: Site) -> None:
    visitor = site.visitor()
    old = code_of(register(visitor))
    page = visitor.get("/account/recovery")
    assert visitor.submit(page, "/account/recovery", password="not it").errors == ["This is not your password."]
    new = code_of(visitor.submit(page, "/account/recovery", status=200, password=PASSWORD))
    assert old not in page.html
    assert (reset(site, "litia", old).status, reset(site, "litia", new).status) == (422, 200)


WRONG_CODES: list[Any] = ["", "x", "0000-0000-0000-0000", "<b>", "7" * 5000, "\u0000", "١٢٣٤"]


def test_a_wrong_code_changes_nothing(site: Site) -> None:
    site.account("litia")
    for code in WRONG_CODES:
        page = reset(site, "litia", code)
        assert (page.status, len(page.errors)) == (422, 1)
        assert send(site.visitor(), "/sign-in", {"login": "litia", "password": PASSWORD}) == 303


def test_a_code_opens_no_other_account(site: Site) -> None:
    site.account("other")
    code = code_of(register(site.visitor()))
    assert reset(site, "other", code).errors == [DOES_NOT_FIT]
    assert reset(site, "litia", code).status == 200


def test_a_code_is_not_spent_on_a_password_that_is_refused(site: Site) -> None:
    code = code_of(register(site.visitor()))
    assert reset(site, "litia", code, "short").status == 422
    assert reset(site, "litia", code).status == 200


def test_guessing_codes_is_limited_and_says_so(site: Site) -> None:
    code = code_of(register(site.visitor()))
    fill(site, key_of(site, "litia"), 10)
    page = reset(site, "litia", code)
    assert page.status == 429
    assert page.errors[0].startswith("There were too many wrong tries.")
    site.later(hours=2)
    assert reset(site, "litia", code).status == 200


@pytest.mark.parametrize(
    ("kind", "lifetime", "after", "status"),
    [
        ("once", timedelta(hours=24), timedelta(hours=23), 200),
        ("once", timedelta(hours=24), timedelta(hours=24), 422),
        ("recovery", None, timedelta(days=3650), 200),
    ],
)
def test_how_long_a_code_lives(
    site: Site, kind: str, lifetime: timedelta | None, after: timedelta, status: int
) -> None:
    id = site.account("litia")
    with open_session(site.engine, write=True) as session:
        code = sign_ins.make_code(session, id, kind, site.now, lifetime)
        session.commit()
    site.now += after
    assert reset(site, "litia", code).status == status


# By mail


class Post(threading.Thread):
    """A mail server on this machine that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.letters: list[str] = []
        self.came = threading.Semaphore(0)

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                self.talk(connection, lines)

    def talk(self, connection: socket.socket, lines: Any) -> None:
        connection.sendall(b"220 here\r\n")
        for line in lines:
            word = line[:4].upper()
            connection.sendall({b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n"))
            if word == b"QUIT":
                return
            if word == b"DATA":
                letter = b"".join(iter(lambda: next(lines), b".\r\n"))
                connection.sendall(b"250 kept\r\n")
                self.letters.append(letter.decode())
                self.came.release()

    def letter(self) -> str:
        assert self.came.acquire(timeout=20)
        return self.letters[-1]


@pytest.fixture
def post() -> Iterator[Post]:
    server = Post()
    server.start()
    yield server
    server.socket.shutdown(socket.SHUT_RDWR)
    server.socket.close()
    server.join(5)


def with_mail(build: Build, tiny: Any, port: int) -> Site:
    """A site that sends mail to this port, at the time that it is."""
    site = build(tiny, mail_host="127.0.0.1", mail_port=port, mail_security="none", mail_from="lontar@example.org")
    site.now = datetime.now(UTC)
    return site


def waiting(site: Site) -> int:
    with open_session(site.engine, write=False) as session:
        return outbox.waiting(session)


def settle() -> None:
    """Wait for the thread that sends mail."""
    for thread in threading.enumerate():
        if thread.name.endswith("(deliver)"):
            thread.join(20)


def ask_for_link(site: Site, login: str = "litia") -> Page:
    visitor = site.visitor()
    page = visitor.get("/reset")
    form = next(one for one in page.forms() if "login" in one.fields and "code" not in one.fields)
    sent = visitor.post(form.action, {"login": login, "by_mail": "1"}, status=200)
    settle()
    return sent


def link_in(letter: str) -> str:
    body = letter.replace("=\r\n", "").replace("=3D", "=")
    return re.findall(r"http://127\.0\.0\.1:8000(/reset\?code=[0-9A-Z-]+)", body)[0]


def test_a_mailed_link_brings_a_new_password_once(build: Build, tiny: Any, post: Post) -> None:
    site = with_mail(build, tiny, post.port)
    site.account("litia", email="litia@example.org")
    ask_for_link(site)
    letter = post.letter()
    assert re.search(r"^To: litia@example\.org\r$", letter, re.MULTILINE)
    assert "Auto-Submitted: auto-generated" in letter
    link = link_in(letter)
    visitor = site.visitor()
    page = visitor.get(link)
    assert page.headers["Cache-Control"] == "no-store"
    form = next(one for one in page.forms() if "code" in one.fields)
    done = visitor.post("/reset", form.fields | {"login": "litia", "password": NEW}, status=200)
    assert done.h1 == "Write down your recovery code"
    assert visitor.post("/reset", form.fields | {"login": "litia", "password": NEW + "!"}).status == 422
    assert (waiting(site), send(site.visitor(), "/sign-in", {"login": "litia", "password": NEW})) == (0, 303)


def test_a_mailed_link_ends_after_two_hours(build: Build, tiny: Any, post: Post) -> None:
    site = with_mail(build, tiny, post.port)
    site.account("litia", email="litia@example.org")
    ask_for_link(site)
    code = link_in(post.letter()).partition("=")[2]
    site.later(hours=2, seconds=1)
    assert reset(site, "litia", code).status == 422


@pytest.mark.parametrize("login", ["litia", "nobody", "closed", ""])
def test_no_mail_goes_where_there_is_no_address(build: Build, tiny: Any, post: Post, login: str) -> None:
    site = with_mail(build, tiny, post.port)
    site.account("litia")
    page = ask_for_link(site, login)
    assert "If this name has an account with an e-mail address, a link is on its way." in page.main
    assert (waiting(site), post.letters) == (0, [])


def test_three_links_an_hour_and_no_more(build: Build, tiny: Any, post: Post) -> None:
    site = with_mail(build, tiny, post.port)
    site.account("litia", email="litia@example.org")
    for _ in range(5):
        ask_for_link(site)
    assert (len(post.letters), waiting(site)) == (3, 0)


def test_mail_waits_while_its_server_is_down(build: Build, tiny: Any, post: Post) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    site = with_mail(build, tiny, closed)
    site.account("litia", email="litia@example.org")
    assert ask_for_link(site).status == 200
    assert waiting(site) == 1
    again = with_mail(build, tiny, post.port)
    mailing.deliver(again.engine, again.config, datetime.now(UTC) + timedelta(minutes=30))
    assert (waiting(again), "/reset?code=" in post.letter().replace("=3D", "=")) == (0, True)


def test_without_mail_the_page_offers_none(site: Site) -> None:
    page = site.visitor().get("/reset")
    assert ("Send me a link" in page.main, cookie(site.visitor(), "lontar")) == (False, None)
