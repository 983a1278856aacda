"""Health checks of files, disk and backups."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from app.ops import files
from app.ops.findings import ERROR, OK, WARNING, Finding, Site
from app.records.engine import file_of

LITTLE, NOTHING = 1 << 30, 128 << 20  # bytes free
SHORTEST_SECRET = 32
FRESH, OLD = timedelta(days=2), timedelta(days=14)


def secret(site: Site) -> Iterator[Finding]:
    file = site.config.instance / "secret"
    if site.config.secret:
        yield Finding("secret", OK, "set by LONTAR_SECRET")
    elif not file.exists():
        yield Finding("secret", WARNING, "there is none yet", "the first `lontar serve` makes it")
    elif len(file.read_text().strip()) < SHORTEST_SECRET:
        yield Finding("secret", ERROR, f"{file} is too short", "delete it; the next start makes a new one")
    elif file.stat().st_mode & 0o077:
        advice = f"chmod 600 {file}; if somebody may have read it, delete it and start the server again"
        yield Finding("secret", ERROR, f"other users of this machine can read {file}", advice)
    else:
        yield Finding("secret", OK, f"{file} is readable by its owner alone")


def permissions(site: Site) -> Iterator[Finding]:
    """Records and backups are nobody else's business on this machine; what the server writes must be its own."""
    database = file_of(site.engine)
    kept = [path for _, path in files.backups_in(site.config.backups)]
    found = [path for path in ((database,) if database else ()) if path.exists()] + kept
    open_ones = [path for path in found if path.stat().st_mode & 0o007]
    for path in open_ones:
        yield Finding("files", WARNING, f"every user of this machine can read {path}", f"chmod o-rwx {path}")
    if site.config.instance.exists() and not os.access(site.config.instance, os.W_OK):
        advice = f"run this as the user that runs the server, or give {site.config.instance} to it"
        yield Finding("files", ERROR, f"{site.config.instance} cannot be written by this user", advice)
    elif not open_ones:
        yield Finding("files", OK, "records and backups are closed to other users")


def room(site: Site) -> Iterator[Finding]:
    """A restore needs as much room as the records, a backup too."""
    places = {_existing(path) for path in (site.config.instance, site.config.backups)}
    for place in sorted({place.stat().st_dev: place for place in sorted(places)}.values()):
        free = shutil.disk_usage(place).free
        state = ERROR if free < NOTHING else WARNING if free < LITTLE else OK
        advice = "" if state == OK else "delete old backups and logs, or enlarge the disk (docs/operating.md)"
        yield Finding("disk", state, f"{files.megabytes(free)} are free under {place}", advice)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def newest_backup(site: Site) -> Iterator[Finding]:
    folder = site.config.backups
    found = files.backups_in(folder)
    if not found:
        advice = "run `lontar backup`, then every night by a timer (docs/operating.md)"
        yield Finding("backup", WARNING, f"there is none in {folder}", advice)
        return
    at, path = found[-1]
    age = site.now - at
    state = OK if age < FRESH else WARNING if age < OLD else ERROR
    advice = "" if state == OK else "look at the timer of `lontar backup`"
    yield Finding("backup", state, f"{path.name} is {_ago(age)} old; {len(found)} in {folder}", advice)


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours} hour(s)" if hours < 48 else f"{hours // 24} days"
