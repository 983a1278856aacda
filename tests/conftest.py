"""For all tests: properties have no deadline, since a loaded machine is no fault of the code; passwords cost little.

A property tries `LONTAR_TEST_EXAMPLES` examples, few by default; `make prove` asks for many. Few will meet no constant
of the program, so that it is not searched for them: each process would read all of it.

A password's hash and the seal of a key are slow on purpose. Within the tests' own processes they are not: what
`tests/test_costs.py` compares are the figures that ship. Children that read files are forked from one that is ready.
Garbage is looked for seldom: with whole courses in memory each look is dear. Files are made in memory where there is
enough of it, since SQLite waits for the disk at each commit.
"""

import gc
import os
import shutil
from pathlib import Path

import hypothesis
from argon2 import PasswordHasher
from hypothesis.internal.conjecture import providers

from app.core import worker
from app.ops import escrow
from app.records import passwords
from tests import nursery
from tests.databases import postgresql_database, postgresql_server, postgresql_template, sqlite_template

# One of each for a whole run: a folder that named them in its own conftest.py would have others made.
__all__ = ["postgresql_database", "postgresql_server", "postgresql_template", "sqlite_template"]

hypothesis.settings.register_profile(
    "lontar", deadline=None, max_examples=int(os.environ.get("LONTAR_TEST_EXAMPLES", "30"))
)
hypothesis.settings.load_profile("lontar")
if "LONTAR_TEST_EXAMPLES" not in os.environ:
    providers._get_local_constants = lambda: providers._local_constants

passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
passwords.DECOY = passwords.hash_password("nobody's")
escrow.COST.update(n=2**4)
worker.new_child = nursery.Child  # it has what is used of a process
MEMORY = Path("/dev/shm")  # pytest reads the variable when a test first asks for a folder
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

gc.set_threshold(200_000, 50, 1000)
