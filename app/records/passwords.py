"""Password hashes: argon2id with 19 MiB, two passes, one lane; one at a time in a process, to bound the memory.

All hashing happens in one thread: each thread that hashes keeps its 19 MiB for the next time.
"""

from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.passwords import normalise

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
ONE_AT_A_TIME = ThreadPoolExecutor(1, thread_name_prefix="passwords")


def hash_password(password: str) -> str:
    return ONE_AT_A_TIME.submit(HASHER.hash, normalise(password)).result()


DECOY = hash_password("a password that nobody has, verified where there is no account")


def verify(known_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash the same work is done in vain, so that the time tells nothing."""
    try:
        return ONE_AT_A_TIME.submit(HASHER.verify, known_hash or DECOY, normalise(password)).result() and bool(
            known_hash
        )
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(known_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return HASHER.check_needs_rehash(known_hash)
