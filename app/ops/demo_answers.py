"""What demonstration people answer: the key, or a mistake that fits the type of the question."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random
from typing import Any

from app.core.content import Item
from app.core.papers import Question
from app.core.questions import KINDS, body_of

BLANK = 0.03  # share of the mistakes that are no answer at all
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def answer(item: Item, question: Question, likely: float, language: str, chance: Random) -> Any:
    """The JSON of an answer that is right with this likelihood, moved by how hard the item is; None: left empty."""
    hardness = Random(item.id).uniform(-0.18, 0.12)
    body = body_of(item, language)
    right = KINDS[item.kind].right(body, question.drawn)
    if chance.random() < likely - hardness:
        return right
    mistake = MISTAKES.get(item.kind)
    return None if mistake is None or chance.random() < BLANK else mistake(body, right, chance)


def _other(letters: int, right: str, chance: Random) -> str:
    return chance.choice([letter for letter in LETTERS[:letters] if letter != right])


def _choice(body: Any, right: str, chance: Random) -> str:
    return _other(len(body.options), right, chance)


def _choices(body: Any, right: list[str], chance: Random) -> list[str]:
    """One option too many or one too few."""
    changed = set(right) ^ {chance.choice(LETTERS[: len(body.options)])}
    return sorted(changed)


def _pairs(body: Any, right: list[str], chance: Random) -> list[str]:
    """Two rows, or more, with the wrong choice."""
    wrong = set(chance.sample(range(len(right)), min(len(right), chance.randint(1, 3))))
    return [_other(len(body.choices), one, chance) if row in wrong else one for row, one in enumerate(right)]


def _shuffled(_body: Any, right: list[int], chance: Random) -> list[int]:
    return chance.sample(right, len(right))


def _number(_body: Any, right: Mapping[str, str], chance: Random) -> dict[str, str]:
    """A slip: ten times too much, or not far from right."""
    wrong = Fraction(right["number"]) * chance.choice((10, Fraction(1, 10), Fraction(11, 10), Fraction(4, 5))) + 1
    text = f"{float(wrong):.1f}"
    return {"text": text, "number": text}


def _words(_body: Any, _right: str, chance: Random) -> str:
    return chance.choice(("I am not sure", "the State", "insurance", "2030"))


def _gaps(body: Any, right: list[str], chance: Random) -> list[str]:
    wrong = chance.randrange(len(right))
    options = body.gaps[wrong].options
    mistake = _other(len(options), right[wrong], chance) if options else _words(body, "", chance)
    return [mistake if gap == wrong else one for gap, one in enumerate(right)]


MISTAKES: Mapping[str, Callable[[Any, Any, Random], Any]] = {
    "single": _choice,
    "true-false": _choice,
    "multiple": _choices,
    "match": _pairs,
    "order": _shuffled,
    "numeric": _number,
    "short": _words,
    "cloze": _gaps,
}
