"""A stranger drops a file: ours, changed, another's, too large, malformed; and how often she may."""

import io
from pathlib import Path
from typing import Any

import pytest

from app.core.content import Library
from app.ops import keys
from app.web import pace
from tests.core.test_seals import bomb, packed, printed, resaved
from tests.ops.test_paper import make_key
from tests.web.conftest import Build, Site
from tests.web.members import send
from tests.web.test_editions import BASE, certified
from tests.web.test_records_shown import UNKNOWN
from tests.web.visitor import Page


@pytest.fixture
def site(build: Build, tiny: Library) -> Site:
    made = build(tiny, base_url=BASE, issuer_name="Institute of the Isles", trusted_proxies=1)
    assert keys.ensure(made.engine, made.config, made.now) is None
    return made


def drop(site: Site, data: bytes, name: str = "certificate.pdf", **more: Any) -> Page:
    return site.visitor().post("/verify/file", {"file": (io.BytesIO(data), name)}, **more)


INTACT, CHANGED, NOT_OURS = "not a byte differs", "and proves nothing", "This file is not one of ours."


def test_the_five_answers_to_a_file(site: Site) -> None:
    hers, number = certified(site)
    stranger = site.visitor()
    paper = stranger.get(f"/certificates/{number}.pdf").body
    document = stranger.get(f"/certificates/{number}.json").body
    page = stranger.get("/verify")
    assert page.form("/verify/file").method == "post"
    assert page.html.count("/drop.") == page.html.count("<script") == 1
    for data, name in ((paper, "a.pdf"), (document, "a.json")):
        seen = drop(site, data, name, status=200)
        assert (seen.h1, INTACT in seen.main, "Valid." in seen.main) == (f"Our record for number {number}", True, True)
    flipped = paper.replace(b"/Size ", b"/Sizf ", 1)
    edited = document.replace(b"Litia Vakatawale", b"Litia Vakatawala")
    for data in (flipped, resaved(paper), edited, paper + b"\n9 0 obj"):
        seen = drop(site, data)
        assert (CHANGED in seen.main, INTACT in seen.main, "Litia Vakatawale" in seen.main) == (True, False, True)
    another = document.replace(BASE.encode(), b"https://other.example").replace(number.encode(), UNKNOWN.encode())
    for data in (printed(paper), another, bomb(), b"\xff" * 9, b'{"a": ' * 9000):
        seen = drop(site, data, status=200)
        assert (seen.h1, NOT_OURS in seen.main) == ("Check a certificate", True)
    keys.rotate(site.engine, site.config, site.now)
    assert INTACT in drop(site, paper).main
    clerk = site.administrator()
    action = f"/admin/certificates/{number}/revoke"
    clerk.submit(clerk.get(f"/admin/learners/{hers.id}"), action, reason="rules")
    seen = drop(site, paper)
    assert (INTACT in seen.main, "The rules of the assessment were broken." in seen.main) == (True, True)
    assert packed(paper) != paper


def test_a_file_with_the_signature_of_the_institution(build: Build, tiny: Library, tmp_path: Path) -> None:
    """Its signature is added behind ours: the file is whole where both are, and by the key of today alone."""
    settings = {"base_url": BASE, "issuer_name": "Institute of the Isles", "trusted_proxies": 1}
    site = build(tiny, **settings, **make_key(tmp_path, kind="ec"))
    assert keys.ensure(site.engine, site.config, site.now) is None
    _hers, number = certified(site)
    paper = site.visitor().get(f"/certificates/{number}.pdf").body
    assert b"/ByteRange" in paper
    assert INTACT in drop(site, paper, status=200).main
    for data in (paper + b"\n9 0 obj", paper.replace(b"/Size ", b"/Sizf ", 1), resaved(paper)):
        assert CHANGED in drop(site, data, status=200).main
    (tmp_path / "later").mkdir()
    other = build(tiny, **settings, **make_key(tmp_path / "later", kind="ec"))
    assert CHANGED in drop(other, paper, status=200).main


def test_a_file_that_is_none_too_large_or_malformed(site: Site) -> None:
    assert drop(site, b"", status=422).errors == ["Choose the file of a certificate: the PDF, or the JSON document."]
    assert site.visitor().post("/verify/file", {"other": "x"}, status=422).status == 422
    sent = {"Content-Type": "multipart/form-data; boundary=x"}
    for length in (2_200_000, 100_000_000):
        body = b"--x\r\nContent-Disposition: form-data" + b"x" * 2_200_000
        reply = site.visitor().client.post(
            "/verify/file",
            base_url=BASE,
            headers=site.visitor().headers | sent | {"Origin": BASE},
            data=body,
            environ_overrides={"CONTENT_LENGTH": str(length)},
        )
        assert (reply.status_code, b"has less than 2 MB" in reply.data) == (413, True)
    for body in (b"--x", b"--x\r\nContent-Disposition: form-data\r\n\r\n", b"\0" * 5000, b"--x\r\n" * 5000):
        assert send(site.visitor(), "/verify/file", body, **{"Content-Type": sent["Content-Type"]}) in (422, 413)
    assert send(site.visitor(), "/verify/file", {}, Origin="https://evil.example") == 403


def test_nobody_looks_up_without_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    _hers, number = certified(site)
    monkeypatch.setattr(pace, "MOST", {pace.LOOKS: 8, pace.MISSES: 3, pace.FILES: 2})
    here = {"X_Forwarded_For": "192.0.2.7"}
    for status in (404, 404, 404, 404, 429):
        assert site.visitor(**here).get(f"/verify/{UNKNOWN}", status=status).status == status
    refused = site.visitor(**here).get(f"/verify/{number}", status=429)
    assert (refused.h1, refused.headers["Retry-After"]) == ("Too many certificates at once", "600")
    for status in (200, 200, 429):
        assert drop(site, b"nothing of ours" if status == 200 else b"x", status=status).status == status
    assert site.visitor(X_Forwarded_For="198.51.100.7").get(f"/verify/{number}").status == 200
    site.later(minutes=11)
    assert site.visitor(**here).get(f"/verify/{number}").status == 200
    for status in [200] * 7 + [429]:
        assert site.visitor(**here).get(f"/verify/{number}", status=status).status == status


def test_what_is_remembered_of_networks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "KEPT", 5)
    counted = pace.Pace()
    assert [counted.add(pace.FILES, str(one % 9), 0) for one in range(900)] == [False] * 900
    assert len(counted.counts) == 5


def test_search_engines_keep_no_certificate(site: Site) -> None:
    _hers, number = certified(site)
    for path in ("/verify", f"/verify/{number}", f"/certificates/{number}", f"/certificates/{number}.pdf"):
        assert site.visitor().get(path).headers["X-Robots-Tag"] == "noindex"
    assert site.visitor().get(f"/certificates/{number}.json").headers["X-Robots-Tag"] == "noindex"
