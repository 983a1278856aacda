"""The short signed form of a certificate: small enough for a QR code, checked without any network.

It stands in the fragment of the verify address, which browsers never send: `L1.<facts>.<signature>`, both in base 64
for addresses. The facts are nine lines of text; the signature is Ed25519 over `lontar-1`, a line end, and these
bytes. Who issued it is told by the key.
"""

import base64
import binascii
from collections.abc import Collection, Mapping
from typing import Any

from app.core.certificates import marks
from app.core.credentials import Foreign
from app.core.proofs import SigningKey, signed_by

MARK = "L1"
BEFORE = b"lontar-1\n"  # signed, but not written: no other signature of the key begins like this
FIELDS = ("number", "kind", "mark", "name", "name_latin", "course_title", "version", "date", "expiry")
LONGEST = 4000  # signs


def facts(record: Mapping[str, Any]) -> dict[str, str]:
    """What the short form says of a public record; `mark`: why it certifies nothing, else empty."""
    plain = {name: str(record.get(name) or "") for name in FIELDS}
    plain |= {"mark": next(iter(marks(record)), "")}
    return {name: " ".join(value.split()) for name, value in plain.items()}


def make(record: Mapping[str, Any], key: SigningKey) -> str:
    """The fragment, without its `#`."""
    message = "\n".join(facts(record).values()).encode()
    return ".".join((MARK, _pack(message), _pack(key.sign(BEFORE + message))))


def read(text: str, publics: Collection[str]) -> tuple[dict[str, str], str | None]:
    """The facts in a fragment or a whole address, and which of these keys signed them (None: none). Raises Foreign."""
    parts = text.strip().rpartition("#")[2].split(".")
    if len(text) > LONGEST or len(parts) != 3 or parts[0] != MARK:
        raise Foreign("it holds no short signed form; such a form begins with #L1.")
    try:
        message, signature = _unpack(parts[1]), _unpack(parts[2])
        lines = message.decode().split("\n")
    except (ValueError, binascii.Error) as error:
        raise Foreign("the short signed form is damaged") from error
    if len(lines) != len(FIELDS):
        raise Foreign("the short signed form is damaged")
    found = dict(zip(FIELDS, lines, strict=True))
    return found, next((public for public in publics if signed_by(public, signature, BEFORE + message)), None)


def _pack(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unpack(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
