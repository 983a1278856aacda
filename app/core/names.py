"""People's names in any script: what may be stored and printed, and how a page or a PDF sets them."""

import unicodedata

JOINERS = "\u200c\u200d"
VIRAMA = 9  # the combining class of signs that bind the next letter to the one before
WRITTEN_FIRST = "เแโใไເແໂໃໄ"

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


def pieces(text: str) -> tuple[str, ...]:
    """A text cut wherever a line could end without tearing a letter: for the very long name that fits no other way.

    Marks, joiners, and letters that a sign binds to the one before (Khmer, Burmese, Indic) stay together, and vowels
    that Thai and Lao write first stay with their consonant.
    """
    cut: list[str] = []
    for char in text:
        if cut and (_clings(char) or _holds(cut[-1][-1])):
            cut[-1] += char
        else:
            cut.append(char)
    return tuple(cut)


def _clings(char: str) -> bool:
    return char in JOINERS or unicodedata.category(char).startswith("M")


def _holds(char: str) -> bool:
    return char in JOINERS or char in WRITTEN_FIRST or unicodedata.combining(char) == VIRAMA
