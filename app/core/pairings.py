"""What was matched with what, and which step was put where: the answers to one question, looked at row by row.

The tallies count such answers by what they were worth alone, since the ways to answer are too many to be counted each.
So these figures are of the newest answers, read one by one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from app.core.content import Item
from app.core.itemcards import LEAST, Line
from app.core.questions import body_of, match, order
from app.core.questions._shared import letter
from app.core.statistics import Count, choices

KINDS = ("match", "order")


class Given(NamedTuple):
    """One answer, and the band of the rest of its paper (`app.core.tallying`)."""

    value: Any
    band: int


class Row(NamedTuple):
    """A row of the question: its text as HTML, and what became of each choice for it, the key marked."""

    text: str
    lines: tuple[Line, ...]


def rows(item: Item, given: Sequence[Given]) -> tuple[Row, ...]:
    """The rows of a matching or ordering question; none of another kind, or for too few answers."""
    if item.kind not in KINDS or len(given) < LEAST:
        return ()
    body = body_of(item, next(iter(item.texts)))
    if item.kind == "match":
        names = [(letter(place), text) for place, text in enumerate(body.choices)]
        chosen = [[letter(one) if one is not None else "" for one in match.chosen(body, one.value)] for one in given]
        return _rows(body.rows, names, chosen, given, lambda row: letter(body.fits[row]))
    names = [(str(place), "") for place in range(1, len(body.steps) + 1)]
    chosen = [[str(place or "") for place in order.placed(body, one.value)] for one in given]
    return _rows(body.steps, names, chosen, given, lambda row: str(row + 1))


def _rows(
    texts: Sequence[str],
    names: Sequence[tuple[str, str]],
    chosen: Sequence[Sequence[str]],
    given: Sequence[Given],
    key: Callable[[int], str],
) -> tuple[Row, ...]:
    found = []
    for row, text in enumerate(texts):
        seen = Counter((one[row], answer.band) for one, answer in zip(chosen, given, strict=True))
        counts = [Count(option, band, n) for (option, band), n in seen.items()]
        shown = [*names, *([("", "")] if any(one.option == "" for one in counts) else [])]
        became = choices(counts, {option: [option] for option, _ in shown})
        lines = (Line(one, words, one.option == key(row)) for one, (_, words) in zip(became, shown, strict=True))
        found.append(Row(text, tuple(lines)))
    return tuple(found)
