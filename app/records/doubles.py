"""One person with several accounts counts once: what is taken off the tallies for that.

Of the accounts that are linked, the first that enrolled, started or completed is counted; the cells of the others are
doubles. `double_count` says which of them are off the tallies now, so that a recount from the facts agrees, and
`settle` moves the tallies to where they should be: after a link or its undoing, a changed profile, and by the timer
of `lontar mail` for what linked people did since. Nothing is asked where learners work. Certificates are documents:
each of them is counted.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.records import tallies
from app.records.access_tables import DoubleCount
from app.records.locks import on_server
from app.records.profiles import profile_of
from app.records.sql import insertion, query, statement
from app.records.tallies import Cell

NOBODY = uuid.UUID(int=0)
LINKED = """
    (SELECT id FROM person WHERE same_as > :least_id UNION SELECT same_as FROM person WHERE same_as > :least_id)
"""
GROUP = "coalesce(person.same_as, person.id) AS group_id"
STARTS = query(
    f"{tallies.STARTS.replace('SELECT ', f'SELECT {GROUP}, ', 1)} WHERE enrolment.person_id IN {LINKED}",
)
ENDS = query(
    f"""
    SELECT {GROUP}, completion.course, completion.kind, completion.at, completion.country, completion.sex,
        completion.ministry_type, completion.organisation_id, completion.age_band, completion.language
    FROM completion JOIN person ON person.id = completion.person_id WHERE completion.person_id IN {LINKED}
    """
)
ANY = query("SELECT 1 AS found FROM person WHERE same_as > :least_id UNION ALL SELECT 1 AS found FROM double_count")
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('lontar doubles'))")
KNOWN = query(f"SELECT {', '.join(tallies.KEY)}, n FROM double_count")
EMPTY = statement("DELETE FROM double_count")
ADD = insertion(DoubleCount)


def settle(session: Session, zone: tzinfo | None) -> None:
    """Move the tallies so that each person is counted once; nothing where nobody has a second account."""
    if before_and_now := _look(session, zone):
        before, now = before_and_now
        tallies.add(session, _minus(before, now))


def forget(session: Session, zone: tzinfo | None) -> None:
    """After an account was erased, whose counts were kept: what it doubled is taken off those, and no count moves."""
    if before_and_now := _look(session, zone):
        before, now = before_and_now
        tallies.keep(session, _minus(now, before))


def recorded(session: Session) -> Counter[Cell]:
    """What is off the tallies now."""
    return Counter({tuple(row[:-1]): row.n for row in session.execute(KNOWN)})


def of_all(session: Session, zone: tzinfo | None) -> Counter[Cell]:
    """What the accounts that are linked now count too often, as the facts say."""
    counted: dict[tuple[Any, ...], list[tuple[datetime, Cell]]] = {}
    for group, at, cell in _counts(session, zone):
        counted.setdefault((group, *cell[:2]), []).append((at, cell))
    return Counter(cell for several in counted.values() for _at, cell in sorted(several)[1:])


def _counts(session: Session, zone: tzinfo | None) -> Iterator[tuple[uuid.UUID, datetime, Cell]]:
    values = {"least_id": NOBODY}
    for row in session.execute(STARTS, values):
        for measure, at in tallies.started(row, zone):
            yield row.group_id, at, tallies.cell(row.course, measure, at, profile_of(row))
    for row in session.execute(ENDS, values):
        at = row.at.astimezone(zone)
        yield row.group_id, at, tallies.cell(row.course, row.kind, at, profile_of(row))


def _look(session: Session, zone: tzinfo | None) -> tuple[Counter[Cell], Counter[Cell]] | None:
    """What was off the tallies before, and what should be; the latter is written down. None: nobody is concerned."""
    session.flush()
    if session.execute(ANY, {"least_id": NOBODY}).first() is None:
        return None
    if on_server(session):
        session.execute(LOCK)
    before, now = recorded(session), of_all(session, zone)
    if before == now:
        return None
    session.execute(EMPTY)
    for cell, n in now.items():
        session.execute(ADD, dict(zip(tallies.KEY, cell, strict=True)) | {"n": n})
    return before, now


def _minus(one: Counter[Cell], other: Counter[Cell]) -> Counter[Cell]:
    """The difference, negative numbers too."""
    found = Counter(one)
    found.subtract(other)
    return found
