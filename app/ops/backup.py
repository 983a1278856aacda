"""A backup while learners go on working: one file of one moment, read back before it counts as written."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from app.ops import erasures, files
from app.ops.serving import Stopped
from app.ops.stores import Bar, store_of
from config import Config


class Written(NamedTuple):
    """A backup, its size in bytes, how many rows it holds, and the old ones that made room for it."""

    path: Path
    size: int
    rows: int
    pruned: tuple[Path, ...]


def write(engine: Engine, config: Config, folder: Path, keep: int | None, now: datetime, bar: Bar) -> Written:
    """Write and verify a backup in `folder`, then keep only the newest `keep` there. Raises Stopped, Unavailable."""
    store = store_of(engine)
    path = folder / f"lontar-{files.stamp(now)}.{store.ENDING}"
    files.make_folder(folder)
    files.need_room(folder, store.size(engine))
    note_erasures(engine, config, folder)
    with files.whole(path) as part:
        written = store.dump(engine, part, bar)
        found = store.count(part, bar)
        if found != written:
            different = sorted(name for name in written if found.get(name) != written[name])
            raise Stopped(f"the backup does not hold what was written ({', '.join(different)}); it was thrown away")
    return Written(path, path.stat().st_size, sum(found.values()), prune(folder, keep) if keep else ())


def note_erasures(engine: Engine, config: Config, *folders: Path) -> None:
    """Bring the list of erased persons up to date, beside the site's backups and in these folders."""
    for folder in dict.fromkeys((config.backups, *folders)):
        files.make_folder(folder)
        erasures.keep(engine, folder)


def prune(folder: Path, keep: int) -> tuple[Path, ...]:
    """Delete all backups but the newest `keep`; other files stay."""
    old = tuple(path for _, path in files.backups_in(folder)[:-keep])
    for path in old:
        path.unlink()
    return old
