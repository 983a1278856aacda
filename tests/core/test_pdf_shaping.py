"""Names as they are drawn, glyph by glyph, against an independent shaper; and names made to break a page."""

import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from app.core import pdf
from app.core.names import clean_name, is_right_to_left, language_of, pieces
from app.core.typefaces import families
from app.ops.specimens import LONG, NAMES
from tests.core.glyphs import Glyph, drawn, font_files, opened, shaped, words
from tests.core.test_certificates import record

URL = "https://learn.example.org/verify/LON-7K4M-2Q9X-HD37"
EUROPEAN = ("latin", "cyrillic", "greek", "mixed", "long", "very-long")
FOREIGN = [(script, clean_name(name)) for script, name, _ in NAMES if not script.startswith(EUROPEAN)]
LATIN = [(script, clean_name(name)) for script, name, _ in NAMES if script.startswith(EUROPEAN[:3])]
LARGEST = 38.0
POINTS = 72 / 25.4
INSIDE = (12 * POINTS, 285 * POINTS, 12 * POINTS, 198 * POINTS)  # the inner frame: left, right, bottom, top


def places(glyphs: list[Glyph]) -> list[tuple[float, float]]:
    """Where each glyph starts, from the first one's start, in thousandths of the size."""
    first = glyphs[0]
    return [((one.x - first.x) / one.size * 1000, (one.y - first.y) / one.size * 1000) for one in glyphs]


def from_first(found: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x - found[0][0], y - found[0][1]) for x, y in found]


def agrees(name: str, glyphs: list[Glyph]) -> bool:
    fonts = {one.font for one in glyphs}
    assert len(fonts) == 1, f"{name} is drawn with {fonts}"
    wanted = shaped(name, fonts.pop(), language=language_of(name) or "und", rtl=is_right_to_left(name))
    assert len(glyphs) == len(wanted)
    pairs = zip(places(glyphs), from_first(wanted), strict=True)
    return all(abs(x - u) < 1 and abs(y - v) < 1 for (x, y), (u, v) in pairs)


def need_shaper() -> None:
    pytest.importorskip("uharfbuzz", reason="the independent shaper is not here; pip install uharfbuzz")


@pytest.mark.parametrize(("script", "name"), FOREIGN, ids=[script for script, _ in FOREIGN])
def test_every_script_is_shaped_as_harfbuzz_shapes_it(script: str, name: str) -> None:
    need_shaper()
    if pdf.can_print(name):
        pytest.skip(f"no font for {script} here; apt-get install fonts-noto-core fonts-noto-cjk")
    own = [one for one in drawn(pdf.render(record(name=name), URL)) if abs(one.size - LARGEST) < 0.01]
    assert agrees(name, [one for one in own if one.font != "LibertinusSerif-Regular"])  # the title's


SPECIMEN = """
#let sheet = json(bytes(sys.inputs.sheet))
#set document(title: "Specimen")
#set text(font: "Noto Serif", lang: sheet.name.language)
#sheet.name.text
"""


@pytest.fixture(scope="module")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template of our own, since the file of typst's own Latin font is inside typst."""
    folder = tmp_path_factory.mktemp("specimen")
    (folder / "certificate.typ").write_text(SPECIMEN)
    return folder


@pytest.mark.parametrize(("script", "name"), LATIN, ids=[script for script, _ in LATIN])
def test_latin_letters_with_all_their_marks_are_shaped_as_harfbuzz_shapes_them(
    script: str, name: str, specimen: Path
) -> None:
    need_shaper()
    if "NotoSerif-Regular" not in font_files():
        pytest.skip("no Noto Serif here; apt-get install fonts-noto-core")
    assert agrees(name, drawn(pdf.render(record(name=name), URL, template=specimen)))


@pytest.mark.parametrize("plain", [False, True])
def test_every_font_is_embedded(tmp_path: Path, plain: bool) -> None:
    tool = shutil.which("pdffonts")
    if tool is None:
        pytest.skip("no pdffonts here; apt-get install poppler-utils")
    for script, name, latin in NAMES[::3] if plain else NAMES:  # the same fonts, in black
        if pdf.can_print(name):
            continue
        file = tmp_path / f"{script}.pdf"
        file.write_bytes(pdf.render(record(name=clean_name(name), name_latin=latin), URL, language="vi", plain=plain))
        told = subprocess.run([tool, str(file)], capture_output=True, text=True, check=True).stdout.splitlines()
        facts = [row[row.rindex("Identity-H") :].split() for row in told[2:]]
        assert [row[1:4] for row in facts] == [["yes", "yes", "yes"]] * len(facts)  # embedded, subset, to Unicode
        assert len(facts) > 1


ZALGO = "L" + "\u0301\u0323\u0330" * 60
HARD = {
    "300 letters without a space": "W" * 300,
    "300 letters in words": (LONG + " ") * 3,
    "300 narrow letters": "i" * 300,
    "one letter": "A",
    "Khmer": "សុខចន្ទដារ៉ាស្រីស្រស់" * 14,
    "Burmese": "ခင်မျိုးချစ်သန္တာကြည်" * 14,
    "Thai": "กมลวรรณศรีสุวรรณน้ำผึ้ง" * 12,
    "Tamil": "ஸ்ரீநிவாசன் கௌரி " * 18,
    "Sinhala": "ශ්\u200dරියානික්\u200dෂේම" * 18,
    "Arabic": "فاطمةالزهراء" * 25,
    "Arabic in words": "فاطمة الزهراء " * 21,
    "Chinese": "陳大文邓丽华" * 50,
    "stacked marks": ZALGO,
    "words of stacked marks": " ".join((ZALGO[:30],) * 10),
    "Tibetan": "བསོད་ནམས་རྒྱལ་མཚན་" * 16,
    "both directions": "Ana " + "فاطمة" + " Sok " + "سارة " * 40,
}


SETTINGS = [(one, False) for one in HARD] + [(one, True) for one in list(HARD)[::4]]  # True: the Latin spelling too


@pytest.mark.parametrize(("hard", "latin"), SETTINGS)
def test_a_long_name_shrinks_and_breaks_and_never_runs_out(hard: str, latin: bool) -> None:
    name = HARD[hard]
    if pdf.can_print(name):
        pytest.skip("no font for this name here; apt-get install fonts-noto-core fonts-noto-cjk")
    content = pdf.render(record(name=name, name_latin=LONG * 3 if latin else "", demo=True), URL, language="fr")
    assert len(opened(content).pages) == 1
    left, right, bottom, top = INSIDE
    # The stamp behind the text is turned: its letters have no upright size.
    outside = [
        one for one in drawn(content) if not (left <= one.x and one.x + one.width <= right and bottom <= one.y <= top)
    ]
    assert outside == []


@pytest.mark.parametrize(
    ("name", "size"),
    [("Ana", 38), ("Litia Vakatāwale-O’Connor", 38), (LONG.partition("-")[0] + " Tui", 34), (LONG, 27)],
)
def test_names_are_as_large_as_they_can_be(name: str, size: int) -> None:
    own = {round(one.size) for one in drawn(pdf.render(record(name=name), URL)) if "Semibold" in one.font}
    assert max(own) == size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana", ("A", "n", "a")),
        ("ស្រី", ("ស្រី",)),  # the second consonant hangs under the first
        ("သန္တာ", ("သ", "န္တာ")),
        ("ශ්\u200dරී", ("ශ්\u200dරී",)),
        ("เกา", ("เก", "า")),
        ("e\u0301a", ("e\u0301", "a")),
        ("\u0301", ("\u0301",)),
        ("", ()),
    ],
)
def test_a_letter_is_never_torn(text: str, expected: tuple[str, ...]) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Ana", ["Libertinus Serif", "Noto Serif"]),
        ("សុខ", ["Noto Serif Khmer", "Libertinus Serif"]),
        ("Sok សុខ", ["Libertinus Serif", "Noto Serif"]),
        ("山田 さくら", ["Noto Serif CJK JP", "Libertinus Serif"]),
        ("陳大文", ["Noto Serif CJK SC", "Libertinus Serif"]),
        ("Kim 김민준", ["Libertinus Serif", "Noto Serif"]),
        ("", ["Libertinus Serif", "Noto Serif"]),
    ],
)
def test_the_face_of_a_names_own_script_comes_first(text: str, first: list[str]) -> None:
    installed = {
        "Libertinus Serif",
        "Noto Serif",
        "Noto Serif Khmer",
        *(f"Noto Serif CJK {one}" for one in ("SC", "JP")),
    }
    assert families(text, installed)[:2] == first


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("Ana \u202eesreveR\u202c \u2066x\u2069", "Ana esreveR x"),
        ("Ana\u0000\u001b[31m\u0085\u2028\u2029Tui", "Ana[31m Tui"),
        ("\ufeffAna\u00ad\u200b\u200e\u061c", "Ana"),
    ],
)
def test_direction_marks_and_controls_never_reach_paper(typed: str, left: str) -> None:
    assert record(name=typed)["name"] == left
    assert " ".join(words(pdf.render(record(name=typed), URL)).split()).find(f"certifies that {left} completed") > 0


@pytest.mark.parametrize(
    "name", ["Ana 🌺", "👩\u200d👩\u200d👧", "🇫🇯", "☺\ufe0f", "Ana \U0010ffff", "\ue000", "A\ufffd"]
)
def test_what_no_font_draws_is_refused_and_what_one_draws_is_drawn(name: str) -> None:
    """Which pictures a machine can draw is its own affair; a box is never drawn."""
    missing = pdf.can_print(name)
    assert set(missing) <= set(name)
    if not missing:
        assert pdf.render(record(name=name), URL)[:5] == b"%PDF-"
        return
    with pytest.raises(pdf.MissingGlyphs) as raised:
        pdf.render(record(name=name), URL)
    assert raised.value.characters == missing


SOURCES = (
    "#panic(1)",
    '#read("/etc/passwd")',
    '"} #import "@preview/x:1.0.0"',
    "$ sum_(k=0)^n k $",
    '#eval("1")',
    "= A\n- b\n+ c\n/ d: e",
    "*a* _b_ `c` ```d``` <e> @f \\ ~ -- --- ... 'g' \"h\"",
    "https://evil.example/",
    "// /* */ \\u{41} \\#",
    "#{",
    "]]))}}",
    "\\",
)


@pytest.mark.parametrize("text", SOURCES)
def test_typsts_own_language_in_the_data_is_only_text(text: str) -> None:
    """Every word that a person, an author or an operator chooses."""
    issuer = record()["issuer"] | {"name": text, "signatory": text, "role": text, "statement": text}
    given = record(name=text, name_latin=text + " x", topics=(text,)) | {"course_title": text, "issuer": issuer}
    content = pdf.render(given | {"version": text, "timezone": text}, URL)
    squeezed = _squeezed(words(content))
    assert squeezed.count(_squeezed(text)) >= 6
    assert json_of(content)["course_title"] == text


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def json_of(content: bytes) -> dict[str, object]:
    import json

    found = json.loads(opened(content).attachments["certificate.json"][0])
    assert isinstance(found, dict)
    return found
