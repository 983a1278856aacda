"""Counts of answers, item by item, kept in the transaction of the hand-in and made anew from the facts.

Who answered is counted as she was at hand-in, which the attempt keeps: a corrected profile changes nothing here. The
answers of a person who is erased are taken out again. A country is counted by the group that `country_group` gives it.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.core.content import Item
from app.core.papers import Mark, Paper
from app.core.tallying import Observation, judging, observations
from app.records import answers, country_groups, hot, versions
from app.records.sql import Plain, query, statement

Cell = tuple[Any, ...]  # KEY
Counts = dict[Cell, tuple[int, int]]  # how many, and how long they took together

BATCH = 5_000  # attempts read at a time
SUM_KEY = ("item", "key_hash", "later", "option", "band")
KEY = (*SUM_KEY, "sex", "language", "region")
MOVED = (*KEY, "n", "seconds")
ADD = tuple(
    Plain(
        f"""
        INSERT INTO {table} ({", ".join(key)}, n, seconds) VALUES ({", ".join(f":{one}" for one in key)}, :n, :seconds)
        ON CONFLICT ({", ".join(key)}) DO UPDATE
        SET n = {table}.n + excluded.n, seconds = {table}.seconds + excluded.seconds
        """
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
HANDED_IN = statement("SELECT count(*) FROM (SELECT 1 FROM attempt WHERE handed_in_at IS NOT NULL LIMIT 1) AS one")

PAPER = msgspec.json.Decoder(Paper)
MARKS = msgspec.json.Decoder(tuple[Mark, ...])


def count(found: Iterable[Observation], sign: int = 1) -> Counts:
    """The observations as counts; `sign` -1 takes them away."""
    counts: Counts = {}
    for one in found:
        n, seconds = counts.get(one[:-1], (0, 0))
        counts[one[:-1]] = (n + sign, seconds + sign * one.seconds)
    return counts


def merge(counts: Counts, more: Mapping[Cell, tuple[int, int]]) -> None:
    """Add `more` to the counts."""
    for key, (n, seconds) in more.items():
        before = counts.get(key, (0, 0))
        counts[key] = (before[0] + n, before[1] + seconds)


def add(session: Session, counts: Mapping[Cell, tuple[int, int]]) -> None:
    """Move the tallies by these counts, in one order, so that two transactions never wait for each other."""
    rows = [dict(zip(MOVED, (*key, *moved), strict=True)) for key, moved in sorted(counts.items()) if any(moved)]
    for one in ADD:
        hot.many(session, one, rows)


def forget(session: Session, person_id: uuid.UUID) -> None:
    """Take out what a person answered, who is about to be erased."""
    add(session, _count(session, session.execute(HERS, {"person_id": person_id}), sign=-1))
    tidy(session)


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


def recount(session: Session) -> Counts:
    """The counts as the facts say."""
    return _count(session, session.execute(ALL, execution_options={"yield_per": BATCH}))


def compare(session: Session) -> list[str]:
    """Where the tallies differ from the facts, in words; empty when all agree."""
    wide = recount(session)
    narrow: Counts = {}
    for key, moved in wide.items():
        merge(narrow, {key[: len(SUM_KEY)]: moved})
    return [*_differences(session, COUNTED, wide), *_differences(session, SUMMED, narrow)]


def _differences(session: Session, stored: Any, facts: Counts) -> Iterator[str]:
    stands = {tuple(row[:-2]): (row.n, row.seconds) for row in session.execute(stored)}
    nothing = (0, 0)
    for key in sorted(stands.keys() | facts.keys()):
        if stands.get(key, nothing) != facts.get(key, nothing):
            named = " ".join(str(part) or "-" for part in key)
            said, right = (f"{n} in {seconds} s" for n, seconds in (stands.get(key, nothing), facts.get(key, nothing)))
            yield f"the count of answers {named} is {said}, the facts say {right}"


def _count(session: Session, rows: Iterable[Any], sign: int = 1) -> Counts:
    """What these attempts add, with the versions that judged them; a version is read once."""
    counts: Counts = {}
    groups = country_groups.of(session)
    known: dict[str, Item] = {}
    for row in rows:
        paper, marks = PAPER.decode(row.paper), MARKS.decode(row.detail)
        for question, mark in zip(paper.questions, marks, strict=True):
            version = judging(question, mark).version
            if version not in known:
                known[version] = versions.kept_item(session, version)
        given = answers.unpack(row.answers)
        later, region = row.number > 1, groups.get(row.country, "")
        found = observations(paper, known, given, marks, later=later, sex=row.sex, language=row.language, region=region)
        merge(counts, count(found, sign))
    return counts
