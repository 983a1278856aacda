"""Requests as bytes on a socket: what comes back, and how much of it."""

import gzip
import re
import socket
from dataclasses import dataclass

LINKED = re.compile(rb'(?:href|src)="(/static/[^"]+)"')
AHEAD = re.compile(rb'<link rel="prefetch"[^>]*>')


@dataclass(frozen=True)
class Reply:
    """`size`: bytes on the wire, head and body as they were sent."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: bytes
    size: int

    @property
    def text(self) -> bytes:
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body

    @property
    def parts(self) -> list[str]:
        """Addresses of style, script and pictures that the page needs; not what it fetches ahead."""
        return list(dict.fromkeys(one.decode() for one in LINKED.findall(AHEAD.sub(b"", self.text))))


def request(method: str, path: str, host: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = {"Host": host, "Accept-Encoding": "gzip, deflate"} | headers
    if method != "GET":
        lines |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        lines |= {"Sec-Fetch-Site": "same-origin"}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def ask(port: int, sent: bytes, host: str = "127.0.0.1", seconds: float = 30) -> Reply:
    """Send a whole request on a connection of its own and read the whole reply. Raises OSError where there is none."""
    with socket.create_connection((host, port), timeout=seconds) as link:
        link.sendall(sent)
        data = b""
        while b"\r\n\r\n" not in data:
            data += received(link)
        head, _, body = data.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:]]
        headers = {name.lower(): value for name, _, value in lines}
        while len(body) < int(headers.get("content-length", "0")):
            body += received(link)
    cookies = tuple(value for name, _, value in lines if name.lower() == "set-cookie")
    return Reply(int(head[9:12]), headers, cookies, body, len(head) + 4 + len(body))


def received(link: socket.socket) -> bytes:
    part = link.recv(65536)
    if not part:
        raise ConnectionResetError("the server closed the connection in the middle of its reply")
    return part


@dataclass(frozen=True)
class Visit:
    """Bytes on the wire of one page and what it needs, and the number of requests."""

    page: int
    parts: int
    requests: int

    @property
    def all(self) -> int:
        return self.page + self.parts


def visits(port: int, path: str, cookie: str = "") -> tuple[Visit, Visit, Visit]:
    """A first visit, a further page of the same kind on the same day, and coming back to the same page.

    Cookies and files are kept in between as browsers do.
    """
    host = f"127.0.0.1:{port}"
    first = ask(port, request("GET", path, host, {"Cookie": cookie} if cookie else {}))
    sizes = [ask(port, request("GET", one, host, {})).size for one in first.parts]
    kept = "; ".join([cookie, *(crumb.split(";")[0] for crumb in first.cookies)]).strip("; ")
    second = ask(port, request("GET", path, host, {"Cookie": kept}))
    tag = second.headers.get("etag")
    third = ask(port, request("GET", path, host, {"Cookie": kept} | ({"If-None-Match": tag} if tag else {})))
    return (
        Visit(first.size, sum(sizes), 1 + len(sizes)),
        Visit(second.size, 0, 1),
        Visit(third.size, 0, 1),
    )
