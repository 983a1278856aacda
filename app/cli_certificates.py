"""The commands about certificates: `lontar certificate preview`, `issue` and `import`."""

from pathlib import Path

import click

from app.commands import command, now, progress_bar, site
from config import Config


@click.group()
def certificate() -> None:
    """See how certificates look on paper; issue many at once."""


@command("lontar certificate preview --to preview --language fr", name="preview")
@click.option("--to", type=click.Path(path_type=Path), default="preview", show_default=True, help="The folder.")
@click.option("--language", default="", help="The language of the words; that of the course without it.")
@click.option("--plain", is_flag=True, help="Black ink alone.")
@click.option("--name", "names", multiple=True, help="A name to print instead of the list; can be given again.")
def preview(to: Path, language: str, plain: bool, names: tuple[str, ...]) -> None:
    """Print the site's certificate for invented people in every script; exit status 1 where a name has no PDF."""
    from app.ops import specimens

    failed = False
    for line, printed in specimens.preview(Config.from_environment(), to, names, language=language, plain=plain):
        click.echo(line, err=not printed)
        failed = failed or not printed
    raise SystemExit(failed)


@command("lontar certificate issue --dry-run", name="issue")
@click.option("--course", help="The course; needed where there are several.")
@click.option("--dry-run", is_flag=True, help="Only count the people to whom something is due.")
def issue(course: str | None, dry_run: bool) -> None:
    """Issue to every learner what the rules of today make due, as after a change of the course's rules.

    It can be stopped and begun again, and may run while learners work.
    """
    from app.ops import issuing_many

    with site() as (engine, config):
        done = issuing_many.issue(engine, config, course, dry_run, now(), progress_bar)
    if dry_run:
        click.echo(f"{done.issued} of {done.looked_at} learners would get a certificate; nothing was issued.")
    else:
        click.echo(f"{done.issued} certificates issued; {done.looked_at} learners looked at.")


@command("lontar certificate import earlier.csv --dry-run", name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--course", help="The course; needed where there are several.")
@click.option("--dry-run", is_flag=True, help="Only read the file and say what is wrong with it.")
def import_completions(file: Path, course: str | None, dry_run: bool) -> None:
    """Issue certificates for completions that you vouch for, from a CSV file with the columns login, date (YYYY-MM-DD)
    and, where wanted, kind, version and language.

    The people need accounts. Whoever has a certificate of that kind gets no other, so a file can be read again.
    """
    from app.ops import issuing_many

    with site() as (engine, config):
        done = issuing_many.import_completions(engine, config, file, course, dry_run, now(), progress_bar)
    if dry_run:
        click.echo(f"{done.looked_at} lines fit; nothing was issued.")
    else:
        click.echo(f"{done.issued} certificates issued from {done.looked_at} lines.")


for one in (preview, issue, import_completions):
    certificate.add_command(one)
