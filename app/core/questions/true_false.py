"""A statement that is true or false: two options in the author's order. The answer is "A" or "B"."""

from random import Random
from typing import TYPE_CHECKING

from app.core.papers import Drawn
from app.core.questions import single
from app.core.questions._shared import Lines
from app.core.questions.single import Body, begin, explain, grade, guess, key, names, read, right, said, wordings

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render

__all__ = [
    "Body",
    "begin",
    "draw",
    "explain",
    "grade",
    "guess",
    "key",
    "names",
    "parse",
    "read",
    "right",
    "said",
    "wordings",
]


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    body = single.parse(source, lines, render)
    if len(body.options) > 2:
        source.fault(source.line, "options", "A true-false question has two options. Take one away or make it .single.")
    return body


def draw(body: Body, chance: Random) -> Drawn:
    return Drawn(order=tuple(range(len(body.options))))
