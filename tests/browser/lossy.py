"""A bad link: a proxy that hands every request to the server, and loses half of the replies to forms and pages.

The server has answered by then, so the learner cannot know whether what she sent has arrived. Of each kind of form the
first reply is lost; then chance decides: were it every second reply, some round of Back and again would lose the same
reply for ever.
"""

import random
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from tests.serving import free_port


@dataclass
class Lossy:
    """Listens on `port` and speaks with the server on `target`; `lost` and `passed` count replies by kind."""

    target: int
    port: int = field(default_factory=free_port)
    lost: dict[str, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)
    chances: dict[str, random.Random] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Lossy":
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def listen(self) -> None:
        with suppress(OSError):
            while True:
                browser, _address = self.listener.accept()
                threading.Thread(target=self.serve, args=(browser,), daemon=True).start()

    def serve(self, browser: socket.socket) -> None:
        with browser, suppress(OSError):
            head, body = read_request(browser)
            if not head:
                return
            method, path, _version = head.split(b"\r\n", 1)[0].decode().split(" ")
            reply = self.ask(head, body)
            if not self.loses(method, path):
                browser.sendall(reply)

    def ask(self, head: bytes, body: bytes) -> bytes:
        """The server's whole reply; it is asked by its own address, since it answers at no other."""
        head = head.replace(f"127.0.0.1:{self.port}".encode(), f"127.0.0.1:{self.target}".encode())
        with socket.create_connection(("127.0.0.1", self.target), timeout=30) as server:
            server.sendall(head.replace(b"\r\nConnection: keep-alive", b"") + b"\r\nConnection: close\r\n\r\n" + body)
            parts = []
            while part := server.recv(65536):
                parts.append(part)
            return b"".join(parts)

    def loses(self, method: str, path: str) -> bool:
        if path.startswith("/static/"):
            return False
        kind = kind_of(method, path)
        with self.lock:
            chance = self.chances.setdefault(method, random.Random(method))
            is_first = method == "POST" and kind not in self.lost
            counts = self.lost if is_first or chance.random() < 0.5 else self.passed
            counts[kind] = counts.get(kind, 0) + 1
            return counts is self.lost


def kind_of(method: str, path: str) -> str:
    """Of a form what it does, which is how its address ends; a question's ends with its number."""
    if method != "POST":
        return method
    end = path.partition("?")[0].rpartition("/")[2]
    return "answer" if end.isdigit() else end


def read_request(browser: socket.socket) -> tuple[bytes, bytes]:
    """Head, without the empty line, and body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = browser.recv(65536)
        if not part:
            return b"", b""
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += browser.recv(65536)
    return head, body
