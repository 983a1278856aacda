"""Fixtures for tests that load courses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.worker import Worker
from tests.core.contents import Content


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One child process for all loads of a test run."""
    with Worker() as running:
        yield running


@pytest.fixture
def content(tmp_path: Path, worker: Worker) -> Content:
    return Content(tmp_path, worker)
