"""The commands about accounts: `lontar user …`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import click

from app.commands import command, fail, now, site
from config import Config


@contextmanager
def database(write: bool) -> Iterator[tuple[Any, Config]]:
    """A session on the site's database, its tables up to date."""
    from app.records.engine import open_session

    with site() as (engine, config):
        session = open_session(engine, write=write)
        try:
            yield session, config
        finally:
            session.close()


@click.group()
def user() -> None:
    """Make accounts, give passwords, roles and one-time codes."""


ROLE = click.Choice(["learner", "author", "administrator"])


@command("lontar user add litia --name 'Litia Vakatawale' --role author", name="add")
@click.argument("login")
@click.option("--name", required=True, help="The name as it is printed on certificates.")
@click.option("--role", type=ROLE, default="learner", help="What the person may do.", show_default=True)
def user_add(login: str, name: str, role: str) -> None:
    """Make an account; its random password is printed once."""
    import secrets

    from app.records import audit, people
    from app.records.passwords import hash_password

    password = "-".join(secrets.token_hex(2) for _ in range(5))
    with database(write=True) as (session, _config):
        try:
            person = people.register(
                session, login=login, name=name, role=role, password_hash=hash_password(password), now=now()
            )
        except people.Taken:
            fail(f"the sign-in name {login} is taken")
        audit.record(session, None, "add", str(person.id), role, now())
        session.commit()
    click.echo(f"Account {login} made ({role}). Password, printed once: {password}")


def person_called(session: Any, login: str) -> Any:
    from app.records import people

    person = people.find_login(session, login)
    if person is None:
        fail(f"nobody has the sign-in name {login}")
    return person


@command("lontar user passwd litia", name="passwd")
@click.argument("login")
def user_passwd(login: str) -> None:
    """Ask for a new password and end the person's sessions."""
    from app.core.passwords import weakness
    from app.records import audit, people, sign_ins
    from app.records.passwords import hash_password

    password = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    if weakness(password, (login,)):
        fail("the password is too easy to guess; use 12 characters or more that do not belong together")
    with database(write=True) as (session, _config):
        person = person_called(session, login)
        people.set_password_hash(session, person.id, hash_password(password))
        sign_ins.end_all(session, person.id)
        audit.record(session, None, "password", str(person.id), "", now())
        session.commit()
    click.echo(f"The password of {login} is changed and all its sessions have ended.")


@command("lontar user role litia administrator", name="role")
@click.argument("login")
@click.argument("role", type=ROLE)
def user_role(login: str, role: str) -> None:
    """Change what a person may do; the last administrator can't be removed."""
    from app.records import audit, people, sign_ins

    with database(write=True) as (session, _config):
        person = person_called(session, login)
        try:
            people.set_role(session, person.id, role)
        except people.LastAdministrator:
            fail(f"{login} is the last administrator; give this role to another person first")
        sign_ins.end_all(session, person.id)
        audit.record(session, None, "role", str(person.id), role, now())
        session.commit()
    click.echo(f"{login} is now: {role}. The person signs in again.")


@command("lontar user code litia", name="code")
@click.argument("login")
def user_code(login: str) -> None:
    """Make a one-time code with which the person chooses a new password; it is printed once and lasts seven days."""
    from app.records import audit, sign_ins

    with database(write=True) as (session, _config):
        person = person_called(session, login)
        code = sign_ins.make_code(session, person.id, "once", now(), timedelta(days=7))
        audit.record(session, None, "code", str(person.id), "", now())
        session.commit()
    click.echo(f"One-time code for {login}, printed once: {code}")


@command("lontar user totp litia --off", name="totp")
@click.argument("login")
@click.option("--off", is_flag=True, help="Take the second step off; all sessions of the person end.")
def user_totp(login: str, off: bool) -> None:
    """Say whether an account has a second step of signing in, or take it off when phone and spare codes are lost."""
    from app.records import audit, second_steps, sign_ins
    from app.web.i18n import Interface
    from app.web.mail import say_taken_off
    from config import ROOT

    with database(write=off) as (session, config):
        person = person_called(session, login)
        state = second_steps.state(session, person.id)
        if state is None:
            click.echo(f"{login} signs in with the password alone.")
            return
        if not off:
            click.echo(f"{login} has a second step since {state.at:%Y-%m-%d}, {state.left} spare code(s) left.")
            return
        second_steps.turn_off(session, person.id)
        sign_ins.end_all(session, person.id)
        audit.record(session, None, "second step off", str(person.id), "", now())
        say_taken_off(session, Interface(ROOT / "translations", config.languages, config.zone), config, person, now())
        session.commit()
    click.echo(f"The second step of {login} is taken off and all its sessions have ended.")


for one in (user_add, user_passwd, user_role, user_code, user_totp):
    user.add_command(one)
