"""axe-core on every page in every state, on a phone and on a screen; none of them scrolls sideways."""

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.places import Place
from tests.browser.test_layout import visit
from tests.serving import Server


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "ar-XB"])
def test_axe_finds_nothing(chrome: Browser, server: Server, all_places: list[Place], width: int, language: str) -> None:
    context = chrome.new_context(viewport={"width": width, "height": 740}, bypass_csp=True, locale="en-GB")
    context.add_cookies([{"name": "language", "value": language, "url": server.base}])
    page = context.new_page()
    found = {}
    for place in all_places:
        visit(page, server, place)
        found[place.name] = [*chromium.violations(page), *filter(None, [chromium.wider(page)])]
    context.close()
    wrong = {name: rules for name, rules in found.items() if rules}
    print(f"\naxe at {width} px, {language}: {len(found)} pages, {sum(map(len, wrong.values()))} violations")
    assert wrong == {}
