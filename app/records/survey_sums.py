"""Answers to a survey added up, so that a page that was opened before reads only what has come since."""

import uuid
from collections import Counter
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.core.content import Course, Item, Library
from app.core.questions import body_of
from app.core.questions.survey import chosen
from app.records import hot, versions
from app.records.sql import Plain, moment, statement

KEY = "course = :course AND occasion = :occasion"
HOW_MANY = statement(f"SELECT count(*) FROM response WHERE {KEY}")
AFTER = "(at > :since OR (at = :since AND person_id > :person_id))"
LATER = statement(f"SELECT count(*) FROM response WHERE {KEY} AND {AFTER}")
STANDS = statement(f"SELECT 1 FROM response WHERE {KEY} AND person_id = :person_id AND at = :since")
SOME = Plain(
    f"SELECT survey, version, answers, at, person_id FROM response WHERE {KEY} AND {AFTER}"
    " ORDER BY at, person_id LIMIT :limit",
    tuple,
)
AT_ONCE = 5_000  # rows
READ = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
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

    def add(self, item: Item, value: Any, n: int) -> None:
        """Count so many people who answered this question alike."""
        one = self.items.setdefault((item.id, item.key_hash), Sum())
        places = chosen(body_of(item, next(iter(item.texts))), value)
        one.n += n
        for place in places:
            one.places[place] += n
        one.empty += 0 if places else n


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
        _count(session, library, sums, hot.stream(session, SOME, since | {"limit": more}, AT_ONCE))
    kept[course.id, occasion] = sums
    return sums


def _count(session: Session, library: Library, sums: Sums, rows: Iterable[list[Any]]) -> None:
    """Answers are looked at once for all who gave the same: after a start all that ever came are counted."""
    people: Counter[tuple[str, str]] = Counter()  # survey, version
    answers: Counter[tuple[tuple[str, str], str, bytes]] = Counter()
    for some in rows:
        for (survey, version, packed), n in Counter(row[:3] for row in some).items():
            people[survey, version] += n
            for item, given in READ(packed).items():
                answers[(survey, version), item, bytes(given)] += n
        sums.counted, sums.last = sums.counted + len(some), (moment(some[-1][3]), uuid.UUID(str(some[-1][4])))
    for (survey, version), n in people.items():
        asked = {item.id: item for item in versions.survey(session, library, survey, version).items}
        seen = Counter(dict.fromkeys(asked, 0))
        for (whose, id, value), times in answers.items():
            if whose == (survey, version) and id in asked:
                sums.add(asked[id], msgspec.json.decode(value), times)
                seen[id] += times
        for id, times in seen.items():
            if n > times:
                sums.add(asked[id], None, n - times)
