"""A site with a database of its own, since these tests rename databases, take guards away and damage files."""

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from app.core.compiled import KEPT
from app.core.load import load
from app.records import hot
from app.records.engine import create_engine
from config import Config
from tests.databases import Copy, backend, connect, empty_url, folders

__all__ = ["backend", "empty_url"]

TINY = Path(__file__).parents[1] / "courses" / "tiny"


@pytest.fixture
def template(backend: str, request: pytest.FixtureRequest) -> str | Path:
    """What each test gets a copy of: a file, or a database on the server."""
    found: str | Path = request.getfixturevalue(f"{backend}_template")
    return found


@pytest.fixture
def url(
    backend: str,
    template: str | Path,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The address of a database with all tables; what backup and restore make beside it goes with it."""
    if backend == "sqlite":
        file = shutil.copyfile(template, tmp_path / "site.sqlite")
        file.chmod(0o600)  # as the program makes it
        yield f"sqlite:///{file}"
        return
    monkeypatch.setenv("PATH", f"{folders()[0]}{os.pathsep}{os.environ['PATH']}")
    server = request.getfixturevalue("postgresql_server")
    with Copy(server, str(template)) as address:
        yield address
        for name in beside(server, str(make_url(address).database)):
            with connect(server) as connection:
                connection.execute(f'DROP DATABASE "{name}"')


@pytest.fixture(scope="session")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the files of the tiny course are turned into, so that not every site reads them anew."""
    file = tmp_path_factory.mktemp("drafts") / KEPT
    load(TINY, today=date(2026, 11, 22), kept=file)
    return file


def beside(server: str, name: str) -> list[str]:
    """The databases whose names begin with this one's."""
    with connect(server) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{name}\\_%",))
        return sorted(row[0] for row in rows)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = create_engine(url)
    yield made
    hot.close(made)


@pytest.fixture
def config(url: str, drafts: Path, tmp_path: Path) -> Config:
    """The site's settings."""
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    shutil.copyfile(drafts, instance / KEPT)
    return Config(database_url=url, instance=instance, content=TINY, secret="0123456789abcdef" * 2)
