"""Small pictures of every kind, as bytes, made without a library of pictures."""

import struct
import zlib


def png(width: int = 3, height: int = 2, more: bytes = b"") -> bytes:
    """A grey picture of this size; `more` stands in a chunk that nobody shows."""
    rows = (b"\0" + b"\x80" * width) * height
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"tEXt", b"x\0" + more)]
    chunks += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


GIF = b"GIF89a" + (
    b"\x05\x00\x04\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x05\x00\x04\x00\x00\x02\x02\x44\x01\x00;"
)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 10 + b"\xff\xff\xc0\x00\x0b\x08\x00\x07\x00\x09\x01\x01\x11\x00\xff\xd9"
)
WEBP = {
    "lossy": b"RIFF\x1e\0\0\0WEBPVP8 \x12\0\0\0\x30\x01\0\x9d\x01\x2a\x08\x00\x06\x00\0\0\0\0\0\0",
    "lossless": b"RIFF\x1e\0\0\0WEBPVP8L\x12\0\0\0\x2f" + (7 | 5 << 14).to_bytes(4, "little") + b"\0" * 9,
    "extended": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x07\0\0\x05\0\0",
}
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
