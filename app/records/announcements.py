"""Announcements on the home page: who sees what on which day, in which language."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.records import hot
from app.records.engine import Unavailable
from app.records.guarding import Announcement
from app.records.keys import new_id
from app.records.sql import Plain, insertion, query

AT_ONCE = 3  # on the home page, the newest; its size is bounded
LISTED = 100

ADD = insertion(Announcement)
CHANGE = query(
    "UPDATE announcement SET texts = :texts, first_day = :first_day, last_day = :last_day, changed_at = :now"
    " WHERE id = :id AND withdrawn_at IS NULL AND changed_at = :seen_at RETURNING id"
)
WITHDRAW = query(
    "UPDATE announcement SET withdrawn_at = :now, changed_at = :now WHERE id = :id AND withdrawn_at IS NULL"
    " RETURNING id"
)


class Words(msgspec.Struct, frozen=True):
    """One language's title and text; a line of the text is a line, an empty one ends a paragraph."""

    title: str
    text: str

    @property
    def paragraphs(self) -> list[list[str]]:
        """The lines of each paragraph."""
        return [part.split("\n") for part in self.text.split("\n\n") if part]


class Shown(NamedTuple):
    """An announcement of today: its texts as they are kept, and since when it is shown."""

    texts: str
    first_day: date

    @property
    def words(self) -> dict[str, Words]:
        """What it says by language, the original first."""
        return read(self.texts)


class Row(NamedTuple):
    texts: str
    first_day: Any  # SQLite answers a text


CURRENT = Plain(
    "SELECT texts, first_day FROM announcement WHERE withdrawn_at IS NULL AND first_day <= :day"
    f" AND (last_day IS NULL OR last_day >= :day) ORDER BY first_day DESC, at DESC, id DESC LIMIT {AT_ONCE}",
    Row,
)


def read(texts: str) -> dict[str, Words]:
    return msgspec.json.decode(texts, type=dict[str, Words])


def current(engine: Engine, day: date) -> tuple[Shown, ...]:
    """What the home page says on this day, the newest first."""
    rows = hot.rows(engine, CURRENT, {"day": day.isoformat()})
    return tuple(Shown(row.texts, date.fromisoformat(str(row.first_day))) for row in rows)


def current_or_none(engine: Engine, day: date) -> tuple[Shown, ...]:
    """The same; nothing where the records can't be read now, for the home page itself needs none."""
    try:
        return current(engine, day)
    except Unavailable:
        return ()


def newest(session: Session) -> list[Announcement]:
    """The newest announcements, withdrawn and past ones, too."""
    newest_first = (Announcement.at.desc(), Announcement.id.desc())
    return list(session.scalars(select(Announcement).order_by(*newest_first).limit(LISTED)))


def find(session: Session, id: uuid.UUID) -> Announcement | None:
    return session.execute(select(Announcement).where(Announcement.id == id)).scalar()


def add(
    session: Session, texts: Mapping[str, Words], days: tuple[date, date | None], by: uuid.UUID, now: datetime
) -> uuid.UUID:
    """A new announcement, shown from the first to the last of the `days`, both included; without a last one until it is
    withdrawn."""
    id = new_id()
    times = {"at": now, "changed_at": now, "withdrawn_at": None}
    session.execute(ADD, {"id": id, "by": by, **_packed(texts, days), **times})
    return id


def change(
    session: Session,
    id: uuid.UUID,
    texts: Mapping[str, Words],
    days: tuple[date, date | None],
    seen_at: datetime,
    now: datetime,
) -> bool:
    """Say it otherwise; False where somebody changed or withdrew it after `seen_at`."""
    values = {"id": id, "seen_at": seen_at, "now": now, **_packed(texts, days)}
    return session.execute(CHANGE, values).first() is not None


def withdraw(session: Session, id: uuid.UUID, now: datetime) -> bool:
    """Show it no more; False where it was withdrawn before."""
    return session.execute(WITHDRAW, {"id": id, "now": now}).first() is not None


def _packed(texts: Mapping[str, Words], days: tuple[date, date | None]) -> dict[str, Any]:
    """Days go as texts, which both databases take for a date."""
    first, last = days[0].isoformat(), days[1].isoformat() if days[1] else None
    return {"texts": msgspec.json.encode(dict(texts)).decode(), "first_day": first, "last_day": last}
