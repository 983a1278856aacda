"""The audit log: who did what to what. Each row carries the hash of the row before, so none can be slipped in."""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.core import periods
from app.core.acts import COMMAND_LINE, Sought
from app.core.content import canonical
from app.core.filters import months_of
from app.records.locks import on_server
from app.records.models import Act
from app.records.sql import insertion, query

EVERYTHING, UTC_ZONE = Sought(), ZoneInfo("UTC")
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('lontar act'))")
LAST = query("SELECT number, hash FROM act ORDER BY number DESC LIMIT 1")
ADD = insertion(Act)
LATEST = (
    'SELECT number, at, "by", deed, subject, detail FROM act WHERE number < :below{} ORDER BY number DESC LIMIT :limit'
)
MOST = 2**62
ALL = query('SELECT number, at, "by", deed, subject, detail, before, hash FROM act ORDER BY number')
SOME = 'SELECT number, at, "by", deed, subject, detail, before, hash FROM act WHERE TRUE{} ORDER BY number'
HERS = ' AND ("by" = :person_id OR subject = :subject)'
AT_ONCE = 500  # rows fetched together


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


def latest(
    session: Session, before: int | None = None, limit: int = 50, sought: Sought = EVERYTHING, zone: ZoneInfo = UTC_ZONE
) -> list[Row[Any]]:
    """The newest acts first (number, at, by, deed, subject, detail); `before`: only those with lower numbers."""
    sql, values = _chosen(sought, zone)
    return list(session.execute(query(LATEST.format(sql)), values | {"below": before or MOST, "limit": limit}))


def rows(session: Session, sought: Sought, zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    """Acts from the first on, with the columns `app.core.columns.ACTS`."""
    sql, values = _chosen(sought, zone)
    for row in session.execute(query(SOME.format(sql)), values, execution_options={"yield_per": AT_ONCE}):
        number, at, by, *rest = row
        yield number, at, str(by) if by else None, *rest


def _chosen(sought: Sought, zone: ZoneInfo) -> tuple[str, dict[str, Any]]:
    sql, values = "", dict[str, Any]()
    if sought.deed:
        sql, values["deed"] = f"{sql} AND deed = :deed", sought.deed
    if sought.person == COMMAND_LINE:
        sql = f'{sql} AND "by" IS NULL'
    elif sought.person:
        sql, values = sql + HERS, values | {"person_id": uuid.UUID(sought.person), "subject": sought.person}
    since, until = periods.bounds(months_of(sought.period), zone)
    if since:
        sql, values["since"] = f"{sql} AND at >= :since", since
    if until:
        sql, values["until"] = f"{sql} AND at < :until", until
    return sql, values


def verify_chain(session: Session) -> int | None:
    """The number of the first row that does not follow from the one before; None when the chain holds."""
    before = ""
    with session.execute(ALL, execution_options={"yield_per": AT_ONCE}) as found:
        for number, row in enumerate(found.mappings(), start=1):
            if row["number"] != number or row["before"] != before or row["hash"] != hash_of(dict(row)):
                return number
            before = row["hash"]
    return None
