"""What every question type needs: feedback, refusals, reading of posted fields, letters, filling in of parameters."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from html import escape, unescape
from random import Random
from typing import NamedTuple

from app.core.content import Struct
from app.core.numbers import show
from app.core.papers import Drawn

Fields = Mapping[str, Sequence[str]]  # a posted form: every name with all its values
Lines = list[tuple[int, str]]  # (line number in the file, text)

NAME = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST = 5000
NOTHING, ALL = Fraction(0), Fraction(1)


def N_(text: str) -> str:  # noqa: N802 - the name that Babel looks for
    """Marks a text for translation where it is shown."""
    return text


class Remark(Struct):
    """What the author says of a chosen option; both are HTML, `about` is empty where only one was chosen."""

    text: str
    about: str = ""


class Feedback(Struct):
    """What to show when feedback is due. `right` None: there is no right or wrong; `partly`: some of the points.

    `key` is the right answer in words and `rubric` what to compare an open answer with, both HTML.
    """

    right: bool | None
    partly: bool = False
    remarks: tuple[Remark, ...] = ()
    key: str = ""
    rubric: tuple[str, ...] = ()


class Unreadable(ValueError):
    """An answer that can't be taken as it stands.

    `message % values` is the reason in the learner's words (translate `message` first); `field` the input it stands at;
    `value` what to show again in the form. `choices` holds the exact readings of a number where there are two.
    """

    def __init__(
        self,
        message: str,
        field: str,
        *,
        value: object = None,
        choices: tuple[str, ...] = (),
        values: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message
        self.values = dict(values or {})
        self.field = field
        self.value = value
        self.choices = choices
        super().__init__(message % self.values)


def fill(text: str, values: Mapping[str, str], language: str = "en") -> str:
    """HTML with each `{{name}}` replaced by the value of that parameter as a reader of `language` writes numbers."""
    if "{{" not in text:
        return text
    return NAME.sub(lambda found: escape(show(values[found[1]], language)) if found[1] in values else found[0], text)


class Filler(NamedTuple):
    """`fill` bound to a question's values and a reader's language; the templates of the types call it."""

    values: Mapping[str, str]
    language: str = "en"

    def __call__(self, text: str) -> str:
        return fill(text, self.values, self.language)

    def number(self, number: str) -> str:
        """An exact number as the reader writes it."""
        return show(number, self.language)


@lru_cache(maxsize=1024)
def part(hits: int, of: int) -> Fraction:
    """So many of so many, at least nothing; made once, since the same few come again and again."""
    return ALL if hits == of else Fraction(hits, of) if hits > 0 else NOTHING


def whole(share: Fraction, partial: str) -> Fraction:
    """The share, or nothing short of all of it where the item is graded all or nothing."""
    return full(share == 1) if partial == "none" else share


def full(right: bool) -> Fraction:
    """All of the points or nothing."""
    return ALL if right else NOTHING


def plain_text(html: str) -> str:
    """The words of a piece of HTML, those of its pictures included."""
    html = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r"\1", html)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def outside_fences(lines: Sequence[str]) -> Iterator[int]:
    """The indexes of the lines that stand in no code fence."""
    fence = ""
    for index, line in enumerate(lines):
        mark = re.match(r"\s{0,3}(```+|~~~+)", line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence:
            yield index


def folded(text: str) -> str:
    """The text as it is compared with other options: without case, every space alike."""
    return " ".join(text.split()).casefold()


def first(lines: Sequence[str], pattern: re.Pattern[str]) -> int:
    """The index of the first line outside code fences that `pattern` matches, or `len(lines)`."""
    return next((index for index in outside_fences(lines) if pattern.match(lines[index])), len(lines))


def clean(text: str) -> str:
    """Text without control and half characters, composed, with no space at the ends."""
    kept = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cs") or char in ("\n", "\t"))
    return unicodedata.normalize("NFC", kept).strip()


def posted(fields: Fields, name: str) -> tuple[str, ...]:
    """The different texts sent as `name`, cleaned, without empty ones; a doubled field counts once."""
    sent = fields.get(name, ())
    texts: Iterable[str] = (sent,) if isinstance(sent, str) else sent
    return tuple(dict.fromkeys(text for text in map(clean, texts) if text))


def one(fields: Fields, name: str, longest: int = LONGEST) -> str:
    """The one text sent as `name`, or ""; raises `Unreadable` when two different ones came or it is too long."""
    texts = posted(fields, name)
    if len(texts) > 1:
        raise Unreadable(N_("The form sent two different answers. Give one."), name)
    text = texts[0] if texts else ""
    if len(text) > longest:
        raise Unreadable(
            N_("The answer is too long. Use at most %(most)s characters."),
            name,
            value=text[:longest],
            values={"most": str(longest)},
        )
    return text


def place(fields: Fields, name: str, order: Sequence[int]) -> int | None:
    """The source index of the option whose place on the page (from 1) was sent as `name`; None for nothing."""
    text = one(fields, name)
    return at(order, text, name) if text else None


def at(order: Sequence[int], text: str, field: str) -> int:
    """The source index at the place `text` of the page; raises `Unreadable` for a place that is not there."""
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= len(order)):
        raise Unreadable(N_("Choose one of the answers on the page."), field)
    return order[int(text) - 1]


def letter(index: int) -> str:
    return LETTERS[index]


def index_of(value: object, count: int) -> int | None:
    """The index behind a stored letter; None for anything that is not a letter of `count` options."""
    if isinstance(value, str) and len(value) == 1 and 0 <= (index := LETTERS.find(value)) < count:
        return index
    return None


def order_of(drawn: Drawn, count: int) -> tuple[int, ...]:
    """The drawn order; the source order where none was drawn for `count` options."""
    return drawn.order if sorted(drawn.order) == list(range(count)) else tuple(range(count))


def shuffled(count: int, chance: Random, last: Iterable[int] = ()) -> tuple[int, ...]:
    """The indexes 0..count-1 in chance order, with those of `last` at the end in source order."""
    fixed = sorted(set(last))
    free = [index for index in range(count) if index not in fixed]
    chance.shuffle(free)
    return (*free, *fixed)


def by_text(texts: Sequence[str], chance: Random) -> tuple[int, ...]:
    """Indexes in a chance order of the texts alone, wherever they stand: the order of the source is the key."""
    free = sorted(range(len(texts)), key=lambda index: (texts[index], index))
    chance.shuffle(free)
    return tuple(free)
