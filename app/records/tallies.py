"""Counts by month and profile, kept in the transaction of the fact that they count, so that a report reads few rows.

A cell is (course, measure, month, country, sex, ministry type, organisation, age band, language). Enrolments and
starts are counted by the profile of today, completions and certificates by the profile as it was. A month is that of
the time zone of the moments given.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.records import hot, margins, steps
from app.records.models import KeptCount
from app.records.profiles import COLUMNS, Profile, profile_of
from app.records.sql import Many, insertion, query, statement

Cell = tuple[str, ...]

ENROLLED, STARTED, CERTIFICATE = "enrolled", "started", "certificate"
KEY = ("course", "measure", "month", "country", "sex", "ministry_type", "organisation", "age_band", "language")
PROFILE = ", ".join(COLUMNS)

ADD = Many.counts("tally", KEY)
KEEP = insertion(KeptCount, f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET n = kept_count.n + excluded.n")
EMPTY = statement("DELETE FROM tally")
COUNTED = query(f"SELECT {', '.join(KEY)}, n FROM tally WHERE n <> 0")
KEPT = query(f"SELECT {', '.join(KEY)}, n FROM kept_count")
DOUBLE = query(f"SELECT {', '.join(KEY)}, n FROM double_count")

STARTS = f"""
    SELECT enrolment.course, enrolment.at,
        (SELECT min(reading.at) FROM reading
            WHERE reading.person_id = enrolment.person_id AND reading.course = enrolment.course) AS read_at,
        (SELECT min(opened_at) FROM attempt
            WHERE attempt.person_id = enrolment.person_id AND attempt.course = enrolment.course) AS opened_at,
        {PROFILE}
    FROM enrolment JOIN person ON person.id = enrolment.person_id
"""
ENDS = f"""
    SELECT course, kind, at, {PROFILE}, EXISTS (
        SELECT 1 FROM certificate WHERE certificate.completion_id = completion.id) AS certified
    FROM completion
"""
STREAM = {"yield_per": 5000}  # rows read at a time where there is one for each learner
TYPED = ("at", "read_at", "opened_at", "organisation_id")
ALL_STARTS, ALL_ENDS = query(STARTS), query(ENDS)
HER_STARTS = query(STARTS + " WHERE enrolment.person_id = :person_id")
HER_ENDS = query(ENDS + " WHERE completion.person_id = :person_id")
THEIR_STARTS, THEIR_ENDS = (
    query(f"{sql.replace('SELECT', f'SELECT {table}.person_id,', 1)} WHERE {table}.person_id IN :people")
    for sql, table in ((STARTS, "enrolment"), (ENDS, "completion"))
)


class Event(NamedTuple):
    """What somebody is counted for, and when; `language` is that of a completion, None for the person's of today."""

    course: str
    measure: str
    at: datetime
    language: str | None


def cell(course: str, measure: str, at: datetime, profile: Profile) -> Cell:
    return (course, measure, f"{at.year:04}-{at.month:02}", *profile)


def add(session: Session, changes: Mapping[Cell, int]) -> None:
    """Move these cells and their sums, measure by measure in one order, so that no two transactions wait for each
    other."""
    moved = [key for key in sorted(changes) if changes[key]]
    for _measure, keys in groupby(moved, key=lambda key: key[:2]):
        cells = {key: changes[key] for key in keys}
        hot.many(session, ADD, [(*key, n) for key, n in cells.items()])
        margins.add(session, cells)


def keep(session: Session, changes: Mapping[Cell, int]) -> None:
    """Keep the counts of a person who goes, so that a recount agrees."""
    for key in sorted(changes):
        session.execute(KEEP, _row(key, changes[key]))


def move(session: Session, person_id: uuid.UUID, before: Profile, after: Profile, zone: tzinfo | None) -> None:
    """Move a person's enrolments and starts from one profile to another."""
    changes: Counter[Cell] = Counter()
    for row in session.execute(HER_STARTS, {"person_id": person_id}) if before != after else ():
        for measure, at in started(row, zone):
            changes[cell(row.course, measure, at, before)] -= 1
            changes[cell(row.course, measure, at, after)] += 1
    add(session, changes)
    steps.move(session, person_id, before, after)


def started(row: Any, zone: tzinfo | None) -> list[tuple[str, datetime]]:
    """The measures that an enrolment counts for, each with its moment."""
    moments = [at for at in (row.read_at, row.opened_at) if at]
    first = [(STARTED, min(moments).astimezone(zone))] if moments else []
    return [(ENROLLED, row.at.astimezone(zone)), *first]


def ended(row: Any) -> tuple[str, ...]:
    """The measures that a completion counts for."""
    return (row.kind, CERTIFICATE) if row.certified else (row.kind,)


def of_person(session: Session, person_id: uuid.UUID, zone: tzinfo | None) -> Counter[Cell]:
    """What one person adds to the tallies."""
    values = {"person_id": person_id}
    return _counted(session.execute(HER_STARTS, values), session.execute(HER_ENDS, values), zone)


def of_people(session: Session, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Event]]:
    """What each of these people is counted for."""
    values: dict[str, Any] = {"people": list(people)}
    found: dict[uuid.UUID, list[Event]] = {id: [] for id in people}
    for row in session.execute(THEIR_STARTS, values):
        found[row.person_id] += (Event(row.course, measure, at, None) for measure, at in started(row, UTC))
    for row in session.execute(THEIR_ENDS, values):
        found[row.person_id] += (Event(row.course, measure, row.at, row.language) for measure in ended(row))
    return found


def recount(session: Session, zone: tzinfo | None) -> Counter[Cell]:
    """The tallies as the facts and the kept counts say, without what linked accounts double."""
    starts, ends = (session.execute(every, execution_options=STREAM) for every in (ALL_STARTS, ALL_ENDS))
    cells = _counted(starts, ends, zone)
    cells.update({tuple(row[:-1]): row.n for row in session.execute(KEPT)})
    cells.subtract({tuple(row[:-1]): row.n for row in session.execute(DOUBLE)})
    return cells


def counted(session: Session) -> Counter[Cell]:
    """The tallies as they stand."""
    return Counter({tuple(row[:-1]): row.n for row in session.execute(COUNTED)})


def apart(session: Session, facts: Mapping[Cell, int]) -> list[tuple[Cell, int]]:
    """The cells that stand at another count than the facts say, with the count at which they stand."""
    unseen, found = {key for key, n in facts.items() if n}, []
    for row in session.execute(COUNTED, execution_options=STREAM):
        key = tuple(row[:-1])
        unseen.discard(key)
        if row.n != facts.get(key, 0):
            found.append((key, int(row.n)))
    return sorted([*found, *((key, 0) for key in unseen)])


def rebuild(session: Session, zone: tzinfo | None) -> None:
    """Make the tallies anew from the facts."""
    session.execute(EMPTY)
    margins.empty(session)
    add(session, recount(session, zone))


def _counted(starts: Any, ends: Any, zone: tzinfo | None) -> Counter[Cell]:
    cells: Counter[Cell] = Counter()
    for row in starts:
        for measure, at in started(row, zone):
            cells[cell(row.course, measure, at, profile_of(row))] += 1
    for row in ends:
        for measure in ended(row):
            cells[cell(row.course, measure, row.at.astimezone(zone), profile_of(row))] += 1
    return cells


def _row(key: Cell, n: int) -> dict[str, Any]:
    return dict(zip(KEY, key, strict=True)) | {"n": n}
