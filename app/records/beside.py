"""Long files of rows are written by a second process, while this one reads the rows.

The second process is this module, started anew (a server's worker with threads must not be forked), and knows nothing
of the database. It gets frames (a length, then msgpack) through a pipe: what to write, then some rows at a time, then
an empty frame; it answers with one. A pipe holds a megabyte, so that neither process gets far ahead of the other.
"""

import fcntl
import gc
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import msgspec

from app.core import formats
from app.core.content import Struct
from app.core.formats import About, Column, TooManyRows

MANY = 5_000  # rows from which on a second process is worth its start
AT_ONCE = 250  # rows of a frame
WAITING = 1 << 20  # bytes that a pipe may hold: what this process reads while the second one starts
LENGTH = struct.Struct("!I")
TYPES: Mapping[str, Any] = {"text": str, "integer": int, "decimal": Decimal, "moment": datetime}
ENCODE = msgspec.msgpack.Encoder().encode

Row = Sequence[object]
Step = Callable[[int], None]


class Ended(OSError):
    """The second process ended without a word."""

    def __init__(self, status: int) -> None:
        how = f"killed by signal {-status}" if status < 0 else f"status {status}"
        super().__init__(f"the process that writes the file ended before it was done ({how}): try again")


class Order(Struct):
    """What the second process writes, as `formats.write` takes it."""

    path: str
    kind: str
    columns: tuple[Column, ...]
    name: str
    row: str
    filter: dict[str, str]
    release: str
    now: datetime
    zone: str


class Answer(Struct):
    """What is said about the file; or else the error, by its kind (rows, value or file)."""

    about: About | None = None
    error: str = ""
    said: str = ""
    number: int | None = None

    def unwrap(self) -> About:
        """Raises what `formats.write` raised over there."""
        if self.about:
            return self.about
        if self.error == "rows":
            raise TooManyRows(formats.XLSX_ROWS)
        raise OSError(self.number, self.said) if self.error == "file" else ValueError(self.said)


READ_ORDER = msgspec.msgpack.Decoder(Order).decode
READ_ANSWER = msgspec.msgpack.Decoder(Answer).decode


def write(
    target: Path,
    kind: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    name: str,
    row: str,
    filter: Mapping[str, str],
    release: str,
    now: datetime,
    zone: ZoneInfo,
    step: Step = lambda _: None,
) -> About:
    """Write a file as `formats.write` does; with many rows on two cores, in the second process.

    Raises Ended, beside what `formats.write` raises; then the file is not whole.
    """
    rest = iter(rows)
    first = list(islice(rest, MANY)) if cores() > 1 else []
    if len(first) < MANY:
        with target.open("wb") as file:
            return formats.write(
                file,
                kind,
                columns,
                chain(first, rest),
                name=name,
                row=row,
                filter=filter,
                release=release,
                now=now,
                zone=zone,
                step=step,
            )
    order = Order(
        path=str(target),
        kind=kind,
        columns=tuple(columns),
        name=name,
        row=row,
        filter=dict(filter),
        release=release,
        now=now,
        zone=zone.key,
    )
    return _beside(order, chain(first, rest), step)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _beside(order: Order, rows: Iterable[Row], step: Step) -> About:
    with new_child() as writer:
        assert writer.stdin
        assert writer.stdout
        try:
            with suppress(BrokenPipeError):  # it ended before: its answer says why
                _send_all(writer.stdin, order, rows, step)
            answer = _receive(writer.stdout)
        except BaseException:
            writer.kill()  # nobody wants half a file
            raise
        finally:
            with suppress(BrokenPipeError):
                writer.stdin.close()
    if not answer:
        raise Ended(writer.returncode)
    return READ_ANSWER(answer).unwrap()


def new_child() -> "subprocess.Popen[bytes]":
    """A process that runs `main`."""
    command = [sys.executable, "-m", "app.records.beside"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    if child.stdin and hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        with suppress(OSError):  # a system may allow less
            fcntl.fcntl(child.stdin, fcntl.F_SETPIPE_SZ, WAITING)
    return child


def _send_all(pipe: Any, order: Order, rows: Iterable[Row], step: Step) -> None:
    _send(pipe, ENCODE(order))
    rest = iter(rows)
    while some := list(islice(rest, AT_ONCE)):
        _send(pipe, ENCODE(some))
        step(len(some))
    _send(pipe, b"")
    pipe.flush()


def _send(pipe: Any, message: bytes) -> None:
    pipe.write(LENGTH.pack(len(message)))
    pipe.write(message)


def _receive(pipe: Any) -> bytes | None:
    """The next frame; None where the other process has ended."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    message: bytes = pipe.read(size)
    return message if len(message) == size else None


# The second process


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Write what is asked for. Raises EOFError where the first process has ended before the rows did."""
    asked = _receive(source)
    if asked is None:
        raise EOFError
    order = READ_ORDER(asked)
    try:
        answer = Answer(about=_written(order, _received(source, order.columns)))
    except TooManyRows:
        answer = Answer(error="rows")
    except ValueError as error:
        answer = Answer(error="value", said=str(error))
    except OSError as error:
        answer = Answer(error="file", said=error.strerror or str(error), number=error.errno)
    _send(sink, ENCODE(answer))
    sink.flush()


def _written(order: Order, rows: Iterator[Row]) -> About:
    with open(order.path, "wb") as file:
        return formats.write(
            file,
            order.kind,
            order.columns,
            rows,
            name=order.name,
            row=order.row,
            filter=order.filter,
            release=order.release,
            now=order.now,
            zone=ZoneInfo(order.zone),
        )


def _received(source: BinaryIO, columns: Sequence[Column]) -> Iterator[Row]:
    row: Any = tuple.__class_getitem__(tuple(TYPES[column.kind] | None for column in columns))
    read = msgspec.msgpack.Decoder(list[row]).decode
    while some := _receive(source):
        yield from read(some)
    if some is None:
        raise EOFError


def main() -> None:
    """What the second process does from its first moment to its last."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the first one, which ends this
    gc.freeze()
    with os.fdopen(os.dup(0), "rb") as source, os.fdopen(os.dup(1), "wb") as sink:
        os.dup2(2, 1)  # whatever is printed by mistake must not stand in the answer
        with suppress(EOFError):
            serve(source, sink)


if __name__ == "__main__":
    main()
