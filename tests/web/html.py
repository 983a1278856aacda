"""What every page must keep: valid HTML, a title that agrees with the heading, labels, landmarks, no inline code."""

import atexit
import base64
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import lxml.html

X = "{http://www.w3.org/1999/xhtml}"
VALUE = re.compile(r'(?<=[ \n])([\w-]+)="[^"&]*"')
TEXT = re.compile(r">([^<]+)<")
AMPERSAND = re.compile(r"&\S{0,10}")
SWITCHES = (
    "checked",
    "defer",
    "selected",
    "disabled",
    "required",
    "multiple",
    "open",
    "hidden",
    "autofocus",
    "readonly",
)
BETWEEN = " \N{EN DASH} "
SEEN = Path(__file__).parents[2] / ".pytest_cache" / f"valid-{html5lib.__version__}"
DIGEST, MOST = 16, 1_000_000  # bytes of one, and of the file
FIELDS = ("input", "select", "textarea")
SVG = "{http://www.w3.org/2000/svg}"
CAPITALS = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}  # as drawings write them
LINE_LOST = ("textarea", "pre")  # a line break right behind the tag is none of the text
UNLABELLED = ("hidden", "submit", "reset", "button", "image")
HEADINGS = tuple(f"{X}h{level}" for level in range(1, 7))
REFERENCES = ("aria-labelledby", "aria-describedby", "for")


def check_page(html: str, headers: Mapping[str, str], *, kept: bool = False) -> Element:
    """The page's tree. Raises AssertionError with all faults; `kept` is a file to keep, alone and without menus."""
    root, faults = read(html)
    page = Markup(root, headers.get("Content-Security-Policy", ""))
    faults += [*page.language(), *page.title(kept), *page.headings(), *page.ids(), *page.labels(), *page.code(kept)]
    faults += [*page.tables(), *page.forms()] if kept else [*page.landmarks(), *page.tables(), *page.forms()]
    assert not faults, "\n".join(faults)
    return root


def read(html: str) -> tuple[Element, list[str]]:
    """The tree, and what is not valid.

    The parser that follows the standard to the letter takes longer than the site does for a page. It reads every
    arrangement of tags once; a page whose arrangement was valid before is read by a quick one.
    """
    shape = TEXT.sub(_in_short, VALUE.sub(r'\1=""', html))
    digest = hashlib.blake2b(shape.encode(), digest_size=DIGEST).digest()
    if digest in VALID:
        return quick(html), []
    parser = html5lib.HTMLParser(namespaceHTMLElements=True)
    root: Element = parser.parse(html)
    faults = [f"not valid HTML, line {place[0]}: {code} {values}" for place, code, values in parser.errors]
    if not faults:
        VALID.add(digest)
    return root, faults


class Valid:
    """Digests of arrangements that the exact parser found valid, in a file: the processes of a run and the next run
    need not read them again."""

    def __init__(self, path: Path) -> None:
        self.known: set[bytes] = set()
        path.parent.mkdir(exist_ok=True)
        if path.exists() and path.stat().st_size > MOST:
            path.unlink()
        self.file = path.open("a+b", buffering=0)
        self.file.seek(0)
        atexit.register(self.file.close)

    def __contains__(self, digest: bytes) -> bool:
        if digest not in self.known and (news := self.file.read()):
            whole = len(news) - len(news) % DIGEST
            self.file.seek(whole - len(news), os.SEEK_CUR)
            self.known |= {news[place : place + DIGEST] for place in range(0, whole, DIGEST)}
        return digest in self.known

    def add(self, digest: bytes) -> None:
        """In append mode a write is one step, also beside other processes."""
        self.known.add(digest)
        place = self.file.tell()
        self.file.write(digest)
        self.file.seek(place)


VALID = Valid(SEEN)


def _in_short(found: re.Match[str]) -> str:
    """Of the text between two tags: whether there is any, and what begins with an ampersand."""
    text = found[1]
    return f">{'x' if text.strip() else ''}{''.join(AMPERSAND.findall(text))}<"


def quick(html: str) -> Element:
    """The tree of a valid page, as the exact parser makes it."""
    root = lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8"))
    for table in root.iter("table"):
        if rows := table.findall("tr"):
            body = lxml.html.Element("tbody")
            rows[0].addprevious(body)
            body.extend(rows)
    return _copied(root)


def _copied(one: Any, space: str = X) -> Element:
    space = SVG if one.tag == "svg" else space
    attributes = {
        CAPITALS.get(name, name): "" if name == value and name in SWITCHES else value for name, value in one.items()
    }
    made = Element(space + one.tag, attributes)
    text = one.text or ""
    made.text = (text.removeprefix("\n") or None) if one.tag in LINE_LOST else one.text
    made.tail = one.tail
    made.extend(_copied(inner, space) for inner in one)
    return made


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def name(element: Element) -> str:
    return element.tag.removeprefix(X)


@dataclass
class Markup:
    """A parsed page and the policy it was sent with; each method yields faults in words."""

    root: Element
    policy: str

    def all(self, *tags: str) -> Iterator[Element]:
        wanted = {X + tag for tag in tags}
        return (one for one in self.root.iter() if one.tag in wanted)

    def language(self) -> Iterator[str]:
        if not self.root.get("lang"):
            yield "<html> has no lang"
        if self.root.get("dir") not in ("ltr", "rtl"):
            yield "<html> has no dir"
        for one in self.root.iter():
            if one.get("lang") == "":
                yield f"<{name(one)}> has an empty lang"

    def title(self, kept: bool) -> Iterator[str]:
        titles, tops = list(self.all("title")), list(self.all("h1"))
        if len(titles) != 1 or len(tops) != 1:
            yield f"{len(titles)} titles and {len(tops)} h1, not one of each"
            return
        title, top = words(titles[0]), words(tops[0])
        site = next((words(one) for one in self.all("a") if one.get("class") == "brand"), title.rpartition(BETWEEN)[2])
        before, found, _ = title.partition(f"{top}{BETWEEN}{site}")
        if not found or not top:
            yield f"the title {title!r} is not {f'{top}{BETWEEN}{site}'!r}"
        summary = any(one.get("class") == "error-summary" for one in self.all("div"))
        if bool(before.strip()) != summary and not kept:
            yield f"the title {title!r} begins with an error word exactly when there is an error summary"

    def headings(self) -> Iterator[str]:
        level = 1
        for one in self.root.iter():
            if one.tag in HEADINGS:
                here = HEADINGS.index(one.tag) + 1
                if here > level + 1:
                    yield f"h{here} {words(one)!r} follows h{level}"
                if not words(one):
                    yield f"h{here} is empty"
                level = here

    def ids(self) -> Iterator[str]:
        counts = Counter(one.get("id") for one in self.root.iter() if one.get("id") is not None)
        for id, count in counts.items():
            if count > 1 or not id or any(sign.isspace() for sign in id):
                yield f"the id {id!r} stands {count} times"
        for one in self.root.iter():
            wanted = [part for kind in REFERENCES for part in (one.get(kind) or "").split()]
            address = one.get("href") or ""
            if one.tag == X + "a" and address.startswith("#"):
                wanted.append(address[1:])
            for id in wanted:
                if id not in counts:
                    yield f"<{name(one)}> points to the id {id!r}, which is not there"

    def labels(self) -> Iterator[str]:
        labelled = {one.get("for") for one in self.all("label")}
        within = {id(field) for one in self.all("label") for field in one.iter() if words(one)}
        for one in self.all(*FIELDS):
            hidden = one.tag == X + "input" and one.get("type") in UNLABELLED
            named = one.get("aria-label") or one.get("aria-labelledby") or one.get("id") in labelled
            if not hidden and not named and id(one) not in within:
                yield f"<{name(one)} name={one.get('name')!r}> has no label"
        for one in self.all("a", "button", "summary", "legend", "label", "option"):
            pictured = any(picture.get("alt") for picture in one.iter(X + "img"))
            if not (words(one) or one.get("aria-label") or pictured):
                yield f"<{name(one)}> has no words"
        for one in self.all("img"):
            if one.get("alt") is None:
                yield f"<img src={one.get('src')!r}> has no alt"
        for one in self.all("fieldset"):
            if not len(one) or one[0].tag != X + "legend":
                yield "a fieldset does not begin with its legend"

    def code(self, kept: bool) -> Iterator[str]:
        for one in self.root.iter():
            for attribute in one.attrib:
                if attribute == "style" or attribute.startswith("on"):
                    yield f"<{name(one)}> has the attribute {attribute}"
            for attribute in ("src", "action") + (("href",) if one.tag == X + "link" else ()):
                address = one.get(attribute) or ""
                if address and (not address.startswith(("/", "data:")) or address.startswith("//")):
                    yield f"<{name(one)}> takes {address!r} from elsewhere"
        for one in self.all("script"):
            alone = kept and any(part.get("data-keys") for part in self.root.iter())  # the page that checks codes
            if not alone and (not one.get("src") or words(one)):
                yield "a script stands in the page"
        for one in self.all("style"):
            digest = base64.b64encode(hashlib.sha256("".join(one.itertext()).encode()).digest()).decode()
            if not kept and f"'sha256-{digest}'" not in self.policy:
                yield "the policy does not allow the style in the page"

    def landmarks(self) -> Iterator[str]:
        for tag in ("header", "main", "footer"):
            found = len(list(self.all(tag)))
            if found != 1:
                yield f"{found} <{tag}>, not one"
        for one in self.all("main"):
            if one.get("id") != "main" or one.get("tabindex") != "-1":
                yield '<main> lacks id="main" tabindex="-1"'
        first = next(self.all("a"), None)
        if first is None or first.get("href") != "#main":
            yield "the first link does not skip to the main text"
        names = [self.name_of(one) for one in self.all("nav")]
        if "" in names or len(set(names)) < len(names):
            yield f"navigations need a name each: {names}"

    def name_of(self, element: Element) -> str:
        by = element.get("aria-labelledby")
        if by:
            return next((words(one) for one in self.root.iter() if one.get("id") == by), "")
        return element.get("aria-label") or ""

    def tables(self) -> Iterator[str]:
        for table in self.all("table"):
            heads = list(table.iter(X + "th"))
            if not heads or any(head.get("scope") not in ("col", "row") for head in heads):
                yield "a table has a heading cell without scope, or none at all"

    def forms(self) -> Iterator[str]:
        posting = [one for one in self.all("form") if (one.get("method") or "").lower() == "post"]
        tokens = [any(field.get("name") == "csrf_token" for field in form.iter()) for form in posting]
        if any(tokens) and not all(tokens):
            bare = [form.get("action") for form, token in zip(posting, tokens, strict=True) if not token]
            yield f"forms without a token: {bare}"
