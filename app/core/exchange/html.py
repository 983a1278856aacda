"""HTML as other programs write it -> our Markdown: sanitised, escaped, and every loss named.

`blocks` cuts a text into paragraphs, lists, tables and so on, each as Markdown; `line` gives one line. What stands in
our Markdown afterwards means to our dialect what the HTML meant, and nothing else.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.core.exchange.embedded import OURS, name_in
from app.core.exchange.tree import BLOCK, Node, parse, raw, without_foreign, words_of

SPACES = re.compile(r"[ \t\r\n\f\v]+")
TEX = re.compile(r"\\\(.+?\\\)|\\\[.+?\\\]|\$\$.+?\$\$", re.DOTALL)
HTTPS = re.compile(r"https://[^\s/@]+\.[^\s/@]+(?:/\S*)?$")
SPECIAL = re.compile(r"[\\`*{}\[\]]|(?<![^\W_])_|_(?![^\W_])|<|&(?=#?\w+;)")
START = re.compile(
    r"(?:[-+](?=[\s+-]|$)|#(?=[#\s]|$)|>|=(?=[=\s]|$)|\?(?=\s)|\||~~~|///|vars:|(?=\d{1,9}[.)](?:\s|$)))"
)
MEDIA = frozenset(["video", "audio", "iframe", "object", "embed", "canvas", "source"])
SMALL = {
    "sup": str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ"),
    "sub": str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
}
IN_ADDRESSES = str.maketrans({" ": "%20", "(": "%28", ")": "%29", "\\": "%5C"})
BREAK = "\x00"  # a line break while a paragraph is put together

Link = Callable[[str], str]


def web_link(target: str) -> str:
    """What our Markdown may link to: the web by https."""
    return target if HTTPS.match(target) else ""


@dataclass(frozen=True)
class Block:
    """A block of Markdown: `kind` is paragraph, list, numbered, table, code, quote or rule; `plain` its bare words."""

    kind: str
    text: str
    plain: str


def line(html: str, lost: list[str], link: Link = web_link) -> str:
    """One line of Markdown; `lost` takes what can't come along."""
    _note_formulas(html, lost)
    writer = _Writer(lost, link, one_line=True)
    return SPACES.sub(" ", writer.inline([parse(html)]).replace(BREAK, " ")).strip()


def blocks(html: str, lost: list[str], link: Link = web_link, flat: Iterable[str] = ()) -> list[Block]:
    """The blocks of a text; those of a kind in `flat` become paragraphs."""
    _note_formulas(html, lost)
    return blocks_of(parse(html).inside, lost, link, flat)


def blocks_of(
    nodes: Sequence[Node | str], lost: list[str], link: Link = web_link, flat: Iterable[str] = ()
) -> list[Block]:
    """The same of a tree."""
    found: list[Block] = []
    for block in _Writer(lost, link, flat=frozenset(flat)).blocks(nodes):
        before = found[-1] if found else None
        if before and before.kind == block.kind and block.kind in ("list", "numbered"):  # Markdown makes one of two
            block = Block(block.kind, f"{before.text}\n{block.text}", f"{before.plain} {block.plain}")
            found.pop()
        found.append(block)
    return found


def markdown(html: str, lost: list[str], link: Link = web_link) -> str:
    """A text of several lines."""
    return "\n\n".join(block.text for block in blocks(html, lost, link))


def escaped(text: str) -> str:
    """Text as Markdown that shows it as it is, within a line."""
    return SPECIAL.sub(lambda found: {"<": "&lt;", "&": "&amp;"}.get(found[0], "\\" + found[0]), text)


def at_start(text: str) -> str:
    """Markdown of a line whose beginning is made to mean nothing."""
    found = START.match(text)
    if not found:
        return text
    if text[0].isdigit():
        number = re.match(r"\d+", text)
        end = number.end() if number else 0
        return text[:end] + ("\\." if text[end] == "." else "&#41;") + text[end + 1 :]
    if text[0] in "-+#>":
        return "\\" + text
    return f"&#{ord(text[0])};{text[1:]}"


def _note_formulas(html: str, lost: list[str]) -> None:
    lost += without_foreign(html)[1]
    if TEX.search(html):
        lost.append("a formula in TeX is shown as it is typed")


class _Writer:
    """Writes Markdown from nodes."""

    def __init__(
        self, lost: list[str], link: Link, *, one_line: bool = False, flat: frozenset[str] = frozenset()
    ) -> None:
        self.lost, self.link, self.one_line, self.flat = lost, link, one_line, flat

    def blocks(self, nodes: Sequence[Node | str]) -> Iterable[Block]:
        run: list[Node | str] = []
        for node in nodes:
            if isinstance(node, Node) and (node.tag in BLOCK or _holds_blocks(node)):
                yield from self.paragraph(run)
                run = []
                yield from self.block(node)
            else:
                run.append(node)
        yield from self.paragraph(run)

    def paragraph(self, nodes: Sequence[Node | str]) -> Iterable[Block]:
        text = self.inline(nodes)
        lines = [at_start(part) for part in (SPACES.sub(" ", one).strip() for one in text.split(BREAK)) if part]
        if lines:
            yield Block("paragraph", "  \n".join(lines), _plain_of(nodes))

    def block(self, node: Node) -> Iterable[Block]:
        if node.tag in ("ul", "ol"):
            yield from self.list(node)
        elif node.tag == "table":
            yield from self.table(node)
        elif node.tag == "pre":
            yield self.code(node)
        elif node.tag == "blockquote":
            yield from self.quote(node)
        elif node.tag == "hr":
            yield Block("rule", "---", "")
        elif node.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption", "summary"):
            yield from self.paragraph([Node("strong", inside=[*node.inside])])
        else:
            yield from self.blocks(node.inside)

    def list(self, node: Node) -> Iterable[Block]:
        kind = "numbered" if node.tag == "ol" else "list"
        items = [one for one in node.inside if isinstance(one, Node)]
        if kind in self.flat:
            self.lost.append("a list became paragraphs, since here a list would be the answer")
            for number, item in enumerate(items, 1):
                mark = f"({number}) " if kind == "numbered" else "• "
                yield from self.blocks([mark, *item.inside])
            return
        lines: list[str] = []
        filled = filter(None, (list(self.blocks(item.inside if item.tag == "li" else [item])) for item in items))
        for number, inside in enumerate(filled, 1):
            lines += _item(f"{number}." if kind == "numbered" else "-", inside)
        if lines:
            yield Block(kind, "\n".join(lines), _plain_of([node]))

    def table(self, node: Node) -> Iterable[Block]:
        rows = [row for row in _grid([[(cell, self.cell(cell)) for cell in _cells(row)] for row in _rows(node)]) if row]
        yield from (
            block for one in node.inside if isinstance(one, Node) and one.tag == "caption" for block in self.block(one)
        )
        if "table" in self.flat or not rows:
            if rows:
                self.lost.append("a table became paragraphs, since here a table would be the answer")
            yield from (Block("paragraph", at_start("; ".join(row)), "; ".join(row)) for row in rows)
            return
        width = max(map(len, rows))
        rows = [row + [""] * (width - len(row)) for row in rows]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        yield Block("table", "\n".join([lines[0], "|" + "---|" * width, *lines[1:]]), _plain_of([node]))

    def cell(self, node: Node) -> str:
        for name, what in (("colspan", "columns"), ("rowspan", "rows")):
            if node.attributes.get(name, "1") not in ("", "1"):
                self.lost.append(f"a table cell that spanned several {what} stands in one")
        text = SPACES.sub(" ", self.inline(node.inside).replace(BREAK, " ")).strip()
        return text.replace("|", "&#124;")

    def code(self, node: Node) -> Block:
        text = raw(node).strip("\n")
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
        return Block("code", f"{fence}\n{text}\n{fence}", " ".join(text.split()))

    def quote(self, node: Node) -> Iterable[Block]:
        inside = list(self.blocks(node.inside))
        if "quote" in self.flat:
            yield from inside
        elif inside:
            text = "\n\n".join(block.text for block in inside)
            yield Block("quote", "\n".join(f"> {one}".rstrip() for one in text.split("\n")), _plain_of([node]))

    def inline(self, nodes: Sequence[Node | str], inside: str = "") -> str:
        return "".join(self.piece(node, inside) for node in nodes)

    def piece(self, node: Node | str, inside: str) -> str:
        if isinstance(node, str):
            return escaped(SPACES.sub(" ", node))
        if node.tag == "br":
            return " " if self.one_line else BREAK
        if node.tag == "img":
            return self.picture(node)
        if node.tag in MEDIA:
            self.lost.append(f"a medium ({node.tag}) is left out")
            return self.inline(node.inside, inside)
        if node.tag in ("strong", "b", "em", "i"):
            return self.emphasis(node, inside)
        if node.tag in ("code", "kbd", "samp", "tt"):
            return self.code_span(node)
        if node.tag in ("sup", "sub"):
            return self.small(node, inside)
        if node.tag == "a":
            return self.anchor(node, inside)
        text = self.inline(node.inside, inside)
        return f" {text} " if node.tag in BLOCK else text

    def emphasis(self, node: Node, inside: str) -> str:
        strong = node.tag in ("strong", "b")
        kind = "strong" if strong else "em"
        text = self.inline(node.inside, inside + kind)
        core = text.strip(" " + BREAK)
        if kind in inside or not core:
            return text
        sign = ("_" if inside else "*") * (2 if strong else 1)
        before, _, after = text.partition(core)
        return f"{before}{sign}{core}{sign}{after}"

    def code_span(self, node: Node) -> str:
        text = " ".join(raw(node).split())
        if not text or "{{" in text or text.startswith("`") or text.endswith("`"):
            return escaped(text)
        fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
        return f"{fence}{text}{fence}"

    def small(self, node: Node, inside: str) -> str:
        text = self.inline(node.inside, inside)
        raised = text.translate(SMALL[node.tag])
        if all(one != other for one, other in zip(text, raised, strict=True)):
            return raised
        if text == "†":
            return text
        self.lost.append(
            f"raised or lowered text (“{text}”) is written behind {'^' if node.tag == 'sup' else 'an underline'}"
        )
        return f"^{text}" if node.tag == "sup" else f"\\_{text}"

    def anchor(self, node: Node, inside: str) -> str:
        text = self.inline(node.inside, inside)
        target = node.attributes.get("href", "").strip()
        address = self.link(target.translate(IN_ADDRESSES)) if text.strip() else ""
        if address:
            return f"[{text.replace(BREAK, ' ').strip()}]({address})"
        if target.startswith(("http://", "https://")) and target not in words_of(node):
            self.lost.append(f"a link that is not https:// is written as text: {target[:80]}")
            return f"{text} ({escaped(target)})"
        if target:
            self.lost.append(f"a link is left out, its words stay: {target[:80]}")
        return text

    def picture(self, node: Node) -> str:
        """A picture that came along, or its words in brackets."""
        source = node.attributes.get("src", "")
        if ours := name_in(source):
            words = " ".join(re.sub(r"[\[\]{}`\\]", " ", node.attributes.get("alt", "")).split())
            if not words:
                self.lost.append(f"the picture {ours} has no words: write what it shows, for those who can't see it")
            return f"![{words or 'Picture'}]({ours})"
        name = (
            "embedded in the text" if source.startswith("data:") else source.rpartition("/")[2][:80] or "without a name"
        )
        if source != OURS:  # else it was said why
            self.lost.append(f"a picture is left out, since it did not come with the file: {name}")
        unnamed = source.startswith(("data:", OURS))
        words = SPACES.sub(" ", node.attributes.get("alt", "")).strip() or ("" if unnamed else name)
        return escaped(f"[{words}]") if words else ""


def _holds_blocks(node: Node) -> bool:
    """Whether there is a block in an inline element, as in `<font><p>`."""
    if node.tag in ("a", "strong", "b", "em", "i", "code", "sup", "sub", "img", "br"):
        return False
    return any(isinstance(one, Node) and (one.tag in BLOCK or _holds_blocks(one)) for one in node.inside)


def _rows(node: Node) -> Iterable[Node]:
    for one in node.inside:
        if isinstance(one, Node):
            if one.tag == "tr":
                yield one
            elif one.tag in ("thead", "tbody", "tfoot"):
                yield from _rows(one)


def _cells(row: Node) -> list[Node]:
    return [one for one in row.inside if isinstance(one, Node)]


def _grid(rows: list[list[tuple[Node, str]]]) -> list[list[str]]:
    """The texts of a table's cells, with empty cells where one of another row or column reached over."""
    reached: set[tuple[int, int]] = set()
    grid: list[list[str]] = []
    for number, row in enumerate(rows):
        texts: list[str] = []
        for cell, text in row:
            while (number, len(texts)) in reached:
                texts.append("")
            wide, high = (_span(cell, name) for name in ("colspan", "rowspan"))
            reached |= {(number + down, len(texts) + over) for down in range(1, high) for over in range(wide)}
            texts += [text, *[""] * (wide - 1)]
        grid.append(texts)
    return grid


def _span(cell: Node, name: str) -> int:
    text = cell.attributes.get(name, "")
    return min(int(text), 50) if text.isascii() and text.isdigit() and len(text) < 4 and int(text) else 1


def _item(mark: str, inside: Sequence[Block]) -> list[str]:
    """The lines of a list item; what follows its first paragraph is indented by four spaces.

    A mark never stands alone on a line, where it would make a heading of the line above: a list that comes first takes
    the item's place, anything else gets a space that nobody sees.
    """
    first, *rest = inside
    if first.kind in ("list", "numbered"):
        lines = first.text.split("\n")
    elif first.kind == "paragraph":
        lines = [f"{mark} {first.text.replace(chr(10), chr(10) + '    ')}"]
    else:
        lines, rest = [f"{mark} &#160;"], [first, *rest]
    for block in rest:
        if block.kind not in ("list", "numbered"):
            lines.append("")
        lines += [f"    {one}".rstrip() for one in block.text.split("\n")]
    return lines


def _plain_of(nodes: Sequence[Node | str]) -> str:
    return " ".join("".join(map(words_of, nodes)).split())
