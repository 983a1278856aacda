"""`lontar check`, once or while files change; `app.cli` adds it to its group."""

import sys
from contextlib import suppress
from pathlib import Path

import click

from app.commands import command
from app.core.content import Library, Problem
from app.ops.telling import FORMATS, summary, told
from config import Config


@command("lontar check --watch", name="check")
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", help="How problems are printed.")
@click.option("--content", type=click.Path(path_type=Path), help="The content root, instead of LONTAR_CONTENT.")
@click.option("--explain", "code", metavar="CODE", help="Print what a code means, with a bad and a good example.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl+C.")
def check(style: str, content: Path | None, code: str | None, watch: bool) -> None:
    """Check all course files and report every problem at once; exit status 1 where there are errors.

    With --format lines each problem is one line with its range, for the problem matcher of an editor; with json a list
    of all, with ranges as in the Language Server Protocol.
    """
    from app.ops import checking
    from app.ops.explaining import explain, in_text
    from app.ops.files import make_folder

    if code is not None:
        click.echo(in_text(explain(code)), nl=False)
        return
    settings = Config.from_environment()
    with suppress(OSError):  # a check that can't remember what it read takes longer each time, and is no worse
        make_folder(settings.instance)
    if watch:  # what was published is not edited
        keep_watching(checking.with_content(settings, content or settings.content), style)
        return
    config = checking.with_content(settings, content)
    clean = tell(checking.check(config), config.content, style)
    if not content and config.content != settings.content:
        release = f"release {checking.content_of(settings)}, which is served from {config.content}"
        click.echo(f"Checked: {release}. For the content root: --content {settings.content}", err=True)
    if not clean:
        raise SystemExit(1)


def tell(checked: tuple[Library | None, list[Problem]], root: Path, style: str) -> bool:
    """Print what a check found; whether the course is free of errors."""
    library, problems = checked
    for line in told(problems, root, style):
        click.echo(line)
    if style != "json":
        click.echo(summary(problems), err=True)
    return library is not None


def keep_watching(config: Config, style: str) -> None:
    """Check, then again at every change. The lines "Checking" and "Checked" are what a problem matcher waits for."""
    from app.ops.watching import Checker, changes

    try:
        with Checker(config) as checker:
            for changed in changes(checker.root):
                click.echo(f"Checking {', '.join(changed) or checker.root} …", err=True)
                tell(checker.check(), checker.root, style)
                click.echo("Checked. Ctrl+C ends this.", err=True)
                sys.stdout.flush()
    except KeyboardInterrupt:
        click.echo("", err=True)
