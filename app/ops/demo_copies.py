"""Demonstration people by the hundred thousand: what some people did, done by others under names of their own.

Whoever is copied took the course herself, act by act (`app.ops.demo`). A copy has her own name, profile, ids, dates and
certificate numbers; papers, answers and marks are those of the person copied. Each transaction is whole: people with
all their facts, standings and counts, so whatever ends the work leaves records that agree.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import accumulate
from random import Random
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.certificates import for_another
from app.core.content import canonical
from app.core.progress import Facts
from app.ops.demo_people import Plan, Shares, pick, plan
from app.ops.serving import Stopped
from app.ops.stores import Step
from app.records import (
    bulk,
    certificates,
    examples,
    hot,
    item_tallies,
    organisations,
    people,
    sql,
    standing,
    steps,
    tallies,
)
from app.records.engine import open_session
from app.records.examples import TABLES, Example
from app.records.keys import new_ids
from app.records.models import Attempt, Base, Certificate, Enrolment, Person

# How far the copies come. In a course for everybody most people stop early.
REACH = {"nothing": 24, "begun": 60, "middle": 9, "done": 7}
BEGUN = 1 / 3  # of the sections that anybody read
AT_FIRST, LEAST, MOST = 500, 50, 5000  # people a transaction: each moves every count once, however many are in it
AIM = 2.0  # seconds that a transaction takes; the others on the site wait no longer than a little more
Write = Callable[[datetime], str]
Offices = dict[tuple[str, str], uuid.UUID | None]  # (organisation, country) -> its id


@dataclass
class Copied:
    """How many people were made, and what they did."""

    people: int = 0
    enrolled: int = 0
    attempts: int = 0
    certificates: int = 0


@dataclass
class Drawn:
    """Who somebody will be: her sign-in name, whom she is like, and when she joined."""

    login: str
    plan: Plan
    like: Example
    joined: datetime

    @property
    def office(self) -> tuple[str, str]:
        return self.plan.profile["organisation"], self.plan.profile["country"]


class Copy:
    """One new person: whom she is like, when, and under which ids, as `examples.TABLES` takes rows."""

    def __init__(self, drawn: Drawn, person: dict[str, Any], ids: Sequence[str], write: Write) -> None:
        self.like, self.person, self.ids, self.write = drawn.like, person, ids, write
        self.shift = drawn.joined - drawn.like.joined_at
        self.joined, self.seen = drawn.joined, drawn.like.seen_at + self.shift
        self.stated = dict(zip(steps.WHO, (str(person[name] or "") for name in tallies.FIELDS), strict=True))
        self.numbers = [certificates.random_number() for _ in drawn.like.records]

    def parts(self) -> list[Any]:
        """All that her rows are made of, in the order of `examples.KINDS`."""
        like, shift, write, person = self.like, self.shift, self.write, self.person
        return [
            *self.ids,
            *[write(at + shift) for at in like.moments],
            *[person[name] for name in examples.PROFILE],
            *self.stated.values(),
            *self.numbers,
            *[self.record(*one) for one in zip(self.numbers, like.records.values(), strict=True)],
            *[self.evidence(*one) for one in like.evidence],
            *[self.standing(facts) for facts in like.facts],
            *like.same,
        ]

    def add_to(self, tables: Mapping[type[Base], list[Any]]) -> None:
        """All that is written of her, table by table."""
        person = self.person | {"joined_at": self.write(self.joined), "seen_at": self.write(self.seen)}
        tables[Person].append([person[name] for name in TABLES[Person].names])
        parts = self.parts()
        for model, rows in self.like.rows.items():
            tables[model] += [row(parts) for row in rows]

    def record(self, number: str, like: tuple[Mapping[str, Any], datetime]) -> str:
        """The record of a certificate."""
        name, latin, (record, at) = str(self.person["name"]), str(self.person["name_latin"]), like
        return canonical(for_another(record, number, name, latin, at + self.shift)).decode()

    def evidence(self, written: str, ids: Sequence[uuid.UUID]) -> str:
        """It names the act that made the completion due: where that is an attempt, her own."""
        for id in ids:
            written = written.replace(str(id), self.id_of(id))
        return written

    def standing(self, facts: Facts) -> str:
        """What is remembered of her: the same acts at her own moments."""
        shift, numbers = self.shift, dict(zip(self.like.records, self.numbers, strict=True))
        results = {
            quiz: tuple([replace(one, at=one.at + shift) for one in tries]) for quiz, tries in facts.results.items()
        }
        return standing.pack(
            replace(
                facts,
                enrolled_at=facts.enrolled_at and facts.enrolled_at + shift,
                results=results,
                open={quiz: self.id_of(uuid.UUID(id)) for quiz, id in facts.open.items()},
                completions={kind: numbers[number] for kind, number in facts.completions.items()},
                ask_at=facts.ask_at and facts.ask_at + shift,
            )
        )

    def id_of(self, like: uuid.UUID) -> str:
        """Her own id where the person copied has this one, as it is written."""
        return str(uuid.UUID(self.ids[self.like.ids.index(like)]))

    def cells(self, zone: tzinfo | None) -> Iterator[tallies.Cell]:
        """The counts of people in which she is."""
        country, sex, ministry, office, age, hers = (self.stated[name] for name in steps.WHO)
        for course, measure, at, language in self.like.events:
            profile = (country, sex, ministry, office, age, language or hers)
            yield tallies.cell(course, measure, (at + self.shift).astimezone(zone), profile)


class Crowd:
    """Those who are copied, by how far they came."""

    def __init__(self, found: Sequence[Example]) -> None:
        self.everybody = found
        most = max((one.sections for one in found), default=0)
        self.of: dict[str, list[Example]] = {reach: [] for reach in REACH}
        for one in found:
            self.of[reach_of(one, most)].append(one)
        self.shares = Shares({reach: share for reach, share in REACH.items() if self.of[reach]})
        self.weights = {
            reach: list(accumulate(1 / (1 + one.sections) for one in several)) for reach, several in self.of.items()
        }

    def pick(self, chance: Random) -> Example:
        """Anybody, those who stopped early more often."""
        reach = pick(chance, self.shares)
        return chance.choices(self.of[reach], cum_weights=self.weights[reach])[0]


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
        alike = item_tallies.Alike(session, {one.id: one.answers for one in crowd.everybody})
    scribe = Scribe(alike, password_hash, now, sql.moments(engine.dialect.name == "postgresql"))
    made, size, rest = Copied(), AT_FIRST, numbers
    while rest:
        batch, rest = rest[:size], rest[size:]
        drawn = [_drawn(crowd, login_of(number), f"{seed}/{number}", languages, now) for number in batch]
        drawn.sort(key=lambda one: one.joined)  # as where people come by themselves: who joined later has a later id
        took = _add(engine, scribe, drawn, made)
        size = max(LEAST, min(MOST, int(size * min(2.0, AIM / max(0.001, took)))))
        step(len(batch))
    return made


def _drawn(crowd: Crowd, login: str, seed: str, languages: tuple[str, ...], now: datetime) -> Drawn:
    her_plan, chance = plan(seed, languages), Random(f"{seed}/copy")
    like, today = crowd.pick(chance), now.astimezone(UTC)
    days = timedelta(days=her_plan.days_ago + chance.random() / 24)
    return Drawn(login, her_plan, like, min(today - days, today - (like.seen_at - like.joined_at)))


def _add(engine: Engine, scribe: "Scribe", drawn: Sequence[Drawn], made: Copied) -> float:
    """Add these people in one transaction; how many seconds the others had to wait for it."""
    offices: Offices = {}
    batch = None
    while batch is None or offices != batch.offices:  # somebody merged organisations meanwhile
        batch = scribe.write(drawn, offices) if offices else None
        with open_session(engine, write=True) as session:
            hot.hold_more(session)
            began = time.monotonic()
            offices = _offices(session, drawn, scribe.now)
            if batch and offices == batch.offices:
                batch.add(session)
            session.commit()
    made.people += len(drawn)
    made.enrolled += len(batch.tables[Enrolment])
    made.attempts += len(batch.tables[Attempt])
    made.certificates += len(batch.tables[Certificate])
    return time.monotonic() - began


def _offices(session: Session, drawn: Sequence[Drawn], now: datetime) -> Offices:
    """The organisations of these people, made where they are new."""
    return {office: organisations.named(session, *office, now) for office in sorted({one.office for one in drawn})}


@dataclass
class Batch:
    """All that is written of some people: rows by table, and what is added to each table of counts."""

    offices: Offices
    tables: dict[type[Base], list[Any]]
    numbers: list[str]
    cells: Counter[tallies.Cell]
    taken: Counter[steps.Step]
    answers: item_tallies.Moved

    def add(self, session: Session) -> None:
        for model, rows in self.tables.items():
            hot.many(session, TABLES[model], rows)
        bulk.place(session, self.numbers)
        tallies.add(session, self.cells)
        steps.add(session, self.taken)
        item_tallies.move(session, self.answers)


@dataclass
class Scribe:
    """Writes down what is to be added, before the database is asked for the right to write."""

    alike: item_tallies.Alike
    password_hash: str
    now: datetime
    moment: Write

    def write(self, drawn: Sequence[Drawn], offices: Offices) -> Batch:
        """The new people with ids in order, each table in the order of its key, and their counts."""
        ids, start = new_ids(sum(len(one.like.ids) for one in drawn)), 0
        batch = Batch(offices, {model: [] for model in TABLES}, [], Counter(), Counter(), ([], []))
        alike: Counter[tuple[uuid.UUID, str, str]] = Counter()
        for one in drawn:
            copy = self.copy(one, ids[start : start + len(one.like.ids)], offices[one.office])
            start += len(one.like.ids)
            copy.add_to(batch.tables)
            batch.numbers += copy.numbers
            batch.cells.update(copy.cells(self.now.tzinfo))
            alike[one.like.id, copy.stated["sex"], copy.stated["country"]] += 1
        likes = {one.like.id: one.like for one in drawn}
        for (like, sex, country), times in alike.items():  # they took the same steps and gave the same answers
            for step, n in likes[like].taken.items():
                batch.taken[*step, country, sex] += n * times
        batch.answers = self.alike.count(alike)
        return batch

    def copy(self, one: Drawn, ids: Sequence[str], office: uuid.UUID | None) -> Copy:
        person = people.new_row(
            ids[0],
            login=one.login,
            password_hash=self.password_hash,
            name=one.plan.name,
            now=one.joined,
            organisation_id=office and office.hex,
            demo=True,
            **{name: value for name, value in one.plan.profile.items() if name != "organisation"},
        )
        return Copy(one, person, ids, self.moment)
