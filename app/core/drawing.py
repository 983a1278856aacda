"""A question paper drawn from a bank: which questions, in which order, with which options and values."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from app.core.content import DrawRule, Item, Quiz
from app.core.papers import Paper, Question
from app.core.questions import KINDS, body_of


def draw(quiz: Quiz, seed: str, seen: Mapping[str, int]) -> Paper:
    """The paper that `seed` decides. `seen` (item id -> times asked before) brings the least asked questions first.

    A drawn scenario counts once and asks all its graded questions one after the other. What is drawn never depends on
    which answers are right.
    """
    chance = Random(seed)
    items = _chosen(quiz, chance, seen)
    chance.shuffle(items)
    return Paper(questions=tuple(question for item in items for question in _questions(item, seed)))


def lacking(quiz: Quiz) -> tuple[DrawRule, ...]:
    """The rules of the blueprint that the bank can't fill, each with the number of items that it lacks."""
    slots, taken = _matched(quiz, [item for item in quiz.items if item.graded])
    empty = [rule for slot, rule in enumerate(slots) if slot not in taken]
    kinds = {rule: empty.count(rule) for rule in empty}
    return tuple(
        DrawRule(n=n, module=rule.module, level=rule.level, type=rule.type, action=rule.action)
        for rule, n in kinds.items()
    )


def fits(item: Item, rule: DrawRule) -> bool:
    """Whether an item belongs to the cell of the blueprint that `rule` names."""
    return (
        rule.module in ("", item.module)
        and (not rule.level or item.level in rule.level)
        and (not rule.type or item.kind in rule.type)
        and (not rule.action or not set(rule.action).isdisjoint(item.actions))
    )


def _chosen(quiz: Quiz, chance: Random, seen: Mapping[str, int]) -> list[Item]:
    bank = [item for item in quiz.items if item.graded]
    chance.shuffle(bank)
    bank.sort(key=lambda item: seen.get(item.id, 0))
    return list(_matched(quiz, bank)[1].values()) if quiz.draw else bank


def _matched(quiz: Quiz, bank: Sequence[Item]) -> tuple[list[DrawRule], dict[int, Item]]:
    """The places of the blueprint, and the items that fill them (place -> item).

    Items come in order of preference and may push one another to another fitting place (augmenting paths), so that as
    many places as possible are filled, and among all ways to fill them with the most preferred items.
    """
    slots = [rule for rule in quiz.draw for _ in range(rule.n)]
    taken: dict[int, Item] = {}
    for item in bank:
        if len(taken) < len(slots):
            _seat(item, slots, taken, set())
    return slots, taken


def _seat(item: Item, slots: Sequence[DrawRule], taken: dict[int, Item], tried: set[int]) -> bool:
    for slot, rule in enumerate(slots):
        if slot not in tried and fits(item, rule):
            tried.add(slot)
            if slot not in taken or _seat(taken[slot], slots, taken, tried):
                taken[slot] = item
                return True
    return False


def _questions(item: Item, seed: str) -> Iterator[Question]:
    if not item.questions:
        yield _question(item, item.version, seed)
    for question in item.questions:
        if question.graded:
            yield _question(question, item.version, seed, scenario=item.id)


def _question(item: Item, version: str, seed: str, scenario: str = "") -> Question:
    """Each question has a chance of its own, so that nothing about its neighbours shifts what it shows."""
    body = body_of(item, next(iter(item.texts)))
    drawn = KINDS[item.kind].draw(body, Random(f"{seed}/{item.id}"))
    return Question(item=item.id, version=version, points=item.points, drawn=drawn, scenario=scenario)
