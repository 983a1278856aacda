"""What one request costs without a server around it: python -m tests.bench_inside [--count 100] [--only final]

Requests are handed to the application as a server does, by one thread or by `--threads`, on SQLite with the shipped
course. Printed are the processor time of each kind and what it writes, log and file; with `--profile tottime`, where
the time goes by function. For comparing two states of the program; `tests.bench` measures a server.
"""

import argparse
import cProfile
import gc
import io
import pstats
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
from flask import Flask
from sqlalchemy import Engine

from app import create_app
from app.core.content import Library
from app.records import hot
from app.records.engine import migrate
from app.web.assets import SEEN
from config import Config
from tests import wire
from tests.bench import COURSE, SECTION, hello, readers
from tests.serving import ROOT, SHIPPED
from tests.web.conftest import load_course

WARM, PARTS = 10, 10
READERS = 50


@dataclass
class Inside:
    """An application in this process, as a `Stage` needs it."""

    folder: Path
    port: int = 8000

    @cached_property
    def app(self) -> Flask:
        base = f"http://127.0.0.1:{self.port}"
        config = Config(instance=self.folder, base_url=base, secret="0123456789abcdef0123456789abcdef", contact="x")
        app = create_app(config, self.library)
        migrate(app.extensions["engine"])
        gc.freeze()  # as `app.worker` does
        return app

    @cached_property
    def library(self) -> Library:
        return load_course(ROOT, SHIPPED)

    @property
    def engine(self) -> Engine:
        found: Engine = self.app.extensions["engine"]
        return found

    @property
    def secret(self) -> bytes:
        found: bytes = self.app.extensions["secret"]
        return found


def environ_of(request: bytes) -> dict[str, Any]:
    """What a server makes of a request."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _version = first.split(" ")
    found = {"REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": ""}
    for name, _, value in (line.partition(": ") for line in lines):
        known = name.upper().replace("-", "_")
        found[known if known.startswith("CONTENT_") else f"HTTP_{known}"] = value
    place = {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1"}
    return found | place | {"REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body)}


@dataclass
class Kind:
    """Requests of one kind: the application that answers them, with which status, and how they are made ready."""

    app: Callable[..., Any]
    status: str
    ready: Callable[[], list[bytes]]

    def cost(self, threads: int, profile: AbstractContextManager[Any]) -> str:
        """Milliseconds of processor time a request once it is warm, and what it writes.

        Of `PARTS` parts the best, since what else the machine does only adds to it.
        """
        requests = [environ_of(request) for request in self.ready()]
        parts, each = [], (len(requests) - WARM) // PARTS
        with ThreadPoolExecutor(threads) as pool:
            together = pool.map if threads > 1 else map  # the profiler sees one thread
            list(together(self.answer, requests[:WARM]))
            written = psutil.Process().io_counters()
            with profile:
                for start in range(WARM, WARM + PARTS * each, each):
                    before = time.process_time()
                    list(together(self.answer, requests[start : start + each]))
                    parts.append(1000 * (time.process_time() - before) / each)
        after, count = psutil.Process().io_counters(), PARTS * each
        kilobytes = (after.write_chars - written.write_chars) / 1000 / count
        calls = (after.write_count - written.write_count) / count
        return f"{min(parts):.3f} ms, {kilobytes:.0f} kB written in {calls:.0f} calls"

    def answer(self, environ: dict[str, Any]) -> None:
        said = []
        reply = self.app(environ, lambda status, *_rest: said.append(status))
        b"".join(reply)
        if hasattr(reply, "close"):
            reply.close()
        if not said[0].startswith(self.status):
            raise SystemExit(f"{environ['PATH_INFO']}: {said[0]} instead of {self.status}")


def kinds_of(inside: Inside, count: int) -> dict[str, Kind]:
    site: Any = inside
    stage, final = readers(site, READERS), str(inside.library.courses[COURSE].final)
    seen = f"{SEEN}={inside.app.extensions['assets'].sheet}"
    bare = wire.request("GET", "/", stage.host, {})
    sections = [wire.request("GET", SECTION, stage.host, {"Cookie": f"{seen}; {one.cookie}"}) for one in stage.people]
    return {
        "bare view": Kind(hello(), "200", lambda: [bare] * (10 * count)),
        "section": Kind(inside.app, "200", lambda: (sections * count)[: 10 * count]),
        "module": Kind(inside.app, "303", lambda: stage.hand_ins(count, "why")),
        "final, not passed": Kind(inside.app, "303", lambda: stage.hand_ins(count, final, likely=0.4)),
        "final, with its two certificates": Kind(inside.app, "303", lambda: stage.hand_ins(count, final)),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=100)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--only", default="")
    options.add_argument("--profile", default="", help="sort by this column of pstats: tottime or cumtime")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        inside = Inside(Path(folder))
        for name, kind in kinds_of(inside, given.count + WARM).items():
            if given.only in name:
                profile = cProfile.Profile(time.process_time)
                cost = kind.cost(given.threads, profile if given.profile else nullcontext())
                print(f"{name}: {cost}", flush=True)
                if given.profile:
                    pstats.Stats(profile).sort_stats(given.profile).print_stats(60)
        hot.close(inside.engine)


if __name__ == "__main__":
    main()
