"""What every subcommand of `lontar` shares: one-line errors, the site's database, a progress bar, the time."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import IO, Any

import click

from config import Config, SettingError


def now() -> datetime:
    return datetime.now(UTC)


def fail(message: str) -> None:
    click.echo(f"lontar: {message}", err=True)
    raise SystemExit(1)


class Wrong(click.ClickException):
    """Wrong usage in one line, as every other error; exit status 2."""

    exit_code = 2

    def __init__(self, error: click.UsageError) -> None:
        told = " ".join(error.format_message().split()).rstrip(".")
        path = error.ctx.command_path if error.ctx else "lontar"
        super().__init__(f"{told}; see {path} --help")

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it on standard error."""
        click.echo(f"lontar: {self.message}", file=file, err=file is None)


class Commands(click.Group):
    """The `lontar` command itself: says in one line what is wrong with its arguments or those of a subcommand."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Its own options; raises Wrong."""
        with one_line():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """The subcommand; raises Wrong."""
        with one_line():
            return super().invoke(ctx)


@contextmanager
def one_line() -> Iterator[None]:
    """Turns wrong usage into Wrong; a group without a subcommand still prints its help."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        raise Wrong(error) from error


def command(example: str, name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A subcommand whose help ends in an example and whose known errors are one line."""

    def wrap(function: Callable[..., Any]) -> click.Command:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                told = in_words(error)
                if told is None:
                    raise
                fail(told)

        return click.command(name, epilog=f"Example: {example}")(run)

    return wrap


def in_words(error: Exception) -> str | None:
    """The line that an error is told in; None for one that nobody foresaw.

    The imports stand here because most commands need none of them, and a check is to be quick.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from app.ops.checking import Stopped
    from app.ops.keys import NoKey
    from app.records.engine import Unavailable

    if isinstance(error, NoKey):
        return f"{error}; {error.advice}"
    if isinstance(error, SettingError | Stopped | Unavailable):
        return str(error)
    if isinstance(error, SQLAlchemyError):
        return f"the database refused: {str(error).splitlines()[0]}"
    if isinstance(error, OSError):
        return f"{error.filename or ''}: {(error.strerror or str(error)).lower()}".lstrip(": ")
    return None


@contextmanager
def site() -> Iterator[tuple[Any, Config]]:
    """The site's database, its tables up to date, and its settings."""
    from app.ops.serving import open_database
    from app.records import hot

    config = Config.from_environment()
    engine = open_database(config)
    try:
        yield engine, config
    finally:
        hot.close(engine)


@contextmanager
def progress_bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error that the given function moves by a number of steps; silent where nobody watches."""
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield bar.update
