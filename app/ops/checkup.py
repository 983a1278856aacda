"""The health report for a page: made by a child process that outlives the request, one at a time, and kept in a file.

The parent takes a lock and gives it to the child, so that nobody else begins until the child has ended in some way.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from app.ops.findings import ERROR, Finding
from app.ops.serving import replace_text
from config import ROOT, Config

FILE, LOCK = "doctor.json", "doctor.lock"
LONGEST = 600  # seconds, then the check is given up
PATIENCE = 0.5  # seconds to wait for somebody who only looks whether a check runs


class Report(msgspec.Struct, frozen=True):
    """What was found, when the check began, and how many seconds it took."""

    at: datetime
    seconds: int
    findings: tuple[Finding, ...]


def last(config: Config) -> Report | None:
    """The newest report; None where there is none that can be read."""
    try:
        return msgspec.json.decode((config.instance / FILE).read_bytes(), type=Report)
    except (OSError, msgspec.MsgspecError):
        return None


def running(config: Config) -> bool:
    held = _lock(config, 0)
    if held is not None:
        os.close(held)
    return held is None


def begin(config: Config) -> bool:
    """Start a check of the site that the environment describes, as `lontar doctor` does; False where one runs."""
    held = _lock(config, PATIENCE)
    if held is None:
        return False
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", __name__, str(config.instance)],
            cwd=ROOT,
            pass_fds=(held,),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        os.close(held)  # the child's copy holds the lock
    threading.Thread(target=child.wait, daemon=True).start()  # nobody else asks how it ended
    return True


def _lock(config: Config, patience: float) -> int | None:
    """The lock as an open file; None where another holds it."""
    held = os.open(config.instance / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(held)
                return None
            time.sleep(0.02)
        else:
            return held


@contextmanager
def _no_bar(_label: str, _length: int) -> Iterator[Any]:
    yield lambda _steps: None


def _give_up(*_: object) -> None:
    raise TimeoutError(f"it took over {LONGEST // 60} minutes")


def examine(now: datetime) -> Report:
    """The report; a check that fails as a whole is a finding, too."""
    from app.ops import doctor

    began = time.monotonic()
    try:
        found = doctor.examine(now, _no_bar)
    except Exception as error:
        found = [Finding("check", ERROR, f"the check itself failed ({type(error).__name__})", "run `lontar doctor`")]
    return Report(now, round(time.monotonic() - began), tuple(found))


def main() -> None:
    os.nice(10)  # learners first
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(LONGEST)
    report = examine(datetime.now(UTC))
    with suppress(OSError):
        replace_text(Path(sys.argv[1]) / FILE, msgspec.json.encode(report).decode())


if __name__ == "__main__":
    main()
