"""The one line scanner for modules and quizzes: front matter, code fences, headings with `{#id .class key=value}`.

Markdown's own attribute lists give up when another brace stands in the heading, so headings are read here and only
what stands between them goes to Markdown.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.core.content import ID, Problem
from app.core.yamltext import Fault

Lines = list[tuple[int, str]]  # (line number in the file, text)

FLAGS = frozenset({"practice"})
HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)$")
ATTRIBUTES = re.compile(r"(?<!\{)\{([^{}]*)\}$")
ATTRIBUTE = re.compile(r"(?:#([^\s#.=]+)|\.([^\s#.=]+)|([a-z-]+)=([^\s=\"]+))$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
BOX = re.compile(r"///[ \t]*(.*)$")


class Render(Protocol):
    """Markdown of one file's language -> sanitised HTML; `{{name}}` other than `{{fig:…}}` stays as text."""

    def block(self, text: str, line: int) -> str:
        """Paragraphs, lists and tables; `line` is where `text` starts, for problems."""

    def inline(self, text: str, line: int, *, pictures: bool = False) -> str:
        """One line without `<p>`; pictures are refused where they are not welcome."""


@dataclass
class Faults:
    """The problems of one file as they are found; callable as a `Fault`."""

    path: str
    found: list[Problem] = field(default_factory=list)

    def __call__(self, line: int, code: str, message: str, severity: str = "error") -> None:
        self.found.append(Problem(path=self.path, line=line, severity=severity, code=code, message=message))


@dataclass
class ItemSource:
    """One item of a quiz file as written; `kind` is its class that is no flag, `lines` leave out the questions."""

    path: str
    id: str
    kind: str
    heading: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    lines: Lines = field(default_factory=list)
    questions: list["ItemSource"] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)  # shared by all items of the load

    def fault(self, line: int, code: str, message: str, severity: str = "error") -> None:
        self.problems.append(Problem(path=self.path, line=line, severity=severity, code=code, message=message))


@dataclass(frozen=True)
class Heading:
    """A heading line: its words without the braces, and what the braces say."""

    level: int
    text: str
    line: int
    id: str = ""
    classes: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class SectionSource:
    heading: Heading
    lines: Lines = field(default_factory=list)


@dataclass(frozen=True)
class Piece:
    """A stretch of a section: `kind` is text, heading, code or box; `words` is the heading or what follows `///`."""

    kind: str
    line: int
    lines: Lines = field(default_factory=list)
    words: str = ""
    level: int = 0


def numbered(text: str) -> Lines:
    return list(enumerate(text.split("\n"), start=1))


def split_front(text: str, fault: Fault) -> tuple[str | None, Lines]:
    """The YAML between the first two `---` lines (it starts on line 2) and the lines after it."""
    lines = numbered(text)
    if lines[0][1].rstrip() != "---":
        fault(1, "front-matter", "The file must start with a line `---`, then `title: …`, then a line `---`.")
        return None, lines
    for index, (_, line) in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return "\n".join(line for _, line in lines[1:index]), lines[index + 1 :]
    fault(1, "front-matter", "The front matter is not closed. Put a line `---` below its last key.")
    return None, []


def fenced(lines: Iterable[tuple[int, str]], fault: Fault | None = None) -> Iterator[tuple[int, str, bool]]:
    """Each line with whether it belongs to a code fence, the fences' own lines included."""
    fence, opened = "", 0
    for number, line in lines:
        mark = FENCE.match(line)
        if fence:
            yield number, line, True
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
        elif mark and not (mark[1][0] == "`" and "`" in mark[2]):
            fence, opened = mark[1], number
            yield number, line, True
        else:
            yield number, line, False
    if fence and fault:
        fault(opened, "fence", f"The code that starts here is not closed. Put a line `{fence}` below it.")


def read_heading(number: int, line: str, fault: Fault) -> Heading | None:
    """The heading on a line outside code, or None."""
    match = HEADING.match(line.rstrip())
    if not match:
        return None
    text, braces = match[2], ATTRIBUTES.search(match[2])
    id, classes, attributes = "", [], {}
    for word in braces[1].split() if braces else ():
        part = ATTRIBUTE.match(word)
        if not part or (part[1] and id) or part[3] in attributes:
            fault(number, "heading", f"“{word}” does not fit here. Write `{{#id .kind key=value}}`, each thing once.")
        elif part[1]:
            id = part[1]
        elif part[2]:
            classes.append(part[2])
        else:
            attributes[part[3]] = part[4]
    text = text[: braces.start()].rstrip() if braces else text
    return Heading(len(match[1]), text, number, id, tuple(classes), attributes)


def check_id(heading: Heading, fault: Fault) -> bool:
    """Whether the heading has a well-formed id."""
    if not heading.id:
        fault(heading.line, "id-missing", f"“{heading.text}” has no id. Put one behind it: `{{#short-name}}`.")
    elif not re.match(ID, heading.id) or len(heading.id) > 64:
        fault(
            heading.line,
            "id",
            f"“{heading.id}” is no id. Use up to 64 lower-case letters a-z, digits and single hyphens.",
        )
    else:
        return True
    return False


def scan_module(lines: Lines, fault: Fault) -> tuple[Lines, list[SectionSource]]:
    """The lines above the first section, and the sections that have an id."""
    opening: Lines = []
    sections: list[SectionSource] = []
    into = opening
    for number, line, code in fenced(lines, fault):
        heading = None if code else read_heading(number, line, fault)
        if heading and heading.level == 1:
            fault(number, "heading-level", "`# ` is not used: the title stands in the front matter. Write `## `.")
        elif heading and heading.level == 2:
            section = SectionSource(heading)
            into = section.lines
            if check_id(heading, fault):
                sections.append(section)
        else:
            into.append((number, line))
    return opening, sections


def section_ids(text: str) -> tuple[str, ...]:
    """The ids of a module's sections, problems left to the real reading."""
    _, sections = scan_module(numbered(text), lambda *_: None)
    return tuple(section.heading.id for section in sections)


def scan_quiz(lines: Lines, faults: Faults) -> list[ItemSource]:
    """The items of a quiz file, a scenario's questions inside it."""
    items: list[ItemSource] = []
    into: Lines | None = None
    for number, line, code in fenced(lines, faults):
        heading = None if code else read_heading(number, line, faults)
        if heading is None:
            if into is not None:
                into.append((number, line))
            elif line.strip():
                faults(number, "quiz-text", "This text stands above the first question. Move it below a `## ` heading.")
            continue
        into = []
        item = _item(heading, into, faults)
        if heading.level == 2:
            items.append(item)
        elif heading.level == 3 and items and items[-1].kind == "scenario":
            items[-1].questions.append(item)
        else:
            faults(number, "heading-level", "A question starts with `## `; `### ` stands only under a `.scenario`.")
    return items


def _item(heading: Heading, lines: Lines, faults: Faults) -> ItemSource:
    kinds = [one for one in heading.classes if one not in FLAGS]
    check_id(heading, faults)
    if len(kinds) != 1:
        faults(heading.line, "kind", f"“{heading.text}” needs one kind of question, like `.single`.")
    return ItemSource(
        path=faults.path,
        id=heading.id,
        kind=kinds[0] if kinds else "",
        heading=heading.text,
        line=heading.line,
        attributes=heading.attributes,
        flags=FLAGS.intersection(heading.classes),
        lines=lines,
        problems=faults.found,
    )


def pieces(lines: Sequence[tuple[int, str]], fault: Fault, *, boxes: bool = True) -> list[Piece]:
    """A section cut into text, headings, code and boxes; with `boxes` false those and headings are refused."""
    found: list[Piece] = []
    box: Piece | None = None
    for number, line, code in fenced(lines):
        mark = None if code else BOX.match(line)
        if mark and boxes:
            box = _edge(box, number, mark[1].strip(), found, fault)
        elif box:
            box.lines.append((number, line))
        else:
            _append(found, number, line, code, boxes, fault)
    if box:
        fault(box.line, "box-unclosed", f"The box “{box.words}” is not closed. Put a line `///` below its last line.")
    return found


def _edge(box: Piece | None, number: int, words: str, found: list[Piece], fault: Fault) -> Piece | None:
    """The box that is open after a `///` line."""
    if box and words:
        fault(
            number,
            "box-unclosed",
            f"A box starts inside the one of line {box.line}. Close that with a line `///`; boxes are not nested.",
        )
    elif not box and not words:
        fault(number, "box", "This `///` closes nothing. Take it out, or write the kind of the box behind it.")
    if not words:
        return None
    opened = Piece("box", number, words=words)
    found.append(opened)
    return opened


def _append(found: list[Piece], number: int, line: str, code: bool, boxes: bool, fault: Fault) -> None:
    """Adds a line to the last piece of its kind, or starts a piece."""
    if not code and line.lstrip().startswith("///"):
        fault(number, "box", "`///` stands only at the start of a line, in a module. Take it out here.")
        return
    heading = None if code else read_heading(number, line, fault)
    if heading:
        if not boxes:
            fault(number, "heading-level", "A heading has no place here. Use **bold words**.")
        found.append(Piece("heading", number, words=heading.text, level=heading.level))
        return
    kind = "code" if code else "text"
    starts = code and not (found and found[-1].kind == "code" and _open(found[-1].lines))
    if starts or not found or found[-1].kind != kind:
        found.append(Piece(kind, number))
    found[-1].lines.append((number, line))


def _open(lines: Lines) -> bool:
    """Whether the fence that the first line opens is still open after the last one."""
    fence = FENCE.match(lines[0][1])
    last = FENCE.match(lines[-1][1])
    return not (len(lines) > 1 and fence and last and last[1].startswith(fence[1]) and not last[2].strip())
