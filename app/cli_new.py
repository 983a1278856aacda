"""`lontar new`: files with which authors begin; `app.cli` adds the group."""

import shlex
from pathlib import Path

import click

from app.commands import command
from config import Config

CONTENT = click.option(
    "--content", type=click.Path(path_type=Path), help="The content root, instead of LONTAR_CONTENT."
)
TITLE = click.option("--title", help="The title, instead of one made from the name.")


@click.group()
def new() -> None:
    """Begin a course, a module, a quiz or a translation: a commented file that passes the check."""


def titled(id: str, title: str | None) -> str:
    return title or id.replace("-", " ").capitalize()


def tell(begun: object, root: Path, content: Path | None) -> None:
    """The files and the next steps; commands among these name the folder, too, where this one had to."""
    from app.ops.beginning import Begun

    assert isinstance(begun, Begun)
    for path in begun.files:
        click.echo(f"{path.relative_to(root)} written")
    there = f" --content {shlex.quote(str(content))}" if content else ""
    for number, step in enumerate([*begun.next, "lontar check"], 1):
        click.echo(f"Next, {number}: {step}{there if step.startswith('lontar ') else ''}", err=True)


def place(content: Path | None) -> Config:
    from app.ops.checking import with_content

    settings = Config.from_environment()  # what was published is not written to
    return with_content(settings, content or settings.content)


@command("lontar new course pensions --title 'Pensions for all' --content ~/pensions", name="course")
@click.argument("name")
@TITLE
@click.option("--language", help="The language of the original, en unless told.")
@CONTENT
def course(name: str, title: str | None, language: str | None, content: Path | None) -> None:
    """Begin a course: an outline with a first module and its quiz, in a folder that may be empty."""
    from app.ops import beginning

    config = place(content)
    tell(beginning.course(config, name, titled(name, title), language), config.content, content)


@command("lontar new module who-pays --title 'Who pays?'", name="module")
@click.argument("name")
@TITLE
@CONTENT
def module(name: str, title: str | None, content: Path | None) -> None:
    """Begin a module with a first section."""
    from app.ops import beginning

    config = place(content)
    tell(beginning.module(config, name, titled(name, title)), config.content, content)


@command("lontar new quiz who-pays --module who-pays", name="quiz")
@click.argument("name")
@TITLE
@click.option("--module", help="The module that the questions belong to.")
@CONTENT
def quiz(name: str, title: str | None, module: str | None, content: Path | None) -> None:
    """Begin a quiz with a question of several kinds."""
    from app.ops import beginning

    config = place(content)
    tell(beginning.quiz(config, name, titled(name, title), module), config.content, content)


@command("lontar new translation modules/who-pays.md fr", name="translation")
@click.argument("file")
@click.argument("language")
@CONTENT
def translation(file: str, language: str, content: Path | None) -> None:
    """Begin the translation of a file: its ids and marks with the words of the original, to be written over."""
    from app.ops import beginning

    config = place(content)
    tell(beginning.translation(config, file, language), config.content, content)


for one in (course, module, quiz, translation):
    new.add_command(one)
