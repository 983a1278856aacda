"""A quiz as a table: one row for each question of every kind, in words that a reviewer reads; it is not read back."""

from collections.abc import Iterator
from typing import Any

from app.core.cells import Cell, csv_line
from app.core.content import Item, Quiz, flatten, in_language
from app.core.exchange.embedded import SHOWN
from app.core.exchange.tree import plain
from app.core.papers import Drawn
from app.core.questions import KINDS, body_of
from app.core.questions._shared import LETTERS

BYTE_ORDER_MARK = "\ufeff"
COLUMNS = (
    *("id", "kind", "practice", "module", "level", "actions", "points"),
    *("question", "text", "options", "answer", "feedback", "hint", "explanation"),
)


def write(quiz: Quiz, language: str) -> Iterator[str]:
    """The lines of a CSV file for spreadsheets; a scenario stands above its questions."""
    yield BYTE_ORDER_MARK + csv_line(COLUMNS).decode()
    for item in flatten(quiz.items):
        yield csv_line(_row(item, language)).decode()


def words(html: str) -> str:
    """The bare words, those of pictures in brackets."""
    return plain(SHOWN.sub(r"[\2]", html))


def _row(item: Item, language: str) -> list[Cell]:
    text = in_language(item.texts, language)[1]
    body = body_of(item, language)
    shown = [text.heading, text.stem]
    told = [text.hint, text.explanation]
    options = getattr(body, "options", ())
    marked = [f"{LETTERS[place]}. {words(option.text)}" for place, option in enumerate(options)]
    remarks = [f"{LETTERS[place]}. {words(one.remark)}" for place, one in enumerate(options) if one.remark]
    return [
        *(item.id, item.kind, "yes" if item.practice else "", item.module, item.level, " ".join(item.actions)),
        item.points,
        *map(words, shown),
        "\n".join(marked),
        _key(item, body, language),
        "\n".join(remarks),
        *map(words, told),
    ]


def _key(item: Item, body: Any, language: str) -> str:
    """The right answer in words; the formula where its numbers are drawn."""
    if getattr(body, "parameters", ()):
        return f"{body.formula} ± {body.tolerance} {body.unit}".rstrip()
    if item.kind == "reflection":
        return "\n".join(f"- {words(point)}" for point in body.rubric)
    kind = KINDS[item.kind]
    return words(kind.said(body, Drawn(), kind.right(body, Drawn()), language))
