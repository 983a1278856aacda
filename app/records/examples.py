"""Demonstration people with all that is remembered of them, read to be copied (`app.ops.demo_copies`)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine, Table, select
from sqlalchemy.orm import Session

from app.core.certificates import COMPLETION
from app.core.progress import Facts
from app.core.tallying import Observation
from app.records import item_tallies, standing
from app.records.engine import open_session
from app.records.models import (
    Attempt,
    Base,
    Certificate,
    Completion,
    Enrolment,
    Grade,
    Reading,
    Response,
    SavedAnswer,
    Standing,
    SurveyChoice,
)
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
    """What of a table's rows is a person's own: ids of rows, moments, what her profile was then; `hers`: her id."""

    ids: tuple[str, ...] = ()
    moments: tuple[str, ...] = ("at",)
    profile: tuple[str, ...] = ()
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
}


class Example(NamedTuple):
    """A person with her rows by table, the standings and certificate records among them read, and her answer sheets."""

    id: uuid.UUID
    joined_at: datetime
    seen_at: datetime
    rows: dict[type[Base], list[dict[str, Any]]]
    facts: dict[str, Facts]
    records: dict[str, dict[str, Any]]
    sheets: list[list[Observation]]

    @property
    def sections(self) -> int:
        return len(self.rows[Reading])

    @property
    def completed(self) -> bool:
        return any(row["kind"] == COMPLETION for row in self.rows[Completion])


@cache
def rows_into(model: type[Base]) -> Rows:
    """What adds rows to a table."""
    return Rows(model)


def load(engine: Engine, last: str) -> list[Example]:
    """The demonstration people with sign-in names up to `last`, who took the course themselves."""
    with open_session(engine, write=False) as session:
        found = session.execute(FIND, {"last": last}).all()
        people = [row.id for row in found]
        rows, sheets = _rows(session, people), item_tallies.sheets_of(session, people)
    return [_example(row, rows[row.id], sheets) for row in found]


def _example(
    row: Any, rows: dict[type[Base], list[dict[str, Any]]], sheets: Mapping[uuid.UUID, list[Observation]]
) -> Example:
    facts = {one["course"]: standing.unpack(one["packed"]) for one in rows[Standing]}
    records = {one["number"]: msgspec.json.decode(one["record"]) for one in rows[Certificate]}
    for one in rows[Enrolment]:
        one["cohort"] = None  # copies join no cohort
    hers = [sheets[one["id"]] for one in rows[Attempt] if one["id"] in sheets]
    return Example(row.id, row.joined_at, row.seen_at, rows, facts, records, hers)


def _rows(session: Session, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[type[Base], list[dict[str, Any]]]]:
    """Every row of these people by person and table."""
    found: dict[uuid.UUID, dict[type[Base], list[dict[str, Any]]]] = {
        id: {model: [] for model in SHAPES} for id in people
    }
    for model in SHAPES:
        table = _table(model)
        owner, joined = _owner(model)
        chosen = select(owner.label("owner_of_row"), *table.c).select_from(joined).where(owner.in_(people))
        for row in session.execute(chosen).mappings():
            found[row["owner_of_row"]][model].append({name.name: row[name] for name in table.c})
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
