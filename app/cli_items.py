"""The commands about the questions of a quiz: what their answers say, and a corrected key; `app.cli` adds them."""

import sys
from pathlib import Path

import click

from app.commands import command, fail, now, progress_bar, site


@command("lontar items why --format md", name="items")
@click.argument("quiz")
@click.option("--format", "style", type=click.Choice(["md", "csv", "json"]), default="md", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
def items(quiz: str, style: str, output: Path | None) -> None:
    """What the answers say of each question of a quiz, the worst first, with file and line.

    Questions with under 10 answers tell nothing yet. `md` is for a pull request, `csv` and `json` for other programs.
    """
    from app.ops import itemcards

    with site() as (engine, config):
        text = itemcards.write(itemcards.cards(engine, config, quiz), style, quiz)
    if output:
        output.write_text(text, encoding="utf-8", newline="")
    else:
        sys.stdout.write(text)


@command('lontar regrade why --reason "the key of why-same-word was wrong"', name="regrade")
@click.argument("quiz")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--reason", default="", help="Why; kept with every new grade and in the audit log. Name nobody.")
@click.option("--void", multiple=True, metavar="ITEM", help="Take a question out: everybody gets its points.")
@click.option("--allow-lower", is_flag=True, help="Let results fall, too; certificates stay all the same.")
def regrade(quiz: str, dry_run: bool, reason: str, void: tuple[str, ...], allow_lower: bool) -> None:
    """Judge the attempts at a quiz by its corrected key: all of it or nothing, and no result falls.

    Only key, tolerance, points, partial credit and feedback of a question may differ from what was asked; a question
    that asks something else is named, and left or taken out. Put the corrected files on the server first.
    """
    from app.ops import regrading

    if not dry_run and not reason.strip():
        fail('give the reason: --reason "…" (or look first: --dry-run)')
    with site() as (engine, config):
        library, planned = regrading.plan(engine, config, quiz, void, allow_lower, now(), progress_bar)
        for line in regrading.describe(config, planned):
            click.echo(line)
        if dry_run or not (planned.outcomes or planned.waiting):
            click.echo("Nothing was changed.", err=True)
            return
        done = regrading.apply(engine, config, library, planned, reason.strip(), now(), progress_bar)
    waiting = f" {done.waiting} open attempt(s) follow at hand-in." if done.waiting else ""
    told = f"Done: {len(done.outcomes)} attempt(s) judged anew, {len(done.shown)} result(s) changed.{waiting}"
    click.echo(told, err=True)
