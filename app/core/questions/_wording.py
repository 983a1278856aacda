"""Short answers in words: several accepted wordings, compared without what should not matter."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.scan import ItemSource

STRICT = ("case", "accents", "spaces", "width")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff\u200e\u200f"))
_QUOTES = {"'": "\u2018\u2019\u02bc\u2032`\u00b4", '"': "\u201c\u201d\u201e\u00ab\u00bb"}
_SAME = str.maketrans({char: plain for plain, chars in _QUOTES.items() for char in chars})
_ACCENTS = re.compile("[\u0300-\u036f]")
_HYPHENS = re.compile(r"[\s\-\u2010-\u2015\u2212_]+")


def strictness(source: "ItemSource") -> tuple[str, ...]:
    """What the item's `exact=case,accents` asks to be written exactly; nothing without it."""
    asked = tuple(filter(None, source.attributes.get("exact", "").split(",")))
    for one in asked:
        if one not in STRICT:
            source.fault(source.line, "exact", f"“{one}” can't be asked exactly. Write some of: {','.join(STRICT)}.")
    return asked


def wordings_of(text: str) -> tuple[str, ...]:
    """The accepted wordings of "one / other"; a slash within a word parts nothing."""
    return tuple(filter(None, (" ".join(part.split()) for part in re.split(r"\s+/\s+|\s+/$|^/\s+", text.strip()))))


def fold(text: str, exact: Sequence[str] = ()) -> str:
    """The text without what does not matter: case, Latin accents, spaces and hyphens, full width; a final full stop."""
    text = text.translate(_SAME)  # first, too: NFKC takes the apostrophe ´ apart
    text = unicodedata.normalize("NFC" if "width" in exact else "NFKC", text).translate(_INVISIBLE).translate(_SAME)
    if "case" not in exact:
        text = text.casefold()
    if "accents" not in exact:
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split()) if "spaces" in exact else _HYPHENS.sub(" ", text)
    return text.strip().rstrip(".").rstrip()


def comparable(wordings: Sequence[str], exact: Sequence[str]) -> str:
    """The first of the wordings that has something to compare; "" where none has."""
    return next((one for one in wordings if fold(one, exact)), "")


def accepted(text: object, wordings: Sequence[str], exact: Sequence[str] = ()) -> bool:
    """Whether `text` is one of the wordings; nothing, and what is no text, never is."""
    given = fold(text, exact) if isinstance(text, str) else ""
    return bool(given) and given in _folded(tuple(wordings), tuple(exact))


@lru_cache(maxsize=1024)
def _folded(wordings: tuple[str, ...], exact: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(wording, exact) for wording in wordings)
