"""HTML as other programs write it -> a sanitised tree, and its bare words."""

import re
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

import nh3

from app.core.dialect import TAGS

LONGEST = 60_000  # characters of one text; more is a pasted document or an attack
DEEPEST = 60
KNOWN = frozenset(
    f"{TAGS} b i u s del ins strike sub h1 h2 h3 h4 h5 h6 img dl dt dd figure figcaption section article header footer "
    "font center caption tfoot label small big mark q cite abbr var kbd samp tt video audio source iframe object embed "
    "script style input button form math svg canvas colgroup col o:p address nobr main aside details summary".split()
)
CLEANER = nh3.Cleaner(
    tags=set(KNOWN) - {"script", "style", "o:p", "svg", "math"},
    clean_content_tags={"script", "style"},
    attributes={"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
    url_schemes={"http", "https", "data", "mailto", "course"},
    link_rel=None,
)
FOREIGN = {"math": "an equation is left out; write it in words", "svg": "a drawing (svg) is left out"}
MARKUP = re.compile(r"[<&]")
MAYBE_TAG = re.compile(r"<(?!/?([A-Za-z][A-Za-z0-9:]*)(?:[\s/][^<>]*)?>|!--)")
TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:]*)")
BLOCKS = (
    "p div section article header footer center main aside address figure figcaption details summary form blockquote "
    "ul ol dl dt dd table pre hr h1 h2 h3 h4 h5 h6 caption li thead tbody tfoot tr td th"
)
BLOCK = frozenset(BLOCKS.split())


@dataclass
class Node:
    """An element and what is in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: "list[Node | str]" = field(default_factory=list)


class TooMuch(ValueError):
    """A text that is too long or nested too deep; the message says which."""


class _Tree(HTMLParser):
    """Builds nodes from what the sanitiser has balanced."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in ("br", "hr", "img", "source", "embed", "input", "col"):
            self.open.append(node)
            if len(self.open) > DEEPEST:
                raise TooMuch("its HTML is nested too deep")

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) > 1 and self.open[-1].tag == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def parse(html: str) -> Node:
    """The sanitised tree of a piece of HTML; a `<` that starts no tag is text. Raises `TooMuch`."""
    if len(html) > LONGEST:
        raise TooMuch(f"one of its texts has {len(html)} characters, more than {LONGEST}")
    if not MARKUP.search(html):
        return Node("", inside=[html])
    html = MAYBE_TAG.sub("&lt;", without_foreign(html)[0])
    html = TAG.sub(lambda found: found[0] if found[1].lower() in KNOWN else "&lt;" + found[0][1:], html)
    if html.count("<") > LONGEST // 20:
        raise TooMuch("its HTML has too many tags")
    tree = _Tree()
    tree.feed(CLEANER.clean(html))
    tree.close()
    return tree.root


def without_foreign(html: str) -> tuple[str, list[str]]:
    """HTML without what is no HTML within it, since the bare words of an equation mean another; and what was lost."""
    lost = []
    for tag, words in FOREIGN.items():
        begins, ends = re.compile(rf"<{tag}[\s>]", re.IGNORECASE), re.compile(rf"</{tag}\s*>", re.IGNORECASE)
        kept, at = [], 0
        while (begun := begins.search(html, at)) and (ended := ends.search(html, begun.end())):
            kept.append(html[at : begun.start()])
            at = ended.end()
        html = " ".join([*kept, html[at:]])
        lost += [words] if kept else []
    return html, lost


def plain(html: str) -> str:
    """The words alone, in one line."""
    return " ".join(words_of(parse(html)).split())


def from_plain(text: str) -> str:
    """Plain text as HTML: empty lines part paragraphs, `\\n` alone breaks the line."""
    parts = [escape(part.strip(), quote=False).replace("\n", "<br>") for part in re.split(r"\n\s*\n", text.strip())]
    return parts[0] if len(parts) == 1 else "".join(f"<p>{part}</p>" for part in parts)


def words_of(node: Node | str) -> str:
    if isinstance(node, str):
        return node
    if node.tag in ("br", "img"):
        return " "
    inside = "".join(map(words_of, node.inside))
    return f" {inside} " if node.tag in BLOCK else inside


def raw(node: Node | str) -> str:
    if isinstance(node, str):
        return node
    return "\n" if node.tag == "br" else "".join(map(raw, node.inside))
