"""Publishing: other course files are served from now on, without a restart and without touching the content root.

A release is decided by one row in the records, which also keep the texts of its files. The folder that is served,
`releases/<number>` in the instance, is made from them: before the row is written where a release is new, and again by
`settle` wherever it is missing or differs. What is interrupted before the row has changed nothing; what is interrupted
after it is finished by the next start or `lontar reload`.
"""

import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.orm import Session

from app.core import pictures
from app.core.compiled import KEPT
from app.core.content import FOLDERS, Library, Problem, digest
from app.ops import files, serving
from app.ops.serving import CURRENT, RELEASES, Stopped
from app.ops.trying import Order, in_child
from app.records import audit, hot, releases
from app.records.engine import create_engine, file_of, open_session
from app.records.releases import Changes, Entry
from config import Config

AUTHORS = "authors.kept"  # as KEPT, of what authors try out
LOCK = "publish.lock"
ABANDONED = 3600  # seconds after which a folder that nobody finished is thrown away


class Moved(Stopped):
    """Another release is served than the one that a change was planned for."""


class Broken(Stopped):
    """The files have errors; `problems` are all findings."""

    def __init__(self, problems: list[Problem]) -> None:
        errors = sum(one.severity == "error" for one in problems)
        super().__init__(f"the course would have {errors} error(s), so nothing was published")
        self.problems = problems


@dataclass(frozen=True)
class Base:
    """What is served now: the number of its release (0: the content root), where it stands, and a mark that changes
    with it."""

    content: int
    folder: Path
    mark: str


@dataclass(frozen=True)
class Change:
    """Files to be laid over what is served; `whole`: what is not among them goes. `base` is the mark of what was
    served when the change was planned."""

    files: Mapping[str, bytes]
    whole: bool
    base: str


@dataclass(frozen=True)
class Published:
    """A release that is in force; `pid` of the server that is to renew its workers, None where none runs."""

    entry: Entry
    library: Library
    pid: int | None


def base(config: Config) -> Base:
    """What is served now. Raises Stopped where its folder is lost."""
    content, folder = serving.content_of(config), serving.root(config)
    return Base(content, folder, f"{content}-{serving.fingerprint(folder)[:24]}")


def texts_in(folder: Path) -> dict[str, str]:
    """The texts of the files that the course is made of: path -> text."""
    from app.core.files import read_files
    from app.core.scan import Faults

    return {one.path: one.text for one in read_files(folder, Faults(""))}


def hashes_in(folder: Path) -> dict[str, str]:
    return {path: digest(text) for path, text in texts_in(folder).items()}


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    """What differs between two sets of files, given as path -> hash or text."""
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(path for path in before.keys() & after.keys() if before[path] != after[path])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )


def compose(root: Path, given: Mapping[str, bytes], whole: bool, into: Path) -> None:
    """Make a content root in the empty folder `into`: the files of `root`, unless the given ones are the whole course,
    and the given ones over them. Raises Stopped for a path that is none of a course file."""
    for folder in FOLDERS:
        (into / folder).mkdir()
        kept = [] if whole else [path for path in (root / folder).rglob("*") if _is_kept(path, root / folder)]
        for path in kept:
            _put(into / path.relative_to(root), path.read_bytes())
    for place, data in given.items():
        folder, _, name = place.partition("/")
        plain = name and not name.startswith(".") and not any(sign in name for sign in "/\\\0")
        if folder not in FOLDERS or not (plain or pictures.PATH.match(place)):
            raise Stopped(f"{place!r} is no file of course/, modules/ or quizzes/")
        _put(into / place, data)


def _put(place: Path, data: bytes) -> None:
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(data)


def _is_kept(path: Path, folder: Path) -> bool:
    """Whether it is a file that may matter: one of the folder, or a picture in a folder of its own."""
    inside = path.relative_to(folder).parts
    if any((folder / one).is_symlink() for one in (inside[0], path.relative_to(folder))):
        return False
    return len(inside) <= 2 and path.is_file() and not any(one.startswith(".") for one in inside)


@contextmanager
def workshop(config: Config) -> Iterator[Path]:
    """A folder beside what is served; what is still in it at the end is thrown away."""
    place = config.instance / RELEASES / f".new-{uuid.uuid4().hex}"
    files.make_folder(place)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def attempt(
    config: Config, folder: Path, now: datetime, seconds: float | None = None, unlisted: bool = False
) -> tuple[Library | None, list[Problem]]:
    """What the check says of a content root that is not served; what it turned into is kept apart from the served.

    With a number of `seconds` a child process does the work, within limits.
    """
    kept = config.instance / AUTHORS
    if not kept.exists() and (config.instance / KEPT).exists():
        part = kept.with_name(f".{AUTHORS}.{os.getpid()}")
        shutil.copyfile(config.instance / KEPT, part)
        part.replace(kept)
    today = now.astimezone(config.zone).date()
    if seconds:
        return in_child(Order(str(folder), config.figure_months, today, str(kept), seconds, unlisted))
    from app.core.load import load

    return load(folder, figure_months=config.figure_months, today=today, kept=kept, unlisted=unlisted)


def publish(
    engine: Engine, config: Config, change: Change, by: uuid.UUID | None, now: datetime, seconds: float | None = None
) -> Published:
    """Check and serve a change. Raises Moved, Broken or Stopped, and then nothing has changed.

    The workers are not told yet: the caller passes `pid` to `serving.tell`.
    """
    with _alone(config), workshop(config) as place:
        served = base(config)
        if served.mark != change.base:
            raise Moved("another course is served than the one that this change was planned for; look at it again")
        files.need_room(config.instance, 4 * sum(path.stat().st_size for path in served.folder.rglob("*")))
        compose(served.folder, change.files, change.whole, place)
        library, problems = attempt(config, place, now, seconds)
        if library is None:
            raise Broken(problems)
        texts = texts_in(place)
        _write(place, texts)
        before, base_texts = hashes_in(served.folder), texts_in(served.folder)
        with open_session(engine, write=True) as session:
            last = releases.newest(session)
            if (last.content if last else 0) != served.content:
                raise Moved("the records name another release than the one that is served; run `lontar reload` first")
            hashes = releases.remember(session, texts, now)
            changes = differences(before, hashes)
            if not changes:
                raise Stopped("these are the files that are served already, so nothing was published")
            releases.remember(session, base_texts, now)
            number = last.number + 1 if last else 1
            entry = Entry(number, now, by, "publish", number, served.content, library.release, hashes, changes)
            _put_in_place(config, place, hashes, number)
            _add(session, entry)
            session.commit()
    return _serve(config, entry, library)


def undo(engine: Engine, config: Config, by: uuid.UUID | None, now: datetime, expected: int | None = None) -> Published:
    """Serve what was served before the newest release that is in force. Raises Moved, Broken or Stopped.

    `expected` is the release that was in force when this was asked for.
    """
    with _alone(config), workshop(config) as place:
        settle(engine, config)
        with open_session(engine, write=True) as session:
            last = releases.newest(session)
            if expected is not None and (last.number if last else 0) != expected:
                raise Moved("another release was made since; look at the list again")
            if last is None or last.content == 0:
                raise Stopped(f"nothing is published: the content root {config.content} is served")
            undone = releases.find(session, last.content)
            assert undone is not None  # its number is that of a row
            goal = undone.before
            then = releases.find(session, goal) if goal else None
            _make(session, config, then, place)
            library, problems = attempt(config, place, now)
            if library is None:
                raise Broken(problems)
            wanted = hashes_in(place)
            changes = differences(hashes_in(serving.root(config)), wanted)
            entry = Entry(last.number + 1, now, by, "undo", goal, last.content, library.release, {}, changes)
            releases.remember(session, texts_in(place), now)
            if then:
                _put_in_place(config, place, wanted, goal)
            _add(session, entry)
            session.commit()
    return _serve(config, entry, library)


def _add(session: Session, entry: Entry) -> None:
    if not releases.add(session, entry):
        raise Moved("another release was made at the same moment; look at the list again")
    detail = f"serves {entry.content or 'the content root'}, library {entry.library}"
    audit.record(session, entry.by, entry.deed, f"release {entry.number}", detail, entry.at)


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """One publisher at a time on this machine; raises Stopped while another is at work."""
    files.make_folder(config.instance)
    with (config.instance / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Stopped("somebody else is publishing at this moment; try again in a minute") from error
        yield


def _write(place: Path, texts: Mapping[str, str]) -> None:
    """Make the files these texts to the byte, as a folder made anew from the records would be."""
    for path, text in texts.items():
        _put(place / path, pictures.as_bytes(text))
        files.settle(place / path)


def _put_in_place(config: Config, place: Path, hashes: Mapping[str, str], number: int) -> None:
    """Give a folder its number; one that has it already stays where it holds the same."""
    target = serving.folder_of(config, number)
    if target.exists():
        if hashes_in(target) == hashes:
            return
        target.rename(place.with_name(f".old-{place.name}"))
        shutil.rmtree(place.with_name(f".old-{place.name}"), ignore_errors=True)
    for path in (place, *sorted(place.rglob("*"))):
        files.keep_owner(path)
    place.rename(target)
    files.settle(target.parent)


def _serve(config: Config, entry: Entry, library: Library) -> Published:
    """Point this machine at a release whose row is written, and forget folders that are older."""
    current(config, entry.content)
    folder = serving.root(config)
    serving.point(config, library, serving.fingerprint(folder))
    _tidy(config, {entry.content, entry.before})
    return Published(entry, library, serving.running(config))


def current(config: Config, content: int) -> None:
    """Write down which release this machine serves."""
    files.make_folder(config.instance / RELEASES)
    serving.replace_text(config.instance / RELEASES / CURRENT, str(content))
    files.keep_owner(config.instance / RELEASES / CURRENT)


def _tidy(config: Config, wanted: set[int]) -> None:
    folders = [path for path in (config.instance / RELEASES).iterdir() if path.name.isdigit()]
    for path in folders:
        if int(path.name) not in wanted:
            shutil.rmtree(path, ignore_errors=True)
    for path in (config.instance / RELEASES).glob(".*"):
        if path.is_dir() and time.time() - path.stat().st_mtime > ABANDONED:
            shutil.rmtree(path, ignore_errors=True)


def _make(session: Session, config: Config, entry: Entry | None, place: Path) -> None:
    """A release's files as the records keep them, or those of the content root, in an empty folder."""
    if entry is None:
        compose(config.content, {}, False, place)
        return
    try:
        texts = releases.texts(session, entry.files)
    except LookupError as error:
        raise Stopped(f"the records lack a file of release {entry.number}: {error}") from error
    compose(place, {}, True, place)
    _write(place, texts)


# What the records say, and what this machine serves


def in_force(session: Session) -> Entry | None:
    """The release whose files are to be served, as it was published; None for the content root."""
    last = releases.newest(session)
    return releases.find(session, last.content) if last and last.content else None


def differs(session: Session, config: Config) -> str:
    """How what this machine serves differs from the records, in words; "" where it does not."""
    entry = in_force(session)
    wanted, here = entry.number if entry else 0, serving.content_of(config)
    if wanted != here:
        names = [f"release {one}" if one else "the content root" for one in (wanted, here)]
        return f"the records say {names[0]}, this machine serves {names[1]}"
    folder = serving.folder_of(config, here)
    if entry and not folder.is_dir():
        return f"the folder of release {here}, {folder}, is missing"
    if entry and (changes := differences(entry.files, hashes_in(folder))):
        paths = (*changes.added, *changes.changed, *changes.removed)
        return f"{len(paths)} file(s) in {folder} are not as they were published ({paths[0]})"
    return ""


def settle(engine: Engine, config: Config) -> bool:
    """Make this machine serve what the records say; True where something had to be done."""
    with open_session(engine, write=False) as session:
        if not differs(session, config):
            return False
        entry = in_force(session)
        if entry:
            with workshop(config) as place:
                _make(session, config, entry, place)
                _put_in_place(config, place, entry.files, entry.number)
    current(config, entry.number if entry else 0)
    return True


def settle_before_start(config: Config) -> bool:
    """As `settle`, where there are records already; a site that never started has none."""
    engine = create_engine(config.database)
    try:
        file = file_of(engine)
        if (file is not None and not file.exists()) or not inspect(engine).has_table("release"):
            return False
        return settle(engine, config)
    finally:
        hot.close(engine)


def remember(engine: Engine, config: Config, now: datetime) -> None:
    """Keep the texts of what is served, so that translations can be compared with what they translate."""
    texts = texts_in(serving.root(config))
    hashes = {digest(text) for text in texts.values()}
    with open_session(engine, write=False) as session:
        if hashes <= releases.known(session, hashes):
            return
    with open_session(engine, write=True) as session:
        releases.remember(session, texts, now)
        session.commit()
