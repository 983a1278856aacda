"""Question banks of other programs: GIFT, Moodle XML and Aiken, read leniently and written strictly, and CSV.

One neutral shape (`model`) stands between their formats and ours: each format is a reader (text -> questions) and a
writer (questions -> text); `items` makes questions from a quiz of ours, `bank` makes quiz files from questions. Nothing
is dropped in silence: what a format or ours does not know comes back as `LeftOut` or as a note, with line and reason.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from app.core.content import Quiz
from app.core.exchange import aiken, gift, gift_writing, items, moodle_xml, moodle_xml_writing, table
from app.core.exchange.embedded import Find
from app.core.exchange.model import Found, LeftOut, Refused

__all__ = ["ENDINGS", "READERS", "WRITERS", "guess", "write"]

READERS: Mapping[str, Callable[[str, str], Iterator[Found]]] = MappingProxyType(
    {"gift": gift.read, "moodle-xml": moodle_xml.read, "aiken": aiken.read}
)
WRITERS: Mapping[str, Callable[[Iterable[Found]], Iterator[str | LeftOut]]] = MappingProxyType(
    {"gift": gift_writing.write, "moodle-xml": moodle_xml_writing.write, "aiken": aiken.write}
)
ENDINGS = {"gift": ".gift", "moodle-xml": ".xml", "aiken": ".txt", "csv": ".csv"}


def guess(name: str, text: str) -> str:
    """The format of a file, by its text, else by its name; raises `Refused`."""
    start = text.lstrip()[:2000]
    if start.startswith("<") and ("<quiz" in text[:100_000] or start.startswith("<?xml")):
        return "moodle-xml"
    lines = [line.strip().upper() for line in text.split("\n")]
    if any(line.startswith(("ANSWER:", "ANSWER :")) for line in lines) and "{" not in text:
        return "aiken"
    if "{" in text or name.lower().endswith(".gift"):
        return "gift"
    if name.lower().endswith(".xml"):
        return "moodle-xml"
    raise Refused("This is neither GIFT, Moodle XML nor Aiken as far as it can be seen. Say which with --format.")


def write(quiz: Quiz, format: str, language: str, site: str, find: Find = lambda _: None) -> Iterator[str | LeftOut]:
    """The pieces of a file of that format, and what it does not know; `find` gives the picture of a hash."""
    if format == "csv":
        return iter(table.write(quiz, language))
    find = find if format == "moodle-xml" else lambda _: None  # the others hold no files
    return _parted(WRITERS[format](items.questions(quiz, language, site, find)), format)


def _parted(pieces: Iterable[str | LeftOut], format: str) -> Iterator[str | LeftOut]:
    for piece in pieces:
        yield f"{piece}\n" if isinstance(piece, str) and format != "moodle-xml" else piece
