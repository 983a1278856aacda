"""Every page in every state: it answers, never scrolls sideways, and axe finds nothing; three widths and directions."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.browser.places import Place
from tests.serving import Server

AXE_LOOKS_AT = {
    *("home", "outline halfway", "section three-lives, signed in", "question match", "question cloze", "review"),
    *("result failed", "certificate of completion", "register", "admin overview"),
}


def look(chrome: Browser, server: Server, all_places: list[Place], width: int, language: str = "en") -> list[str]:
    """What is wrong with the pages at this width."""
    context = chrome.new_context(viewport={"width": width, "height": 740}, java_script_enabled=False, locale="en-GB")
    context.add_cookies([{"name": "language", "value": language, "url": server.base}])
    page = context.new_page()
    wrong = []
    for place in all_places:
        status = visit(page, server, place)
        if status != place.status:
            wrong.append(f"{place.name}: {status}")
        if found := chromium.wider(page):
            wrong.append(f"{place.name}: {found}")
    context.close()
    return wrong


def visit(page: Page, server: Server, place: Place) -> int:
    """Open a page as the person who sees it; returns the status."""
    page.context.clear_cookies(name="lontar")
    if place.who:
        page.context.add_cookies([{"name": "lontar", "value": place.who.token, "url": server.base}])
    reply = page.goto(server.base + place.path, wait_until="domcontentloaded")
    assert reply is not None
    return reply.status


@pytest.mark.parametrize("width", [chromium.PHONE, chromium.SCREEN])
def test_no_page_scrolls_sideways(chrome: Browser, server: Server, all_places: list[Place], width: int) -> None:
    assert look(chrome, server, all_places, width) == []


@pytest.mark.parametrize("width", [chromium.PHONE, chromium.SCREEN])
def test_nor_from_right_to_left(chrome: Browser, server: Server, all_places: list[Place], width: int) -> None:
    assert look(chrome, server, all_places, width, "ar-XB") == []


def test_axe_finds_nothing_on_the_pages_that_differ_most(
    chrome: Browser, server: Server, all_places: list[Place]
) -> None:
    page = chrome.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, locale="en-GB").new_page()
    found = {}
    for place in all_places:
        if place.name in AXE_LOOKS_AT:
            visit(page, server, place)
            found[place.name] = chromium.violations(page)
    page.context.close()
    assert found == {name: [] for name in AXE_LOOKS_AT}
