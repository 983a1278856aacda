"""Questions through other formats and back, for the tests: what the check reads of what was written."""

import re
from typing import Any

from app.core.content import Item, Quiz, flatten
from app.core.drafts import draft_quiz
from app.core.exchange import READERS, write
from app.core.exchange.bank import Bank, Known, make
from app.core.exchange.items import portable
from app.core.exchange.model import LeftOut
from app.core.scan import Faults
from app.core.worker import Worker

KNOWN = Known(modules={"why": ("first", "second")}, actions=frozenset({"A1", "A12"}), site="https://course.example.org")


def bring(text: str, format: str, worker: Worker, language: str = "en", known: Known = KNOWN) -> Bank:
    """The bank made of a file's text."""
    return make(READERS[format](text, language), "Bank", language, known, worker)


def items_of(bank: Bank, known: Known = KNOWN) -> tuple[Item, ...]:
    """The items of all files, which must be without errors."""
    found: list[Item] = []
    for text in bank.files:
        faults = Faults("bank.md")
        draft = draft_quiz(text, True, known.context("en"), faults)
        assert [str(one) for one in faults.found if one.severity == "error"] == []
        assert draft
        found += draft.items
    return tuple(found)


def sent(items: tuple[Item, ...], format: str) -> tuple[str, list[LeftOut]]:
    """The items as a file of that format, and what is said of them."""
    quiz = Quiz(id="quiz", title={"en": "Quiz"}, items=items)
    pieces = list(write(quiz, format, "en", KNOWN.site))
    return "".join(one for one in pieces if isinstance(one, str)), [one for one in pieces if isinstance(one, LeftOut)]


def facts(item: Item) -> dict[str, Any]:
    """What must come back: all of an item but its hashes, figures as words, spaces as HTML reads them."""
    text = item.original
    shown = {name: _html(getattr(text, name)) for name in ("heading", "stem", "hint", "explanation")}
    own = {name: getattr(item, name) for name in ("id", "kind", "points", "practice", "module", "level", "partial")}
    return {**own, **shown, "actions": item.actions, "body": _plain(text.body)}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _html(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _html(text: str) -> str:
    html = re.sub(r"\s+", " ", portable(text, ""))
    return re.sub(r" ?(</?(?:p|ul|ol|li|table|thead|tbody|tr|th|td|pre|blockquote|br|hr)>) ?", r"\1", html).strip()


def by_id(items: tuple[Item, ...]) -> dict[str, dict[str, Any]]:
    return {item.id: facts(item) for item in flatten(items)}
