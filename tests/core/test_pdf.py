"""The PDF of a certificate: accessible, archivable, the same each time, and never a box for a letter."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.core import pdf
from app.core.certificates import Issuer
from tests.core.glyphs import opened, words
from tests.core.test_certificates import record

URL = "https://learn.example.org/verify/LON-7K4M-2Q9X-HD37"

# A name in each script, and the font that should print it.
NAMES = {
    "Litia Vakatāwale-O’Connor": "LibertinusSerif",
    "Nguyễn Thị Ngọc Ánh": "LibertinusSerif",
    "Ņeḷ M̧ajeļ ʻAna": "LibertinusSerif",
    "Нурлан Әбілов Өмүрбек": "LibertinusSerif",
    "Ελένη Παπαδοπούλου": "LibertinusSerif",
    "សុខ ចន្ទដារ៉ា": "NotoSerifKhmer",
    "กมลวรรณ ศรีสุวรรณ น้ำผึ้ง": "NotoSerifThai",
    "ຈັນທະລາ ພົມມະວົງ": "NotoSerifLao",
    "မမ ခင်မျိုးချစ်": "NotoSerifMyanmar",
    "बिमला क्षेत्री": "NotoSerifDevanagari",
    "জ্যোৎস্না চক্রবর্তী": "NotoSerifBengali",
    "ශ්‍රියානි කුමාරතුංග": "NotoSerifSinhala",
    "ஸ்ரீநிவாசன் கௌரி": "NotoSerifTamil",
    "فاطمة الزهراء": "NotoNaskhArabic",
    "ნინო ბერიძე": "NotoSerifGeorgian",
    "Անահիտ Սարգսյան": "NotoSerifArmenian",
    "བསོད་ནམས་རྒྱལ་མཚན": "NotoSerifTibetan",
    "އައިޝަތު ނިޝާން": "NotoSansThaana",
}
UNASSIGNED = "\u0378"


def read(content: bytes) -> Any:
    return opened(content, strict=True)


def printed(content: bytes) -> str:
    return " ".join(words(content).split())


def tags(node: Any) -> list[tuple[str, str]]:
    """The structure of a tagged PDF in reading order: (tag, alternative text or language)."""
    found = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(found, list):
        return [tag for one in found for tag in tags(one)]
    if not isinstance(found, dict):
        return []
    own = [(str(found["/S"]), str(found.get("/Alt", found.get("/Lang", ""))))] if "/S" in found else []
    return own + (tags(found["/K"]) if "/K" in found else [])


def fonts(content: bytes) -> set[str]:
    resources = read(content).pages[0]["/Resources"]["/Font"].values()
    return {font.get_object()["/BaseFont"].partition("+")[2].partition("-")[0] for font in resources}


@pytest.fixture(scope="module")
def content() -> bytes:
    return pdf.render(record(name_latin="L. V.", topics=("Why", "Right")), URL)


def test_claims_both_standards_and_has_what_they_ask_for(content: bytes) -> None:
    reader = read(content)
    root = reader.root_object
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf's own boolean
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712 - likewise
    assert root["/Lang"] == "en"
    assert root["/OutputIntents"][0].get_object()["/S"] == "/GTS_PDFA1"
    assert reader.metadata is not None
    assert reader.metadata.title == "Certificate of completion · Litia Vakatāwale · Social protection for all"
    assert reader.metadata.author == "Institute of Public Administration"
    assert reader.metadata.creation_date_raw == "D:20261122000000Z"


def test_is_read_aloud_in_order_with_languages(content: bytes) -> None:
    structure = [(tag, said) for tag, said in tags(read(content).root_object["/StructTreeRoot"]["/K"]) if tag != "/Div"]
    assert structure == [
        ("/Document", ""),
        ("/H1", ""),
        ("/P", ""),
        *[("/P", "und")] * 2,  # Latin letters do not say the language of a name
        *[("/P", "")] * 10,
        ("/Link", ""),
        ("/Figure", f"QR code of the address {URL}"),
        ("/P", ""),
    ]


def test_prints_every_word(content: bytes) -> None:
    assert printed(content) == (
        "Certificate of completion Institute of Public Administration certifies that Litia Vakatāwale L. V. "
        "completed the self-paced online course Social protection for all version 0.9, passing every module quiz "
        "at 70 per cent or above and the final assessment at 80 per cent or above, on 22 November 2026 Study time: "
        "about 3 hours Topics: Why · Right Date of issue 22 November 2026 Mele Tupou Director Number "
        "LON-7K4M-2Q9X-HD37 Compare with our record at learn.example.org/ verify/LON-7K4M-2Q9X-HD37 Issued by "
        "Institute of Public Administration alone; not issued or endorsed by the United Nations or ESCAP. The name "
        "is as its holder gave it; the holder’s identity was not checked. It gives no academic credit and is no "
        "professional licence. The course uses public material of the United Nations and others as sources."
    )


def test_carries_the_record_as_data(content: bytes) -> None:
    reader = read(content)
    assert json.loads(reader.attachments["certificate.json"][0]) == record(name_latin="L. V.", topics=("Why", "Right"))
    attached = reader.root_object["/AF"][0].get_object()
    assert attached["/AFRelationship"] == "/Data"
    assert attached["/Desc"] == "The public record as issued, in JSON"


def test_links_to_the_verify_page(content: bytes) -> None:
    link = read(content).pages[0]["/Annots"][0].get_object()
    assert (link["/A"]["/URI"], link["/Contents"]) == (URL, URL)


def test_participation_looks_plainer_and_says_no_assessment() -> None:
    given = record(kind="participation", issuer=Issuer(name="Institute"))
    text = printed(pdf.render(given, URL))
    assert text.startswith(
        "Confirmation of participation No assessment Institute confirms that Litia Vakatāwale took part"
    )
    assert len(pdf.render(given, URL)) < len(pdf.render(record(issuer=Issuer(name="Institute")), URL))


def test_what_certifies_nothing_says_so() -> None:
    content = pdf.render(record(issuer=Issuer(), trial=True, demo=True, language="fr"), URL)
    title = read(content).metadata.title
    assert title.startswith("DÉMONSTRATION · SPÉCIMEN · ESSAI · Certificat de réussite · ")
    assert " ".join(printed(content).split()).startswith("DÉMONSTRATION Certificat de réussite Un spécimen")
    assert "SPÉCIMEN – Aucune institution émettrice n’est configurée sur ce site" in printed(content)
    assert "ESSAI – Établi sur une machine accessible à son seul utilisateur" in printed(content)


def test_no_address_no_code() -> None:
    content = pdf.render(record(), "")
    assert "/Figure" not in dict(tags(read(content).root_object["/StructTreeRoot"]["/K"]))
    assert "Compare" not in printed(content)


def test_data_is_never_source() -> None:
    name = "#panic(1) $x$ *a* @b <c> \\ `d` [e] // f"
    assert f"certifies that {name} completed" in printed(pdf.render(record(name=name), URL))


def test_same_record_same_bytes_in_any_thread_and_process(content: bytes) -> None:
    given = record(name_latin="L. V.", topics=("Why", "Right"))
    with ThreadPoolExecutor(4) as pool:
        again = set(pool.map(lambda _: pdf.render(given, URL), range(8)))
    assert again == {content}
    script = f"import sys; from app.core import pdf; sys.stdout.buffer.write(pdf.render({given!r}, {URL!r}))"
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert other.stdout == content


@pytest.mark.parametrize(("name", "font"), NAMES.items(), ids=NAMES.values())
def test_every_script_is_printed_in_its_font(name: str, font: str) -> None:
    if pdf.can_print(name):
        pytest.skip(f"no font for {name} here; install fonts-noto-core")
    content = pdf.render(record(name=name, name_latin="Romanised"), URL)
    assert {font, "LibertinusSerif"} == fonts(content) | {"LibertinusSerif"}
    assert len(read(content).pages) == 1


def test_language_of_a_name_is_tagged() -> None:
    if pdf.can_print("សុខ"):
        pytest.skip("no Khmer font here; install fonts-noto-core")
    content = pdf.render(record(name="សុខ ចន្ទដារ៉ា", name_latin="Sok Chandara"), URL)
    languages = [said for tag, said in tags(read(content).root_object["/StructTreeRoot"]["/K"]) if tag == "/P" and said]
    assert languages == ["km", "und"]


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("W" * 200, "W" * 200),
        ("Maria Magdalena Wilhelmina " * 7, "Tuilaepa Malielegaoi-Vanderbilt " * 6),
        ("Nguyễn " * 28, "A"),
        ("A", ""),
    ],
)
def test_everything_stays_on_one_page(name: str, latin: str) -> None:
    issuer = Issuer(
        name="Ministry of Women, Children and Social Protection " * 4,
        signatory="The Honourable " * 8,
        role="Permanent Secretary " * 8,
        statement="This sentence says who stands behind it. " * 10,
    )
    given = record(
        name=name,
        name_latin=latin,
        language="fr",
        issuer=issuer,
        demo=True,
        trial=True,
        topics=("A topic of some length",) * 22,
        rule=record()["rule"] | {"valid_years": 3},
    )
    assert len(read(pdf.render(given, URL.replace("learn", "a-long-name." * 6))).pages) == 1


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Litia Vakatāwale", ""),
        (f"Ana {UNASSIGNED}{UNASSIGNED}", UNASSIGNED),
        ("Ana \ue000", "\ue000"),  # a private character: no two fonts agree on it
        ("\U000e0fff\U0001fffe", "\U000e0fff\U0001fffe"),
        ('"\\' + UNASSIGNED, UNASSIGNED),
        ("", ""),
    ],
)
def test_missing_letters_are_named(text: str, missing: str) -> None:
    assert pdf.can_print(text) == missing


def test_a_missing_letter_is_never_a_box() -> None:
    given = record(name="Ana" + UNASSIGNED)
    with pytest.raises(pdf.MissingGlyphs, match=r"no installed font can print .* \(U\+0378\)") as raised:
        pdf.render(given, URL)
    assert raised.value.characters == UNASSIGNED


def test_qr_code_is_vector_and_black() -> None:
    svg, squares = pdf.qr_code(URL)
    assert squares == 33
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert 'stroke="#000"' in svg
    assert "<image" not in svg


def test_typst_is_loaded_only_when_needed() -> None:
    script = "import sys, app.core.pdf; print('typst' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout == "False\n"
    )
