"""Addresses: what was found before is found again, and only that."""

from typing import Any
from uuid import UUID

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import (
    AnyConverter,
    BaseConverter,
    BuildError,
    IntegerConverter,
    Map,
    PathConverter,
    RequestRedirect,
    Rule,
    UUIDConverter,
)

from app.web import places
from app.web.places import LateRule, Place
from tests.web.conftest import Site


def place(site: Site, path: str, method: str = "GET", known: Any = None) -> Place:
    environ = {"HTTP_HOST": "127.0.0.1:8000", "wsgi.url_scheme": "http", "REQUEST_METHOD": method, "PATH_INFO": path}
    return Place(site.app.url_map, environ, {} if known is None else known)


def test_an_address_is_remembered_with_values_of_its_own(site: Site) -> None:
    known: dict[Any, Any] = {}
    first = place(site, "/courses/tiny/one/first", known=known).match(return_rule=True)
    first[1]["course"] = "spoilt"
    rule, values = place(site, "/courses/tiny/one/first", known=known).match(return_rule=True)
    assert (rule.endpoint, values) == ("learn.section", {"course": "tiny", "module": "one", "section": "first"})
    assert list(known) == [("GET", "/courses/tiny/one/first")]


@pytest.mark.parametrize(
    ("path", "method", "fault"),
    [
        ("/nowhere/at/all/of/it", "GET", NotFound),
        ("/attempts/00000000-0000-0000-0000-000000000000/hand-in", "GET", MethodNotAllowed),
        ("/courses/tiny", "GET", RequestRedirect),
    ],
)
def test_what_is_no_page_is_not_remembered(site: Site, path: str, method: str, fault: type[Exception]) -> None:
    known: dict[Any, Any] = {}
    for _ in range(2):
        with pytest.raises(fault):
            place(site, path, method, known).match(return_rule=True)
    assert known == {}


def test_another_method_is_another_page(site: Site) -> None:
    known: dict[Any, Any] = {}
    path = "/courses/tiny/quizzes/one"
    found = [place(site, path, method, known).match(return_rule=True)[0].endpoint for method in ("GET", "POST", "GET")]
    assert found == ["quiz.start", "quiz.open", "quiz.start"]


def test_not_more_is_remembered_than_fits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST", 3)
    known: dict[Any, Any] = {}
    for number in range(10):
        place(site, f"/courses/c{number}/", known=known).match(return_rule=True)
        assert len(known) <= 3


def test_bytes_of_an_address_are_read_as_utf_8(site: Site) -> None:
    path = "/courses/cours-é/".encode().decode("latin1")
    assert place(site, path).match(return_rule=True)[1] == {"course": "cours-é"}
    assert place(site, "/courses/\xff/").match(return_rule=True)[1] == {"course": "\ufffd"}


def fitting(converter: BaseConverter) -> object:
    """A value that an address can hold at this place."""
    known = {IntegerConverter: 7, PathConverter: "a b/é", UUIDConverter: UUID(int=7)}
    return min(converter.items) if isinstance(converter, AnyConverter) else known.get(type(converter), "a bé")


def test_addresses_are_written_as_werkzeug_writes_them(site: Site) -> None:
    rules = list(site.app.url_map.iter_rules())
    at_once = Map([Rule(one.rule, endpoint=one.endpoint, methods=one.methods, defaults=one.defaults) for one in rules])
    ours, theirs = site.app.url_map.bind("lontar.example"), at_once.bind("lontar.example")
    assert {type(one) for one in rules} == {LateRule}
    for one in rules:
        values = {name: fitting(converter) for name, converter in one._converters.items()}
        for unknown in ({}, {"page": "2"}):  # one that stands in no rule goes behind the question mark
            for _ in range(2):
                assert ours.build(one.endpoint, values | unknown) == theirs.build(one.endpoint, values | unknown)
    with pytest.raises(BuildError):
        ours.build("learn.section", {"course": "tiny"})
