"""The child process that checks a content root nobody serves yet, so that no draft can hang or slow the server.

It reads one `Order` in msgpack from its standard input and writes one `Answer`; past its limits it dies.
"""

import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec

from app.core.content import Library, Problem

MEGABYTES = 1024
GRACE = 5  # seconds beyond those for reading files: for rules across them, and to start and answer
TOO_LONG = "Checking these files took over {} seconds. Drop fewer or smaller files at once."


class Order(msgspec.Struct):
    folder: str
    figure_months: int
    today: date
    kept: str
    seconds: float
    unlisted: bool


class Answer(msgspec.Struct):
    library: Library | None
    problems: list[Problem]


def in_child(order: Order) -> tuple[Library | None, list[Problem]]:
    """What the check says; where it takes too long, that is the one finding."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "app.ops.trying"],
            input=msgspec.msgpack.encode(order),
            stdout=subprocess.PIPE,
            timeout=order.seconds + 2 * GRACE,
            cwd=Path(__file__).parents[2],
            check=True,
        )
        answer = msgspec.msgpack.decode(done.stdout, type=Answer)
    except (subprocess.SubprocessError, msgspec.MsgspecError):
        late = TOO_LONG.format(int(order.seconds + GRACE))
        return None, [Problem(path="course", line=0, severity="error", code="render-limit", message=late)]
    return answer.library, answer.problems


def work(order: Order) -> tuple[Library | None, list[Problem]]:
    """The same, in this process and without its limits."""
    from app.core.load import load

    return load(
        Path(order.folder),
        figure_months=order.figure_months,
        today=order.today,
        kept=Path(order.kept),
        seconds=order.seconds,
        unlisted=order.unlisted,
    )


def main() -> None:
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    most = int(order.seconds) + GRACE
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever is printed by mistake must not stand in the answer
        library, problems = work(order)
        answers.write(msgspec.msgpack.encode(Answer(library, problems)))


if __name__ == "__main__":
    main()
