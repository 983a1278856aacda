"""Load for measurements: processes that keep connections open and send prepared requests, each after the last reply."""

import multiprocessing
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import psutil

PROCESSES, CONNECTIONS = 2, 8


@dataclass
class Run:
    """Replies by status, how long each took, and how much processor time the server spent meanwhile, in seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Run") -> "Run":
        return Run(
            self.statuses + other.statuses, self.waits + other.waits, self.seconds + other.seconds, self.cpu + other.cpu
        )

    @property
    def count(self) -> int:
        return len(self.waits)

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_each(self) -> float:
        """Milliseconds of processor time a request."""
        return 1000 * self.cpu / self.count

    def wait(self, share: float) -> float:
        """The time, in milliseconds, that this share of the requests took at most."""
        ordered = sorted(self.waits)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Link:
    """One open connection: what it sent last, when, and what has come back of the reply."""

    socket: socket.socket
    sent: float = 0.0
    data: bytearray = field(default_factory=bytearray)
    expected: int = -1

    def send(self, request: bytes) -> None:
        self.data.clear()
        self.expected = -1
        self.sent = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int:
        """Status of the reply once it is whole, else 0."""
        part = self.socket.recv(262144)
        if not part:
            raise ConnectionResetError("the server closed the connection")
        self.data += part
        if self.expected < 0:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return 0
            head = bytes(self.data[:end]).lower()
            at = head.find(b"content-length: ")
            length = int(head[at + 16 :].split(b"\r", 1)[0]) if at >= 0 else 0
            self.expected = end + 4 + length
        return int(self.data[9:12]) if len(self.data) >= self.expected else 0


def work(port: int, requests: Sequence[bytes], seconds: float, out: "multiprocessing.Queue[Run]") -> None:
    """One process: for so many seconds, or, where `seconds` is 0, until each request was sent once."""
    run = Run()
    waiting: Iterator[bytes] = cycle(requests) if seconds else iter(requests)
    chooser = selectors.DefaultSelector()
    start = time.perf_counter()
    for _ in range(CONNECTIONS):
        link = Link(socket.create_connection(("127.0.0.1", port)))
        link.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if first := next(waiting, None):
            chooser.register(link.socket, selectors.EVENT_READ, link)
            link.send(first)
    while chooser.get_map():
        for key, _events in chooser.select(10):
            link = key.data
            status = link.receive()
            if not status:
                continue
            now = time.perf_counter()
            run.statuses[status] += 1
            run.waits.append(now - link.sent)
            following = next(waiting, None) if not seconds or now - start < seconds else None
            if following is None:
                chooser.unregister(link.socket)
                link.socket.close()
            else:
                link.send(following)
    run.seconds = time.perf_counter() - start
    out.put(run)


def measure(port: int, servers: Sequence[psutil.Process], requests: Sequence[bytes], seconds: float = 0) -> Run:
    """All processes together; the processor time is that of the servers alone."""
    out: multiprocessing.Queue[Run] = multiprocessing.Queue()
    share = (
        [requests[number::PROCESSES] for number in range(PROCESSES)] if len(requests) > 1 else [requests] * PROCESSES
    )
    before = spent(servers)
    processes = [multiprocessing.Process(target=work, args=(port, part, seconds, out)) for part in share]
    for one in processes:
        one.start()
    runs = [out.get(timeout=300) for _ in processes]
    for one in processes:
        one.join()
    total = sum(runs, Run())
    total.seconds = max(run.seconds for run in runs)
    total.cpu = spent(servers) - before
    return total


def spent(servers: Sequence[psutil.Process]) -> float:
    """Processor time of these processes so far, in seconds."""
    return sum(sum(one.cpu_times()[:2]) for one in servers)
