"""Many certificates at once: what fell due after a rule changed, and completions from before this site."""

import csv
import hashlib
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import Engine

from app.core.certificates import COMPLETION, KINDS
from app.core.content import Course, Library
from app.ops.exporting import choose
from app.ops.issuing import issuer_of
from app.ops.serving import Stopped, served
from app.ops.stores import Bar
from app.records import audit, bulk
from app.records.bulk import Grant
from app.records.engine import open_session
from app.records.folding import login_key
from config import Config

COLUMNS = ("login", "date")  # needed; kind, version and language besides
KNOWN = (*COLUMNS, "kind", "version", "language")
LARGEST = 50_000_000  # bytes of a file
SHOWN = 20  # problems named


class Done(NamedTuple):
    """How many certificates were issued, of how many that were looked at."""

    issued: int
    looked_at: int


def issue(engine: Engine, config: Config, course: str | None, dry_run: bool, now: datetime, bar: Bar) -> Done:
    """Issue to every learner what the rules of today make due. May be stopped and begun again. Raises Stopped."""
    library = library_of(config)
    chosen = choose(library, course)
    with open_session(engine, write=False) as session:
        length = bulk.how_many(session, chosen.id)
    issued, place = 0, uuid.UUID(int=0)
    with bar("Issuing", length) as step:
        while True:
            with open_session(engine, write=False) as session:
                people, after = bulk.due(session, library, chosen, place, now)
            issued += len(people) if dry_run else _issue(engine, config, library, chosen, people, now)
            step(min(bulk.BATCH, length))
            if after is None:
                return Done(issued, length)
            place = after


def _issue(
    engine: Engine, config: Config, library: Library, course: Course, people: list[uuid.UUID], now: datetime
) -> int:
    if not people:
        return 0
    act = f"issue {now.isoformat(timespec='seconds')}"
    with open_session(engine, write=True) as session:
        issued = bulk.issue_due(session, library, course, people, now.astimezone(config.zone), issuer_of(config), act)
        if issued:
            audit.record(session, None, "issue", course.id, f"{issued} certificates", now)
        session.commit()
    return issued


def library_of(config: Config) -> Library:
    library = served(config)
    if library is None:
        raise Stopped("the course has errors; see `lontar check`")
    return library


# Earlier completions


def batches(rows: list["Earlier"]) -> Iterator[list["Earlier"]]:
    return (rows[start : start + bulk.BATCH] for start in range(0, len(rows), bulk.BATCH))


class Earlier(NamedTuple):
    """A line of the file: somebody completed, or took part, on a day, under a version of the course."""

    line: int
    login: str
    day: date
    kind: str
    version: str
    language: str


def import_completions(
    engine: Engine, config: Config, file: Path, course: str | None, dry_run: bool, now: datetime, bar: Bar
) -> Done:
    """Issue certificates for completions that a file vouches for; nothing where a line is wrong. May be run again.

    Raises Stopped, which names the lines that are wrong.
    """
    library = library_of(config)
    chosen = choose(library, course)
    data = file.read_bytes()[: LARGEST + 1]
    rows = list(_read(file, data, chosen, now.astimezone(config.zone).date()))
    people = _people(engine, file, rows)
    if dry_run:
        return Done(0, len(rows))
    mark, issued = hashlib.sha256(data).hexdigest(), 0
    with bar("Issuing", len(rows)) as step:
        for some in batches(rows):
            grants = [_grant(config, chosen, people[login_key(one.login)], one, mark) for one in some]
            with open_session(engine, write=True) as session:
                new = bulk.grant(session, library, chosen.id, grants, now, issuer_of(config))
                if new:
                    audit.record(session, None, "import", chosen.id, f"{new} certificates from {mark}", now)
                session.commit()
            issued += new
            step(len(some))
    return Done(issued, len(rows))


def _grant(config: Config, course: Course, person: uuid.UUID, one: Earlier, mark: str) -> Grant:
    rule = {
        "every_section_read": False,
        "every_quiz_passed": False,
        "final_passed": False,
        "quiz_pass_mark": None,
        "final_pass_mark": None,
        "valid_years": (course.completion if one.kind == COMPLETION else course.participation).get("valid_years"),
    }
    return Grant(
        person_id=person,
        kind=one.kind,
        course=replace(course, version=one.version),
        at=datetime.combine(one.day, time(12), config.zone),
        rule=rule,
        evidence={"act": f"import {mark} line {one.line}"},
        topics=False,
        language=one.language,
    )


def _read(file: Path, data: bytes, course: Course, today: date) -> Iterator[Earlier]:
    """The lines of the file. Raises Stopped with everything that is wrong."""
    if len(data) > LARGEST:
        raise Stopped(f"{file} is larger than {LARGEST // 1_000_000} MB; divide it")
    try:
        text = data.decode("utf-8-sig")
        reader = csv.DictReader(text.splitlines(), strict=True)
        names = reader.fieldnames or []
        lines = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Stopped(f"{file} is no CSV file in UTF-8: {error}") from error
    strange = [name for name in names if name not in KNOWN] + [f"no {name}" for name in COLUMNS if name not in names]
    if strange:
        raise Stopped(f"{file}: the first line names the columns {', '.join(KNOWN)}; here: {', '.join(strange)[:200]}")
    problems, seen, found = [], dict[tuple[str, str], int](), []
    for number, line in enumerate(lines, 2):
        one, problem = _line(number, line, course, today)
        problem = problem or (
            f"the same person and kind stand in line {seen[key]}"
            if (key := (login_key(one.login), one.kind)) in seen
            else ""
        )
        seen.setdefault(key, number) if not problem else problems.append(f"line {number}: {problem}")
        found.append(one)
    if problems:
        raise Stopped(_listed(file, problems))
    yield from found


def _line(number: int, line: dict[str, str | None], course: Course, today: date) -> tuple[Earlier, str]:
    values = {name: " ".join((line.get(name) or "").split()) for name in KNOWN}
    problem = "" if values["login"] else "there is no login"
    kind = values["kind"] or COMPLETION
    if kind not in KINDS:
        problem = f"the kind is {kind[:30]!r}; write completion or participation"
    try:
        day = date.fromisoformat(values["date"])
    except ValueError:
        day, problem = today, f"the date is {values['date'][:30]!r}; write it like 2025-03-31"
    if day > today:
        problem = f"the date {day} is yet to come"
    return Earlier(number, values["login"], day, kind, values["version"] or course.version, values["language"]), problem


def _people(engine: Engine, file: Path, rows: list[Earlier]) -> dict[str, uuid.UUID]:
    found: dict[str, uuid.UUID] = {}
    with open_session(engine, write=False) as session:
        for some in batches(rows):
            found |= bulk.by_login(session, [login_key(one.login) for one in some])
    unknown = [one for one in rows if login_key(one.login) not in found]
    if unknown:
        raise Stopped(_listed(file, [f"line {one.line}: nobody signs in as {one.login[:60]}" for one in unknown]))
    return found


def _listed(file: Path, problems: list[str]) -> str:
    more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return f"{file}: nothing was issued. {'; '.join(problems[:SHOWN])}{more}"
