"""Item statistics as authors read them: cards of a quiz, the worst first, and the fairness check of one question."""

from collections import defaultdict
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.core.content import Item, Quiz
from app.core.itemcards import FAIR, Card, asked, card, reliability, shares_of
from app.core.statistics import Count, Fairness, Reliability, fairness
from app.records import hot
from app.records.sql import Plain

SUMS = Plain("SELECT key_hash, later, option, band, n, seconds FROM item_sum WHERE item = :item AND n > 0")
BY = {
    group: Plain(
        f"SELECT {group}, option, band, sum(n) AS n FROM item_tally"
        f" WHERE item = :item AND key_hash = :key_hash AND later = 0 GROUP BY {group}, option, band"
    )
    for group in ("sex", "language", "region")
}


class Report(NamedTuple):
    """The cards of a quiz, the worst first; `reliability` where its paper is always the same."""

    cards: tuple[Card, ...]
    reliability: Reliability | None


def report(session: Session, quiz: Quiz) -> Report:
    """What the answers to the questions of a quiz say, by their present keys. Reads the sums alone."""
    first: dict[str, list[Count]] = {}
    cards = [_card(session, item, first) for item in asked(quiz)]
    return Report(tuple(sorted(cards, key=lambda one: one.rank)), reliability(quiz, first))


def of_item(session: Session, item: Item) -> Card:
    """The card of one question."""
    return _card(session, item, {})


def _card(session: Session, item: Item, first: dict[str, list[Count]]) -> Card:
    """The card of a question, from its counts of first answers, which are put into `first`."""
    rows = tuple(hot.rows(session, SUMS, {"item": item.id}))
    kept = KEPT.get(item.id)
    if kept is None or kept.item is not item or kept.rows != rows:
        kept = KEPT[item.id] = _made(item, rows)
    first[item.id] = kept.counts
    return kept.card


class Kept(NamedTuple):
    """A card with what it was made of: it is made anew where its question or its counts are others."""

    item: Item
    rows: tuple[Any, ...]
    counts: list[Count]
    card: Card


KEPT: dict[str, Kept] = {}  # by question; most questions of a list were not answered since somebody looked at it last


def _made(item: Item, rows: tuple[Any, ...]) -> Kept:
    later = others = 0
    counts: list[Count] = []
    for row in rows:
        if row.key_hash != item.key_hash:
            others += row.n
        elif row.later:
            later += row.n
        else:
            counts.append(Count(row.option, row.band, row.n, row.seconds))
    return Kept(item, rows, counts, card(item, counts, later, others))


def fair(session: Session, item: Item) -> dict[str, tuple[Fairness, ...]]:
    """The fairness check by sex, language and region: each group of enough answers against the largest one.

    People who did not say are in no group.
    """
    return {name: _compared(session, item, name) for name in BY}


def _compared(session: Session, item: Item, name: str) -> tuple[Fairness, ...]:
    groups: dict[str, list[Count]] = defaultdict(list)
    for group, option, band, n in hot.rows(session, BY[name], {"item": item.id, "key_hash": item.key_hash}):
        groups[group].append(Count(option, band, int(n)))
    sizes = {group: sum(one.n for one in counts) for group, counts in groups.items() if group}
    large = sorted((group for group, n in sizes.items() if n >= FAIR), key=lambda group: (-sizes[group], group))
    shares = shares_of(item, [one for counts in groups.values() for one in counts])
    found = (fairness(groups, shares, large[0], group) for group in large[1:])
    return tuple(one for one in found if one)
