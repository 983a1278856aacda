"""A story with questions under it. It is asked as its questions, one by one, and has no answer of its own."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from app.core.content import Struct
from app.core.papers import Drawn
from app.core.questions._shared import Feedback, Fields, Lines

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render


class Body(Struct):
    """Nothing: the story is the item's stem."""


def begin(lines: Sequence[str]) -> int:
    return len(lines)


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    if not source.questions:
        source.fault(source.line, "scenario", "A scenario has questions under it. Add `### Question {#id .single}`.")
    for question in source.questions:
        if question.kind == source.kind:
            source.fault(question.line, "scenario", "A scenario can't stand in a scenario. Choose another kind.")
    return Body()


def key(body: Body) -> object:
    return []


def wordings(body: Body) -> object:
    return None


def names(body: Body) -> frozenset[str]:
    return frozenset()


def draw(body: Body, chance: Random) -> Drawn:
    return Drawn()


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> None:
    return None


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    return Fraction(0)


def right(body: Body, drawn: Drawn) -> None:
    return None


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    return Feedback(right=None)


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    return ""


def guess(body: Body, partial: str = "") -> Fraction:
    return Fraction(0)
