"""The commands that take files in: `lontar import …`."""

from pathlib import Path
from typing import Any

import click

from app.cli_banks import import_bank
from app.commands import command, now, progress_bar, site


class Imports(click.Group):
    """`lontar import FILE` goes on to mean questions, as it did before there was anything else to import."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["questions", *args]
        return super().parse_args(ctx, args)


@click.group(name="import", cls=Imports)
def imports() -> None:
    """Take in questions or lists of people from other programs."""


@command("lontar import people officials.xlsx --cohort 'Induction 2027' --dry-run", name="people")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--cohort", "wanted", required=True, help="The cohort's name or id.")
@click.option("--dry-run", is_flag=True, help="Print every row's fate and change nothing.")
def import_people(file: Path, wanted: str, dry_run: bool) -> None:
    """Invite the people of a CSV or XLSX file into a cohort: all new ones at once, or none.

    The first row names the columns, in any order; only `name` is needed. No mail is sent by this.
    """
    with site() as (engine, config):
        told = read(engine, config, file, wanted, dry_run)
    for line in told:
        click.echo(line)


def read(engine: Any, config: Any, file: Path, wanted: str, dry_run: bool) -> list[str]:
    from app.core.tables import Unreadable
    from app.ops import importing, serving
    from app.records import audit, cohorts
    from app.records import imports as records
    from app.records.engine import open_session

    library = serving.checked_course(config)
    secret = serving.secret_of(config)
    with open_session(engine, write=True) as session:
        cohort = cohorts.find_named(session, wanted)
        if cohort is None:
            raise serving.Stopped(f"there is no cohort {wanted}, or several have this name; then take its id")
        try:
            run, table = importing.begin(session, file.read_bytes(), file.name, cohort, None, now())
        except Unreadable as error:
            raise serving.Stopped(f"{file.name}: {importing.words_of(error)}") from error
        id, bounds = run.id, importing.bounds_of(library, config.languages, cohort.country)
        session.commit()
    with progress_bar("Reading", table.total) as step:
        fault = importing.look(engine, secret, id, table, bounds, now, step)
    with open_session(engine, write=True) as session:
        found = records.find(session, id)
        assert found is not None
        counts, told = records.counts_of(found), lines(session, id, dry_run)
        if table.guessed:
            told.insert(0, "The file is not in UTF-8 and was read as Windows-1252.")
        if fault or dry_run:
            records.discard(session, found)
        else:
            records.confirm(session, found, None, now())
            audit.record(session, None, "import people", str(cohort.id), f"{counts['new']} people, {id}", now())
        session.commit()
    importing.forget(engine, id)
    if fault:
        raise serving.Stopped(f"{file.name}: {importing.words_of(fault)}; nothing was imported")
    summary = ", ".join(f"{n} {fate}" for fate, n in counts.items())
    return [*told, f"{summary}; {'nothing was changed' if dry_run else 'the new ones are invited'}"]


def lines(session: Any, id: Any, everything: bool) -> list[str]:
    """Rows with their fates in their order: all of them, or those that are refused or conflict with others."""
    from app.records import imports as records

    told: list[tuple[int, str]] = []
    for fate in ("",) if everything else ("conflict", "refused"):
        after = 0
        while rows := records.fates(session, id, fate, after, 1000):
            told += [(row.number, line(row)) for row in rows]
            after = rows[-1].number
    return [words for _number, words in sorted(told)]


def line(row: Any) -> str:
    from app.ops.importing import CONFLICTS

    why = " ".join(part for part in (row.reason, row.detail) if part)
    if row.fate == "conflict":
        number, _, name = row.detail.partition(" ")
        why = CONFLICTS[row.reason].format(number=number, name=name)
    return f"row {row.number}: {row.fate}{f': {why}' if why else ''}"


imports.add_command(import_bank)
imports.add_command(import_people)
