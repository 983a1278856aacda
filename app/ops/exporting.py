"""An export as a file with what is said about it beside, for the command line."""

import gc
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.content import Course, Library
from app.core.exports import KINDS, PROFILE, Site, Wanted, want
from app.core.filters import Unfit
from app.core.formats import About, TooManyRows
from app.ops.serving import Stopped, checked_course
from app.records import exports
from app.records.engine import open_session
from app.records.filtering import check
from config import Config

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
FILTERS = ("period", "status", *PROFILE)
REASONS = {
    "unknown": "there is no such value",
    "several": "only one value can be given",
    "period": "write a year, a quarter (2026-Q4), a month (2026-11), two of these with .. between, or this-quarter",
    "contradiction": "together with the others it leaves nothing",
    "unused": "this export does not know it",
}


def export_to(
    engine: Engine,
    config: Config,
    kind: str,
    columns: Collection[str],
    args: Mapping[str, Sequence[str]],
    format: str,
    output: Path | None,
    now: datetime,
    bar: Progress,
) -> About:
    """Write the file (to standard output without a path), its `.about.json` beside it, and who took it into the log."""
    library = checked_course(config)
    wanted = read_wish(kind, columns, args, library, config, now)
    site = Site(library, now, config.zone)
    gc.freeze()  # the course stays until the end: to look through it again and again took a tenth of a long export
    with tempfile.TemporaryDirectory(prefix="lontar-export-") as folder:
        target = Path(folder) / f"export.{format}"
        with open_session(engine, write=False) as session:
            about = write(session, site, wanted, format, target, bar)
        if output is None:
            with target.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
        else:
            shutil.copyfile(target, output)
            output.with_suffix(".about.json").write_text(about.as_json() + "\n", encoding="utf-8")
    with open_session(engine, write=True) as session:
        exports.note(session, None, wanted, format, about, now)
        session.commit()
    return about


def write(session: Session, site: Site, wanted: Wanted, format: str, target: Path, bar: Progress) -> About:
    """Write the file; raises Stopped."""
    try:
        check(session, wanted.filters, site.library)
        with bar("Writing", exports.count(session, site, wanted)) as step:
            return exports.export(session, site, wanted, format, target, step)
    except Unfit as unfit:
        raise Stopped(all_words(wanted.kind.name, unfit)) from None
    except TooManyRows as error:
        raise Stopped(str(error)) from None


def read_wish(
    kind: str,
    columns: Collection[str],
    args: Mapping[str, Sequence[str]],
    library: Library,
    config: Config,
    now: datetime,
) -> Wanted:
    """The wish of a command; raises Stopped with every problem in words."""
    try:
        return want(kind, columns, args, library, config.languages, now.astimezone(config.zone).date())
    except Unfit as unfit:
        if unfit.problems.get("course") == "unknown":
            raise Stopped(course_words(args, library)) from None
        raise Stopped(all_words(kind, unfit)) from None


def all_words(kind: str, unfit: Unfit) -> str:
    return "; ".join(words(kind, name, code) for name, code in unfit.problems.items())


def course_words(args: Mapping[str, Sequence[str]], library: Library) -> str:
    given = next(iter(args.get("course", ())), None)
    return f"there is no course {given}; choose one with --course: {', '.join(sorted(library.courses))}"


def words(kind: str, name: str, code: str) -> str:
    """What is wrong with a filter, and what to do."""
    if name == "column":
        return f"an export of {kind} has no such column; it has: {', '.join(one.name for one in KINDS[kind].columns)}"
    if code == "unknown" and name not in FILTERS:
        return f"there is no filter {name}; there are: {', '.join(FILTERS)}"
    return f"filter {name}: {REASONS[code]}"


def choose(library: Library, course: str | None) -> Course:
    """The course that a command names, or the only one there is. Raises Stopped."""
    if course is None and len(library.courses) == 1:
        return next(iter(library.courses.values()))
    if course not in library.courses:
        raise Stopped(course_words({"course": [str(course)]}, library))
    return library.courses[course]
