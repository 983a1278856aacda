"""Every page in every state: it answers, never scrolls sideways, axe finds nothing; narrow, wide, right to left."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.browser.places import Place
from tests.serving import Server

WIDTHS = (320, 1280)
AXE_LOOKS_AT = {
    *("home", "outline halfway", "section three-lives, signed in", "question match", "question cloze", "review"),
    *("result failed", "certificate of completion", "register", "admin overview"),
}


def visit(page: Page, server: Server, place: Place) -> int:
    """Open a page as the person who sees it; returns the status."""
    page.context.clear_cookies(name="lontar")
    if place.who:
        page.context.add_cookies([{"name": "lontar", "value": place.who.token, "url": server.base}])
    reply = page.goto(server.base + place.path, wait_until="domcontentloaded")
    assert reply is not None
    return reply.status


@pytest.mark.parametrize("language", ["en", "ar-XB"])
def test_no_page_scrolls_sideways(chrome: Browser, server: Server, all_places: list[Place], language: str) -> None:
    context = chrome.new_context(viewport={"width": 320, "height": 740}, java_script_enabled=False, locale="en-GB")
    context.add_cookies([{"name": "language", "value": language, "url": server.base}])
    page = context.new_page()
    wrong = []
    texts = [place for place in all_places if place.name.startswith("section")]
    looked_at = [place for place in all_places if language == "en" or place not in texts[1:]]
    for place in looked_at:
        status = visit(page, server, place)
        if status != place.status:
            wrong.append((place.name, status))
        for width in WIDTHS[: 1 if place in texts[1:] else 2]:  # what fits a phone fits a desk
            page.set_viewport_size({"width": width, "height": 740})
            if found := chromium.wider(page):
                wrong.append((place.name, found))
    context.close()
    assert wrong == []


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
