"""A question with what its answers say of it: figures, what became of each option, and a verdict in plain words."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from app.core.content import Item, Quiz
from app.core.papers import Drawn
from app.core.questions import KINDS, body_of
from app.core.questions._shared import N_, letter
from app.core.statistics import Choice, Count, Outers, Reliability, Summary, choices, consistency, outer, summary
from app.core.tallying import BY_OPTION

LEAST = 10  # answers, below which authors see nothing
FEW = 20  # answers, below which nothing is said about the key
SOME = 40  # answers, below which nothing is said about single options
FAIR = 100  # answers of each group that the fairness check needs


class Verdict(NamedTuple):
    """One thing to look at: `message % values` in words (translate `message` first), the worst with the highest weight.
    `shares` are hundredths of a per cent, to be written as the reader writes them."""

    weight: int
    message: str
    values: Mapping[str, str] = {}
    shares: Mapping[str, int] = {}


class Line(NamedTuple):
    """What became of an option; `text` is HTML, "" for a class of the score; `right` None: some of the points."""

    choice: Choice
    text: str
    right: bool | None


class Card(NamedTuple):
    """A question of a bank: `n` first answers under today's key, `later` ones beside them, `others` under another key.

    `figures` is None while there are too few answers; then there are no lines, and no verdict.
    """

    item: Item
    n: int
    later: int
    others: int
    figures: Summary | None
    lines: tuple[Line, ...]
    verdicts: tuple[Verdict, ...]
    guess: Fraction

    @property
    def rank(self) -> tuple[int, float, str]:
        """The worst first."""
        worst = max((one.weight for one in self.verdicts), default=0)
        tells = self.figures.correlation if self.figures and self.figures.correlation is not None else 1.0
        return (-worst if self.figures else 1, tells, self.item.id)


FINE = Verdict(0, N_("Nothing stands out."))
EARLY = Verdict(0, N_("Too few answers yet to judge the question."))


def asked(quiz: Quiz) -> list[Item]:
    """The questions that a graded attempt may ask, those of a scenario one by one."""
    return [one for item in quiz.items if item.graded for one in item.questions or (item,) if one.graded]


def earned(item: Item, body: object, option: str) -> Fraction:
    """The share of the points that a counted option is worth; `body` is the item's."""
    if option.startswith("="):
        return Fraction(option[1:])
    value = list(option) if item.kind == "multiple" else option
    return KINDS[item.kind].grade(body, Drawn(), value or None, item.partial)


def shares_of(item: Item, counts: Iterable[Count]) -> dict[str, Fraction]:
    body = _body(item)
    return {option: earned(item, body, option) for option in {one.option for one in counts}}


def card(item: Item, first: Sequence[Count], later: int, others: int) -> Card:
    """The card of a question from the counts of its first answers."""
    n = sum(one.n for one in first)
    guess = KINDS[item.kind].guess(_body(item), item.partial)
    if n < LEAST:
        return Card(item, n, later, others, None, (), (), guess)
    outers = outer(first)
    figures = summary(first, shares_of(item, first), outers)
    assert figures is not None
    lines = tuple(_lines(item, first, outers))
    found = tuple(sorted(_verdicts(item, figures, lines, guess), key=lambda one: -one.weight))
    return Card(item, n, later, others, figures, lines, found or (FINE if n >= FEW else EARLY,), guess)


def reliability(quiz: Quiz, counts: Mapping[str, Sequence[Count]]) -> Reliability | None:
    """The coefficient of internal consistency of a paper that always asks the same; None for one that is drawn."""
    items = asked(quiz)
    if quiz.draw or any(sum(one.n for one in counts.get(item.id, ())) < LEAST for item in items):
        return None
    return consistency([(item.points, counts[item.id], shares_of(item, counts[item.id])) for item in items])


def _body(item: Item) -> object:
    return body_of(item, next(iter(item.texts)))


def _lines(item: Item, counts: Sequence[Count], outers: Outers) -> Iterable[Line]:
    seen = {one.option for one in counts}
    if item.kind not in BY_OPTION:
        ordered = sorted(seen - {""}, key=lambda one: -Fraction(one[1:])) + [""] * ("" in seen)
        for choice in choices(counts, {one: [one] for one in ordered}, outers):
            share = Fraction(choice.option[1:]) if choice.option else Fraction(0)
            yield Line(choice, "", True if share == 1 else None if share else False)
        return
    options = getattr(_body(item), "options")  # noqa: B009 - the kinds by option have them
    groups = {letter(place): [one for one in seen if letter(place) in one] for place in range(len(options))}
    found = choices(counts, groups | ({"": [""]} if "" in seen else {}), outers)
    for choice, option in zip(found, options, strict=False):
        yield Line(choice, option.text, option.right)
    for choice in found[len(options) :]:
        yield Line(choice, "", False)


def _verdicts(item: Item, figures: Summary, lines: Sequence[Line], guess: Fraction) -> Iterable[Verdict]:
    wrong = [one.choice for one in lines if one.right is False and one.choice.option]
    key = next((one.choice for one in lines if one.right), None)
    if figures.n >= FEW:
        if key and item.kind in ("single", "true-false"):
            for one in wrong:
                if one.upper > key.upper and (one.upper >= one.lower or key.upper <= key.lower):
                    message = N_("Strong learners choose %(option)s more than the key: look at the key.")
                    yield Verdict(5, message, {"option": one.option})
        yield from _level(figures, guess)
    if figures.n >= SOME and item.kind in BY_OPTION:
        idle = [one.option for one in wrong if one.share < 0.03]
        if idle and item.kind != "true-false":
            yield Verdict(1, N_("Almost nobody chooses %(options)s."), {"options": ", ".join(idle)})
    empty = next((one.choice for one in lines if not one.choice.option), None)
    if empty and empty.share > 0.15:
        yield Verdict(1, N_("Many leave it empty: %(share)s."), shares={"share": int(empty.share * 10_000)})


def _level(figures: Summary, guess: Fraction) -> Iterable[Verdict]:
    facility = {"share": int(figures.facility * 10_000)}
    tells = figures.correlation
    if tells is not None and tells < -max(0.05, figures.n**-0.5):  # more than one standard error of no correlation
        yield Verdict(4, N_("Weak learners do better here than strong ones: look at the key and the wording."))
    elif tells is not None and tells < 0.1 and figures.n >= SOME:
        yield Verdict(2, N_("It hardly tells strong learners from weak ones."))
    if guess and figures.facility <= guess:
        yield Verdict(3, N_("Learners do no better than by guessing: %(share)s of the points."), shares=facility)
    elif figures.facility < 0.2:
        yield Verdict(2, N_("Few know the answer: %(share)s of the points. Is it taught?"), shares=facility)
    if figures.facility > 0.95:
        yield Verdict(1, N_("Almost everybody is right: %(share)s of the points."), shares=facility)
