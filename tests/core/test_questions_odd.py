"""Over twenty odd forms for every type of question: each is read as nothing, read as what a browser could have sent, or
refused in words at one of its fields. What is kept can always be shown and judged."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from app.core.content import Item
from app.core.questions import KINDS
from tests.core.banks import GRADED, ITEMS
from tests.core.test_questions import body, drawn, form_of, some_answer, taken

Form = dict[str, list[str]]
Odd = Callable[[Form], Form]


def every(word: str) -> Odd:
    """The word in each field."""
    return lambda form: {key: [word] for key in form}


def with_first(change: Callable[[list[str]], list[str]]) -> Odd:
    """The first field changed."""
    return lambda form: {name: change(sent) if name == next(iter(form)) else sent for name, sent in form.items()}


ODD: dict[str, Odd] = {
    "nothing sent": lambda form: {},
    "all fields empty": every(""),
    "fields without a value": lambda form: {key: [] for key in form},
    "the first one missing": lambda form: dict(list(form.items())[1:]),
    "each value doubled": lambda form: {name: sent * 2 for name, sent in form.items()},
    "two different values": with_first(lambda sent: [*sent, "2", "1"]),
    "an option that is not there": every("99"),
    "an option before the first": every("0"),
    "a letter for a number": every("A"),
    "another type's field": lambda form: {"answer_2": ["1"], "answer_9": ["x"], "text": ["y"]},
    "a word": every("none of your business"),
    "very long": every("9" * 5000),
    "a huge number": every("1e400"),
    "negative": every("-1"),
    "not a number": every("NaN"),
    "infinity": every("inf"),
    "a fraction": every("1.5"),
    "digits of Thailand": every("๑"),
    "digits of Bengal": every("১২"),
    "Arabic digits with marks from right to left": every("\u200f\u0661\u200e"),
    "a right-to-left override": every("\u202e1"),
    "full-width digits": every("１"),
    "spaces around": with_first(lambda sent: [f" {one}\u00a0" for one in sent]),
    "a null character": every("1\x00"),
    "line breaks": every("1\r\nX: y"),
    "markup": every("<script>alert(1)</script>"),
    "another language's comma": every("1,5"),
    "the letters of another question": every("single"),
}


def test_there_are_twenty_and_more() -> None:
    assert len(ODD) >= 20
    assert {item.kind for item in ITEMS.values()} | {"scenario"} == set(KINDS)


@pytest.mark.parametrize("id", sorted(ITEMS))
def test_odd_forms_are_read_as_something_that_can_be_shown_or_refused_in_words(id: str) -> None:
    item, chance = ITEMS[id], drawn(ITEMS[id], 3)
    proper = form_of(item, chance, some_answer(item, chance))
    wrong = {name: found for name, odd in ODD.items() if (found := fault(item, chance, odd(proper)))}
    assert wrong == {}


def fault(item: Item, chance: Any, form: Form) -> str:
    """What is wrong with how a form was taken; "" where nothing is."""
    value, refused = taken(item, chance, form)
    if refused:
        return "" if refused.message and refused.field.startswith("answer") else f"refused without words: {refused!r}"
    packed = msgspec.json.encode(value)
    kept = msgspec.json.decode(packed)
    kind = KINDS[item.kind]
    said = kind.said(body(item), chance, kept, "en")
    if len(packed) > 12_000 or "\x00" in said:
        return f"kept {len(packed)} bytes: {said[:40]!r}"
    if item.id in GRADED:
        share = kind.grade(body(item), chance, kept, item.partial)
        if not 0 <= share <= Fraction(1):
            return f"worth {share}"
    again, refusal = (
        taken(item, chance, form_of(item, chance, kept)) if kept is not None and refittable(item) else (value, None)
    )
    return (
        ""
        if refusal is None and msgspec.to_builtins(again) == msgspec.to_builtins(value)
        else f"{value!r} is not read again"
    )


def refittable(item: Item) -> bool:
    """Whether the form can be made of a kept value alone."""
    return item.kind in ("single", "true-false", "multiple", "match", "short")
