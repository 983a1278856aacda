"""What a corrected name amounts to: the same name spelt better, or more than that, for which two administrators answer.

A change is one of spelling where at most three letters differ, at most a quarter of all, in no word more than half (one
letter where the word is short), and no word of two letters or more is added or left out. Capitals, spaces, hyphens,
points, the order of the words, and the accents of Latin, Greek and Cyrillic letters count as nothing. A first spelling
in Latin letters is always more than that: nobody has looked at it before.
"""

import unicodedata
from collections.abc import Iterable, Sequence

from app.core.names import clean_name

SAME, SPELLING, OTHER = "same", "spelling", "other"
SCALES = (SAME, SPELLING, OTHER)
MOST = 3  # letters that may differ
SHARE = 4  # of so many letters, one may differ
EUROPEAN = ("LATIN", "GREEK", "CYRILLIC")
DASHES = ("Pd", "Zs")

Names = tuple[str, str]  # as written, and in Latin letters


def scale(before: Iterable[Names], after: Names) -> str:
    """What changing to these names amounts to, measured against each of the names before: the largest counts."""
    wanted = _once(after)
    found = [_scale(old, new) for names in before for old, new in zip(_once(names), wanted, strict=True)]
    return max(found, key=SCALES.index, default=OTHER)


def _once(names: Names) -> Names:
    """The same spelling twice counts once, as it is printed."""
    name, latin = clean_name(names[0]), clean_name(names[1])
    return name, "" if latin == name else latin


def _scale(old: str, new: str) -> str:
    if old == new:
        return SAME
    if not old or not new:
        return OTHER if new else SPELLING
    words, others = letters(old), letters(new)
    small = _small(words, others) or _small(sorted(words), sorted(others))
    return SPELLING if small else OTHER


def _small(words: Sequence[str], others: Sequence[str]) -> bool:
    one, other = "".join(words), "".join(others)
    differ = distance(one, other)
    if differ > min(MOST, max(len(one), len(other)) // SHARE):
        return False
    if len(words) != len(others):
        return differ <= 1  # words joined or parted, an initial; any other word is a further name
    return all(distance(a, b) <= max(1, max(len(a), len(b)) // 2) for a, b in zip(words, others, strict=True))


def letters(text: str) -> list[str]:
    """The words of a name, with nothing left but what tells one name from another."""
    parted = "".join(" " if unicodedata.category(char) in DASHES else char for char in clean_name(text))
    return [word for part in parted.split() if (word := _plain(part))]


def _plain(word: str) -> str:
    kept, european = "", False
    for char in unicodedata.normalize("NFD", word.casefold()):
        if unicodedata.category(char).startswith("M"):
            kept += "" if european else char
        elif char.isalnum() and unicodedata.category(char) != "Lm":
            european = unicodedata.name(char, "").startswith(EUROPEAN)
            kept += char
    return kept


def distance(one: str, other: str) -> int:
    """How many letters must be put in, taken out or exchanged to make one text the other."""
    row = list(range(len(other) + 1))
    for place, char in enumerate(one, 1):
        before, row[0] = row[0], place
        for at, beside in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (char != beside))
    return row[-1]
