"""Codes of authenticator apps, by the test vectors of RFC 6238, and what people type."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from app.core import totp

KEY = b"12345678901234567890"  # of RFC 6238, appendix B, for HMAC-SHA-1
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    step = totp.step_at(moment)
    assert (totp.digits(KEY, step, 8), totp.digits(KEY, step)) == (code, code[2:])
    assert totp.fitting(KEY, code[2:], moment) == step


NOW = datetime.fromtimestamp(1111111111, UTC)
HERE = totp.step_at(NOW)


@pytest.mark.parametrize(
    ("typed", "step"),
    [
        (totp.digits(KEY, HERE), HERE),
        (totp.digits(KEY, HERE - 1), HERE - 1),
        (totp.digits(KEY, HERE + 1), HERE + 1),
        (totp.digits(KEY, HERE - 2), None),  # two steps of drift are too many
        (totp.digits(KEY, HERE + 2), None),
        (f" {totp.digits(KEY, HERE)[:3]} {totp.digits(KEY, HERE)[3:]}\n", HERE),  # as apps show it
        (totp.digits(KEY, HERE).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), None),
        (totp.digits(KEY, HERE, 8), None),
        *((wrong, None) for wrong in ("", "12345", "-12345", "12345a", "０５０４７１", "9" * 5000, "\x00")),
    ],
)
def test_what_fits(typed: str, step: int | None) -> None:
    assert totp.fitting(KEY, typed, NOW) == step


def test_a_code_fits_no_other_key_and_lives_for_three_steps() -> None:
    code = totp.digits(KEY, HERE)
    assert totp.fitting(b"another key of 20 by", code, NOW) is None
    fits = [totp.fitting(KEY, code, NOW + timedelta(seconds=30 * steps)) == HERE for steps in range(-3, 4)]
    assert fits == [False, False, True, True, True, False, False]


def test_the_key_for_the_app_and_for_the_hand() -> None:
    letters = totp.in_groups(KEY)
    assert letters == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert base64.b32decode(letters.replace(" ", "")) == KEY
    assert totp.address(KEY, "Lontar: Fiji & Tonga", "ana@x.org") == (
        "otpauth://totp/Lontar%20%20Fiji%20%26%20Tonga:ana%40x.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Lontar%20%20Fiji%20%26%20Tonga&digits=6&period=30"
    )
