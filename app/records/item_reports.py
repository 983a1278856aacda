"""Item statistics as authors read them: cards of a quiz, the worst first, and the fairness check of one question."""

from collections import defaultdict
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from app.core import pairings
from app.core.content import Item, Quiz
from app.core.grading import item_of
from app.core.itemcards import FAIR, Card, asked, card, reliability, shares_of
from app.core.pairings import Given, Row
from app.core.papers import Mark, Paper, Question
from app.core.statistics import Count, Fairness, Reliability, fairness
from app.core.tallying import VOID, bands, judging
from app.records import answers, hot, versions
from app.records.sql import Plain

SUMS = Plain("SELECT key_hash, later, option, band, n, seconds FROM item_sum WHERE item = :item AND n > 0")
BY = {
    group: Plain(
        f"SELECT {group}, option, band, sum(n) AS n FROM item_tally"
        f" WHERE item = :item AND key_hash = :key_hash AND later = 0 GROUP BY {group}, option, band"
    )
    for group in ("sex", "language", "region")
}


NEWEST = 1000  # first attempts that are read one by one
LOOK_BACK = 20_000  # attempts among which they are looked for, so that a rare quiz costs no more
# The inner selects name no column behind the paper, so that SQLite need not read the papers of attempts passed over.
ONE_BY_ONE = Plain(
    """
    SELECT attempt.paper, attempt.answers, grade.detail
    FROM (
        SELECT id FROM (SELECT id, quiz, number FROM attempt ORDER BY id DESC LIMIT :back) AS latest
        WHERE quiz = :quiz AND number = 1 ORDER BY id DESC LIMIT :most
    ) AS wanted
    JOIN attempt ON attempt.id = wanted.id
    JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    """
)
PAPER = msgspec.json.Decoder(Paper)
MARKS = msgspec.json.Decoder(tuple[Mark, ...])


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


def rows(session: Session, item: Item) -> tuple[Row, ...]:
    """What the newest first answers to a matching or ordering question put into each row, by its present key."""
    if item.kind not in pairings.KINDS:
        return ()
    given: list[Given] = []
    for row in hot.rows(session, ONE_BY_ONE, {"quiz": item.quiz, "back": LOOK_BACK, "most": NEWEST}):
        if f'"{item.id}"' not in row.paper:
            continue
        paper, marks = PAPER.decode(row.paper), MARKS.decode(row.detail)
        for number, (question, mark) in enumerate(zip(paper.questions, marks, strict=True), 1):
            if question.item == item.id and mark.judged != VOID and _same_key(session, item, question, mark):
                answer = answers.unpack(row.answers).get(number)
                given.append(Given(answer.value if answer else None, bands(marks)[number - 1]))
    return pairings.rows(item, given)


def _same_key(session: Session, item: Item, question: Question, mark: Mark) -> bool:
    by = judging(question, mark)
    return item_of(by, {by.version: versions.kept_item(session, by.version)}).key_hash == item.key_hash


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
