"""Counts of answers, item by item, kept in the transaction of the hand-in and made anew from the facts.

Who answered is counted as she was at hand-in, which the attempt keeps: a corrected profile changes nothing here. The
answers of a person who is erased are taken out again. A country is counted by the group that `country_group` gives it.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.core.content import Item
from app.core.papers import Mark, Paper
from app.core.tallying import Observation, judging, observations
from app.records import answers, country_groups, hot, versions
from app.records.sql import Many, query, statement

Cell = tuple[Any, ...]  # KEY
NONE = (0, 0)
Counts = dict[Cell, tuple[int, int]]  # how many, and how long they took together
Moved = tuple[list[Cell], list[Cell]]  # what is added to `item_tally` and `item_sum`: cells with how many and how long

BATCH = 5_000  # attempts read at a time
SUM_KEY = ("item", "key_hash", "later", "option", "band")
KEY = (*SUM_KEY, "sex", "language", "region")
NUMBERS = {"later": "integer", "band": "integer", "n": "integer", "seconds": "bigint"}
ADD_WIDE, ADD_NARROW = (
    Many(
        table,
        {one: NUMBERS.get(one, "text") for one in (*key, "n", "seconds")},
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE"
        f" SET n = {table}.n + excluded.n, seconds = {table}.seconds + excluded.seconds",
    )
    for table, key in (("item_tally", KEY), ("item_sum", SUM_KEY))
)
TIDY = (statement("DELETE FROM item_tally WHERE n = 0"), statement("DELETE FROM item_sum WHERE n = 0"))
EMPTY = (statement("DELETE FROM item_tally"), statement("DELETE FROM item_sum"))

COUNTED = query(f"SELECT {', '.join(KEY)}, n, seconds FROM item_tally")
SUMMED = query(f"SELECT {', '.join(SUM_KEY)}, n, seconds FROM item_sum")
ATTEMPTS = """
    SELECT attempt.paper, attempt.answers, attempt.number, attempt.sex, attempt.country, attempt.language, grade.detail
    FROM attempt JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE attempt.handed_in_at IS NOT NULL
"""
ALL, HERS = query(ATTEMPTS), query(ATTEMPTS + " AND attempt.person_id = :person_id")
THEIRS = query(ATTEMPTS.replace("SELECT", "SELECT attempt.id,", 1) + " AND attempt.person_id IN :people")
HANDED_IN = statement("SELECT count(*) FROM (SELECT 1 FROM attempt WHERE handed_in_at IS NOT NULL LIMIT 1) AS one")

PAPER = msgspec.json.Decoder(Paper)
MARKS = msgspec.json.Decoder(tuple[Mark, ...])


def count(found: Iterable[Observation], sign: int = 1) -> Counts:
    """The observations as counts; `sign` -1 takes them away."""
    counts: Counts = {}
    for one in found:
        key = one[:-1]
        n, seconds = counts.get(key, NONE)
        counts[key] = (n + sign, seconds + sign * one.seconds)
    return counts


def merge(counts: Counts, more: Mapping[Cell, tuple[int, int]]) -> None:
    """Add `more` to the counts."""
    for key, (n, seconds) in more.items():
        before = counts.get(key, (0, 0))
        counts[key] = (before[0] + n, before[1] + seconds)


def add(session: Session, counts: Mapping[Cell, tuple[int, int]]) -> None:
    """Move the tallies by these counts, in one order, so that two transactions never wait for each other."""
    narrow = narrowed(counts)
    move(
        session,
        (
            [(*key, *counts[key]) for key in sorted(counts) if counts[key] != NONE],
            [(*key, *narrow[key]) for key in sorted(narrow) if narrow[key] != NONE],
        ),
    )


def move(session: Session, moved: Moved) -> None:
    """The same for rows in order."""
    for table, rows in zip((ADD_WIDE, ADD_NARROW), moved, strict=True):
        hot.many(session, table, rows)


def forget(session: Session, person_id: uuid.UUID) -> None:
    """Take out what a person answered, who is about to be erased."""
    add(session, _count(session, session.execute(HERS, {"person_id": person_id}), sign=-1))
    tidy(session)


def narrowed(counts: Mapping[Cell, tuple[int, int]]) -> Counts:
    """The counts whoever gave the answers."""
    narrow: Counts = {}
    for key, (n, seconds) in counts.items():
        short = key[: len(SUM_KEY)]
        before = narrow.get(short, NONE)
        narrow[short] = (before[0] + n, before[1] + seconds)
    return narrow


def tidy(session: Session) -> None:
    """Drop counts that came down to nothing."""
    for one in TIDY:
        session.execute(one)


# Recounting from the facts


def rebuild(session: Session) -> None:
    """Make the tallies anew from the facts."""
    for one in EMPTY:
        session.execute(one)
    add(session, recount(session))


def missing(session: Session) -> bool:
    """Whether nothing was counted yet although something was handed in: a database of an earlier release."""
    counted = session.execute(COUNTED).first()
    return counted is None and bool(session.execute(HANDED_IN).scalar_one())


def recount(session: Session, step: Callable[[int], None] = lambda _: None) -> Counts:
    """The counts as the facts say; `step` is told how many attempts were read."""
    rows = session.execute(ALL, execution_options={"yield_per": BATCH}).partitions()
    return _count(session, _told(rows, step))


def _told(batches: Iterable[Sequence[Any]], step: Callable[[int], None]) -> Iterator[Any]:
    for batch in batches:
        yield from batch
        step(len(batch))


def compare(session: Session, step: Callable[[int], None] = lambda _: None) -> list[str]:
    """Where the tallies differ from the facts, in words; empty when all agree. `step` is told of attempts read."""
    wide = recount(session, step)
    return [*_differences(session, COUNTED, wide), *_differences(session, SUMMED, narrowed(wide))]


def _differences(session: Session, stored: Any, facts: Counts) -> Iterator[str]:
    unseen, found = {key for key, moved in facts.items() if moved != NONE}, []
    for row in session.execute(stored, execution_options={"yield_per": BATCH}):
        key, stands = tuple(row[:-2]), (row.n, row.seconds)
        unseen.discard(key)
        if stands != facts.get(key, NONE):
            found.append((key, stands))
    for key, stands in sorted([*found, *((key, NONE) for key in unseen)]):
        named = " ".join(str(part) or "-" for part in key)
        said, right = (f"{n} in {seconds} s" for n, seconds in (stands, facts.get(key, NONE)))
        yield f"the count of answers {named} is {said}, the facts say {right}"


class Seen:
    """What recounting has read: the groups of countries, and each version of an item once."""

    def __init__(self, session: Session) -> None:
        self.groups = country_groups.of(session)
        self.items: dict[str, Item] = {}

    def observed(self, session: Session, row: Any) -> list[Observation]:
        """The answers of an attempt, whoever gave them."""
        paper, marks = PAPER.decode(row.paper), MARKS.decode(row.detail)
        for question, mark in zip(paper.questions, marks, strict=True):
            version = judging(question, mark).version
            if version not in self.items:
                self.items[version] = versions.kept_item(session, version)
        given, later = answers.unpack(row.answers), row.number > 1
        found = observations(paper, self.items, given, marks, later=later, sex=None, language=row.language, region="")
        return list(found)

    def add(self, counts: Counts, found: Iterable[Observation], sex: str | None, country: str | None, n: int) -> None:
        """Add these answers, given `n` times by people of this sex and country, to the counts."""
        sex, region = sex or "", self.groups.get(country or "", "")
        for item, key_hash, later, option, band, _sex, language, _region, seconds in found:
            key = (item, key_hash, later, option, band, sex, language, region)
            before, took = counts.get(key, NONE)
            counts[key] = (before + n, took + n * seconds)


class Alike:
    """The answers of some people, to be counted for many others who give the same. Cells are numbers in the order of
    the table meanwhile, which are added up and sorted ten times as fast as their texts."""

    def __init__(self, session: Session, given: Mapping[uuid.UUID, Sequence[Observation]]) -> None:
        self.groups = country_groups.of(session)
        self.heads = sorted({one[: len(SUM_KEY)] for several in given.values() for one in several})
        self.languages = sorted({one.language for several in given.values() for one in several})
        heads, languages = ({one: n for n, one in enumerate(all)} for all in (self.heads, self.languages))
        self.given = {
            id: [(heads[one[: len(SUM_KEY)]], languages[one.language], one.seconds) for one in several]
            for id, several in given.items()
        }

    def count(self, people: Mapping[tuple[uuid.UUID, str, str], int]) -> Moved:
        """What so many people add of whom each gives the answers of somebody, and is of a sex and country."""
        crowds: Counter[tuple[uuid.UUID, str, str]] = Counter()
        for (like, sex, country), n in people.items():
            crowds[like, sex, self.groups.get(country, "")] += n
        whos = sorted({(sex, language, region) for _, sex, region in crowds for language in self.languages})
        ranks, size = {who: n for n, who in enumerate(whos)}, len(whos)
        counts, took = defaultdict[int, int](int), defaultdict[int, int](int)
        for (like, sex, region), n in crowds.items():
            rank = [ranks[sex, language, region] for language in self.languages]
            for head, language, seconds in self.given[like]:
                cell = head * size + rank[language]
                counts[cell] += n
                took[cell] += n * seconds
        wide, sums = [], defaultdict[int, list[int]](lambda: [0, 0])
        for cell in sorted(counts):
            head, who = divmod(cell, size)
            wide.append((*self.heads[head], *whos[who], counts[cell], took[cell]))
            sums[head][0] += counts[cell]
            sums[head][1] += took[cell]
        return wide, [(*self.heads[head], *by) for head, by in sums.items()]


def sheets_of(session: Session, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Observation]]:
    """The answers of these people's attempts, whoever gave them, by attempt."""
    seen = Seen(session)
    return {row.id: seen.observed(session, row) for row in session.execute(THEIRS, {"people": list(people)})}


def _count(session: Session, rows: Iterable[Any], sign: int = 1) -> Counts:
    """What these attempts add, with the versions that judged them."""
    counts, seen = Counts(), Seen(session)
    for row in rows:
        seen.add(counts, seen.observed(session, row), row.sex, row.country, sign)
    return counts
