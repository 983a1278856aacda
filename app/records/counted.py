"""Rows of counts for exports: the tallies of people, and what answers say of each question and its earlier versions."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.core.content import Course, Item, Library, Quiz
from app.core.exports import Site, Wanted
from app.core.itemcards import asked, card
from app.core.statistics import Count
from app.records.filtering import condition
from app.records.rosters import Names, Rows, yes
from app.records.sql import query, statement

KEY = "measure, month, country, sex, ministry_type, organisation, age_band, language"
TALLIES = "FROM tally WHERE course = :course AND n <> 0"
ORGANISATIONS = query("SELECT id, name FROM organisation WHERE id IN :people")
SUMS = query(
    "SELECT item, key_hash, later, option, band, n, seconds FROM item_sum WHERE n > 0 AND item IN :items"
    " ORDER BY item, key_hash, later, option, band"
)
KEPT = query("SELECT content FROM version WHERE kind = 'item' ORDER BY at, hash")
AT_ONCE = 500


def _chosen(library: Library, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    sql, values = condition(wanted.filters, library)
    first, last = wanted.filters.months
    if first:
        sql, values["first"] = f"{sql} AND month >= :first", first
    if last:
        sql, values["last"] = f"{sql} AND month <= :last", last
    return sql, values | {"course": wanted.filters.course}


def count_tallies(session: Session, site: Site, wanted: Wanted) -> int:
    sql, values = _chosen(site.library, wanted)
    return int(session.execute(statement(f"SELECT count(*) {TALLIES}{sql}"), values).scalar_one())


def tallies(session: Session, site: Site, wanted: Wanted) -> Rows:
    """Each count of people, by measure, month and profile."""
    sql, values = _chosen(site.library, wanted)
    found = session.execute(
        query(f"SELECT {KEY}, n {TALLIES}{sql} ORDER BY {KEY}"), values, execution_options={"yield_per": AT_ONCE}
    )
    named = Names(site.library)
    for some in found.partitions(AT_ONCE):
        ids = {row.organisation: uuid.UUID(row.organisation) for row in some if row.organisation}
        known = {row.id: row.name for row in session.execute(ORGANISATIONS, {"people": list(ids.values())})}
        for row in some:
            id = ids.get(row.organisation)
            yield (
                wanted.filters.course,
                row.measure,
                row.month,
                row.country,
                named[row.country],
                row.sex,
                row.ministry_type,
                str(id) if id else None,
                known.get(id),
                row.age_band,
                row.language,
                row.n,
            )


# Questions


def count_items(session: Session, site: Site, wanted: Wanted) -> int:
    return sum(1 for _ in _versions(session, site.library, wanted))


def items(session: Session, site: Site, wanted: Wanted) -> Rows:
    """Each question that the course asks, in its order, as it is now, then its earlier versions that were answered."""
    found = list(_versions(session, site.library, wanted))
    lost = {(item.id, key) for _quiz, item, key, _sums in found if key != item.key_hash}
    kept = _kept(session, lost) if lost else {}
    for quiz, today, key, sums in found:
        item = today if key == today.key_hash else kept.get((today.id, key))
        yield (wanted.filters.course, quiz, today.id, key, yes(item is today), *_figures(item, sums))


def _versions(session: Session, library: Library, wanted: Wanted) -> Iterator[tuple[str, Item, str, list[Any]]]:
    """Quiz, question as it is now, hash of a version, its counts."""
    course = library.courses[wanted.filters.course]
    for quiz in quizzes_of(library, course):
        questions = asked(quiz)
        sums: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for row in session.execute(SUMS, {"items": [item.id for item in questions]}):
            sums[row.item, row.key_hash].append(row)
        for item in questions:
            earlier = (key for id, key in sums if id == item.id and key != item.key_hash)
            for key in (item.key_hash, *earlier):
                yield quiz.id, item, key, sums.get((item.id, key), [])


def quizzes_of(library: Library, course: Course) -> list[Quiz]:
    """The quizzes of a course whose tries count, in its order, each once."""
    named = [*(library.modules[id].quiz for id in course.modules if id in library.modules), course.entry, course.final]
    ids = dict.fromkeys(id for id in named if id in library.quizzes)
    return [library.quizzes[id] for id in ids if id]


def _kept(session: Session, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], Item]:
    """Questions as they were kept, by id and hash; of two with one hash the newer."""
    found = {}
    for content in session.execute(KEPT).scalars():
        item = msgspec.json.decode(content, type=Item)
        for one in item.questions or (item,):
            if (one.id, one.key_hash) in wanted:
                found[one.id, one.key_hash] = one
    return found


def _figures(item: Item | None, sums: Sequence[Any]) -> tuple[Any, ...]:
    """The columns behind `present`; `item` None: nobody knows any more what was asked."""
    first = [Count(row.option, row.band, row.n, row.seconds) for row in sums if not row.later]
    later = sum(row.n for row in sums if row.later)
    n = sum(one.n for one in first)
    if item is None:
        return None, None, n, later, *[None] * 6
    found = card(item, first, later, 0)
    told, guess = found.figures, _hundred(found.guess)
    if told is None:
        return item.kind, item.points, n, later, *[None] * 4, guess, None
    return (
        *(item.kind, item.points, n, later, _hundred(told.facility), _hundred(told.error)),
        *(_two(told.discrimination), _two(told.correlation), guess, _two(told.seconds)),
    )


def _two(value: float | Fraction | None) -> Decimal | None:
    """A figure with two places, rounded as the page rounds it."""
    return None if value is None else Decimal(f"{float(value):.2f}")


def _hundred(share: float | Fraction | None) -> Decimal | None:
    return None if share is None else _two(share * 100)
