"""Sessions that read or write, and a database that is locked, missing or replaced."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, StatementError

from app.records import engine as engines
from app.records import hot, keys, outages, people, sign_ins
from app.records.engine import Unavailable, create_engine, is_transient, migrate, open_session
from app.records.sql import Plain
from tests.records.samples import COURSE, NOW, join

ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


def open_files(path: Path) -> int:
    """How often this process has the file open, as far as the system tells."""
    return sum(os.path.realpath(one) == str(path) for one in Path("/proc/self/fd").glob("*"))


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "mysql://host/base"])
def test_other_databases_and_forgetful_ones_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="neither an SQLite file nor a PostgreSQL database"):
        create_engine(address)


@ON_SQLITE
def test_every_sqlite_connection_has_the_settings_that_facts_rely_on(engine: Engine) -> None:
    with engine.connect() as one, engine.execution_options(lontar_write=False).connect() as two:
        two.exec_driver_sql("SELECT 1")
        wanted = {
            "foreign_keys": 1,
            "recursive_triggers": 1,
            "secure_delete": 1,
            "journal_mode": "wal",
            "synchronous": 2,
            "busy_timeout": 5000,
        }
        for connection in (one, two):
            assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted


def test_a_session_that_reads_cannot_write(engine: Engine) -> None:
    with open_session(engine, write=False) as session, pytest.raises((DBAPIError, Unavailable)):
        join(session)


def test_a_connection_that_read_may_write_later(engine: Engine) -> None:
    for write in (False, True, False, True):
        with open_session(engine, write) as session:
            session.execute(text("SELECT 1"))
    with open_session(engine, write=True) as session:
        join(session)
        session.commit()
    with open_session(engine, write=False) as session:
        assert people.find_login(session, "ana") is not None


def test_a_session_that_reads_sees_one_moment(engine: Engine) -> None:
    with open_session(engine, write=False) as reader:
        assert people.find_login(reader, "ana") is None
        with open_session(engine, write=True) as writer:
            join(writer)
            writer.commit()
        assert people.find_login(reader, "ana") is None


def test_what_is_not_committed_is_gone(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        join(session)
    with open_session(engine, write=False) as session:
        assert people.find_login(session, "ana") is None


@ON_SQLITE
def test_a_locked_database_is_unavailable_and_then_well_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "PATIENCE", 0.05)
    stranger = sqlite3.connect(str(engines.file_of(engine)), isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with open_session(engine, write=True) as session, pytest.raises(Unavailable, match="locked by another program"):
        join(session)
    stranger.execute("ROLLBACK")
    stranger.close()
    with open_session(engine, write=True) as session:
        join(session)
        session.commit()


@ON_SQLITE
def test_a_thread_that_never_ends_its_change_keeps_others_from_writing_not_from_reading(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "PATIENCE", 0.05)
    with open_session(engine, write=True) as slow:
        join(slow)
        with open_session(engine, write=True) as other, pytest.raises(Unavailable, match="busy with other changes"):
            join(other, "bela")
        with open_session(engine, write=False) as reader:
            assert people.find_login(reader, "ana") is None
    with open_session(engine, write=True) as session:
        join(session)


@ON_SQLITE
def test_the_connection_that_wrote_last_writes_on_when_another_waited(engine: Engine) -> None:
    """It knows the pages that it wrote; one that waited would read them all again."""
    used = []

    def write(_number: int) -> None:
        with open_session(engine, write=True) as session:
            used.append(session.connection().connection.dbapi_connection)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    assert len(set(used)) == 1


@ON_SQLITE
def test_a_naive_moment_is_refused(engine: Engine) -> None:
    with open_session(engine, write=True) as session, pytest.raises(StatementError, match="needs a time zone"):
        sign_ins.touch(session, "0" * 64, NOW.replace(tzinfo=None))


@ON_SQLITE
def test_a_full_disk_is_unavailable_and_loses_nothing(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        join(session)
        session.commit()
    with open_session(engine, write=True) as session:
        session.execute(text("PRAGMA max_page_count = 1"))
        with pytest.raises(Unavailable, match="the disk is full"):
            join(session, "person0", "x" * 1_000_000)
    engine.dispose()
    with open_session(engine, write=True) as session:
        assert people.find_login(session, "ana") is not None
        assert people.find_login(session, "person0") is None


@ON_POSTGRESQL
def test_a_lock_that_is_never_given_is_unavailable(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "PATIENCE", 1)
    one, two = create_engine(url), create_engine(url)
    with open_session(one, write=True) as holder, open_session(two, write=True) as waiting:
        holder.execute(text("LOCK TABLE person"))
        with pytest.raises(Unavailable, match="lock timeout"):
            join(waiting)
    one.dispose()
    two.dispose()


@ON_SQLITE
def test_a_missing_file_is_unavailable_and_is_not_made_anew(engine: Engine) -> None:
    path = engines.file_of(engine)
    assert path is not None
    path.unlink()
    with open_session(engine, write=False) as session, pytest.raises(Unavailable, match="cannot be opened"):
        people.find_login(session, "ana")
    with pytest.raises(Unavailable, match="cannot be opened"):
        sign_ins.find_with_standing(engine, "0" * 64, COURSE)
    assert not path.exists()


@ON_SQLITE
def test_a_file_that_vanishes_under_an_open_connection_takes_no_writes(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        join(session)
        session.commit()
    path = engines.file_of(engine)
    assert path is not None
    path.rename(path.with_suffix(".moved"))
    with open_session(engine, write=True) as session, pytest.raises(Unavailable):
        join(session, "bela")


@ON_SQLITE
def test_a_restored_file_is_read_at_once(engine: Engine, sqlite_template: Path) -> None:
    with open_session(engine, write=True) as session:
        token = sign_ins.start(session, join(session), "own", NOW)
        session.commit()
    path = engines.file_of(engine)
    assert path is not None
    assert sign_ins.find_with_standing(engine, keys.hash_of(token), COURSE) is not None
    fresh = path.with_suffix(".fresh")
    fresh.write_bytes(sqlite_template.read_bytes())
    for leftover in (f"{path}-wal", f"{path}-shm"):
        Path(leftover).unlink(missing_ok=True)
    os.replace(fresh, path)
    assert sign_ins.find_with_standing(engine, keys.hash_of(token), COURSE) is None
    with open_session(engine, write=False) as session:
        assert people.find_login(session, "ana") is None


@ON_SQLITE
def test_a_file_that_is_no_database_is_unavailable(engine: Engine) -> None:
    path = engines.file_of(engine)
    assert path is not None
    engine.dispose()
    path.write_bytes(b"not a database" * 1000)
    with open_session(engine, write=False) as session, pytest.raises(Unavailable, match="not a database"):
        people.find_login(session, "ana")
    with pytest.raises(Unavailable, match="not a database"):
        sign_ins.find_with_standing(engine, "0" * 64, COURSE)
    assert open_files(path) == 0  # a connection that failed is closed, not left to whoever collects garbage


@ON_SQLITE
def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path, backend: str) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'deep' / 'new.sqlite'}")
    migrate(engine)
    engine.dispose()
    assert (tmp_path / "deep" / "new.sqlite").stat().st_mode & 0o777 == 0o600


@ON_POSTGRESQL
def test_a_server_that_cut_the_connections_is_reached_again(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        token = sign_ins.start(session, join(session), "own", NOW)
        session.commit()
    assert sign_ins.find_with_standing(engine, keys.hash_of(token), COURSE) is not None
    with open_session(engine, write=True) as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
        )
    assert sign_ins.find_with_standing(engine, keys.hash_of(token), COURSE) is not None


@ON_POSTGRESQL
def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path, backend: str) -> None:
    engine = create_engine(f"postgresql://lontar@/lontar?host={tmp_path}")
    with open_session(engine, write=False) as session, pytest.raises(Unavailable, match="does not answer"):
        people.find_login(session, "ana")
    with pytest.raises(Unavailable, match="does not answer"):
        sign_ins.find_with_standing(engine, "0" * 64, COURSE)
    hot.close(engine)


@ON_POSTGRESQL
def test_a_server_compiles_no_query_of_ours(engine: Engine) -> None:
    """That takes longer than running it; a session and the quick reader are connected alike."""
    with engine.connect() as connection:
        assert connection.execute(text("SHOW jit")).scalar() == "off"
        assert connection.execute(text("SHOW timezone")).scalar() == "UTC"
    assert hot.rows(engine, Plain("SELECT current_setting('jit') AS said"), {})[0].said == "off"


@ON_POSTGRESQL
def test_a_deadlock_may_be_tried_again_and_a_broken_rule_may_not(engine: Engine) -> None:
    def failure(sql: str) -> BaseException:
        with pytest.raises(DBAPIError) as caught, engine.connect() as connection:
            connection.execute(text(sql))
        return caught.value

    raised = "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{}'; END $$"
    cases = {"40P01": True, "40001": True, "23505": False}
    assert {state: is_transient(failure(raised.format(state))) for state in cases} == cases
    assert is_transient(ValueError()) is False
