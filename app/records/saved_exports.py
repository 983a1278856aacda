"""Exports that administrators saved under a name: what is asked for, never what came out."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.records.folding import fold
from app.records.keys import new_id
from app.records.models import Base
from app.records.sql import insertion, query

LONGEST = 100  # characters of a name


class SavedExport(Base):
    """Kind, columns (none: all), filters as an address has them, and format. `by`: who saved it, if not erased."""

    __tablename__ = "saved_export"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    columns: Mapped[str]
    filters: Mapped[str]
    format: Mapped[str]
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class Saved(NamedTuple):
    """A saved export as it is read."""

    id: uuid.UUID
    name: str
    kind: str
    columns: tuple[str, ...]
    filters: dict[str, list[str]]
    format: str


class Taken(Exception):
    """Another saved export has this name, or the name is empty."""


ADD = insertion(SavedExport, "ON CONFLICT (name_key) DO NOTHING RETURNING id")
ALL = query("SELECT id, name, kind, columns, filters, format FROM saved_export ORDER BY name_key")
ONE = query("SELECT id, name, kind, columns, filters, format FROM saved_export WHERE id = :id")
RENAME = query(
    "UPDATE saved_export SET name = :name, name_key = :name_key WHERE id = :id"
    " AND NOT EXISTS (SELECT 1 FROM saved_export AS other WHERE other.name_key = :name_key AND other.id <> :id)"
    " RETURNING id"
)
DELETE = query("DELETE FROM saved_export WHERE id = :id RETURNING id")
COLUMNS = msgspec.json.Decoder(tuple[str, ...]).decode
FILTERS = msgspec.json.Decoder(dict[str, list[str]]).decode


def save(
    session: Session,
    name: str,
    kind: str,
    columns: Collection[str],
    filters: Mapping[str, Sequence[str]],
    format: str,
    by: uuid.UUID | None,
    now: datetime,
) -> uuid.UUID:
    """Keep a wish under a name; raises Taken where the name is empty or in use, in whatever capitals."""
    if not fold(name):
        raise Taken
    packed = {name: msgspec.json.encode(value).decode() for name, value in (("columns", columns), ("filters", filters))}
    id = new_id()
    values = {"id": id, "name": name, "name_key": fold(name), "kind": kind, "format": format, "by": by, "at": now}
    found = session.execute(ADD, values | packed).scalar()
    if found is None:
        raise Taken
    return id


def all_saved(session: Session) -> list[Saved]:
    """By their names."""
    return [_read(row) for row in session.execute(ALL)]


def find(session: Session, id: uuid.UUID) -> Saved | None:
    row = session.execute(ONE, {"id": id}).first()
    return _read(row) if row else None


def rename(session: Session, id: uuid.UUID, name: str) -> bool:
    """Whether there is such an export, which has this name now. Raises Taken as `save` does."""
    if find(session, id) is None:
        return False
    if not fold(name) or session.execute(RENAME, {"id": id, "name": name, "name_key": fold(name)}).first() is None:
        raise Taken
    return True


def delete(session: Session, id: uuid.UUID) -> bool:
    """Whether there was one."""
    return session.execute(DELETE, {"id": id}).first() is not None


def _read(row: Any) -> Saved:
    id, name, kind, columns, filters, format = row
    return Saved(id, name, kind, COLUMNS(columns), FILTERS(filters), format)
