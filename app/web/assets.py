"""The files of `static/`: kept in memory, compressed once, served under a name that holds their hash, so for ever.

Text is made smaller when it is read (comments and spaces go), so that the files themselves stay readable.
"""

import base64
import gzip
import hashlib
import mimetypes
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

FOREVER = "public, max-age=31536000, immutable"
SEEN = "look"  # the cookie that says which style sheet this browser has been sent


def small_css(text: str) -> str:
    """CSS without comments and idle spaces."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([{};,>])\s*", r"\1", text)
    return re.sub(r":\s+", ":", text).replace(";}", "}").strip()


def small_js(text: str) -> str:
    """JavaScript without whole-line comments and indents; it has no template strings over several lines."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def small_svg(text: str) -> str:
    """SVG without spaces between elements."""
    return re.sub(r">\s+<", "><", text).strip()


SMALLER: dict[str, Callable[[str], str]] = {".css": small_css, ".js": small_js, ".svg": small_svg}


def compress(body: bytes) -> bytes:
    """A gzip stream that is the same for the same bytes."""
    return gzip.compress(body, 9, mtime=0)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent. `address` is the last part of its path: site.1a2b3c4d5e.css."""

    body: bytes
    packed: bytes | None
    type: str
    address: str


def read_asset(path: Path) -> Asset:
    """One file, made smaller where that is known for its kind; pictures are not compressed again."""
    smaller = SMALLER.get(path.suffix)
    body = smaller(path.read_text("utf-8")).encode() if smaller else path.read_bytes()
    name = hashlib.sha256(body).hexdigest()[:10]
    kind = {".js": "text/javascript", ".svg": "image/svg+xml"}.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    kind = kind or "application/octet-stream"
    type = kind + "; charset=utf-8" if kind.startswith("text/") else kind
    return Asset(body, compress(body) if smaller else None, type, f"{path.stem}.{name}{path.suffix}")


class Assets:
    """All files of a folder by their plain names (`assets["site.css"]`) and by the address they are served under."""

    def __init__(self, folder: Path, prefix: str = "/static/") -> None:
        self.prefix = prefix
        self.files = {path.name: read_asset(path) for path in sorted(folder.iterdir()) if path.is_file()}
        self.served = {asset.address: asset for asset in self.files.values()}
        sheet = self.files["site.css"]
        self.sheet = sheet.address
        digest = base64.b64encode(hashlib.sha256(sheet.body).digest()).decode()
        self.style_hash = f"'sha256-{digest}'"
        self.inlined = Markup("<style>{}</style>").format(Markup(sheet.body.decode()))
        ahead = Markup('<link rel="prefetch" href="{}" as="style">').format(self.url("site.css"))
        self._first = self.inlined + ahead
        self._linked = Markup('<link rel="stylesheet" href="{}">').format(self.url("site.css"))

    def url(self, name: str) -> str:
        """The address of a file for a page; raises KeyError for a file that is not there."""
        return self.prefix + self.files[name].address

    def stylesheet(self, seen: str | None) -> tuple[Markup, bool]:
        """The page's style for the value of the cookie `SEEN`: (element, inlined).

        A first visit has it inlined, which saves a round trip before the first paint; its answer sets the cookie to
        `sheet` and lets `style_hash` into the policy. The browser then fetches the file when it has nothing else to do,
        and later visits link it from the cache.
        """
        return (self._linked, False) if seen == self.sheet else (self._first, True)


@lru_cache(maxsize=256)
def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header takes gzip."""
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page as it is and as raw deflate data that ends on a byte boundary, ready to be joined."""

    raw: bytes
    deflated: bytes


def piece(raw: bytes, level: int = 9) -> Piece:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Piece(raw, packer.compress(raw) + packer.flush(zlib.Z_FULL_FLUSH))


GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
LAST_BLOCK = b"\x03\x00"


def join(pieces: Iterable[Piece]) -> bytes:
    """One gzip stream of all pieces: one header, end and checksum, as Chromium shows only the first of several."""
    check, length, parts = 0, 0, [GZIP_HEADER]
    for one in pieces:
        check, length = zlib.crc32(one.raw, check), length + len(one.raw)
        parts.append(one.deflated)
    return b"".join([*parts, LAST_BLOCK, check.to_bytes(4, "little"), (length & 0xFFFFFFFF).to_bytes(4, "little")])
