"""Keys that any node can make without asking another."""

import hashlib
import secrets
import time
import uuid

DIGITS = 20  # of chance for an id, of which 74 bits are used
VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def new_id() -> uuid.UUID:
    """A UUID of version 7: 48 bits of time in milliseconds, so that new rows lie together, and 74 bits of chance."""
    moment = time.time_ns() // 1_000_000
    chance = secrets.randbits(74)
    return uuid.UUID(int=moment << 80 | 0x7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (1 << 62) - 1)


def new_ids(n: int) -> list[str]:
    """So many of them at once, as 32 digits and in order, so that each index grows at its end alone."""
    head, chance = f"{time.time_ns() // 1_000_000:012x}7", secrets.token_hex(DIGITS * n // 2)
    found = (chance[start : start + DIGITS] for start in range(0, DIGITS * n, DIGITS))
    return sorted(f"{head}{one[:3]}{VARIANT[one[3]]}{one[5:]}" for one in found)


def token(size: int = 32) -> str:
    """A secret of `size` random bytes, safe in addresses and cookies."""
    return secrets.token_urlsafe(size)


def hash_of(secret: str) -> str:
    """What the database keeps of a secret: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
