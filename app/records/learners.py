"""Lists of people as administrators see them: who they are and what they have done in each course."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.core.progress import Facts
from app.records import people, standing
from app.records.models import Person
from app.records.sql import query

STANDINGS = query("SELECT person_id, course, packed FROM standing WHERE person_id IN :people")


class Listed(NamedTuple):
    """A person of a list, with the facts of each course that she joined."""

    person: Person
    facts: dict[str, Facts]


class Page(NamedTuple):
    """Some people of a list; `after` is where the next page begins, None on the last."""

    rows: list[Listed]
    after: str | None


def search(session: Session, text: str, after: str | None = None, limit: int = 50) -> Page:
    """`people.search`, with what each person has done."""
    found = people.search(session, text, after, limit)
    known = facts_of(session, [person.id for person in found.people])
    return Page([Listed(person, known[person.id]) for person in found.people], found.after)


def facts_of(session: Session, wanted: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, Facts]]:
    """The facts of these people by course; nothing for a course that a person has not joined."""
    known: dict[uuid.UUID, dict[str, Facts]] = {person: {} for person in wanted}
    for row in session.execute(STANDINGS, {"people": list(wanted)}) if wanted else ():
        known[row.person_id][row.course] = standing.unpack(row.packed)
    return known
