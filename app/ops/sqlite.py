"""Backup and restore where the records are an SQLite file."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine

from app.ops import files
from app.ops.serving import Stopped
from app.ops.stores import Bar, Rows, Step
from app.records import hot
from app.records.engine import connect, create_engine, file_of, unavailable
from app.records.models import Base

ENDING = "sqlite"
MAGIC = b"SQLite format 3\0"
NAME = "SQLite"
STEP = 256  # pages copied between two looks at the bar
LOGS = ("-wal", "-shm")


def size(engine: Engine) -> int:
    path = _path(engine)
    return sum(os.path.getsize(name) for ending in ("", *LOGS) if os.path.exists(name := f"{path}{ending}"))


def dump(engine: Engine, target: Path, bar: Bar) -> Rows:
    """The backup is read from one snapshot, so learners go on working and the rows counted are the rows written."""
    with _plainly(), closing(connect(str(_path(engine)))) as source, closing(sqlite3.connect(target)) as copy:
        source.execute("BEGIN")
        rows = _rows(source)
        _copy(source, copy, "Copying", bar)
        copy.execute("PRAGMA journal_mode=DELETE")
    return rows


def count(file: Path, bar: Bar) -> Rows:
    with _plainly(file), closing(_open_fixed(file)) as opened, bar("Checking", len(_tables(opened)) + 1) as step:
        fault = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
        step(1)
        if fault != "ok":
            raise Stopped(f"{file} is damaged: {fault.splitlines()[-1]}")
        return _rows(opened, step)


def refuse_used(engine: Engine) -> None:
    """Leaving the write-ahead log works only where nobody else has the file open; it also makes it one whole file."""
    path = _path(engine)
    if not path.exists():
        return
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as alone:
        try:
            alone.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Stopped(f"another program has {path} open; stop the server first") from error
        except sqlite3.DatabaseError:
            return  # damaged, which is why it is replaced


def unpack(engine: Engine, file: Path, now: datetime, bar: Bar) -> Engine:
    place = _path(engine)
    files.make_folder(place.parent)
    files.need_room(place.parent, file.stat().st_size)
    path = place.with_name(f"{place.name}.restoring-{files.stamp(now)}")
    with (
        files.whole(path) as part,
        _plainly(file),
        closing(_open_fixed(file)) as source,
        closing(sqlite3.connect(part)) as copy,
    ):
        _copy(source, copy, "Unpacking", bar)
    return create_engine(f"sqlite:///{path}")


def discard(copy: Engine) -> None:
    hot.close(copy)
    for ending in ("", *LOGS):
        Path(f"{_path(copy)}{ending}").unlink(missing_ok=True)


def swap(engine: Engine, copy: Engine, now: datetime) -> str:
    hot.close(engine)
    hot.close(copy)
    new, place = _path(copy), _path(engine)
    with closing(sqlite3.connect(new, isolation_level=None)) as alone:
        alone.execute("PRAGMA journal_mode=DELETE")
    aside = place.with_name(f"{place.name}.before-restore-{files.stamp(now)}")
    for ending in ("", *LOGS):
        if os.path.exists(f"{place}{ending}"):
            os.rename(f"{place}{ending}", f"{aside}{ending}")
    new.rename(place)
    files.settle(place.parent)
    return str(aside) if aside.exists() else ""


def _path(engine: Engine) -> Path:
    path = file_of(engine)
    assert path is not None  # this module is chosen for files
    return path


def _open_fixed(file: Path) -> sqlite3.Connection:
    """A file that nobody changes, opened without leaving anything beside it."""
    if os.path.exists(f"{file}-wal"):
        raise Stopped(f"{file} is a database in use, not a backup; make one with: lontar backup")
    return sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro&immutable=1", uri=True, isolation_level=None)


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, label: str, bar: Bar) -> None:
    pages = source.execute("PRAGMA page_count").fetchone()[0]
    left = pages
    with bar(label, pages) as step:

        def look(_status: int, remaining: int, _total: int) -> None:
            nonlocal left
            step(left - remaining)
            left = remaining

        source.backup(target, pages=STEP, progress=look)


def _tables(connection: sqlite3.Connection) -> list[str]:
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return [table.name for table in Base.metadata.sorted_tables if table.name in there]


def _rows(connection: sqlite3.Connection, step: Step = lambda _: None) -> Rows:
    rows = {}
    for table in _tables(connection):
        rows[table] = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        step(1)
    return rows


@contextmanager
def _plainly(file: Path | None = None) -> Iterator[None]:
    """SQLite's own errors in plain words; about this file where one is given."""
    try:
        yield
    except sqlite3.Error as error:
        reason = unavailable(error)
        if file and reason:
            raise Stopped(f"{file}: {reason}") from error
        raise reason or error from error
