"""People's names in any script: what may be stored and printed, and how a page or a PDF sets them."""

import unicodedata

JOINERS = "\u200c\u200d"

# Where the script tells the language. Latin, Cyrillic, Arabic and Devanagari letters do not.
LANGUAGES = {
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "zh",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "KHMER": "km",
    "LAO": "lo",
    "MALAYALAM": "ml",
    "MONGOLIAN": "mn",
    "MYANMAR": "my",
    "ORIYA": "or",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAANA": "dv",
    "THAI": "th",
    "TIBETAN": "dz",
}
UNSPACED = {"CJK", "HANGUL", "HIRAGANA", "KATAKANA", "KHMER", "LAO", "MYANMAR", "THAI", "TIBETAN"}


def clean_name(text: str) -> str:
    """A name as it may be printed: composed (NFC), single spaces, no control or direction characters.

    The joiners U+200C and U+200D stay: Sinhala, Persian and others are misspelt without them.
    """
    kept = (char for char in unicodedata.normalize("NFC", text) if char in JOINERS or not _is_hidden(char))
    return " ".join("".join(kept).split())


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs") and not char.isspace()


def scripts(text: str) -> tuple[str, ...]:
    """The scripts of the letters in order of appearance, by Unicode's own words: LATIN, KHMER, CJK, …"""
    letters = (char for char in text if char.isalpha())
    return tuple(dict.fromkeys(unicodedata.name(char, "UNKNOWN").partition(" ")[0] for char in letters))


def language_of(text: str) -> str:
    """The language tag that the script of a name gives away, for `lang`; "" where it could be several."""
    found = [LANGUAGES.get(script, "") for script in scripts(text)]
    if "ja" in found:
        return "ja"  # Japanese mixes kana with Han characters
    return found[0] if found and len(set(found)) == 1 else ""


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    directions = (unicodedata.bidirectional(char) for char in text)
    return next((one != "L" for one in directions if one in ("L", "R", "AL")), False)


def unbreakable_words(text: str) -> tuple[str, ...]:
    """The parts that a line break may not divide: words, but none of a script written without spaces."""
    return tuple(word for word in text.split() if not UNSPACED & set(scripts(word)))
