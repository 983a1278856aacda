"""A restore brings back the facts, nobody who was erased, and nothing that would be wrong by now."""

import sqlite3
import subprocess
import threading
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session

from app.ops import backup, erasures, postgresql, restore
from app.ops.serving import PID, Stopped
from app.records import audit, certificates, hot, outbox, people, sign_ins, standing, triggers
from app.records.engine import HEAD, create_engine, file_of, open_session
from config import Config
from tests.databases import connect
from tests.ops.bars import SILENT, Bars
from tests.ops.conftest import beside
from tests.records.samples import COURSE, NOW, complete, join, later

NIGHT = NOW + timedelta(hours=14)
MORNING = NOW + timedelta(hours=20)


def graduate(engine: Engine, login: str, **profile: object) -> tuple[uuid.UUID, tuple[str, ...]]:
    with open_session(engine, write=True) as session:
        person = join(session, login, **profile)
        numbers = complete(session, person)
        session.commit()
    return person, numbers


def back_up(engine: Engine, config: Config) -> Path:
    return backup.write(engine, config, config.backups, None, NIGHT, SILENT).path


def bring_back(engine: Engine, config: Config, path: Path) -> restore.Restored:
    hot.close(engine)
    return restore.restore(config, path, MORNING, SILENT)


def execute(engine: Engine, *statements: str) -> None:
    with open_session(engine, write=True) as session:
        for statement in statements:
            session.execute(text(statement))
        session.commit()


def logins(engine: Engine) -> list[str]:
    with open_session(engine, write=False) as session:
        return sorted(session.execute(text("SELECT login FROM person")).scalars())


def test_the_records_are_those_of_the_backup_and_the_others_are_kept(engine: Engine, config: Config) -> None:
    person, numbers = graduate(engine, "ana")
    with open_session(engine, write=False) as session:
        facts = standing.facts(session, person, COURSE)
    path = back_up(engine, config)
    graduate(engine, "litia")
    restored = bring_back(engine, config, path)
    assert (restored.erased, restored.lost) == (0, {"accounts": 1, "attempts": 2, "certificates": 2})
    assert restored.contents == restore.Contents(
        revision=HEAD,
        rows={"accounts": 1, "attempts": 2, "certificates": 2},
        newest=later(minutes=1),
        missing=(),
        differences=0,
        broken=None,
    )
    with open_session(engine, write=False) as session:
        assert standing.facts(session, person, COURSE) == facts
        assert {found.number for found in certificates.of_person(session, person, MORNING)} == set(numbers)
        assert triggers.present(session.connection()) == triggers.names(engine.dialect.name)
        assert audit.verify_chain(session) is None
        acts = session.execute(text("SELECT deed, subject, detail FROM act")).all()
    assert [tuple(act) for act in acts] == [("restore", path.name, "0 erased again")]
    assert logins(engine) == ["ana"]
    aside = create_engine(engine.url.set(database=restored.aside).render_as_string(hide_password=False))
    assert logins(aside) == ["ana", "litia"]
    hot.close(aside)


def status(session: Session, number: str) -> str:
    found = certificates.find(session, number, MORNING)
    return found.status if found else "unknown"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # elsewhere it is a database, to be renamed
def test_what_was_put_aside_can_be_restored_in_turn(config: Config, engine: Engine) -> None:
    graduate(engine, "ana")
    path = back_up(engine, config)
    graduate(engine, "litia")
    aside = Path(bring_back(engine, config, path).aside)
    hot.close(engine)
    restore.restore(config, aside, MORNING + timedelta(minutes=1), SILENT)
    assert logins(engine) == ["ana", "litia"]


def test_whoever_was_erased_since_is_erased_again(engine: Engine, config: Config) -> None:
    ana, anas = graduate(engine, "ana")
    litia, litias = graduate(engine, "litia", name_latin="")
    graduate(engine, "sina")
    path = back_up(engine, config)
    with open_session(engine, write=True) as session:
        people.erase(session, ana, MORNING, keep_certificates=True)
        people.erase(session, litia, MORNING, keep_certificates=False)
        session.commit()
    assert bring_back(engine, config, path).erased == 2
    assert logins(engine) == ["sina"]
    with open_session(engine, write=False) as session:
        assert standing.compare(session) == []
        states = [[status(session, number) for number in numbers] for numbers in (anas, litias)]
    assert states == [["valid"] * 2, ["withdrawn"] * 2]


def test_the_list_beside_the_backups_is_enough_when_the_database_is_lost(
    engine: Engine, config: Config, backend: str, request: pytest.FixtureRequest
) -> None:
    ana, _ = graduate(engine, "ana")
    graduate(engine, "sina")
    path = back_up(engine, config)
    with open_session(engine, write=True) as session:
        people.erase(session, ana, MORNING, keep_certificates=False)
        session.commit()
    backup.note_erasures(engine, config)
    hot.close(engine)
    if backend == "sqlite":
        Path(str(file_of(engine))).write_bytes(b"SQLite format 3\0 and then a broken disk")
    else:
        drop(request.getfixturevalue("postgresql_server"), engine)
    restored = restore.restore(config, path, MORNING, SILENT)
    assert (restored.erased, restored.lost) == (1, None)
    assert logins(engine) == ["sina"]


def drop(server: str, engine: Engine) -> None:
    with connect(server) as connection:
        connection.execute(f'DROP DATABASE "{engine.url.database}" WITH (FORCE)')


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_an_administrator_who_was_the_only_one_then_is_erased_too(engine: Engine, config: Config) -> None:
    with open_session(engine, write=True) as session:
        first = join(session, "first", role="administrator")
        session.commit()
    path = back_up(engine, config)
    with open_session(engine, write=True) as session:
        join(session, "second", role="administrator")
        people.erase(session, first, MORNING, keep_certificates=False)
        session.commit()
    assert bring_back(engine, config, path).erased == 1
    assert logins(engine) == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # test_mailing.py tries these statements on both
def test_sessions_codes_and_mail_of_then_are_worth_nothing(engine: Engine, config: Config) -> None:
    with open_session(engine, write=True) as session:
        ana = join(session)
        sign_ins.start(session, ana, "own", NOW)
        codes = {kind: sign_ins.make_code(session, ana, kind, NOW, None) for kind in ("recovery", "once", "mail")}
        outbox.add(session, ana, "ana@example.org", "Hello", "Ana", NOW)
        session.commit()
    bring_back(engine, config, back_up(engine, config))
    with open_session(engine, write=True) as session:
        assert session.execute(text("SELECT count(*) FROM session")).scalar_one() == 0
        assert outbox.waiting(session) == 0
        works = {kind: sign_ins.use_code(session, code, MORNING) == ana for kind, code in codes.items()}
    assert works == {"recovery": True, "once": False, "mail": False}


def test_counts_and_guards_are_made_whole(engine: Engine, config: Config, backend: str) -> None:
    graduate(engine, "ana")
    on = " ON reading" if backend == "postgresql" else ""
    execute(engine, "DELETE FROM standing", "UPDATE tally SET n = 7", f"DROP TRIGGER reading_kept{on}")
    path = back_up(engine, config)
    contents = restore.check(config, path, MORNING, SILENT)
    assert (contents.missing, contents.differences > 1) == (("reading_kept",), True)
    said = restore.describe(contents, config)
    assert said[1:] == [
        "Guards of the facts are missing (reading_kept); a restore puts them back.",
        f"{contents.differences} count(s) differ from the facts; a restore makes them anew.",
    ]
    bring_back(engine, config, path)
    with open_session(engine, write=False) as session:
        assert standing.compare(session) == []
        assert triggers.present(session.connection()) == triggers.names(backend)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # tests/records/test_logs.py reads both
def test_a_changed_audit_log_is_told(engine: Engine, config: Config) -> None:
    with open_session(engine, write=True) as session:
        for deed in ("add", "role", "code"):
            audit.record(session, None, deed, "x", "", NOW)
        session.commit()
    execute(engine, "DROP TRIGGER act_unchanged", "UPDATE act SET deed = 'nothing' WHERE number = 2")
    contents = restore.check(config, back_up(engine, config), MORNING, SILENT)
    assert contents.broken == 2
    assert restore.describe(contents, config)[-1] == (
        "The audit log was changed: row 2 does not follow from the one before."
    )


def everything(config: Config) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(config.instance.rglob("*")) if path.is_file()}


def test_a_check_changes_nothing(
    engine: Engine, config: Config, backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    graduate(engine, "ana")
    path = back_up(engine, config)
    before = everything(config)
    bars = Bars()
    contents = restore.check(config, path, MORNING, bars)  # the site goes on: its database is open
    assert restore.describe(contents, config) == [
        "It holds accounts: 1, attempts: 2, certificates: 2; last act of a learner: 2026-11-21 12:01 UTC.",
        "Integrity, guards, counts and audit log are right.",
    ]
    assert everything(config) == before
    assert [label for label, _, _ in bars.told] == ["Checking", "Unpacking"]
    if backend == "postgresql":
        assert beside(request.getfixturevalue("postgresql_server"), str(engine.url.database)) == []
    else:
        assert sorted(path.name for path in tmp_path.glob("*restoring*")) == []


NEWER = ("9999", f"the backup is of a newer release (tables 9999, this program knows {HEAD}); upgrade first")
UNKNOWN = ("0000", "the backup has tables 0000, which this program does not know")


@pytest.mark.parametrize(
    ("backend", "revision", "said"),
    [("sqlite", *NEWER), ("sqlite", *UNKNOWN), ("postgresql", *UNKNOWN)],
    indirect=["backend"],
)
def test_a_backup_of_another_release_is_refused(engine: Engine, config: Config, revision: str, said: str) -> None:
    execute(engine, f"UPDATE alembic_version SET version_num = '{revision}'")
    path = back_up(engine, config)
    for act in (restore.check, restore.restore):
        hot.close(engine)
        with pytest.raises(Stopped) as refused:
            act(config, path, MORNING, SILENT)
        assert str(refused.value) == said


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_no_restore_while_the_server_runs(engine: Engine, config: Config) -> None:
    path = back_up(engine, config)
    with subprocess.Popen(["lontar", "60"], executable="/bin/sleep") as server:
        (config.instance / PID).write_text(str(server.pid))
        with pytest.raises(Stopped, match=rf"the server of this site runs \(process {server.pid}\); stop it first"):
            bring_back(engine, config, path)
        server.kill()


def test_no_restore_while_another_program_has_the_records_open(
    engine: Engine, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LEAVING", 0.2)
    path = back_up(engine, config)
    with open_session(engine, write=False) as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(Stopped, match="open; stop the server first"):
            restore.restore(config, path, MORNING, SILENT)
    assert bring_back(engine, config, path).erased == 0


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_program_that_is_just_leaving_is_waited_for(engine: Engine, config: Config, url: str) -> None:
    path = back_up(engine, config)
    leaving = connect(url)
    timer = threading.Timer(0.5, leaving.close)
    timer.start()
    assert bring_back(engine, config, path).erased == 0
    timer.join()


def test_a_restore_that_fails_leaves_everything_as_it_was(
    engine: Engine, config: Config, backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    graduate(engine, "ana")
    path = back_up(engine, config)
    graduate(engine, "litia")
    (config.backups / erasures.FILE).write_text("person not-an-id today\n")
    with pytest.raises(Stopped, match=r"erased.txt:1 is not like `person <id> <moment>`"):
        bring_back(engine, config, path)
    (config.backups / erasures.FILE).unlink()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(Stopped):
        bring_back(engine, config, path)
    assert logins(engine) == ["ana", "litia"]
    if backend == "postgresql":
        assert beside(request.getfixturevalue("postgresql_server"), str(engine.url.database)) == []
    else:
        assert list(tmp_path.glob("*restor*")) == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_database_of_another_program_is_refused(config: Config, tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE person (id)")
    connection.close()
    with pytest.raises(Stopped, match="is a database of another program"):
        restore.check(config, path, MORNING, SILENT)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_user_who_may_not_make_databases_is_told_how(
    engine: Engine, config: Config, postgresql_server: str, request: pytest.FixtureRequest
) -> None:
    path = back_up(engine, config)
    role = f"lontar_site_{uuid.uuid4().hex[:8]}"
    with connect(postgresql_server) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
    try:
        limited = Config(
            database_url=make_url(config.database).set(username=role).render_as_string(hide_password=False),
            instance=config.instance,
            content=config.content,
        )
        with pytest.raises(Stopped, match=f'ALTER ROLE "{role}" CREATEDB'):
            restore.check(limited, path, MORNING, SILENT)
    finally:
        with connect(postgresql_server) as connection:
            connection.execute(f"DROP ROLE {role}")
