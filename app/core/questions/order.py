"""Steps to be put in order, answered with a select of its place for each step.

The answer has for each step in source order, which is the right order, its place from 1, or 0 for none: [2, 1, 0].
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import factorial
from random import Random
from typing import TYPE_CHECKING, Any

from app.core.content import Struct
from app.core.papers import Drawn
from app.core.questions._shared import (
    LETTERS,
    N_,
    NOTHING,
    Feedback,
    Fields,
    Lines,
    Unreadable,
    by_text,
    first,
    folded,
    one,
    order_of,
    part,
    whole,
)

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render

STEP = re.compile(r"\s{0,3}[0-9]{1,3}[.)]\s+(.*\S)\s*")


class Body(Struct):
    """The steps as inline HTML, in the right order."""

    steps: tuple[str, ...]


def begin(lines: Sequence[str]) -> int:
    return first(lines, STEP)


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    steps: Lines = []
    for number, text in lines:
        if step := STEP.fullmatch(text):
            steps.append((number, step[1]))
        elif steps and text.startswith("  ") and text.strip():
            steps[-1] = (steps[-1][0], f"{steps[-1][1]} {text.strip()}")
        elif text.strip():
            source.fault(number, "order", "This line belongs to no step. Write `1. text`.")
    if not 2 <= len(steps) <= len(LETTERS):
        source.fault(source.line, "order", f"Ordering needs from 2 to {len(LETTERS)} steps `1. text`.")
    if len({folded(text) for _, text in steps}) < len(steps):
        source.fault(source.line, "equal-options", "Two steps are the same. Change one.")
    return Body(steps=tuple(render.inline(text, number) for number, text in steps))


def key(body: Body) -> object:
    return [len(body.steps)]


def wordings(body: Body) -> object:
    """Where each step stands among the sorted texts, so that another order is another key."""
    return [sorted(body.steps).index(step) for step in body.steps]


def names(body: Body) -> frozenset[str]:
    return frozenset()


def draw(body: Body, chance: Random) -> Drawn:
    return Drawn(order=by_text(body.steps, chance))


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> list[int] | None:
    """The select of the nth step on the page (from 1) is called `<name>_n`; two steps can't share a place."""
    count = len(body.steps)
    by_step = {step: _place(fields, f"{name}_{row}", count) for row, step in enumerate(order_of(drawn, count), 1)}
    places = [by_step[step] for step in sorted(by_step)]
    taken = [place for place in places if place]
    twice = next((place for place in taken if taken.count(place) > 1), None)
    if twice:
        message = N_("Two steps have the place %(place)s. Give each step a place of its own.")
        raise Unreadable(message, f"{name}_1", value=places, values={"place": str(twice)})
    return places if taken else None


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    """The share of right neighbours: steps that stand directly before the one that follows them."""
    places = placed(body, value)
    hits = sum(bool(one) and other == one + 1 for one, other in pairwise(places))
    return whole(part(hits, len(places) - 1), partial) if len(places) > 1 else NOTHING


def right(body: Body, drawn: Drawn) -> list[int]:
    return list(range(1, len(body.steps) + 1))


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    share = grade(body, drawn, value, partial)
    return Feedback(right=share == 1, partly=0 < share < 1, key=said(body, drawn, right(body, drawn)))


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    steps = sorted((place, step) for place, step in zip(placed(body, value), body.steps, strict=True) if place)
    return "; ".join(f"{place}. {step}" for place, step in steps)


def guess(body: Body, partial: str = "") -> Fraction:
    """The mean over all orders: a pair of neighbours comes right in one of n."""
    count = len(body.steps)
    if count < 2:
        return Fraction(0)
    return Fraction(1, factorial(count) if partial == "none" else count)


def placed(body: Body, value: Any) -> list[int]:
    """The place of each step, 0 for none; junk and doubled places give none at all."""
    count = len(body.steps)
    nothing = [0] * count
    if not isinstance(value, list | tuple) or len(value) != count:
        return nothing
    if any(type(place) is not int or not 0 <= place <= count for place in value):
        return nothing
    taken = [place for place in value if place]
    return list(value) if len(set(taken)) == len(taken) else nothing


def _place(fields: Fields, field: str, count: int) -> int:
    text = one(fields, field)
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= count):
        raise Unreadable(N_("Choose one of the places in the list."), field)
    return int(text)
