"""What makes a new password too easy to guess. Length counts; there are no rules of composition."""

import unicodedata

SHORTEST, LONGEST = 12, 128
ROWS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qwertzuiop")
# What people add to when asked for a longer password; together with digits and signs these carry almost nothing.
# fmt: off
COMMON = frozenset((
    "admin", "administrator", "azerty", "bismillah", "changeme", "computer", "default", "democracy", "dragon",
    "football", "freedom", "government", "guest", "hello", "iloveyou", "indonesia", "internet", "learning",
    "letmein", "lontar", "login", "ministry", "monday", "monkey", "office", "official", "pakistan", "passphrase",
    "password", "passw0rd", "princess", "protection", "public", "qwerty", "secret", "social", "sunshine",
    "superman", "temporary", "thailand", "training", "user", "welcome", "whatever",
))
# fmt: on


def normalise(password: str) -> str:
    """The form that is hashed: NFKC, so that one password typed on two keyboards is one password."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, about: tuple[str, ...] = ()) -> str | None:
    """Why a new password is refused: "short", "long", "common" or "personal"; None if it may be used.

    `about` are the words others know of the person: sign-in name, names, the site's name.
    """
    text = normalise(password)
    if len(text) < SHORTEST:
        return "short"
    if len(text) > LONGEST:
        return "long"
    folded = text.casefold()
    if any(folded == word.casefold() or rest(folded, word.casefold()) < 6 for word in about if len(word) >= 4):
        return "personal"
    return "common" if is_common(folded) else None


def is_common(folded: str) -> bool:
    letters = "".join(character for character in folded if character.isalpha())
    return (
        len(set(folded)) < 5
        or is_repeated(folded)
        or any(walks(folded, row) for row in ROWS)
        or letters in COMMON
        or any(is_repeated_word(letters, word) for word in COMMON)
    )


def is_repeated(text: str) -> bool:
    """Whether the text is one short piece again and again."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))


def is_repeated_word(letters: str, word: str) -> bool:
    return len(letters) >= 2 * len(word) and letters == word * (len(letters) // len(word))


def walks(text: str, row: str) -> bool:
    """Whether most neighbours of the text are neighbours on a row of keys or in the alphabet, in either direction."""
    both = row + row[0] + "|" + (row + row[0])[::-1]
    steps = sum(text[index : index + 2] in both for index in range(len(text) - 1))
    return steps >= (len(text) - 1) * 3 / 4


def rest(text: str, word: str) -> int:
    """How many characters remain when the word is taken out once; the whole length if it is not there."""
    return len(text) - len(word) if word in text else len(text)
