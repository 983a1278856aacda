"""When two texts are the same: sign-in names, and words that are searched for."""

import unicodedata

ACCENTS = dict.fromkeys(range(0x300, 0x370))  # European letters' own, taken out


def login_key(login: str) -> str:
    """What makes two sign-in names the same: their letters, whatever their width or case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold()).strip()


def fold(text: str) -> str:
    """A text as it is searched: without case, width, accents of European letters or double spaces."""
    parts = unicodedata.normalize("NFKD", login_key(text))
    return " ".join(unicodedata.normalize("NFKC", parts.translate(ACCENTS)).split())
