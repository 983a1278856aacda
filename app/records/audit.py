"""The audit log: who did what to what. Each row carries the hash of the row before, so none can be slipped in."""

import hashlib
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.core.content import canonical
from app.records.locks import on_server
from app.records.models import Act
from app.records.sql import insertion, query

LOCK = text("SELECT pg_advisory_xact_lock(hashtext('lontar act'))")
LAST = query("SELECT number, hash FROM act ORDER BY number DESC LIMIT 1")
ADD = insertion(Act)
LATEST = query(
    'SELECT number, at, "by", deed, subject, detail FROM act WHERE number < :below ORDER BY number DESC LIMIT :limit'
)
MOST = 2**62
ALL = query('SELECT number, at, "by", deed, subject, detail, before, hash FROM act ORDER BY number')


def record(session: Session, by: uuid.UUID | None, deed: str, subject: str, detail: str, now: datetime) -> None:
    """Write down an act in the transaction of the act; ids only, never names. `by` None: the command line."""
    if on_server(session):
        session.execute(LOCK)
    last = session.execute(LAST).first()
    number, before = (last.number + 1, last.hash) if last else (1, "")
    row = {"number": number, "at": now, "by": by, "deed": deed, "subject": subject, "detail": detail, "before": before}
    session.execute(ADD, row | {"hash": hash_of(row)})


def hash_of(row: dict[str, Any]) -> str:
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    by = str(row["by"]) if row["by"] else None
    chained = [row["number"], at, by, row["deed"], row["subject"], row["detail"], row["before"]]
    return hashlib.sha256(canonical(chained)).hexdigest()


def latest(session: Session, before: int | None = None, limit: int = 50) -> list[Row[Any]]:
    """The newest acts first (number, at, by, deed, subject, detail); `before`: only those with lower numbers."""
    return list(session.execute(LATEST, {"below": before or MOST, "limit": limit}))


def verify_chain(session: Session) -> int | None:
    """The number of the first row that does not follow from the one before; None when the chain holds."""
    before = ""
    for number, row in enumerate(session.execute(ALL, execution_options={"yield_per": 1000}).mappings(), start=1):
        if row["number"] != number or row["before"] != before or row["hash"] != hash_of(dict(row)):
            return number
        before = row["hash"]
    return None
