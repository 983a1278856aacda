"""Pictures of a course: what they are by their content, within limits, and as the text that releases keep of them.

A picture stands in a folder with the name of its module or quiz: `modules/why/map.png` beside `modules/why.md`. SVG is
no picture here: it is a document that may hold scripts and call other sites.
"""

import re
import struct
from base64 import b64decode, b64encode
from html import escape

from app.core.content import ID, Struct, digest

LARGEST = 300_000  # bytes; on a link of 50 kbit/s that is most of a minute
HEAVY = 100_000  # bytes from which a picture is named as slow
WIDEST = 5000  # pixels, on either side
FOLDERS = ("modules", "quizzes")
NAME = re.compile(rf"{ID[1:-1]}\.(?:png|jpe?g|gif|webp)$")
PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/({ID[1:-1]})/({ID[1:-1]}\.(?:png|jpe?g|gif|webp))$")
TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
TEXT = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,")
ADDRESS = re.compile(r'<img src="/pictures/([0-9a-f]{32})\.[a-z]+"')
LOOKS_LIKE = (
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".webp",
    ".svg",
    ".bmp",
    ".tif",
    ".tiff",
    ".heic",
    ".avif",
    ".emf",
    ".wmf",
)


class Picture(Struct):
    """What a page needs of a picture: `hash` is that of its text, `kind` a key of `TYPES`; sizes are in pixels."""

    hash: str
    kind: str
    width: int
    height: int

    def html(self, alt: str) -> str:
        """The element of a page; `alt` are plain words for those who don't see it."""
        size = f'width="{self.width}" height="{self.height}"'
        return f'<img src="/pictures/{self.hash}.{self.kind}" alt="{escape(alt)}" {size} loading="lazy">'


class Unfit(ValueError):
    """Bytes that are no picture for a course; the message says why and what to do."""


def look(data: bytes) -> tuple[str, int, int]:
    """Kind, width and height by the content, whatever the name says. Raises Unfit."""
    if len(data) > LARGEST:
        raise Unfit(f"it has over {LARGEST // 1000} kB; make it smaller, or save it as JPEG or WebP")
    try:
        kind, width, height = _measure(data)
    except (struct.error, IndexError):
        kind, width, height = "", 0, 0
    if not kind:
        if b"<svg" in data[:1000].lower():
            raise Unfit("it is SVG, which can hold scripts; save it as PNG")
        raise Unfit("it is no PNG, JPEG, GIF or WebP, or it is broken; save it again as one of these")
    if not (0 < width <= WIDEST and 0 < height <= WIDEST):
        raise Unfit(f"it measures {width} x {height} pixels; make each side 1 to {WIDEST}")
    return kind, width, height


def _measure(data: bytes) -> tuple[str, int, int]:
    """As the specifications of the formats say; ("", 0, 0) for other content."""
    if data.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"):
        return ("png", *struct.unpack(">II", data[16:24]))
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return ("gif", *struct.unpack("<HH", data[6:10]))
    if data.startswith(b"\xff\xd8\xff"):
        return ("jpg", *_jpeg(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ("webp", *_webp(data))
    return "", 0, 0


def _jpeg(data: bytes) -> tuple[int, int]:
    """Width and height of the first frame header (ITU-T T.81, B.2.2); IndexError where there is none."""
    place = 2
    while True:
        if data[place] != 0xFF:
            raise IndexError
        mark = data[place + 1]
        if mark == 0xFF or 0xD0 <= mark <= 0xD8 or mark == 1:
            place += 1 if mark == 0xFF else 2
        elif 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        else:
            place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]


def _webp(data: bytes) -> tuple[int, int]:
    """Width and height of the three kinds of WebP (RFC 9649, section 2)."""
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if data[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise IndexError


def as_text(data: bytes, kind: str) -> str:
    """The picture as a text, as it is kept beside the texts of other course files."""
    return f"data:{TYPES[kind]};base64,{b64encode(data).decode()}"


def as_bytes(text: str) -> bytes:
    """The bytes of a course file from its text: a picture's own, or else the text in UTF-8."""
    return b64decode(text[found.end() :]) if (found := TEXT.match(text)) else text.encode()


def type_of(text: str) -> str:
    """The media type of a picture's text; "" for the text of any other file."""
    found = TEXT.match(text)
    return found[1] if found else ""


def picture_of(text: str) -> Picture:
    """What a page needs of a picture, from its text."""
    kind, width, height = look(as_bytes(text))
    return Picture(hash=digest(text), kind=kind, width=width, height=height)
