"""Pages in their states: they answer, never scroll sideways, axe finds nothing; narrow, wide, right to left.

Chromium lays out the very bytes that the server sent, in one window without scripts: going to a page costs it three
times as much as its layout. Pages that are gone to are looked at by the other tests here, and all by `make prove`."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from werkzeug.routing import Map

from app.records import people
from app.records.engine import open_session
from tests.browser import chromium, patterns
from tests.browser.conftest import Asked, ask, own_cookies
from tests.browser.places import Place
from tests.serving import Server

PHONE: ViewportSize = {"width": 320, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 740}
DIFFERS_MOST = {
    *("home", "outline halfway", "section three-lives, signed in", "question match", "question cloze", "review"),
    *("result failed", "certificate of completion", "register", "admin overview"),
}
FOR_AXE = DIFFERS_MOST - {"outline halfway", "question cloze", "review"}  # of the same parts as others


def visit(page: Page, server: Server, place: Place) -> int:
    """Open a page as the person who sees it; returns the status."""
    page.context.clear_cookies(name="lontar")
    if place.who:
        page.context.add_cookies([{"name": "lontar", "value": place.who.token, "url": server.base}])
    reply = page.goto(server.base + place.path)  # with its style: without, every page is too wide
    assert reply is not None
    return reply.status


@pytest.fixture
def window(chrome: Browser, server: Server) -> Callable[..., Page]:
    """Opens a window that stands on a page of the site, so that what it is given is shown as one of its pages."""

    def open_one(size: ViewportSize = PHONE, scripts: bool = False) -> Page:
        context = chrome.new_context(viewport=size, java_script_enabled=scripts, bypass_csp=True, locale="en-GB")
        page = context.new_page()
        page.goto(f"{server.base}/reset")
        return page

    return open_one


def test_every_page_has_a_place(routes: Map, all_places: list[Place]) -> None:
    """But a step of a form, and what the shipped course does not have: an older section, a translation."""
    seen = {patterns.endpoint_of(routes, place) for place in all_places}
    assert patterns.pages(routes) - seen == {"account.sign_in_code", "learn.changed", "translations.difference"}


def test_no_page_scrolls_sideways(window: Callable[..., Page], asked: Asked, one_of_each: list[Place]) -> None:
    """Narrow, in both directions of writing: the first and the last place of each kind of page, those of the staff and
    modules to print as they stand."""
    page, wrong = window(), []
    for place in one_of_each:
        reply = asked(place)
        if reply.status != place.status:
            wrong.append((place.name, str(reply.status)))
        page.set_content(reply.text.decode())
        look = as_it_stands if patterns.is_staff(place) or place.path.endswith("/print") else chromium.wider_both_ways
        wrong += [(place.name, found) for found in look(page)]
    page.context.close()
    assert wrong == []


def as_it_stands(page: Page) -> list[str]:
    return [found for found in [chromium.wider(page)] if found]


def test_no_page_scrolls_sideways_when_wide(window: Callable[..., Page], asked: Asked, all_places: list[Place]) -> None:
    page, wrong = window(DESK), {}
    for place in all_places:
        if place.name in DIFFERS_MOST:
            page.set_content(asked(place).text.decode())
            wrong[place.name] = chromium.wider_both_ways(page)
    page.context.close()
    assert wrong == {name: [] for name in DIFFERS_MOST}


def test_no_page_scrolls_sideways_in_another_language(
    window: Callable[..., Page], server: Server, all_places: list[Place]
) -> None:
    page, wrong = window(), {}
    for place in all_places:
        if place.name in DIFFERS_MOST:
            reply = ask(server, place.path, *own_cookies(place), "language=ar-XB")
            page.set_content(reply.text.decode())
            wrong[place.name] = (page.get_attribute("html", "dir"), chromium.wider(page))
    page.context.close()
    assert wrong == dict.fromkeys(DIFFERS_MOST, ("rtl", None))


def test_no_word_is_broken_in_a_narrow_list_of_people(
    window: Callable[..., Page], server: Server, all_places: list[Place]
) -> None:
    place = next(one for one in all_places if one.name == "admin learners")
    with open_session(server.engine, write=True) as session:
        people.register(
            session, login="shown", name="Ana", password_hash="", now=datetime.now(UTC), country="FJ", demo=True
        )
        session.commit()
    page = window({"width": 360, "height": 740})
    page.set_content(ask(server, "/admin/learners?q=shown", *own_cookies(place)).text.decode())
    word = page.locator("td .small", has_text="demonstration")
    assert word.evaluate("one => one.getClientRects().length") == 1  # one line
    assert chromium.wider(page) is None
    page.context.close()


@pytest.mark.prove
@pytest.mark.parametrize("language", ["en", "ar-XB"])
def test_no_page_at_all_scrolls_sideways(
    chrome: Browser, server: Server, all_places: list[Place], language: str
) -> None:
    """Every page, gone to: narrow in both directions of writing, and wide."""
    context = chrome.new_context(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    context.add_cookies([{"name": "language", "value": language, "url": server.base}])
    page, wrong = context.new_page(), []
    for place in all_places:
        status = visit(page, server, place)
        if status != place.status:
            wrong.append((place.name, str(status)))
        wrong += [(place.name, found) for found in sideways(page)]
    context.close()
    print(f"\n{len(all_places)} pages in {language}: {len(wrong)} scroll sideways or answer otherwise")
    assert wrong == []


def sideways(page: Page) -> list[str]:
    """What is wider than the window: as it stands, turned from right to left, and wide."""
    found = chromium.wider_both_ways(page)
    page.set_viewport_size(DESK)
    found += as_it_stands(page)
    page.set_viewport_size(PHONE)
    return found


def test_axe_finds_nothing_on_the_pages_that_differ_most(
    window: Callable[..., Page], asked: Asked, all_places: list[Place]
) -> None:
    page = window({"width": 360, "height": 740}, scripts=True)
    found = {}
    for place in all_places:
        if place.name in FOR_AXE:
            page.set_content(asked(place).text.decode())
            found[place.name] = chromium.violations(page)
    page.context.close()
    assert found == {name: [] for name in FOR_AXE}
