"""What one request costs without a server around it: python -m tests.bench_inside [--count 100] [--only final] [--profile tottime]

Requests are handed to the application as a server does, one after the other in one thread, on SQLite with the shipped
course. Printed is the processor time of each kind; with `--profile`, where it goes by function. For comparing two states of the program; `tests.bench` measures a server.
"""

import argparse
import cProfile
import io
import pstats
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
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

WARM, PARTS = 10, 5


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


def answer(app: Callable[..., Any], environ: dict[str, Any], wanted: str) -> None:
    def start(status: str, _headers: Any, *_rest: Any) -> None:
        assert status.startswith(wanted), status

    reply = app(environ, start)
    for _part in reply:
        pass
    if hasattr(reply, "close"):
        reply.close()


def spent(
    app: Callable[..., Any], requests: Sequence[bytes], wanted: str, threads: int, profile: cProfile.Profile | None
) -> float:
    """Milliseconds of processor time a request once it is warm: the middle one of `PARTS` parts."""
    ready = [environ_of(request) for request in requests]
    for one in ready[:WARM]:
        answer(app, one, wanted)
    parts, each = [], (len(ready) - WARM) // PARTS
    with ThreadPoolExecutor(threads) as pool:
        if profile:
            profile.enable()
        for start in range(WARM, WARM + PARTS * each, each):
            before = time.process_time()
            part = ready[start : start + each]
            if threads > 1:
                list(pool.map(lambda one: answer(app, one, wanted), part))
            else:
                for one in part:
                    answer(app, one, wanted)
            parts.append(1000 * (time.process_time() - before) / each)
        if profile:
            profile.disable()
    return median(parts)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=100)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--only", default="")
    options.add_argument("--profile", default="", help="sort by this column of pstats: tottime or cumtime")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        inside = Inside(Path(folder))
        site: Any = inside
        stage, final, count = readers(site, 50), str(inside.library.courses[COURSE].final), given.count + WARM
        seen = f"{SEEN}={inside.app.extensions['assets'].sheet}"
        sections = [
            wire.request("GET", SECTION, stage.host, {"Cookie": f"{seen}; {one.cookie}"}) for one in stage.people
        ]
        kinds: dict[str, tuple[Callable[..., Any], Callable[[], list[bytes]], str]] = {
            "bare view": (hello(), lambda: [wire.request("GET", "/", stage.host, {})] * 10 * count, "200"),
            "section": (inside.app, lambda: sections * (10 * count // len(sections)), "200"),
            "module": (inside.app, lambda: stage.hand_ins(count, "why"), "303"),
            "final, not passed": (inside.app, lambda: stage.hand_ins(count, final, likely=0.4), "303"),
            "final, with certificates": (inside.app, lambda: stage.hand_ins(count, final), "303"),
        }
        for name, (app, requests, wanted) in kinds.items():
            if given.only in name:
                profile = cProfile.Profile() if given.profile else None
                ready, before = requests(), psutil.Process().io_counters()
                each = spent(app, ready, wanted, given.threads, profile)
                after = psutil.Process().io_counters()
                kilobytes, calls = (
                    (after.write_chars - before.write_chars) / 1000,
                    after.write_count - before.write_count,
                )
                written = f"{kilobytes / len(ready):.0f} kB in {calls / len(ready):.0f} calls written"
                print(f"{name}: {each:.3f} ms, {written}", flush=True)
                if profile:
                    pstats.Stats(profile).sort_stats(given.profile).print_stats(60)
        hot.close(inside.engine)


if __name__ == "__main__":
    main()
