"""Password hashes: argon2id with 19 MiB, two passes, one lane; one at a time in a process, to bound the memory.

All hashing happens in one thread: each thread that hashes keeps its 19 MiB for the next time.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.passwords import normalise

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
T = TypeVar("T")


@lru_cache(maxsize=1)
def thread(_process: int) -> ThreadPoolExecutor:
    """The thread of this process that hashes; a forked process needs one of its own."""
    return ThreadPoolExecutor(1, thread_name_prefix="passwords")


def alone(work: Callable[..., T], *given: str) -> T:
    return thread(os.getpid()).submit(work, *given).result()


def hash_password(password: str) -> str:
    return alone(HASHER.hash, normalise(password))


# Of 32 random bytes that nobody kept: verified where there is no account. Written down, since to make one takes as long
# as a sign-in, and each command would.
DECOY = "$argon2id$v=19$m=19456,t=2,p=1$64FoHaANhSHFJ+is8oWyFA$VcP7ILOohzOC4Mosh8qmXeSfZKPv6iJAdawqGzO9N70"


def verify(known_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash the same work is done in vain, so that the time tells nothing."""
    try:
        return alone(HASHER.verify, known_hash or DECOY, normalise(password)) and known_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(known_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return HASHER.check_needs_rehash(known_hash)
