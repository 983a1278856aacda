"""Which fonts print a name: the families for each script, in the order in which typst tries them.

Latin, Greek and Cyrillic come with typst (Libertinus, SIL Open Font License); other scripts need fonts of the system
(Debian: fonts-noto-core, fonts-noto-cjk, the same licence) or a folder `fonts` inside a template.
"""

from collections.abc import Collection

from app.core.names import language_of, scripts

EUROPEAN = ("Libertinus Serif", "Noto Serif")

# Keyed by the script's word in Unicode's character names. First the face that suits Libertinus, then a spare.
OF_SCRIPT = {
    "ARABIC": ("Noto Naskh Arabic", "Noto Sans Arabic"),
    "ARMENIAN": ("Noto Serif Armenian", "Noto Sans Armenian"),
    "BENGALI": ("Noto Serif Bengali", "Noto Sans Bengali"),
    "DEVANAGARI": ("Noto Serif Devanagari", "Noto Sans Devanagari"),
    "ETHIOPIC": ("Noto Serif Ethiopic", "Noto Sans Ethiopic"),
    "GEORGIAN": ("Noto Serif Georgian", "Noto Sans Georgian"),
    "GUJARATI": ("Noto Serif Gujarati", "Noto Sans Gujarati"),
    "GURMUKHI": ("Noto Serif Gurmukhi", "Noto Sans Gurmukhi"),
    "HEBREW": ("Noto Serif Hebrew", "Noto Sans Hebrew"),
    "KANNADA": ("Noto Serif Kannada", "Noto Sans Kannada"),
    "KHMER": ("Noto Serif Khmer", "Noto Sans Khmer"),
    "LAO": ("Noto Serif Lao", "Noto Sans Lao"),
    "MALAYALAM": ("Noto Serif Malayalam", "Noto Sans Malayalam"),
    "MONGOLIAN": ("Noto Sans Mongolian",),
    "MYANMAR": ("Noto Serif Myanmar", "Noto Sans Myanmar"),
    "ORIYA": ("Noto Sans Oriya",),
    "SINHALA": ("Noto Serif Sinhala", "Noto Sans Sinhala"),
    "TAMIL": ("Noto Serif Tamil", "Noto Sans Tamil"),
    "TELUGU": ("Noto Serif Telugu", "Noto Sans Telugu"),
    "THAANA": ("Noto Sans Thaana",),
    "THAI": ("Noto Serif Thai", "Noto Sans Thai"),
    "TIBETAN": ("Noto Serif Tibetan",),
}
HAN = {
    "zh": ("Noto Serif CJK SC", "Noto Sans CJK SC"),
    "ja": ("Noto Serif CJK JP", "Noto Sans CJK JP"),
    "ko": ("Noto Serif CJK KR", "Noto Sans CJK KR"),
}


def families(text: str, installed: Collection[str]) -> list[str]:
    """The installed families to try for a text, letter by letter: those of its own scripts, then all others.

    A script's own face comes first, so that spaces, digits and full stops in a name match its letters. Han letters are
    drawn as the language of the name writes them where its other letters give it away, else as in Chinese.
    """
    own = [family for script in scripts(text) for family in OF_SCRIPT.get(script, _european_or_han(script, text))]
    others = (*EUROPEAN, *(family for row in OF_SCRIPT.values() for family in row), *HAN["zh"])
    return [family for family in dict.fromkeys((*own, *others)) if family in installed]


def _european_or_han(script: str, text: str) -> tuple[str, ...]:
    if script in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL"):
        return HAN[language_of(text) or _han_language(script)]
    return EUROPEAN if script in ("LATIN", "GREEK", "CYRILLIC") else ()


def _han_language(script: str) -> str:
    return {"HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja"}.get(script, "zh")
