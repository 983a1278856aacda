"""axe-core on every page in every state, on a phone and on a screen; none of them scrolls sideways."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from app.ops.watching import Checker
from app.web import preview
from config import Config
from tests.browser import chromium
from tests.browser.places import Place
from tests.browser.test_layout import visit
from tests.serving import ROOT, Server, free_port


@pytest.mark.prove
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


@pytest.fixture(scope="module")
def working_copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a preview of the shipped course."""
    config = Config(content=ROOT, instance=tmp_path_factory.mktemp("preview"), languages=("en", "fr", "ar-XB"))
    config = preview.settings(config, free_port())
    with Checker(config) as checker:
        server = make_server("127.0.0.1", config.port, preview.build(config, checker), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield config.base_url
        server.shutdown()
        server.server_close()


@pytest.mark.prove
@pytest.mark.parametrize("language", ["en", "ar-XB"])
def test_axe_finds_nothing_in_a_preview(chrome: Browser, working_copy: str, tmp_path: Path, language: str) -> None:
    """The files, a module, sections, a quiz with all its questions, ten draws; the glossary."""
    wrong, count = {}, 0
    for width in (360, 1280):
        context = chrome.new_context(viewport={"width": width, "height": 740}, bypass_csp=True, locale="en-GB")
        context.add_cookies([{"name": "language", "value": language, "url": working_copy}])
        page = context.new_page()
        page.goto(f"{working_copy}/author/quizzes/why")
        items = page.eval_on_selector_all("main a[href*='/author/items/']", "all => all.map(one => one.pathname)")
        page.goto(f"{working_copy}/author/preview/why")
        sections = page.eval_on_selector_all("main a[href*='/preview/why/']", "all => all.map(one => one.pathname)")
        fixed = ["/author", "/author/preview/why", "/author/quizzes/why", "/author/quizzes/why/draws", "/glossary"]
        for path in (*fixed, *sections[:2], *dict.fromkeys(items)):
            reply = page.goto(working_copy + path)
            assert reply
            assert (path, reply.status) == (path, 200)
            found = [*chromium.violations(page), *filter(None, [chromium.wider(page)])]
            count += 1
            if found:
                wrong[f"{path} at {width} px"] = found
        context.close()
    print(f"\naxe in a preview, {language}: {count} pages, {sum(map(len, wrong.values()))} violations")
    assert wrong == {}
