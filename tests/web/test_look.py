"""How pages weigh and read: the budgets of a first visit, and no string that has missed its translation."""

import gzip
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest

from app.core.content import Library
from app.web.assets import Assets, compress
from tests.web.conftest import Build, Site
from tests.web.visitor import Page, Visitor, X

FIRST_VISIT = 14_600  # one initial TCP window
HEADERS_OF_A_FILE = 350  # of each request for a script or a picture, rounded up
TINY = ("/courses/tiny/", "/courses/tiny/quizzes/one")
ABOUT = ("/help", "/privacy", "/accessibility", "/verify", "/search?q=qwertz", "/glossary", "/sources", "/nowhere")
PUBLIC = ("/", *TINY, "/courses/tiny/one/", *ABOUT, "/sign-in", "/register", "/reset")
PERSONAL = ("/", *TINY, "/notes", "/account", *(f"/account/{one}" for one in ("profile", "password", "recovery")))
PERSONAL += ("/account/data", "/account/erase")
LATIN = re.compile(r"[A-Za-z]{3,}")


def weight(page: Page) -> int:
    """Bytes on the wire: status line, headers and the compressed body."""
    head = sum(len(name) + len(value) + 4 for name, value in page.headers.items()) + 20
    return head + len(compress(page.body))


def files(page: Page, assets: Assets) -> int:
    """Bytes of the scripts and pictures that a page asks for, each once, with their headers."""
    names = set(re.findall(r'(?:src|icon" href)="/static/([^"]+)"', page.html))
    return sum(len(assets.served[name].packed or b"") + HEADERS_OF_A_FILE for name in names)


def test_a_section_fits_into_one_window_on_a_first_visit(build: Build, shipped: Library) -> None:
    site = build(shipped)
    assets = site.app.extensions["assets"]
    course = next(iter(shipped.courses.values()))
    weights = {}
    for id in course.modules:
        for section in shipped.modules[id].sections:
            page = site.visitor().get(f"/courses/{course.id}/{id}/{section.id}")
            assert "<style>" in page.html
            weights[f"{id}/{section.id}"] = weight(page) + files(page, assets)
    assert {where: size for where, size in weights.items() if size >= FIRST_VISIT} == {}


@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 9_000), ("/courses/{course}/", 9_000), ("/sign-in", 9_000), ("/glossary", 40_000), ("/sources", 40_000)],
)
def test_pages_stay_within_their_budget(build: Build, shipped: Library, path: str, most: int) -> None:
    visitor = build(shipped).visitor()
    visitor.get("/")  # from the second page on the style is linked
    page = visitor.get(path.format(course=next(iter(shipped.courses))))
    assert "<style>" not in page.html
    assert len(gzip.compress(page.body, 9)) < most


def stray(element: Element, foreign: bool = False) -> Iterator[str]:
    """Texts in Latin letters in the page's own language; names, countries and marked texts are left out."""
    named = element.tag in (f"{X}bdi", f"{X}style", f"{X}title") or element.get("name") in ("country", "language")
    foreign = foreign or named or (element.tag != f"{X}html" and element.get("lang") is not None)
    if not foreign:
        spoken = [element.text, element.get("aria-label"), element.get("data-sending"), element.get("data-failed")]
        yield from (text.strip() for text in spoken if text and LATIN.search(text))
    for child in element:
        yield from stray(child, foreign)
        if not foreign and child.tail and LATIN.search(child.tail):
            yield child.tail.strip()


def untranslated(visitor: Visitor, path: str) -> list[str]:
    page = visitor.get(path, status=None)
    assert page.tree is not None
    assert page.tree.get("dir") == "rtl"
    known = ("Lontar", "CC BY", "LON-7K4M", "UTC", "[Test RTL]")
    return [text for text in stray(page.tree) if not any(word in text for word in known)]


@pytest.mark.parametrize("path", PUBLIC)
def test_a_visitor_reads_no_string_that_missed_its_translation(site: Site, path: str) -> None:
    visitor = site.visitor()
    visitor.get("/?lang=ar-XB")
    assert untranslated(visitor, path) == []


@pytest.mark.parametrize("path", PERSONAL)
def test_a_learner_reads_no_string_that_missed_its_translation(site: Site, path: str) -> None:
    learner = site.learner()
    learner.get("/?lang=ar-XB")
    assert untranslated(learner, path) == []
