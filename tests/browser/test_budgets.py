"""What a page costs on the wire, with headers: as Chromium counts it, and as the server sends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import patterns
from tests.browser.conftest import Asked, Open, ask, own_cookies
from tests.browser.places import COURSE, Place
from tests.serving import Server
from tests.wire import Reply

FIRST_WINDOW = 14_600  # ten packets: what a server may send before the first answer from the other end
HTML, LONG_HTML = 9_000, 40_000  # gzip
STYLE, SCRIPT = 4_500, 3_500
LONG = ("print", "sources", "glossary", "admin", "author")
TIGHT = {
    *("home", "outline", "sign in", "home halfway", "outline halfway", "home finished", "outline finished"),
    *("result failed", "result passed", "result of the final", "home asked now"),
    *("survey", "survey answered", "survey at the end", "survey after 90 days"),
}


@dataclass
class Load:
    """What one page asked for: address -> kind, and bytes that came over the wire (none from the cache)."""

    kinds: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        link = page.context.new_cdp_session(page)
        link.send("Network.enable")
        link.on("Network.requestWillBeSent", self.asked)
        link.on("Network.loadingFinished", self.came)

    def asked(self, event: dict[str, Any]) -> None:
        self.names[event["requestId"]] = event["request"]["url"]
        ahead = "prefetch" in event["request"]["headers"].get("Sec-Purpose", "")
        self.kinds[event["request"]["url"]] = "Prefetch" if ahead else event["type"]

    def came(self, event: dict[str, Any]) -> None:
        if address := self.names.get(event["requestId"]):
            self.sizes[address] = self.sizes.get(address, 0) + int(event["encodedDataLength"])

    @property
    def shown(self) -> int:
        """All that this page needs; what is fetched ahead for the next one is of the kind Prefetch."""
        return sum(size for address, size in self.sizes.items() if self.kinds[address] != "Prefetch")


def load(page: Page, server: Server, path: str) -> Load:
    watched = Load()
    watched.watch(page)
    page.goto(server.base + path, wait_until="networkidle")
    elsewhere = [one for one in watched.kinds if not one.startswith((server.base, "data:"))]
    assert elsewhere == []
    return watched


def test_a_section_arrives_in_the_first_window(open_window: Open, server: Server) -> None:
    """The longest section and the first, in the browser; every page by its bytes: the test of budgets below."""
    modules = server.library.modules
    places = [(module, one) for module in server.library.courses[COURSE].modules for one in modules[module].sections]
    over = {}
    for module, one in (places[0], max(places, key=lambda place: place[1].original.words)):
        page = open_window(scripts=True)
        first = load(page, server, f"/courses/{COURSE}/{module}/{one.id}")
        page.context.close()
        if first.shown >= FIRST_WINDOW or len(first.kinds) > 5:
            over[one.id] = (first.shown, first.sizes, first.kinds)
    assert over == {}


def test_coming_back_costs_next_to_nothing(open_window: Open, server: Server, all_places: list[Place]) -> None:
    place = next(one for one in all_places if one.name == "section three-lives, signed in")
    page = open_window(scripts=True, learner=place.who)
    for _ in range(2):
        load(page, server, place.path)
    again = load(page, server, place.path)
    assert 0 < sum(again.sizes.values()) < 1_000


def test_pages_files_and_headers_keep_their_budgets(
    server: Server, asked: Asked, all_places: list[Place], one_of_each: list[Place]
) -> None:
    """Of the staff's pages one of each kind; of first visits the heaviest of those with the same style and script,
    which is what a first visit has more. The others: `make prove`."""
    looked_at = [place for place in all_places if place in one_of_each or not patterns.is_staff(place)]
    heaviest: dict[tuple[str, ...], Place] = {}
    for place in sorted(looked_at, key=lambda place: asked(place).size):
        if place.name.startswith(("section", "question")):
            heaviest[tuple(asked(place).parts)] = place
    first = [place for place in looked_at if place.name in TIGHT or place in heaviest.values()]
    assert over_budget(server, asked, looked_at, first) == []


@pytest.mark.prove
def test_every_page_and_every_first_visit_keeps_its_budget(
    server: Server, asked: Asked, all_places: list[Place]
) -> None:
    first = [place for place in all_places if place.name in TIGHT or place.name.startswith(("section", "question"))]
    print(f"\n{len(all_places)} pages, {len(first)} first visits")
    assert over_budget(server, asked, all_places, first) == []


def over_budget(
    server: Server, asked: Asked, places: Sequence[Place], first: Sequence[Place]
) -> list[tuple[str, str, int]]:
    """What is too heavy: each of `places` when coming back, each of `first` with all it needs, each file."""
    over = [(one.name, "later", asked(one).size) for one in places if asked(one).size > limit_of(one)]
    files = sizes(server, [asked(one) for one in places])
    for place in first:
        reply = ask(server, place.path, *own_cookies(place))
        files |= sizes(server, [reply], files)
        whole = reply.size + sum(files[one] for one in reply.parts)
        over += [(place.name, "first visit", whole)] if whole >= FIRST_WINDOW else []
    over += [(name, "file", size) for name, size in files.items() if size > (STYLE if ".css" in name else SCRIPT)]
    return over


def sizes(server: Server, replies: Sequence[Reply], known: Mapping[str, int] = MappingProxyType({})) -> dict[str, int]:
    """Of the files that these pages need and that are not `known`: what each costs on the wire."""
    needed = dict.fromkeys(one for reply in replies for one in reply.parts)
    return {one: ask(server, one).size for one in needed if one not in known}


def limit_of(place: Place) -> int:
    return LONG_HTML if place.name.startswith(LONG) else HTML
