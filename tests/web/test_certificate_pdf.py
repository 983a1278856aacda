"""The PDF of a certificate over the web: in the language asked for, in black ink, and when there is none."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.content import Library
from tests.core.glyphs import opened, words
from tests.web.conftest import Build, Site
from tests.web.test_records_shown import certified


@pytest.fixture
def number(site: Site) -> str:
    return certified(site)[1]


def title(body: bytes) -> str:
    return words(body).splitlines()[1]  # after the stamp


@pytest.mark.parametrize(
    ("asked", "expected", "name"),
    [
        ("", "Confirmation of participation", ""),
        ("?language=fr", "Attestation de participation", "-fr"),
        ("?language=vi", "Giấy xác nhận tham gia", "-vi"),
        ("?language=vi&plain=", "Giấy xác nhận tham gia", "-vi-plain"),
        ("?language=xx", "Confirmation of participation", ""),
        ("?language=../../etc/passwd", "Confirmation of participation", ""),
        ("?language=fr&language=vi", "Attestation de participation", "-fr"),
        ("?plain=%0d%0aX: y", "Confirmation of participation", "-plain"),
    ],
)
def test_the_holder_chooses_the_language_of_the_paper(
    site: Site, number: str, asked: str, expected: str, name: str
) -> None:
    page = site.visitor().get(f"/certificates/{number}.pdf{asked}")
    assert title(page.body) == expected
    assert page.headers["Content-Disposition"] == f'inline; filename="{number}{name}.pdf"'


def test_every_language_holds_the_same_record(site: Site, number: str) -> None:
    stranger = site.visitor()
    bodies = [stranger.get(f"/certificates/{number}.pdf{asked}").body for asked in ("", "?language=fr", "?plain=")]
    records = [opened(body).attachments["certificate.json"] for body in bodies]
    assert records == [records[0]] * 3


def test_the_page_offers_each_language_and_black_ink(site: Site, number: str) -> None:
    page = site.visitor().get(f"/certificates/{number}")
    offered = [link.partition("?")[2] for link in page.links() if ".pdf" in link]
    assert offered == ["", "language=fr", "language=vi", "plain="]


def letters(site: Site) -> str:
    return certified(site, "han", "Ana \U0003134a Privata")[1]


def template(site: Site) -> str:
    return certified(site)[1]


@pytest.mark.parametrize(
    ("certify", "settings", "shown", "logged"),
    [
        (letters, {}, "lacks a font for a letter", "no font has U+3134A"),
        (template, {"certificate_template": Path("/nowhere")}, "cannot make its PDF just now", "no such file"),
        (template, {"pades_key": Path("/nowhere.p12")}, "cannot make its PDF", "LONTAR_PADES_PASSPHRASE is not"),
    ],
)
def test_the_pdf_follows_and_the_operator_is_told(
    build: Build,
    tiny: Library,
    caplog: pytest.LogCaptureFixture,
    certify: Callable[[Site], str],
    settings: dict[str, Path],
    shown: str,
    logged: str,
) -> None:
    site = build(tiny, **settings)
    number = certify(site)
    stranger = site.visitor()
    with caplog.at_level(logging.ERROR):
        page = stranger.get(f"/certificates/{number}.pdf", status=503)
    assert (page.h1, shown in page.main) == ("The PDF follows", True)
    (line,) = [record.getMessage() for record in caplog.records if "no PDF yet" in record.getMessage()]
    assert line.startswith(f"certificate {number} has no PDF yet: ")
    assert (logged in line, "Privata" in line) == (True, False)
    assert stranger.get(f"/certificates/{number}").h1 == "Confirmation of participation"  # the certificate stands
