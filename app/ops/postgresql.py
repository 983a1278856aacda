"""Backup and restore where the records are on a PostgreSQL server: by its own programs, pg_dump and pg_restore."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from app.ops import files
from app.ops.serving import Stopped
from app.ops.stores import Bar, Rows
from app.records import hot
from app.records.engine import create_engine, open_session, unavailable
from app.records.models import Base

ENDING = "dump"
MAGIC = b"PGDMP"
NAME = "PostgreSQL"
PLAIN = ("--no-owner", "--no-privileges")
LONGEST = 63  # bytes of a database's name
# The server's own workers, such as the one that cleans up, come and go; who has just left may still be listed.
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
LEAVING = 2.0  # seconds
LOCALE = "SELECT datcollate, datctype FROM pg_database WHERE datname = %s"
EXISTS = "SELECT 1 FROM pg_database WHERE datname = %s"


def size(engine: Engine) -> int:
    with open_session(engine, write=False) as session:
        return int(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def dump(engine: Engine, target: Path, bar: Bar) -> Rows:
    """pg_dump reads the same snapshot in which the rows are counted."""
    with open_session(engine, write=False) as session:
        snapshot = session.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        tables = [table.name for table in Base.metadata.sorted_tables]
        rows = {name: int(session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()) for name in tables}
        wanted = ("--format=custom", *PLAIN, f"--snapshot={snapshot}", f"--file={target}")
        _run("pg_dump", engine.url, wanted, "Copying", "dumping contents of table", bar)
    return rows


def count(file: Path, bar: Bar) -> Rows:
    rows: Rows = {}
    command = [_program("pg_restore"), "--data-only", "--file=-", str(file)]
    with (
        bar("Checking", len(Base.metadata.tables)) as step,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as reader,
    ):
        for table in _copied(reader.stdout or (), rows):
            step(table in Base.metadata.tables)
    if reader.returncode:
        raise Stopped(f"{file} is damaged: pg_restore could not read it to the end")
    return {table: n for table, n in rows.items() if table in Base.metadata.tables}


def _copied(script: Iterable[str], rows: Rows) -> Iterator[str]:
    """Counts the rows behind each COPY of a script into `rows`; yields a table's name when it is done."""
    table = ""
    for line in script:
        if table and line == "\\.\n":
            yield table
            table = ""
        elif table:
            rows[table] += 1
        elif line.startswith("COPY ") and line.endswith(" FROM stdin;\n"):
            table = line.split()[1].rpartition(".")[2].strip('"')
            rows[table] = 0


def refuse_used(engine: Engine) -> None:
    hot.close(engine)
    until = time.monotonic() + LEAVING
    with _administer(engine.url) as server:
        while (used := server.execute(OTHERS, (engine.url.database,)).fetchone()) and used[0]:
            if time.monotonic() > until:
                break
            time.sleep(0.05)
    if used and used[0]:
        raise Stopped(f"{used[0]} connection(s) to the database {engine.url.database} are open; stop the server first")


def unpack(engine: Engine, file: Path, now: datetime, bar: Bar) -> Engine:
    name = _named(engine.url, "restoring", now)
    with _administer(engine.url) as server:
        locale = server.execute(LOCALE, (engine.url.database,)).fetchone() or ("C", "C")
        try:
            make = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}")
            server.execute(make.format(sql.Identifier(name), *map(sql.Literal, locale)))
        except psycopg.errors.InsufficientPrivilege as error:
            user = engine.url.username
            raise Stopped(
                f"the database user {user} may not create databases; as PostgreSQL's administrator run:"
                f' ALTER ROLE "{user}" CREATEDB'
            ) from error
    copy = create_engine(engine.url.set(database=name).render_as_string(hide_password=False))
    try:
        wanted = (*PLAIN, "--exit-on-error", "--single-transaction")
        _run("pg_restore", copy.url, wanted, "Unpacking", "processing data for table", bar, str(file))
    except BaseException:
        discard(copy)
        raise
    return copy


def discard(copy: Engine) -> None:
    hot.close(copy)
    with _administer(copy.url) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(str(copy.url.database))))


def swap(engine: Engine, copy: Engine, now: datetime) -> str:
    hot.close(engine)
    hot.close(copy)
    place, aside = str(engine.url.database), _named(engine.url, "before_restore", now)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with _administer(engine.url) as server:
        there = server.execute(EXISTS, (place,)).fetchone() is not None
        try:
            if there:
                server.execute(rename.format(sql.Identifier(place), sql.Identifier(aside)))
        except psycopg.errors.ObjectInUse as error:
            raise Stopped(f"the database {place} is in use again; stop the server first") from error
        try:
            server.execute(rename.format(sql.Identifier(str(copy.url.database)), sql.Identifier(place)))
        except psycopg.Error:
            if there:
                server.execute(rename.format(sql.Identifier(aside), sql.Identifier(place)))
            raise
    return aside if there else ""


def _named(url: URL, what: str, now: datetime) -> str:
    ending = f"_{what}_{files.stamp(now).lower()}"
    return str(url.database)[: LONGEST - len(ending)] + ending


@contextmanager
def _administer(url: URL) -> Iterator[psycopg.Connection[Any]]:
    """A connection beside the site's database, from which databases are made and renamed."""
    try:
        with psycopg.connect(_address(url.set(database="postgres"), True), autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise unavailable(error) or error from error


def _address(url: URL, password: bool) -> str:
    names = url.set(drivername="postgresql+psycopg").translate_connect_args(username="user", database="dbname")
    options = {**url.query, **names}
    return make_conninfo(**{name: str(value) for name, value in options.items() if password or name != "password"})


def _program(name: str) -> str:
    """A program of PostgreSQL: on the PATH, or the newest of Debian's. Raises Stopped."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = shutil.which(name) or next((str(path) for path in reversed(places)), None)
    if found is None:
        raise Stopped(
            f"{name} is not on this machine; install PostgreSQL's programs: apt-get install postgresql-client"
        )
    return found


def _run(program: str, url: URL, options: Sequence[str], label: str, mark: str, bar: Bar, *arguments: str) -> None:
    """Run a program against a database, moving the bar at each line that holds `mark`; raises Stopped."""
    command = [_program(program), "--verbose", *options, f"--dbname={_address(url, False)}", *arguments]
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}  # other users can read arguments
    environment = {**os.environ, "LC_ALL": "C", **secret}
    last = ""
    with (
        bar(label, len(Base.metadata.tables)) as step,
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as running,
    ):
        for line in running.stderr or ():
            step(mark in line and line.rstrip('"\n').rpartition(".")[2] in Base.metadata.tables)
            last = line.strip() or last
    if running.returncode:
        raise Stopped(last)
