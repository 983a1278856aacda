"""One-time codes of an authenticator app: RFC 6238 (TOTP) with HMAC-SHA-1, six digits and steps of 30 seconds.

These are the only settings that every app reads. The RFC's own vectors are in the tests; a library would bring the
five lines of `digits` and neither the memory of used codes nor the words around them.
"""

import base64
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

STEP = 30  # seconds
DIGITS = 6
DRIFT = 1  # steps by which the clock of a phone may differ, to either side
KEY_BYTES = 20  # RFC 4226, section 4: the length of an HMAC-SHA-1


def step_at(moment: datetime) -> int:
    """The number of the time step of a moment, counted from 1970 (RFC 6238, section 4.2)."""
    return int(moment.timestamp()) // STEP


def digits(key: bytes, step: int, length: int = DIGITS) -> str:
    """The code of a time step: the truncated HMAC of RFC 4226, section 5.3."""
    mac = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**length).zfill(length)


def fitting(key: bytes, code: str, now: datetime) -> int | None:
    """The time step whose code this is, as typed; None for a wrong code and for one too old or too early."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    here, found = step_at(now), None
    for step in range(here - DRIFT, here + DRIFT + 1):  # all of them, so that the time tells nothing
        if hmac.compare_digest(digits(key, step), typed):
            found = step
    return found


def in_groups(key: bytes) -> str:
    """The key as people type it: base 32 in groups of four."""
    text = base64.b32encode(key).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address(key: bytes, site: str, login: str) -> str:
    """What the QR code holds: an address that authenticator apps understand, with the names that they show."""
    label = f"{quote(site.replace(':', ' '))}:{quote(login.replace(':', ' '))}"
    values = {"secret": base64.b32encode(key).decode(), "issuer": site.replace(":", " ")}
    return f"otpauth://totp/{label}?{urlencode(values | {'digits': DIGITS, 'period': STEP}, quote_via=quote)}"
