"""What each type owes to `Kind`: the same defaults, forms read by place, and what blind guessing earns."""

import inspect
from fractions import Fraction
from random import Random as Chance
from typing import Any

import pytest

from app.core.content import Item
from app.core.papers import Drawn
from app.core.questions import KINDS, Filler, Kind, body_of, fill, key_hash
from tests.core.banks import BANK, read

STORY = "## Story {#story .scenario}\n\nOnce.\n\n### Who {#who .single}\n\n- [x] A\n- [ ] B\n\n"
DEFAULTS = {
    "read": {"name": "answer"},
    "grade": {"partial": ""},
    "explain": {"partial": "", "language": "en"},
    "said": {"language": "en"},
    "guess": {"partial": ""},
}


def bank() -> dict[str, Item]:
    return {item.id: item for item in read(STORY + BANK)[0]}


def defaults(function: Any) -> dict[str, object]:
    found = inspect.signature(function).parameters.values()
    return {one.name: one.default for one in found if one.default is not one.empty}


def test_every_type_has_the_defaults_of_all() -> None:
    assert (defaults(fill), defaults(key_hash), Filler({}).language) == ({"language": "en"}, {"partial": ""}, "en")
    assert {item.kind for item in bank().values()} == set(KINDS)
    for kind in (Kind, *KINDS.values()):
        assert {name: defaults(getattr(kind, name)) for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize(
    ("id", "order", "sent", "value"),
    [
        ("single", (2, 0, 1, 3), {"answer": ["1"]}, "C"),
        ("true-false", (0, 1), {"answer": ["2"]}, "B"),
        ("multiple", (4, 3, 2, 1, 0), {"answer": ["1", "5", "1"]}, ["A", "E"]),
        ("multiple", (), {}, None),
        ("match", (2, 0, 1), {"answer_1": ["1"], "answer_3": ["2"]}, ["C", "", "A"]),
        ("match", (), {"answer_2": ["3"]}, ["", "C", ""]),
        ("match", (), {"answer_0": ["1"], "answer_4": ["1"]}, None),
        ("order", (1, 0, 2, 3), {"answer_1": ["1"], "answer_4": ["2"]}, [0, 1, 0, 2]),
        ("order", (), {"answer_0": ["1"], "answer_5": ["2"]}, None),
        ("cloze", (2, 1, 0), {"answer_1": ["w"], "answer_2": ["1"]}, ["w", "C"]),
        ("cloze", (), {"answer_0": ["w"], "answer_3": ["w"]}, None),
        ("short", (), {"answer": [" x "]}, "x"),
        ("short", (), {}, None),
        ("reflection", (), {"answer": [" x "]}, "x"),
        ("reflection", (), {}, None),
        ("plain", (), {"answer": ["42."]}, {"text": "42.", "number": "42"}),
        ("plain", (), {}, None),
        ("scale", (), {"answer": ["3"]}, "C"),
        ("several", (), {"answer": ["3", "1"]}, ["A", "C"]),
        ("several", (), {}, None),
        ("story", (), {"answer": ["1"]}, None),
    ],
)
def test_forms_are_read_by_the_place_on_the_page(
    id: str, order: tuple[int, ...], sent: dict[str, list[str]], value: object
) -> None:
    item = bank()[id]
    assert KINDS[item.kind].read(body_of(item, "en"), Drawn(order=order), sent) == value


GUESSED = {
    "single": (Fraction(1, 4), Fraction(1, 4)),
    "true-false": (Fraction(1, 2), Fraction(1, 2)),
    "multiple": (Fraction(7, 64), Fraction(1, 32)),
    "match": (Fraction(1, 3), Fraction(1, 27)),
    "order": (Fraction(1, 4), Fraction(1, 24)),
    "cloze": (Fraction(1, 6), Fraction(0)),
    "short": (Fraction(0), Fraction(0)),
    "scale": (Fraction(0), Fraction(0)),
}


@pytest.mark.parametrize("id", GUESSED)
def test_what_guessing_earns(id: str) -> None:
    item = bank()[id]
    kind, body = KINDS[item.kind], body_of(item, "en")
    assert (kind.guess(body), kind.guess(body, "none")) == GUESSED[id]


def test_guessing_where_most_are_right() -> None:
    (item,) = read("## Q {#q .multiple}\n\n- [x] A\n- [x] B\n- [x] C\n- [ ] D\n")[0]
    assert KINDS["multiple"].guess(body_of(item, "en")) == Fraction(17, 48)


def test_fixed_options_stay_last() -> None:
    (item,) = read("## Q {#q .multiple}\n\n- [x] A {.fixed}\n- [ ] B\n- [ ] C\n")[0]
    assert {KINDS["multiple"].draw(body_of(item, "en"), Chance(n)).order[2] for n in range(9)} == {0}


RIGHT: dict[str, Any] = {
    "single": "B",
    "true-false": "B",
    "multiple": ["A", "C"],
    "match": ["A", "B", "A"],
    "order": [1, 2, 3, 4],
    "cloze": ["missing middle", "A"],
    "short": "Missing middle",
    "reflection": None,
    "scale": None,
    "story": None,
}
SAID = {
    "single": "Second",
    "true-false": "False",
    "multiple": "One; Three",
    "match": "a: one; b: two; c: one",
    "order": "1. Assess; 2. Enrol; 3. Provide; 4. Manage",
    "cloze": "(1) missing middle; (2) formal",
    "short": "Missing middle",
}


@pytest.mark.parametrize("id", RIGHT)
def test_the_right_answer_in_words(id: str) -> None:
    item = bank()[id]
    kind, body = KINDS[item.kind], body_of(item, "en")
    assert body is body_of(item, "en")  # taken apart once, kept with its text
    assert (kind.right(body, Drawn()), kind.said(body, Drawn(), RIGHT[id])) == (RIGHT[id], SAID.get(id, ""))
    assert kind.grade(body, Drawn(), RIGHT[id]) == (id in SAID)
    found = [(kind.grade(body, Drawn(), junk), kind.said(body, Drawn(), junk)) for junk in (None, "", [], {}, 7)]
    assert found == [(0, "")] * 5
