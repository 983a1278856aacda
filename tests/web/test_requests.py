"""What requests may be: from which site, with which token, how large, for which host, in which language."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import text

from app.records.engine import open_session
from app.web import throttle
from tests.web.conftest import PASSWORD, Build, Site
from tests.web.members import Member, cookie, member, send, status
from tests.web.story import open_quiz
from tests.web.visitor import Visitor

HERE = "http://127.0.0.1:8000"
NOTE = "/notes/list-of-laws"


def raw(visitor: Visitor, path: str, method: str = "POST", **more: Any) -> Any:
    """A request with exactly these headers."""
    headers = {"Host": "127.0.0.1:8000"} | more.pop("headers", {})
    return visitor.client.open(path, method=method, base_url=visitor.base, headers=headers, **more)


# Where a form comes from


ORIGINS: list[Any] = [
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": HERE}, 403),
    ({"Sec-Fetch-Site": ""}, 403),
    ({"Origin": HERE}, 200),
    ({"Origin": "HTTP://127.0.0.1:8000"}, 200),
    ({"Origin": "https://127.0.0.1:8000"}, 403),
    ({"Origin": "http://127.0.0.1"}, 403),
    ({"Origin": "http://127.0.0.1:8001"}, 403),
    ({"Origin": "http://127.0.0.1:8000.evil.example"}, 403),
    ({"Origin": "http://evil.example#127.0.0.1:8000"}, 403),
    ({"Origin": "http://user@127.0.0.1:8000"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": ""}, 403),
    ({"Origin": "http://["}, 403),
    ({"Referer": f"{HERE}/courses/tiny/one/first"}, 200),
    ({"Referer": "http://evil.example/?127.0.0.1:8000"}, 403),
    ({"Referer": "http://["}, 403),
    ({}, 200),  # a very old browser; who is signed in still needs the token
]


def test_a_visitors_form_comes_from_this_site(site: Site) -> None:
    for headers, expected in ORIGINS:
        assert raw(site.visitor(), "/checks/check-first", headers=headers, data={"answer": "1"}).status_code == expected


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_other_way_to_change_anything(site: Site, method: str) -> None:
    one = member(site)
    found = {raw(one.visitor, path, method, headers={"Origin": HERE}).status_code for path in (NOTE, "/account", "/")}
    assert found == {405}


# The token


def notes_of(site: Site) -> list[str]:
    with open_session(site.engine, write=False) as session:
        return list(session.execute(text("SELECT text FROM note ORDER BY text")).scalars())


@pytest.mark.parametrize("token", ["missing", "empty", "wrong", "doubled", "of the session before", "of a visitor"])
def test_a_form_without_the_token_is_shown_filled_in_and_can_be_sent(site: Site, token: str) -> None:
    one = member(site)
    good = one.csrf
    if token == "of the session before":
        assert send(one.visitor, "/sign-in", {"login": "litia", "password": PASSWORD}) == 303
    given = {
        "missing": [],
        "empty": [""],
        "wrong": ["0" * len(good)],
        "doubled": ["0" * 32, good],
        "of the session before": [good],
        "of a visitor": ["None"],
    }[token]
    page = one.visitor.post(NOTE, {"text": "two\r\nlines <b>", "issued": "1", "csrf_token": given}, status=422)
    assert (page.h1, notes_of(site)) == ("Please send this once more", [])
    one.visitor.submit(page, NOTE, status=200)
    assert notes_of(site) == ["two\nlines <b>"]


def test_a_form_of_one_session_works_in_every_window_of_it(site: Site) -> None:
    one = member(site)
    pages = [one.visitor.get("/courses/tiny/one/first") for _ in range(2)]
    site.later(hours=1)
    for number, page in enumerate(pages):
        one.visitor.submit(page, NOTE, status=200, text=f"note {number}")
    assert notes_of(site) == ["note 1"]


@pytest.mark.parametrize(
    ("path", "secrets"),
    [
        ("/account/password", {"old": "the words I have now", "password": "the words I want next"}),
        ("/account/erase", {"password": "the words I have now", "certificates": "keep"}),
        ("/reset", {"login": "litia", "code": "7K4M-2Q9X-HD3A-0VTC", "password": "the words I want next"}),
    ],
)
def test_a_form_that_is_shown_again_holds_no_secret(site: Site, path: str, secrets: dict[str, str]) -> None:
    one = member(site)
    page = one.visitor.post(path, secrets, status=422)
    assert page.h1 == "Please send this once more"
    assert [name for name, value in secrets.items() if value in page.html] == [
        name for name in secrets if name in ("certificates", "login")
    ]
    one.visitor.client.delete_cookie("lontar", domain="127.0.0.1")
    if path != "/reset":
        asked = one.visitor.post(path, secrets | {"csrf_token": "x"}, status=401)
        assert [name for name, value in secrets.items() if value in asked.html] in ([], ["certificates"])


# How large


def many(count: int) -> str:
    return "&".join(["a=b"] * count)


URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


def parts(count: int, word: str = "Content-Disposition") -> str:
    return "".join(f'--x\r\n{word}: form-data; name="a"\r\n\r\nb\r\n' for _ in range(count)) + "--x--\r\n"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("text=x", URLENCODED, 422),  # no token: looked at, not saved
        (many(1000), URLENCODED, 422),
        (many(1001), URLENCODED, 413),
        ("text=" + "x" * (256 * 1024 - 5), URLENCODED, 422),
        ("text=" + "x" * (256 * 1024 - 4), URLENCODED, 413),
        ("text=" + "x" * 10_000_000, URLENCODED, 413),
        (parts(900), MULTIPART, 422),
        (parts(1001), MULTIPART, 413),
        (parts(1001, "content-disposition"), MULTIPART, 413),
        (parts(1) * 10_000, MULTIPART, 413),
        ("no boundary", MULTIPART, 422),
        ("{}", "application/json", 422),
        ("\x00\xff" * 100, URLENCODED, 422),
        ("", "", 422),
    ],
)
def test_how_much_a_form_may_hold(site: Site, body: str, kind: str, status: int) -> None:
    one = member(site)
    reply = raw(one.visitor, NOTE, headers={"Origin": HERE, "Content-Type": kind}, data=body)
    assert (reply.status_code, notes_of(site)) == (status, [])


def test_a_length_that_lies_is_no_way_around(site: Site) -> None:
    one = member(site)
    large = {"CONTENT_LENGTH": "99999999999"}
    reply = raw(one.visitor, NOTE, headers={"Origin": HERE}, environ_overrides=large)
    assert (reply.status_code, b"A form may hold 256 kB and 1,000 fields at most." in reply.data) == (413, True)


def test_a_file_that_is_too_large_is_told_how_large_it_may_be(site: Site) -> None:
    """The way back to the drafts is for those who dropped a draft."""
    chief = member(site, role="administrator").visitor
    said = {}
    for path, most in (("/admin/denominators/import", b"(2 MB at most)"), ("/author/drafts", b"(8 MB at most)")):
        large = {"CONTENT_LENGTH": "99999999999"}
        reply = raw(chief, path, headers={"Origin": HERE, "Content-Type": MULTIPART}, environ_overrides=large)
        main = reply.data.partition(b"<main")[2].partition(b"</main>")[0]
        said[path] = (reply.status_code, most in main, b'href="/author/drafts"' in main)
    assert said == {"/admin/denominators/import": (413, True, False), "/author/drafts": (413, True, True)}


# For which host


@pytest.mark.parametrize(
    ("base_url", "host", "status"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", 200),
        ("http://127.0.0.1:8000", "localhost:8000", 200),
        ("http://127.0.0.1:8000", "[::1]:8000", 200),
        ("http://127.0.0.1:8000", "127.0.0.1", 421),
        ("http://127.0.0.1:8000", "evil.example", 421),
        ("http://127.0.0.1:8000", "127.0.0.1:8000.evil.example", 421),
        ("http://127.0.0.1:8000", "", 421),
        ("https://learn.example.org", "learn.example.org", 200),
        ("https://learn.example.org", "localhost:8000", 421),
        ("https://learn.example.org", "www.learn.example.org", 421),
        ("https://learn.example.org:8443", "learn.example.org:8443", 200),
        ("https://learn.example.org:8443", "learn.example.org", 421),
    ],
)
def test_only_the_sites_own_names_are_answered(build: Build, tiny: Any, base_url: str, host: str, status: int) -> None:
    site = build(tiny, base_url=base_url)
    reply = site.app.test_client().get("/robots.txt", headers={"Host": host})
    assert reply.status_code == status
    assert b"evil.example" not in reply.get_data()


@pytest.mark.parametrize(("proxies", "limited"), [(0, True), (1, False)])
def test_proxy_headers_count_only_where_a_proxy_is_set(build: Build, tiny: Any, proxies: int, limited: bool) -> None:
    """With an hour's new accounts made from the proxy's address, those behind it are stopped only if it is not set."""
    from tests.web.test_signing import FORM, fill, network

    site = build(tiny, trusted_proxies=proxies, base_url="https://learn.example.org")
    fill(site, "register:" + network(site, "10.0.0.1"), throttle.PER_NETWORK_NEW)
    visitor = site.visitor()
    visitor.client.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    forwarded = {
        "X-Forwarded-For": "10.0.0.1, 203.0.113.7",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
    }
    page = visitor.post("/register", FORM, follow=False, **forwarded)
    assert page.status == (429 if limited else 200)
    assert "evil.example" not in page.html


# next=, and the language


LOCAL = ["/courses/tiny/one/second", "/search?q=plan", "/?x=https://evil.example/", "/notes#a", "/a:b@c"]
HOSTILE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "/\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "evil.example",
    " //evil.example/",
    "http:evil.example",
    "?next=x",
    "",
    "\u0000",
]


TARGETS: list[Any] = [(one, one) for one in LOCAL] + [(one, "/") for one in HOSTILE]


def test_after_signing_in_one_stays_on_this_site(site: Site) -> None:
    site.account("litia")
    for target, expected in TARGETS:
        visitor = site.visitor()
        fields = {"login": "litia", "password": PASSWORD, "next": target}
        page = visitor.post("/sign-in", fields, follow=False)
        assert (page.status, page.headers.getlist("Location")) == (303, [expected])
        again = visitor.get("/sign-in?" + urlencode({"next": target}), status=303, follow=False)
        assert again.headers["Location"] == expected
        assert "a=b" not in str(again.headers)


def test_the_pages_carry_no_hostile_target(site: Site) -> None:
    for path in ("/sign-in", "/register"):
        for target in HOSTILE[:8]:
            page = site.visitor().get(f"{path}?{urlencode({'next': target})}")
            assert [one for one in page.links() if "evil" in one] == []
            assert "next" not in page.form(path).fields


MOVES: list[Any] = [
    ("/courses/tiny/one/first?lang=fr", "/courses/tiny/one/first"),
    ("/search?q=a%26b&lang=fr&x=1&x=2", "/search?q=a%26b&x=1&x=2"),
    ("/%5Cevil.example/?lang=fr", "/"),
    ("/%0d%0aSet-Cookie:%20a=b?lang=fr", "/"),
    ("/verify/%E2%80%AE?lang=fr&lang=en", "/verify/%E2%80%AE"),
    ("/nowhere?lang=ar-XB", "/nowhere"),
]


def test_a_change_of_language_keeps_the_place(site: Site) -> None:
    for path, location in MOVES:
        visitor = site.visitor()
        page = visitor.get(path, status=303, follow=False)
        assert page.headers["Location"] == location
        assert cookie(visitor, "language") == ("ar-XB" if "ar-XB" in path else "fr")


TAGS: list[Any] = ["xx", "FR", "fr-CA", "../fr", "<script>", "", "en;fr", "é", "\u0000", "a" * 5000]


def test_an_unknown_language_changes_nothing(site: Site) -> None:
    for tag in TAGS:
        visitor = site.visitor()
        page = visitor.get(f"/help?lang={quote(tag)}")
        assert (page.status, cookie(visitor, "language"), 'lang="en"' in page.html) == (200, None, True)
        visitor.headers["Cookie"] = f'language="{tag}"' if tag.isascii() and tag.isprintable() else "language=x"
        assert 'lang="en"' in visitor.get("/help").html


ACCEPTED: list[Any] = [
    ("fr", "fr"),
    ("fr-CA,en;q=0.5", "fr"),
    ("en;q=0.1,fr;q=0.9", "fr"),
    ("ar-XB", "en"),
    ("fr;q=0", "en"),
    ("fr;q=nan,fr;q=inf,fr;q=-1", "en"),
    ("," * 5000 + "fr", "en"),
    ("*", "en"),
    ("", "en"),
]


def test_the_browsers_language(site: Site) -> None:
    for header, language in ACCEPTED:
        visitor = site.visitor()
        visitor.headers["Accept-Language"] = header
        assert visitor.get("/help").html.partition('<html lang="')[2].partition('"')[0] == language


def test_an_attempt_goes_on_in_the_other_language(site: Site) -> None:
    one = member(site)
    first = open_quiz(one.visitor, site, "tiny", "one")
    french = one.visitor.get(f"{first.path}?lang=fr")
    assert (french.path, 'lang="fr"' in french.html) == (first.path, True)
    assert french.h1 != first.h1


def test_the_language_links_lead_to_pages_that_open(site: Site) -> None:
    """Also from a page that was reached by a button."""
    one = member(site)
    pages = [
        one.visitor.get("/search?q=plan"),
        one.visitor.post("/checks/check-first", {"answer": "1", "csrf_token": one.csrf}),
        one.visitor.post("/account/recovery", {"csrf_token": one.csrf, "password": PASSWORD}),
    ]
    for page in pages:
        address = next(link for link in page.links() if "lang=fr" in link)
        assert one.visitor.get(address).status == 200
        assert "q=plan" in address or page is not pages[0]
        one.visitor.get("/?lang=en")


# Search


SEARCHES: list[Any] = [
    "<script>alert(1)</script>",
    '"><b>',
    "' OR 1=1 --",
    "%",
    "_",
    "\\",
    "(((",
    "[a-",
    "a" * 5000,
    "\u202eabc",
    "\u0000",
    "ﷺ" * 100,
    "{{7*7}}",
    "%(x)s %s",
    "&amp;",
    "\ue000csrf\ue001",
    "\u0301" * 100,
    " ",
]


def test_a_search_for_anything_answers_with_a_page(site: Site) -> None:
    for wanted in SEARCHES:
        page = site.visitor().get("/search?" + urlencode({"q": wanted}))
        assert page.status == 200
        assert page.html.count("<script") == 0
        assert "49" not in page.h1


def test_a_search_finds_what_holds_all_words(site: Site) -> None:
    visitor = site.visitor()
    assert "/courses/tiny/two/plan" in visitor.get("/search?q=PLAN+does").links()
    assert "Nothing found." in visitor.get("/search?q=plan+zebra").main


# Everything that a visitor may open


def test_every_public_page_opens_without_an_account(site: Site) -> None:
    pages = [
        "/",
        "/courses/tiny/",
        "/courses/tiny/one/",
        "/courses/tiny/one/first",
        "/courses/tiny/one/print",
        "/courses/tiny/one/file",
        "/courses/tiny/file",
        "/courses/tiny/quizzes/one",
        "/courses/tiny/quizzes/tiny-final",
        "/glossary",
        "/sources",
        "/search",
        "/help",
        "/privacy",
        "/accessibility",
        "/verify",
        "/sign-in",
        "/register",
        "/reset",
        "/robots.txt",
        "/healthz",
        "/favicon.ico",
    ]
    assert [page for page in pages if site.visitor().get(page, None, follow=False).status != 200] == []


def test_the_sources_of_quizzes_have_no_address(site: Site) -> None:
    visitor = site.visitor()
    tried = [
        "/quizzes/one.md",
        "/quizzes/",
        "/modules/one.md",
        "/course/tiny.yml",
        "/static/../quizzes/one.md",
        "/static/..%2fquizzes%2fone.md",
        "/static/%2e%2e/config.py",
        "/instance/secret",
        "/library.current",
        "/.git/config",
        "/lontar.sqlite",
        "/config.py",
        "/static/",
        "/courses/tiny/quizzes/one.md",
        "/courses/tiny/quizzes/",
        "/checks/one-single",
    ]
    assert {path: status(visitor, path) for path in tried if status(visitor, path) not in (404, 405)} == {}
    assert send(visitor, "/checks/one-single", {"answer": "1"}) == 404
    assert send(visitor, "/checks/final-pay", {"answer": "1"}) == 404


def test_checks_store_nothing(site: Site) -> None:
    one: Member = member(site)
    token = one.csrf
    before = rows(site)
    for answer in ("1", "2", "", "99", "<b>"):
        assert send(one.visitor, "/checks/check-first", {"answer": answer, "csrf_token": token}) in (200, 422)
        assert send(site.visitor(), "/checks/check-first", {"answer": answer}) in (200, 422)
    assert rows(site) == before


def rows(site: Site) -> dict[str, int]:
    with open_session(site.engine, write=False) as session:
        names = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return {name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}
