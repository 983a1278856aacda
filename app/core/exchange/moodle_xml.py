"""Moodle XML -> questions. Entities, document types and everything outside the file are refused by the parser itself.

The file is read question by question, so that a large one needs little memory. Where it breaks, the question in which
it breaks is named and reading goes on at the next `<question`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.entities import html5
from xml.parsers import expat

from app.core.exchange.embedded import Album
from app.core.exchange.kinds_of_moodle import READERS
from app.core.exchange.model import Found, LeftOut, Question, Refused, Words
from app.core.exchange.reading import Unreadable, as_html
from app.core.exchange.tags import with_tags
from app.core.exchange.tree import TooMuch, plain

DEEPEST = 40
NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
XML_NAMES = frozenset(["amp", "lt", "gt", "quot", "apos"])
NEXT = re.compile(r"<question[\s>]")
PIECE = 1 << 20


@dataclass
class Element:
    """An element of XML with the line where it starts."""

    tag: str
    attributes: dict[str, str]
    line: int
    inside: "list[Element]" = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def all(self, tag: str) -> "list[Element]":
        return [one for one in self.inside if one.tag == tag]

    def first(self, tag: str) -> "Element | None":
        return next((one for one in self.inside if one.tag == tag), None)

    def text(self, tag: str = "") -> str:
        """The characters of an element below, or of its `<text>`; "" where there is none."""
        found = self.first(tag) if tag else self
        inner = found.first("text") if found else None
        return "".join((inner or found).words).strip() if found else ""

    def html(self, tag: str = "") -> str:
        """The text of an element below as HTML, by its `format`."""
        found = self.first(tag) if tag else self
        if found is None:
            return ""
        format = found.attributes.get("format", "html")
        return as_html(found.text(), {"moodle_auto_format": "moodle", "plain_text": "plain"}.get(format, format))

    def lift(self, album: Album) -> Iterator[str]:
        """Put the pictures of all texts below into the album; the names of embedded files that no text shows."""
        files = {one.attributes.get("name", ""): "".join(one.words) for one in self.all("file")}
        plain = {name.rpartition("/")[2]: packed for name, packed in files.items()}
        used: set[str] = set()
        for one in [self, *self.all("text")]:
            if one.words and one.tag != "file":
                lifted, names = album.lift("".join(one.words), plain)
                one.words, used = [lifted], used | names
        yield from (name for name in files if name.rpartition("/")[2] not in used)
        for one in self.inside:
            yield from one.lift(album)


class _Unsafe(Refused):
    """A file with a construct that only attacks use."""


class _Parser:
    """Feeds a text to expat, with everything refused that reaches outside or grows; gives whole questions."""

    def __init__(self, base: int) -> None:
        self.base = base
        self.open: list[Element] = []
        self.done: list[Element] = []
        self.parser = parser = expat.ParserCreate()
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.words
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.entity
        parser.ExternalEntityRefHandler = self.external

    def line(self) -> int:
        return int(self.parser.CurrentLineNumber) + self.base - 1

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= DEEPEST:
            raise Refused(f"Line {self.line()}: the elements are nested deeper than any question bank does.")
        self.open.append(Element(tag, attributes, self.line()))

    def end(self, tag: str) -> None:
        element = self.open.pop()
        if tag == "question":
            self.done.append(element)
        elif self.open and tag != "quiz":
            self.open[-1].inside.append(element)

    def words(self, text: str) -> None:
        if self.open:
            self.open[-1].words.append(text)

    def doctype(self, name: str, system: str | None, public: str | None, inside: bool) -> None:
        if system or public or inside:
            raise _Unsafe(f"Line {self.line()}: the file declares a document type, which a question bank never needs.")

    def entity(self, *_: object) -> None:
        raise _Unsafe(f"Line {self.line()}: the file declares entities. Such files are refused.")

    def external(self, *_: object) -> int:
        raise _Unsafe(f"Line {self.line()}: the file refers to another file. Such files are refused.")


def read(text: str, language: str = "en") -> Iterator[Found]:
    """Every question of a file; raises `Refused` for one that declares entities or is no question bank."""
    if not re.search(r"<(?:quiz|question)[\s>]", text):
        raise Refused("This is no Moodle XML: it has no <question>. Choose --format, or export again from Moodle.")
    categories = set()
    for one in _elements(NAMED.sub(_reference, text)):
        if isinstance(one, LeftOut):
            yield one
            continue
        kind = one.attributes.get("type", "")
        if kind == "category":
            name = one.text("category")
            if name not in categories:
                categories.add(name)
                yield LeftOut(
                    one.line, name, "categories have no place here: the questions below it come along", question=False
                )
            continue
        yield _found(one, kind, language)


def _reference(found: re.Match[str]) -> str:
    """A name of HTML as a number: XML has but five names, and real files write `&nbsp;`."""
    chars = None if found[1] in XML_NAMES else html5.get(f"{found[1]};")
    return "".join(f"&#{ord(char)};" for char in chars) if chars else found[0]


def _elements(text: str) -> Iterator[Element | LeftOut]:
    start, base = 0, 1
    while True:
        parser = _Parser(base)
        try:
            if start:
                parser.parser.Parse("<quiz>", False)
            for place in range(start, len(text), PIECE):
                parser.parser.Parse(text[place : place + PIECE], False)
                yield from _taken(parser)
            parser.parser.Parse("", True)
            return
        except expat.ExpatError as error:
            yield from _taken(parser)
            line = error.lineno + base - 1
            yield LeftOut(line, _broken(parser), f"the XML breaks here: {expat.ErrorString(error.code)}")
            after = _offset(text, line, start)
            going_on = NEXT.search(text, after)
            if not going_on:
                return
            base += text.count("\n", start, going_on.start())
            start = going_on.start()


def _taken(parser: _Parser) -> list[Element]:
    done, parser.done = parser.done, []
    return done


def _broken(parser: _Parser) -> str:
    """What is known of the question that is open."""
    place = next((place for place, one in enumerate(parser.open) if one.tag == "question"), None)
    if place is None:
        return "the file"
    question, *below = parser.open[place:]
    words = question.text("name") or " ".join(filter(None, (one.text() for one in below)))
    return words[:80] or f"question of line {question.line}"


def _offset(text: str, line: int, start: int) -> int:
    """Where the line after that one begins; always behind `start`."""
    place = 0
    for _ in range(line):
        place = text.find("\n", place) + 1
        if not place:
            return len(text)
    return max(place, start + 1)


def _found(element: Element, kind: str, language: str) -> Found:
    name = plain(element.text("name")[:1000])
    reader = READERS.get(kind)
    if reader is None:
        what = (
            "a text alone is no question here"
            if kind == "description"
            else f"questions of the type “{kind}” have no place here"
        )
        return LeftOut(element.line, name or kind, what)
    try:
        album = Album()
        strange = list(element.lift(album))
        question = _common(element, name, album, strange)
        return with_tags(
            reader(element, question, language), [tag.text() for tags in element.all("tags") for tag in tags.all("tag")]
        )
    except (Unreadable, TooMuch) as problem:
        return LeftOut(element.line, name or kind, str(problem))


def _common(element: Element, name: str, album: Album, strange: list[str]) -> Question:
    """What questions of all types have; `strange` are embedded files that no text shows as a picture."""
    notes = [f"the embedded file {file or 'without a name'} is left out: no text shows it" for file in strange]
    notes += album.notes
    points, note = _points(element.text("defaultgrade"))
    question = Question(
        kind="",
        name=name,
        text=element.html("questiontext"),
        body=Words(()),
        line=element.line,
        id=element.text("idnumber"),
        hint="".join(
            f"<p>{one}</p>" if not one.startswith("<") else one
            for one in (hint.html() for hint in element.all("hint"))
            if one
        ),
        explanation=element.html("generalfeedback"),
        points=points,
        pictures=album.taken,
    )
    feedback = [
        words
        for tag in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
        if (words := plain(element.html(tag)))
    ]
    if any(words.rstrip(".!") not in _USUAL for words in feedback):
        notes.append("feedback on the whole answer (right, partly right, wrong) is left out")
    return replace(question, notes=(*notes, *([note] if note else [])))


_USUAL = {"Your answer is correct", "Your answer is partially correct", "Your answer is incorrect"}


def _points(text: str) -> tuple[int, str]:
    if not re.match(r"\d{1,5}(\.\d+)?$", text):
        return 1, ""
    points = max(1, round(float(text)))
    return points, "" if float(
        text
    ) == points else f"its {float(text):g} points became {points}: points are whole numbers"
