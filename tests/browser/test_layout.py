"""Every page in every state: it answers, never scrolls sideways, axe finds nothing; narrow, wide, right to left."""

from playwright.sync_api import Browser, Page, ViewportSize
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, Rule

from app import create_app
from config import Config
from tests.browser import chromium
from tests.browser.places import Place
from tests.serving import Server

PHONE: ViewportSize = {"width": 320, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 740}
CONFIG = Config(secret="0123456789abcdef" * 2, database_url="sqlite:///never-opened", testing=True)
FILES = ("api.", "credentials.", "pages.asset", "pages.health", "pages.icon", "pages.metrics",
         "pages.picture", "pages.robots", "statistics.one_file")  # fmt: skip
ENDINGS = (".csv", ".json", ".pdf", ".zip", "/file", "<any(json,csv):style>")
STAFF = ("/admin", "/author", "/focal")
DIFFERS_MOST = {
    *("home", "outline halfway", "section three-lives, signed in", "question match", "question cloze", "review"),
    *("result failed", "certificate of completion", "register", "admin overview"),
}


def visit(page: Page, server: Server, place: Place) -> int:
    """Open a page as the person who sees it; returns the status."""
    page.context.clear_cookies(name="lontar")
    if place.who:
        page.context.add_cookies([{"name": "lontar", "value": place.who.token, "url": server.base}])
    reply = page.goto(server.base + place.path)  # with its style: without, every page is too wide
    assert reply is not None
    return reply.status


def test_every_page_has_a_place(server: Server, all_places: list[Place]) -> None:
    """But a step of a form, and what the shipped course does not have: an older section, a translation."""
    routes = create_app(CONFIG, server.library).url_map
    seen = {endpoint_of(routes.bind(""), place) for place in all_places}
    pages = {rule.endpoint for rule in routes.iter_rules() if "GET" in (rule.methods or ()) and is_page(rule)}
    assert pages - seen == {"account.sign_in_code", "learn.changed", "translations.difference"}


def is_page(rule: Rule) -> bool:
    return not rule.endpoint.startswith(FILES) and not rule.rule.endswith(ENDINGS)


def endpoint_of(routes: MapAdapter, place: Place) -> str:
    try:
        endpoint, _values = routes.match(place.path.partition("?")[0])
    except HTTPException:
        return place.path
    return str(endpoint)


def test_no_page_scrolls_sideways(chrome: Browser, server: Server, all_places: list[Place]) -> None:
    """Narrow in both directions of writing, and wide; longer words in the other direction: `DIFFERS_MOST`.

    The first and the last place of each kind of page, those of the staff narrow alone; the others: `make prove`."""
    page = narrow(chrome, server, "en")
    wrong = []
    for place in ends(server, all_places):
        status = visit(page, server, place)
        if status != place.status:
            wrong.append((place.name, status))
        look = as_it_stands if is_staff(place) or place.path.endswith("/print") else sideways
        wrong += [(place.name, found) for found in look(page)]
    page.context.close()
    assert wrong == []


def test_no_page_scrolls_sideways_in_another_language(chrome: Browser, server: Server, all_places: list[Place]) -> None:
    page = narrow(chrome, server, "ar-XB")
    wrong = []
    for place in all_places:
        if place.name in DIFFERS_MOST:
            visit(page, server, place)
            wrong += [(place.name, found) for found in [chromium.wider(page)] if found]
    page.context.close()
    assert wrong == []


def ends(server: Server, all_places: list[Place]) -> list[Place]:
    """The first and the last place of each address pattern, for the staff the last; and each module to print, which
    holds all its sections."""
    routes = create_app(CONFIG, server.library).url_map.bind("")
    kinds: dict[str, list[Place]] = {}
    for place in all_places:
        try:
            endpoint, values = routes.match(place.path.partition("?")[0])
        except HTTPException:
            endpoint, values = place.path, {}
        own = values["module"] if endpoint == "learn.print_module" else ""
        kinds.setdefault(f"{endpoint} {own}", []).append(place)
    return [
        place for kind in kinds.values() for place in dict.fromkeys((kind[-1 if is_staff(kind[0]) else 0], kind[-1]))
    ]


def is_staff(place: Place) -> bool:
    return place.path.startswith(STAFF)


def narrow(chrome: Browser, server: Server, language: str) -> Page:
    context = chrome.new_context(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    context.add_cookies([{"name": "language", "value": language, "url": server.base}])
    return context.new_page()


def as_it_stands(page: Page) -> list[str]:
    """Of pages for the staff, and of a module to print, whose sections are looked at one by one as well."""
    return [found for found in [chromium.wider(page)] if found]


def sideways(page: Page) -> list[str]:
    """What is wider than the window: as it stands, turned from right to left, and wide."""
    found = [chromium.wider(page)]
    page.evaluate("document.documentElement.dir = 'rtl'")
    found.append(chromium.wider(page))
    page.set_viewport_size(DESK)
    found.append(chromium.wider(page))
    page.set_viewport_size(PHONE)
    return [one for one in found if one]


def test_axe_finds_nothing_on_the_pages_that_differ_most(
    chrome: Browser, server: Server, all_places: list[Place]
) -> None:
    page = chrome.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, locale="en-GB").new_page()
    found = {}
    for place in all_places:
        if place.name in DIFFERS_MOST:
            visit(page, server, place)
            found[place.name] = chromium.violations(page)
    page.context.close()
    assert found == {name: [] for name in DIFFERS_MOST}
