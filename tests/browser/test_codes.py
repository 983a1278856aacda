"""The code on a paper certificate, checked by the browser: on the record's page, and in a file without a network."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.core import short
from app.core.certificates import COMPLETION
from app.core.proofs import SigningKey
from app.ops import keys
from app.records import certificates
from app.records.engine import open_session
from tests import learners
from tests.browser import chromium
from tests.serving import Server

COURSE = "social-protection"
NAME = "ខេមរា សុខ"


@pytest.fixture(scope="module")
def record(server: Server) -> dict[str, Any]:
    """The public record of somebody who finished."""
    who = learners.enter(server.engine, server.secret, "holder", NAME, name_latin="Khemara Sok")
    with open_session(server.engine, write=True) as session:
        learners.certify(session, server.library, who.id, COURSE)
        session.commit()
        found = certificates.of_person(session, who.id, datetime.now(UTC))
    (completed,) = [one.record for one in found if one.kind == COMPLETION]
    assert completed is not None
    return completed


@pytest.fixture(scope="module")
def kept(server: Server, chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page to keep, downloaded as people do it."""
    page = chrome.new_context(accept_downloads=True, locale="en-GB").new_page()
    page.goto(f"{server.base}/verify")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="page to keep (HTML)").click()
    path = tmp_path_factory.mktemp("kept") / waiting.value.suggested_filename
    waiting.value.save_as(path)
    page.context.close()
    return path


def verdict(page: Page) -> str:
    page.wait_for_selector("#signed:not([hidden])")
    return page.inner_text("#signed .box")


def lines(page: Page) -> list[str]:
    return [one.inner_text() for one in page.locator("#signed dd:visible").all()]


NOTHING = (
    "The code is signed by this site, and says that the document certifies nothing: a sample, trial or demonstration."
)
GOOD = "The code is signed by this site."
BAD = "The code is not signed by this site, or was changed. It proves nothing."
EXPIRED = "The code is signed by this site. The document has expired."


def test_a_kept_page_checks_codes_without_a_network(
    chrome: Browser, server: Server, record: dict[str, Any], kept: Path
) -> None:
    key = keys.load(server.config)
    real = record | {"issuer": record["issuer"] | {"name": "Institute"}, "trial": False}
    address = f"{server.base}/verify/{record['number']}#"
    context = chrome.new_context(viewport={"width": 360, "height": 740}, locale="en-GB", offline=True)
    page = context.new_page()
    page.goto(kept.as_uri())
    assert page.locator("#signed").is_hidden()
    cases = {
        address + short.make(real, key): GOOD,
        short.make(real, key): GOOD,
        address + short.make(record, key): NOTHING,
        address + short.make(real | {"expiry": "2020-01-01"}, key): EXPIRED,
        address + short.make(real, SigningKey(bytes(range(32)))): BAD,
        address + short.make(real, key)[:-3] + "AAA": BAD,
        address: BAD,
        "LON-7K4M-2Q9X-HD37": BAD,
        "#L1.!!.??": BAD,
    }
    found = {}
    for text in cases:
        page.fill("#code", text)
        page.click("button")
        page.wait_for_function("text => document.querySelector('#signed .box').textContent === text", arg=cases[text])
        found[text] = verdict(page)
    assert found == cases
    page.fill("#code", address + short.make(real, key))
    page.click("button")
    page.wait_for_function("() => document.querySelector('#signed dd').innerText.startsWith('LON')")
    assert lines(page)[:5] == [
        record["number"],
        "Certificate of completion",
        NAME,
        "Khemara Sok",
        record["course_title"],
    ]
    assert chromium.wider(page) is None
    assert chromium.violations(page) == []
    context.close()


def test_the_code_is_checked_where_it_leads(
    open_window: Callable[..., Page], server: Server, record: dict[str, Any]
) -> None:
    code = short.make(record, keys.load(server.config))
    page = open_window(width=360, scripts=True)
    page.goto(f"{server.base}/verify/{record['number']}#{code}")
    assert (verdict(page), lines(page)) == (NOTHING, [])  # the facts stand in the record beneath
    assert chromium.wider(page) is None
    page.goto("about:blank")
    page.goto(f"{server.base}/verify/{record['number']}#{code[:-4]}AAAA")
    assert verdict(page) == BAD
    other = short.make(record | {"number": "LON-7K4M-2Q9X-HD37"}, keys.load(server.config))
    page.goto("about:blank")
    page.goto(f"{server.base}/verify/{record['number']}#{other}")
    assert verdict(page) == "The code belongs to another number than this page."


def test_a_browser_without_such_signatures_says_so(
    open_window: Callable[..., Page], server: Server, record: dict[str, Any]
) -> None:
    page = open_window(scripts=True)
    page.add_init_script(
        "crypto.subtle.importKey = async () => { throw new DOMException('no', 'NotSupportedError'); };"
    )
    page.goto(f"{server.base}/verify/{record['number']}#{short.make(record, keys.load(server.config))}")
    assert verdict(page) == "This browser cannot check signatures. Look the number up instead, or use a newer browser."


def test_without_scripts_the_record_is_all_there_is(
    open_window: Callable[..., Page], server: Server, record: dict[str, Any]
) -> None:
    page = open_window(scripts=False)
    page.goto(f"{server.base}/verify/{record['number']}#{short.make(record, keys.load(server.config))}")
    assert page.locator("#signed").is_hidden()
    assert NAME in page.inner_text("main")
