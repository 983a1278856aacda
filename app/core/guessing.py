"""How likely blind guessing passes a quiz, and how much two attempts have in common."""

from collections.abc import Iterable
from fractions import Fraction

from app.core.content import DrawRule, Item, Quiz
from app.core.drawing import fits
from app.core.questions import KINDS, body_of

Chances = dict[tuple[int, int], float]  # (points earned, points possible) -> probability


def passing(quiz: Quiz) -> float:
    """The chance that one blind attempt reaches the pass mark.

    Exact for questions that are right or wrong. A question with partial points counts as fully right with the
    probability of its mean share, and each draw from a cell as a fresh one; both spread the results a little more than
    they are, which is on the safe side while guessing earns less than the pass mark.
    """
    total: Chances = {(0, 0): 1.0}
    for rule in _rules(quiz):
        cell = [_blind(item) for item in quiz.items if item.graded and fits(item, rule)]
        for _ in range(rule.n if cell else 0):
            total = _added(total, _mean(cell))
    mark = quiz.pass_mark
    return sum(chance for (got, possible), chance in total.items() if possible and got * 100 >= mark * possible)


def passing_in_all(quiz: Quiz) -> float:
    """The chance over all attempts that are allowed; over one where they are not limited."""
    return 1 - (1 - passing(quiz)) ** (quiz.attempts or 1)


def overlap(quiz: Quiz) -> Fraction:
    """The mean share of a drawn paper's items that a second, independent draw asks again."""
    drawn, shared = 0, Fraction(0)
    for rule in _rules(quiz):
        cell = sum(1 for item in quiz.items if item.graded and fits(item, rule))
        drawn += rule.n
        shared += Fraction(rule.n * rule.n, max(cell, rule.n, 1))
    return shared / drawn if drawn else Fraction(1)


def _rules(quiz: Quiz) -> Iterable[DrawRule]:
    """The blueprint; without one a quiz asks everything, which is one rule for each item."""
    return quiz.draw or [DrawRule(n=sum(1 for item in quiz.items if item.graded))]


def _blind(item: Item) -> Chances:
    """What a blind answer to an item earns: the questions of a scenario together."""
    total: Chances = {(0, 0): 1.0}
    for question in item.questions or (item,):
        if question.graded:
            share = float(KINDS[question.kind].guess(body_of(question, next(iter(question.texts))), question.partial))
            points = question.points
            total = _added(total, {(points, points): share, (0, points): 1 - share})
    return total


def _added(first: Chances, second: Chances) -> Chances:
    sums: Chances = {}
    for (got, possible), chance in first.items():
        for (more, of), other in second.items():
            at = (got + more, possible + of)
            sums[at] = sums.get(at, 0.0) + chance * other
    return sums


def _mean(cell: list[Chances]) -> Chances:
    """The result of one item drawn from a cell."""
    mixed: Chances = {}
    for chances in cell:
        for at, chance in chances.items():
            mixed[at] = mixed.get(at, 0.0) + chance / len(cell)
    return mixed
