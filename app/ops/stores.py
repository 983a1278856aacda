"""What backup and restore ask of a database, in one shape for SQLite and PostgreSQL."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from app.ops.serving import Stopped

Step = Callable[[int], None]
Bar = Callable[[str, int], AbstractContextManager[Step]]
Rows = dict[str, int]


class Store(Protocol):
    """A kind of database; every function raises Stopped or Unavailable with one line that says why."""

    ENDING: str  # of backup files
    MAGIC: bytes  # how they begin
    NAME: str

    def size(self, engine: Engine) -> int:
        """The bytes that the records take."""

    def dump(self, engine: Engine, target: Path, bar: Bar) -> Rows:
        """Write all records as of one moment into `target`; returns the rows by table. Others go on working."""

    def count(self, file: Path, bar: Bar) -> Rows:
        """The rows by table that a backup holds, read back from the file and checked."""

    def refuse_used(self, engine: Engine) -> None:
        """Raises Stopped where another program has the records open."""

    def unpack(self, engine: Engine, file: Path, now: datetime, bar: Bar) -> Engine:
        """The records of a backup as a database of their own beside the site's."""

    def discard(self, copy: Engine) -> None:
        """Throw an unpacked database away."""

    def swap(self, engine: Engine, copy: Engine, now: datetime) -> str:
        """Put an unpacked database in the place of the site's; returns what the old one is called now."""


def store_of(engine: Engine) -> Store:
    from app.ops import postgresql, sqlite

    found: Store = postgresql if engine.dialect.name == "postgresql" else sqlite
    return found


def check_kind(store: Store, file: Path) -> None:
    """Raises Stopped unless the file begins like a backup of this kind of database."""
    with file.open("rb") as opened:
        begin = opened.read(len(store.MAGIC))
    if begin != store.MAGIC:
        raise Stopped(f"{file} is no backup of records in {store.NAME}")
