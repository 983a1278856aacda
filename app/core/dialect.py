"""Our dialect of Markdown: what is on and off, how tables become readable, and which HTML may come out."""

import re
from collections.abc import Callable, Sequence
from html import escape
from xml.etree.ElementTree import Element

import nh3
from markdown import Markdown
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.treeprocessors import Treeprocessor

from app.core.phrases import phrase
from app.core.scan import Lines
from app.core.yamltext import Fault

OPEN, CLOSE = "\ue000", "\ue001"  # around the number of what was taken out; the loader refuses both in files
TAKEN = re.compile(f"{OPEN}(\\d+){CLOSE}")
FLAT_LIST = re.compile(r" {1,3}(?:[-*+]|\d{1,3}\.) +\S")
LIST = re.compile(r"(?:[-*+]|\d{1,3}\.) +\S")
UNDERLINE = re.compile(r"(?:=+|-+) *$")

# Classes of cells by their tag and column; all others begin where the line begins. Heads may break, numbers may not.
ALIGNED = {
    ("th", "right"): "number",
    ("td", "right"): "number nowrap",
    **dict.fromkeys((("th", "center"), ("td", "center")), "mid"),
}

TAGS = "p ul ol li strong em code pre br hr blockquote table thead tbody tr th td a div span sup img"

CLEANER = nh3.Cleaner(
    tags=set(TAGS.split()),
    attributes={
        "a": {"href", "class"},
        "div": {"class", "role", "tabindex", "aria-label"},
        "th": {"scope", "class"},
        "td": {"class"},
        "ol": {"start"},
        "span": {"class"},
        "sup": {"class", "title"},
        "img": {"src", "alt", "width", "height", "loading"},
    },
    url_schemes={"https"},
    link_rel=None,
)


class Tree(Treeprocessor):
    """Resolves links, refuses images that are written in another way than ours, and makes tables readable, in what
    Markdown has parsed."""

    def __init__(self, link: Callable[[str, int], str], fault: Fault, language: str) -> None:
        super().__init__()
        self.resolve, self.fault, self.language = link, fault, language

    def begin(self, taken: Sequence[str], lines: Lines) -> None:
        """Makes ready for a text: the plain words of what was taken out of it, and its lines."""
        self.taken, self.lines = taken, lines

    def run(self, root: Element) -> None:
        for parent in list(root.iter()):
            for place, element in enumerate(list(parent)):
                if element.tag == "a":
                    self.link(element)
                elif element.tag == "img":
                    self.refuse_image(element)
                elif element.tag == "table":
                    self.table(element)
                    parent[place] = self.region(element)

    def line_of(self, words: str) -> int:
        return next((number for number, line in self.lines if words in line), self.lines[0][0])

    def link(self, element: Element) -> None:
        target = element.get("href", "")
        element.attrib.clear()
        if address := self.resolve(target, self.line_of(target)):
            element.set("href", address)

    def refuse_image(self, element: Element) -> None:
        source = element.get("src", "")
        element.tag = "span"
        element.attrib.clear()
        self.fault(
            self.line_of(source),
            "image",
            f"The picture “{source}” is not shown. Write ![what it shows](name.png), without spaces or a title.",
        )

    def table(self, table: Element) -> None:
        for cell in table.iter():
            align = cell.attrib.pop("style", "").removeprefix("text-align: ").removesuffix(";")
            if name := ALIGNED.get((cell.tag, align)):
                cell.set("class", name)
            if cell.tag == "th":
                cell.set("scope", "col")
        self.row_heads(table)

    def row_heads(self, table: Element) -> None:
        """Where nothing stands above the first column, it heads the rows."""
        head, *rows = table.iter("tr")
        if len(head) and head[0].tag == "th" and not "".join(head[0].itertext()).strip():
            head[0].tag = "td"
            del head[0].attrib["scope"]
            for row in rows:
                row[0].tag = "th"
                row[0].set("scope", "row")

    def region(self, table: Element) -> Element:
        """A named region around a table that a keyboard can scroll."""
        heads = ("".join(cell.itertext()) for cell in table.iter("th") if cell.get("scope") == "col")
        columns = ", ".join(words for head in heads if (words := TAKEN.sub(self.words, head).strip()))
        label = phrase("table", self.language, columns=columns)
        region = Element("div", {"class": "table", "role": "region", "tabindex": "0", "aria-label": label})
        region.tail, table.tail = table.tail, None
        region.append(table)
        return region

    def words(self, taken: re.Match[str]) -> str:
        return self.taken[int(taken[1])]


def dialect(tree: "Tree", *, inline: bool = False) -> Markdown:
    markdown = Markdown(extensions=[] if inline else [TableExtension(), SaneListExtension()], output_format="html")
    markdown.preprocessors.deregister("html_block")
    for name in ("html", "reference", "short_reference", "image_reference", "short_image_ref", "automail"):
        markdown.inlinePatterns.deregister(name)
    off = ["code", "hashheader", "setextheader", "reference"]
    for name in [*off, "indent", "hr", "olist", "ulist", "quote"] if inline else off:
        markdown.parser.blockprocessors.deregister(name)
    markdown.treeprocessors.register(tree, "lontar", -10)
    return markdown


def look_at_layout(lines: Lines, fault: Fault) -> None:
    """Names what Markdown would silently read as something else."""
    in_list, before = False, ""
    for number, line in lines:
        if LIST.match(line):
            in_list = True
        elif in_list and FLAT_LIST.match(line):
            fault(number, "list-indent", "This list item is indented by less than 4 spaces. Use 4, or none.")
        elif line.strip() and not line.startswith(" ") and not before.strip():
            in_list = False
        if UNDERLINE.match(line) and before.strip() and "|" not in before:
            fault(
                number, "underline", "A line of = or - below a text is no heading here. Write `### ` before the words."
            )
        before = line


def code(lines: Lines) -> str:
    """A code fence -> HTML."""
    return f"<pre><code>{escape(chr(10).join(one for _, one in lines[1:-1]), quote=False)}</code></pre>"
