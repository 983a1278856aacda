"""What is written of demonstration people who are like others (`app.ops.demo_copies`): rows, and what counts gain.

It is worked out without the database, by a second process where there are many, while the first one adds the people
before.
"""

import os
import signal
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import Any

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.core.certificates import for_another
from app.core.content import canonical
from app.core.filters import DIMENSIONS
from app.core.progress import Facts
from app.ops.demo_people import Plan
from app.records import bulk, certificates, examples, hot, item_tallies, people, standing, steps, tallies
from app.records.examples import TABLES, Example
from app.records.keys import new_ids
from app.records.models import Base, Person
from app.records.profiles import COLUMNS, Profile
from app.records.step_facts import Step

MANY = 5_000  # people from whom on a second process is worth its start
Write = Callable[[datetime], str]
Shown = tuple[uuid.UUID, str | None, Profile]  # whom she is like, the language of a completion, her profile then
Offices = dict[tuple[str, str], uuid.UUID | None]  # (organisation, country) -> its id


@dataclass
class Drawn:
    """Who somebody will be: her sign-in name, the id of whom she is like, and when she joined."""

    login: str
    plan: Plan
    like: uuid.UUID
    joined: datetime

    @property
    def office(self) -> tuple[str, str]:
        return self.plan.profile["organisation"], self.plan.profile["country"]


class Copy:
    """One new person: whom she is like, when, and under which ids, as `examples.TABLES` takes rows."""

    def __init__(
        self, like: Example, joined: datetime, person: dict[str, Any], ids: Sequence[str], write: Write
    ) -> None:
        self.like, self.joined, self.person, self.ids, self.write = like, joined, person, ids, write
        self.shift = joined - like.joined_at
        self.seen = like.seen_at + self.shift
        self.stated = dict(zip(DIMENSIONS, (str(person[name] or "") for name in COLUMNS), strict=True))
        self.numbers = [certificates.random_number() for _ in like.records]

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
        for course, measure, at, language in self.like.events:
            yield tallies.cell(course, measure, (at + self.shift).astimezone(zone), self.profile(language))

    def profile(self, language: str | None) -> Profile:
        """Hers of today, or the one that a completion in this language keeps."""
        country, sex, ministry, office, age, hers = (self.stated[name] for name in DIMENSIONS)
        return country, sex, ministry, office, age, language or hers


@dataclass
class Batch:
    """All that is written of some people: rows by table, and what is added to each table of counts."""

    offices: Offices
    tables: dict[type[Base], list[Any]]
    numbers: list[str]
    cells: Counter[tallies.Cell]
    taken: list[steps.Part]
    answers: item_tallies.Moved

    def add(self, session: Session) -> None:
        for model, rows in self.tables.items():
            hot.many(session, TABLES[model], rows)
        bulk.place(session, self.numbers)
        tallies.add(session, self.cells)
        steps.write(session, self.taken)
        item_tallies.move(session, self.answers)


@dataclass
class Scribe:
    """Writes down what is to be added, before the database is asked for the right to write."""

    everybody: Mapping[uuid.UUID, Example]
    alike: item_tallies.Alike
    password_hash: str
    now: datetime
    moment: Write
    asked: tuple[Sequence[Drawn], Offices] = ((), {})

    def ask(self, drawn: Sequence[Drawn], offices: Offices) -> None:
        self.asked = drawn, offices

    def take(self) -> Batch:
        """What was asked for last."""
        return self.write(*self.asked)

    def write(self, drawn: Sequence[Drawn], offices: Offices) -> Batch:
        """The new people with ids in order, each table in the order of its key, and their counts."""
        ids, start = new_ids(sum(len(self.everybody[one.like].ids) for one in drawn)), 0
        batch = Batch(offices, {model: [] for model in TABLES}, [], Counter(), [], ([], []))
        alike: Counter[tuple[uuid.UUID, str, str]] = Counter()
        shown: Counter[Shown] = Counter()
        for one in drawn:
            size = len(self.everybody[one.like].ids)
            copy = self.copy(one, ids[start : start + size], offices[one.office])
            start += size
            copy.add_to(batch.tables)
            batch.numbers += copy.numbers
            batch.cells.update(copy.cells(self.now.tzinfo))
            alike[one.like, copy.stated["sex"], copy.stated["country"]] += 1
            shown.update((one.like, language, copy.profile(language)) for language in copy.like.taken)
        batch.taken = self.taken(shown)
        batch.answers = self.alike.count(alike)
        return batch

    def taken(self, shown: Mapping[Shown, int]) -> list[steps.Part]:
        """The steps of so many people like others, by each table of sums: who is alike in its key took the same."""
        found = {}
        for sums in steps.SUMS:
            alike: Counter[tuple[uuid.UUID, str | None, tuple[str, ...]]] = Counter()
            for (like, language, profile), times in shown.items():
                alike[like, language, sums.of(profile)] += times
            found[sums.table] = Counter[Step]()
            for (like, language, who), times in alike.items():
                for step, n in self.everybody[like].taken[language].items():
                    found[sums.table][*step, *who] += n * times
        return steps.in_order(found)

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
        return Copy(self.everybody[one.like], one.joined, person, ids, self.moment)


class Helper:
    """A scribe in a process of its own, at work from `ask` to `take`."""

    def __init__(self, ours: "Connection[Any, Any]") -> None:
        self.ours = ours

    def ask(self, drawn: Sequence[Drawn], offices: Offices) -> None:
        self.ours.send((drawn, offices))

    def take(self) -> Batch:
        batch: Batch = self.ours.recv()
        return batch


@contextmanager
def helping(scribe: Scribe, people: int) -> Iterator[Scribe | Helper]:
    """A second process for many people, where there is a core for it; no connection to a database may be open.

    It ends with this one, however that ends, since the pipe is closed then."""
    if people < MANY or (os.cpu_count() or 1) < 2 or "fork" not in get_all_start_methods():
        yield scribe
        return
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(scribe, ours, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Helper(ours)
    finally:
        ours.close()
        process.join()


def _serve(scribe: Scribe, ours: "Connection[Any, Any]", theirs: "Connection[Any, Any]") -> None:
    ours.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is told, and ends this one
    with suppress(EOFError, BrokenPipeError):
        while True:
            theirs.send(scribe.write(*theirs.recv()))
