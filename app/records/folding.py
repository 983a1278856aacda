"""When two texts are the same: sign-in names, and words that are searched for."""

import unicodedata


def login_key(login: str) -> str:
    """What makes two sign-in names the same: their letters, whatever their width or case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold()).strip()


def fold(text: str) -> str:
    """A text as it is searched: without case, width, accents of European letters or double spaces."""
    parts = unicodedata.normalize("NFKD", login_key(text))
    plain = "".join(one for one in parts if not "\u0300" <= one <= "\u036f")
    return " ".join(unicodedata.normalize("NFKC", plain).split())
