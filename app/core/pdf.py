"""A public record -> the bytes of its PDF: tagged (PDF/UA-1), for archives (PDF/A-3a), with the record attached.

The same record gives the same bytes on the same machine: nothing but the record, the words and the fonts goes in.
Latin, Greek and Cyrillic fonts come with typst; other scripts need fonts of the system (Debian: fonts-noto-core,
fonts-noto-cjk). A letter that no font has is never printed as a box: `MissingGlyphs` says which letters.
"""

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import msgspec
import segno

from app.core.content import canonical
from app.core.names import is_right_to_left, language_of, unbreakable_words
from app.core.wording import Words, wording

if TYPE_CHECKING:
    from typst import Compiler, Fonts

TEMPLATE = Path(__file__).parents[2] / "templates" / "certificate"

# Tried in this order, letter by letter; after them any font that has the letter.
FAMILIES = (
    *("Libertinus Serif", "Noto Serif"),
    *("Noto Serif Khmer", "Noto Serif Lao", "Noto Serif Thai", "Noto Serif Myanmar", "Noto Serif Tibetan"),
    *("Noto Serif Devanagari", "Noto Serif Bengali", "Noto Serif Sinhala", "Noto Serif Tamil", "Noto Serif Gujarati"),
    *("Noto Serif Gurmukhi", "Noto Serif Telugu", "Noto Serif Kannada", "Noto Serif Malayalam", "Noto Sans Oriya"),
    *("Noto Serif Armenian", "Noto Serif Georgian", "Noto Naskh Arabic", "Noto Serif Hebrew", "Noto Sans Thaana"),
)
HAN_FAMILIES = {
    "zh": ("Noto Serif CJK SC", "Noto Sans CJK SC"),
    "ja": ("Noto Serif CJK JP", "Noto Sans CJK JP"),
    "ko": ("Noto Serif CJK KR", "Noto Sans CJK KR"),
}
MISSING = re.compile(r"""(?:the text|the codepoint) `"((?:[^"\\]|\\.)*)"`""")
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")

_lock = Lock()


class MissingGlyphs(ValueError):
    """No font on this machine has these characters; nothing was printed."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        codes = " ".join(f"{char} (U+{ord(char):04X})" for char in characters)
        super().__init__(f"no installed font can print {codes}; install fonts for this script, such as fonts-noto-core")


def render(record: Mapping[str, Any], verify_url: str, *, template: Path = TEMPLATE, signed: str = "") -> bytes:
    """The PDF of a public record in its own language; `verify_url` is printed and put into the QR code.

    `signed`: the record's short signed form (app.core.short), which the QR code carries behind the address.
    `template` is the folder with `certificate.typ`. Raises MissingGlyphs where no font has a character of the record.
    """
    sheet = _sheet(record, wording(record, record["language"], verify_url), verify_url, signed)
    return _compile(template, "certificate.typ", sheet, _midnight(record["date"]))


def can_print(text: str) -> str:
    """The characters of a text that no font on this machine has; empty when all can be printed."""
    sheet = {"fonts": _families(language_of(text)), "text": text}
    try:
        _compile(TEMPLATE, "letters.typ", sheet, _midnight("2000-01-01"))
    except MissingGlyphs as missing:
        return missing.characters
    return ""


def qr_code(url: str) -> str:
    """The address as a QR code in SVG: vector, no margin, error correction M or better."""
    out = io.BytesIO()
    segno.make_qr(url, error="m").save(out, kind="svg", border=0, dark="#000", xmldecl=False)
    return out.getvalue().decode()


def _sheet(record: Mapping[str, Any], words: Words, verify_url: str, signed: str) -> dict[str, Any]:
    """All that the template needs, as JSON."""
    address = verify_url.partition("://")[2]
    return {
        "words": msgspec.to_builtins(words),
        "title": " · ".join((*(mark.word for mark in words.marks), words.title, words.name, words.course_title)),
        "result": words.result.replace(words.date, words.date.replace(" ", "\u00a0")),
        "title_language": words.title_language.partition("-")[0],
        "date": [int(part) for part in record["date"].split("-")],
        "fonts": _families(language_of(words.name)),
        "name": _name(words.name),
        "name_latin": _name(words.name_latin) if words.name_latin else None,
        "verify": words.verify.partition(address)[::2] if address else [],
        "address": address,
        "url": verify_url,
        "qr": qr_code(f"{verify_url}#{signed}" if signed else verify_url) if verify_url else "",
        "record": canonical(record).decode(),
    }


def _name(text: str) -> dict[str, Any]:
    return {
        "text": text,
        "language": language_of(text) or "und",
        "rtl": is_right_to_left(text),
        "words": unbreakable_words(text),
    }


def _midnight(iso: str) -> datetime:
    return datetime.fromisoformat(iso).replace(tzinfo=UTC)


@cache
def _fonts() -> "tuple[Fonts, frozenset[str]]":
    """All fonts of the machine and their families; looked for at the first certificate, not before."""
    import typst

    fonts = typst.Fonts()
    return fonts, frozenset(fonts.families())


@cache
def _compiler(template: Path) -> "Compiler":
    """One typst for each folder of templates: it keeps what it has parsed and laid out before."""
    import typst

    return typst.Compiler(str(template / "certificate.typ"), root=str(template), font_paths=_fonts()[0])


def _families(language: str) -> list[str]:
    han = HAN_FAMILIES.get(language, ()) + HAN_FAMILIES["zh"]
    return [family for family in dict.fromkeys((*FAMILIES, *han)) if family in _fonts()[1]]


def _compile(template: Path, name: str, sheet: Mapping[str, Any], at: datetime) -> bytes:
    import typst

    with _lock:
        try:
            pdf = _compiler(template).compile(
                str(template / name),
                format="pdf",
                sys_inputs={"sheet": canonical(sheet).decode()},
                pdf_standards=["ua-1", "a-3a"],
                timestamp=at,
            )
        except typst.TypstError as error:
            if missing := _missing(error.diagnostic):
                raise MissingGlyphs(missing) from None
            raise
    return cast(bytes, pdf)


def _missing(diagnostic: str) -> str:
    """The characters that an export error complains of, each once, in order of appearance."""
    texts = (ESCAPED.sub(_unescape, text) for text in MISSING.findall(diagnostic))
    return "".join(dict.fromkeys("".join(texts)))


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else match[2]
