"""The `lontar` command: each subcommand parses its arguments and calls one function.

Errors are one line on standard error and exit status 1 (2 for wrong usage); results go to standard output.
"""

import gc
import sys
from pathlib import Path

import click

from app import (
    cli_banks,
    cli_certificates,
    cli_check,
    cli_exports,
    cli_imports,
    cli_items,
    cli_new,
    cli_preview,
    cli_publish,
    cli_signing,
    cli_statistics,
    cli_users,
)
from app.commands import Commands, command, fail, now, progress_bar, site
from config import Config


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Lontar, a self-paced course engine. Settings are environment variables LONTAR_…, listed in config.py."""


@command("lontar version", name="version")
def version() -> None:
    """Print the version of the engine and the release of the course."""
    from importlib.metadata import version as installed

    from app.ops.serving import POINTER, content_of

    config = Config.from_environment()
    pointer = config.instance / POINTER
    served = pointer.read_text().strip().removeprefix("library-").removesuffix(".json") if pointer.exists() else "none"
    published = f", release {content}" if (content := content_of(config)) else ""
    click.echo(f"lontar {installed('lontar')}, compiled course {served}{published}")


@command("PORT=9000 make run, or: LONTAR_PORT=9000 lontar serve", name="serve")
def serve() -> None:
    """Check and compile the course, bring the database up to date, and run the server.

    The first start makes an administrator and prints the password once.
    """
    gc.disable()  # see `app.worker`
    from app.ops import keys, releases, serving
    from app.records import hot

    config = Config.from_environment()
    serving.free_port(config)
    if releases.settle_before_start(config):
        click.echo(f"The records say that {serving.root(config)} is served; it was made ready.", err=True)
    library, problems = serving.prepare(config)
    for one in problems:
        click.echo(str(one), err=True)
    serving.make_secret(config)
    engine = serving.open_database(config)
    serving.group_countries(engine, library)
    password = serving.make_first_administrator(engine)
    no_key = keys.ensure(engine, config, now())
    releases.remember(engine, config, now())
    hot.close(engine)  # a worker that inherits an open SQLite file believes it holds locks that it does not hold
    if password:
        click.echo(f"Administrator made: sign-in name administrator, password {password}")
        click.echo("This password is printed once. Sign in and change it under Account.")
    if no_key:
        click.echo(f"lontar: {no_key}; {no_key.advice}", err=True)
    sys.stdout.flush()  # what waits there would be printed again by each process
    gc.freeze()
    gc.enable()
    serving.serve(config, lambda: click.echo(f"Lontar is ready at {config.base_url} (stop it with Ctrl+C)"))


@command("lontar reload", name="reload")
def reload() -> None:
    """Check the course files and, when they are clean, let the running server serve them."""
    from app.ops import releases, serving

    with site() as (engine, config):
        if releases.settle(engine, config):
            click.echo(f"The records say that {serving.root(config)} is served; it was made ready.", err=True)
        library = serving.reload(config)
        releases.remember(engine, config, now())
    click.echo(f"Release {library.release} is being served.")
    if content := serving.content_of(config):
        click.echo(f"It is publication {content}; {config.content} is not served (lontar publish --list).", err=True)


@command("lontar demo --learners 1000", name="demo")
@click.option("--learners", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="How many people.")
@click.option("--seed", default="lontar", show_default=True, help="The same seed makes the same people and deeds.")
def demo(learners: int, seed: str) -> None:
    """Make demonstration people with progress, attempts and certificates, to try things out and to measure.

    Refused where the site has real learners. The verify page says "demonstration" for their certificates.
    """
    from app.ops import demo

    with site() as (engine, config):
        made = demo.populate(engine, config, learners, seed, now(), progress_bar)
    click.echo(
        f"{learners} people made: {made.enrolled} enrolled, {made.attempts} attempts, {made.certificates} certificates."
    )
    click.echo(f"Sign in as {made.login} with the password, printed once: {made.password}")


@command("lontar backup --keep 30", name="backup")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="The folder, instead of LONTAR_BACKUPS.")
@click.option("--keep", type=click.IntRange(1), help="Delete all but this many of the newest backups in the folder.")
def backup(to: Path | None, keep: int | None) -> None:
    """Write all records into one file while the server runs, and read it back to check it.

    The list of erased persons beside it, erased.txt, is brought up to date: keep it with the backups. The secret and
    the course files are not in the backup; the key that signs certificates is, sealed, after `lontar keys protect`.
    """
    from app.ops import backup, files, keys

    with site() as (engine, config):
        folder = to.absolute() if to else config.backups
        written = backup.write(engine, config, folder, keep, now(), progress_bar)
        unsealed = keys.unsealed(engine)
    click.echo(f"{written.path}: {files.megabytes(written.size)}, {written.rows:,} rows, read back and right")
    for old in written.pruned:
        click.echo(f"{old.name} deleted")
    if unsealed:
        click.echo("The key that signs certificates is not in this backup; run: lontar keys protect", err=True)


@command("lontar restore --check instance/backups/lontar-20261122T021500Z.sqlite", name="restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", "only_check", is_flag=True, help="Look at a copy, report, and change nothing.")
def restore(file: Path, only_check: bool) -> None:
    """Put the records of a backup in the place of the site's, which are kept under another name.

    Refused while the server runs. Persons erased since the backup are erased again; everybody signs in anew.
    """
    from app.ops import keys, restore

    config = Config.from_environment()
    if only_check:
        for line in restore.describe(restore.check(config, file, now(), progress_bar), config):
            click.echo(line)
        click.echo("Nothing was changed.")
        return
    restored = restore.restore(config, file, now(), progress_bar)
    for line in (*restore.describe(restored.contents, config), *restore.tell(restored)):
        click.echo(line)
    with site() as (engine, config):
        no_key = keys.trouble(engine, config)
    if no_key and not keys.place(config).exists():
        click.echo(f"{no_key}; {no_key.advice}")


@command("lontar doctor --format json", name="doctor")
@click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", help="How findings are printed."
)
def doctor(style: str) -> None:
    """Look at settings, database, disk, backups, course, mail and clock; exit status 1 where there are errors."""
    from app.ops import doctor

    findings = doctor.examine(now(), progress_bar)
    click.echo(doctor.as_json(findings) if style == "json" else doctor.as_table(findings))
    if any(one.state == doctor.ERROR for one in findings):
        raise SystemExit(1)


@command("lontar mail", name="mail")
def mail() -> None:
    """Send the mail that is due and forget old sign-ins, codes, counters and mail; meant for a timer.

    People who wished to be asked after 90 days what they have used get their one mail; people who wished to be
    reminded and were away for a month get theirs, once a month at most. Tries whose time is over are handed in.
    """
    from app.ops import backup, mailing, overdue, serving
    from app.web.invitation_mail import monthly_words
    from app.web.mail import follow_up_words

    with site() as (engine, config):
        overdue.hand_in_late(engine, config, lambda: serving.served(config), now())
        mailing.tidy(engine, now().astimezone(config.zone))
        backup.note_erasures(engine, config)
        if not config.mail_host:
            click.echo("No mail is sent, since LONTAR_MAIL_HOST is empty.")
            return
        mailing.ask_again(engine, config, lambda: serving.served(config), follow_up_words(config), now())
        words = monthly_words(config, lambda: serving.secret_of(config))
        mailing.remind(engine, lambda: serving.served(config), words, now())
        told = mailing.deliver(engine, config, now())
        click.echo(f"{told.went} mail(s) sent, {mailing.waiting(engine)} waiting")
    if told.failed:
        fail(f"{told.failed} mail(s) were not sent ({told.error}); they are tried again later")


cli_exports.export.add_command(cli_banks.export_quiz)
main.add_command(cli_exports.export)
main.add_command(cli_users.user)
main.add_command(cli_certificates.certificate)
main.add_command(cli_items.items)
main.add_command(cli_items.regrade)
main.add_command(cli_publish.publish)
main.add_command(cli_statistics.statistics)
main.add_command(cli_imports.imports)
main.add_command(cli_new.new)
main.add_command(cli_signing.keys)
main.add_command(cli_signing.verify)
for one in (cli_check.check, cli_preview.preview, serve, reload, demo, backup, restore, doctor, mail, version):
    main.add_command(one)
