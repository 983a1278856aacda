"""A question paper and its grade: what an attempt asked, what was answered, what it was worth."""

from fractions import Fraction
from typing import Any

import msgspec

from app.core.content import Struct


class Drawn(Struct):
    """What chance decided for one question: `order` of options (indexes in source order), `values` of parameters."""

    order: tuple[int, ...] = ()
    values: dict[str, str] = msgspec.field(default_factory=dict)


class Question(Struct):
    """One question of a paper: the item's id, the hash of the version that was asked, its points, and what was drawn.

    `scenario` names the item whose stem stands above it; `version` is then the hash of that scenario.
    """

    item: str
    version: str
    points: int
    drawn: Drawn
    scenario: str = ""


class Paper(Struct):
    questions: tuple[Question, ...]

    @property
    def possible(self) -> int:
        return sum(question.points for question in self.questions)


class Answer(Struct):
    """What a learner gave: `value` is the question type's JSON (None: nothing), in which language, after how long."""

    value: Any = None
    language: str = ""
    seconds: int = 0


class Mark(Struct, omit_defaults=True):
    """The worth of one answer: points as an exact fraction in text ("3/4"), of `possible`.

    `judged` says by what a regrade judged it: the hash of a later version of the item, or "void" where everybody got
    the points; "" is the version that was asked.
    """

    item: str
    points: str
    possible: int
    judged: str = ""

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.points)


class Grade(Struct):
    """The worth of a paper. `score`: the percentage in hundredths, rounded down, to show; `passed` is exact."""

    points: str
    possible: int
    score: int
    passed: bool
    marks: tuple[Mark, ...]
