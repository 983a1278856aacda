"""Pairs from a two-column table, answered with a select list for each row.

The answer has a letter of the right column, or "", for each row: ["B", "", "A"]. Equal right cells are one choice; a
row with nothing on its left adds a choice that fits nowhere.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from app.core.content import Struct
from app.core.papers import Drawn
from app.core.questions._shared import (
    LETTERS,
    NOTHING,
    Feedback,
    Fields,
    Lines,
    by_text,
    first,
    index_of,
    letter,
    order_of,
    part,
    place,
    plain_text,
    whole,
)

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render

ROW = re.compile(r"\s{0,3}\|")
_RULE = re.compile(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*")
_BAR = re.compile(r"(?<!\\)\|(?![^\[\]]*\]\])")  # not the one of [[term|shown words]]


class Body(Struct):
    """The headings of the two columns, the left cells, the different right cells, and which of these fits each row."""

    columns: tuple[str, str]
    rows: tuple[str, ...]
    choices: tuple[str, ...]
    fits: tuple[int, ...]


def begin(lines: Sequence[str]) -> int:
    return first(lines, ROW)


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    cells = list(_cells(source, lines))
    heads = [render.inline(text, cells[0][0]) for text in cells[0][1:]] if cells else ["", ""]
    cells = cells[1:]
    rights = list(dict.fromkeys(right for _, _, right in cells))
    pairs = [(number, left, right) for number, left, right in cells if left]
    _check(source, cells, pairs, rights)
    places = {right: number for number, _, right in reversed(cells)}
    return Body(
        columns=(heads[0], heads[1]),
        rows=tuple(render.inline(left, number, pictures=True) for number, left, _ in pairs),
        choices=tuple(render.inline(right, places[right]) for right in rights),
        fits=tuple(rights.index(right) for _, _, right in pairs),
    )


def key(body: Body) -> object:
    return [len(body.choices), list(body.fits)]


def wordings(body: Body) -> object:
    """Which text fits which row, so that pairs which change partners are another key."""
    return [sorted(body.choices).index(body.choices[fit]) for fit in body.fits]


def names(body: Body) -> frozenset[str]:
    return frozenset()


def draw(body: Body, chance: Random) -> Drawn:
    return Drawn(order=by_text(body.choices, chance))


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> list[str] | None:
    """The select of row n (from 1) is called `<name>_n`."""
    order = order_of(drawn, len(body.choices))
    picked = [place(fields, f"{name}_{row}", order) for row in range(1, len(body.rows) + 1)]
    return None if set(picked) <= {None} else ["" if one is None else letter(one) for one in picked]


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    hits = sum(one == fit for one, fit in zip(chosen(body, value), body.fits, strict=True))
    return whole(part(hits, len(body.fits)), partial) if body.fits else NOTHING


def right(body: Body, drawn: Drawn) -> list[str]:
    return [letter(fit) for fit in body.fits]


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    share = grade(body, drawn, value, partial)
    return Feedback(right=share == 1, partly=0 < share < 1, key=said(body, drawn, right(body, drawn)))


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    pairs = zip(body.rows, chosen(body, value), strict=True)
    return "; ".join(f"{row}: {body.choices[one]}" for row, one in pairs if one is not None)


def guess(body: Body, partial: str = "") -> Fraction:
    """Each row by itself, every choice as likely as the others."""
    if not body.rows:
        return Fraction(0)
    return Fraction(1, len(body.choices) ** (len(body.rows) if partial == "none" else 1))


def chosen(body: Body, value: Any) -> list[int | None]:
    """The choice that an answer gives each row; None where it gives none, or junk."""
    given = list(value) if isinstance(value, list | tuple) and len(value) == len(body.rows) else [None] * len(body.rows)
    return [index_of(one, len(body.choices)) for one in given]


def _cells(source: "ItemSource", lines: Lines) -> Iterator[tuple[int, str, str]]:
    """The rows of the table, its heading first, as (line, left, right)."""
    for number, text in lines:
        if not ROW.match(text):
            if text.strip():
                source.fault(number, "match", "This line is no row of the table. Write `| left | right |`.")
        elif not _RULE.fullmatch(text):
            cells = [
                " ".join(cell.replace("\\|", "|").split())
                for cell in _BAR.split(text.strip().removeprefix("|").removesuffix("|"))
            ]
            if len(cells) == 2:
                yield number, cells[0], cells[1]
            else:
                source.fault(number, "match", f"This row has {len(cells)} cells. Write two: `| left | right |`.")


def _check(
    source: "ItemSource", cells: list[tuple[int, str, str]], pairs: list[tuple[int, str, str]], rights: list[str]
) -> None:
    seen: dict[str, int] = {}
    for number, left, right in cells:
        if not right:
            source.fault(number, "match", "The right cell is empty. Fill it, or take the row away.")
        if left and left in seen:
            source.fault(number, "equal-options", f"The left cell is the same as in line {seen[left]}. Change one.")
        seen.setdefault(left, number)
    if len(pairs) < 2 or len(rights) < 2:
        source.fault(source.line, "match", "Matching needs two pairs or more, and two different right cells.")
    if len(rights) > len(LETTERS):
        source.fault(source.line, "match", f"More than {len(LETTERS)} right cells are too many. Take some away.")
    if len({plain_text(right).casefold() for right in rights}) < len(rights):
        source.fault(source.line, "equal-options", "Two right cells differ by case alone. Write them the same.")
