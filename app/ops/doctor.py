"""The health report: every check, whatever the others find, in plain words with what to do."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from app.ops import check_disk, check_keys, check_records, check_release, check_second_steps, check_settings
from app.ops.findings import ERROR, OK, WARNING, Check, Finding, Site
from app.ops.serving import Stopped
from app.ops.stores import Bar, Step
from app.records.engine import Unavailable, schema_ready
from config import Config, SettingError

__all__ = ["ERROR", "as_json", "as_table", "examine"]

STATES = (OK, WARNING, ERROR)
LONG = 50  # steps of the bar for the recount, which takes longer than all else where there are many people
CHECKS: tuple[tuple[str, Check], ...] = (
    ("program", check_settings.program),
    ("address", check_settings.address),
    ("certificates", check_settings.issuer),
    ("certificate PDF", check_settings.paper),
    ("contact", check_settings.contact),
    ("secret", check_disk.secret),
    ("files", check_disk.permissions),
    ("disk", check_disk.room),
    ("backup", check_disk.newest_backup),
    ("course", check_settings.course),
    ("final test", check_settings.final_bank),
    ("mail", check_settings.mail),
)
RECORDS: tuple[tuple[str, Check], ...] = (
    ("integrity", check_records.integrity),
    ("release", check_release.published),
    ("guards", check_records.guards),
    ("counts", check_records.counts),
    ("audit log", check_records.audit_log),
    ("frozen tables", check_records.frozen_tables),
    ("clock", check_records.clock),
    ("people", check_records.people),
    ("names", check_records.names),
    ("outbox", check_records.outbox_stuck),
    ("time limits", check_records.time_limits),
    ("issuer key", check_keys.signing_key),
    ("status lists", check_keys.status_places),
    ("second steps", check_second_steps.second_step_keys),
)


def examine(now: datetime, bar: Bar) -> list[Finding]:
    """All findings about the site that the environment describes; changes nothing."""
    try:
        site = Site(Config.from_environment(), now)
    except SettingError as error:
        return [Finding("settings", ERROR, str(error))]
    findings = [Finding("settings", OK, "every setting fits")]
    with closing(site), bar("Checking", len(CHECKS) + 1 + len(RECORDS) + LONG) as step:
        site.told = _shares(step)
        for name, check in CHECKS:
            findings += run(name, check, site)
            step(1)
        findings += run("database", database, site)
        step(1)
        for name, check in RECORDS if findings[-1].state == OK else ():
            findings += run(name, check, site)
            step(1)
        site.told(1)
    return findings


def _shares(step: Step) -> Callable[[float], None]:
    """Moves the bar by the steps of the one long check, as far as it is."""
    taken = 0

    def told(share: float) -> None:
        nonlocal taken
        step(int(LONG * share) - taken)
        taken = int(LONG * share)

    return told


def run(name: str, check: Check, site: Site) -> list[Finding]:
    """What a check finds; one that cannot be made is an error of its own."""
    try:
        return list(check(site))
    except (Stopped, Unavailable) as error:
        return [Finding(name, ERROR, str(error))]
    except (SQLAlchemyError, ValueError) as error:
        return [Finding(name, ERROR, str(error).splitlines()[0])]
    except OSError as error:
        return [Finding(name, ERROR, f"{error.filename or ''}: {(error.strerror or str(error)).lower()}".lstrip(": "))]


def database(site: Site) -> Iterator[Finding]:
    """Whether the records can be read; the checks of records follow only then."""
    shown = site.engine.url.render_as_string(hide_password=True)
    if schema_ready(site.engine):
        yield Finding("database", OK, f"{shown} answers, its tables are those of this program")
    else:
        advice = "start the server once, or run any command such as `lontar mail`: tables are brought up to date then"
        yield Finding("database", ERROR, f"{shown} has no tables or those of another release", advice)


def as_json(findings: list[Finding]) -> str:
    return json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=1)


def as_table(findings: list[Finding]) -> str:
    """A row for each finding, what to do beneath it, and a line that counts."""
    wide = max(len(one.check) for one in findings)
    lines = []
    for one in findings:
        lines.append(f"{one.state:<8} {one.check:<{wide}}  {one.said}")
        if one.advice:
            lines.append(f"{'':<8} {'':<{wide}}  → {one.advice}")
    counted = {state: sum(one.state == state for one in findings) for state in STATES}
    return "\n".join([*lines, f"{counted[ERROR]} error(s), {counted[WARNING]} warning(s), {counted[OK]} ok"])
