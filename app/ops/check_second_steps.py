"""Health check of the second steps of signing in."""

from collections.abc import Iterator

from app.ops.findings import ERROR, OK, Finding, Site
from app.ops.serving import secret_of
from app.records import second_steps
from app.records.engine import open_session
from config import SettingError


def second_step_keys(site: Site) -> Iterator[Finding]:
    """Whether today's secret opens the keys of authenticator apps: after a restore with another one it does not."""
    try:
        secret = secret_of(site.config)
    except SettingError:
        secret = b""  # the check of the secret says so
    with open_session(site.engine, write=False) as session:
        on, lost = second_steps.lost(session, secret)
    if lost:
        said = f"{lost} of {on} second step(s) were set up with another secret: their apps' codes do not fit"
        advice = "bring the old secret back, or let these people use a spare code and set it up anew"
        yield Finding("second steps", ERROR, said, advice)
    else:
        yield Finding("second steps", OK, f"{on} account(s) sign in with a second step")
