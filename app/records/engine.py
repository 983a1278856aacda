"""The way to the database: engines, sessions that read or write, and the schema brought up to date.

A session that reads sees one moment and cannot write. On SQLite a session that writes takes the one right to write
when it begins (BEGIN IMMEDIATE), since a transaction that reads first and writes later is refused under load.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL, Dialect, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app.records import triggers

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"
PATIENCE = 5  # seconds to wait for a lock or a connection

SQLITE_SETTINGS = (
    "foreign_keys=1",
    "recursive_triggers=1",  # else INSERT OR REPLACE slips past the guards
    "secure_delete=1",  # what is erased is overwritten
    "journal_mode=WAL",
    "synchronous=FULL",
)
SQLITE_OUT_OF_ORDER = {
    sqlite3.SQLITE_BUSY: "the database is locked by another program",
    sqlite3.SQLITE_LOCKED: "the database is locked by another program",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_READONLY: "the database cannot be written",
    sqlite3.SQLITE_PERM: "the database cannot be opened",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not a database",
}
POSTGRESQL_OUT_OF_ORDER = ("08", "53", "57P", "55P03", "58", "25006", "3D000", "28")
TRANSIENT = ("40001", "40P01")


class Unavailable(Exception):
    """The database is locked, full, missing or out of reach; nothing was written. The message says which."""


def create_engine(url: str) -> Engine:
    """An engine for a file (`sqlite:///…`) or a PostgreSQL server (`postgresql://…`); connects when first used.

    Raises ValueError for any other database and for one in memory, which would forget.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        engine = _sqlite(address)
    elif address.get_backend_name() == "postgresql":
        engine = _postgresql(address)
    else:
        raise ValueError(f"{address.render_as_string()} is neither an SQLite file nor a PostgreSQL database")
    event.listen(engine, "handle_error", _explain)
    return engine


def open_session(engine: Engine, write: bool) -> Session:
    """A session that sees one moment of the database; with `write` it may change it. Whoever opens it closes it."""
    return Session(_way(engine, write), expire_on_commit=False)


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when tried again: a deadlock or a failed serialisation."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in TRANSIENT


@lru_cache(maxsize=64)
def _way(engine: Engine, write: bool) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(lontar_write=write)
    if write:
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


# SQLite


def file_of(engine: Engine) -> Path | None:
    """The database file; None on a server."""
    return Path(str(engine.url.database)).absolute() if engine.dialect.name == "sqlite" else None


def _sqlite(url: URL) -> Engine:
    engine = sqlalchemy.create_engine(url.set(drivername="sqlite+pysqlite"), pool_size=8, max_overflow=32)
    event.listen(engine, "do_connect", _open_existing)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "checkout", _refuse_replaced)
    event.listen(engine, "begin", _begin)
    return engine


def _open_existing(_dialect: Dialect, _record: object, names: list[str], options: dict[str, Any]) -> sqlite3.Connection:
    return connect(names[0], **options)


def connect(path: str, **options: Any) -> sqlite3.Connection:
    """A raw connection to an existing file with every setting that the facts rely on; a missing file is not created."""
    name = f"file:{quote(os.path.abspath(path))}?mode=rw"
    connection: sqlite3.Connection = sqlite3.connect(
        name, **options | {"uri": True, "timeout": PATIENCE, "isolation_level": None}
    )
    for setting in SQLITE_SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    return connection


def identity(path: str) -> tuple[int, int] | None:
    """What tells one file from another under the same name; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    record.info["path"], record.info["file"], record.info["write"] = path, identity(path), True


def _refuse_replaced(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Drop a connection whose file was moved or replaced: what it writes would be lost."""
    if identity(record.info["path"]) != record.info["file"]:
        raise DisconnectionError("the database file was replaced")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("lontar_write", True)
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    try:
        if connection.info["write"] != write:
            raw.execute(f"PRAGMA query_only={int(not write)}")
            connection.info["write"] = write
        raw.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    except sqlite3.Error as error:
        raise unavailable(error) or error from error


# PostgreSQL


def settings_of(url: URL) -> dict[str, Any]:
    """What every connection to a server asks for, unless the address says otherwise."""
    settings = {
        "options": f"-c timezone=UTC -c lock_timeout={PATIENCE}s",
        "connect_timeout": PATIENCE,
        "application_name": "lontar",
    }
    return {name: value for name, value in settings.items() if name not in url.query}


def _postgresql(url: URL) -> Engine:
    address = url.set(drivername="postgresql+psycopg")
    return sqlalchemy.create_engine(address, pool_size=8, max_overflow=32, connect_args=settings_of(url))


# When the database is out of order


def unavailable(error: BaseException) -> Unavailable | None:
    """The error in plain words where the database itself is out of order; None for any other error."""
    if isinstance(error, sqlite3.Error):
        reason = SQLITE_OUT_OF_ORDER.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        return Unavailable(reason) if reason else None
    state = getattr(error, "sqlstate", None)
    lost = state is None and type(error).__name__ == "OperationalError"
    if lost or (state or "").startswith(POSTGRESQL_OUT_OF_ORDER):
        return Unavailable("the database server does not answer" if lost else str(error).splitlines()[0])
    return None


def _explain(context: ExceptionContext) -> BaseException | None:
    return unavailable(context.original_exception)


# The schema


def migrate(engine: Engine) -> None:
    """Bring the tables up to date, with the data in place, in one transaction; creates a missing SQLite file."""
    from alembic import command
    from alembic.config import Config

    path = file_of(engine)
    if path is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    if schema_ready(engine):
        return
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with schema_change(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def schema_ready(engine: Engine) -> bool:
    """Whether the tables are those of this program."""
    with _way(engine, write=False).connect() as connection:
        known = sqlalchemy.inspect(connection).has_table("alembic_version")
        return known and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


@contextmanager
def schema_change(engine: Engine) -> Iterator[Connection]:
    """One transaction in which tables may be rebuilt: guards and (on SQLite) foreign keys rest, then stand again."""
    with engine.connect() as connection:
        on_sqlite = engine.dialect.name == "sqlite"
        if on_sqlite:
            _foreign_keys(connection, False)
        try:
            with connection.begin():
                if not on_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('lontar schema'))"))
                triggers.drop(connection)
                yield connection
                triggers.create(connection)
                if on_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise RuntimeError(f"a row of {broken[0]} points to a row of {broken[2]} that is gone")
        finally:
            if on_sqlite:
                _foreign_keys(connection, True)


def _foreign_keys(connection: Connection, on: bool) -> None:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.execute(f"PRAGMA foreign_keys={int(on)}")


def scrub(engine: Engine) -> None:
    """Wipe what erased rows leave behind in the database's files and its log; takes a while on a large one."""
    path = file_of(engine)
    if path is None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
        return
    try:
        with closing(connect(str(path))) as raw:
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise unavailable(error) or error from error
