"""What every reply says about itself, how long it may be kept, and that what is kept is what was sent."""

import base64
import gzip
import hashlib
import re
from typing import Any

import pytest
from sqlalchemy import text

from app.records.engine import open_session
from tests.web.conftest import Build, Site
from tests.web.members import member
from tests.web.visitor import Visitor

HERE = "http://127.0.0.1:8000"
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def ask(visitor: Visitor, path: str, method: str = "GET", **headers: str) -> Any:
    sent = visitor.headers | headers
    data = "x" * 300_000 if "Large" in headers else None
    return visitor.client.open(path, method=method, base_url=visitor.base, headers=sent, data=data)


def policy_for(body: str) -> str:
    """The policy that this page needs: one hash for the style sheet that stands in it, if one does."""
    found = re.search(r"<style>(.*?)</style>", body, re.DOTALL)
    if not found:
        return POLICY
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    return POLICY.replace("style-src 'self'", f"style-src 'self' 'sha256-{digest}'")


REPLIES = [
    ("GET", "/", {}, 200),
    ("HEAD", "/", {}, 200),
    ("GET", "/courses/tiny/", {}, 200),
    ("GET", "/courses/tiny/one/first", {}, 200),
    ("GET", "/healthz", {}, 200),
    ("GET", "/robots.txt", {}, 200),
    ("GET", "/favicon.ico", {}, 200),
    ("GET", "/help?lang=fr", {}, 303),
    ("GET", "/courses/tiny", {}, 308),
    ("GET", "/account", {}, 401),
    ("POST", "/sign-in", {"Origin": "https://evil.example"}, 403),
    ("GET", "/nowhere", {}, 404),
    ("GET", "/static/nowhere.css", {}, 404),
    ("GET", "/verify/LON-0000", {}, 404),
    ("GET", "/sign-out", {}, 405),
    ("OPTIONS", "/", {}, 200),
    ("POST", "/sign-in", {"Large": "yes"}, 413),
    ("GET", "/", {"Host": "evil.example"}, 421),
    ("POST", "/sign-in", {}, 422),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), REPLIES)
@pytest.mark.parametrize("base_url", [HERE, "https://learn.example.org"])
def test_every_reply_carries_the_protections(
    build: Build, tiny: Any, base_url: str, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    reply = ask(build(tiny, base_url=base_url).visitor(), path, method, **headers)
    expected = FIXED | {"Content-Security-Policy": policy_for(reply.get_data(as_text=True))}
    if base_url.startswith("https"):
        expected["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if method == "HEAD":
        expected["Content-Security-Policy"] = reply.headers["Content-Security-Policy"]
    assert (reply.status_code, {name: reply.headers.getlist(name) for name in expected}) == (
        status,
        {name: [value] for name, value in expected.items()},
    )
    assert "Server" not in reply.headers
    assert ("Strict-Transport-Security" in reply.headers) == base_url.startswith("https")


def test_the_page_of_a_fault_of_ours_carries_them_too(site: Site) -> None:
    site.app.config["RAISE_ERRORS"] = False
    hers = member(site)
    hers.visitor.submit(hers.visitor.get("/courses/tiny/one/first"), "/first/read", status=200)
    with open_session(site.engine, write=True) as session:
        session.execute(text("UPDATE standing SET packed = '{\"Litia'"))
        session.commit()
    reply = ask(hers.visitor, "/courses/tiny/")
    body = reply.get_data(as_text=True)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (500, "no-store")
    assert {name: reply.headers[name] for name in FIXED} == FIXED
    assert reply.headers["Content-Security-Policy"] == policy_for(body)
    assert ("Traceback" in body, "DecodeError" in body) == (False, False)


# How long


@pytest.mark.parametrize(
    ("path", "first_visit", "visitor", "signed_in"),
    [
        ("/", "private, no-cache", "public, max-age=300", "private, no-cache"),
        ("/courses/tiny/", "private, no-cache", "public, max-age=300", "private, no-cache"),
        ("/courses/tiny/one/", "private, no-cache", "public, max-age=300", "private, no-cache"),
        ("/courses/tiny/one/first", "private, no-cache", "public, max-age=300", "private, no-cache"),
        ("/glossary", "private, no-cache", "public, max-age=300", "no-store"),
        ("/courses/tiny/one/print", "private, no-cache", "public, max-age=300", "no-store"),
        ("/courses/tiny/quizzes/one", "no-store", "no-store", "no-store"),
        ("/search?q=plan", "no-store", "no-store", "no-store"),
        ("/sign-in", "no-store", "no-store", "no-store"),
        ("/register", "no-store", "no-store", "no-store"),
        ("/reset?code=7K4M", "no-store", "no-store", "no-store"),
        ("/verify", "no-store", "no-store", "no-store"),
        ("/notes", "no-store", "no-store", "no-store"),
        ("/account", "no-store", "no-store", "no-store"),
        ("/account/data", "no-store", "no-store", "no-store"),
        ("/nowhere", "no-store", "no-store", "no-store"),
        ("/static/nowhere.css", "no-store", "no-store", "no-store"),
        ("/?lang=fr", "no-store", "no-store", "no-store"),
    ],
)
def test_how_long_a_page_may_be_kept(site: Site, path: str, first_visit: str, visitor: str, signed_in: str) -> None:
    new, known, hers = site.visitor(), site.visitor(), member(site).visitor
    ask(known, "/help")
    ask(hers, "/help")
    replies = [ask(one, path) for one in (new, known, hers)]
    assert [one.headers["Cache-Control"] for one in replies] == [first_visit, visitor, signed_in]
    assert {one.headers["Vary"] for one in replies} == {"Cookie, Accept-Encoding, Accept-Language"}
    assert [bool(one.headers.get("ETag")) for one in replies] == [
        kept != "no-store" for kept in (first_visit, visitor, signed_in)
    ]


def test_files_are_kept_for_ever_and_set_no_cookie(site: Site) -> None:
    page = site.visitor().get("/courses/tiny/one/first")
    files = sorted(set(re.findall(r'"(/static/[^"]+)"', page.html)))
    assert len(files) >= 3
    for path in files:
        reply = ask(site.visitor(), path)
        kept = (reply.status_code, reply.headers["Cache-Control"], reply.headers.getlist("Set-Cookie"))
        assert kept == (200, "public, max-age=31536000, immutable", [])
        assert hashlib.sha256(reply.get_data()).hexdigest()[:10] in path


# What is kept is what was sent


PAGES = ["/", "/help", "/glossary", "/courses/tiny/", "/courses/tiny/one/", "/courses/tiny/two/plan"]


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br, gzip;q=0.5", "gzip;q=0", "*"])
def test_a_page_that_is_known_is_not_sent_again(site: Site, encoding: str) -> None:
    visitor = site.visitor()
    ask(visitor, "/help")
    for path in PAGES:
        full = ask(visitor, path, **{"Accept-Encoding": encoding})
        again = ask(visitor, path, **{"Accept-Encoding": encoding, "If-None-Match": full.headers["ETag"]})
        other = ask(visitor, path, **{"Accept-Encoding": encoding, "If-None-Match": '"something else"'})
        assert (path, again.status_code, again.get_data(), other.status_code) == (path, 304, b"", 200)
        assert "Content-Security-Policy" not in again.headers
        assert {name: again.headers[name] for name in FIXED} == FIXED
        assert (again.headers["ETag"], other.headers["ETag"]) == (full.headers["ETag"], full.headers["ETag"])
        assert [again.headers[name] for name in ("Cache-Control", "Vary")] == [
            full.headers[name] for name in ("Cache-Control", "Vary")
        ]


@pytest.mark.parametrize("path", [*PAGES, "/sources", "/nowhere", "/courses/tiny/file"])
def test_a_compressed_page_is_the_same_page(site: Site, path: str) -> None:
    one = member(site)
    for visitor in (site.visitor(), one.visitor):
        ask(visitor, "/help")
        plain, packed = (ask(visitor, path, **{"Accept-Encoding": kind}) for kind in ("identity", "gzip"))
        assert ("Content-Encoding" in plain.headers, packed.headers.get("Content-Encoding")) == (False, "gzip")
        assert steady(gzip.decompress(packed.get_data())) == steady(plain.get_data())
        assert len(packed.get_data()) < len(plain.get_data())
        assert plain.headers.get("ETag") is None or plain.headers["ETag"] != packed.headers["ETag"]


def steady(body: bytes) -> bytes:
    """A page without the time at which its forms were made."""
    return re.sub(rb'name="issued" value="\d+"', b"", body)


def test_the_tag_changes_with_whatever_the_page_shows(site: Site) -> None:
    one = member(site)
    other = member(site, "other", "Ana Tuilagi")
    path = "/courses/tiny/one/second"
    seen = []

    def look(visitor: Visitor, **headers: str) -> None:
        reply = ask(visitor, path, **headers)
        assert (reply.status_code, reply.headers["ETag"]) not in seen
        seen.append((200, reply.headers["ETag"]))

    visitor = site.visitor()
    look(visitor)  # with the style sheet in it
    look(visitor)
    look(visitor, **{"Accept-Encoding": "gzip"})
    look(visitor, **{"Accept-Language": "fr"})
    look(one.visitor)
    look(one.visitor)
    look(site.browser(one.id))
    look(other.visitor)
    one.visitor.submit(one.visitor.get(path), f"{path}/read", status=200)
    look(one.visitor)
    one.visitor.post("/account/profile", {"name": "Litia V.", "csrf_token": one.csrf, "language": "en"}, status=200)
    look(one.visitor)


def test_no_page_of_one_person_is_shown_to_another(site: Site) -> None:
    """The same shells serve all: what belongs to one reader never stays behind in them."""
    people = [member(site, f"person-{number}", f"Name of {number}") for number in range(3)]
    for one in people:
        one.visitor.post("/notes/first-step", {"text": f"note of {one.login}", "csrf_token": one.csrf}, status=200)
    marks = [(one.csrf, f"Name of {number}", f"note of {one.login}") for number, one in enumerate(people)]
    for path in ("/courses/tiny/", "/courses/tiny/two/plan"):
        for number, one in enumerate(people):
            body = one.visitor.get(path).html
            foreign = [mark for other, marked in enumerate(marks) if other != number for mark in marked if mark in body]
            assert (foreign, marks[number][0] in body, marks[number][1] in body) == ([], True, True)
            assert (marks[number][2] in body) == path.endswith("plan")
        public = site.visitor().get(path).html
        assert [mark for marked in marks for mark in marked if mark in public] == []
        assert "\ue000" not in public + body


def test_a_note_may_hold_anything(site: Site) -> None:
    """Also the marks of the shells, and what would end its box."""
    one = member(site)
    text_ = "\ue000csrf\ue001 </textarea><script>alert(1)</script> {{ 7*7 }} &amp; \n\n{{name}} 😀"
    for path in ("/notes/first-step", "/notes/first-report"):
        one.visitor.post(path, {"text": text_, "csrf_token": one.csrf}, status=200)
    page = one.visitor.get("/courses/tiny/two/plan")
    assert page.form("/notes/first-step").fields["text"] == ["\n" + text_] or page.form("/notes/first-step").fields[
        "text"
    ] == [text_]
    assert page.html.count("<script") == 1
    assert "alert(1)</script>" not in one.visitor.get("/notes").html
