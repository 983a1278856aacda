"""One right answer among several. The answer is its letter in source order: "B"."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from app.core.content import Struct
from app.core.papers import Drawn
from app.core.questions._options import LOOKS_LIKE_OPTION, Option, one_right, parse_options
from app.core.questions._shared import (
    Feedback,
    Fields,
    Lines,
    Remark,
    first,
    full,
    index_of,
    letter,
    order_of,
    place,
    shuffled,
)

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render


class Body(Struct):
    options: tuple[Option, ...]


def begin(lines: Sequence[str]) -> int:
    return first(lines, LOOKS_LIKE_OPTION)


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    options = parse_options(source, lines, render)
    one_right(source, options)
    return Body(options=options)


def key(body: Body) -> object:
    return [len(body.options), right(body, Drawn())]


def wordings(body: Body) -> object:
    return None


def names(body: Body) -> frozenset[str]:
    return frozenset()


def draw(body: Body, chance: Random) -> Drawn:
    fixed = [index for index, option in enumerate(body.options) if option.fixed]
    return Drawn(order=shuffled(len(body.options), chance, fixed))


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> str | None:
    index = place(fields, name, order_of(drawn, len(body.options)))
    return None if index is None else letter(index)


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    option = chosen(body, value)
    return full(option is not None and option.right)


def right(body: Body, drawn: Drawn) -> str | None:
    return next((letter(index) for index, option in enumerate(body.options) if option.right), None)


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    option = chosen(body, value)
    remarks = (Remark(text=option.remark),) if option and option.remark else ()
    key = next((one.text for one in body.options if one.right), "")
    return Feedback(right=option is not None and option.right, remarks=remarks, key=key)


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    option = chosen(body, value)
    return option.text if option else ""


def guess(body: Body, partial: str = "") -> Fraction:
    return Fraction(1, len(body.options)) if body.options else Fraction(0)


def chosen(body: Body, value: Any) -> Option | None:
    """The option that an answer names; None for an empty answer or junk."""
    index = index_of(value, len(body.options))
    return None if index is None else body.options[index]
