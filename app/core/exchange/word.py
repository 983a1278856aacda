"""A Word document -> a module in our Markdown, and a word on everything that does not come along.

mammoth reads the document as HTML; what it leaves silently aside is looked for in the document's own XML.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from typing import Any

from app.core.exchange.bank import Known, slug
from app.core.exchange.embedded import OURS, Album
from app.core.exchange.html import blocks_of
from app.core.exchange.model import Refused
from app.core.exchange.tree import Node, TooMuch, parse, words_of
from app.core.pictures import LARGEST

LARGEST_XML = 16 << 20  # bytes of all XML in a document, unpacked; pictures are not unpacked
MOST_PARTS = 5000
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
TEXT = re.compile(r"<w:(?:t|delText)(?: [^>]*)?>([^<]*)</w:(?:t|delText)>")
NOTE = re.compile(r"<w:(?:footnote|endnote|comment) [^>]*>.*?</w:(?:footnote|endnote|comment)>", re.DOTALL)
SEPARATOR = re.compile(r'^<[^>]* w:type="')
NOTES_OF_MAMMOTH = re.compile(r'<ol><li id="(?:footnote|endnote)-.*\Z', re.DOTALL)
REFERENCE = re.compile(r'<sup><a href="#(?:footnote|endnote)-[^>]*>[^<]*</a></sup>')
ANCHOR = re.compile(r'<a id="[^"]*"></a>')
HEADING = re.compile(r"(?=<h[1-6]>)")
RESERVED = ("print", "file")
STYLES = """
p[style-name='Title'] => h6 > strong:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name^='toc'] => !
p[style-name^='TOC'] => !
"""
# What the document's own XML says of what mammoth leaves aside: tag -> what is said.
UNSEEN = {
    "m:oMath": "an equation is left out; write it in words, or as a block of code",
    "c:chart": "a chart is left out; write its numbers as a table",
    "dgm:relIds": "a diagram is left out; say it in words, or as a list",
    "o:OLEObject": "an embedded object is left out",
    "w:txbxContent": "a text box became part of the text; look where it stands now",
    "w:u": "text is no longer underlined",
    "w:strike": "text is no longer struck through",
    "w:highlight": "text is no longer highlighted",
    "w:object": "an embedded object is left out",
}


@dataclass
class Found:
    """The module's text, how many sections it has, what was lost or changed, and its pictures (name -> bytes)."""

    text: str
    sections: int
    lost: list[str] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)


def read(data: bytes, name: str, title: str | None, known: Known) -> Found:
    """A module of the document. Raises Refused where it is none, is too large, or says nothing."""
    parts = _parts(data)
    lost = list(_unseen(parts))
    album = Album()
    html = _html(data, lost, album)
    lost += album.notes
    page = _Page(title or "", known, lost)
    for chunk in HEADING.split(ANCHOR.sub("", REFERENCE.sub("", NOTES_OF_MAMMOTH.sub("", html)))):
        try:
            page.add(parse(chunk))
        except TooMuch as much:
            raise Refused(f"a part of the document can't be read: {much}; divide it by headings") from much
    if not page.sections and not page.opening:
        raise Refused("the document holds no text")
    text = page.markdown(name)
    shown = {name: data for name, data in album.taken.items() if f"]({name})" in text}
    return Found(text, len(page.sections) or 1, list(_counted(lost)), shown)


def _parts(data: bytes) -> dict[str, str]:
    """The document's XML by name, unpacked within limits."""
    if data.startswith(OLD_OR_LOCKED):
        raise Refused("this is an old .doc or has a password; open it in Word and save it as .docx without one")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
            wanted = [one for one in infos if one.filename.endswith((".xml", ".rels"))]
            if len(infos) > MOST_PARTS or sum(one.file_size for one in wanted) > LARGEST_XML:
                raise Refused(f"unpacked, its text is over {LARGEST_XML >> 20} MB; divide the document")
            texts = {one.filename: archive.read(one).decode("utf-8", "replace") for one in wanted}
    except Refused:
        raise
    except Exception as problem:  # zipfile raises many kinds for what is no archive
        raise Refused("this is no .docx; save it from Word or LibreOffice as .docx") from problem
    if "word/document.xml" not in texts:
        raise Refused("this archive holds no Word document; save it from Word or LibreOffice as .docx")
    if any("<!DOCTYPE" in text or "<!ENTITY" in text for text in texts.values()):
        raise Refused("its XML declares entities, which no word processor writes")
    return texts


def _unseen(parts: dict[str, str]) -> Iterator[str]:
    """What the XML holds that is not in the HTML."""
    body = parts["word/document.xml"]
    for tag, told in UNSEEN.items():
        yield from [told] * len(re.findall(rf'<{tag}[ >/](?!w:val="(?:none|0|false)")', body))
    changed = [kind for kind in ("ins", "del", "moveFrom", "moveTo") if f"<w:{kind} " in body]
    for words in _deleted(body):
        yield f"a tracked change was accepted: “{words}” is deleted"
    if "ins" in changed or "moveTo" in changed:
        yield "tracked insertions were accepted"
    for name, what in (("comments", "a comment"), ("footnotes", "a footnote"), ("endnotes", "an endnote")):
        for note in NOTE.findall(parts.get(f"word/{name}.xml", "")):
            if not SEPARATOR.match(note) and (words := _words(note)):
                yield f"{what} is left out: “{words}”"
    for name, text in sorted(parts.items()):
        if re.fullmatch(r"word/(header|footer)\d*\.xml", name) and (words := _words(text)):
            yield f"the {'header' if 'header' in name else 'footer'} of the pages is left out: “{words}”"
    if re.search(r"<w:instrText[^>]*>\s*TOC", body):
        yield "the table of contents is left out; each module gets its own"


def _deleted(body: str) -> Iterator[str]:
    for change in re.findall(r"<w:(?:del|moveFrom) .*?</w:(?:del|moveFrom)>", body, re.DOTALL):
        if words := _words(change):
            yield words


def _words(xml: str) -> str:
    words = " ".join(unescape("".join(TEXT.findall(xml))).split())
    return words if len(words) <= 80 else words[:79] + "…"


def _html(data: bytes, lost: list[str], album: Album) -> str:
    """The document as mammoth reads it; pictures go into the album, or are named where they stand."""
    import mammoth  # only an import of a document needs it

    numbers = iter(range(1, 100_000))

    def picture(image: Any) -> dict[str, str]:
        kind = (image.content_type or "picture").rpartition("/")[2]
        name = f"picture-{next(numbers)}.{kind}"
        with image.open() as opened:
            ours = album.add(name, opened.read(LARGEST + 1))
        return {"src": f"{OURS}{ours}"}

    try:
        done = mammoth.convert_to_html(
            BytesIO(data), style_map=STYLES, convert_image=mammoth.images.img_element(picture)
        )
    except Exception as problem:  # a document made by another program may break any of its rules
        raise Refused(f"the document can't be read ({type(problem).__name__}); save it again from Word") from problem
    lost += [told for one in done.messages if (told := _said(one.message))]
    return str(done.value)


def _said(message: str) -> str:
    """A message of mammoth in our words; "" for what `UNSEEN` names already."""
    style = re.match(r"Unrecognised (?:paragraph|run|table) style: '?(.+?)'?(?: \(Style ID: .*\))?$", message)
    if style:
        return f"the style “{style[1]}” means nothing here; its text is plain"
    element = re.match(r"An unrecognised element was ignored: (?:\{[^}]*\}|\w+:)?(\w+)$", message)
    if element:
        known = {tag.partition(":")[2] for tag in UNSEEN} | {"oMathPara"}
        return "" if element[1] in known else f"an element “{element[1]}” is left out"
    return f"the reader of Word files says: {message}"


def _counted(lost: Iterable[str]) -> Iterator[str]:
    """Each once, with how often."""
    counts: dict[str, int] = {}
    for one in lost:
        counts[one] = counts.get(one, 0) + 1
    yield from (one if count == 1 else f"{one} ({count} times)" for one, count in counts.items())


@dataclass
class _Section:
    title: str
    level: int
    texts: list[str] = field(default_factory=list)


@dataclass
class _Page:
    """A module while it is put together: what stands above the first heading, then one entry for each heading."""

    title: str
    known: Known
    lost: list[str]
    opening: list[str] = field(default_factory=list)
    sections: list[_Section] = field(default_factory=list)

    def add(self, chunk: Node) -> None:
        """A heading with what follows it, or what stands above the first one."""
        nodes = chunk.inside
        head = nodes[0] if nodes and isinstance(nodes[0], Node) and re.fullmatch("h[1-6]", nodes[0].tag) else None
        texts = [block.text for block in blocks_of(nodes[1:] if head else nodes, self.lost, self.known.link)]
        words = plain_heading(words_of(head)) if head else ""
        if head and head.tag == "h6" and not self.title and words:
            self.title = words
            self.opening += texts
        elif head and words:
            self.sections.append(_Section(words, int(head.tag[1]), texts))
        else:
            (self.sections[-1].texts if self.sections else self.opening).extend(texts)

    def markdown(self, name: str) -> str:
        self.take_title()
        lines = ["---", f"title: {_quoted(self.title or name)}", "# objectives:", "#   - say … (understand)", "---", ""]
        opening, sections = self.opening, self.sections
        if not sections:
            sections, opening = [_Section(self.title or name, 2, opening)], []
        lines += ["\n\n".join(opening) or "Write here what this module is about.", ""]
        top, last = min(one.level for one in sections), 2
        ids: set[str] = set()
        for number, one in enumerate(sections, 1):
            level = 2 if number == 1 else min(one.level - top + 2, last + 1, 4)
            following = sections[number].level if number < len(sections) else 0
            last = level
            mark = f" {{#{_id(one.title, number, ids)}}}" if level == 2 else ""
            lines += [f"{'#' * level} {one.title}{mark}", ""]
            if not one.texts and following <= one.level:
                lines += ["Write this part.", ""]
            lines += [f"{text}\n" for text in one.texts]
        return "\n".join(lines).rstrip() + "\n"

    def take_title(self) -> None:
        """A single heading of the highest level that stands first is the title."""
        levels = [one.level for one in self.sections]
        if not self.title and len(levels) > 1 and levels[0] == min(levels) and levels.count(levels[0]) == 1:
            first = self.sections.pop(0)
            self.title = first.title
            self.opening += first.texts


def plain_heading(text: str) -> str:
    """The words of a heading without the signs that would mean something there."""
    return " ".join(re.sub(r"[{}\[\]*`<>#\\]", " ", text).split())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", " ").replace('"', "'") + '"'


def _id(title: str, number: int, taken: set[str]) -> str:
    base = slug(title) or f"section-{number}"
    base = f"{base}-section" if base in RESERVED else base
    id, count = base, 1
    while id in taken:
        count += 1
        id = f"{base}-{count}"
    taken.add(id)
    return id
