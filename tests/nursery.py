"""Children that read files, made quickly: a process that has imported everything forks them.

A child is the same program with the same limits as `app.core.worker` starts by itself, without the half second that
importing takes each time. Commands and servers that tests start as processes use the real way.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from typing import BinaryIO, NoReturn

from app.core import worker

KILL = b"k"


class Child:
    """What `app.core.worker` uses of a process."""

    def __init__(self) -> None:
        (far_in, near_in), (near_out, far_out) = os.pipe(), os.pipe()
        self.link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        socket.send_fds(nurse(), [b"child"], [far_in, far_out, theirs.fileno()])
        for end in (far_in, far_out):
            os.close(end)
        theirs.close()
        self.stdin: BinaryIO = os.fdopen(near_in, "wb")
        self.stdout: BinaryIO = os.fdopen(near_out, "rb")
        self.code: int | None = None

    def kill(self) -> None:
        if self.code is None:
            self.link.send(KILL)

    def wait(self, timeout: float | None = None) -> int:
        """How it ended: 0, or minus the signal."""
        if self.code is None:
            self.link.settimeout(timeout)
            try:
                self.code = int.from_bytes(self.link.recv(4), "big", signed=True)
            except TimeoutError:
                raise subprocess.TimeoutExpired("a child that reads", timeout or 0) from None
            self.link.close()
        return self.code


@cache
def nurse() -> socket.socket:
    """The way to the process that forks; it is started when the first child is wanted, and ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", __name__, str(theirs.fileno())]
    started = subprocess.Popen(command, pass_fds=[theirs.fileno()])
    theirs.close()
    atexit.register(_end, started, ours)
    return ours


def _end(started: "subprocess.Popen[bytes]", way: socket.socket) -> None:
    way.close()
    started.wait(10)


def nurse_all(orders: socket.socket) -> None:
    """Fork for each order a keeper, which starts the child, ends it when told to, and says how it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are nobody's to wait for
    while True:
        word, handed, _, _ = socket.recv_fds(orders, 16, 3)
        if not word:
            return
        if os.fork() == 0:
            orders.close()
            keep(*handed)
        for end in handed:
            os.close(end)


def keep(source: int, sink: int, link: int) -> NoReturn:
    """Start a child between two pipes, and stay until it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.dup2(source, 0)
        os.dup2(sink, 1)
        for end in (source, sink, link):
            os.close(end)
        with suppress(SystemExit):
            worker.main()
        os._exit(0)
    os.close(source)
    os.close(sink)
    link_of = socket.socket(fileno=link)
    threading.Thread(target=kill_when_told, args=(link_of, child), daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(OSError):
        link_of.send(code.to_bytes(4, "big", signed=True))
    os._exit(0)


def kill_when_told(link: socket.socket, child: int) -> None:
    """Kill it on the parent's word, or when the parent is gone."""
    link.recv(1)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    nurse_all(socket.socket(fileno=int(sys.argv[1])))
