"""Files that are broken or meant to do harm: refused in words, or read as far as they go; never long, never large."""

import time
import zipfile
from base64 import b64encode
from io import BytesIO

import pytest

from app.core.exchange import READERS, guess
from app.core.exchange.bank import Known, make
from app.core.exchange.decoding import decode
from app.core.exchange.model import Refused
from app.core.worker import Worker
from tests.core.exchange.banks import bring, items_of

TRUE = '<question type="truefalse"><name><text>{}</text></name><questiontext><text>Q{}</text></questiontext>'
TRUE += '<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>\n'
BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

UNSAFE = {
    "a bomb of entities": f'<!DOCTYPE quiz [<!ENTITY l0 "lol">{BOMB}]><quiz><question>&l9;</question></quiz>',
    "one large entity": f'<!DOCTYPE quiz [<!ENTITY a "{"a" * 1000}">]><quiz><question>{"&a;" * 1000}</question></quiz>',
    "a file of this machine": '<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question>&x;</question></quiz>',
    "a page of another host": '<!DOCTYPE quiz SYSTEM "http://example.org/q.dtd"><quiz><question/></quiz>',
    "a public document type": '<!DOCTYPE quiz PUBLIC "-//x" "http://example.org/q.dtd"><quiz><question/></quiz>',
    "a parameter entity": '<!DOCTYPE q [<!ENTITY % x SYSTEM "http://example.org/x"> %x;]><quiz><question/></quiz>',
}


@pytest.mark.parametrize("name", UNSAFE)
def test_entities_and_references_to_outside_are_refused(name: str, worker: Worker) -> None:
    with pytest.raises(Refused, match=r"document type|entities|another file"):
        bring(UNSAFE[name], "moodle-xml", worker)


def test_a_plain_document_type_is_harmless(worker: Worker) -> None:
    assert bring(f"<!DOCTYPE quiz><quiz>{TRUE.format('a', 1)}</quiz>", "moodle-xml", worker).imported == 1


def test_deep_nesting_is_refused(worker: Worker) -> None:
    with pytest.raises(Refused, match="nested deeper"):
        bring("<quiz><question>" + "<a>" * 100_000, "moodle-xml", worker)


BROKEN = {
    "a tag that is not closed": (
        f"<quiz>\n{TRUE.format('a', 1)}<question><name><text>b</text></question>\n{TRUE.format('c', 3)}</quiz>",
        [(3, "b", "the XML breaks here: mismatched tag")],
        ["a", "c"],
    ),
    "a stray sign": (
        f"<quiz>\n<question type='truefalse'><name><text>R & D</text></name></question>\n{TRUE.format('c', 3)}</quiz>",
        [(2, "R", "the XML breaks here: not well-formed (invalid token)")],
        ["c"],
    ),
    "an end that is missing": (
        f"<quiz>\n{TRUE.format('a', 1)}{TRUE.format('b', 2)[:80]}",
        [(3, "b", "the XML breaks here: unclosed token")],
        ["a"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_of_broken_xml_all_whole_questions_come_along(name: str, worker: Worker) -> None:
    text, named, whole = BROKEN[name]
    bank = bring(text, "moodle-xml", worker)
    assert [(one.line, one.name, one.text) for one in bank.remarks if one.left_out] == named
    assert [item.id for item in items_of(bank)] == whole


def test_names_of_html_in_xml_are_letters(worker: Worker) -> None:
    bank = bring(f"<quiz>{TRUE.format('a', '&eacute;&nbsp;&hellip;')}</quiz>", "moodle-xml", worker)
    assert "## Qé\u00a0… {#a .true-false}" in bank.files[0]


def archive() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../../escape.xml", "<quiz/>")
        file.writestr("bomb.xml", b"\0" * 1_000_000)
    return packed.getvalue()


@pytest.mark.parametrize("data", [archive(), b"%PDF-1.7", b"\x89PNG\r\n", b"\x1f\x8b\x08", bytes(range(256)) * 40])
def test_what_is_no_text_is_refused_and_never_unpacked(data: bytes) -> None:
    with pytest.raises(Refused, match="This is no text file"):
        guess("x", decode(data)[0])


@pytest.mark.parametrize("text", ["", "Just some words.", "\ufffd" * 50])
def test_what_is_no_bank_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="neither GIFT, Moodle XML nor Aiken"):
        guess("notes.txt", text)


NASTY = {
    "open braces": "{" * 20_000,
    "closed braces": "}" * 20_000,
    "signs": "Q {" + "=~#%" * 10_000 + "}",
    "colons": "::" * 20_000 + " {=a ~b}",
    "comments": "//[id:" * 20_000,
    "categories": "$CATEGORY: x\n" * 2_000,
    "backslashes": "\\" * 40_000 + " {=a ~b}",
    "tags": "[html]Q " + "<b>" * 20_000 + " {=a ~b}",
    "stars": "Q " + "*_" * 20_000 + " {=a ~b}",
    "one long text": "Q " + "x" * 500_000 + " {=a ~b}",
    "lines of answers": "Q {\n" + "~x\n" * 20_000 + "}",
    "percent signs": "Q {~" + "%" * 40_000 + "}",
}


@pytest.mark.parametrize("name", NASTY)
def test_nothing_takes_long(name: str, worker: Worker) -> None:
    began = time.process_time()
    bring(NASTY[name], "gift", worker)
    assert time.process_time() - began < 5


def test_a_large_bank_becomes_several_files(worker: Worker) -> None:
    """750 questions of 1,600 bytes: no file passes the limit of the check, no id comes twice."""
    text = "\n\n".join(f"::Same name::Is it {number}? {'so ' * 480} {{T}}" for number in range(750))
    began = time.process_time()
    steps: list[int] = []
    bank = make(READERS["gift"](text, "en"), "Large", "en", Known(), worker, steps.append)
    assert (bank.imported, bank.left_out, len(bank.files)) == (750, 0, 2)
    assert max(len(one.encode()) for one in bank.files) < 1_000_000
    assert bank.files[1].startswith('---\ntitle: "Large (2)"\n---\n')
    assert (len(steps), steps[-1]) == (8, 1499)
    assert time.process_time() - began < 30


FILE = '<file name="{}" encoding="base64">{}</file>'
SHOWS = '&lt;img src="@@PLUGINFILE@@/{}" alt="A map"&gt;'
NO_PICTURE = "it is no PNG, JPEG, GIF or WebP, or it is broken; save it again as one of these"


@pytest.mark.parametrize(
    ("name", "data", "shown", "said"),
    [
        ("a.png", b"ABC" * 500_000, True, "it has over 300 kB; make it smaller, or save it as JPEG or WebP"),
        ("a.png", b"<html>", True, NO_PICTURE),
        ("../../a.svg", b"<svg onload=x>", True, "it is SVG, which can hold scripts; save it as PNG"),
        ("song.mp3", b"ID3", False, "no text shows it"),
    ],
)
def test_embedded_files_that_are_no_pictures_are_not_kept(
    worker: Worker, name: str, data: bytes, shown: bool, said: str
) -> None:
    more = (SHOWS.format(name) if shown else "") + "</text>" + FILE.format(name, b64encode(data).decode())
    text = f"<quiz>{TRUE.format('a', 1).replace('</text></questiontext>', f'{more}</questiontext>')}</quiz>"
    bank = bring(text, "moodle-xml", worker)
    what = f"the picture {name.rpartition('/')[2]}" if shown else f"the embedded file {name}"
    assert [one.text for one in bank.remarks] == [f"{what} is left out: {said}"]
    assert (bank.imported, bank.pictures) == (1, [{}])
