"""Bringing records back from a backup: looked at in a copy first, mended there, then put in the place of the old."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.ops import erasures
from app.ops.erasures import Erased
from app.ops.serving import Stopped, running
from app.ops.stores import Bar, Store, check_kind, store_of
from app.records import audit, hot, issuer_keys, standing, triggers
from app.records.engine import (
    HEAD,
    OtherRelease,
    Unavailable,
    create_engine,
    migrate,
    open_session,
    schema_change,
    scrub,
)
from app.records.sql import query, statement
from config import Config

REVISION = statement("SELECT version_num FROM alembic_version")
NEWEST = query("SELECT max(at) AS at FROM (SELECT at FROM reading UNION ALL SELECT at FROM grade) AS acts")
COUNTED = {"accounts": "person", "attempts": "attempt", "certificates": "certificate"}
STALE = (
    "DELETE FROM session",  # who signed out or was shut out since would be in again
    "DELETE FROM code WHERE kind <> 'recovery'",
    "DELETE FROM outbox WHERE sent_at IS NULL",  # it has gone out since
    "UPDATE survey_choice SET mailed_at = ask_at"  # such a mail, too: nobody gets it twice
    " WHERE mailed_at IS NULL AND ask_at <= CURRENT_TIMESTAMP",
)


class Contents(NamedTuple):
    """What a backup holds. `missing`: guards of the facts that it lacks; `differences`: of standings and tallies;
    `broken`: the first row of the audit log that does not follow; `newest`: the last act of a learner."""

    revision: str
    rows: dict[str, int]
    newest: datetime | None
    missing: tuple[str, ...]
    differences: int
    broken: int | None

    @property
    def outdated(self) -> bool:
        return self.revision != HEAD


class Restored(NamedTuple):
    """What was restored, what the database before is called now ("" where there was none), how many persons were
    erased again, and how many more accounts, attempts and certificates the old one holds (None: it is unreadable)."""

    contents: Contents
    aside: str
    erased: int
    lost: dict[str, int] | None


def check(config: Config, file: Path, now: datetime, bar: Bar) -> Contents:
    """Look at a backup in a copy of its own; changes nothing. Raises Stopped for one that can't be restored."""
    with _site(config) as (engine, store):
        copy = unpacked(store, engine, file, now, bar)
        try:
            return examine(copy, config)
        finally:
            store.discard(copy)


def restore(config: Config, file: Path, now: datetime, bar: Bar) -> Restored:
    """Put the records of a backup in the place of the site's, which stay under another name."""
    if pid := running(config):
        raise Stopped(f"the server of this site runs (process {pid}); stop it first")
    with _site(config) as (engine, store):
        store.refuse_used(engine)
        gone, before = _present(engine)
        keys = _keys(engine)
        gone |= erasures.in_folder(config.backups) | erasures.in_folder(file.absolute().parent)
        copy = unpacked(store, engine, file, now, bar)
        try:
            contents = examine(copy, config)
            erased = mend(copy, config, contents, gone, file, now, keys)
            after = _counts(copy)
            aside = store.swap(engine, copy, now)
        except BaseException:
            store.discard(copy)
            raise
    lost = {what: max(0, n - after[what]) for what, n in before.items()} if before else None
    return Restored(contents, aside, erased, lost)


@contextmanager
def _site(config: Config) -> Iterator[tuple[Engine, Store]]:
    engine = create_engine(config.database)
    try:
        yield engine, store_of(engine)
    finally:
        hot.close(engine)


def unpacked(store: Store, engine: Engine, file: Path, now: datetime, bar: Bar) -> Engine:
    """A backup as a database of its own beside the site's, to be discarded after use. Raises Stopped."""
    check_kind(store, file)
    rows = store.count(file, bar)
    if not {"person", "act"} <= rows.keys():
        raise Stopped(f"{file} is a database of another program")
    return store.unpack(engine, file, now, bar)


def _present(engine: Engine) -> tuple[Erased, dict[str, int]]:
    """Who was erased and how much there is in the database that goes; nothing where it can't be read."""
    try:
        with open_session(engine, write=False) as session:
            return erasures.in_database(session), _counts(engine)
    except (Unavailable, SQLAlchemyError):
        return Erased({}, {}), {}


def _keys(engine: Engine) -> tuple[issuer_keys.Known, ...]:
    """The public keys in the database that goes: what they signed since the backup must still be checked."""
    try:
        with open_session(engine, write=False) as session:
            return issuer_keys.known(session)
    except (Unavailable, SQLAlchemyError):
        return ()


def _counts(engine: Engine) -> dict[str, int]:
    with open_session(engine, write=False) as session:
        return {what: _count(session, table) for what, table in COUNTED.items()}


def _count(session: Session, table: str) -> int:
    return int(session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one())


def examine(copy: Engine, config: Config) -> Contents:
    """What an unpacked backup holds, its tables brought up to date. Raises Stopped for tables of a newer release."""
    with open_session(copy, write=False) as session:
        revision = str(session.execute(REVISION).scalar())
        wanted = triggers.names(copy.dialect.name) if revision == HEAD else set()
        missing = wanted - triggers.present(session.connection())
    if revision > HEAD:
        raise Stopped(f"the backup is of a newer release (tables {revision}, this program knows {HEAD}); upgrade first")
    try:
        migrate(copy)
    except OtherRelease as error:
        raise Stopped(f"the backup has tables {revision}, which this program does not know") from error
    with open_session(copy, write=False) as session:
        return Contents(
            revision=revision,
            rows=_counts(copy),
            newest=session.execute(NEWEST).scalar(),
            missing=tuple(sorted(missing)),
            differences=len(standing.compare(session, config.zone)),
            broken=audit.verify_chain(session),
        )


def mend(
    copy: Engine,
    config: Config,
    contents: Contents,
    gone: Erased,
    file: Path,
    now: datetime,
    keys: tuple[issuer_keys.Known, ...] = (),
) -> int:
    """Make an unpacked backup fit for service; returns how many persons were erased again."""
    if contents.missing:
        with schema_change(copy):
            pass
    with open_session(copy, write=True) as session:
        for sql in STALE:
            session.execute(text(sql))
        erased = erasures.apply(session, gone, now.astimezone(config.zone))
        issuer_keys.merge(session, keys)
        if contents.differences:
            standing.rebuild(session, config.zone)
        audit.record(session, None, "restore", file.name, f"{erased} erased again", now)
        session.commit()
    if erased:
        scrub(copy)
    return erased


def describe(contents: Contents, config: Config) -> list[str]:
    """A backup in plain words, a line each."""
    held = ", ".join(f"{what}: {n:,}" for what, n in contents.rows.items())
    newest = contents.newest.astimezone(config.zone).strftime("%Y-%m-%d %H:%M %Z") if contents.newest else "never"
    lines = [f"It holds {held}; last act of a learner: {newest}."]
    if contents.outdated:
        lines.append(f"Its tables are of release {contents.revision}; a restore brings them up to date ({HEAD}).")
    if contents.missing:
        lines.append(f"Guards of the facts are missing ({', '.join(contents.missing)}); a restore puts them back.")
    if contents.differences:
        lines.append(f"{contents.differences} count(s) differ from the facts; a restore makes them anew.")
    if contents.broken:
        lines.append(f"The audit log was changed: row {contents.broken} does not follow from the one before.")
    if len(lines) == 1 + contents.outdated:
        lines.append("Integrity, guards, counts and audit log are right.")
    return lines


def tell(restored: Restored) -> list[str]:
    """What a restore did, a line each."""
    lines = ["The backup is in place. Everybody signs in anew."]
    if restored.erased:
        lines.append(f"{restored.erased} person(s) erased since the backup were erased again.")
    if restored.aside:
        lines.append(f"The records before are kept as {restored.aside}; delete them when you no longer need them.")
    if restored.lost and any(restored.lost.values()):
        more = ", ".join(f"{what}: {n:,}" for what, n in restored.lost.items() if n)
        lines.append(f"They hold more than the backup — {more}.")
    return lines
