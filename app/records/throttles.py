"""How often something failed lately: counters by key and hour."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.records.sql import query, statement

HOUR = 3600
ADD = statement(
    "INSERT INTO throttle (key, hour, count) VALUES (:key, :hour, 1)"
    " ON CONFLICT (key, hour) DO UPDATE SET count = throttle.count + 1"
)
COUNT = query("SELECT key, hour, count FROM throttle WHERE key IN :keys AND hour >= :hour")
FORGET = statement("DELETE FROM throttle WHERE hour < :hour")


def add(session: Session, key: str, now: datetime) -> None:
    """Count one failure."""
    session.execute(ADD, {"key": key, "hour": int(now.timestamp()) // HOUR})


def count(session: Session, keys: Sequence[str], now: datetime) -> dict[str, int]:
    """The failures of each key in the hour up to `now`; those of the hour before on the clock count by their share,
    rounded up."""
    hour, into = divmod(int(now.timestamp()), HOUR)
    counts = dict.fromkeys(keys, 0)
    for key, row_hour, failures in session.execute(COUNT, {"keys": list(keys), "hour": hour - 1}):
        counts[key] += failures if row_hour >= hour else -(-failures * (HOUR - into) // HOUR)
    return counts


def tidy(session: Session, now: datetime) -> None:
    """Forget counters that no longer matter."""
    session.execute(FORGET, {"hour": int(now.timestamp()) // HOUR - 1})
