"""The commands about frozen tables; `app.cli` adds them."""

import sys
from pathlib import Path

import click

from app.commands import command, now, site


@click.group()
def statistics() -> None:
    """Tables that are frozen at the end of each month and quarter."""


@command('lontar statistics freeze --period 2026-Q3 --reason "late imports"', name="freeze")
@click.option("--course", help="The course; needed only where the site has several.")
@click.option("--period", help="One month (2026-09) or quarter (2026-Q3); all that is due without it.")
@click.option("--reason", default="", help="Why a frozen report is corrected; both editions stay.")
def freeze(course: str | None, period: str | None, reason: str) -> None:
    """Freeze the tables of months that are over; the running server does so by itself."""
    from app.ops import freezing
    from app.ops.exporting import choose
    from app.ops.serving import Stopped, checked_course
    from app.records.engine import open_session

    with site() as (engine, config):
        library = checked_course(config)
        if period is None:
            done = freezing.freeze_due(engine, config, library, now())
            click.echo(f"{done} document(s) frozen." if done else "Nothing is due.")
            return
        chosen = choose(library, course)
        try:
            with open_session(engine, write=True) as session:
                edition = freezing.freeze_report(session, config, library, chosen, period, reason, now(), None)
                session.commit()
        except ValueError as error:
            raise Stopped(str(error)) from error
    click.echo(f"The report of {period} is frozen, edition {edition}.")


@command("lontar statistics show statistics 2026-09 --format csv --output september.csv", name="show")
@click.argument("kind", type=click.Choice(["report", "statistics"]))
@click.argument("period")
@click.option("--course", help="The course; needed only where the site has several.")
@click.option("--edition", type=int, help="An earlier edition; the newest without it.")
@click.option("--format", "style", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
def show(kind: str, period: str, course: str | None, edition: int | None, style: str, output: Path | None) -> None:
    """A frozen table, bit for bit as it was frozen."""
    from app.ops.exporting import choose
    from app.ops.serving import Stopped, checked_course
    from app.records import frozen
    from app.records.engine import open_session

    with site() as (engine, config):
        library = checked_course(config)
        with open_session(engine, write=False) as session:
            found = frozen.find(session, choose(library, course).id, kind, period, edition)
    if found is None:
        raise Stopped(f"no {kind} of {period} is frozen; a month is written 2026-09, a quarter 2026-Q3")
    data = (found.document if style == "json" else found.sheet).encode()
    if output:
        output.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)


statistics.add_command(freeze)
statistics.add_command(show)
