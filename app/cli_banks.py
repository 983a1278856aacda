"""The commands that take question banks in and out; `app.cli` adds them to its groups."""

import sys
from pathlib import Path

import click

from app.commands import command, progress_bar
from config import Config

FORMATS = ("gift", "moodle-xml", "aiken")


@command("lontar import questions bank.xml --into quizzes/new.md", name="questions")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--into", required=True, help="The file to make: quizzes/name.md, of a document modules/name.md.")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="The file's format, where it can't be seen.")
@click.option("--title", help="The title of the quiz, instead of the file's name.")
@click.option("--content", type=click.Path(path_type=Path), help="The content root, instead of LONTAR_CONTENT.")
def import_bank(file: Path, into: str, kind: str | None, title: str | None, content: Path | None) -> None:
    """Make a quiz file from a question bank in GIFT, Moodle XML or Aiken, or a module from a Word document (.docx).

    Every question comes along or is named with its line and the reason, and so is all that was changed. Large banks
    become several files. Of a document, everything that is left out is named.
    """
    from app.ops import exchanging, serving

    settings = Config.from_environment()  # never into what was published: that stays as it was
    config = serving.with_content(settings, content or settings.content)
    if file.suffix.lower() in (".docx", ".doc", ".docm"):
        tell_document(config, file, into, title)
        return
    done = exchanging.import_bank(config, file, into, kind, title, progress_bar)
    for line, note in done.bank.notes:
        click.echo(f"{file.name}:{line}: changed: {note}")
    for one in done.bank.remarks:
        click.echo(f"{file.name}:{one.line}: {'left out' if one.left_out else 'changed'}: “{one.name}”: {one.text}")
    if not done.files:
        raise serving.Stopped(f"{file.name}: no question could be imported, so nothing was written")
    left = f"{done.bank.left_out} left out" if done.bank.left_out else "none left out"
    where = ", ".join(path.name for path in done.files)
    click.echo(f"{done.bank.imported} question(s) written to quizzes/{where}; {left}. Run: lontar check", err=True)


def tell_document(config: Config, file: Path, into: str, title: str | None) -> None:
    """Make the module and say what was lost."""
    from app.ops.documents import import_document

    done = import_document(config, file, into, title)
    for lost in done.found.lost:
        click.echo(f"{file.name}: {lost}")
    for line, message in done.problems:
        click.echo(f"modules/{done.file.name}:{line}: {message}")
    click.echo(f"{done.found.sections} section(s) written to modules/{done.file.name}. Run: lontar check", err=True)


@command("lontar export quiz right --format moodle-xml --output right.xml", name="quiz")
@click.argument("name")
@click.option("--format", "kind", type=click.Choice([*FORMATS, "csv"]), default="gift", show_default=True)
@click.option("--language", help="A language that the quiz is translated into, instead of the original.")
@click.option("--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
@click.option("--content", type=click.Path(path_type=Path), help="The content root, instead of LONTAR_CONTENT.")
def export_quiz(name: str, kind: str, language: str | None, output: Path | None, content: Path | None) -> None:
    """Write the questions of a quiz for Moodle and others, keys included.

    What the format does not know is named; CSV is a table for reviewers, which is not read back.
    """
    from app.ops import exchanging, serving

    done = exchanging.export_quiz(serving.with_content(Config.from_environment(), content), name, kind, language)
    for one in done.remarks:
        click.echo(
            f"quizzes/{name}.md: {'left out' if one.question else 'changed'}: {one.name}: {one.reason}", err=True
        )
    if not done.written:
        raise serving.Stopped(f"no question of {name} can be written as {kind}")
    if output:
        output.write_text(done.text, encoding="utf-8", newline="")
    else:
        sys.stdout.write(done.text)
    left = sum(one.question for one in done.remarks)
    click.echo(f"{done.written} question(s) written{f' to {output}' if output else ''}, {left} left out", err=True)
