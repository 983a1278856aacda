"""A question without right or wrong, whose answers are counted; it may always stay empty.

How the options are written says how it is answered: `1.` `2.` are the steps of a scale, `- ( )` options of which one is
chosen, `- [ ]` options of which any number is. The answer is a letter ("B"), or letters where several may be chosen.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from app.core.content import Struct
from app.core.papers import Drawn
from app.core.questions._shared import (
    LETTERS,
    Feedback,
    Fields,
    Lines,
    at,
    first,
    folded,
    index_of,
    letter,
    place,
    posted,
)

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render

LINE = re.compile(r"\s{0,3}(?:(?P<step>\d{1,3}[.)])|[-*+]\s+(?P<open>[(\[])(?P<mark>[^)\]]?)[)\]])\s+(?P<text>.*\S)\s*")
LOOKS_LIKE_OPTION = re.compile(r"\s{0,3}(?:\d{1,3}[.)]\s|[-*+]\s+[(\[])")
SCALE, ONE, SEVERAL = "scale", "one", "several"
OF_GRADED = ("points", "partial", "level", "exact")  # attributes that a question without a grade has no use for


class Body(Struct):
    """`form`: scale, one or several. `choices`: the steps or options as inline HTML, always shown in this order."""

    form: str
    choices: tuple[str, ...]


def begin(lines: Sequence[str]) -> int:
    return first(lines, LOOKS_LIKE_OPTION)


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    _refuse_grading(source)
    texts: Lines = []
    form = ""
    for number, text in lines:
        if option := LINE.fullmatch(text):
            form = form or _form(option)
            _check_option(source, number, option, form)
            texts.append((number, option["text"]))
        elif texts and text.startswith("  ") and text.strip():
            texts[-1] = (texts[-1][0], f"{texts[-1][1]} {text.strip()}")
        elif text.strip():
            source.fault(number, "survey", "This line is no option. Write `1. text`, `- ( ) text` or `- [ ] text`.")
    _check_number(source, texts)
    return Body(form=form or ONE, choices=tuple(render.inline(text, number) for number, text in texts))


def _form(option: re.Match[str]) -> str:
    return SCALE if option["step"] else ONE if option["open"] == "(" else SEVERAL


def _check_option(source: "ItemSource", number: int, option: re.Match[str], form: str) -> None:
    if _form(option) != form:
        source.fault(number, "survey", "The options are written in two ways. Write all as `1.`, as `- ( )` or `- [ ]`.")
    if (option["mark"] or "").strip():
        source.fault(number, "survey", "In a survey nothing is right or wrong. Take the mark out of the brackets.")


def _check_number(source: "ItemSource", texts: Lines) -> None:
    if len(texts) < 2:
        source.fault(source.line, "options", "A survey's question needs two options or more. Write `- ( ) text`.")
    if len(texts) > len(LETTERS):
        source.fault(texts[len(LETTERS)][0], "options", f"Use at most {len(LETTERS)} options.")
    seen: dict[str, int] = {}
    for number, text in texts:
        other = seen.setdefault(folded(text), number)
        if other != number:
            source.fault(number, "equal-options", f"This option is the same as in line {other}. Change one.")


def _refuse_grading(source: "ItemSource") -> None:
    """What belongs to questions with a right answer."""
    for name in OF_GRADED:
        if name in source.attributes:
            source.fault(source.line, "survey", f"A survey is not graded, so `{name}=` says nothing. Take it out.")
    if "practice" in source.flags:
        source.fault(source.line, "survey", "A survey is no practice. Take `.practice` out.")
    for number, text in source.lines:
        if text.lstrip().startswith(">"):
            source.fault(number, "survey", "Nobody is told anything after an answer. Move this text above the options.")


def key(body: Body) -> object:
    return [body.form, len(body.choices)]


def wordings(body: Body) -> object:
    """The options, so that answers to other ones are never counted together with these."""
    return list(body.choices)


def names(body: Body) -> frozenset[str]:
    return frozenset()


def draw(body: Body, chance: Random) -> Drawn:
    """The order of the file for everybody: answers are compared."""
    return Drawn(order=tuple(range(len(body.choices))))


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> str | list[str] | None:
    order = range(len(body.choices))
    if body.form == SEVERAL:
        return [letter(index) for index in sorted({at(order, text, name) for text in posted(fields, name)})] or None
    index = place(fields, name, order)
    return None if index is None else letter(index)


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    return Fraction(0)


def right(body: Body, drawn: Drawn) -> None:
    return None


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    return Feedback(right=None)


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    return "; ".join(body.choices[index] for index in chosen(body, value))


def guess(body: Body, partial: str = "") -> Fraction:
    return Fraction(0)


def chosen(body: Body, value: Any) -> list[int]:
    """The places (from 0) of the options that an answer names, in order; none for an empty answer or junk."""
    given = value if body.form == SEVERAL and isinstance(value, list | tuple) else [value]
    return sorted({index for one in given if (index := index_of(one, len(body.choices))) is not None})
