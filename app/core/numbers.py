"""Numbers as people write them, read and shown exactly.

Officials from Dhaka to Suva write 1,234.5 or 1.234,5 or 1 234,5 or 6,20,000 in the digits of a dozen scripts. Where a
text can be read in two ways, both are returned: the reader is asked, nothing is guessed.
"""

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache

SPACE = "\u00a0"
# Languages of readers who expect 1,5 for one and a half; all others see 1.5.
DECIMAL_COMMA = frozenset(["az", "fr", "hy", "id", "ka", "kk", "ky", "pt", "ru", "tet", "tk", "tr", "uz", "vi"])
LONGEST = 60

_SAME = str.maketrans(
    dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-")
    | {"\uff0b": "+", "\uff0c": ",", "\u060c": ",", "\uff0e": ".", "\u066b": "·", "\u066c": "'"}
    | dict.fromkeys("\u2018\u2019\u02bc\u2032\uff07`\u00b4", "'")
)
_NUMBER = re.compile(r"([+-]?) ?((?:[0-9]|[.,·](?=[0-9]))(?:[0-9 .,·']*[0-9])?)[.,]?(?![0-9])(.*)", re.DOTALL)
_WESTERN = re.compile(r"[1-9][0-9]{0,2}(?:([ ,.'])[0-9]{3})(?:\1[0-9]{3})*")
_INDIAN = re.compile(r"[1-9][0-9]?(?:([ ,.'])[0-9]{2})(?:\1[0-9]{2})*\1[0-9]{3}")
_EXACT = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_PER_CENT = re.compile(r"%|per ?cent(age)?|pour ?cent", re.IGNORECASE)


def readings(text: str, unit: str = "") -> tuple[str, ...]:
    """The exact numbers ("1234.5") that `text` may mean: one, or two where it is ambiguous, or none.

    A sign, any script's decimal digits, grouping by threes or the Indian way, and the unit (or parts of it, or a per
    cent sign) behind the number are understood; other words are not, since "2 million" is not 2.
    """
    found = _NUMBER.fullmatch(_normal(text)) if len(text) <= LONGEST else None
    if not found or not _is_unit(found[3], unit):
        return ()
    sign = "-" if found[1] == "-" else ""
    numbers = (_whole(found[2]), _with_decimals(found[2]))
    return tuple(dict.fromkeys(_tidy(sign + number) for number in numbers if number))


def value_of(number: object) -> Fraction | None:
    """The value of an exact number as `readings` writes it; None for anything else."""
    return fraction(number) if isinstance(number, str) and _EXACT.fullmatch(number) else None


@lru_cache(maxsize=4096)
def fraction(number: str) -> Fraction:
    """The value of a number in decimal notation; the same few thousand numbers come again and again."""
    return Fraction(number)


def show(number: str, language: str = "en") -> str:
    """An exact number ("620000", "-0.5") as a reader of `language` writes it, thousands parted by no-break spaces."""
    sign = "\u2212" if number.startswith("-") else ""
    whole, _, decimals = number.lstrip("-").partition(".")
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)][::-1]
    mark = "," if language.partition("-")[0] in DECIMAL_COMMA else "."
    return sign + (SPACE.join(groups) if len(whole) > 4 else whole) + (mark + decimals if decimals else "")


def exact(number: Fraction, most: int = 6) -> str | None:
    """The decimal notation of `number` ("0.125"), or None where it needs more than `most` decimals."""
    return plain(number, most) if (number * 10**most).denominator == 1 else None


def plain(number: Fraction, decimals: int) -> str:
    """`number` rounded half away from zero to so many decimals, without trailing zeros."""
    scaled = int(abs(number) * 10**decimals + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**decimals)
    tail = f"{rest:0{decimals}d}".rstrip("0") if decimals else ""
    return ("-" if number < 0 and scaled else "") + str(whole) + ("." + tail if tail else "")


def _normal(text: str) -> str:
    """ASCII digits, one kind of each sign, plain single spaces, no invisible direction marks."""
    chars = (char for char in text.translate(_SAME) if unicodedata.category(char) != "Cf")
    digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in chars)
    return " ".join(digits.split())


def _whole(text: str) -> str | None:
    """The text read as a whole number, its marks as grouping."""
    if text.isdigit() or _WESTERN.fullmatch(text) or _INDIAN.fullmatch(text):
        return re.sub("[^0-9]", "", text)
    return None


def _with_decimals(text: str) -> str | None:
    """The text read with its last mark as the decimal one; the others must group and be another mark."""
    found = re.fullmatch(r"(.*)([.,·])([0-9]+)", text)
    if not found or found[2] in found[1]:
        return None
    whole = _whole(found[1]) if found[1] else "0"
    return f"{whole}.{found[3]}" if whole else None


def _tidy(number: str) -> str:
    sign = "-" if number.startswith("-") else ""
    whole, _, decimals = number.lstrip("-").partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    tidy = whole + ("." + decimals if decimals else "")
    return tidy if tidy == "0" else sign + tidy


def _is_unit(text: str, unit: str) -> bool:
    """Whether what stands behind a number is its unit: words of it, or a per cent sign where it allows one."""
    text, unit = (
        " ".join(_normal(part).casefold().replace("\u066a", "%").split()).rstrip(".") for part in (text, unit)
    )
    if not unit or _PER_CENT.search(unit):
        text = _PER_CENT.sub(" ", text.replace("\uff05", "%"))
    words = set(unit.split())
    return text.strip() in ("", unit) or all(word in words for word in text.split())
