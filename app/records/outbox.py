"""Mail that waits to be sent. Whoever sends it first claims it in a transaction, then sends, then says how it went."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.records.keys import new_id
from app.records.models import Outbox
from app.records.sql import insertion, query, statement

LEASE = timedelta(minutes=10)  # a sender that dies leaves its mail to the next after this
TRIES = 8

ADD = insertion(Outbox)
TAKE = query(
    """
    UPDATE outbox SET next_at = :until, tries = tries + 1 WHERE sent_at IS NULL AND next_at <= :now AND id IN (
        SELECT id FROM outbox WHERE sent_at IS NULL AND next_at <= :now AND tries < :most ORDER BY next_at LIMIT :limit)
    RETURNING id, recipient, subject, body
    """
)
SENT = statement(
    "UPDATE outbox SET sent_at = :now, recipient = '', subject = '', body = '', error = NULL WHERE id = :id"
)
TRIED = query("SELECT tries FROM outbox WHERE id = :id")
FORGET = statement("UPDATE outbox SET recipient = '', subject = '', body = '' WHERE id = :id")
FAILED = statement("UPDATE outbox SET next_at = :until, error = :error WHERE id = :id AND sent_at IS NULL")
TIDY = statement("DELETE FROM outbox WHERE sent_at < :since OR (tries >= :most AND next_at < :since)")
STUCK = query("SELECT count(*) FROM outbox WHERE sent_at IS NULL AND (tries >= :most OR made_at < :since)")
WAITING = statement("SELECT count(*) FROM outbox WHERE sent_at IS NULL")


def add(
    session: Session, person_id: uuid.UUID | None, recipient: str, subject: str, body: str, now: datetime
) -> uuid.UUID:
    """Put a mail in the outbox, due at once; it goes with the person when she is erased."""
    id = new_id()
    row = {"id": id, "person_id": person_id, "recipient": recipient, "subject": subject, "body": body}
    times = {"made_at": now, "next_at": now, "sent_at": None, "tries": 0, "error": None}
    session.execute(ADD, row | times)
    return id


def take(session: Session, now: datetime, limit: int = 20) -> list[Row[Any]]:
    """Mails to send now (id, recipient, subject, body), claimed for this sender: commit, send, then tell."""
    values = {"now": now, "until": now + LEASE, "most": TRIES, "limit": limit}
    return list(session.execute(TAKE, values).all())


def sent(session: Session, id: uuid.UUID, now: datetime) -> None:
    """It was sent; what it said and to whom is forgotten."""
    session.execute(SENT, {"id": id, "now": now})


def failed(session: Session, id: uuid.UUID, error: str, now: datetime) -> None:
    """It could not be sent: tried again after 1, 2, 4 … minutes, eight times in all, then its text is forgotten.

    `error` names no address.
    """
    tries = session.execute(TRIED, {"id": id}).scalar_one()
    wait = timedelta(minutes=2 ** (tries - 1))
    session.execute(FAILED, {"id": id, "until": now + wait, "error": error[:500]})
    if tries >= TRIES:
        session.execute(FORGET, {"id": id})


def waiting(session: Session) -> int:
    """How many mails have not been sent."""
    return int(session.execute(WAITING).scalar_one())


def stuck(session: Session, since: datetime) -> int:
    """How many mails were given up, or have waited since before that moment."""
    return int(session.execute(STUCK, {"since": since, "most": TRIES}).scalar_one())


def tidy(session: Session, before: datetime) -> None:
    """Forget mails that were sent or given up before that moment."""
    session.execute(TIDY, {"since": before, "most": TRIES})
