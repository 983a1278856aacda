"""What a guess at a password or a passphrase costs on a real site; within the tests it costs next to nothing."""

import subprocess
import sys

SHIPPED = """
from app.ops.escrow import COST
from app.records.passwords import DECOY, HASHER
print(HASHER.type.name, HASHER.memory_cost, HASHER.time_cost, HASHER.parallelism, *COST.values())
print(HASHER.check_needs_rehash(DECOY))
"""


def test_guessing_is_dear() -> None:
    """argon2id with 19 MiB and two passes for passwords, scrypt with 32 MiB for keys."""
    found = subprocess.run([sys.executable, "-c", SHIPPED], capture_output=True, text=True, check=True).stdout
    assert found.split() == ["ID", "19456", "2", "1", "32768", "8", "1", "False"]
