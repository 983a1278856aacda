"""The code on the paper, with the signed short form in it, read by a program not written here, as a scanner sees it."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.core import pdf, short
from app.core.proofs import SigningKey
from app.ops import paper
from config import Config
from tests.core.test_certificates import record

KEY = SigningKey(bytes(range(32)))
CONFIG = Config(base_url="https://learning.social-protection.example.org", instance=Path("/nowhere"))
NAMES = {"short": ("Ana Tui", ""), "two spellings": ("Khemara Sok", "សុខ ខេមរា")}


def scanned(content: bytes, dots: int, blur: int, noise: int) -> Any:
    """The corner of the page with the code, in grey, at so many dots an inch, out of focus and grainy."""
    import pypdfium2  # slow to load, for this test alone

    sheet = pypdfium2.PdfDocument(content)
    bitmap = sheet[0].render(scale=dots / 72, grayscale=True)
    raw = bytes(bitmap.buffer)
    width, height, stride = bitmap.width, bitmap.height, bitmap.stride
    sheet.close()
    left, right = width * 71 // 100, width * 89 // 100
    rows = [raw[y * stride + left : y * stride + right] for y in range(height * 62 // 100, height * 89 // 100)]
    chance = Random(7)
    for _ in range(blur):
        rows = [
            bytes((a + 2 * b + c) // 4 for a, b, c in zip(r[:1] + r, r, r[1:] + r[-1:], strict=False)) for r in rows
        ]
        lines = zip([rows[0], *rows], rows, [*rows[1:], rows[-1]], strict=False)
        rows = [bytes((a + 2 * b + c) // 4 for a, b, c in zip(*three, strict=True)) for three in lines]
    if noise:
        grains = [chance.randrange(-noise, noise) for _ in range(4999)]
        rows = [
            bytes(min(255, max(0, v * 3 // 4 + 40 + grains[(31 * y + x) % 4999])) for x, v in enumerate(r))
            for y, r in enumerate(rows)
        ]
    return memoryview(b"".join(rows)).cast("B", shape=(len(rows), len(rows[0])))


@pytest.mark.parametrize("who", NAMES)
@pytest.mark.parametrize(("dots", "blur", "noise"), [(300, 0, 0), (200, 0, 0), (200, 2, 40)])
def test_the_code_is_read_from_a_scan(who: str, dots: int, blur: int, noise: int) -> None:
    zxingcpp = pytest.importorskip("zxingcpp", reason="no reader of codes is here; pip install zxing-cpp")
    name, latin = NAMES[who]
    if pdf.can_print(name + latin):
        pytest.skip("no font for this name here; apt-get install fonts-noto-core")
    given = record(name=name, name_latin=latin)
    address = f"{CONFIG.base_url}/verify/{given['number']}#{short.make(given, KEY)}"
    seen = zxingcpp.read_barcodes(scanned(paper.make(CONFIG, given, key=KEY), dots, blur, noise))
    assert [one.text for one in seen] == [address]
    assert short.read(seen[0].text, [KEY.public])[1] == KEY.public


def test_a_square_is_large_enough_for_a_camera() -> None:
    for name in ("Ana Tui", "Maria Magdalena Wilhelmina Tuilaepa-Malielegaoi of the Outer Islands"):
        code = f"{CONFIG.base_url}/verify/LON-7K4M-2Q9X-HD37#{short.make(record(name=name), KEY)}"
        assert pdf._code(code)["qr_size"] / pdf.qr_code(code)[1] >= 0.45  # millimetres
