"""Demonstration people with all that is remembered of them, read to be copied (`app.ops.demo_copies`).

What is the same for every copy is worked out once: rows as the drivers take them, counts, answers.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine, Table, select
from sqlalchemy.orm import Session

from app.core.certificates import COMPLETION
from app.core.filters import DIMENSIONS
from app.core.progress import Facts
from app.core.tallying import Observation
from app.records import item_tallies, locks, sql, standing, step_facts, tallies
from app.records.cohort_tables import Wish
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
from app.records.step_facts import OF_COMPLETIONS, Taken

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

    `stated`: her profile where "" stands for what is not stated. `texts`: which of her own stands in a column."""

    ids: tuple[str, ...] = ()
    moments: tuple[str, ...] = ("at",)
    profile: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    hers: bool = True
    texts: Mapping[str, str] = {}


WHO = ("sex", "country")
PROFILE = (*WHO, "ministry_type", "organisation_id", "age_band")
SHAPES: Mapping[type[Base], Shape] = {
    Enrolment: Shape(("id",)),
    Reading: Shape(),
    Attempt: Shape(("id",), ("opened_at", "handed_in_at"), WHO),
    Grade: Shape(("id", "attempt_id"), hers=False),
    SavedAnswer: Shape(("attempt_id",), ("saved_at",), hers=False),
    Timer: Shape(("attempt_id",), hers=False),
    Completion: Shape(("id",), profile=PROFILE, texts={"evidence": "evidence"}),
    Certificate: Shape(("id", "completion_id"), hers=False, texts={"number": "numbers", "record": "records"}),
    Response: Shape(profile=WHO),
    SurveyChoice: Shape(moments=("dismissed_at", "ask_at", "mailed_at")),
    Standing: Shape(moments=(), texts={"packed": "courses"}),
    LastAct: Shape(stated=DIMENSIONS),
    Wish: Shape(),
}
MODELS: tuple[type[Base], ...] = (Person, *SHAPES)
TABLES = {model: Rows(model) for model in MODELS}  # what adds rows


Row = Callable[[Sequence[Any]], tuple[Any, ...]]  # picks a row out of all that a person's rows are made of
KINDS = ("ids", "moments", "profile", "stated", "numbers", "records", "evidence", "courses", "same")


class Parts:
    """What the rows of one person are made of: her own by kind, and `same` as in the rows of whoever is like her."""

    def __init__(self) -> None:
        self.of: dict[str, dict[Any, int]] = {kind: {} for kind in KINDS}
        self.of["profile"], self.of["stated"] = (
            {name: n for n, name in enumerate(all)} for all in (PROFILE, DIMENSIONS)
        )

    def __getitem__(self, kind: str) -> list[Any]:
        return list(self.of[kind])

    def place(self, kind: str, part: Any) -> tuple[str, int]:
        return kind, self.of[kind].setdefault(part, len(self.of[kind]))

    def rows(self, cells: Sequence[Sequence[tuple[str, int]]]) -> list[Row]:
        """What picks these rows out of all parts, kind after kind; to be asked when all parts are known."""
        starts = dict(zip(KINDS, accumulate((len(self.of[kind]) for kind in KINDS), initial=0), strict=False))
        return [itemgetter(*(starts[kind] + place for kind, place in row)) for row in cells]


class Example(NamedTuple):
    """A person with her rows by table as `Parts` has them, and what is the same for whoever is like her.

    `ids` are those of her rows, her own first; `moments` those of her rows; `records` those of her certificates,
    each with its moment, by number; `evidence` that of her completions with the ids in it; `events` and `taken` what
    she is counted for; `answers` hers."""

    ids: list[uuid.UUID]
    joined_at: datetime
    seen_at: datetime
    rows: dict[type[Base], list[Row]]
    moments: list[datetime]
    records: dict[str, tuple[dict[str, Any], datetime]]
    evidence: list[tuple[str, list[uuid.UUID]]]
    facts: list[Facts]
    same: list[Any]
    answers: list[Observation]
    events: list[tallies.Event]
    taken: Mapping[str | None, Counter[Taken]]

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
        return [_example(row, rows[row.id], sheets, events[row.id], _taken(session, row.id), write) for row in found]


def _taken(session: Session, person_id: uuid.UUID) -> dict[str | None, Counter[Taken]]:
    """The steps that a person took, by the language that her completion keeps; those before it by None."""
    found: dict[str | None, Counter[Taken]] = defaultdict(Counter)
    for (course, measure, step, *profile), n in step_facts.of_person(session, person_id):
        found[profile[-1] if measure in OF_COMPLETIONS else None][course, measure, step] += n
    return dict(found)


def _example(
    row: Any,
    rows: dict[type[Base], list[dict[str, Any]]],
    sheets: Mapping[uuid.UUID, list[Observation]],
    events: list[tallies.Event],
    taken: Mapping[str | None, Counter[Taken]],
    write: Callable[[datetime], str],
) -> Example:
    for one in rows[Enrolment]:
        one["cohort"] = None  # copies join no cohort
    parts, records = (
        Parts(),
        {one["number"]: (msgspec.json.decode(one["record"]), one["at"]) for one in rows[Certificate]},
    )
    parts.place("ids", row.id)
    cells = {model: [_cells(parts, model, one, write) for one in several] for model, several in rows.items()}
    facts = {one["course"]: standing.unpack(one["packed"]) for one in rows[Standing]}
    return Example(
        ids=parts["ids"],
        joined_at=row.joined_at,
        seen_at=row.seen_at,
        rows={model: parts.rows(several) for model, several in cells.items()},
        moments=parts["moments"],
        records={number: records[number] for number in parts["numbers"]},
        evidence=[(text, [id for id in parts["ids"] if str(id) in text]) for text in parts["evidence"]],
        facts=[facts[course] for course in parts["courses"]],
        same=[value for _kind, value in parts["same"]],
        answers=[answer for one in rows[Attempt] for answer in sheets.get(one["id"], ())],
        events=events,
        taken=taken,
    )


def _cells(
    parts: Parts, model: type[Base], row: Mapping[str, Any], write: Callable[[datetime], str]
) -> list[tuple[str, int]]:
    """Where each value of a row is among the parts."""
    shape = SHAPES[model]
    own = dict.fromkeys([*shape.ids, *(["person_id"] if shape.hers else [])], "ids")
    own |= {name: "moments" for name in shape.moments if row[name] is not None}
    if model is not Attempt or row["handed_in_at"] is not None:
        own |= dict.fromkeys(shape.profile, "profile")
    own |= {**dict.fromkeys(shape.stated, "stated"), **shape.texts}
    found = []
    for name, value in row.items():
        kind = own.get(name, "same")
        if kind == "same":
            value = (type(value), _kept(value, write))  # True is not 1 in every database
        elif kind in ("profile", "stated"):
            value = name
        elif kind in ("records", "courses"):
            value = row["number" if kind == "records" else "course"]
        found.append(parts.place(kind, value))
    return found


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
