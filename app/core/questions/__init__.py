"""The question types: one module each, found by its name; adding a type adds one file here and one template.

The kind is the module's name with hyphens (`true_false` -> "true-false"); names that begin with an underscore are
shared parts. Each type holds a struct `Body` (what one language's text of the item says; HTML where it is shown) and
the functions of `Kind`. Answers are stored as JSON that names options by letter in source order ("A" is the first), so
that they mean the same whatever order was drawn; forms name them by their place on the page, so that no form tells the
order of the source.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib import import_module
from pkgutil import iter_modules
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec

from app.core.content import Item, ItemText, digest, in_language
from app.core.papers import Drawn
from app.core.questions._parameters import fresh_values
from app.core.questions._shared import (
    NAME,
    Feedback,
    Fields,
    Filler,
    Lines,
    Remark,
    Unreadable,
    fill,
    outside_fences,
)

if TYPE_CHECKING:  # the scanner looks up KINDS
    from app.core.scan import ItemSource, Render

__all__ = [
    "KINDS",
    "Feedback",
    "Fields",
    "Filler",
    "Kind",
    "Remark",
    "Unreadable",
    "body_of",
    "draw_of",
    "fill",
    "key_hash",
    "key_of",
    "read_item",
]


class Kind(Protocol):
    """What a question type's module offers; `body` is its `Body`, `partial` the item's attribute ("" or "none")."""

    Body: type[Any]

    def begin(self, lines: Sequence[str]) -> int:
        """The index of the first line of the answer part; `len(lines)` where there is none."""

    def parse(self, source: "ItemSource", lines: Lines, render: "Render") -> Any:
        """The `Body` from the (number, text) lines of the answer part; problems go to `source.fault(...)`."""

    def key(self, body: Any) -> object:
        """What decides the grade and must be equal in every language, as JSON."""

    def wordings(self, body: Any) -> object:
        """What decides the grade in this language alone (accepted wordings), as JSON; None for most types."""

    def names(self, body: Any) -> frozenset[str]:
        """The parameters that `{{name}}` may show."""

    def draw(self, body: Any, chance: Random) -> Drawn:
        """The order of the options and the values of the parameters; the key has no influence on what is shown."""

    def read(self, body: Any, drawn: Drawn, fields: Fields, name: str = "answer") -> Any:
        """The posted form -> the answer's JSON, None for an empty one; raises `Unreadable`, and nothing else."""

    def grade(self, body: Any, drawn: Drawn, value: Any, partial: str = "") -> Fraction:
        """The share of the points, from 0 to 1, whatever `value` is."""

    def right(self, body: Any, drawn: Drawn) -> Any:
        """An answer that earns all points; None for types without a grade."""

    def explain(self, body: Any, drawn: Drawn, value: Any, partial: str = "", language: str = "en") -> Feedback:
        """What to show when feedback is due."""

    def said(self, body: Any, drawn: Drawn, value: Any, language: str = "en") -> str:
        """The answer in plain words as HTML, "" for an empty one; never says whether it is right."""

    def guess(self, body: Any, partial: str = "") -> Fraction:
        """The mean share that blind guessing earns."""


def _kinds() -> Mapping[str, Kind]:
    names = sorted(info.name for info in iter_modules(__path__) if not info.name.startswith("_"))
    return MappingProxyType({name.replace("_", "-"): cast(Kind, import_module(f"{__name__}.{name}")) for name in names})


KINDS: Mapping[str, Kind] = _kinds()

_HINT = re.compile(r"\?\s+(.*)")


def read_item(source: "ItemSource", render: "Render") -> ItemText:
    """One item in one language: stem, `? hint`, answer part and trailing `> explanation`, taken apart and rendered."""
    kind = KINDS.get(source.kind)
    if kind is None:
        source.fault(source.line, "kind", f"“{source.kind}” is no kind of question. Write one of: {', '.join(KINDS)}.")
        return ItemText(heading=render.inline(source.heading, source.line), body={})
    lines, explanation = _explanation(list(source.lines))
    lines, hint = _hints(lines)
    start = kind.begin([text for _, text in lines])
    body = kind.parse(source, _trimmed(lines[start:]), render)
    text = ItemText(
        heading=render.inline(source.heading, source.line),
        stem=_block(lines[:start], render),
        hint=_block(hint, render),
        explanation=_block(explanation, render),
        body=msgspec.to_builtins(body),
    )
    _unknown_names(source, kind.names(body))
    return text


def body_of(item: Item, language: str) -> Any:
    """The type's own struct in the wanted language, or in the original where the item has no such text."""
    _, text = in_language(item.texts, language)
    return _body(item.kind, text)


def draw_of(item: Item, chance: Random, seen: Sequence[Mapping[str, str]] = ()) -> Drawn:
    """What chance decides for one question; `seen` are the values of its parameters that its learner met before."""
    body = body_of(item, next(iter(item.texts)))
    if seen and getattr(body, "parameters", ()):
        return Drawn(values=fresh_values(body.parameters, chance, seen))
    return KINDS[item.kind].draw(body, chance)


def key_of(kind: str, text: ItemText) -> object:
    """What must be equal in every language of an item, as JSON."""
    return KINDS[kind].key(_body(kind, text))


def key_hash(kind: str, original: ItemText, partial: str = "") -> str:
    """The hash of all that decides the share of the points; a typo in a text or a translation leaves it alone.

    That of a scenario says nothing: its questions have their own.
    """
    body = _body(kind, original)
    return digest([kind, partial, KINDS[kind].key(body), KINDS[kind].wordings(body)])


def _body(kind: str, text: ItemText) -> Any:
    """The struct of the type, made when first asked for and kept with the text."""
    kept = vars(text)
    if "typed" not in kept:
        kept["typed"] = msgspec.convert(text.body, KINDS[kind].Body)
    return kept["typed"]


def _explanation(lines: list[tuple[int, str]]) -> tuple[Lines, Lines]:
    """The lines without the trailing `>` blocks, and these with the marks taken off."""
    lines = _trimmed(lines)
    start = len(lines)
    while start and (lines[start - 1][1].startswith(">") or not lines[start - 1][1].strip()):
        start -= 1
    if start:  # marks before the next blank line are the remark of an option
        start = next((i for i in range(start, len(lines)) if not lines[i][1].strip()), len(lines))
    told = [(number, re.sub(r"^> ?", "", text)) for number, text in lines[start:]]
    return _trimmed(lines[:start]), _trimmed(told)


def _hints(lines: Lines) -> tuple[Lines, Lines]:
    plain = set(outside_fences([text for _, text in lines]))
    found = {i: hint[1] for i in plain if (hint := _HINT.match(lines[i][1]))}
    rest = [line for i, line in enumerate(lines) if i not in found]
    return rest, [(lines[i][0], found[i]) for i in sorted(found)]


def _trimmed(lines: Lines) -> Lines:
    """Without blank lines at both ends."""
    kept = [i for i, (_, text) in enumerate(lines) if text.strip()]
    return lines[kept[0] : kept[-1] + 1] if kept else []


def _block(lines: Lines, render: "Render") -> str:
    lines = _trimmed(lines)
    return render.block("\n".join(text for _, text in lines), lines[0][0]) if lines else ""


def _unknown_names(source: "ItemSource", known: frozenset[str]) -> None:
    """A `{{name}}` that nothing fills in would stand on the page as it is."""
    for number, text in [(source.line, source.heading), *source.lines]:
        for name in NAME.findall(text):
            if name not in known:
                message = f"Nothing fills in {{{{{name}}}}}. Name a parameter of `vars:`, or write {{{{fig:{name}}}}}."
                source.fault(number, "unknown-name", message)
