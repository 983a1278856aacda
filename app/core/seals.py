"""The seal of a PDF: a signature over every byte of it, in its trailer, made with the key that signs certificates.

A PDF that was printed, saved by a reader, or changed by a mail filter no longer fits its seal. Whoever has the public
key checks it with a few lines; nothing of the file is interpreted for that.
"""

import re
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any, NamedTuple

import msgspec

from app.core.certificates import RECORD_KEYS, normalise_number
from app.core.proofs import SigningKey, signed_by

BEFORE = b"lontar-pdf-1\n"  # signed, but not written: no other signature of the key begins like this
EMPTY = b"0" * 128
TRAILER = re.compile(rb">>(?=\s*startxref\s+\d+\s+%%EOF\s*\Z)")
SEAL = re.compile(rb"/LONTAR_Number\((LON-[0-9A-Z-]{14})\)/LONTAR_Seal<([0-9a-f]{128})>>>\s*startxref\s+\d+\s+%%EOF")
NUMBER = re.compile(rb"LON-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z-])")
OWN = re.compile(rb'"(?:number|licenseNumber)"\s*:\s*"(LON-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})"')
STREAM = re.compile(rb"stream\r?\n")
MOST_NUMBERS = 100  # that are tried
MOST_STREAMS, MOST_OF_ONE, MOST_OF_ALL = 400, 1_000_000, 8_000_000  # bytes that are unpacked in search of a number


class Sealed(NamedTuple):
    """What a seal says: the number, by which key, and what follows the sealed bytes (a signature added later)."""

    number: str
    signer: str
    rest: bytes


def seal(pdf: bytes, number: str, key: SigningKey) -> bytes:
    """The PDF with its seal. Raises ValueError for a file that does not end as ours do."""
    found = TRAILER.search(pdf)
    if found is None:
        raise ValueError("the PDF has no plain trailer, so it cannot be sealed")
    head = pdf[: found.start()] + f"/LONTAR_Number({number})/LONTAR_Seal<".encode()
    tail = b">" + pdf[found.start() :]
    return head + key.sign(BEFORE + head + EMPTY + tail).hex().encode() + tail


def read(pdf: bytes, publics: Collection[str]) -> Sealed | None:
    """What the first seal of a file says, where the holder of one of these keys made it and no sealed byte changed."""
    found = SEAL.search(pdf)
    if found is None:
        return None
    sealed, rest = pdf[: found.end()], pdf[found.end() :]
    plain = sealed[: found.start(2)] + EMPTY + sealed[found.end(2) :]
    signature = bytes.fromhex(found[2].decode())
    for public in publics:
        if signed_by(public, signature, BEFORE + plain):
            return Sealed(found[1].decode(), public, rest)
    return None


def number_in(data: bytes) -> str:
    """The certificate number that a file names, also within packed streams; "" for none. It proves nothing."""
    return _number(data) or _number(b"\n".join(_unpacked(data)))


def _number(data: bytes) -> str:
    own = (found[1] for found in OWN.finditer(data))
    candidates = islice(chain(own, (found[0] for found in NUMBER.finditer(data))), MOST_NUMBERS)
    return next((number for one in candidates if (number := normalise_number(one.decode()))), "")


def record_in(pdf: bytes, number: str) -> dict[str, Any] | None:
    """The public record that travels inside a PDF; only as good as the seal around it."""
    for part in _unpacked(pdf):
        if part[:1] == b"{" and number.encode() in part:
            with suppress(msgspec.DecodeError):
                found = msgspec.json.decode(part)
                if isinstance(found, dict) and set(RECORD_KEYS) <= set(found) and found["number"] == number:
                    return found
    return None


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What the streams of a PDF hold, as far as a few limits allow."""
    left = MOST_OF_ALL
    for count, found in enumerate(STREAM.finditer(data)):
        if count >= MOST_STREAMS or left <= 0:
            return
        try:
            part = zlib.decompressobj().decompress(
                data[found.end() : found.end() + MOST_OF_ONE], min(MOST_OF_ONE, left)
            )
        except zlib.error:
            continue
        left -= len(part)
        yield part
