"""How a learner who knows, or does not know, fills in the form of a question."""

from typing import Any

from app.core import questions
from app.core.content import Item
from app.core.papers import Drawn

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def fields_for(item: Item, drawn: Drawn, value: Any, language: str = "en") -> dict[str, list[str]]:
    """The fields that a form sends for this stored answer."""
    body = questions.body_of(item, language)
    kind = item.kind

    def place(order: Any, letter: str) -> str:
        return str(list(order).index(LETTERS.index(letter)) + 1)

    if value is None:
        return {}
    if kind in ("single", "true-false"):
        return {"answer": [place(drawn.order or range(len(body.options)), value)]}
    if kind == "multiple":
        return {"answer": [place(drawn.order, letter) for letter in value]}
    if kind == "numeric":
        return {"answer": [value["text"]], "answer_reading": [value["number"]]}
    if kind == "match":
        return {f"answer_{row}": [place(drawn.order, letter)] for row, letter in enumerate(value, 1) if letter}
    if kind == "order":
        return {f"answer_{row}": [str(value[step])] for row, step in enumerate(drawn.order, 1)}
    if kind == "cloze":
        return cloze_fields(body, drawn, value)
    return {"answer": [str(value)]}


def cloze_fields(body: Any, drawn: Drawn, value: Any) -> dict[str, list[str]]:
    from app.core.questions.cloze import orders

    fields = {}
    for number, (order, given) in enumerate(zip(orders(body, drawn), value, strict=True), 1):
        text = str(list(order).index(LETTERS.index(given)) + 1) if order and given else given
        fields[f"answer_{number}"] = [text]
    return fields


def right_fields(item: Item, drawn: Drawn, language: str = "en") -> dict[str, list[str]]:
    """The form of somebody who knows the answer."""
    body = questions.body_of(item, language)
    return fields_for(item, drawn, questions.KINDS[item.kind].right(body, drawn), language)
