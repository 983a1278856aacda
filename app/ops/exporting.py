"""The completions of a course as a file with what is said about it beside, for the command line."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from app.core.content import Course, Library
from app.core.exports import About
from app.ops.serving import Stopped, check
from app.records import audit, reports
from app.records.engine import open_session
from config import Config

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


def export_to(
    engine: Engine, config: Config, course: str | None, kind: str, output: Path | None, now: datetime, bar: Progress
) -> About:
    """Write the file (to standard output without a path), its `.about.json` beside it, and who took it into the log."""
    library, _problems = check(config)
    if library is None:
        raise Stopped("the course files have errors; see `lontar check`")
    chosen = choose(library, course)
    with tempfile.TemporaryDirectory(prefix="lontar-export-") as folder:
        target = Path(folder) / f"completions-{chosen.id}.{kind}"
        with open_session(engine, write=False) as session, bar("Writing", reports.enrolled(session, chosen.id)) as step:
            about = reports.export_completions(
                session, library, chosen, kind, target, now=now, zone=config.zone, step=step
            )
        if output is None:
            with target.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
        else:
            shutil.copyfile(target, output)
            output.with_suffix(".about.json").write_text(about.as_json() + "\n", encoding="utf-8")
    with open_session(engine, write=True) as session:
        audit.record(session, None, "export", f"completions {chosen.id} {kind}", about.sha256, now)
        session.commit()
    return about


def choose(library: Library, course: str | None) -> Course:
    if course is None and len(library.courses) == 1:
        return next(iter(library.courses.values()))
    if course not in library.courses:
        known = ", ".join(sorted(library.courses))
        raise Stopped(f"there is no course {course}; choose one with --course: {known}")
    return library.courses[course]
