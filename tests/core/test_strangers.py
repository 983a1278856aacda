"""Credentials verify with a program not written here: @digitalbazaar/vc, run by Node.

Skipped where node or its packages are missing; get them with: npm ci --prefix tests/node
"""

import json
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.core import credentials as documents
from app.core.certificates import Issuer, public_record, rule_of
from app.core.content import Library
from app.core.load import load
from app.core.proofs import SigningKey

ROOT = Path(__file__).parents[2]
NODE = ROOT / "tests" / "node"
BASE = "https://learn.example.org"
FIRST, SECOND = SigningKey(bytes(range(32))), SigningKey(bytes(range(1, 33)))
AT = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules").is_dir(),
    reason="node or its packages are missing; get them with: npm ci --prefix tests/node",
)


@pytest.fixture(scope="module")
def library() -> Library:
    found, _problems = load(ROOT / "tests" / "courses" / "tiny", today=date(2026, 11, 22))
    assert found is not None
    return found


def credential(library: Library, key: SigningKey = FIRST, name: str = "Sok Sophea") -> dict[str, Any]:
    course = library.courses["tiny"]
    record = public_record(
        number="LON-7K4M-2Q9X-HD37",
        edition=1,
        name=name,
        name_latin="",
        course=course,
        language="en",
        kind="completion",
        at=AT,
        timezone="Asia/Bangkok",
        issuer=Issuer(name="Institute of the Isles", timezone="Asia/Bangkok"),
        rule=rule_of(library, course, "completion"),
        demo=False,
        trial=False,
    )
    document = documents.credential(record, (0, 77), BASE, library)
    return documents.signed(document, key, BASE, "2026-11-20T21:00:00Z")


def judge(document: dict[str, Any], revoked: set[int] = frozenset()) -> dict[str, Any]:
    """What the stranger says, given our keys and our status list."""
    listed = documents.signed(documents.status_list(0, revoked, BASE, AT), SECOND, BASE, "2026-11-20T21:00:00Z")
    given = {
        "did": documents.did_document(BASE, [SECOND.public, FIRST.public]),
        "documents": {f"{BASE}/status/0": listed},
        "credential": document,
    }
    done = subprocess.run(
        ["node", "verify.mjs"], input=json.dumps(given), capture_output=True, text=True, cwd=NODE, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_credential_is_good(library: Library) -> None:
    for document in (credential(library), credential(library, SECOND), credential(library, name="សុខ សុភា ᨅ 𑀅")):
        found = judge(document)
        assert (found["verified"], found["status"], found["errors"]) == (True, [False], [])


def test_a_revoked_one_is_revoked(library: Library) -> None:
    """Its `verified` is about the signature alone and stays true: the status has to be looked at."""
    found = judge(credential(library), revoked={77, 78})
    assert found["status"] == [True]


def test_a_changed_one_is_not(library: Library) -> None:
    document = credential(library)
    document["credentialSubject"]["identifier"][0]["identityHash"] = "Sok Samnang"
    found = judge(document)
    assert found["verified"] is False
    assert any("verif" in message.lower() or "signature" in message.lower() for message in found["errors"])


def test_an_undefined_term_is_not(library: Library) -> None:
    document = credential(library)
    document["credentialSubject"]["mood"] = "cheerful"
    assert judge(document)["verified"] is False
