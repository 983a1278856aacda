"""Places in the signed status lists: each certificate has one, found by chance, and keeps it for ever."""

import random
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.core.credentials import any_place
from app.records import hot
from app.records.signing import StatusPlace
from app.records.sql import Plain, insert_into, query, statement

TRIES = 8  # at a free place, before a new list is begun: lists fill to about three quarters
CHANCE = random.SystemRandom()
ASSIGN = Plain(insert_into(StatusPlace, "ON CONFLICT DO NOTHING RETURNING place"))
NEWEST = Plain("SELECT max(list) AS list FROM status_place")
OF = query("SELECT list, place FROM status_place WHERE number = :number")
LACKING = statement(
    "SELECT number FROM certificate WHERE NOT EXISTS"
    " (SELECT 1 FROM status_place WHERE status_place.number = certificate.number) ORDER BY number"
)
GONE = query(
    """
    SELECT place, revocation.at AS at FROM status_place
    JOIN certificate ON certificate.number = status_place.number
    JOIN revocation ON revocation.certificate_id = certificate.id WHERE list = :list
    UNION ALL
    SELECT place, tombstone.at AS at FROM status_place
    JOIN tombstone ON tombstone.number = status_place.number WHERE list = :list
    """
)


class Gone(NamedTuple):
    """The indexes of one list that no longer count, and when the last of them went (None: none ever did)."""

    places: frozenset[int]
    newest: datetime | None


def assign(session: Session, number: str) -> None:
    """Give a certificate its place; harmless for one that has a place."""
    newest = begun(session) - 1
    for listed in [newest] * TRIES + list(range(newest + 1, newest + 100)):
        if hot.first(session, ASSIGN, {"list": listed, "place": any_place(CHANCE), "number": number}):
            return
        if of(session, number) is not None:
            return
    raise RuntimeError("no free place in a hundred status lists")


def of(session: Session, number: str) -> tuple[int, int] | None:
    """The list and the index of a certificate."""
    row = session.execute(OF, {"number": number}).first()
    return (row.list, row.place) if row else None


def lacking(session: Session) -> list[str]:
    """The numbers of certificates without a place."""
    return list(session.execute(LACKING).scalars())


def gone(session: Session, listed: int) -> Gone:
    """What one list says: certificates that were revoked, and those that their holders had withdrawn."""
    rows = session.execute(GONE, {"list": listed}).all()
    return Gone(frozenset(row.place for row in rows), max((row.at for row in rows), default=None))


def begun(session: Session) -> int:
    """How many lists there are; list 0 is always there."""
    return 1 + (hot.first(session, NEWEST, {}).list or 0)
