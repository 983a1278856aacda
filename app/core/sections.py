"""A section's source -> the parts of its page: HTML, checks, activities and tools, boxes with their headings."""

import re
from dataclasses import dataclass, field
from html import escape
from math import ceil

from app.core.content import ID, Part, Struct
from app.core.dialect import code
from app.core.markup import Renderer, words_in
from app.core.phrases import month, phrase
from app.core.scan import Lines, Piece, SectionSource, pieces
from app.core.tools import TOOLS

WORDS_A_MINUTE = 110
PLAIN_BOXES = ("reflection", "key-points", "go-further")
KINDS = ("country", "check", "activity", "tool", "note", *PLAIN_BOXES)
COUNTRY = re.compile(r"([A-Z]{2}) +(\d{4}-(?:0[1-9]|1[0-2]))( +past)?$")
ACTIVITY = re.compile(r"(A(?:[1-9]|1[0-2])) +(\S+)$")
TITLE = re.compile(r"\*\*([^*]+)\*\*\s*$")


class Reference(Struct):
    """What a section names on a line: kind "check" an item, "activity" its own id, "country" the month of its box,
    "tool" a tool."""

    line: int
    kind: str
    target: str


class SectionDraft(Struct):
    """A section in one language, with the lines that rules across files speak of."""

    id: str
    line: int
    title: str
    parts: tuple[Part, ...]
    words: int
    minutes: int
    source: str
    figures: tuple[str, ...]
    references: tuple[Reference, ...]


def compile_section(source: SectionSource, renderer: Renderer) -> SectionDraft:
    """The section as its page shows it; problems go to the renderer's faults."""
    renderer.figures.clear()
    page = _Page(renderer)
    title = source.heading.text
    if re.search(r"\{\{|\[\[|[*`<]", title):
        renderer.fault(
            source.heading.line, "heading", f"“{title}” must be plain words, without marks, {{{{…}}}} and [[…]]."
        )
    if source.heading.classes or source.heading.attributes:
        renderer.fault(source.heading.line, "heading", f"A section has only an id. Write `{{#{source.heading.id}}}`.")
    for piece in pieces(source.lines, renderer.fault):
        page.add(piece)
    parts = page.parts()
    if not parts:
        renderer.fault(
            source.heading.line, "empty", f"The section “{title}” is empty. Write it, or take its heading out."
        )
    words = sum(words_in(part.html) + words_in(part.title) for part in parts)
    return SectionDraft(
        id=source.heading.id,
        line=source.heading.line,
        title=title,
        parts=parts,
        words=words,
        minutes=ceil(words / WORDS_A_MINUTE) + sum(_extra(part) for part in parts),
        source="\n".join(renderer.plain(line) for _, line in source.lines).strip(),
        figures=tuple(renderer.figures),
        references=tuple(page.references),
    )


def _extra(part: Part) -> int:
    """The minutes for what is not words: a table, a check, an activity. A tool has a page of its own."""
    return (part.kind in ("check", "activity")) + part.html.count("<table>")


@dataclass
class _Page:
    renderer: Renderer
    done: list[Part] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    level: int = 2

    def add(self, piece: Piece) -> None:
        if piece.kind == "text":
            self.html.append(self.renderer.text(piece.lines))
        elif piece.kind == "code":
            self.html.append(code(piece.lines))
        elif piece.kind == "heading":
            self.html.append(self.heading(piece))
        else:
            self.box(piece)

    def parts(self) -> tuple[Part, ...]:
        self.close()
        return tuple(self.done)

    def close(self) -> None:
        """Makes one part of the HTML that was gathered."""
        html = "\n".join(one for one in self.html if one)
        if html:
            self.done.append(Part(kind="html", html=html))
        self.html = []

    def heading(self, piece: Piece) -> str:
        if piece.level > min(self.level + 1, 4):
            message = "This heading skips a level or is too deep. Use `### `, and `#### ` only below a `### `."
            self.renderer.fault(piece.line, "heading-level", message)
        self.level = piece.level
        # The page's h1 is the section's title, so everything stands one level higher than it is written.
        level = piece.level - 1
        return f"<h{level}>{self.renderer.inline(piece.words, piece.line)}</h{level}>"

    def box(self, piece: Piece) -> None:
        kind, _, argument = (one.strip() for one in piece.words.partition("|"))
        if kind not in KINDS:
            known = ", ".join(KINDS)
            self.renderer.fault(piece.line, "box-kind", f"There is no box “{kind}”. Write one of: {known}.")
        elif kind == "check":
            self.check(piece, argument)
        elif kind == "activity":
            self.activity(piece, argument)
        elif kind == "tool":
            self.tool(piece, argument)
        elif kind == "country":
            self.html.append(self.country(piece, argument))
        elif kind == "note":
            self.html.append(self.note(piece, argument))
        else:
            self.html.append(self.plain(piece, kind, argument))

    def wrong(self, piece: Piece, wanted: str) -> None:
        self.renderer.fault(piece.line, "box-argument", f"“/// {piece.words}” does not fit. Write `/// {wanted}`.")

    def body(self, piece: Piece, lines: Lines) -> str:
        if not any(line.strip() for _, line in lines):
            self.renderer.fault(piece.line, "empty", f"The box “{piece.words}” is empty. Write it, or take it out.")
        return self.renderer.block("\n".join(line for _, line in lines), lines[0][0] if lines else piece.line)

    def aside(self, piece: Piece, kind: str, heading: str, more: str = "") -> str:
        label = escape(f"{heading}, {more}" if more else heading)
        shown = escape(heading) + (f' <span class="as-of">{escape(more)}</span>' if more else "")
        return (
            f'<aside class="box box-{kind}" role="note" aria-label="{label}">\n<h2>{shown}</h2>\n'
            f"{self.body(piece, piece.lines)}\n</aside>"
        )

    def plain(self, piece: Piece, kind: str, argument: str) -> str:
        if argument:
            self.wrong(piece, kind)
        return self.aside(piece, kind, phrase(kind, self.renderer.context.language))

    def note(self, piece: Piece, argument: str) -> str:
        if not argument:
            self.wrong(piece, "note | Heading words")
        return self.aside(piece, "note", argument)

    def country(self, piece: Piece, argument: str) -> str:
        context, found = self.renderer.context, COUNTRY.match(argument)
        if not found:
            self.wrong(piece, "country | MN 2025-06")
            return ""
        name = context.countries.get(found[1])
        if name is None:
            message = f"countries.yml has no “{found[1]}”. Write the two-letter code of a country that stands there."
            self.renderer.fault(piece.line, "country", message)
            return ""
        if not found[3]:
            self.references.append(Reference(line=piece.line, kind="country", target=found[2]))
        tells = "told-of" if found[3] else "as-of"
        when = phrase(tells, context.language, when=month(found[2], context.language))
        return self.aside(piece, "country", name, when)

    def check(self, piece: Piece, argument: str) -> None:
        if not re.match(ID, argument):
            self.wrong(piece, "check | item-id")
            return
        self.refuse_text(piece, "A check holds no text: it shows the question. Empty the box.")
        self.close()
        self.done.append(Part(kind="check", ref=argument))
        self.references.append(Reference(line=piece.line, kind="check", target=argument))

    def refuse_text(self, piece: Piece, message: str) -> None:
        if any(line.strip() for _, line in piece.lines):
            self.renderer.fault(piece.line, "box-argument", message)

    def tool(self, piece: Piece, argument: str) -> None:
        if argument not in TOOLS:
            known = ", ".join(sorted(TOOLS))
            self.renderer.fault(piece.line, "tool", f"There is no tool “{argument}”. Write one of: {known}.")
            return
        self.refuse_text(piece, "A tool's box holds no text: it shows what the tool does. Empty the box.")
        self.close()
        self.done.append(Part(kind="tool", ref=argument))
        self.references.append(Reference(line=piece.line, kind="tool", target=argument))

    def activity(self, piece: Piece, argument: str) -> None:
        found = ACTIVITY.match(argument)
        if not found or not re.match(ID, found[2]):
            self.wrong(piece, "activity | A1 activity-id")
            return
        if found[2].startswith("tool-"):
            message = f"“{found[2]}” could be the id of a tool's note. Choose an id that does not begin with tool-."
            self.renderer.fault(piece.line, "id-reserved", message)
        if found[1] not in self.renderer.context.actions:
            self.renderer.fault(
                piece.line, "action", f"actions.yml has no {found[1]}. Name an action that stands there."
            )
        title, rest = self.title(piece)
        html = self.body(piece, rest)
        self.close()
        self.done.append(Part(kind="activity", ref=found[2], action=found[1], title=title, html=html))
        self.references.append(Reference(line=piece.line, kind="activity", target=found[2]))

    def title(self, piece: Piece) -> tuple[str, Lines]:
        """The bold first line of an activity, and the lines after it."""
        for index, (number, line) in enumerate(piece.lines):
            if title := TITLE.match(line):
                return title[1].strip(), piece.lines[index + 1 :]
            if line.strip():
                self.renderer.fault(number, "box-argument", "An activity starts with its title: a line `**Title**`.")
                break
        return "", piece.lines
