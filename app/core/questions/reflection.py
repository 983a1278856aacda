"""An open question with a rubric to compare one's own answer with; no points. The answer is the text as typed."""

import re
from collections.abc import Sequence
from fractions import Fraction
from html import escape
from random import Random
from typing import TYPE_CHECKING, Any

from app.core.content import Struct
from app.core.papers import Drawn
from app.core.questions._shared import Feedback, Fields, Lines, first, one

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render

POINT = re.compile(r"[-*+]\s+(.*\S)\s*")


class Body(Struct):
    """What a good answer has, each point as inline HTML."""

    rubric: tuple[str, ...]


def begin(lines: Sequence[str]) -> int:
    return first(lines, POINT)


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    points: Lines = []
    for number, text in lines:
        if point := POINT.fullmatch(text):
            points.append((number, point[1]))
        elif points and text.startswith("  ") and text.strip():
            points[-1] = (points[-1][0], f"{points[-1][1]} {text.strip()}")
        elif text.strip():
            source.fault(number, "reflection", "This line belongs to no point of the rubric. Write `- text`.")
    if not points:
        source.fault(source.line, "reflection", "There is nothing to compare an answer with. Add points `- text`.")
    return Body(rubric=tuple(render.inline(text, number) for number, text in points))


def key(body: Body) -> object:
    return [len(body.rubric)]


def wordings(body: Body) -> object:
    return None


def names(body: Body) -> frozenset[str]:
    return frozenset()


def draw(body: Body, chance: Random) -> Drawn:
    return Drawn()


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> str | None:
    return one(fields, name) or None


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    return Fraction(0)


def right(body: Body, drawn: Drawn) -> None:
    return None


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    return Feedback(right=None, rubric=body.rubric)


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    return escape(value).replace("\n", "<br>") if isinstance(value, str) else ""


def guess(body: Body, partial: str = "") -> Fraction:
    return Fraction(0)
