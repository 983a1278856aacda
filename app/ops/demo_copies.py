"""Demonstration people by the hundred thousand: what some people did, done by others under names of their own.

Whoever is copied took the course herself, act by act (`app.ops.demo`). A copy has her own name, profile, ids, dates and
certificate numbers; papers, answers and marks are those of the person copied. Each transaction is whole: people with
all their facts, standings and counts, so whatever ends the work leaves records that agree.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from random import Random

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.ops.demo_people import Shares, pick, plan
from app.ops.demo_rows import Batch, Drawn, Offices, Scribe, helping
from app.ops.serving import Stopped
from app.ops.stores import Step
from app.records import examples, hot, item_tallies, organisations, sql
from app.records.engine import open_session
from app.records.examples import Example
from app.records.models import Attempt, Certificate, Enrolment

# How far the copies come. In a course for everybody most people stop early.
REACH = {"nothing": 24, "begun": 60, "middle": 9, "done": 7}
BEGUN = 1 / 3  # of the sections that anybody read
AT_FIRST, LEAST, MOST = 500, 50, 5000  # people a transaction: each moves every count once, however many are in it
TOGETHER = 50_000  # people who are put in order and kept in memory until they are added
AIM = 2.0  # seconds that a transaction takes; the others on the site wait no longer than a little more


@dataclass
class Copied:
    """How many people were made, and what they did."""

    people: int = 0
    enrolled: int = 0
    attempts: int = 0
    certificates: int = 0


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
    everybody = {one.id: one for one in crowd.everybody}
    scribe = Scribe(everybody, alike, password_hash, now, sql.moments(engine.dialect.name == "postgresql"))
    people = (_drawn(crowd, login_of(number), f"{seed}/{number}", languages, now) for number in numbers)
    made, size, rest = Copied(), AT_FIRST, _by_joining(people)

    def ask() -> list[Drawn]:
        """Who comes next, and have them written down."""
        drawn = list(islice(rest, size))
        if drawn:
            with open_session(engine, write=True) as session:
                desk.ask(drawn, _offices(session, drawn, now))
                session.commit()
        return drawn

    hot.close(engine)  # before a fork
    with helping(scribe, len(numbers)) as desk:
        drawn = ask()
        while drawn:
            batch, following = desk.take(), ask()
            took = _add(engine, scribe, drawn, batch, made)
            size = max(LEAST, min(MOST, int(size * min(2.0, AIM / max(0.001, took)))))
            step(len(drawn))
            drawn = following
    return made


def _by_joining(people: Iterator[Drawn]) -> Iterator[Drawn]:
    """As where people come by themselves: who joined later has a later id and stands further behind in the file."""
    while several := list(islice(people, TOGETHER)):
        yield from sorted(several, key=lambda one: one.joined)


def _drawn(crowd: Crowd, login: str, seed: str, languages: tuple[str, ...], now: datetime) -> Drawn:
    her_plan, chance = plan(seed, languages), Random(f"{seed}/copy")
    like, today = crowd.pick(chance), now.astimezone(UTC)
    days = timedelta(days=her_plan.days_ago + chance.random() / 24)
    return Drawn(login, her_plan, like.id, min(today - days, today - (like.seen_at - like.joined_at)))


def _add(engine: Engine, scribe: Scribe, drawn: Sequence[Drawn], batch: Batch, made: Copied) -> float:
    """Add these people in one transaction; how many seconds the others had to wait for it."""
    added = False
    while not added:
        with open_session(engine, write=True) as session:
            hot.hold_more(session)
            began = time.monotonic()
            offices = _offices(session, drawn, scribe.now)
            if added := offices == batch.offices:
                batch.add(session)
            session.commit()
        if not added:  # somebody merged organisations meanwhile
            batch = scribe.write(drawn, offices)
    made.people += len(drawn)
    made.enrolled += len(batch.tables[Enrolment])
    made.attempts += len(batch.tables[Attempt])
    made.certificates += len(batch.tables[Certificate])
    return time.monotonic() - began


def _offices(session: Session, drawn: Sequence[Drawn], now: datetime) -> Offices:
    """The organisations of these people, made where they are new."""
    return {office: organisations.named(session, *office, now) for office in sorted({one.office for one in drawn})}
