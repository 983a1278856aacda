"""A site with a database of its own, since these tests rename databases, take guards away and damage files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from app.records import hot
from app.records.engine import create_engine, migrate
from config import Config
from tests.databases import backend, connect, empty_url, folders, postgresql_server

__all__ = ["backend", "empty_url", "postgresql_server"]

TINY = Path(__file__).parents[1] / "courses" / "tiny"


@pytest.fixture
def url(empty_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a database with all tables; what backup and restore make beside it goes with it."""
    engine = create_engine(empty_url)
    migrate(engine)
    engine.dispose()
    if engine.dialect.name == "sqlite":
        yield empty_url
        return
    monkeypatch.setenv("PATH", f"{folders()[0]}{os.pathsep}{os.environ['PATH']}")
    server = request.getfixturevalue("postgresql_server")
    yield empty_url
    for name in beside(server, str(make_url(empty_url).database)):
        with connect(server) as connection:
            connection.execute(f'DROP DATABASE "{name}"')  # type: ignore[call-overload]


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
def config(url: str, tmp_path: Path) -> Config:
    """The site's settings."""
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    return Config(database_url=url, instance=instance, content=TINY, secret="0123456789abcdef" * 2)
