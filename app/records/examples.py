"""Demonstration people with all that is remembered of them, read to be copied (`app.ops.demo_copies`).

What is the same for every copy is worked out once: rows as the drivers take them, counts, answers.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine, Table, select
from sqlalchemy.orm import Session

from app.core.certificates import COMPLETION
from app.core.progress import Facts
from app.core.tallying import Observation
from app.records import item_tallies, locks, sql, standing, steps, tallies
from app.records.engine import open_session
from app.records.models import (
    Attempt,
    Base,
    Certificate,
    Completion,
    Enrolment,
    Grade,
    Person,
    Reading,
    Response,
    SavedAnswer,
    Standing,
    SurveyChoice,
)
from app.records.report_tables import LastAct
from app.records.sitting import Timer
from app.records.sql import Rows, query

# Whoever an administrator dealt with, or whose certificates changed, is left out: those facts are not copied.
FIND = query(
    """
    SELECT id, joined_at, seen_at FROM person
    WHERE demo AND role = 'learner' AND seen_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM allowance WHERE allowance.person_id = person.id)
    AND NOT EXISTS (SELECT 1 FROM identity_check WHERE identity_check.person_id = person.id)
    AND NOT EXISTS (SELECT 1 FROM checked JOIN attempt ON attempt.id = checked.attempt_id
        WHERE attempt.person_id = person.id)
    AND NOT EXISTS (SELECT 1 FROM completion JOIN certificate ON certificate.completion_id = completion.id
        LEFT JOIN revocation ON revocation.certificate_id = certificate.id
        WHERE completion.person_id = person.id AND (certificate.edition > 1 OR revocation.at IS NOT NULL))
    AND login <= :last ORDER BY login
    """
)


class Shape(NamedTuple):
    """What of a table's rows is a person's own: ids of rows, moments, what her profile was then; `hers`: her id.

    `stated`: her profile where "" stands for what is not stated."""

    ids: tuple[str, ...] = ()
    moments: tuple[str, ...] = ("at",)
    profile: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    hers: bool = True


WHO = ("sex", "country")
SHAPES: Mapping[type[Base], Shape] = {
    Enrolment: Shape(("id",)),
    Reading: Shape(),
    Attempt: Shape(("id",), ("opened_at", "handed_in_at"), WHO),
    Grade: Shape(("id", "attempt_id"), hers=False),
    SavedAnswer: Shape(("attempt_id",), ("saved_at",), hers=False),
    Timer: Shape(("attempt_id",), hers=False),
    Completion: Shape(("id",), profile=(*WHO, "ministry_type", "organisation_id", "age_band")),
    Certificate: Shape(("id", "completion_id"), hers=False),
    Response: Shape(profile=WHO),
    SurveyChoice: Shape(moments=("dismissed_at", "ask_at", "mailed_at")),
    Standing: Shape(moments=()),
    LastAct: Shape(stated=steps.WHO),
}
MODELS: tuple[type[Base], ...] = (Person, *SHAPES)
TABLES = {model: Rows(model) for model in MODELS}  # what adds rows


class Pattern(NamedTuple):
    """A row to be written for others: `values` by column, and the columns that are a copy's own, each with which of
    her ids it holds (0: her own), its moment in the example's life, or its name in her profile."""

    values: list[Any]
    ids: list[tuple[int, int]]
    moments: list[tuple[int, datetime]]
    profile: list[tuple[int, str]]
    stated: list[tuple[int, str]]


class Example(NamedTuple):
    """A person with her rows by table, the standings and certificate records among them read, and her answer sheets.

    `ids`: those of her rows in the order of `Pattern.ids`, her own first. `events` and `taken`: what she is counted
    for."""

    ids: list[uuid.UUID]
    joined_at: datetime
    seen_at: datetime
    rows: dict[type[Base], list[Pattern]]
    facts: dict[str, Facts]
    records: dict[str, dict[str, Any]]
    sheets: list[Observation]
    events: list[tallies.Event]
    taken: Counter[steps.Taken]

    @property
    def id(self) -> uuid.UUID:
        return self.ids[0]

    @property
    def sections(self) -> int:
        return len(self.rows[Reading])

    @property
    def completed(self) -> bool:
        return any(event.measure == COMPLETION for event in self.events)


def load(engine: Engine, last: str) -> list[Example]:
    """The demonstration people with sign-in names up to `last`, who took the course themselves."""
    with open_session(engine, write=False) as session:
        found = session.execute(FIND, {"last": last}).all()
        people, write = [row.id for row in found], sql.moments(locks.on_server(session))
        rows, sheets = _rows(session, people), item_tallies.sheets_of(session, people)
        events = tallies.of_people(session, people)
        return [
            _example(row, rows[row.id], sheets, events[row.id], steps.of_person(session, row.id), write)
            for row in found
        ]


def _example(
    row: Any,
    rows: dict[type[Base], list[dict[str, Any]]],
    sheets: Mapping[uuid.UUID, list[Observation]],
    events: list[tallies.Event],
    taken: Counter[steps.Taken],
    write: Callable[[datetime], str],
) -> Example:
    facts = {one["course"]: standing.unpack(one["packed"]) for one in rows[Standing]}
    records = {one["number"]: msgspec.json.decode(one["record"]) for one in rows[Certificate]}
    for one in rows[Enrolment]:
        one["cohort"] = None  # copies join no cohort
    hers = [answer for one in rows[Attempt] for answer in sheets.get(one["id"], ())]
    ids = {row.id: 0}
    patterns = {model: [_pattern(model, one, ids, write) for one in several] for model, several in rows.items()}
    return Example([*ids], row.joined_at, row.seen_at, patterns, facts, records, hers, events, taken)


def _pattern(
    model: type[Base], row: Mapping[str, Any], ids: dict[uuid.UUID, int], write: Callable[[datetime], str]
) -> Pattern:
    """The pattern of a row; `ids` learns those that are new."""
    shape, places = SHAPES[model], TABLES[model].places
    hers = [*shape.ids, *(["person_id"] if shape.hers else [])]
    profile = () if model is Attempt and row["handed_in_at"] is None else shape.profile
    return Pattern(
        [_kept(value, write) for value in row.values()],
        [(places[name], ids.setdefault(row[name], len(ids))) for name in hers],
        [(places[name], row[name]) for name in shape.moments if row[name] is not None],
        [(places[name], name) for name in profile],
        [(places[name], name) for name in shape.stated],
    )


def _kept(value: Any, write: Callable[[datetime], str]) -> Any:
    """A value as `Rows` takes it."""
    if isinstance(value, uuid.UUID):
        return value.hex
    return write(value) if isinstance(value, datetime) else value


def _rows(session: Session, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[type[Base], list[dict[str, Any]]]]:
    """Every row of these people by person and table, in the order of its key."""
    found: dict[uuid.UUID, dict[type[Base], list[dict[str, Any]]]] = {
        id: {model: [] for model in SHAPES} for id in people
    }
    for model in SHAPES:
        table = _table(model)
        owner, joined = _owner(model)
        chosen = select(owner.label("owner_of_row"), *table.c).select_from(joined).where(owner.in_(people))
        names = [column.name for column in table.c]
        for whose, *values in session.execute(chosen.order_by(*table.primary_key)):
            found[whose][model].append(dict(zip(names, values, strict=True)))
    return found


def _owner(model: type[Base]) -> tuple[Any, Any]:
    """The column that says whose a row is, and what has to be joined for that."""
    table = _table(model)
    for column, other in (("attempt_id", _table(Attempt)), ("completion_id", _table(Completion))):
        if column in table.c:
            return other.c.person_id, table.join(other, other.c.id == table.c[column])
    return table.c.person_id, table


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
