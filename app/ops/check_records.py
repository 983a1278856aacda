"""Health checks of the database; its tables are known to be there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import text

from app.core.pdf import can_print
from app.ops import freezing
from app.ops.findings import ERROR, OK, WARNING, Finding, Site
from app.records import audit, clocks, frozen, outbox, standing, triggers
from app.records.engine import open_session
from app.records.sql import query, statement

AHEAD = timedelta(minutes=2)  # how far clocks may differ
STUCK = timedelta(hours=1)
BATCH = 500  # names printed together
SHOWN = 3  # numbers named in one line

NEWEST = query(
    "SELECT max(at) AS at FROM"
    " (SELECT at FROM act UNION ALL SELECT at FROM reading UNION ALL SELECT at FROM grade) AS acts"
)
SERVER_CLOCK = statement("SELECT clock_timestamp()")
TO_RECOUNT = statement(
    "SELECT (SELECT count(*) FROM enrolment) + (SELECT count(*) FROM attempt WHERE handed_in_at IS NOT NULL)"
)
ADMINISTRATORS = statement("SELECT count(*) FROM person WHERE role = 'administrator' AND disabled_at IS NULL")
DEMO = statement("SELECT count(*) FROM person WHERE demo")
RECORDS = statement(
    "SELECT number, record FROM certificate WHERE NOT EXISTS"
    " (SELECT 1 FROM revocation WHERE revocation.certificate_id = certificate.id) ORDER BY number"
)


class PrintedIssuer(msgspec.Struct):
    name: str
    signatory: str
    role: str
    statement: str


class Printed(msgspec.Struct):
    """The part of a public record whose letters are anybody's choice: the person's, the issuer's, the author's."""

    name: str
    name_latin: str
    course_title: str
    topics: tuple[str, ...]
    issuer: PrintedIssuer

    def texts(self) -> tuple[str, ...]:
        issuer = self.issuer
        own = (self.name, self.name_latin, self.course_title, *self.topics)
        return (*own, issuer.name, issuer.signatory, issuer.role, issuer.statement)


RECORD = msgspec.json.Decoder(Printed)


def integrity(site: Site) -> Iterator[Finding]:
    """SQLite's own look at its pages; a PostgreSQL server looks after itself."""
    if site.engine.dialect.name != "sqlite":
        return
    with open_session(site.engine, write=False) as session:
        fault = str(session.execute(text("PRAGMA quick_check(1)")).scalar()).splitlines()[-1]
    if fault == "ok":
        yield Finding("integrity", OK, "the database file is whole")
    else:
        advice = "stop the server, keep the file, and restore the newest backup (docs/operating.md)"
        yield Finding("integrity", ERROR, f"the database file is damaged: {fault}", advice)


def guards(site: Site) -> Iterator[Finding]:
    with open_session(site.engine, write=False) as session:
        missing = triggers.names(site.engine.dialect.name) - triggers.present(session.connection())
    if missing:
        advice = "somebody changed the tables by hand: make a backup and restore it, which puts the guards back"
        yield Finding("guards", ERROR, f"facts can be changed: {', '.join(sorted(missing))} missing", advice)
    else:
        yield Finding("guards", OK, "facts cannot be changed or deleted")


def counts(site: Site) -> Iterator[Finding]:
    done = 0

    def step(n: int) -> None:
        nonlocal done
        done += n
        site.told(done / rows)

    with open_session(site.engine, write=False) as session:
        rows = max(1, session.execute(TO_RECOUNT).scalar_one())
        differences = standing.compare(session, site.config.zone, step)
    if differences:
        advice = (
            "make a backup and restore it, which counts anew from the facts; then report this, it should not happen"
        )
        yield Finding("counts", ERROR, f"{len(differences)} differ from the facts: {differences[0]}", advice)
    else:
        yield Finding("counts", OK, "standings and tallies agree with the facts")


def audit_log(site: Site) -> Iterator[Finding]:
    with open_session(site.engine, write=False) as session:
        broken = audit.verify_chain(session)
    if broken:
        advice = "somebody changed the log by hand; compare it with an older backup"
        yield Finding("audit log", ERROR, f"row {broken} does not follow from the one before", advice)
    else:
        yield Finding("audit log", OK, "every row follows from the one before")


def frozen_tables(site: Site) -> Iterator[Finding]:
    """Every frozen table is the text that was frozen, and none of the last month is missing."""
    with open_session(site.engine, write=False) as session:
        changed, waiting = frozen.changed(session), freezing.waiting(session, site.now, site.config.zone)
    if changed:
        advice = "somebody changed the tables by hand: compare with an older backup"
        more = f" and {len(changed) - 1} more" if changed[1:] else ""
        yield Finding("frozen tables", ERROR, f"{changed[0]}{more}: the text is not the one that was frozen", advice)
    elif waiting:
        advice = "the server freezes them by itself; or run `lontar statistics freeze`"
        yield Finding("frozen tables", WARNING, f"{waiting} of months that are over are not frozen yet", advice)
    else:
        yield Finding("frozen tables", OK, "every table is as it was frozen, up to the last month")


def clock(site: Site) -> Iterator[Finding]:
    with open_session(site.engine, write=False) as session:
        newest = session.execute(NEWEST).scalar()
        server = session.execute(SERVER_CLOCK).scalar() if site.engine.dialect.name == "postgresql" else None
    advice = "let the machine follow a time server, for example: timedatectl set-ntp true"
    if newest and newest > site.now + AHEAD:
        said = (
            f"the newest record is of {newest:%Y-%m-%d %H:%M} UTC, later than this machine's {site.now:%Y-%m-%d %H:%M}"
        )
        yield Finding("clock", ERROR, said, advice)
    elif server and abs(server - datetime.now(UTC)) > AHEAD:
        yield Finding("clock", WARNING, "this machine and the database server do not agree on the time", advice)
    else:
        yield Finding("clock", OK, f"{site.now:%Y-%m-%d %H:%M} UTC, not before the newest record")


def people(site: Site) -> Iterator[Finding]:
    with open_session(site.engine, write=False) as session:
        administrators = session.execute(ADMINISTRATORS).scalar_one()
        demo = session.execute(DEMO).scalar_one()
    if administrators:
        yield Finding("people", OK, f"{administrators} administrator(s) can sign in")
    else:
        advice = "run `lontar user role NAME administrator`, or start the server, which makes one"
        yield Finding("people", WARNING, "there is no administrator", advice)
    if demo and site.serious:
        advice = "use another instance for demonstrations; the counts of this one include them"
        yield Finding("people", WARNING, f"{demo} demonstration people are on a site that issues certificates", advice)


def names(site: Site) -> Iterator[Finding]:
    """Certificates with letters that no font of this machine can print: their PDF has to wait."""
    printed: dict[str, list[str]] = {}
    with open_session(site.engine, write=False) as session:
        for row in session.execute(RECORDS, execution_options={"yield_per": BATCH}):
            for words in set(RECORD.decode(row.record).texts()):
                printed.setdefault(words, []).append(row.number)
    missing = set(_unprintable(sorted(printed), site.config.certificate_template))
    waiting = sorted({number for words, numbers in printed.items() if missing & set(words) for number in numbers})
    if waiting:
        letters = "".join(sorted(missing))[:20]
        more = " …" if len(waiting) > SHOWN else ""
        said = f"no font here has {letters}: {len(waiting)} PDF(s) wait ({', '.join(waiting[:SHOWN])}{more})"
        yield Finding("names", ERROR, said, "install fonts: apt-get install fonts-noto-core fonts-noto-cjk")
    else:
        yield Finding("names", OK, "every name on a certificate can be printed")


def _unprintable(texts: list[str], template: Path) -> str:
    batches = (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))
    return "".join(can_print("\n".join(batch), template=template) for batch in batches)


def outbox_stuck(site: Site) -> Iterator[Finding]:
    with open_session(site.engine, write=False) as session:
        waiting, stuck = outbox.waiting(session), outbox.stuck(session, site.now - STUCK)
    if stuck:
        advice = "look at the mail settings and at the timer of `lontar mail`"
        yield Finding("outbox", WARNING, f"{stuck} mail(s) were given up or have waited for over an hour", advice)
    else:
        yield Finding("outbox", OK, f"{waiting} mail(s) waiting")


def time_limits(site: Site) -> Iterator[Finding]:
    """Tries with a time limit need a process that gives signs of life: else their clocks stand still."""
    with open_session(site.engine, write=False) as session:
        running, silent = len(clocks.running(session)), clocks.silent(session, site.now)
    if running and silent:
        advice = "while the server is stopped this is as it should be; else restart it, and let it run threads"
        yield Finding("time limits", WARNING, f"the clocks of {running} running try(s) stand still", advice)
    else:
        yield Finding("time limits", OK, f"{running} try(s) with a time limit run")
