"""One server and one Chromium for all tests of this folder; each test opens windows of its own."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.routing import Map

from tests import wire
from tests.browser import chromium, patterns, places
from tests.browser.places import Place
from tests.learners import Learner
from tests.serving import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with chromium.browser() as started:
        yield started


@pytest.fixture(scope="session")
def server(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The shipped course, served as people serve it; started only where there is a browser to look at it. By one
    process, since each makes ready for itself what pages are made of."""
    with Server(tmp_path_factory.mktemp("instance"), {"workers": "1"}) as running:
        yield running


@pytest.fixture(scope="session")
def all_places(server: Server) -> list[Place]:
    """Every page in every state, with the people who see it."""
    return places.make(server)


@pytest.fixture(scope="session")
def routes(server: Server) -> Map:
    return patterns.routes_of(server.library)


@pytest.fixture(scope="session")
def one_of_each(routes: Map, all_places: list[Place]) -> list[Place]:
    """The first and the last place of each kind of page."""
    return patterns.ends(routes, all_places)


Open = Callable[..., Page]
Asked = Callable[[Place], wire.Reply]


@pytest.fixture(scope="session")
def asked(server: Server) -> Asked:
    """The reply to somebody who has been here before; each place is asked once, whoever looks at it."""
    look = ask(server, "/").cookies[0].partition(";")[0]
    return cache(lambda place: ask(server, place.path, *own_cookies(place), look))


def ask(server: Server, path: str, *cookies: str) -> wire.Reply:
    headers = {"Cookie": "; ".join(cookies)} if cookies else {}
    return wire.ask(server.port, wire.request("GET", path, f"127.0.0.1:{server.port}", headers))


def own_cookies(place: Place) -> list[str]:
    return [place.who.cookie] if place.who else []


@pytest.fixture
def open_window(chrome: Browser, server: Server) -> Iterator[Open]:
    """Opens windows: `width` in CSS pixels, with or without scripts, signed in as a learner made in the database."""
    contexts = []

    def open_one(
        width: int = chromium.PHONE, scripts: bool = False, learner: Learner | None = None, **settings: Any
    ) -> Page:
        context = chrome.new_context(
            viewport={"width": width, "height": 740}, java_script_enabled=scripts, locale="en-GB", **settings
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        if learner:
            context.add_cookies([{"name": "lontar", "value": learner.token, "url": server.base}])
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
