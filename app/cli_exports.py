"""The commands that write records to files; `app.cli` adds them."""

from pathlib import Path

import click

from app.commands import command, fail, now, progress_bar, site
from app.core.exports import KINDS, Kind

WORDS = {
    "completions": "Who is enrolled in a course, how far, and who completed; a period keeps those who completed in it.",
    "enrolments": "The same rows and columns as completions; a period keeps those who enrolled in it.",
    "attempts": "One row for each try at a quiz: when, how many points, whether passed. No answers.",
    "items": "What the answers say of each question, and of its earlier versions. No names.",
    "statistics": "Counts of people by measure, month and profile. No names.",
    "learners": "One row for each account: profile, role, made and last used when. No addresses or sign-in names.",
}
EXAMPLES = {
    "completions": "--filter period=this-quarter --filter sex=woman --format xlsx --output completions.xlsx",
    "enrolments": "--filter status=not-started --columns name,country,enrolled --output waiting.csv",
    "attempts": "--filter period=2026-11 --format jsonl --output attempts.jsonl",
    "items": "--format xlsx --output items.xlsx",
    "statistics": "--filter period=2026 --output statistics.csv",
    "learners": "--filter country=FJ --filter country=TV --output learners.csv",
}


def export_of(kind: Kind) -> click.Command:
    """The command of a kind."""

    def run(given: tuple[str, ...], columns: str, format: str, output: Path | None, course: str | None = None) -> None:
        from app.ops.exporting import export_to

        args: dict[str, list[str]] = {"course": [course]} if course else {}
        for one in given:
            name, equals, value = one.partition("=")
            if not equals or name == "course":
                fail(f"--filter takes name=value, such as sex=woman, not {one}")
            args.setdefault(name, []).append(value)
        chosen = [name.strip() for name in columns.split(",") if name.strip()]
        with site() as (engine, config):
            about = export_to(engine, config, kind.name, chosen, args, format, output, now(), progress_bar)
        if output:
            click.echo(f"{about.rows} row(s) written to {output}", err=True)

    run.__doc__ = (
        f"{WORDS[kind.name]}\n\n    `NAME.about.json` beside the file says what is in it and its SHA-256. A filter may"
        " be given several times; its names are those of the page Exports."
    )
    made = command(f"lontar export {kind.name} {EXAMPLES[kind.name]}", name=kind.name)(run)
    made.params = OPTIONS if kind.of_course else OPTIONS[1:]
    return made


OPTIONS: list[click.Parameter] = [
    click.Option(["--course"], help="The course; needed only where the site has several."),
    click.Option(["--filter", "given"], multiple=True, metavar="NAME=VALUE", help="Whom it is about, as sex=woman."),
    click.Option(["--columns"], default="", metavar="A,B", help="Only these columns; all without it."),
    click.Option(
        ["--format"], type=click.Choice(["csv", "xlsx", "jsonl"]), default="csv", show_default=True, help="Of the file."
    ),
    click.Option(["--output"], type=click.Path(path_type=Path), help="The file to write; standard output without it."),
]


@click.group()
def export() -> None:
    """Write records to files."""


for one in KINDS.values():
    export.add_command(export_of(one))
