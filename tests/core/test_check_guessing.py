"""The chance of passing by blind guessing, and what two attempts have in common."""

from fractions import Fraction
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.content import DrawRule, Item, ItemText, Quiz
from app.core.guessing import overlap, passing, passing_in_all
from app.core.questions import read_item
from app.core.scan import Faults, numbered, scan_quiz


class Plain:
    """A render that leaves text as it is."""

    def block(self, text: str, line: int) -> str:
        return text

    def inline(self, text: str, line: int, *, pictures: bool = False) -> str:
        return text


TRUE_FALSE = "## a {#a .true-false}\n- [x] True\n- [ ] False"
SINGLE = "## a {#a .single}\n- [x] 1\n- [ ] 2\n- [ ] 3\n- [ ] 4"
OPEN = "## a {#a .numeric}\n= 5 ± 0"


def text_of(source: str) -> tuple[str, ItemText]:
    faults = Faults("a.md")
    (item,) = scan_quiz(numbered(source), faults)
    text = read_item(item, Plain())
    assert faults.found == []
    return item.kind, text


def items(source: str, count: int, **more: Any) -> tuple[Item, ...]:
    kind, text = text_of(source)
    return tuple(Item(id=f"{kind}-{n}", quiz="q", kind=kind, texts={"en": text}, **more) for n in range(count))


def quiz(bank: tuple[Item, ...], *draw: DrawRule, pass_mark: int = 70, attempts: int | None = None) -> Quiz:
    return Quiz(id="q", title={"en": "Q"}, items=bank, draw=draw, pass_mark=pass_mark, attempts=attempts)


def at_least(right: int, of: int, chance: float) -> float:
    return sum(comb(of, k) * chance**k * (1 - chance) ** (of - k) for k in range(right, of + 1))


@pytest.mark.parametrize(
    ("given_quiz", "chance"),
    [
        (quiz(items(TRUE_FALSE, 10), attempts=3), 1 - (1 - at_least(7, 10, 0.5)) ** 3),  # the 43 % of the guide
        (quiz(items(TRUE_FALSE, 10)), at_least(7, 10, 0.5)),
        (quiz(items(TRUE_FALSE, 20), DrawRule(n=10), attempts=1), at_least(7, 10, 0.5)),
        (quiz(items(SINGLE, 8), DrawRule(n=8)), at_least(6, 8, 0.25)),
        (quiz(items(OPEN, 3)), 0.0),
        (quiz(items(SINGLE, 1) + items(OPEN, 3), pass_mark=25), 0.25),
        (quiz(items(TRUE_FALSE, 1, points=3) + items(OPEN, 1, points=1), pass_mark=75), 0.5),
        (quiz(items(TRUE_FALSE, 4, practice=True)), 0.0),
        (quiz(()), 0.0),
    ],
)
def test_passing_by_guessing(given_quiz: Quiz, chance: float) -> None:
    assert passing_in_all(given_quiz) == pytest.approx(chance)


def test_ten_true_false_and_three_attempts_are_the_43_percent_of_the_guide() -> None:
    assert f"{passing_in_all(quiz(items(TRUE_FALSE, 10), attempts=3)):.0%}" == "43%"


@pytest.mark.parametrize(
    ("given_quiz", "share"),
    [
        (quiz(items(SINGLE, 8)), Fraction(1)),
        (quiz(items(SINGLE, 16), DrawRule(n=8)), Fraction(1, 2)),
        (quiz(items(SINGLE, 8, module="a") + items(OPEN, 2, module="b"), DrawRule(n=2, module="a"),
              DrawRule(n=2, module="b")), Fraction(5, 8)),
    ],
)  # fmt: skip
def test_overlap_of_two_draws(given_quiz: Quiz, share: Fraction) -> None:
    assert overlap(given_quiz) == share


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 100), st.integers(1, 5))
def test_a_chance_is_one_and_grows_with_attempts(few: int, many: int, mark: int, attempts: int) -> None:
    bank = items(TRUE_FALSE, few) + items(SINGLE, many)
    one = passing(quiz(bank, pass_mark=mark))
    assert 0 <= one <= 1 + 1e-9
    assert one <= passing_in_all(quiz(bank, pass_mark=mark, attempts=attempts)) + 1e-9
    assert passing(quiz(bank, pass_mark=100)) <= one + 1e-9
