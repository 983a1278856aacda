"""Releases of the course: which files are served since when, by whom, and their texts, kept for ever."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core.content import digest
from app.records.publishing import Release, Source
from app.records.sql import insertion, query

ADD = insertion(Release, "ON CONFLICT (number) DO NOTHING RETURNING number")
COLUMNS = 'number, at, "by", deed, content, before, library, files, changes'
NEWEST = query(f"SELECT {COLUMNS} FROM release ORDER BY number DESC LIMIT 1")
ONE = query(f"SELECT {COLUMNS} FROM release WHERE number = :number")
ALL = query(f"SELECT {COLUMNS} FROM release ORDER BY number DESC LIMIT :limit")
KNOWN = query("SELECT hash FROM source WHERE hash IN :hashes")
KEEP = insertion(Source, "ON CONFLICT (hash) DO NOTHING")
TEXTS = query("SELECT hash, text FROM source WHERE hash IN :hashes")
MARKED = query("SELECT path, text, at FROM source WHERE hash LIKE :mark ORDER BY at LIMIT 1")


class Changes(msgspec.Struct, frozen=True):
    """Paths of files: those that are new, have another text, or are no longer there."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


class Entry(msgspec.Struct, frozen=True):
    """One row of the list of releases; see `app.records.publishing.Release`."""

    number: int
    at: datetime
    by: uuid.UUID | None
    deed: str
    content: int
    before: int
    library: str
    files: dict[str, str]
    changes: Changes


def add(session: Session, entry: Entry) -> bool:
    """Add the next release; False where another took its number."""
    row = {name: getattr(entry, name) for name in Entry.__struct_fields__}
    packed = {name: msgspec.json.encode(row[name]).decode() for name in ("files", "changes")}
    return session.execute(ADD, row | packed).first() is not None


def newest(session: Session) -> Entry | None:
    """The release in force; None where nothing was ever published."""
    return _entry(session.execute(NEWEST).first())


def find(session: Session, number: int) -> Entry | None:
    return _entry(session.execute(ONE, {"number": number}).first())


def latest(session: Session, limit: int = 100) -> list[Entry]:
    """The newest first."""
    found = (_entry(row) for row in session.execute(ALL, {"limit": limit}))
    return [entry for entry in found if entry]


def remember(session: Session, texts: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Keep the texts of files (path -> text), those that are not kept yet; returns the hash of each."""
    hashes = {path: digest(text) for path, text in texts.items()}
    missing = set(hashes.values()) - known(session, hashes.values())
    for path, hash in sorted(hashes.items()):
        if hash in missing:
            session.execute(KEEP, {"hash": hash, "path": path, "text": texts[path], "at": now})
    return hashes


def known(session: Session, hashes: Iterable[str]) -> set[str]:
    """Those of the hashes whose texts are kept."""
    return set(session.execute(KNOWN, {"hashes": list(set(hashes))}).scalars())


def texts(session: Session, files: Mapping[str, str]) -> dict[str, str]:
    """The texts of a release's files. Raises LookupError for one that nobody kept."""
    found = {row.hash: row.text for row in session.execute(TEXTS, {"hashes": list(files.values())})}
    missing = sorted(path for path, hash in files.items() if hash not in found)
    if missing:
        raise LookupError(f"no text was kept of {missing[0]}")
    return {path: found[hash] for path, hash in files.items()}


def marked(session: Session, mark: str) -> str | None:
    """The text whose hash begins with what a translation says behind `of:`; None where this site never served it."""
    if len(mark) != 12 or not mark.isalnum():
        return None
    row = session.execute(MARKED, {"mark": f"{mark}%"}).first()
    return row.text if row else None


def _entry(row: Row[tuple[object, ...]] | None) -> Entry | None:
    if row is None:
        return None
    kept = dict(row._mapping)
    kept["files"] = msgspec.json.decode(kept["files"], type=dict[str, str])
    kept["changes"] = msgspec.json.decode(kept["changes"], type=Changes)
    return Entry(**kept)
