"""A backup is one file of one moment, made while others write, and it is read back before it counts."""

import shutil
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.ops import backup, files
from app.ops.serving import Stopped
from app.ops.stores import check_kind, store_of
from app.records.engine import file_of, open_session
from app.records.models import Base
from config import Config
from tests.ops.bars import SILENT, Bars
from tests.records.samples import NOW, complete, join

ENDINGS = {"sqlite": "sqlite", "postgresql": "dump"}


def rows(engine: Engine) -> int:
    with open_session(engine, write=False) as session:
        tables = (table.name for table in Base.metadata.sorted_tables)
        return sum(session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in tables)


def fill(engine: Engine, people: int = 2) -> None:
    with open_session(engine, write=True) as session:
        for number in range(people):
            complete(session, join(session, f"ana{number}", name_latin="tab\tnew\nline \\. ' ʻ"))
        session.commit()


def test_a_backup_holds_every_row(engine: Engine, config: Config, backend: str) -> None:
    fill(engine)
    bars = Bars()
    written = backup.write(engine, config, config.backups, None, NOW, bars)
    assert written.path == config.backups / f"lontar-20261121T120000Z.{ENDINGS[backend]}"
    assert (written.rows, written.size, written.pruned) == (rows(engine), written.path.stat().st_size, ())
    assert sorted(path.name for path in config.backups.iterdir()) == ["erased.txt", written.path.name]
    assert stat.S_IMODE(written.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.backups.stat().st_mode) == 0o700
    assert [(label, length == steps) for label, length, steps in bars.told] == [("Copying", True), ("Checking", True)]


def test_others_write_meanwhile_and_the_backup_is_of_one_moment(engine: Engine, config: Config) -> None:
    fill(engine, 8)
    before, joined = rows(engine), []

    def somebody_joins() -> None:
        if len(joined) < 3:
            with open_session(engine, write=True) as session:
                joined.append(join(session, f"late{len(joined)}"))
                session.commit()

    written = backup.write(engine, config, config.backups, None, NOW, Bars(each=somebody_joins))
    assert len(joined) == 3
    assert (written.rows, rows(engine)) == (before, before + 3)


def test_a_transaction_that_is_not_finished_does_not_disturb(engine: Engine, config: Config) -> None:
    with open_session(engine, write=True) as session:
        join(session)
        assert backup.write(engine, config, config.backups, None, NOW, SILENT).rows == 0
        session.commit()
    assert rows(engine) == 2  # Ana and her organisation


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_only_the_newest_are_kept_and_other_files_stay(engine: Engine, config: Config) -> None:
    files.make_folder(config.backups)
    (config.backups / "lontar-notes.txt").write_text("mine")
    names = []
    for day in range(4):
        written = backup.write(engine, config, config.backups, 2, NOW + timedelta(days=day), SILENT)
        names.append(written.path.name)
    assert [path.name for path in written.pruned] == [names[1]]
    assert sorted(path.name for path in config.backups.iterdir()) == ["erased.txt", *names[2:], "lontar-notes.txt"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_second_backup_of_the_same_second_is_refused(engine: Engine, config: Config) -> None:
    first = backup.write(engine, config, config.backups, None, NOW, SILENT)
    kept = first.path.read_bytes()
    with pytest.raises(Stopped, match="is there already"):
        backup.write(engine, config, config.backups, None, NOW, SILENT)
    assert first.path.read_bytes() == kept


def test_an_interrupted_backup_leaves_nothing(engine: Engine, config: Config) -> None:
    fill(engine)

    def power_cut() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.write(engine, config, config.backups, None, NOW, Bars(each=power_cut))
    assert [path.name for path in config.backups.iterdir()] == ["erased.txt"]


def test_a_full_disk_is_noticed_before(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    files.need_room(tmp_path, 1000)
    with pytest.raises(Stopped, match=r"MB free and .* MB are needed; nothing was written"):
        files.need_room(tmp_path, free)


def test_a_damaged_backup_is_found_out(engine: Engine, config: Config) -> None:
    fill(engine)
    store = store_of(engine)
    path = backup.write(engine, config, config.backups, None, NOW, SILENT).path
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Stopped, match="damaged"):
        store.count(path, SILENT)


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 2\0"])
def test_a_file_of_another_kind_is_refused(engine: Engine, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    store = store_of(engine)
    with pytest.raises(Stopped, match=f"is no backup of records in {store.NAME}"):
        check_kind(store, path)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_database_in_use_is_no_backup(engine: Engine) -> None:
    fill(engine, 1)
    with pytest.raises(Stopped, match="is a database in use, not a backup"):
        store_of(engine).count(Path(str(file_of(engine))), SILENT)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_backup_is_a_plain_file_that_sqlite_reads(engine: Engine, config: Config) -> None:
    fill(engine, 1)
    path = backup.write(engine, config, config.backups, None, NOW, SILENT).path
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert connection.execute("SELECT name FROM person").fetchall() == [("Ana Moana",)]
    connection.close()
