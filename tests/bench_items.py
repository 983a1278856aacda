"""How long the pages with item statistics take when a million people have taken the final: python -m tests.bench_items

The counts are made up (30 answers an attempt, spread over every cell that people fill) and lie in a database of their
own; the server is `lontar serve` as shipped.
"""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from statistics import median

from app.core.itemcards import asked
from app.core.questions import body_of
from app.core.tallying import BANDS, BY_OPTION
from app.records.engine import open_session
from tests import learners, load, wire
from tests.bench import COURSE, machine
from tests.serving import Server

ATTEMPTS, QUESTIONS, TIMES = 1_000_000, 30, 15
WHO = tuple(product(("woman", "man", ""), ("en", "fr", "km", "th", "my"), ("Pacific", "South-East Asia", "", "A", "B")))


def cells(server: Server, quiz: str) -> Iterator[tuple[object, ...]]:
    """Item, key, option, band and how many answers, in each group of people."""
    items = asked(server.library.quizzes[quiz])
    for item in items:
        options = len(getattr(body_of(item, "en"), "options", ())) if item.kind in BY_OPTION else 0
        named = ["ABCDEFGH"[place] for place in range(options)] if options else ["=1", "=1/2", "=0"]
        each = ATTEMPTS * QUESTIONS // len(items) // (len(named) + 1) // BANDS // len(WHO)
        for option, band in product([*named, ""], range(BANDS)):
            weight = band if option == named[0] else BANDS - band
            yield item.id, item.key_hash, option, band, max(1, each * weight // 10)


def fill(server: Server, quiz: str) -> int:
    """Write the counts; returns how many rows they are."""
    rows = list(cells(server, quiz))
    wide = [(*row[:4], *who, row[4], 30) for row in rows for who in WHO]
    narrow = [(*row[:4], row[4] * len(WHO), 30 * len(WHO)) for row in rows]
    with sqlite3.connect(server.folder / "lontar.sqlite") as raw:
        raw.executemany("INSERT INTO item_tally VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?)", sorted(wide))
        raw.executemany("INSERT INTO item_sum VALUES (?, ?, 0, ?, ?, ?, ?)", sorted(narrow))
    return len(wide)


def main() -> None:
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        quiz = str(server.library.courses[COURSE].final)
        print(f"{fill(server, quiz):,} rows of counts", flush=True)
        with open_session(server.engine, write=True) as session:
            (author,) = learners.make(session, server.secret, ["author"], role="author")
            session.commit()
        item = asked(server.library.quizzes[quiz])[0].id
        host = f"127.0.0.1:{server.port}"
        for path in (f"/author/quizzes/{quiz}/answers", f"/author/items/{item}/answers"):
            waits, before = [], load.spent(server.workers())
            for _ in range(TIMES):
                start = time.perf_counter()
                reply = wire.ask(server.port, wire.request("GET", path, host, {"Cookie": author.cookie}))
                waits.append(1000 * (time.perf_counter() - start))
                assert reply.status == 200, reply.status
            cpu = 1000 * (load.spent(server.workers()) - before) / TIMES
            print(f"{path}: median {median(waits):.0f} ms, worst {max(waits):.0f} ms, {cpu:.0f} ms of CPU", flush=True)


if __name__ == "__main__":
    main()
