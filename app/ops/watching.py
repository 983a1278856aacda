"""The content root looked at again and again; only files that have changed are read anew."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from app.core.compiled import KEPT, program
from app.core.content import FOLDERS, Library, Problem
from app.core.load import kept_in, load
from app.core.worker import Worker
from app.ops import checking
from config import Config

PAUSE = 0.3  # seconds between two looks

State = tuple[tuple[str, int, int], ...]


def state(root: Path) -> State:
    """What changes when a file of the content root does: path, time, size."""
    return tuple(_files(root))


def _files(root: Path) -> Iterator[tuple[str, int, int]]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            with suppress(FileNotFoundError):
                seen = path.lstat()
                yield str(path), seen.st_mtime_ns, seen.st_size


class Checker:
    """A check that can be repeated: its child stays, and what it has read is not read again. Use it in a `with`."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.root = checking.existing(config)
        self.worker = Worker(kept_in(config.instance / KEPT), program())

    def __enter__(self) -> "Checker":
        self.worker.__enter__()
        return self

    def __exit__(self, *why: object) -> None:
        self.worker.__exit__(None, None, None)

    def check(self) -> tuple[Library | None, list[Problem]]:
        found = load(self.root, **checking.rules(self.config), worker=self.worker)
        self.worker.remember()
        return found


def changes(root: Path, sleep: Callable[[float], None] = time.sleep) -> Iterator[tuple[str, ...]]:
    """The names of the files that have changed, each time some have; at first none, for a first look. Never ends."""
    before = state(root)
    yield ()
    while True:
        sleep(PAUSE)
        now = state(root)
        if now != before:
            different = {Path(path).relative_to(root).as_posix() for path, *_ in set(before) ^ set(now)}
            before = now
            yield tuple(sorted(different))
