"""A real server for tests: `lontar serve` as people start it, on a free port, with an instance folder of its own."""

import filecmp
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import psutil
from sqlalchemy import Engine

from app.core.compiled import KEPT as KEPT
from app.core.compiled import read_library
from app.core.content import Library
from app.ops.serving import POINTER
from app.records import hot
from app.records.engine import create_engine
from config import Config

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / ".pytest_cache" / KEPT  # what the shipped course is turned into, so that a run reads it once
SHIPPED.parent.mkdir(exist_ok=True)
LONTAR = Path(sys.executable).parent / "lontar"
FAULTS = ("a request failed", "the error page itself failed", "Traceback")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """`with Server(folder) as server:` serves the course of this checkout; `settings` are those of config.py.

    `public` is the address that visitors use, where another one than the server's own (a proxy in front).
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    public: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()
        hot.close(self.engine)
        if error is None:
            assert self.faults() == [], self.log.read_text()[-3000:]

    @property
    def base(self) -> str:
        return self.public or f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LONTAR_")}
        given = {
            "instance": str(self.folder),
            "port": str(self.port),
            "base_url": self.base,
            "languages": "en,fr,ar-XB",
            "contact": "Litia Vakatawale, training@example.org, +679 000 0000",
        } | self.settings
        return clean | {f"LONTAR_{name.upper()}": value for name, value in given.items()}

    @property
    def config(self) -> Config:
        return Config.from_environment({k: v for k, v in self.environment.items() if k.startswith("LONTAR_")})

    @cached_property
    def engine(self) -> Engine:
        return create_engine(self.config.database)

    @property
    def library(self) -> Library:
        return read_library(self.folder / (self.folder / POINTER).read_text().strip())

    @property
    def secret(self) -> bytes:
        return self.config.secret.encode() or (self.folder / "secret").read_bytes().strip()

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if "content" not in self.settings and SHIPPED.exists() and not (self.folder / KEPT).exists():
            shutil.copyfile(SHIPPED, self.folder / KEPT)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [LONTAR, "serve"], env=self.environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            self.wait()
        except RuntimeError:
            self.process.kill()
            self.process.wait()
            raise
        if "content" not in self.settings:
            self.share()

    def share(self) -> None:
        """Keep for other servers of this checkout what this one has turned the shipped course into."""
        own, waiting = self.folder / KEPT, SHIPPED.with_suffix(f".{os.getpid()}")
        if own.exists() and not (SHIPPED.exists() and filecmp.cmp(own, SHIPPED, shallow=False)):
            shutil.copyfile(own, waiting)
            waiting.replace(SHIPPED)

    def wait(self, seconds: float = 180) -> None:
        """Until it answers; raises RuntimeError with its log where it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process and self.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                if self.get("/healthz") == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def get(self, path: str, seconds: float = 10) -> int:
        """The status of a page, as a stranger sees it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path, headers={"Host": urlsplit(self.base).netloc})
            return connection.getresponse().status
        finally:
            connection.close()

    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        assert self.process
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        self.process = None

    def kill(self) -> None:
        """SIGKILL to all its processes at once, as a power cut does."""
        assert self.process
        own = [psutil.Process(self.process.pid), *self.workers()]
        for one in own:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        self.process.wait(15)
        psutil.wait_procs(own[1:], timeout=5)
        self.process = None

    def faults(self) -> list[str]:
        """Lines of the log that tell of a fault of the program."""
        return [line for line in self.log.read_text().splitlines() if any(words in line for words in FAULTS)]

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
