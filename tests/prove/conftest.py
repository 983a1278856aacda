"""The long proofs, run by `make prove`: each prints its figures, which docs/proofs.md keeps. Those that look through a
browser stand in `tests/browser`, beside what they share."""

import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import Copy
from tests.serving import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/prove/" in str(item.path):
            item.add_marker(pytest.mark.prove)


def pytest_report_header() -> str:
    return f"proofs on {os.cpu_count()} cores, Python {platform.python_version()}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database for real servers."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shared.sqlite'}"
        return
    with Copy(request.getfixturevalue("postgresql_server")) as address:
        yield address


@pytest.fixture
def serve(tmp_path: Path, database: str) -> Iterator[Callable[..., Server]]:
    """Starts servers on this database: processes of their own with the same secret, as two nodes have."""
    running: list[Server] = []

    def start(**settings: str) -> Server:
        shared = {"database_url": database, "secret": "2f9d1c7ab4e85f06d3a1908c7be4fd25"}
        made = Server(tmp_path / f"node{len(running)}", shared | settings)
        made.start()
        running.append(made)
        return made

    yield start
    for one in running:
        one.stop()
        assert one.faults() == []
