"""Tokens that let other systems read: made by an administrator, shown once, kept as a hash, ended at once.

A token ends with its last day, when it is revoked, and as soon as whoever made it is no administrator who can sign in.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.records import audit, hot, keys
from app.records.access_tables import ApiToken
from app.records.roles import ADMINISTRATOR
from app.records.sql import Plain, insertion, query

MARK = "lontar_"  # so that programs that look for secrets in files know one
LENGTH = len(MARK) + 43
TOUCH = timedelta(minutes=5)

ADD = insertion(ApiToken)
FIND = Plain(
    """
    SELECT api_token.id, api_token.person_id, api_token.name, scopes, api_token.country, expires_at, revoked_at,
        used_at, noted, person.role, person.disabled_at
    FROM api_token JOIN person ON person.id = api_token.person_id WHERE hash = :hash
    """
)
ALL = query(
    """
    SELECT api_token.id, api_token.person_id, api_token.name, scopes, api_token.country, api_token.at, expires_at,
        revoked_at, used_at, person.name AS maker, person.role, person.disabled_at
    FROM api_token JOIN person ON person.id = api_token.person_id ORDER BY api_token.at DESC, api_token.id
    """
)
REVOKE = query("UPDATE api_token SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL RETURNING id")
USED = query("UPDATE api_token SET used_at = :now WHERE id = :id RETURNING id")
NOTED = query("UPDATE api_token SET noted = :day WHERE id = :id AND noted < :day RETURNING id")


class Wanted(NamedTuple):
    """A token to be made; `country` None: it sees all, `expires_at` None: until it is revoked."""

    name: str
    scopes: tuple[str, ...]
    country: str | None = None
    expires_at: datetime | None = None


class Holder(NamedTuple):
    """What a token that counts may do; `person_id`: for whom it acts."""

    id: uuid.UUID
    person_id: uuid.UUID
    name: str
    scopes: tuple[str, ...]
    country: str | None
    expires_at: datetime | None
    used_at: datetime | None
    noted: str


def make(session: Session, person_id: uuid.UUID, wanted: Wanted, now: datetime) -> tuple[uuid.UUID, str]:
    """A new token of this administrator: its id, and the secret, which is nowhere kept. Raises ValueError for none of
    the scopes."""
    if not wanted.scopes:
        raise ValueError("a token without a scope may do nothing")
    secret, id = MARK + keys.token(), keys.new_id()
    row = {"id": id, "hash": keys.hash_of(secret), "name": wanted.name, "scopes": " ".join(wanted.scopes)}
    row |= {"country": wanted.country, "person_id": person_id, "at": now, "expires_at": wanted.expires_at}
    session.execute(ADD, row | {"revoked_at": None, "used_at": None, "noted": ""})
    audit.record(session, person_id, "token", str(id), " ".join((*wanted.scopes, wanted.country or "all")), now)
    return id, secret


def find(place: Session | Engine, secret: str, now: datetime) -> Holder | None:
    """Who asks with this secret; None for one that never was or counts no more."""
    row = hot.first(place, FIND, {"hash": keys.hash_of(secret)})
    if row is None or state(row, now) != "":
        return None
    return Holder(
        row.id, row.person_id, row.name, tuple(row.scopes.split()), row.country, row.expires_at, row.used_at, row.noted
    )


def state(row: Any, now: datetime) -> str:
    """Why a token counts no more: revoked, expired, or maker (closed, or with another role); "": it does."""
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is not None and row.expires_at <= now:
        return "expired"
    return "maker" if row.disabled_at is not None or row.role != ADMINISTRATOR else ""


def every(session: Session) -> list[Any]:
    """All tokens with who made them, the newest first."""
    return list(session.execute(ALL))


def revoke(session: Session, id: uuid.UUID, by: uuid.UUID, now: datetime) -> bool:
    """End a token; says whether it was not ended before."""
    if session.execute(REVOKE, {"id": id, "now": now}).first() is None:
        return False
    audit.record(session, by, "token revoked", str(id), "", now)
    return True


def note_use(session: Session, holder: Holder, people: bool, now: datetime) -> None:
    """Remember when a token was last used; for records of `people` write one act a day into the audit log."""
    session.execute(USED, {"id": holder.id, "now": now})
    if people and session.execute(NOTED, {"id": holder.id, "day": f"{now:%Y-%m-%d}"}).first():
        detail = f"records of persons, {holder.country or 'all countries'}"
        audit.record(session, holder.person_id, "token read", str(holder.id), detail, now)


def to_be_noted(holder: Holder, people: bool, now: datetime) -> bool:
    """Whether `note_use` would say something new."""
    stale = holder.used_at is None or now - holder.used_at > TOUCH
    return stale or (people and holder.noted < f"{now:%Y-%m-%d}")
