"""Markdown of one file -> safe HTML: `{{…}}` and `[[…]]` are taken out before Markdown and put back after it.

Pictures become `img` with the size that the file has. Raw HTML, reference links, indented code and Markdown's own
headings are off; what comes out passes nh3 with an allow-list. Figures become links to their source, glossary terms
links to the glossary, `modules/…` addresses of pages.
"""

import re
from dataclasses import dataclass, field
from html import escape, unescape

import msgspec
from markdown import Markdown

from app.core.content import Struct
from app.core.dialect import CLEANER, CLOSE, OPEN, TAKEN, Tree, code, dialect, look_at_layout
from app.core.numbers import show
from app.core.phrases import phrase
from app.core.pictures import Picture
from app.core.scan import Faults, Lines, numbered, pieces

OUT = re.compile(
    r"(?P<code>(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`))|\{\{(?P<brace>[^{}\n]*)\}\}|\[\[(?P<term>[^\[\]\n]*)\]\]"
    r"|(?<!\\)!\[(?P<alt>[^\[\]\n]*)\]\((?P<file>[^()\s]+)\)"
)
RAW_HTML = re.compile(r"<(?:/?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>\n]*)?/?>|!--|\?|!\[)")
COURSE_LINK = re.compile(r"modules/([a-z0-9-]+)(?:#([a-z0-9-]+))?$")
WEB_LINK = re.compile(r"https://[^\s/@]+\.[^\s/@]+(?:/\S*)?$")
PLAIN = re.compile(r"[^\x00-\x1f\x7f-\xa0\\`*_{}\[\]<>&!\ue000\ue001]*")
PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
WORD = re.compile(r"\w[\w’'.,-]*")


class LedgerFigure(Struct):
    """What a page prints of a figure, in one language."""

    value: str
    unit: str
    year: str
    checked: bool


class Context(Struct):
    """What a file of one language may refer to.

    `courses`: module -> course; `sections`: module -> ids of its sections; `terms`: folded term or id -> id;
    `countries`: code -> name; `pictures`: name -> picture, of this file alone.
    """

    language: str
    courses: dict[str, str]
    sections: dict[str, tuple[str, ...]]
    figures: dict[str, LedgerFigure]
    terms: dict[str, str]
    countries: dict[str, str]
    actions: tuple[str, ...]
    pictures: dict[str, Picture] = msgspec.field(default_factory=dict)


def fold(term: str) -> str:
    """A glossary term as it is looked up: case and spaces do not count."""
    return " ".join(term.split()).casefold()


def amount(figure: LedgerFigure, language: str) -> str:
    """A figure with its unit, joined by a no-break space, as readers of `language` write numbers."""
    value = figure.value
    if language.partition("-")[0] != "en":
        value = re.sub(r"\d[\d,]*(?:\.\d+)?", lambda number: show(number[0].replace(",", ""), language), value)
    return f"{value}\u00a0{figure.unit}" if figure.unit else value


def words_in(html: str) -> int:
    """How many words a reader reads."""
    return len(WORD.findall(unescape(re.sub(r"<[^>]+>", " ", html))))


@dataclass
class Token:
    """What was taken out of a text: its HTML, and its plain words where no markup may stand."""

    html: str
    plain: str


@dataclass
class Renderer:
    """Renders the texts of one file; `figures` collects the ids of the figures it printed."""

    context: Context
    fault: Faults
    parameters: bool = True  # whether `{{name}}` may stand for something that is filled in later
    figures: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tree = Tree(self.link, self.fault, self.context.language)
        self._block = dialect(self._tree)
        self._inline = dialect(self._tree, inline=True)

    def block(self, text: str, line: int) -> str:
        """Paragraphs, lists, tables and fenced code -> HTML."""
        lines = [(line + index - 1, one) for index, one in numbered(text)]
        return "\n".join(
            code(piece.lines) if piece.kind == "code" else self.text(piece.lines)
            for piece in pieces(lines, self.fault, boxes=False)
            if piece.kind in ("code", "text")
        ).strip()

    def inline(self, text: str, line: int, *, links: bool = False, pictures: bool = False) -> str:
        """One line without `<p>`; figures and terms are linked only where `links` says so, for a label is no place, and
        pictures stand only where `pictures` does, for a heading or a list to choose from holds but words."""
        words = " ".join(text.split())
        if PLAIN.fullmatch(words):  # most options are, and Markdown would give back the same
            return words
        html = self._convert(self._inline, words, [(line, text)], links=links, pictures=pictures).strip()
        return html.removeprefix("<p>").removesuffix("</p>")

    def text(self, lines: Lines) -> str:
        """Lines without fenced code -> HTML."""
        text = "\n".join(one for _, one in lines)
        if not text.strip():
            return ""
        look_at_layout(lines, self.fault)
        return self._convert(self._block, text, lines, links=True)

    def plain(self, text: str) -> str:
        """The text with its figures filled in, still Markdown."""
        return OUT.sub(lambda found: self._plain_of(found), text)

    def _convert(self, markdown: Markdown, text: str, lines: Lines, *, links: bool, pictures: bool = True) -> str:
        tokens: list[Token] = []
        text = text.replace(OPEN, "").replace(CLOSE, "")
        starts = _Lines(text, lines)

        def take(found: re.Match[str]) -> str:
            line = starts.at(found.start())
            picture = found["file"] is not None
            token = self._picture(found, line, pictures) if picture else self._token(found, line, links)
            if token is None:
                return found[0]
            tokens.append(token)
            return f"{OPEN}{len(tokens) - 1}{CLOSE}"

        outside = OUT.sub(take, text)
        self._refuse_html(outside, starts)
        self._tree.begin([token.plain for token in tokens], lines)
        html = markdown.reset().convert(outside)
        self._refuse_inside_links(html, tokens, lines[0][0])
        return CLEANER.clean(TAKEN.sub(lambda taken: tokens[int(taken[1])].html, html))

    def _token(self, found: re.Match[str], line: int, links: bool) -> Token | None:
        if found["code"] is not None:
            return None
        if found["term"] is not None:
            return self._term(found["term"], line, links)
        brace = found["brace"].strip()
        if brace.startswith("fig:"):
            return self._figure(brace, line, links)
        if not self.parameters or not PARAMETER.fullmatch(brace):
            self.fault(line, "token", f"“{found[0]}” means nothing here. Write {{{{fig:id}}}}, or take the braces out.")
        return Token(escape(found[0], quote=False), found[0])

    def _figure(self, brace: str, line: int, links: bool) -> Token:
        id, _, how = brace.removeprefix("fig:").strip().partition(" ")
        figure = self.context.figures.get(id)
        if figure is None or how.strip() not in ("", "short"):
            self.fault(
                line, "figure", f"“{{{{{brace}}}}}” prints no figure. Write {{{{fig:id}}}} with an id of figures.yml."
            )
            return Token("", "")
        self.figures[id] = None
        words = amount(figure, self.context.language)
        year = "" if how.strip() else f" ({figure.year})"
        mark = "" if figure.checked else f'<sup title="{phrase("unchecked", self.context.language)}">†</sup>'
        shown = escape(words) + mark
        state = "fig" if figure.checked else "fig unchecked"
        html = (
            f'<a class="{state}" href="/sources#{id}">{shown}</a>' if links else f'<span class="{state}">{shown}</span>'
        )
        return Token(html + year, words + year)

    def _term(self, inside: str, line: int, links: bool) -> Token:
        target, _, shown = inside.partition("|")
        words = " ".join((shown or target).split())
        id = self.context.terms.get(fold(target))
        if id is None:
            self.fault(line, "term", f"The glossary has no “{target.strip()}”. Write a term or id of glossary.yml.")
        html = f'<a class="term" href="/glossary#{id}">{escape(words)}</a>' if links else escape(words)
        return Token(html, words)

    def _picture(self, found: re.Match[str], line: int, allowed: bool) -> Token:
        name, words = found["file"], " ".join(found["alt"].split())
        picture = self.context.pictures.get(name)
        if picture is None:
            near = ", ".join(self.context.pictures) or "none"
            where = "Put it into a folder with the name of this file, beside the file"
            self.fault(line, "image", f"There is no picture “{name}” for this file. {where}. There is: {near}.")
            return Token(escape(words), words)
        if not words:
            self.fault(line, "image", f"The picture “{name}” has no words. Write ![what it shows]({name}).")
        if not allowed:
            self.fault(line, "image", f"The picture “{name}” stands where only words can. Put it into the text.")
        return Token(picture.html(words), words)

    def _plain_of(self, found: re.Match[str]) -> str:
        brace = (found["brace"] or "").strip()
        id, _, how = brace.removeprefix("fig:").strip().partition(" ")
        figure = self.context.figures.get(id) if brace.startswith("fig:") else None
        if figure is None:
            return found[0]
        return amount(figure, self.context.language) + ("" if how else f" ({figure.year})")

    def _refuse_html(self, text: str, starts: "_Lines") -> None:
        for found in RAW_HTML.finditer(re.sub(r"(`+)[^\n]*?\1", lambda code: " " * len(code[0]), text)):
            line = starts.at(found.start())
            self.fault(line, "raw-html", f"“{found[0]}” is HTML. Write Markdown, or `&lt;` for the sign <.")

    def _refuse_inside_links(self, html: str, tokens: list[Token], line: int) -> None:
        for found in re.finditer(f"<a(?: [^>]*)?>(?:(?!</a>)[^{OPEN}])*{OPEN}(\\d+)", html):
            words = tokens[int(found[1])].plain
            self.fault(
                line, "link", f"“{words}” stands inside a link. Put {{{{…}}}} and [[…]] beside links, not into them."
            )

    def link(self, target: str, line: int) -> str:
        """The address that a link of an author leads to; "" for none."""
        course = COURSE_LINK.match(target)
        if course:
            return self._course_link(course[1], course[2], line)
        if WEB_LINK.match(target) and OPEN not in target:
            return target
        shown = TAKEN.sub("{{…}}", target)
        self.fault(line, "link", f"“{shown}” leads nowhere. Write `modules/<module>#<section>` or `https://…`.")
        return ""

    def _course_link(self, module: str, section: str | None, line: int) -> str:
        sections = self.context.sections.get(module)
        if not sections or module not in self.context.courses:
            self.fault(line, "link", f"No course has a module “{module}”. Write the name of its file without `.md`.")
            return ""
        if section and section not in sections:
            near = ", ".join(sections)
            self.fault(line, "link", f"Module “{module}” has no section “{section}”. It has: {near}.")
            return ""
        return f"/courses/{self.context.courses[module]}/{module}/{section or ''}"


class _Lines:
    """Which line of the file a place in a text belongs to."""

    def __init__(self, text: str, lines: Lines) -> None:
        self.text, self.lines = text, lines

    def at(self, place: int) -> int:
        return self.lines[min(self.text.count("\n", 0, place), len(self.lines) - 1)][0]
