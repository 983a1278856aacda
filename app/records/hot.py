"""The shortest way to rows, for what many people do at the same moment: statements that go straight to the driver.

Such a statement (`sql.plain`) runs in the transaction of the session that it is given. Given an engine it reads by
itself, on a connection that is kept open for that: no transaction begins, and it sees what is committed now.
"""

import sqlite3
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.records.engine import OneConnection, Unavailable, connect, file_of, identity, settings_of, unavailable
from app.records.sql import Many, Plain, Rows

if TYPE_CHECKING:
    import psycopg

SPARE = 64  # connections kept open; more than any server has threads
MUCH_KIB, LIST_KIB, USUAL_KIB = 64 * 1024, 16 * 1024, 2000  # the last is SQLite's own
WROTE = "wrote"  # in a session's info: a plain statement may have changed something since it was opened


def rows(place: Session | Engine, statement: Plain, values: Mapping[str, Any]) -> list[Any]:
    """All rows that the statement answers, with its columns as names."""
    if isinstance(place, Engine):
        if statement.writes:
            raise ValueError("an engine only reads; a change belongs to a session")
        return reader(place).rows(statement, values)
    return _run(place, statement.writes, lambda raw: statement.run(raw, values))


def stream(session: Session, statement: Plain, values: Mapping[str, Any], at_once: int) -> Iterator[list[Any]]:
    """The rows so many at a time, in the session's transaction: a list that does not fit into memory."""
    connection = session.hold() if isinstance(session, OneConnection) else session.connection()
    raw: Any = connection.connection.dbapi_connection
    try:
        yield from statement.stream(raw, values, at_once)
    except connection.dialect.loaded_dbapi.Error as error:
        raise unavailable(error) or error from error


def many(session: Session, statement: Plain | Rows | Many, values: Sequence[Any]) -> None:
    """Run a statement that answers nothing once for each of the values, sent together."""
    if values:
        _run(session, statement.writes, lambda raw: statement.run_many(raw, values))


def _run(session: Session, writes: bool, run: Callable[[Any], list[Any]]) -> list[Any]:
    session.flush()  # what the session knows and the database does not
    connection = session.hold() if isinstance(session, OneConnection) else session.connection()
    raw: Any = connection.connection.dbapi_connection
    if writes:
        session.info[WROTE] = True
    try:
        return run(raw)
    except connection.dialect.loaded_dbapi.Error as error:
        if connection.dialect.name == "postgresql" and raw.closed:
            connection.invalidate(error)
        raise unavailable(error) or error from error


def hold_more(session: Session, kib: int = MUCH_KIB) -> None:
    """Keep more of an SQLite file in memory on this session's connection, for work that is all over it."""
    connection = session.hold() if isinstance(session, OneConnection) else session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size=-{kib}")


def first(place: Session | Engine, statement: Plain, values: Mapping[str, Any]) -> Any:
    """The first row; None where there is none."""
    found = rows(place, statement, values)
    return found[0] if found else None


class SQLiteReader:
    """Reads from an SQLite file; safe to share between threads. Follows a file that was replaced."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.free: deque[tuple[sqlite3.Connection, tuple[int, int] | None]] = deque(maxlen=SPARE)

    def rows(self, statement: Plain, values: Mapping[str, Any]) -> list[Any]:
        connection = None
        try:
            connection, file = self.take()
            found = statement.run(connection, values)
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise unavailable(error) or error from error
        self.free.append((connection, file))
        return found

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
    """Reads from a PostgreSQL server; safe to share between threads. Follows a restarted server."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.driver: Any = engine.dialect.loaded_dbapi  # a server with SQLite never loads it
        self.free: deque[psycopg.Connection[Any]] = deque(maxlen=SPARE)

    def rows(self, statement: Plain, values: Mapping[str, Any]) -> list[Any]:
        for connection in (self.free.pop() if self.free else None, None):
            try:
                used = connection or self.connect()
                found = statement.run(used, values)
            except self.driver.OperationalError as error:
                if connection is None:
                    raise unavailable(error) or error from error
                self.close()
            else:
                self.free.append(used)
                return found
        raise Unavailable("the database server does not answer")

    def connect(self) -> "psycopg.Connection[Any]":
        names, options = self.engine.dialect.create_connect_args(self.engine.url)
        settings: dict[str, Any] = settings_of(self.engine.url) | dict(options)
        opened: psycopg.Connection[Any] = self.driver.connect(*names, autocommit=True, **settings)
        return opened

    def close(self) -> None:
        while self.free:
            self.free.pop().close()


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
