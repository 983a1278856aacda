"""`make bench`: what pages, answers and hand-ins cost, beside a bare Flask view on the same server in the same run.

    python -m tests.bench [--seconds 2] [--rounds 3] [--hand-ins 1500]

The server is `lontar serve` as shipped (2 workers x 4 threads) with SQLite and the shipped course. The processor time
is the server's alone; "share" compares requests per second of processor time with the bare view's.
"""

import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from app.core.grading import item_of
from app.records import attempts
from app.records.engine import open_session
from tests import learners, load, wire
from tests.answering import right_fields
from tests.load import Run
from tests.serving import ROOT, Server, free_port

COURSE = "social-protection"
SECTION = f"/courses/{COURSE}/why/three-lives"
OUTLINE = f"/courses/{COURSE}/"
READERS = 200


def hello() -> Any:
    """The bare view that everything is compared with."""
    from flask import Flask

    app = Flask("hello")

    @app.get("/")
    def greet() -> str:
        return "Hello"

    return app


def serve_hello(port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "tests.bench:hello",
        factory=True,
        interface=Interfaces.WSGI,
        port=port,
        workers=2,
        blocking_threads=4,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


@contextmanager
def bare() -> Any:
    """The bare view's server: (port, its worker processes)."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench", "--hello", str(port)], cwd=ROOT)
    try:
        end = time.monotonic() + 30
        while True:
            try:
                wire.ask(port, wire.request("GET", "/", f"127.0.0.1:{port}", {}))
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        yield port, psutil.Process(process.pid).children(recursive=True)
    finally:
        process.terminate()
        process.wait(15)


@dataclass
class Stage:
    """The running server and the people on it."""

    server: Server
    people: list[learners.Learner]

    def __post_init__(self) -> None:
        self.library = self.server.library
        self.host = f"127.0.0.1:{self.server.port}"
        self.course = self.library.courses[COURSE]

    def get(self, path: str, who: learners.Learner | None = None) -> bytes:
        sheet = wire.ask(self.server.port, wire.request("GET", "/", self.host, {})).cookies[0].split(";")[0]
        cookies = f"{sheet}; {who.cookie}" if who else sheet
        return wire.request("GET", path, self.host, {"Cookie": cookies})

    def post(self, path: str, who: learners.Learner, fields: dict[str, Any]) -> bytes:
        body = urlencode(fields | {"csrf_token": who.csrf}, doseq=True).encode()
        return wire.request("POST", path, self.host, {"Cookie": who.cookie}, body)

    def pages(self, path: str) -> list[bytes]:
        sheet = self.get(path)
        return [sheet.replace(b"Cookie: ", b"Cookie: " + one.cookie.encode() + b"; ") for one in self.people]

    def answers(self) -> list[bytes]:
        """Each learner answers each question of her open attempt, again and again."""
        requests = []
        with open_session(self.server.engine, write=True) as session:
            for who in self.people:
                attempt = learners.begin(session, self.library, who.id, "why")
                paper = attempts.paper_of(attempt)
                items = attempts.items_of(session, self.library, paper)
                for number, question in enumerate(paper.questions, 1):
                    fields = right_fields(item_of(question, items), question.drawn)
                    issued = {"issued": str(time.time_ns() // 1000)}
                    requests.append(self.post(f"/attempts/{attempt.id}/{number}", who, fields | issued))
            session.commit()
        random.Random(1).shuffle(requests)
        return requests

    def hand_ins(self, count: int, quiz: str, likely: float = 1.0) -> list[bytes]:
        """As many attempts, complete but for being handed in; for the final, all else is done.

        `likely`: how likely each answer is right.
        """
        requests, chance = [], random.Random(2)
        for start in range(0, count, 250):
            with open_session(self.server.engine, write=True) as session:
                names = [f"{quiz} {likely} {number}" for number in range(start, min(count, start + 250))]
                people = learners.make(session, self.server.secret, names)
                if quiz == self.course.final:
                    learners.all_but_the_final(session, self.library, [who.id for who in people], COURSE)
                for who in people:
                    attempt = learners.begin(session, self.library, who.id, quiz)
                    learners.save(session, attempt, learners.values(session, self.library, attempt, likely, chance))
                    requests.append(self.post(f"/attempts/{attempt.id}/hand-in", who, {}))
                session.commit()
        return requests

    def sign_ins(self) -> list[bytes]:
        fields = {"password": learners.PASSWORD, "device": "own"}
        return [
            wire.request("POST", "/sign-in", self.host, {}, urlencode(fields | {"login": who.login}).encode())
            for who in self.people
        ]


def readers(server: Server, count: int) -> Stage:
    """Readers in the middle of the course, signed in."""
    with open_session(server.engine, write=True) as session:
        people = learners.make(session, server.secret, [f"reader{number}" for number in range(count)])
        for number, who in enumerate(people):
            learners.read(session, server.library, who.id, COURSE, leave=1 + number % 12)
        session.commit()
    return Stage(server, people)


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())
    others = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}, {platform.system()};"
        f" load before the run {others:.1f}"
    )


def rows(found: dict[str, Run]) -> list[str]:
    base = found["bare Flask view"].cpu_each
    lines = [
        "| | requests/s | median ms | p99 ms | CPU ms per request | share of the bare view |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, run in found.items():
        lines.append(
            f"| {name} | {run.rate:,.0f} | {run.wait(0.5):.1f} | {run.wait(0.99):.1f} | {run.cpu_each:.3f} "
            f"| {100 * base / run.cpu_each:.0f} % |"
        )
    return lines


def check(name: str, run: Run, wanted: int) -> None:
    wrong = {status: count for status, count in run.statuses.items() if status != wanted}
    if wrong:
        raise SystemExit(f"{name}: {wrong} instead of {wanted}")


def throughput(site: Stage, seconds: float, rounds: int, hand_ins: int) -> dict[str, Run]:
    """All kinds of requests, in turns, so that a busy moment of the machine meets all of them."""
    server = site.server
    with bare() as (port, bare_processes):
        kinds: dict[str, tuple[int, Sequence[psutil.Process], list[bytes], int]] = {
            "bare Flask view": (port, bare_processes, [wire.request("GET", "/", f"127.0.0.1:{port}", {})], 200),
            "section page, signed in": (server.port, server.workers(), site.pages(SECTION), 200),
            "section page, public": (server.port, server.workers(), [site.get(SECTION)], 200),
            "outline, signed in": (server.port, server.workers(), site.pages(OUTLINE), 200),
            "saving an answer": (server.port, server.workers(), site.answers(), 303),
        }
        found = {name: Run() for name in kinds}
        for at, processes, requests, _wanted in kinds.values():
            load.measure(at, processes, requests * 4)  # what is made once for many, each worker makes now
        for _ in range(rounds):
            for name, (at, processes, requests, wanted) in kinds.items():
                run = load.measure(at, processes, requests, seconds)
                check(name, run, wanted)
                found[name] += run
    once = {
        "handing in a module quiz": site.hand_ins(hand_ins, "why"),
        "handing in the final, not passed": site.hand_ins(hand_ins // 2, str(site.course.final), likely=0.4),
        "handing in the final, with its two certificates": site.hand_ins(hand_ins // 2, str(site.course.final)),
        "signing in": site.sign_ins(),
    }
    for name, requests in once.items():
        found[name] = load.measure(server.port, server.workers(), requests)
        check(name, found[name], 303)
    return found


def sizes(site: Stage) -> list[str]:
    port, who = site.server.port, site.people[0]
    with open_session(site.server.engine, write=True) as session:
        done, begun = (learners.make(session, site.server.secret, [name])[0] for name in ("graduate", "sitter"))
        learners.certify(session, site.library, done.id, COURSE)
        attempt = learners.begin(session, site.library, begun.id, "why")
        result = attempts.history(session, done.id, "why")[0].id
        session.commit()
    pages = {
        "home": ("/", None),
        "outline": (OUTLINE, None),
        "section": (SECTION, None),
        "sign in": ("/sign-in", None),
        "home, signed in": ("/", who),
        "outline, signed in": (OUTLINE, who),
        "section, signed in": (SECTION, who),
        "question": (f"/attempts/{attempt.id}/1", begun),
        "review": (f"/attempts/{attempt.id}/review", begun),
        "result": (f"/attempts/{result}/result", done),
        "glossary": ("/glossary", None),
        "sources": ("/sources", None),
        "a module to print": (f"/courses/{COURSE}/why/print", None),
    }
    lines = [
        "| page | first visit, all of it | requests | next page of the day | the same page again |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, (path, person) in pages.items():
        first, later, again = wire.visits(port, path, person.cookie if person else "")
        lines.append(f"| {name} | {first.all:,} | {first.requests} | {later.all:,} | {again.all:,} |")
    return lines


def memory(server: Server) -> list[str]:
    full = [one.memory_full_info() for one in server.workers()]
    return [
        f"| worker {n} | {one.rss / 1e6:.0f} | {one.pss / 1e6:.0f} | {one.uss / 1e6:.0f} |"
        for n, one in enumerate(full, 1)
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=2)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--hand-ins", type=int, default=1500)
    options.add_argument("--hello", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.hello:
        return serve_hello(given.hello)
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        site = readers(server, READERS)
        found = throughput(site, given.seconds, given.rounds, given.hand_ins)
        print("\n".join(["", *rows(found)]))
        print("\n".join(["", "Bytes on the wire, heads included, gzip:", "", *sizes(site)]))
        print("\n".join(["", "| memory, MB | resident | its share | its own |", "|---|--:|--:|--:|", *memory(server)]))
    return None


if __name__ == "__main__":
    main()
