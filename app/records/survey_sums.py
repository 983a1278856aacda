"""Answers to a survey added up, so that a page that was opened before reads only what has come since."""

import uuid
from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.core.content import Course, Item, Library, Quiz
from app.core.questions import body_of
from app.core.questions.survey import chosen
from app.records import versions
from app.records.sql import query, statement

KEY = "course = :course AND occasion = :occasion"
HOW_MANY = statement(f"SELECT count(*) FROM response WHERE {KEY}")
AFTER = "(at > :since OR (at = :since AND person_id > :person_id))"
LATER = statement(f"SELECT count(*) FROM response WHERE {KEY} AND {AFTER}")
STANDS = statement(f"SELECT 1 FROM response WHERE {KEY} AND person_id = :person_id AND at = :since")
SOME = query(
    f"SELECT person_id, at, survey, version, answers FROM response WHERE {KEY} AND {AFTER}"
    " ORDER BY at, person_id LIMIT :limit"
)
BEGINNING = (datetime.fromisoformat("0001-01-02T00:00:00+00:00"), uuid.UUID(int=0))


@dataclass
class Sum:
    """How many answered a question, how often each option (by its place) was chosen, how many left it empty."""

    n: int = 0
    places: Counter[int] = field(default_factory=Counter)
    empty: int = 0


@dataclass
class Sums:
    """The answers of the first `counted` people, whose last is `last`, by question and key."""

    counted: int = 0
    last: tuple[datetime, uuid.UUID] = BEGINNING
    items: dict[tuple[str, str], Sum] = field(default_factory=dict)

    def add(self, item: Item, value: Any) -> None:
        one = self.items.setdefault((item.id, item.key_hash), Sum())
        places = chosen(body_of(item, next(iter(item.texts))), value)
        one.n += 1
        one.places.update(places)
        one.empty += not places


Kept = MutableMapping[tuple[str, str], Sums]  # by course and occasion


def of(session: Session, library: Library, course: Course, occasion: str, least: int, kept: Kept) -> Sums:
    """The answers in the order in which they came, `least` people at a time; what is `kept` is taken up where it still
    stands for those who came first."""
    key = {"course": course.id, "occasion": occasion}
    total = int(session.execute(HOW_MANY, key).scalar_one())
    sums = kept.get((course.id, occasion)) or Sums()
    since = key | {"since": sums.last[0], "person_id": sums.last[1]}
    if sums.counted and not (
        session.execute(STANDS, since).first() and total - session.execute(LATER, since).scalar_one() == sums.counted
    ):
        sums = Sums()  # somebody among them is gone
        since = key | {"since": sums.last[0], "person_id": sums.last[1]}
    more = total // least * least - sums.counted
    if more > 0:
        sums = Sums(
            sums.counted,
            sums.last,
            {name: Sum(one.n, one.places.copy(), one.empty) for name, one in sums.items.items()},
        )
        _count(session, library, sums, session.execute(SOME, since | {"limit": more}))
    kept[course.id, occasion] = sums
    return sums


def _count(session: Session, library: Library, sums: Sums, rows: Any) -> None:
    asked: dict[str, Quiz] = {}
    for row in rows:
        if row.version not in asked:
            asked[row.version] = versions.survey(session, library, row.survey, row.version)
        answers = msgspec.json.decode(row.answers)
        for item in asked[row.version].items:
            sums.add(item, answers.get(item.id))
        sums.counted, sums.last = sums.counted + 1, (row.at, row.person_id)
