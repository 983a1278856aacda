"""Demonstration people by the hundred thousand: what some people did, done by others under names of their own.

Whoever is copied took the course herself, act by act (`app.ops.demo`). A copy has her own name, profile, ids, dates and
certificate numbers; papers, answers and marks are those of the person copied. Each transaction is whole: people with
all their facts, standings and counts, so whatever ends the work leaves records that agree.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.certificates import for_another
from app.core.content import canonical
from app.core.progress import Facts
from app.ops.demo_people import Plan, pick, plan
from app.ops.serving import Stopped
from app.ops.stores import Step
from app.records import bulk, certificates, examples, hot, item_tallies, people, standing
from app.records.engine import open_session
from app.records.examples import Example
from app.records.keys import new_id
from app.records.models import Attempt, Base, Certificate, Completion, Enrolment, Person, Standing

# How far the copies come. In a course for everybody most people stop early.
REACH = {"nothing": 24, "begun": 60, "middle": 9, "done": 7}
BEGUN = 1 / 3  # of the sections that anybody read
AT_FIRST, LEAST, MOST = 100, 50, 500  # people a transaction
AIM = 0.4  # seconds that a transaction takes; the others on the site wait no longer than a little more


@dataclass
class Copied:
    """How many people were made, and what they did."""

    people: int = 0
    enrolled: int = 0
    attempts: int = 0
    certificates: int = 0


@dataclass
class Copy:
    """One new person: whom she is like, when, and under which ids."""

    like: Example
    person: Mapping[str, Any]
    shift: timedelta
    ids: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    def row(self, model: type[Base], row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of the person copied as one of hers: ids, moments and profile are her own."""
        shape = examples.SHAPES[model]
        made = dict(row)
        for name in shape.moments:
            if made[name] is not None:
                made[name] += self.shift
        for name in shape.profile:
            if model is not Attempt or made["handed_in_at"] is not None:
                made[name] = self.person[name]
        for name in shape.ids:
            made[name] = self.id_of(made[name])
        if shape.hers:
            made["person_id"] = self.person["id"]
        return made

    def id_of(self, id: uuid.UUID) -> uuid.UUID:
        if id not in self.ids:
            self.ids[id] = new_id()
        return self.ids[id]

    def number_of(self, number: str) -> str:
        if number not in self.numbers:
            self.numbers[number] = certificates.random_number()
        return self.numbers[number]

    def completion(self, row: dict[str, Any]) -> dict[str, Any]:
        """Its evidence names the act that made it due: where that is an attempt, her own."""
        for before, after in self.ids.items():
            row["evidence"] = row["evidence"].replace(str(before), str(after))
        return row

    def certificate(self, row: dict[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
        name, latin = str(self.person["name"]), str(self.person["name_latin"])
        number = self.number_of(row["number"])
        made = for_another(record, number, name, latin, row["at"])
        return row | {"number": number, "record": canonical(made).decode()}

    def standing(self, facts: Facts) -> str:
        """What is remembered of her: the same acts at her own moments."""
        shift = self.shift
        results = {
            quiz: tuple(replace(one, at=one.at + shift) for one in tries) for quiz, tries in facts.results.items()
        }
        return standing.pack(
            replace(
                facts,
                enrolled_at=facts.enrolled_at and facts.enrolled_at + shift,
                results=results,
                open={quiz: str(self.id_of(uuid.UUID(id))) for quiz, id in facts.open.items()},
                completions={kind: self.number_of(number) for kind, number in facts.completions.items()},
                ask_at=facts.ask_at and facts.ask_at + shift,
            )
        )


def rows_of(copy: Copy) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    """All that is written of one copy but her own row, table by table."""
    for model, rows in copy.like.rows.items():
        for row in rows:
            made = copy.row(model, row)
            if model is Completion:
                made = copy.completion(made)
            elif model is Certificate:
                made = copy.certificate(made, copy.like.records[row["number"]])
            elif model is Standing:
                made["packed"] = copy.standing(copy.like.facts[row["course"]])
            yield model, made


class Crowd:
    """Those who are copied, by how far they came."""

    def __init__(self, found: Sequence[Example]) -> None:
        most = max((one.sections for one in found), default=0)
        self.of: dict[str, list[Example]] = {reach: [] for reach in REACH}
        for one in found:
            self.of[reach_of(one, most)].append(one)
        self.shares = {reach: share for reach, share in REACH.items() if self.of[reach]}
        self.weights = {reach: [1 / (1 + one.sections) for one in several] for reach, several in self.of.items()}

    def pick(self, chance: Random) -> Example:
        """Anybody, those who stopped early more often."""
        reach = pick(chance, self.shares)
        return chance.choices(self.of[reach], self.weights[reach])[0]


def reach_of(one: Example, most: int) -> str:
    """How far somebody came; `most`: the sections of whoever read the most."""
    if one.completed:
        return "done"
    if one.sections == 0:
        return "nothing"
    return "begun" if one.sections < most * BEGUN else "middle"


def copy_people(
    engine: Engine,
    numbers: range,
    lived: int,
    seed: str,
    languages: tuple[str, ...],
    password_hash: str,
    now: datetime,
    step: Step,
    login_of: Callable[[int], str],
) -> Copied:
    """Add a person for each of these numbers, like one of the first `lived`; `now` in the zone of the site.

    Raises Stopped where nobody of these is left as she was.
    """
    crowd = Crowd(examples.load(engine, login_of(lived)))
    if not crowd.shares:
        raise Stopped("of the first demonstration people nobody is left to be copied; use another instance")
    with open_session(engine, write=False) as session:
        seen = item_tallies.Seen(session)
    made, size, rest = Copied(), AT_FIRST, list(numbers)
    while rest:
        batch, rest = rest[:size], rest[size:]
        drawn = [_drawn(crowd, f"{seed}/{number}", languages) for number in batch]
        with open_session(engine, write=True) as session:
            hot.hold_more(session)
            began = time.monotonic()
            copies = [
                _copy(session, like, her_plan, login_of(number), password_hash, days, now)
                for number, (her_plan, like, days) in zip(batch, drawn, strict=True)
            ]
            _write(session, copies, now, made, seen)
            session.commit()
        took = max(0.001, time.monotonic() - began)
        size = max(LEAST, min(MOST, int(size * min(2.0, AIM / took))))
        step(len(batch))
    return made


def _drawn(crowd: Crowd, seed: str, languages: tuple[str, ...]) -> tuple[Plan, Example, float]:
    """Who she is, whom she is like, and how many days ago she joined."""
    her_plan, chance = plan(seed, languages), Random(f"{seed}/copy")
    return her_plan, crowd.pick(chance), her_plan.days_ago + chance.random() / 24


def _copy(
    session: Session, like: Example, her_plan: Plan, login: str, password_hash: str, days: float, now: datetime
) -> Copy:
    """Her moments lie as far apart as those of the person copied, and none after now."""
    joined = min(now - timedelta(days=days), now - (like.seen_at - like.joined_at))
    person = people.new_row(
        session, login=login, password_hash=password_hash, name=her_plan.name, now=joined, demo=True, **her_plan.profile
    )
    shift = joined - like.joined_at
    return Copy(like, person | {"seen_at": like.seen_at + shift}, shift)


def _write(session: Session, copies: Sequence[Copy], now: datetime, made: Copied, seen: item_tallies.Seen) -> None:
    tables: dict[type[Base], list[dict[str, Any]]] = {Person: [dict(copy.person) for copy in copies]}
    for model in examples.SHAPES:
        tables[model] = []
    for copy in copies:
        for model, row in rows_of(copy):
            tables[model].append(row)
    for model, rows in tables.items():
        hot.many(session, examples.rows_into(model), rows)
    bulk.place(session, [row["number"] for row in tables[Certificate]])
    standing.count_people(session, [copy.person["id"] for copy in copies], _answered(copies, seen), now.tzinfo)
    made.people += len(copies)
    made.enrolled += len(tables[Enrolment])
    made.attempts += len(tables[Attempt])
    made.certificates += len(tables[Certificate])


def _answered(copies: Sequence[Copy], seen: item_tallies.Seen) -> item_tallies.Counts:
    """What these people add to the counts of answers: those who are like one person and of one sex and country add
    the same."""
    counts: item_tallies.Counts = {}
    likes = {copy.like.id: copy.like for copy in copies}
    alike = Counter((copy.like.id, copy.person["sex"], copy.person["country"]) for copy in copies)
    for (like, sex, country), n in alike.items():
        for sheet in likes[like].sheets:
            seen.add(counts, sheet, sex, country, n)
    return counts
