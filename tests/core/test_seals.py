"""The seal of a PDF, and what a stranger's file is worth: intact, changed, something added, not ours."""

import io
import json
import time
import zlib
from pathlib import Path
from random import Random

import pytest

from app.core import seals
from app.core.checking import ADDED, CHANGED, FOREIGN, INTACT, Seen, look
from app.core.proofs import SigningKey
from app.core.short import make as short_form
from app.ops import paper
from config import Config
from tests.core.glyphs import opened
from tests.core.test_certificates import record
from tests.core.test_credentials import HOSTILE

KEY, OTHER = SigningKey(bytes(range(32))), SigningKey(bytes(range(1, 33)))
NUMBER = "LON-7K4M-2Q9X-HD37"
NOT_OURS = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "did:web:x",
}


@pytest.fixture(scope="module")
def sealed() -> bytes:
    config = Config(base_url="https://learn.example.org", instance=Path("/nowhere"))
    return paper.make(config, record(), key=KEY)


def test_a_seal_names_the_number_and_the_key(sealed: bytes) -> None:
    assert seals.read(sealed, [OTHER.public, KEY.public]) == (NUMBER, KEY.public, b"")
    assert seals.read(sealed, [OTHER.public]) is None
    assert look(sealed, [KEY.public]) == Seen(INTACT, NUMBER, KEY.public)
    found = seals.record_in(sealed, NUMBER)
    assert found == record()


def test_a_sealed_pdf_is_still_what_others_read(sealed: bytes, tmp_path: Path) -> None:
    reader = opened(sealed, strict=True)
    assert sorted(reader.attachments) == ["certificate.json", "issuer-key.json", "signed.txt"]
    pdfua = pytest.importorskip("pdfua", reason="pdfua is not here; pip install pdfua")
    (tmp_path / "sealed.pdf").write_bytes(sealed)
    assert [str(one) for one in pdfua.validate(tmp_path / "sealed.pdf").findings] == []


def test_one_flipped_bit_anywhere_breaks_the_seal(sealed: bytes) -> None:
    chance = Random(5)
    places = [chance.randrange(len(sealed)) for _ in range(300)] + list(range(len(sealed) - 420, len(sealed), 3))
    kinds = set()
    for place in places:
        changed = bytearray(sealed)
        changed[place] ^= 1 << chance.randrange(8)
        seen = look(bytes(changed), [KEY.public])
        kinds.add(seen.kind)
        assert (seen.kind in (CHANGED, FOREIGN), seen.number in (NUMBER, "")) == (True, True), place
    assert CHANGED in kinds


def resaved(sealed: bytes) -> bytes:
    import pypdf  # slow to load, here and below for these tests alone

    out = io.BytesIO()
    pypdf.PdfWriter(clone_from=opened(sealed)).write(out)
    return out.getvalue()


def packed(sealed: bytes) -> bytes:
    """As some readers save: all that named the number lies in packed streams."""
    return b"%PDF-1.7\n1 0 obj\nstream\n" + zlib.compress(json.dumps(record()).encode()) + b"\nendstream"


def printed(sealed: bytes) -> bytes:
    """As a printer driver makes it: the page is drawn anew, and nothing else is left."""
    import pypdf

    out, writer = io.BytesIO(), pypdf.PdfWriter()
    writer.add_blank_page(842, 595)
    writer.write(out)
    return out.getvalue()


MADE = {
    "saved by a reader": (resaved, CHANGED),
    "packed": (packed, CHANGED),
    "printed": (printed, FOREIGN),
    "cut short": (lambda one: one[: len(one) // 2], CHANGED),
    "with another page behind": (lambda one: one + b"\n9 0 obj\n<<>>\nendobj\n%%EOF", ADDED),
    "with another page before": (lambda one: b"%PDF-1.7\n" + one, CHANGED),
    "a line end behind": (lambda one: one + b"\r\n", INTACT),
    "two in one": (lambda one: one + one, ADDED),
}


@pytest.mark.parametrize("how", MADE)
def test_what_becomes_of_a_pdf(sealed: bytes, how: str) -> None:
    change, kind = MADE[how]
    assert look(change(sealed), [KEY.public]).kind == kind


OTHERS = {
    "our record, unsigned": (json.dumps(record()), CHANGED),
    "a code": (f"https://learn.example.org/verify/{NUMBER}#{short_form(record(), KEY)}", INTACT),
    "a code by somebody else": (f"#{short_form(record(), OTHER)}", CHANGED),
    "a badge of others": (json.dumps(NOT_OURS), FOREIGN),
    "a number in a letter": (f"Dear all, number {NUMBER} is mine", CHANGED),
    "a mistyped number": ("LON-7K4M-2Q9X-HD38", FOREIGN),
    "nothing": ("", FOREIGN),
    "a picture": ("\x89PNG\r\n\x1a\n" + "\0" * 5000, FOREIGN),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_other_files_are(what: str) -> None:
    text, kind = OTHERS[what]
    assert look(text.encode(), [KEY.public]).kind == kind


def bomb(streams: int = 9) -> bytes:
    """Each stream is 48 kB that swell to 50 MB."""
    inner = zlib.compress(b"\0" * 50_000_000)
    return b"%PDF-1.7\n" + b"".join(b"obj\nstream\n" + inner for _ in range(streams))


HARMFUL = {
    "a bomb": lambda: bomb(40),
    "two megabytes of streams": lambda: b"%PDF-" + b"stream\n" * 290_000,
    "two megabytes of numbers": lambda: b"%PDF-" + b"LON-0000-0000-0000 " * 105_000,
    "two megabytes of trailers": lambda: b"%PDF-" + b"/LONTAR_Number(LON-" * 105_000,
    "ends of files": lambda: b"%PDF-" + b">>\nstartxref\n1\n" * 130_000,
}


@pytest.mark.parametrize("what", HARMFUL)
def test_a_file_made_to_keep_us_busy_does_not(what: str) -> None:
    data = HARMFUL[what]()
    begun = time.process_time()
    assert look(data, [KEY.public]).kind in (FOREIGN, CHANGED)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_not_ours(text: str) -> None:
    assert look(text.encode(errors="surrogateescape"), [KEY.public]).kind in (FOREIGN, CHANGED)


def test_only_a_plain_trailer_is_sealed() -> None:
    with pytest.raises(ValueError, match="no plain trailer"):
        seals.seal(b"%PDF-1.7 nothing", NUMBER, KEY)
