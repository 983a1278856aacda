"""Every test of records that asks for `engine` or `session` runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.records import hot
from app.records.engine import create_engine, open_session
from tests.databases import (
    backend,
    empty_url,
    postgresql_database,
    postgresql_server,
    sqlite_template,
    url,
)

__all__ = ["backend", "empty_url", "postgresql_database", "postgresql_server", "sqlite_template", "url"]


ENGINES: dict[str, Engine] = {}


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine that keeps what it learnt of statements from one test to the next, and no connection."""
    if url not in ENGINES:
        ENGINES[url] = create_engine(url)
    yield ENGINES[url]
    hot.close(ENGINES[url])


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session that may write; what it does not commit is gone."""
    with open_session(engine, write=True) as opened:
        yield opened
