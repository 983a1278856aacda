"""How likely blind guessing passes a quiz, and how much two attempts have in common."""

from fractions import Fraction

from app.core.content import DrawRule, Item, Quiz
from app.core.drawing import cell
from app.core.questions import KINDS, body_of

Chances = dict[tuple[int, int], float]  # (points earned, points possible) -> probability


def passing(quiz: Quiz) -> float:
    """The chance that one blind attempt reaches the pass mark.

    Exact for questions that are right or wrong and all asked. A question with partial points counts as fully right with
    the probability of its mean share, and each drawn place is drawn on its own; both spread the results a little more
    than they are, which is on the safe side while guessing earns less than the pass mark.
    """
    total: Chances = {(0, 0): 1.0}
    for rule in _rules(quiz):
        bank = [seat.question for seat in cell(quiz, rule)]
        for place in [[one] for one in bank] if rule.n >= len(bank) else [bank] * rule.n:
            total = _added(total, _mean(place))
    mark = quiz.pass_mark
    return sum(chance for (got, possible), chance in total.items() if possible and got * 100 >= mark * possible)


def passing_in_all(quiz: Quiz) -> float:
    """The chance over all attempts that are allowed; over one where they are not limited."""
    return 1 - (1 - passing(quiz)) ** (quiz.attempts or 1)


def overlap(quiz: Quiz) -> Fraction:
    """The mean share of a drawn paper's questions that a second, independent draw asks again."""
    drawn, shared = 0, Fraction(0)
    for rule in _rules(quiz):
        drawn += rule.n
        shared += Fraction(rule.n * rule.n, max(len(cell(quiz, rule)), rule.n, 1))
    return shared / drawn if drawn else Fraction(1)


def _questions(quiz: Quiz) -> list[Item]:
    """All that may be asked, a scenario's questions one by one."""
    return [one for item in quiz.items if item.graded for one in item.questions or (item,) if one.graded]


def _rules(quiz: Quiz) -> tuple[DrawRule, ...]:
    """The blueprint; a quiz without one asks everything."""
    return quiz.draw or (DrawRule(n=len(_questions(quiz))),)


def _mean(bank: list[Item]) -> Chances:
    """What a blind answer to one question drawn from a cell earns."""
    mixed: Chances = {}
    for question in bank:
        body = body_of(question, next(iter(question.texts)))
        share = float(KINDS[question.kind].guess(body, question.partial))
        for got, chance in ((question.points, share), (0, 1 - share)):
            at = (got, question.points)
            mixed[at] = mixed.get(at, 0.0) + chance / len(bank)
    return mixed


def _added(first: Chances, second: Chances) -> Chances:
    sums: Chances = {}
    for (got, possible), chance in first.items():
        for (more, of), other in second.items():
            at = (got + more, possible + of)
            sums[at] = sums.get(at, 0.0) + chance * other
    return sums
