"""The server's processes: an old one stops when the one that comes after it is ready."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from granian.server import MPServer

READY = "lontar.ready"  # in the instance folder: the process that became ready last
LONGEST = 60  # seconds that an old process waits for the new one
STEP = 0.05
SETTLES = 0.5  # seconds from the application being ready to the first answer


def tell_ready(instance: Path) -> None:
    """Say that this process has all it needs; on a full disk the old one waits its longest."""
    with suppress(OSError):
        (instance / READY).write_text(str(os.getpid()))


class Server(MPServer):
    """Granian's server, in which a new process takes over from an old one however long it takes to get ready.

    Granian itself gives each new process the same few seconds; on a busy machine nobody would answer after them. Who
    tells the server to stop meanwhile is obeyed at once.
    """

    def __init__(self, *given: Any, instance: Path, ready: Callable[[], None], **named: Any) -> None:
        super().__init__(*given, **named)
        self.instance, self.ready = instance, ready

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        """The first processes; `ready` is called when one of them listens."""
        granian: Any = super()  # it has no types
        granian._spawn_workers(spawn_target, target_loader)
        processes: list[Any] = self.wrks
        while not self.interrupt_signal and any(one.is_alive() for one in processes):
            if self.listens():
                self.ready()
                return
            time.sleep(STEP)

    def listens(self) -> bool:
        with suppress(OSError):
            socket.create_connection((self.bind_addr, self.bind_port), timeout=1).close()
            return True
        return False

    def _respawn_workers(self, workers: Sequence[int], spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        if not delay:  # they died: there is nobody to wait for
            super()._respawn_workers(workers, spawn_target, target_loader)
            return
        for number in workers:
            old: Any = self.wrks[number]  # Granian's processes have no types
            new: Any = self._spawn_worker(idx=number, target=spawn_target, callback_loader=target_loader)
            self.respawned_wrks[number] = time.monotonic()
            new.start()
            self.wrks[number] = new
            self.wait_for(new)
            old.terminate()
            old.join(self.workers_kill_timeout)
            if old.is_alive():
                old.kill()
                old.join()

    def wait_for(self, new: Any) -> None:
        """Until this process is ready, has failed, or the server is told to stop."""
        end = time.monotonic() + LONGEST
        while new.is_alive() and not self.interrupt_signal and time.monotonic() < end:
            if self.last_ready() == str(new.inner.pid):
                time.sleep(SETTLES)
                return
            time.sleep(STEP)

    def last_ready(self) -> str:
        try:
            return (self.instance / READY).read_text()
        except OSError:
            return ""
