"""What a page really draws: the glyphs of a PDF one by one, and what an independent shaper makes of the same text."""

import io
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from app.core.names import JOINERS


class Glyph(NamedTuple):
    """A drawn glyph: the font's PostScript name, its size in points, where it starts, and how far it moves the pen."""

    font: str
    size: float
    x: float
    y: float
    width: float


Matrix = tuple[float, float, float, float, float, float]


def times(one: Matrix, other: Matrix) -> Matrix:
    """First `one`, then `other`."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


# Strings, to be left alone; else lines and curves, with the width, the ends and the colour of a pen.
LINES = re.compile(rb"(\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f]+>)|(?:-?[\d.]+ )+(?:[mlcwM]|SCN|scn)(?=\s)", re.DOTALL)


def opened(content: bytes, strict: bool = False) -> Any:
    """A PDF to look into."""
    import pypdf  # slow to load, as what else reads PDFs, for few tests

    return pypdf.PdfReader(io.BytesIO(content), strict=strict)


def words(content: bytes) -> str:
    """The text of the first page, a line for each that is printed; where a line may break is no letter."""
    import pypdfium2

    sheet = pypdfium2.PdfDocument(content)
    page = sheet[0].get_textpage()
    found = page.get_text_range()
    page.close()
    sheet.close()
    return str(found).replace("\u200b", "")


def drawn(content: bytes) -> list[Glyph]:
    """All glyphs of the first page in the order of drawing; only what typst writes is understood."""
    from pypdf.generic import ContentStream, DecodedStreamObject

    reader = opened(content)
    page = reader.pages[0]
    fonts = {key: font.get_object() for key, font in page["/Resources"]["/Font"].items()}
    widths = {key: _widths(font["/DescendantFonts"][0].get_object()) for key, font in fonts.items()}
    found: list[Glyph] = []
    stack: list[Matrix] = []
    world: Matrix = (1, 0, 0, 1, 0, 0)
    text = line = world
    font, size, rise = "", 0.0, 0.0
    letters = DecodedStreamObject()
    letters.set_data(LINES.sub(lambda found: found[1] or b"", page.get_contents().get_data()))
    for operands, operator in ContentStream(letters, reader).operations:
        match operator:
            case b"q":
                stack.append(world)
            case b"Q":
                world = stack.pop()
            case b"cm":
                world = times(tuple(map(float, operands)), world)
            case b"BT":
                text = line = (1, 0, 0, 1, 0, 0)
            case b"Tm":
                text = line = tuple(map(float, operands))
            case b"Td":
                text = line = times((1, 0, 0, 1, float(operands[0]), float(operands[1])), line)
            case b"Ts":
                rise = float(operands[0])
            case b"Tf":
                font, size = str(operands[0]), float(operands[1])
            case b"Tj" | b"TJ":
                for part in operands[0] if operator == b"TJ" else operands:
                    if isinstance(part, (int, float)):
                        text = times((1, 0, 0, 1, -float(part) / 1000 * size, 0), text)
                        continue
                    codes = part.original_bytes
                    for place in range(0, len(codes), 2):
                        width = widths[font][int.from_bytes(codes[place : place + 2])] / 1000 * size
                        whole = times(text, world)
                        height = abs(whole[3])
                        name = str(fonts[font]["/BaseFont"]).partition("+")[2].removesuffix("-Identity-H")
                        x, y = times((1, 0, 0, 1, 0, rise), whole)[4:]
                        found.append(Glyph(name, size * height, x, y, width * height))
                        text = times((1, 0, 0, 1, width, 0), text)
    return found


def _widths(font: Any) -> Mapping[int, float]:
    """/W of a CID font: `first [w w w]` or `first last w`."""
    usual = float(font.get("/DW", 1000))
    rest, found = list(font.get("/W", [])), defaultdict(lambda: usual)
    while rest:
        first = int(rest.pop(0))
        if isinstance(row := rest.pop(0).get_object(), list):
            found.update({first + place: float(width) for place, width in enumerate(row)})
        else:
            width = float(rest.pop(0))
            found.update(dict.fromkeys(range(first, int(row) + 1), width))
    return found


@cache
def font_files() -> dict[str, tuple[Path, int]]:
    """The fonts of this machine by their PostScript names: file and place in a collection."""
    import typst
    import uharfbuzz

    found = {}
    for one in typst.Fonts().fonts():
        if one.path and ("Noto" in one.family):
            face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(one.path), one.index)
            name = face.get_name(uharfbuzz.OTNameIdPredefined.POSTSCRIPT_NAME)
            found[name] = (Path(one.path), one.index)
    return found


def shaped(text: str, font: str, *, language: str, rtl: bool) -> list[tuple[float, float]]:
    """Where uharfbuzz starts each visible glyph of a text, from the left: x and y in thousandths of the size."""
    import uharfbuzz

    path, place = font_files()[font]
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), place)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if rtl else "ltr"
    buffer.language = language
    uharfbuzz.shape(uharfbuzz.Font(face), buffer)
    pen, found = 0, []
    for glyph, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        scale = 1000 / face.upem
        if not (text[glyph.cluster] in JOINERS and position.x_advance == 0):  # a joiner is drawn as nothing
            found.append(((pen + position.x_offset) * scale, position.y_offset * scale))
        pen += position.x_advance
    return found
