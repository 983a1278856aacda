"""The way to the database: engines, sessions that read or write, and the schema brought up to date.

A session that reads sees one moment and cannot write. On SQLite a session that writes takes the one right to write
when it begins (BEGIN IMMEDIATE), since a transaction that reads first and writes later is refused under load.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.orm import Session

from app.records import (
    access_tables,
    cohort_tables,
    counting,
    guarding,
    outages,
    report_tables,
    saved_exports,
    signing,
    sqlite,
    triggers,
)
from app.records.outages import Unavailable, is_transient, unavailable
from app.records.sqlite import connect, identity

# Modules of tables are named so that their tables are always known to whoever lists all tables.
TABLES = (access_tables, cohort_tables, counting, guarding, report_tables, saved_exports, signing)
__all__ = ["TABLES", "Unavailable", "connect", "identity", "is_transient", "unavailable"]

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0017"


class OtherRelease(Exception):
    """The tables are of a release that this program does not know."""


def create_engine(url: str) -> Engine:
    """An engine for a file (`sqlite:///…`) or a PostgreSQL server (`postgresql://…`); connects when first used.

    Raises ValueError for any other database and for one in memory, which would forget.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        engine = sqlite.engine(address)
    elif address.get_backend_name() == "postgresql":
        engine = _postgresql(address)
    else:
        raise ValueError(f"{address.render_as_string()} is neither an SQLite file nor a PostgreSQL database")
    event.listen(engine, "handle_error", _explain)
    return engine


def open_session(engine: Engine, write: bool) -> Session:
    """A session that sees one moment of the database; with `write` it may change it. Whoever opens it closes it."""
    alone = write and engine.dialect.name == "sqlite"
    return OneConnection(_way(engine, write), partial(sqlite.turn_ahead, engine) if alone else nullcontext)


class OneConnection(Session):
    """A session that takes one connection when it first needs it and gives it back when its transaction ends.

    SQLAlchemy's own part joins the transaction of that connection, and only where an object or a query of SQLAlchemy's
    is used: plain statements (`app.records.hot`) do without, which halves what a short transaction costs.
    """

    def __init__(self, way: Engine, turn: Callable[[], AbstractContextManager[None]]) -> None:
        super().__init__(expire_on_commit=False, join_transaction_mode="rollback_only")
        self.way = way
        self.turn = turn
        self.held: Connection | None = None
        self.undo = ExitStack()

    def hold(self) -> Connection:
        """The connection, in its transaction."""
        if self.held is None:
            with ExitStack() as undo:
                undo.enter_context(self.turn())
                connection = undo.enter_context(self.way.connect())
                connection.begin()
                self.undo = undo.pop_all()
            self.held = connection
        return self.held

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        return self.hold()

    def commit(self) -> None:
        if self.in_transaction() or self.new:
            super().commit()  # writes what its objects changed; the connection's transaction goes on
        if self.held is not None:
            self.held.commit()
        self.give_back()

    def rollback(self) -> None:
        super().rollback()
        self.give_back()

    def close(self) -> None:
        super().close()
        self.give_back()

    def give_back(self) -> None:
        """What was not committed is undone."""
        self.held = None
        self.undo.close()


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


# PostgreSQL


def settings_of(url: URL) -> dict[str, Any]:
    """What every connection to a server asks for, unless the address says otherwise."""
    settings = {
        # Compiling a report of some hundred milliseconds (`jit`) takes longer than running it.
        "options": f"-c timezone=UTC -c lock_timeout={outages.PATIENCE}s -c jit=off",
        "connect_timeout": outages.PATIENCE,
        "application_name": "lontar",
    }
    return {name: value for name, value in settings.items() if name not in url.query}


def _postgresql(url: URL) -> Engine:
    address = url.set(drivername="postgresql+psycopg")
    return sqlalchemy.create_engine(address, pool_size=8, max_overflow=32, connect_args=settings_of(url))


def _explain(context: ExceptionContext) -> BaseException | None:
    return unavailable(context.original_exception)


# The schema


def migrate(engine: Engine) -> None:
    """Bring the tables up to date, with the data in place, in one transaction; creates a missing SQLite file.

    Raises OtherRelease for tables that a newer program has made.
    """
    path = file_of(engine)
    if path is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    if schema_ready(engine):
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        with schema_change(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _count(connection)
    except CommandError as error:
        raise OtherRelease("the tables are of a release that this program does not know") from error


def _count(connection: Connection) -> None:
    """What an earlier release did not count is counted now, in the same transaction."""
    from app.records import item_tallies, last_acts, margins, steps

    with Session(connection, join_transaction_mode="rollback_only") as session:
        if item_tallies.missing(session):
            item_tallies.rebuild(session)
        if margins.missing(session):
            margins.rebuild(session)
        if steps.missing(session):
            steps.rebuild(session)
        if last_acts.missing(session):
            last_acts.rebuild(session)
        session.commit()


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


def empty_log(engine: Engine) -> bool:
    """Bring SQLite's log into the file, where erased rows are overwritten, and empty it; False: readers hold it."""
    path = file_of(engine)
    if path is None:
        return True
    try:
        with closing(connect(str(path))) as raw:
            held: int = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error as error:
        raise unavailable(error) or error from error
    return not held


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
