"""A public record -> the bytes of its PDF: tagged (PDF/UA-1), for archives (PDF/A-3a), with the record attached.

The same record gives the same bytes on the same machine: nothing but the record, the words, the template and the
fonts goes in. A letter that no font has is never printed as a box: `MissingGlyphs` says which letters.
"""

import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
import segno

from app.core.content import Struct, canonical
from app.core.names import is_right_to_left, language_of, pieces, unbreakable_words
from app.core.typefaces import families
from app.core.wording import Words, wording

if TYPE_CHECKING:
    from typst import Compiler, Fonts

TEMPLATE = Path(__file__).parents[2] / "templates" / "certificate"
LOGOS = ("logo.svg", "logo.png", "logo.jpg")

# One of the eight masks of a QR code. Any reads as well to today's cameras; trying all eight for the prettiest takes
# 11 ms of 13, and more than the page itself for a long text.
MASK = 0
MODULE = 0.52  # millimetres of one square of the code, as long as the whole keeps within these:
SMALLEST, LARGEST = 23.0, 38.0

MISSING = re.compile(r"""(?:the text|the codepoint) `"((?:[^"\\]|\\.)*)"`""")
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")

Source = TypeVar("Source", str, bytes)  # a file's path, or typst's own language

_lock = Lock()


class Unprintable(ValueError):
    """There is no PDF for now; the record stands. The message is for those who run the site."""


class MissingGlyphs(Unprintable):
    """No font on this machine has these characters; nothing was printed."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        codes = " ".join(f"{char} (U+{ord(char):04X})" for char in characters)
        super().__init__(f"no installed font can print {codes}; install fonts for this script, such as fonts-noto-core")


class BadTemplate(Unprintable):
    """The template does not compile; the message says where."""


class Attachment(Struct, frozen=True):
    """A file inside the PDF. `relationship` is PDF/A-3's: how the file belongs to the page."""

    name: str
    content: str
    type: str
    description: str
    relationship: Literal["source", "data", "alternative", "supplement"] = "supplement"


def render(
    record: Mapping[str, Any],
    verify_url: str,
    *,
    language: str = "",
    plain: bool = False,
    revoked: bool = False,
    template: Path = TEMPLATE,
    code: str = "",
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The PDF of a public record; `verify_url` is printed, and put into the QR code unless `code` is given.

    `language`: of the words, that of the record unless given; the record is the same in all of them. `plain`: black
    ink alone, for copiers. `revoked`: stamped across the page. `template`: the folder with `certificate.typ`.
    `attachments` travel inside the PDF, after the record itself. Raises MissingGlyphs where no font has a character of
    the record, BadTemplate where the template does not compile.
    """
    sheet = _sheet(record, wording(record, language or record["language"], verify_url, revoked), verify_url, template)
    files = (_record_file(record, sheet["words"]["attachment"]), *attachments)
    sheet |= {"plain": plain, "attachments": msgspec.to_builtins(files), **_code(code or verify_url)}
    return _compile(template, str(template / "certificate.typ"), sheet, _midnight(record["date"]))


def can_print(text: str, *, template: Path = TEMPLATE) -> str:
    """The characters of a text that no font on this machine (or of the template) has; empty when all can be printed."""
    sheet = {"fonts": families(text, _fonts(template)[1]), "text": text}
    try:
        _compile(template, LETTERS, sheet, _midnight("2000-01-01"))
    except MissingGlyphs as missing:
        return missing.characters
    return ""


LETTERS = b"""
#let sheet = json(bytes(sys.inputs.sheet))
#set document(title: "Letters")
#set text(font: sheet.fonts, weight: 600)
#sheet.text
"""


def qr_code(text: str) -> tuple[str, int]:
    """A text as a QR code in SVG, and its squares a side: vector, no margin, error correction M or better."""
    out = io.BytesIO()
    made = segno.make_qr(text, error="m", mask=MASK)
    made.save(out, kind="svg", border=0, dark="#000", xmldecl=False)
    return out.getvalue().decode(), len(made.matrix)


def _code(text: str) -> dict[str, Any]:
    if not text:
        return {"qr": "", "qr_size": 0}
    svg, squares = qr_code(text)
    return {"qr": svg, "qr_size": min(max(squares * MODULE, SMALLEST), LARGEST)}


def _record_file(record: Mapping[str, Any], description: str) -> Attachment:
    return Attachment(
        name="certificate.json",
        content=canonical(record).decode(),
        type="application/json",
        description=description,
        relationship="data",
    )


def _sheet(record: Mapping[str, Any], words: Words, verify_url: str, template: Path) -> dict[str, Any]:
    """All that the template prints, as JSON."""
    address = verify_url.partition("://")[2]
    return {
        "words": msgspec.to_builtins(words),
        "title": " · ".join((*(mark.word for mark in words.marks), words.title, words.name, words.course_title)),
        "result": words.result.replace(words.date, words.date.replace(" ", "\u00a0")),
        "title_language": words.title_language.partition("-")[0],
        "date": [int(part) for part in record["date"].split("-")],
        "fonts": families("", _fonts(template)[1]),
        "name": _name(words.name, template),
        "name_latin": _name(words.name_latin, template) if words.name_latin else None,
        "verify": words.verify.partition(address)[::2] if address else [],
        "address": address,
        "url": verify_url,
        "logo": next((logo for logo in LOGOS if (template / logo).is_file()), None),
    }


def _name(text: str, template: Path) -> dict[str, Any]:
    return {
        "text": text,
        "fonts": families(text, _fonts(template)[1]),
        "language": language_of(text) or "und",
        "rtl": is_right_to_left(text),
        "words": unbreakable_words(text),
        "pieces": pieces(text),
    }


def _midnight(iso: str) -> datetime:
    return datetime.fromisoformat(iso).replace(tzinfo=UTC)


@cache
def _fonts(template: Path) -> "tuple[Fonts, frozenset[str]]":
    """The template's own fonts and all of the machine, with their families; looked for at the first certificate."""
    import typst

    fonts = typst.Fonts(font_paths=[str(template / "fonts")])
    return fonts, frozenset(fonts.families())


@cache
def _compiler(template: Path) -> "Compiler":
    """One typst for each folder of templates: it keeps what it has parsed and laid out before."""
    import typst

    return typst.Compiler(str(template / "certificate.typ"), root=str(template), font_paths=_fonts(template)[0])


def _compile(template: Path, source: Source, sheet: Mapping[str, Any], at: datetime) -> bytes:
    import typst

    with _lock:
        try:
            pdf = _compiler(template).compile(
                source,
                format="pdf",
                sys_inputs={"sheet": canonical(sheet).decode()},
                pdf_standards=["ua-1", "a-3a"],
                timestamp=at,
            )
        except OSError as error:
            raise BadTemplate(f"{template / 'certificate.typ'}: {str(error).lower()}") from None
        except typst.TypstError as error:
            if missing := _missing(error.diagnostic):
                raise MissingGlyphs(missing) from None
            raise BadTemplate(f"{template}: {' '.join(error.diagnostic.split())}") from None
    if not isinstance(pdf, bytes):
        raise BadTemplate(f"{template}: no page came out")
    return pdf


def _missing(diagnostic: str) -> str:
    """The characters that an export error complains of, each once, in order of appearance."""
    texts = (ESCAPED.sub(_unescape, text) for text in MISSING.findall(diagnostic))
    return "".join(dict.fromkeys("".join(texts)))


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else match[2]
