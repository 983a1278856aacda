"""Numbers as people write them, read and shown exactly."""

from fractions import Fraction

SPACE = "\u00a0"
# Languages of readers who expect 1,5 for one and a half; all others see 1.5.
DECIMAL_COMMA = frozenset(["az", "fr", "hy", "id", "ka", "kk", "ky", "pt", "ru", "tet", "tk", "tr", "uz", "vi"])


def show(number: str, language: str = "en") -> str:
    """An exact number ("620000", "-0.5") as a reader of `language` writes it, thousands parted by no-break spaces."""
    sign = "\u2212" if number.startswith("-") else ""
    whole, _, decimals = number.lstrip("-").partition(".")
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)][::-1]
    mark = "," if language.partition("-")[0] in DECIMAL_COMMA else "."
    return sign + (SPACE.join(groups) if len(whole) > 4 else whole) + (mark + decimals if decimals else "")


def exact(number: Fraction, most: int = 6) -> str | None:
    """The decimal notation of `number` ("0.125"), or None where it needs more than `most` decimals."""
    return plain(number, most) if number * 10**most % 1 == 0 else None


def plain(number: Fraction, decimals: int) -> str:
    """`number` rounded half away from zero to so many decimals, without trailing zeros."""
    scaled = int(abs(number) * 10**decimals + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**decimals)
    tail = f"{rest:0{decimals}d}".rstrip("0") if decimals else ""
    return ("-" if number < 0 and scaled else "") + str(whole) + ("." + tail if tail else "")
