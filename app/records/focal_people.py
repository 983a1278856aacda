"""Whom a focal point sees: people of the own country who ticked that they may be seen, or who joined by a key or an
invitation of a cohort of that country. Names and how far they are, never answers or scores."""

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from app.records.cohorts import STATE
from app.records.sql import query

STATES = ("registered", "started", "completed")
# Somebody who states no country may still join a cohort of it; somebody who states another is seen by nobody here.
MEMBER = """
    person.id IN (SELECT membership.person_id FROM membership JOIN cohort AS own ON own.id = membership.cohort_id
        WHERE own.country = :country)
"""
SEEN = "EXISTS (SELECT 1 FROM wish WHERE wish.person_id = person.id AND wish.seen)"
VISIBLE = (f"person.country = :country AND ({SEEN} OR {MEMBER})", f"person.country IS NULL AND {MEMBER}")
FROM = "FROM person JOIN (SELECT CAST(:course AS TEXT) AS course) AS cohort ON TRUE"
NEXT = "ORDER BY search, id LIMIT :limit"
AFTER = "AND search >= :search AND (search > :search OR id > :id)"
SAID = f"person.id, person.name, person.name_latin, person.search, {STATE} AS state"


def _visible(said: str, rest: str = "") -> str:
    """Whom the focal point sees, in two parts, so that each reads the people of one country by their index."""
    return " UNION ALL ".join(f"SELECT * FROM (SELECT {said} {FROM} WHERE {who} {rest}) AS part" for who in VISIBLE)


# Of each part the first ones, found in the order of its index, however many there are.
LISTED, LISTED_IN_STATE = (
    query(f"SELECT id, name, name_latin, search, state FROM ({_visible(SAID, rest)}) AS people {NEXT}")
    for rest in (f"{AFTER} {NEXT}", f"{AFTER} AND {STATE} = :state {NEXT}")
)
COUNTED = query(f"SELECT state, count(*) AS n FROM ({_visible(f'{STATE} AS state')}) AS people GROUP BY state")
ALL = query(f"SELECT id, name, name_latin, search, state FROM ({_visible(SAID)}) AS people ORDER BY search, id")
HER = "AND person.id = :person_id"
ONE = query(f"SELECT id, name, name_latin, search, state FROM ({_visible(SAID, HER)}) AS people")
COHORTS = query(
    """
    SELECT membership.person_id, cohort.name, membership.at
    FROM membership JOIN cohort ON cohort.id = membership.cohort_id
    WHERE cohort.country = :country AND membership.person_id IN :people ORDER BY membership.at
    """
)
NOTES = query(
    """
    SELECT note.activity, note.text, person.name FROM shared_note
    JOIN note ON note.person_id = shared_note.person_id AND note.activity = shared_note.activity
    JOIN person ON person.id = shared_note.person_id
    WHERE person.country = :country AND note.text <> '' ORDER BY note.activity, person.search, person.id
    """
)


def people_of(
    session: Session, country: str, course: str, state: str = "", after: str = "", limit: int = 50
) -> tuple[list[Any], str]:
    """Whom the focal point of a country sees (id, name, name_latin, state), and where the next page begins."""
    search, _, id = after.rpartition("|")
    start = uuid.UUID(id) if id else uuid.UUID(int=0)
    values = {"country": country, "course": course, "search": search, "id": start, "limit": limit + 1}
    if state:
        found = list(session.execute(LISTED_IN_STATE, values | {"state": state}))
    else:
        found = list(session.execute(LISTED, values))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], f"{last.search}|{last.id}" if last else ""


def counted(session: Session, country: str, course: str) -> dict[str, int]:
    rows = session.execute(COUNTED, {"country": country, "course": course})
    counts = {row.state: int(row.n) for row in rows}
    return {state: counts.get(state, 0) for state in STATES}


def everybody(session: Session, country: str, course: str) -> Iterator[Any]:
    """All of them, by name, for an export."""
    yield from session.execute(ALL, {"country": country, "course": course}, execution_options={"yield_per": 500})


def find(session: Session, country: str, course: str, person_id: uuid.UUID) -> Any:
    """One of them; None for anybody who may not be seen."""
    return session.execute(ONE, {"country": country, "course": course, "person_id": person_id}).first()


def cohorts_of(session: Session, country: str, people: list[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    """The cohorts (name, at) of this country that these people are in; no others of theirs."""
    found: dict[uuid.UUID, list[Any]] = {id: [] for id in people}
    for row in session.execute(COHORTS, {"country": country, "people": people}) if people else ():
        found[row.person_id].append(row)
    return found


def notes_of(session: Session, country: str) -> list[Any]:
    """The notes (activity, text, name) that people of a country share, by activity."""
    return list(session.execute(NOTES, {"country": country}))
