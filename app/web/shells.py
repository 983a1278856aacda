"""Pages that many people see alike, rendered once and filled in: a reader's own words go into the holes.

A shell is rendered with marks in the places of what belongs to one reader (the form token, her name, her notes), cut
there, and each piece is compressed once. A request then joins the pieces with her values in between: no template runs.
"""

import hashlib
import re
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any

from flask import Response, current_app, request

from app.web.assets import GZIP_HEADER, LAST_BLOCK, accepts_gzip, piece

MOST = 400
HOLE = re.compile("\ue000([a-z0-9-]+)\ue001")


def mark(name: str) -> str:
    """What stands in a shell where the value `name` will go; private characters that no text holds."""
    return f"\ue000{name}\ue001"


class Shell:
    """A rendered page cut at its marks: pieces, plain and compressed, with the names of the holes between them."""

    def __init__(self, html: str) -> None:
        parts = HOLE.split(html)
        self.pieces = [piece(part.encode()) for part in parts[0::2]]
        self.holes = parts[1::2]
        self.digest = hashlib.blake2b(html.encode(), digest_size=12).digest()

    def tag(self, values: Mapping[str, bytes]) -> str:
        """A hash that differs wherever the filled page differs."""
        seal = hashlib.blake2b(self.digest, digest_size=12)
        for name in self.holes:
            seal.update(b"%d:" % len(values[name]) + values[name])
        return seal.hexdigest()

    def plain(self, values: Mapping[str, bytes]) -> bytes:
        parts = [self.pieces[0].raw]
        for name, after in zip(self.holes, self.pieces[1:], strict=True):
            parts += [values[name], after.raw]
        return b"".join(parts)

    def packed(self, values: Mapping[str, bytes]) -> bytes:
        """One gzip stream; the values in the holes are stored as they are, since compressing a few bytes costs more."""
        raw = self.plain(values)
        parts = [GZIP_HEADER, self.pieces[0].deflated]
        for name, after in zip(self.holes, self.pieces[1:], strict=True):
            parts += [stored(values[name]), after.deflated]
        parts += [LAST_BLOCK, zlib.crc32(raw).to_bytes(4, "little"), (len(raw) & 0xFFFFFFFF).to_bytes(4, "little")]
        return b"".join(parts)


def stored(value: bytes) -> bytes:
    """Stored blocks of deflate; each holds 65,535 bytes at most."""
    blocks = []
    for start in range(0, len(value), 0xFFFF):
        block = value[start : start + 0xFFFF]
        size = len(block)
        blocks.append(b"\x00" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + block)
    return b"".join(blocks)


class Shells:
    """The shells of this process, the least used ones forgotten first."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: OrderedDict[Hashable, Shell] = OrderedDict()

    def get(self, key: Hashable, render: Callable[[], str]) -> Shell:
        with self.lock:
            found = self.kept.get(key)
            if found is not None:
                self.kept.move_to_end(key)
                return found
        made = Shell(render())
        with self.lock:
            self.kept[key] = made
            while len(self.kept) > MOST:
                self.kept.popitem(last=False)
        return made


class Ready(Response):
    """A reply that is complete: what it `carried` beside type and length goes out as it is, nothing is looked at."""

    def __init__(self, body: bytes | None, carried: list[tuple[str, str]], status: int = 200) -> None:
        super().__init__(body, status)
        self.carried = carried

    def get_wsgi_response(self, environ: Any) -> tuple[Any, str, list[tuple[str, str]]]:
        return self.get_app_iter(environ), self.status, [*self.headers, *self.carried]

    def get_app_iter(self, environ: Any) -> Any:
        return () if environ["REQUEST_METHOD"] == "HEAD" or self.status_code == 304 else self.response


def respond(
    key: Hashable, render: Callable[[], str], values: Mapping[str, bytes], headers: Mapping[str, str]
) -> Response:
    """The page of this key with these values: 304 where the reader has it, compressed for those who take it."""
    shells: Shells = current_app.extensions["shells"]
    shell = shells.get(key, render)
    environ = request.environ
    packs = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    etag = f'"{shell.tag(values)}{"-gz" if packs else ""}"'
    carried = [*headers.items(), ("ETag", etag)]
    if etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        return Ready(None, carried, status=304)
    if packs:
        carried.append(("Content-Encoding", "gzip"))
    return Ready(shell.packed(values) if packs else shell.plain(values), carried)
