"""The disk under backups: room on it, names with a time in them, owners, and whole files or none."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.ops.checking import Stopped

NAME = re.compile(r"lontar-(\d{8}T\d{6}Z)\.(sqlite|dump)$")
STAMP = "%Y%m%dT%H%M%SZ"
SPARE = 64 << 20  # bytes that stay free


def stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime(STAMP)


def backups_in(folder: Path) -> list[tuple[datetime, Path]]:
    """The backups in a folder with the moment that their names tell, the oldest first."""
    names = ((NAME.fullmatch(path.name), path) for path in folder.glob("lontar-*"))
    return sorted((datetime.strptime(f"{name[1]}+0000", f"{STAMP}%z"), path) for name, path in names if name)


def make_folder(folder: Path) -> None:
    """Make the folder where it is missing, for its owner's eyes alone; what root makes goes to its parent's owner."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700)
        keep_owner(folder)


def keep_owner(path: Path) -> None:
    """What root writes belongs to whoever owns the folder, so that the server can go on reading and writing it."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def need_room(folder: Path, size: int) -> None:
    """Raises Stopped where the disk would be full."""
    free = shutil.disk_usage(folder).free
    if free < size + SPARE:
        raise Stopped(
            f"{folder} has {megabytes(free)} free and {megabytes(size + SPARE)} are needed; nothing was written"
        )


def megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file to write under another name; it gets its own name when all went well and is gone when not."""
    if path.exists():
        raise Stopped(f"{path} is there already")
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
        keep_owner(part)
        settle(part)
        part.rename(path)
        settle(path.parent)
    finally:
        part.unlink(missing_ok=True)


def settle(path: Path) -> None:
    """Wait until the file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
