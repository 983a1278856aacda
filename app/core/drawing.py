"""A question paper drawn from a bank: which questions, in which order, with which options and values."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from app.core.content import DrawRule, Item, Quiz
from app.core.papers import Paper, Question
from app.core.questions import draw_of

Values = Mapping[str, Sequence[Mapping[str, str]]]

SCENARIO = "scenario"  # as a type in a blueprint: a place for a question that belongs to a scenario


def draw(quiz: Quiz, seed: str, seen: Mapping[str, int], values: Values | None = None) -> Paper:
    """The paper that `seed` decides. `seen` (item id -> times asked before) brings the least asked questions first,
    `values` (item id -> what its parameters were before) brings other numbers while there are any.

    A drawn scenario asks all its graded questions one after the other; each counts as one. What is drawn never depends
    on which answers are right.
    """
    chance = Random(seed)
    items = _chosen(quiz, chance, seen)
    chance.shuffle(items)
    return Paper(questions=tuple(question for item in items for question in _questions(item, seed, values or {})))


def lacking(quiz: Quiz) -> tuple[DrawRule, ...]:
    """The rules of the blueprint that the bank can't fill, each with the number of items that it lacks."""
    slots, taken = _matched(
        quiz, sorted((item for item in quiz.items if item.graded), key=lambda item: len(item.questions))
    )
    empty = [rule for slot, rule in enumerate(slots) if slot not in taken]
    kinds = {rule: empty.count(rule) for rule in empty}
    return tuple(
        DrawRule(n=n, module=rule.module, level=rule.level, type=rule.type, action=rule.action)
        for rule, n in kinds.items()
    )


class Seat(NamedTuple):
    """What may take one place of the blueprint: a question, with the item that brings it (itself, or its scenario)."""

    question: Item
    item: str

    @property
    def told(self) -> bool:
        """Whether it belongs to a scenario."""
        return self.item != self.question.id


def seats(item: Item) -> list[Seat]:
    """A scenario takes a place for each graded question, which belongs to its cell unless it names one of its own."""
    if not item.questions:
        return [Seat(item, item.id)]
    return [
        Seat(
            replace(
                question,
                module=question.module or item.module,
                level=question.level or item.level,
                actions=question.actions or item.actions,
            ),
            item.id,
        )
        for question in item.questions
        if question.graded
    ]


def never_drawn(quiz: Quiz) -> list[str]:
    """The ids of graded items that fit no cell of the blueprint; of a scenario, each question must fit one."""
    apart = tells_apart(quiz)
    return [
        item.id
        for item in quiz.items
        if item.graded and quiz.draw
        if not all(any(fits(seat, rule, apart=apart) for rule in quiz.draw) for seat in seats(item))
    ]


def cell(quiz: Quiz, rule: DrawRule) -> list[Seat]:
    """All questions of the bank that may take a place of `rule`."""
    apart = tells_apart(quiz)
    return [seat for item in quiz.items if item.graded for seat in seats(item) if fits(seat, rule, apart=apart)]


def tells_apart(quiz: Quiz) -> bool:
    """Whether the blueprint keeps places for scenarios: then their questions take those, and no others."""
    return any(SCENARIO in rule.type for rule in quiz.draw)


def fits(seat: Seat, rule: DrawRule, *, apart: bool = False) -> bool:
    """Whether a question belongs to the cell of the blueprint that `rule` names; `apart` as `tells_apart` says."""
    question, kinds = seat.question, set(rule.type) - {SCENARIO}
    return (
        (not apart or seat.told == (SCENARIO in rule.type))
        and rule.module in ("", question.module)
        and (not rule.level or question.level in rule.level)
        and (not kinds or question.kind in kinds)
        and (not rule.action or not set(rule.action).isdisjoint(question.actions))
    )


def _chosen(quiz: Quiz, chance: Random, seen: Mapping[str, int]) -> list[Item]:
    bank = [item for item in quiz.items if item.graded]
    chance.shuffle(bank)
    bank.sort(key=lambda item: seen.get(item.id, 0))
    if not quiz.draw:
        return bank
    drawn = {seat.item for seat in _matched(quiz, bank)[1].values()}
    return [item for item in bank if item.id in drawn]


def _matched(quiz: Quiz, bank: Sequence[Item]) -> tuple[list[DrawRule], dict[int, Seat]]:
    """The places of the blueprint, and what fills them (place -> seat).

    Items come in order of preference and may push one another to another fitting place (augmenting paths), so that as
    many places as possible are filled, and among all ways to fill them with the most preferred items. A scenario comes
    with all its questions or not at all.
    """
    apart = tells_apart(quiz)
    slots = [rule for rule in quiz.draw for _ in range(rule.n)]
    taken: dict[int, Seat] = {}

    def sit(seat: Seat, seated: dict[int, Seat], tried: set[int]) -> bool:
        for slot, rule in enumerate(slots):
            if slot not in tried and fits(seat, rule, apart=apart):
                tried.add(slot)
                if slot not in seated or sit(seated[slot], seated, tried):
                    seated[slot] = seat
                    return True
        return False

    for item in bank:
        if len(taken) == len(slots):
            break
        trial = dict(taken)
        if all(sit(seat, trial, set()) for seat in seats(item)):
            taken = trial
    return slots, taken


def _questions(item: Item, seed: str, values: Values) -> Iterator[Question]:
    if not item.questions:
        yield _question(item, item.version, seed, values)
    for question in item.questions:
        if question.graded:
            yield _question(question, item.version, seed, values, scenario=item.id)


def _question(item: Item, version: str, seed: str, values: Values, scenario: str = "") -> Question:
    """Each question has a chance of its own, so that nothing about its neighbours shifts what it shows."""
    drawn = draw_of(item, Random(f"{seed}/{item.id}"), values.get(item.id, ()))
    return Question(item=item.id, version=version, points=item.points, drawn=drawn, scenario=scenario)
