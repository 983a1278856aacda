"""Every test of records that asks for `engine` or `session` runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.records.engine import open_session
from tests.databases import backend, empty_url, engine, url

__all__ = ["backend", "empty_url", "engine", "url"]


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session that may write; what it does not commit is gone."""
    with open_session(engine, write=True) as opened:
        yield opened
