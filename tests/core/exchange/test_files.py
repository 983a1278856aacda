"""Files in the styles of real exports: every question of every file is imported or named."""

from pathlib import Path

import pytest

from app.core.exchange import guess
from app.core.exchange.decoding import decode
from app.core.worker import Worker
from tests.core.exchange.banks import bring, items_of

FILES = Path(__file__).parent / "files"

# file: format, questions in it, lines and reasons of those that are left out
EXPECTED: dict[str, tuple[str, int, list[tuple[int, str]]]] = {
    "aiken.txt": (
        "aiken",
        23,
        [(149, "it has 2 options, and its answer is C"), (154, "a line “ANSWER: B” is missing below it")],
    ),
    "by-hand.gift": (
        "gift",
        38,
        [
            (55, "it has no answers in { }: a text alone is no question here"),
            (59, "its { is not closed"),
            (63, "it has no option, or several, that earn 100 % where one is asked"),
            (65, "no option earns anything"),
            (75, "two options are the same (“B”)"),
            (101, "“five” is no number"),
        ],
    ),
    "mixed-encodings.gift": ("gift", 12, []),
    "moodle-1.9-latin1.xml": ("moodle-xml", 20, []),
    "moodle-4.xml": (
        "moodle-xml",
        64,
        [
            (2344, "a text alone is no question here"),
            (2362, "questions of the type “calculated” have no place here"),
            (2385, "questions of the type “ddmarker” have no place here"),
        ],
    ),
    "moodle-export.gift": ("gift", 53, [(355, "it has no answers in { }: a text alone is no question here")]),
    "utf-16.gift": ("gift", 10, []),
}


def test_there_are_more_than_two_hundred_questions() -> None:
    assert sorted(EXPECTED) == sorted(path.name for path in FILES.iterdir())
    assert sum(count for _, count, _ in EXPECTED.values()) == 220


@pytest.mark.parametrize("name", EXPECTED)
def test_every_question_is_imported_or_named(name: str, worker: Worker) -> None:
    format, count, left_out = EXPECTED[name]
    text, _notes = decode((FILES / name).read_bytes())
    assert guess(name, text) == format
    bank = bring(text, format, worker)
    assert [(one.line, one.text) for one in bank.remarks if one.left_out] == left_out
    assert bank.imported == count - len(left_out)
    items = items_of(bank)
    assert len({item.id for item in items}) == bank.imported


def test_accents_come_through_in_every_encoding(worker: Worker) -> None:
    for name in ("mixed-encodings.gift", "moodle-1.9-latin1.xml"):
        text, _ = decode((FILES / name).read_bytes())
        bank = bring(text, guess(name, text), worker)
        assert "\ufffd" not in bank.files[0]
        assert "à l’est" in bank.files[0] or "à l'île de" in bank.files[0]


def test_line_ends_and_guesses_are_said() -> None:
    assert decode("a\r\nb\rc".encode("utf-16")) == ("a\nb\nc", [])
    assert decode("é".encode("utf-16-le") * 200)[0] == "é" * 200
    assert decode(b"ok\n\xe9t\xe9\n") == (
        "ok\nété\n",
        [(2, "1 line(s) that are not UTF-8 read as Windows-1252, here the first")],
    )
    assert decode(f"a\x0b{'b' * 50}\ue000".encode()) == (
        f"a{'b' * 50}",
        [(1, "2 invisible control character(s) taken out, here the first")],
    )
    assert decode('<?xml version="1.0" encoding="koi8-r"?>Ф'.encode("koi8-r"))[0].endswith("Ф")
