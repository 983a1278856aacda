"""A text with gaps to fill in or to choose for.

The answer has a text or a letter, or "", for each gap: ["missing middle", "A"].
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from html import escape
from itertools import count
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
    first,
    index_of,
    letter,
    one,
    order_of,
    part,
    place,
    plain_text,
    shuffled,
    whole,
)
from app.core.questions._wording import accepted, comparable, strictness, wordings_of

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render

GAP = re.compile(r"\{\{\s*(gap|choose):(.*?)\}\}", re.DOTALL)
HAS_GAP = re.compile(r".*\{\{\s*(?:gap|choose):")
LONGEST = 200
WORDS_BEFORE = 4
LETTERS_BEFORE = 40


class Gap(Struct):
    """A gap to fill in accepts any of `wordings`; one to choose for has `options` and the index of the right one.

    `after` is the text that stands before it, for its label.
    """

    after: str
    wordings: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    right: int = 0


class Body(Struct):
    """`pieces` of HTML around the gaps, one more than there are gaps; `exact` names what is not folded in wordings."""

    pieces: tuple[str, ...]
    gaps: tuple[Gap, ...]
    exact: tuple[str, ...] = ()


def begin(lines: Sequence[str]) -> int:
    """The beginning of the first paragraph with a gap."""
    start = first(lines, HAS_GAP)
    while 0 < start < len(lines) and lines[start - 1].strip():
        start -= 1
    return start


def parse(source: "ItemSource", lines: Lines, render: "Render") -> Body:
    text = "\n".join(line for _, line in lines)
    number = lines[0][0] if lines else source.line
    written = [(number + text[: found.start()].count("\n"), found[1], found[2]) for found in GAP.finditer(text)]
    if not written:
        source.fault(source.line, "cloze", "There is no gap. Write `{{gap: word}}` or `{{choose: *right / wrong}}`.")
        return Body(pieces=("",), gaps=())
    numbers = count()
    html = render.block(GAP.sub(lambda _: f"{{{{gap{next(numbers)}}}}}", text), number)
    pieces = re.split(r"\{\{gap[0-9]+\}\}", html)
    if len(pieces) != len(written) + 1:
        source.fault(number, "cloze", "A gap stands where none can be shown. Take it out of code and links.")
    before = _before(pieces)
    exact = strictness(source)
    gaps = tuple(_gap(source, *gap, after, exact) for gap, after in zip(written, before, strict=False))
    return Body(pieces=tuple(pieces), gaps=gaps, exact=exact)


def key(body: Body) -> object:
    """Wordings differ from language to language, options do not."""
    return [[len(gap.options), gap.right] for gap in body.gaps] + [list(body.exact)]


def wordings(body: Body) -> object:
    return [list(gap.wordings) for gap in body.gaps]


def names(body: Body) -> frozenset[str]:
    return frozenset()


def draw(body: Body, chance: Random) -> Drawn:
    """The options of all gaps are numbered on; those of each gap are shuffled among themselves."""
    order: list[int] = []
    for gap in body.gaps:
        order += [len(order) + index for index in shuffled(len(gap.options), chance)]
    return Drawn(order=tuple(order))


def orders(body: Body, drawn: Drawn) -> list[list[int]]:
    """For each gap the order in which its options stand on the page; empty for a gap to fill in."""
    flat = order_of(drawn, sum(len(gap.options) for gap in body.gaps))
    found, start = [], 0
    for gap in body.gaps:
        source = list(range(len(gap.options)))
        own = [index - start for index in flat[start : start + len(source)]]
        found.append(own if sorted(own) == source else source)
        start += len(source)
    return found


def read(body: Body, drawn: Drawn, fields: Fields, name: str = "answer") -> list[str] | None:
    """The input of gap n (from 1) is called `<name>_n`."""
    answers = []
    for number, order in enumerate(orders(body, drawn), 1):
        if order:
            index = place(fields, f"{name}_{number}", order)
            answers.append("" if index is None else letter(index))
        else:
            answers.append(one(fields, f"{name}_{number}", LONGEST))
    return answers if any(answers) else None


def grade(body: Body, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
    hits = sum(_fits(body, gap, one) for gap, one in zip(body.gaps, given(body, value), strict=True))
    return whole(part(hits, len(body.gaps)), partial) if body.gaps else NOTHING


def right(body: Body, drawn: Drawn) -> list[str]:
    return [letter(gap.right) if gap.options else comparable(gap.wordings, body.exact) for gap in body.gaps]


def explain(body: Body, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
    share = grade(body, drawn, value, partial)
    return Feedback(right=share == 1, partly=0 < share < 1, key=said(body, drawn, right(body, drawn)))


def said(body: Body, drawn: Drawn, value: Any, language: str = "en") -> str:
    """The words given, gap by gap; a dash for an empty one."""
    words = [_word(gap, one) for gap, one in zip(body.gaps, given(body, value), strict=True)]
    return "; ".join(f"({number}) {word or '–'}" for number, word in enumerate(words, 1)) if any(words) else ""


def guess(body: Body, partial: str = "") -> Fraction:
    """Gaps to choose for by chance; nobody guesses a word."""
    chances = [Fraction(1, len(gap.options)) if gap.options else Fraction(0) for gap in body.gaps]
    if not chances:
        return Fraction(0)
    product = Fraction(1)
    for chance in chances:
        product *= chance
    return product if partial == "none" else sum(chances, Fraction(0)) / len(chances)


def given(body: Body, value: Any) -> list[Any]:
    """What an answer gives each gap; junk gives nothing."""
    wanted = len(body.gaps)
    return list(value) if isinstance(value, list | tuple) and len(value) == wanted else [None] * wanted


def _fits(body: Body, gap: Gap, answer: Any) -> bool:
    if gap.options:
        return index_of(answer, len(gap.options)) == gap.right
    return accepted(answer, gap.wordings, body.exact)


def _word(gap: Gap, answer: Any) -> str:
    if gap.options:
        index = index_of(answer, len(gap.options))
        return "" if index is None else escape(gap.options[index])
    return escape(answer) if isinstance(answer, str) else ""


def _gap(source: "ItemSource", line: int, kind: str, text: str, after: str, exact: Sequence[str]) -> Gap:
    texts = wordings_of(text)
    if kind == "gap":
        if not comparable(texts, exact):
            source.fault(line, "no-right-answer", "This gap accepts no word. Write `{{gap: word / other word}}`.")
        return Gap(after=after, wordings=texts)
    starred = [index for index, one in enumerate(texts) if one.startswith("*")]
    options = tuple(one.removeprefix("*").strip() for one in texts)
    if len(starred) != 1:
        source.fault(line, "no-right-answer", "One choice of this gap is right. Write `{{choose: *right / wrong}}`.")
    if not 2 <= len(options) <= len(LETTERS):
        source.fault(line, "options", "A gap to choose for needs two choices or more: `{{choose: *right / wrong}}`.")
    if len({one.casefold() for one in options}) < len(options):
        source.fault(line, "equal-options", "Two choices of this gap are the same. Change one.")
    return Gap(after=after, options=options, right=starred[0] if starred else 0)


def _before(pieces: Sequence[str]) -> list[str]:
    """The last words before each gap, with an ellipsis for the gaps among them."""
    found = []
    for end in range(1, len(pieces)):
        text = plain_text(" … ".join(pieces[:end]))
        found.append(" ".join(text.split()[-WORDS_BEFORE:])[-LETTERS_BEFORE:].strip(" …"))
    return found
