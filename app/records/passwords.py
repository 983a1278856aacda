"""Password hashes: argon2id with 19 MiB, two passes, one lane; one at a time in a process, to bound the memory."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.passwords import normalise

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
ONE_AT_A_TIME = threading.Lock()


def hash_password(password: str) -> str:
    with ONE_AT_A_TIME:
        return HASHER.hash(normalise(password))


DECOY = HASHER.hash("a password that nobody has, verified where there is no account")


def verify(known_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash the same work is done in vain, so that the time tells nothing."""
    with ONE_AT_A_TIME:
        try:
            return HASHER.verify(known_hash or DECOY, normalise(password)) and known_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(known_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return HASHER.check_needs_rehash(known_hash)
