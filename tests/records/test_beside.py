"""Long files are written by a second process: the same bytes, the same errors, and nothing left of it afterwards."""

import io
import os
import signal
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.core import formats
from app.core.formats import FORMATS, About, Column, TooManyRows
from app.records import beside

COLUMNS = tuple(
    Column(name=name, kind=kind, meaning="")
    for name, kind in (("name", "text"), ("read", "integer"), ("score", "decimal"), ("at", "moment"))
)
NOW = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
MANY = 60
SAID: dict[str, Any] = {
    "name": "completions",
    "row": "One row for each.",
    "filter": {"course": "tiny"},
    "release": "0.9 (abc)",
    "now": NOW,
    "zone": ZoneInfo("Pacific/Fiji"),
}


def rows(count: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        nothing = number % 7 == 0
        yield (
            None if nothing else f"=Ana, លឹម {number}\r\n",
            number,
            None if nothing else Decimal(number) / 7,
            None if nothing else NOW - timedelta(hours=number),
        )


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "MANY", MANY)
    monkeypatch.setattr(beside, "cores", lambda: 2)


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second process can be started."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")


def parts(content: bytes) -> Any:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_second_process_writes_the_same_file(kind: str, tmp_path: Path) -> None:
    target, alone, steps = tmp_path / "file", io.BytesIO(), []
    about = beside.write(target, kind, COLUMNS, rows(700), step=steps.append, **SAID)
    assert about == formats.write(alone, kind, COLUMNS, rows(700), **SAID)
    assert parts(target.read_bytes()) == parts(alone.getvalue())
    assert sum(steps) == about.rows == 700


def test_few_rows_need_no_second_process(no_child: None, tmp_path: Path) -> None:
    about = beside.write(tmp_path / "few", "csv", COLUMNS, rows(MANY - 1), **SAID)
    assert about.rows == MANY - 1
    with pytest.raises(FileNotFoundError):
        beside.write(tmp_path / "many", "csv", COLUMNS, rows(MANY), **SAID)


def test_one_core_needs_no_second_process(no_child: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "cores", lambda: 1)
    about = beside.write(tmp_path / "file", "csv", COLUMNS, rows(700), **SAID)
    assert about.rows == 700


@pytest.mark.parametrize("bad", [("Ana", "70", None, None), ("Ana", 1, None), ("Ana", 1, None, datetime(2026, 1, 1))])
def test_a_row_that_does_not_fit_is_an_error_here_too(bad: tuple[object, ...], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"`int|length 4|moment"):
        beside.write(tmp_path / "file", "csv", COLUMNS, [*rows(700), bad, *rows(20_000)], **SAID)


def test_what_the_disk_says_comes_over(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        beside.write(tmp_path / "no-folder" / "file", "csv", COLUMNS, rows(20_000), **SAID)
    with pytest.raises(OSError, match="No space left"):
        beside.write(Path("/dev/full"), "csv", COLUMNS, rows(20_000), **SAID)


def test_too_many_rows_for_a_sheet_come_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "XLSX_ROWS", 50)
    answer = io.BytesIO()
    beside.serve(asked("xlsx", tmp_path), answer)
    with pytest.raises(TooManyRows, match="up to 50 rows"):
        beside.READ_ANSWER(answer.getvalue()[beside.LENGTH.size :]).unwrap()


def test_rows_that_stop_half_way_are_no_whole_file(tmp_path: Path) -> None:
    whole = asked("csv", tmp_path).getvalue()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        answer = io.BytesIO()
        with pytest.raises(EOFError):
            beside.serve(io.BytesIO(whole[:size]), answer)
        assert answer.getvalue() == b""


def asked(kind: str, folder: Path) -> io.BytesIO:
    """What is sent to a second process for 700 rows."""
    order = beside.Order(path=str(folder / "file"), kind=kind, columns=COLUMNS, **(SAID | {"zone": SAID["zone"].key}))
    pipe = io.BytesIO()
    beside._send_all(pipe, order, rows(700), lambda _: None)
    pipe.seek(0)
    return pipe


def children() -> set[int]:
    return {int(id) for id in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_process_is_named_and_nothing_waits_for_it(how: signal.Signals, tmp_path: Path) -> None:
    before = children()

    def killing() -> Iterator[tuple[object, ...]]:
        yield from rows(700)
        for id in children() - before:
            os.kill(id, how)
        yield from rows(20_000)

    with pytest.raises(beside.Ended, match=f"killed by signal {int(how)}"):
        beside.write(tmp_path / "file", "csv", COLUMNS, killing(), **SAID)
    assert children() == before


@pytest.mark.parametrize("error", [RuntimeError("the database is gone"), KeyboardInterrupt()])
def test_an_error_while_reading_ends_the_second_process(error: BaseException, tmp_path: Path) -> None:
    before = children()

    def broken() -> Iterator[tuple[object, ...]]:
        yield from rows(700)
        raise error

    with pytest.raises(type(error)):
        beside.write(tmp_path / "file", "csv", COLUMNS, broken(), **SAID)
    assert children() == before


def test_what_is_said_is_the_same_in_both_processes() -> None:
    about = About(name="x", row="", filter={}, release="", rows=1, time="", timezone="UTC", sha256="", columns=COLUMNS)
    assert beside.READ_ANSWER(beside.ENCODE(beside.Answer(about=about))).unwrap() == about
