"""Looks whether a pinned package is known to be vulnerable; says so and goes on where no database can be reached."""

import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
UNREACHABLE = (
    "ConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "Max retries",
    "ServiceError",
    "ProxyError",
    "HTTPError",
)
SECONDS = 90


def main() -> int:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--require-hashes",
        "--no-deps",
        "--progress-spinner",
        "off",
        "-r",
        LOCK,
    ]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"audit: skipped, the database of known vulnerabilities did not answer in {SECONDS} s")
        return 0
    if result.returncode == 0:
        print("audit: no pinned package is known to be vulnerable")
        return 0
    if any(word in result.stderr for word in UNREACHABLE):
        print("audit: skipped, no database of known vulnerabilities can be reached from here")
        return 0
    print(result.stdout, result.stderr, sep="\n")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
