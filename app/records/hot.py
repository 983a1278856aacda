"""The shortest way to one row: plain driver connections, kept open, for what every signed-in page asks first."""

import sqlite3
import uuid
import weakref
from collections import deque
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import Engine

from app.records.engine import Unavailable, connect, file_of, identity, settings_of, unavailable

VISITOR = """
    SELECT session.token_hash, session.kind, session.started_at, session.used_at, person.id, person.name, person.role,
        person.language, person.disabled_at, person.demo, standing.packed
    FROM session JOIN person ON person.id = session.person_id
    LEFT JOIN standing ON standing.person_id = person.id AND standing.course = {mark}
    WHERE session.token_hash = {mark}
"""
SPARE = 64  # connections kept open; more than any server has threads


class Visitor(NamedTuple):
    """A session with its person; `packed` is the standing in the course that was asked for, None without one."""

    token_hash: str
    kind: str
    started_at: datetime
    used_at: datetime
    person_id: uuid.UUID
    name: str
    role: str
    language: str
    disabled_at: datetime | None
    demo: bool
    packed: str | None


class SQLiteReader:
    """Reads single rows from an SQLite file; safe to share between threads. Follows a file that was replaced."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.free: deque[tuple[sqlite3.Connection, tuple[int, int] | None]] = deque(maxlen=SPARE)

    def visitor(self, token_hash: str, course: str) -> Visitor | None:
        try:
            connection, file = self.take()
            row = connection.execute(VISITOR_ON_SQLITE, (course, token_hash)).fetchone()
        except sqlite3.Error as error:
            raise unavailable(error) or error from error
        self.free.append((connection, file))
        return _from_text(row) if row else None

    def take(self) -> tuple[sqlite3.Connection, tuple[int, int] | None]:
        now = identity(self.path)
        while self.free:
            connection, file = self.free.pop()
            if file == now:
                return connection, file
            connection.close()
        connection = connect(self.path, check_same_thread=False)
        connection.execute("PRAGMA query_only=1")
        return connection, now

    def close(self) -> None:
        while self.free:
            self.free.pop()[0].close()


class PostgreSQLReader:
    """Reads single rows from a PostgreSQL server; safe to share between threads. Follows a restarted server."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.free: deque[psycopg.Connection[Any]] = deque(maxlen=SPARE)

    def visitor(self, token_hash: str, course: str) -> Visitor | None:
        for connection in (self.free.pop() if self.free else None, None):
            try:
                used = connection or self.connect()
                row = used.execute(VISITOR_ON_POSTGRESQL, (course, token_hash)).fetchone()
            except psycopg.OperationalError as error:
                if connection is None:
                    raise unavailable(error) or error from error
                self.close()
            else:
                self.free.append(used)
                return Visitor(*row) if row else None
        raise Unavailable("the database server does not answer")

    def connect(self) -> psycopg.Connection[Any]:
        names, options = self.engine.dialect.create_connect_args(self.engine.url)
        settings: dict[str, Any] = settings_of(self.engine.url) | dict(options)
        return psycopg.connect(*names, autocommit=True, **settings)

    def close(self) -> None:
        while self.free:
            self.free.pop().close()


VISITOR_ON_SQLITE = VISITOR.format(mark="?")
VISITOR_ON_POSTGRESQL = VISITOR.format(mark="%s")
READERS: weakref.WeakKeyDictionary[Engine, SQLiteReader | PostgreSQLReader] = weakref.WeakKeyDictionary()


def reader(engine: Engine) -> SQLiteReader | PostgreSQLReader:
    """The engine's reader, made when first asked for."""
    found = READERS.get(engine)
    if found is None:
        path = file_of(engine)
        found = READERS.setdefault(engine, SQLiteReader(str(path)) if path else PostgreSQLReader(engine))
    return found


def close(engine: Engine) -> None:
    """Close what this engine holds open, before a fork or at the end."""
    found = READERS.pop(engine, None)
    if found is not None:
        found.close()
    engine.dispose()


def _from_text(row: tuple[Any, ...]) -> Visitor:
    token_hash, kind, started, used, person, name, role, language, disabled, demo, packed = row
    return Visitor(
        token_hash,
        kind,
        _moment(started),
        _moment(used),
        uuid.UUID(hex=person),
        name,
        role,
        language,
        _moment(disabled) if disabled else None,
        bool(demo),
        packed,
    )


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)
