"""`lontar publish`: other course files are served from now on; `app.cli` adds it to the commands."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.commands import command, now, site
from config import Config

PATHS = 12  # of files that are named one by one


@command("lontar publish course.zip --dry-run", name="publish")
@click.argument("source", required=False, type=click.Path(path_type=Path, exists=True))
@click.option("--whole", is_flag=True, help="SOURCE is the whole course: files that are not in it are taken away.")
@click.option("--dry-run", is_flag=True, help="Check, say what would change and who is affected; publish nothing.")
@click.option("--yes", is_flag=True, help="Publish without asking.")
@click.option("--undo", is_flag=True, help="Serve again what was served before the release in force.")
@click.option("--list", "listed", is_flag=True, help="List the releases: when, who, what changed.")
def publish(source: Path | None, whole: bool, dry_run: bool, yes: bool, undo: bool, listed: bool) -> None:
    """Serve other course files: those of SOURCE, a folder or ZIP with course/, modules/, quizzes/, laid over what is
    served now.

    They are checked, and it says what changes and how many people that meets, before it asks. The content root stays
    as it is; a running server takes the release over without a restart; attempts under way keep their questions.
    """
    from app.ops.serving import Stopped

    if listed + undo + bool(source) != 1:
        raise click.UsageError("Name a folder or ZIP file, or give --undo or --list.")
    with site() as (engine, config):
        if listed:
            _list(engine, config)
        elif undo:
            _undo(engine, config, yes)
        elif source and not _publish(engine, config, source, whole, dry_run, yes):
            raise Stopped("nothing was published")


def _publish(engine: Any, config: Config, source: Path, whole: bool, dry_run: bool, yes: bool) -> bool:
    from app.ops import planning, releases
    from app.records.engine import open_session

    at = now()
    files = _files(source, config)
    tried = planning.trial(config, files, whole, at, seconds=None)
    for one in tried.problems:
        click.echo(str(one), err=True)
    if tried.library is None:
        raise releases.Broken(list(tried.problems))
    with open_session(engine, write=False) as session:
        plan = planning.plan(session, config, tried, at)
    for line in told(plan):
        click.echo(line)
    stay = 0 if whole else len(releases.texts_in(tried.base.folder).keys() - files.keys())
    if stay:
        click.echo(f"{stay} file(s) that are served now are not in {source.name} and stay (see --whole).")
    if dry_run:
        click.echo("Nothing was published.")
        return True
    if not yes and not click.confirm("Publish?"):
        return False
    change = releases.Change(files, whole, tried.base.mark)
    _tell(releases.publish(engine, config, change, None, now()))
    return True


def _files(source: Path, config: Config) -> dict[str, bytes]:
    from app.core.content import FOLDERS
    from app.core.files import LARGEST
    from app.ops import dropping, serving

    if source.is_file():
        if source.stat().st_size > dropping.UNPACKED:
            raise serving.Stopped(f"{source.name} has more than {dropping.UNPACKED >> 20} MB")
        try:
            found = dropping.receive({source.name: source.read_bytes()}, serving.root(config), config.base_url)
        except dropping.Refused as refused:
            raise serving.Stopped(str(refused)) from refused
        for one in found.remarks:
            click.echo(f"{one.file}:{one.line}: {one.text}", err=True)
        return found.files
    there = [path for folder in FOLDERS for path in sorted((source / folder).rglob("*"))]
    paths = [path for path in there if not any(one.startswith(".") for one in path.relative_to(source).parts)]
    links = [path for path in paths if path.is_symlink()]
    if links or not paths:
        words = f"{links[0]} is a symbolic link" if links else f"{source} has no files in course/, modules/ or quizzes/"
        raise serving.Stopped(words)
    files = {}
    for path in paths:
        if path.is_file():
            with path.open("rb") as opened:
                files[path.relative_to(source).as_posix()] = opened.read(LARGEST + 1)
    return files


def _undo(engine: Any, config: Config, yes: bool) -> None:
    from app.ops import releases, serving
    from app.records import releases as kept
    from app.records.engine import open_session

    with open_session(engine, write=False) as session:
        last = kept.newest(session)
        undone = kept.find(session, last.content) if last and last.content else None
    if last is None or undone is None:
        raise serving.Stopped(f"nothing is published: the content root {config.content} is served")
    if not yes and not click.confirm(f"Serve {_what(undone.before, config)} instead of release {undone.number}?"):
        raise serving.Stopped("nothing was changed")
    _tell(releases.undo(engine, config, None, now(), expected=last.number))


def _what(content: int, config: Config) -> str:
    return f"release {content}" if content else f"the content root {config.content}"


def _tell(done: Any) -> None:
    from app.ops import serving

    if done.pid:
        serving.tell(done.pid)
    entry = done.entry
    what = "published" if entry.deed == "publish" else f"made: {entry.content or 'the content root'} is served again"
    served = "the server takes it over now" if done.pid else "no server runs; the next start serves it"
    click.echo(f"Release {entry.number} {what}; {served}.")


def _list(engine: Any, config: Config) -> None:
    from app.ops import releases as ops
    from app.records import releases
    from app.records.engine import open_session

    with open_session(engine, write=False) as session:
        found, wrong = releases.latest(session), ops.differs(session, config)
    for entry in found:
        click.echo(line_of(entry, config.zone))
    served = found[0].content if found else 0
    click.echo(f"Served: {_what(served, config)}.")
    if wrong:
        click.echo(f"But {wrong}; run: lontar reload", err=True)


def line_of(entry: Any, zone: Any) -> str:
    """A release in one line: number, moment, who, what."""
    at: datetime = entry.at.astimezone(zone)
    who = entry.by or "command line"
    deed = "publish" if entry.deed == "publish" else f"undo, serves {entry.content or 'the content root'}"
    changes = entry.changes
    counts = f"{len(changes.added)} added, {len(changes.changed)} changed, {len(changes.removed)} removed"
    return f"{entry.number}  {at:%Y-%m-%d %H:%M %Z}  {who}  {deed}  {counts}: {_paths(changes)}"


def _paths(changes: Any) -> str:
    paths = [*(f"+{path}" for path in changes.added), *changes.changed, *(f"-{path}" for path in changes.removed)]
    more = f" and {len(paths) - PATHS} more" if len(paths) > PATHS else ""
    return " ".join(paths[:PATHS]) + more


def told(plan: Any) -> list[str]:
    """Who is affected, a line each."""
    found, counts = plan.comparison, plan.counts
    lines = [f"Files: {_paths(plan.changes) or 'none differs'}."]
    for place in found.sections.added:
        lines.append(f"Section {place}: new.")
    for place in found.sections.changed:
        read = counts.readers.get(place, (0, 0))
        lines.append(
            f"Section {place}: changed; {read[0]} have read it, {read[1]} will see “changed since you read it”."
        )
    for gone in found.sections.gone:
        read = counts.readers.get(gone.id, (0, 0))
        lines.append(f"Section {gone.id}: GONE{_renamed(gone)}; {read[0]} have read it.")
    for one in found.quizzes:
        lines += _quiz_lines(one, counts)
    for id in found.quiz_ids.added:
        lines.append(f"Quiz {id}: new.")
    for gone in found.quiz_ids.gone:
        lines.append(f"Quiz {gone.id}: GONE{_renamed(gone)}.")
    for gone in found.course_ids.gone:
        lines.append(f"Course {gone.id}: GONE{_renamed(gone)}.")
    for id in found.course_ids.added:
        lines.append(f"Course {id}: new.")
    for course in found.courses:
        for kind in course.requirements:
            lines.append(
                f"Course {course.id}: the certificate of {kind} asks for other things; "
                f"{counts.under_way.get(course.id, 0)} learner(s) are under way. Certificates that were issued stay."
            )
    lines += [f"Translation {path}: would be older than its original." for path in plan.stale]
    return lines


def _quiz_lines(one: Any, counts: Any) -> list[str]:
    items, lines = one.items, []
    running, takers = counts.running.get(one.id, 0), counts.takers.get(one.id, 0)
    n = len(items.changed)
    said = [f"{len(items.added)} question(s) new", f"{n} changed ({len(one.keys)} in the key)"]
    if one.rules:
        said.append(f"rules changed: {', '.join(one.rules)}")
    lines.append(
        f"Quiz {one.id}: {', '.join(said)}; {running} attempt(s) under way keep their paper, {takers} took it before."
    )
    if one.keys:
        lines.append(f"Quiz {one.id}: another key: {', '.join(one.keys)}.")
    lines += [f"Quiz {one.id}: question {gone.id} is GONE{_renamed(gone)}." for gone in items.gone]
    return lines


def _renamed(gone: Any) -> str:
    return f", perhaps renamed to {gone.now} (ids should stay: progress hangs on them)" if gone.now else ""
