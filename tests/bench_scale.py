"""`make bench-scale`: what the pages of administrators and authors, exports and the health report cost as a site grows.

    python -m tests.bench_scale [--scale 10000,100000] [--databases sqlite,postgresql] [--times 5] [--minutes 20]

Each size is a site of its own in a scratch folder, filled by `lontar demo` and served by `lontar serve` with one
worker.
The pages are those of `tests/browser/places.py` that are not for learners, so a page that is listed there is measured.
A size that is not reached within `--minutes` is measured as it is, and says how many people there are.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Container, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import text

from app.core.formats import XLSX_ROWS
from app.ops import demo, serving
from app.records import hot
from app.records.engine import create_engine, migrate, open_session
from tests import databases, load, wire
from tests.bench import COURSE, machine
from tests.browser import places
from tests.browser.places import Place
from tests.ops.bars import SILENT
from tests.serving import ROOT, Server

STAFF = ("/admin", "/author", "/focal", "/statistics")
SEARCHES = {"a family name": "/admin/learners?q=rahimi", "a name that nobody has": "/admin/learners?q=zzzz"}
AT_ONCE = 50_000  # people made between two looks at the clock
AIM_MS = 200


@dataclass
class Cost:
    """Processor time and time on the clock, both in seconds; `mb`: the most memory that was resident."""

    cpu: float
    wall: float
    mb: float = 0.0


UNKNOWN = Cost(0, 0)


@dataclass
class Site:
    """What was measured at one size: `jobs` by name, `pages` by name."""

    people: int = 0
    mb: float = 0.0
    jobs: dict[str, Cost] = field(default_factory=dict)
    pages: dict[str, Cost] = field(default_factory=dict)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of this kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'lontar.sqlite'}"
        return
    server = databases.Server(databases.folders()[0])
    try:
        with databases.Copy(server.address) as address:
            yield address
    finally:
        server.stop()


def fill(server: Server, people: int, minutes: float) -> tuple[int, Cost]:
    """Add demonstration people until there are so many, or the time is over, in this process."""
    engine = create_engine(server.config.database)
    migrate(engine)
    made, cpu, wall = 0, time.process_time(), time.monotonic()
    while made < people and time.monotonic() - wall < minutes * 60:
        more = min(AT_ONCE, people - made)
        demo.populate(engine, server.config, more, "scale", datetime.now(UTC), SILENT)
        made += more
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # the server's own service does it within a minute
    hot.close(engine)
    return made, Cost(time.process_time() - cpu, time.monotonic() - wall)


def size(server: Server) -> float:
    """What the records take on the disk, in MB."""
    with open_session(server.engine, write=False) as session:
        if server.engine.dialect.name == "sqlite":
            return (server.folder / "lontar.sqlite").stat().st_size / 1e6
        return float(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one()) / 1e6


def command(server: Server, *words: str, fine: Container[int] = (0,)) -> Cost:
    """A `lontar` command in a process of its own: what it took, and the most memory that it held. It stops all where
    the command ends with a status that is not `fine`."""
    began = time.monotonic()
    call = [sys.executable, "-c", "from app.cli import main; main()", *words]
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(call, env=server.environment, cwd=ROOT, stdout=told)
        mb = 0.0
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            mb = max(mb, held(process.pid))
            time.sleep(0.05)
        _pid, status, used = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in fine:
            told.seek(0)
            raise SystemExit(f"lontar {' '.join(words)} ended with {process.returncode}:\n{told.read()}")
    return Cost(used.ru_utime + used.ru_stime, time.monotonic() - began, mb)


def held(pid: int) -> float:
    """The most memory of a process so far, in MB; what wait4 says holds that of the process that started it, too."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def staff_pages(found: list[Place]) -> list[Place]:
    """What is not for learners, and searches in the list of people."""
    pages = [one for one in found if one.path.startswith(STAFF) and one.status == 200]
    admin = next(one.who for one in pages if one.path == "/admin")
    return [*pages, *(Place(f"admin learners, {name}", path, admin) for name, path in SEARCHES.items())]


def page(server: Server, place: Place, times: int) -> Cost | None:
    """One page, warm: the processor time of the worker, each look on a connection of its own; None where it fails."""
    host = f"127.0.0.1:{server.port}"
    request = wire.request("GET", place.path, host, {"Cookie": place.who.cookie} if place.who else {})
    workers, waits = server.workers(), []
    for look in range(times + 1):
        if look == 1:
            before = load.spent(workers)
        start = time.perf_counter()
        reply = wire.ask(server.port, request, seconds=120)
        waits.append(time.perf_counter() - start)
        if reply.status != place.status:
            print(f"{place.name} ({place.path}) answered {reply.status}", file=sys.stderr, flush=True)
            return None
    return Cost((load.spent(workers) - before) / times, median(waits[1:]))


def measure(kind: str, people: int, times: int, minutes: float, folder: Path) -> Site:
    """All costs of a site of this size."""
    with database(kind, folder) as address:
        server = Server(folder, {"database_url": address, "workers": "1"})
        found = Site()
        found.people, found.jobs["lontar demo"] = fill(server, people, minutes)
        found.mb = size(server)
        serving.prepare(server.config)  # commands are measured beside a server that has checked the course
        roster = ("export", "completions", "--course", COURSE, "--output")
        for format in ("csv", "jsonl", "xlsx") if found.people <= XLSX_ROWS else ("csv", "jsonl"):
            found.jobs[f"roster, {format}"] = command(
                server, *roster, str(folder / f"roster.{format}"), "--format", format
            )
        found.jobs["lontar doctor"] = command(
            server, "doctor", fine=(0, 1)
        )  # 1: it found something; before counts are made up for the pages
        with server:
            for place in staff_pages(places.make(server)):
                if cost := page(server, place, times):
                    found.pages[place.name] = cost
        return found


def told(kind: str, sites: list[Site]) -> Iterator[str]:
    """The tables of one kind of database: a column for each size, and how the cost grows from the first to the last."""
    heads = [f"{site.people:,}" for site in sites]
    yield f"\n{kind}, MB on the disk: " + ", ".join(f"{site.mb:,.0f} at {site.people:,} people" for site in sites)
    yield "\n| | " + " | ".join(f"{head}: s, CPU s, MB" for head in heads) + " |"
    yield "|---|" + "--:|" * len(heads)
    for name in sites[0].jobs:
        costs = [site.jobs.get(name, UNKNOWN) for site in sites]
        cells = (f"{one.wall:.1f}, {one.cpu:.1f}, {one.mb:.0f}" for one in costs)
        yield f"| {name} | {' | '.join(cells)} |"
    yield "\n| page | " + " | ".join(f"{head}: CPU ms | ms" for head in heads) + " | grows by |"
    yield "|---|" + "--:|" * (2 * len(heads) + 1)
    for name, last in sorted(sites[-1].pages.items(), key=lambda one: -one[1].cpu):
        costs = [site.pages.get(name, UNKNOWN) for site in sites]
        cells = (f"{1000 * one.cpu:.0f} | {1000 * one.wall:.0f}" for one in costs)
        over = " **over the aim**" if 1000 * last.cpu > AIM_MS else ""
        yield f"| {name} | {' | '.join(cells)} | {last.cpu / max(costs[0].cpu, 0.001):.1f}{over} |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", default="10000,100000", help="numbers of people, with commas")
    options.add_argument("--databases", default="sqlite,postgresql")
    options.add_argument("--times", type=int, default=5)
    options.add_argument("--minutes", type=float, default=20)
    given = options.parse_args()
    print(machine(), flush=True)
    for kind in given.databases.split(","):
        sites = []
        for people in map(int, given.scale.split(",")):
            with ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lontar-scale-")))
                sites.append(measure(kind, people, given.times, given.minutes, folder))
            print(f"{kind}: {people:,} people measured", file=sys.stderr, flush=True)
        print("\n".join(told(kind, sites)), flush=True)


if __name__ == "__main__":
    main()
