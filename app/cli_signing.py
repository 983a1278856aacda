"""The commands about what certificates are signed with: `lontar keys …` and `lontar verify`."""

from pathlib import Path

import click

from app.commands import command, fail, now, progress_bar, site

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def keys() -> None:
    """Look after the key that signs certificates: list, seal for backups, confirm, rotate, recover."""


@command("lontar keys list", name="list")
def listed() -> None:
    """Print every public key of this site, the newest first; `lontar verify` and other programs check with them."""
    from app.ops.keys import NoKey, load
    from app.records import issuer_keys
    from app.records.engine import open_session

    with site() as (engine, config):
        with open_session(engine, write=False) as session:
            known = issuer_keys.known(session)
        try:
            signs = load(config).public
        except NoKey as error:
            signs = ""
            click.echo(f"lontar: {error}; {error.advice}", err=True)
    for one in known:
        click.echo(f"{one.public}  since {one.at:%Y-%m-%d}{', signs now' if one.public == signs else ''}")


@command("lontar keys protect", name="protect")
def protect() -> None:
    """Ask once for a passphrase and seal the key with it, so that each backup from now on holds it.

    Later keys are sealed for the same passphrase without asking. Keep it where the backups are not.
    """
    from app.core.passwords import weakness
    from app.ops import keys

    with site() as (engine, config):
        keys.load(config)
        passphrase = click.prompt("New passphrase for the key", hide_input=True, confirmation_prompt=True)
        if weakness(passphrase):
            fail("the passphrase is too easy to guess; use 12 characters or more that do not belong together")
        key = keys.protect(engine, config, passphrase, now())
    click.echo(f"{key.public} is sealed and goes into every backup from now on.")
    click.echo("Next: lontar backup, then lontar keys confirm FILE with that backup.")


@command("lontar keys confirm instance/backups/lontar-20261122T021500Z.sqlite", name="confirm")
@click.argument("file", type=FILE)
def confirm(file: Path) -> None:
    """Open the sealed key in a backup with the passphrase, to prove that both bring it back; then doctor is content."""
    from app.ops import keys

    with site() as (engine, config):
        passphrase = click.prompt("Passphrase of the key", hide_input=True)
        key = keys.confirm(engine, config, file, passphrase, now(), progress_bar)
    click.echo(f"{file.name} holds {key.public}, and this passphrase opens it.")


@command("lontar keys rotate", name="rotate")
def rotate() -> None:
    """Sign with a new key from now on. What old keys signed stays good: their public halves are kept for ever."""
    from app.ops import keys

    with site() as (engine, config):
        key, sealed = keys.rotate(engine, config, now())
    click.echo(f"{key.public} signs from now on.")
    click.echo(
        f"Next: {'lontar backup' if sealed else 'lontar keys protect, lontar backup'}, lontar keys confirm FILE."
    )


@command("lontar keys recover", name="recover")
def recover() -> None:
    """Write the key file from the sealed key in the database, as on a new machine after `lontar restore`."""
    from app.ops import keys

    with site() as (engine, config):
        passphrase = click.prompt("Passphrase of the key", hide_input=True)
        key = keys.recover(engine, config, passphrase, now())
    click.echo(f"{keys.place(config)} is written; {key.public} signs again.")


for one in (listed, protect, confirm, rotate, recover):
    keys.add_command(one)


@command("lontar verify LON-7K4M-2Q9X-HD37.json --key did.json --status status-0.json", name="verify")
@click.argument("file", type=FILE)
@click.option("--key", "given", multiple=True, required=True, help="A public key (z6Mk…), or a saved did.json.")
@click.option("--status", type=FILE, help="A saved status list, to see whether it was revoked.")
def verify(file: Path, given: tuple[str, ...], status: Path | None) -> None:
    """Check a certificate's signed document, or the text of its QR code, with no server and no network.

    Exit status 1 unless the signature is good and nothing says that the certificate no longer counts.
    """
    from app.ops import verifying

    verdict = verifying.verify(file, verifying.keys_of(given), status, now())
    for line in verdict.lines:
        click.echo(line)
    if not verdict.good:
        raise SystemExit(1)
