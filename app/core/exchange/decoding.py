"""Bytes of an exported file -> text: encodings as they are met, line ends, characters that no file of ours holds."""

import codecs
import re

from app.core.exchange.model import Refused

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{2,30})[\"']")
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\ue0ff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
BINARY = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")


def decode(data: bytes) -> tuple[str, list[tuple[int, str]]]:
    """The text with `\\n` at the end of lines, and (line, what was done about it) where that took a guess.

    A byte-order mark or an XML declaration names the encoding; else it is UTF-8, and single lines that are not are
    read as Windows-1252. Raises `Refused` for what is no text.
    """
    if data.startswith(BINARY):
        raise Refused(
            "This is no text file: unpack an archive first, and export questions as GIFT, Moodle XML or Aiken."
        )
    text, notes = _text(data)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    unwanted = UNWANTED.search(text)
    if unwanted:
        count = len(UNWANTED.findall(text))
        if count > len(text) // 20:
            raise Refused("This is no text file. Export the questions as GIFT, Moodle XML or Aiken.")
        line = text.count("\n", 0, unwanted.start()) + 1
        notes.append((line, f"{count} invisible control character(s) taken out, here the first"))
        text = UNWANTED.sub("", text)
    return text, notes


def _text(data: bytes) -> tuple[str, list[tuple[int, str]]]:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            if encoding == "utf-8":
                return _by_lines(data.removeprefix(mark))
            return data.removeprefix(mark).decode(encoding, "replace"), []
    if data[:200].count(b"\x00") > 50:  # UTF-16 without its mark
        return data.decode("utf-16-le" if data[1:2] == b"\x00" else "utf-16-be", "replace"), []
    declared = DECLARED.match(data)
    if declared and (named := _known(declared[1].decode())):
        try:
            return data.decode(named), []
        except UnicodeDecodeError:
            pass
    return _by_lines(data)


def _known(name: str) -> str:
    """The codec of that name, where it is one for text that keeps ASCII as it is."""
    try:
        found = codecs.lookup(name)
        return found.name if "<quiz>".encode(found.name) == b"<quiz>" else ""
    except (LookupError, UnicodeError, TypeError):
        return ""


def _by_lines(data: bytes) -> tuple[str, list[tuple[int, str]]]:
    try:
        return data.decode(), []
    except UnicodeDecodeError:
        pass
    lines, wrong = [], []
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            lines.append(line.decode())
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", "replace"))
            wrong.append(number)
    return "\n".join(lines), [
        (wrong[0], f"{len(wrong)} line(s) that are not UTF-8 read as Windows-1252, here the first")
    ]
