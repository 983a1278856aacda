"""SQLite: connections with the settings that facts rely on, and the one right to write, handed on in turn."""

import os
import random
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import quote

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from app.records import outages
from app.records.outages import Unavailable, unavailable

SETTINGS = (
    "foreign_keys=1",
    "recursive_triggers=1",  # else INSERT OR REPLACE slips past the guards
    "secure_delete=1",  # what is erased is overwritten
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=4000",  # pages, 16 MB: what many acts change, such as counts, goes into the file once for all
)
# Seconds between two looks at whether another process has finished writing: an answer or a hand-in takes some
# milliseconds, so that who waits looks often at first; what is not done then is something long, such as an import.
AT_FIRST, LATER, LONG = (0.0001, 0.0005), (0.001, 0.004), 0.05


def engine(url: URL) -> Engine:
    """An engine for an existing file."""
    address = url.set(drivername="sqlite+pysqlite")
    made = sqlalchemy.create_engine(address, pool_size=8, max_overflow=32, pool_use_lifo=True)
    turns = TURNS[made.dialect] = Turns()
    event.listen(made, "do_connect", _open_existing)
    event.listen(made, "connect", _prepare)
    event.listen(made, "checkout", _refuse_replaced)
    event.listen(made, "begin", turns.begin)
    event.listen(made, "checkin", turns.end)
    return made


def connect(path: str, **options: Any) -> sqlite3.Connection:
    """A raw connection to an existing file with every setting that the facts rely on; a missing file is not created."""
    name = f"file:{quote(os.path.abspath(path))}?mode=rw"
    ours: dict[str, Any] = {"uri": True, "timeout": outages.PATIENCE, "isolation_level": None}
    connection: sqlite3.Connection = sqlite3.connect(name, **options | ours)
    try:
        for setting in SETTINGS:
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:  # the file is no database
        connection.close()
        raise
    return connection


def identity(path: str) -> tuple[int, int] | None:
    """What tells one file from another under the same name; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Turns:
    """The right to write: one thread of this process at a time asks the file for it, looking often.

    SQLite's own waiting sleeps ever longer, up to 100 ms, between two looks: under steady load it misses every gap and
    gives up after its five seconds, although each writer needs a few milliseconds only.
    """

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.mine = threading.local()

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """Have the turn from before a connection is taken until it is given back: so the one that wrote last writes on,
        and knows the pages that it wrote, while one that waited would have to read them all again."""
        self.mine.until = self.wait()
        try:
            yield
        finally:
            self.mine.until = None
            self.turn.release()

    def wait(self) -> float:
        """Take the turn; returns until when the file may be waited for."""
        until = time.monotonic() + outages.PATIENCE
        if not self.turn.acquire(timeout=outages.PATIENCE):
            raise Unavailable("the database is busy with other changes")
        return until

    def begin(self, connection: Connection) -> None:
        write = connection.get_execution_options().get("lontar_write", True)
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        try:
            if connection.info["write"] != write:
                raw.execute(f"PRAGMA query_only={int(not write)}")
                connection.info["write"] = write
            if write:
                self.begin_to_write(raw, connection.connection.record_info)
            else:
                raw.execute("BEGIN")
        except sqlite3.Error as error:
            raise unavailable(error) or error from error

    def begin_to_write(self, raw: sqlite3.Connection, record: "dict[Any, Any] | None") -> None:
        assert record is not None
        until, self.mine.until = getattr(self.mine, "until", None), None
        if until is None:
            until = self.wait()
            record["turn"] = True  # given back when the connection comes home, whatever happens to it
        raw.execute("PRAGMA busy_timeout=0")
        try:
            began = time.monotonic()
            while not _began(raw, last=(now := time.monotonic()) > until):
                time.sleep(random.uniform(*(AT_FIRST if now - began < LONG else LATER)))
        finally:
            raw.execute(f"PRAGMA busy_timeout={int(outages.PATIENCE * 1000)}")

    def end(self, _connection: object, record: ConnectionPoolEntry) -> None:
        if record.record_info is not None and record.record_info.pop("turn", False):
            self.turn.release()


TURNS: weakref.WeakKeyDictionary[Dialect, Turns] = weakref.WeakKeyDictionary()


def turn_ahead(engine: Engine) -> AbstractContextManager[None]:
    """What a session that writes enters before it takes a connection."""
    return TURNS[engine.dialect].ahead()


def _began(raw: sqlite3.Connection, last: bool) -> bool:
    """Whether this process may write now; raises the database's error at the last look."""
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _open_existing(_dialect: Dialect, _record: object, names: list[str], options: dict[str, Any]) -> sqlite3.Connection:
    return connect(names[0], **options)


def _prepare(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    record.info["path"], record.info["file"], record.info["write"] = path, identity(path), True


def _refuse_replaced(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Drop a connection whose file was moved or replaced: what it writes would be lost."""
    if identity(record.info["path"]) != record.info["file"]:
        raise DisconnectionError("the database file was replaced")
