"""Several right answers. The answer is the letters in source order: ["A", "C"]."""

from collections.abc import Sequence
from fractions import Fraction
from math import comb
from random import Random
from typing import TYPE_CHECKING, Any

from app.core.content import Struct
from app.core.papers import Drawn
from app.core.questions._options import LOOKS_LIKE_OPTION, Option, parse_options
from app.core.questions._shared import (
    NOTHING,
    Feedback,
    Fields,
    Lines,
    Remark,
    at,
    first,
    index_of,
    letter,
    order_of,
    part,
    posted,
    shuffled,
    whole,
)

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render


class Body(Struct):
    options: tuple[Option, ...]


def begin(lines: Sequence[str]) -> int:
    return first(lines, LOOKS_LIKE_OPTION)


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    options = parse_options(source, lines, render)
    if options and not any(option.right for option in options):
        source.fault(source.line, "no-right-answer", "No option is marked [x]. Mark the right ones.")
    if options and all(option.right for option in options):
        source.fault(source.line, "no-wrong-answer", "Every option is marked [x]. Add one that is wrong.")
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


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> list[str] | None:
    order = order_of(drawn, len(body.options))
    return [letter(index) for index in sorted({at(order, text, name) for text in posted(fields, name)})] or None


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    """Right minus wrong over the number right, never below 0."""
    marked = chosen(body, value)
    hits = sum(option.right for _, option in marked)
    wanted = sum(option.right for option in body.options)
    return whole(part(2 * hits - len(marked), wanted), partial) if wanted else NOTHING


def right(body: Body, drawn: Drawn) -> list[str]:
    return [letter(index) for index, option in enumerate(body.options) if option.right]


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    share = grade(body, drawn, value, partial)
    return Feedback(
        right=share == 1,
        partly=0 < share < 1,
        remarks=tuple(Remark(text=one.remark, about=one.text) for _, one in chosen(body, value) if one.remark),
        key="; ".join(option.text for option in body.options if option.right),
    )


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    return "; ".join(option.text for _, option in chosen(body, value))


def guess(body: Body, partial: str = "") -> Fraction:
    """The mean over all subsets of the options, each as likely as the others.

    A subset loses what it lacks of the right options and has of the wrong ones: as many lose so much as choose so many.
    """
    wanted = sum(option.right for option in body.options)
    count = len(body.options)
    if not wanted:
        return Fraction(0)
    if partial == "none":
        return Fraction(1, 2**count)
    gains = sum((wanted - lost) * comb(count, lost) for lost in range(wanted))
    return Fraction(gains, wanted * 2**count)


def chosen(body: Body, value: Any) -> list[tuple[int, Option]]:
    """The options that an answer names, in source order; junk names none."""
    found = {index_of(one, len(body.options)) for one in value} if isinstance(value, list | tuple) else set()
    return [(index, option) for index, option in enumerate(body.options) if index in found]
