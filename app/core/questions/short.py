"""A few words, for closed answers only. The answer is the text as typed."""

import re
from collections.abc import Sequence
from fractions import Fraction
from html import escape
from random import Random
from typing import TYPE_CHECKING, Any

from app.core.content import Struct
from app.core.papers import Drawn
from app.core.questions._shared import Feedback, Fields, Lines, first, full, one
from app.core.questions._wording import accepted, comparable, strictness, wordings_of

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render

ANSWER = re.compile(r"=\s")
LONGEST = 200


class Body(Struct):
    """The accepted wordings, the first one shown as the key; `exact` names what is not folded."""

    answers: tuple[str, ...]
    exact: tuple[str, ...] = ()


def begin(lines: Sequence[str]) -> int:
    return first(lines, ANSWER)


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    answers: tuple[str, ...] = ()
    for number, text in lines:
        if text.startswith("="):
            answers += wordings_of(text.removeprefix("="))
        elif text.strip():
            source.fault(number, "short", "This line is no part of the answer. Write `= one wording / another`.")
    exact = strictness(source)
    if not comparable(answers, exact):
        source.fault(source.line, "no-right-answer", "No answer is given. Write `= one wording / another`.")
    return Body(answers=answers, exact=exact)


def key(body: Body) -> object:
    return list(body.exact)


def wordings(body: Body) -> object:
    return list(body.answers)


def names(body: Body) -> frozenset[str]:
    return frozenset()


def draw(body: Body, chance: Random) -> Drawn:
    return Drawn()


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> str | None:
    return one(fields, name, LONGEST) or None


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    return full(accepted(value, body.answers, body.exact))


def right(body: Body, drawn: Drawn) -> str:
    return comparable(body.answers, body.exact)


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    return Feedback(right=grade(body, drawn, value) == 1, key=escape(comparable(body.answers, body.exact)))


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    return escape(value) if isinstance(value, str) else ""


def guess(body: Body, partial: str = "") -> Fraction:
    return Fraction(0)
