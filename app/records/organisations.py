"""Organisations that people name, each kept once in its country; those that stand for another lead to it."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from app.records import hot
from app.records.folding import fold
from app.records.keys import new_id
from app.records.locks import on_server
from app.records.models import Organisation
from app.records.sql import Plain, insertion, query, statement

ADD = insertion(Organisation, "ON CONFLICT (country, name_key) DO NOTHING")
FIND = """
    SELECT coalesce(organisation_merge.into_id, organisation.id) AS id
    FROM organisation LEFT JOIN organisation_merge ON organisation_merge.organisation_id = organisation.id
    WHERE country = :country AND name_key = :name_key {held}
"""
FIND_ALONE, FIND_HELD = Plain(FIND.format(held="")), Plain(FIND.format(held="FOR KEY SHARE OF organisation"))
NAME = query("SELECT name FROM organisation WHERE id = :id")
HOLD = query("SELECT id FROM organisation WHERE id = :id FOR UPDATE SKIP LOCKED")
FORGET = statement(
    """
    DELETE FROM organisation WHERE id = :id
    AND NOT EXISTS (SELECT 1 FROM person WHERE person.organisation_id = :id)
    AND NOT EXISTS (SELECT 1 FROM completion WHERE completion.organisation_id = :id)
    AND NOT EXISTS (SELECT 1 FROM cohort WHERE cohort.organisation_id = :id)
    AND NOT EXISTS (SELECT 1 FROM listed_organisation WHERE listed_organisation.organisation_id = :id)
    AND NOT EXISTS (SELECT 1 FROM organisation_merge WHERE organisation_merge.organisation_id = :id)
    AND NOT EXISTS (SELECT 1 FROM denominator WHERE denominator.organisation_id = :id)
    """
)


def named(session: Session, name: str | None, country: str | None, now: datetime) -> uuid.UUID | None:
    """The organisation of this name in this country, made when it is new; None for an empty name."""
    if not name or not fold(name):
        return None
    key = {"country": country or "", "name_key": fold(name)}
    found = FIND_HELD if on_server(session) else FIND_ALONE
    known = hot.first(session, found, key)
    if known is None:
        session.execute(ADD, key | {"id": new_id(), "name": " ".join(name.split()), "at": now})
        known = hot.first(session, found, key)
    return known.id if known else None


def name_of(session: Session, id: uuid.UUID | None) -> str:
    """The name as it was first written; "" for none."""
    return str(session.execute(NAME, {"id": id}).scalar() or "") if id else ""


def forget_unused(session: Session, id: uuid.UUID | None) -> None:
    """Drop an organisation that nobody names any more; one that somebody is just about to name stays."""
    if id is None or (on_server(session) and session.execute(HOLD, {"id": id}).first() is None):
        return
    session.execute(FORGET, {"id": id})
