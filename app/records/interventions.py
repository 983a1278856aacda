"""What administrators and focal points changed of one learner: names before a certificate, links between accounts.

Each change is a fact with its reason and what was before, beside the act in the audit log, which holds no names.
"""

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.core.certificates import clean_name
from app.records import doubles, locks, people
from app.records.access_tables import Intervention
from app.records.keys import new_id
from app.records.models import Person
from app.records.sql import insertion, query

NAME, LINK, UNLINK = "name", "link", "unlink"
ADD = insertion(Intervention)
OF_PERSON = query(
    """
    SELECT intervention.id, intervention.person_id, deed, other_id, before, reason, "by", intervention.at,
        doer.name AS doer
    FROM intervention LEFT JOIN person AS doer ON doer.id = intervention."by"
    WHERE intervention.person_id = :person_id OR other_id = :person_id ORDER BY intervention.at, intervention.id
    """
)
# Acts about a person, by an id that the audit log writes in letters.
ACTS = query(
    """
    SELECT act.number, act.at, act."by", act.deed, act.detail, doer.name AS doer
    FROM act LEFT JOIN person AS doer ON doer.id = act."by"
    WHERE act.subject = :subject AND act.number > :number ORDER BY act.number
    """
)
LINKED = query("SELECT id FROM person WHERE same_as = :id ORDER BY joined_at, id")


class Unfit(Exception):
    """Two accounts that cannot be linked: `why` is self, unknown, linked, main or chain."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Changed(Exception):
    """The name is not any more what the administrator saw."""


class Accounts(NamedTuple):
    """The other accounts of a person: the one that she is counted by, where this is not it, and those linked here."""

    main: Person | None
    others: tuple[Person, ...]


def correct_name(
    session: Session,
    person_id: uuid.UUID,
    seen: tuple[str, str],
    wanted: tuple[str, str],
    reason: str,
    by: uuid.UUID,
    now: datetime,
) -> bool:
    """Write a name (and in Latin letters) as it shall be, while no certificate carries it; says whether it is new.

    `seen`: the two names as the administrator saw them. Raises Changed where they are others by now, people.NameFixed,
    ValueError for a name that cannot be printed, NoResultFound.
    """
    person = locks.person(session, person_id)
    before = (person.name, person.name_latin)
    if before == wanted:
        return False
    if before != seen:
        raise Changed(str(person_id))
    people.change_profile(session, person_id, dict(zip(people.NAMES, wanted, strict=True)), now)
    _add(session, person_id, NAME, None, " / ".join(filter(None, before)), reason, by, now)
    return True


def link(session: Session, person_id: uuid.UUID, main_id: uuid.UUID, reason: str, by: uuid.UUID, now: datetime) -> None:
    """Say that an account belongs to the person of another one, who is counted once from now on. Raises Unfit.

    Neither account changes: sign-in, results and certificates of both stay.
    """
    if person_id == main_id:
        raise Unfit("self")
    held = {id: _held(session, id) for id in sorted((person_id, main_id))}
    person, main = held[person_id], held[main_id]
    if person is None or main is None:
        raise Unfit("unknown")
    if person.same_as is not None:
        raise Unfit("linked")
    if main.same_as is not None:
        raise Unfit("main")
    if session.execute(LINKED, {"id": person_id}).first():
        raise Unfit("chain")
    person.same_as = main_id
    _add(session, person_id, LINK, main_id, "", reason, by, now)
    doubles.settle(session, now.tzinfo)


def unlink(session: Session, person_id: uuid.UUID, reason: str, by: uuid.UUID, now: datetime) -> uuid.UUID:
    """Take a link back; returns the account that it led to. Raises Unfit where there is none."""
    person = _held(session, person_id)
    if person is None or person.same_as is None:
        raise Unfit("unknown")
    main, person.same_as = person.same_as, None
    _add(session, person_id, UNLINK, main, "", reason, by, now)
    doubles.settle(session, now.tzinfo)
    return main


def accounts(session: Session, person: Person) -> Accounts:
    """The accounts that are said to be of the same person."""
    main = people.find(session, person.same_as) if person.same_as else None
    others = session.execute(LINKED, {"id": main.id if main else person.id}).scalars().all()
    return Accounts(main, tuple(people.get(session, id) for id in others if id != person.id))


def of_person(session: Session, person_id: uuid.UUID) -> list[Any]:
    """What was changed of this person, the oldest first, links that lead to her too."""
    return list(session.execute(OF_PERSON, {"person_id": person_id}))


def acts_since(session: Session, person_id: uuid.UUID, number: int = 0) -> list[Any]:
    """Acts about this person behind a number of the audit log (number, at, by, deed, detail, and the doer's name of
    today), in their order."""
    return list(session.execute(ACTS, {"subject": str(person_id), "number": number}))


def _held(session: Session, person_id: uuid.UUID) -> Person | None:
    return locks.person(session, person_id) if people.find(session, person_id) else None


def _add(
    session: Session,
    person_id: uuid.UUID,
    deed: str,
    other_id: uuid.UUID | None,
    before: str,
    reason: str,
    by: uuid.UUID,
    now: datetime,
) -> None:
    row = {"id": new_id(), "person_id": person_id, "deed": deed, "other_id": other_id}
    session.execute(ADD, row | {"before": before, "reason": clean_name(reason), "by": by, "at": now})
