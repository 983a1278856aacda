"""The worth of a paper's answers, in exact fractions."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from app.core.content import Item
from app.core.papers import Answer, Grade, Mark, Paper, Question
from app.core.questions import KINDS, body_of
from app.core.questions._shared import ALL
from app.core.questions._shared import NOTHING as NOTHING_EARNED

NOTHING = Answer()


def grade(paper: Paper, items: Mapping[str, Item], answers: Mapping[int, Answer], pass_mark: int) -> Grade:
    """The grade of `answers` (question number from 1 -> answer) by the versions of the items that were asked.

    Each answer is read in its own language, or in the original where the item has no such text. Raises LookupError
    when a version is missing. A paper that asks nothing can't be passed.
    """
    worth = [
        _points(question, item_of(question, items), answers.get(number, NOTHING))
        for number, question in enumerate(paper.questions, 1)
    ]
    points = total(worth)
    possible = paper.possible
    return Grade(
        points=str(points),
        possible=possible,
        score=points.numerator * 10_000 // (points.denominator * possible) if possible else 0,
        passed=possible > 0 and points * 100 >= pass_mark * possible,
        marks=tuple(
            Mark(item=question.item, points=str(one), possible=question.points)
            for question, one in zip(paper.questions, worth, strict=True)
        ),
    )


def total(worth: Sequence[Fraction | int]) -> Fraction:
    """The sum, over one denominator: adding fractions one by one takes many times as long."""
    parts = [one for one in worth if isinstance(one, Fraction)]
    whole = lcm(*(one.denominator for one in parts))
    points = sum(one.numerator * (whole // one.denominator) for one in parts)
    return Fraction(points + whole * sum(one for one in worth if isinstance(one, int)), whole)


def item_of(question: Question, items: Mapping[str, Item]) -> Item:
    """The item that was asked, by the hash of its version; a scenario's question is found inside the scenario."""
    item = items[question.version]
    if item.id == question.item:
        return item
    for one in item.questions:
        if one.id == question.item:
            return one
    raise LookupError(f"version {question.version} holds no item {question.item}")


def share(item: Item, question: Question, value: Any, language: str) -> Fraction:
    """The share of the points, from 0 to 1, that an answer earns."""
    return KINDS[item.kind].grade(body_of(item, language), question.drawn, value, item.partial)


def _points(question: Question, item: Item, answer: Answer) -> Fraction | int:
    """All and nothing are whole numbers, which add up faster than fractions."""
    earned = share(item, question, answer.value, answer.language)
    if earned is ALL:
        return question.points
    if earned is NOTHING_EARNED:
        return 0
    return earned if question.points == 1 else earned * question.points
