"""The parameters of a question and what they may become.

Written as `vars: a = 2000..9000 step 500; b = 10%..60% of a step 10`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from app.core.content import Struct
from app.core.numbers import exact
from app.core.questions._formula import FUNCTIONS

if TYPE_CHECKING:
    from app.core.scan import ItemSource

EXHAUSTIVE = 100  # up to so many draws all are looked at, else the corners and as many by chance
LISTED = 1000  # up to so many draws all are listed, to find one that a learner has not seen
MOST = 8
_NUMBER = r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?"
_RANGE = re.compile(rf"([A-Za-z_]\w*)\s*=\s*({_NUMBER})\s*\.\.\s*({_NUMBER})(?:\s+step\s+({_NUMBER}))?", re.ASCII)
_SHARE = re.compile(
    rf"([A-Za-z_]\w*)\s*=\s*({_NUMBER})\s*%\s*\.\.\s*({_NUMBER})\s*%\s*of\s+([A-Za-z_]\w*)(?:\s+step\s+({_NUMBER}))?",
    re.ASCII,
)


class Parameter(Struct):
    """Numbers from `low` to `high` by `step`; with `of`, multiples of `step` from `low` % to `high` % of that one."""

    name: str
    low: str
    high: str
    step: str
    of: str = ""


def parse_parameters(source: "ItemSource", line: int, text: str) -> tuple[Parameter, ...]:
    """The parameters of a `vars:` line; each may refer to those before it."""
    found: list[Parameter] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        parameter = _parameter(part)
        if parameter is None:
            source.fault(line, "vars", f"“{part}” is no parameter. Write `a = 10..90 step 10` or `b = 10%..60% of a`.")
        elif problem := _problem(parameter, found):
            source.fault(line, "vars", problem)
        else:
            found.append(parameter)
    if len(found) > MOST:
        source.fault(line, "vars", f"{len(found)} parameters are too many. Use at most {MOST}.")
    return tuple(found[:MOST])


def _parameter(text: str) -> Parameter | None:
    if plain := _RANGE.fullmatch(text):
        name, low, high, step = plain.groups()
        return Parameter(name=name, low=low, high=high, step=step or _finest(low, high))
    if share := _SHARE.fullmatch(text):
        name, low, high, of, step = share.groups()
        return Parameter(name=name, low=low, high=high, step=step or "1", of=of)
    return None


def _finest(low: str, high: str) -> str:
    """Steps of the last decimal place that the bounds are written with."""
    decimals = max(len(bound.partition(".")[2]) for bound in (low, high))
    return f"0.{'1':0>{decimals}}" if decimals else "1"


def _problem(parameter: Parameter, before: Sequence[Parameter]) -> str:
    known = [one.name for one in before]
    if parameter.name in known or parameter.name in FUNCTIONS:
        return f"The name “{parameter.name}” is taken. Choose another."
    if parameter.of and parameter.of not in known:
        return f"“{parameter.of}” is no parameter before “{parameter.name}”. Write it further left."
    if Fraction(parameter.step) <= 0:
        return f"The step of “{parameter.name}” must be above 0."
    if Fraction(parameter.low) > Fraction(parameter.high):
        return f"The range of “{parameter.name}” ends before it begins."
    return ""


class _Choices:
    """The values that a parameter may take, given those before it: `count` of them, by number."""

    def __init__(self, parameter: Parameter, before: dict[str, Fraction]) -> None:
        low, high, self.step = _bounds(parameter)
        if parameter.of:
            base = before[parameter.of] / 100
            low, high = sorted((low * base, high * base))
            low = -(-low // self.step) * self.step  # the first multiple of the step
        self.low = low
        self.count = max(0, (high - low) // self.step + 1)

    def __getitem__(self, number: int) -> Fraction:
        return self.low + number * self.step


@lru_cache(maxsize=256)
def _bounds(parameter: Parameter) -> tuple[Fraction, Fraction, Fraction]:
    return Fraction(parameter.low), Fraction(parameter.high), Fraction(parameter.step)


def draw_values(parameters: Sequence[Parameter], chance: Random) -> dict[str, str]:
    """One value for each parameter, as exact numbers; a range without any value gives its lower bound."""
    return _written(_one_draw(parameters, chance))


def _written(values: Mapping[str, Fraction]) -> dict[str, str]:
    return {name: str(exact(value)) for name, value in values.items()}


def fresh_values(parameters: Sequence[Parameter], chance: Random, seen: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """As `draw_values`, but values that stand among the `seen` come again only when there are no others, and then those
    that were seen least."""
    before = Counter(frozenset(values.items()) for values in seen)
    drawn = draw_values(parameters, chance)
    if frozenset(drawn.items()) not in before:
        return drawn
    possible = [_written(one) for one in islice(_draws(parameters, {}, corners=False), LISTED) if isinstance(one, dict)]
    if len(possible) == LISTED:  # too many to list: nearly all of them are new
        for _ in range(LISTED):
            drawn = draw_values(parameters, chance)
            if frozenset(drawn.items()) not in before:
                return drawn
    if not possible:
        return drawn
    least = min(before[frozenset(one.items())] for one in possible)
    return chance.choice([one for one in possible if before[frozenset(one.items())] == least])


def many_draws(parameters: Sequence[Parameter]) -> Iterator[dict[str, Fraction] | str]:
    """What an author's draws look like: all of them when they are few, else every corner and many by chance.

    A parameter that has no value in some draw is given by its name.
    """
    draws = _draws(parameters, {}, corners=False)
    few = list(islice(draws, EXHAUSTIVE))
    if next(draws, None) is None:
        yield from few
        return
    yield from _draws(parameters, {}, corners=True)
    chance = Random(0)
    yield from (_one_draw(parameters, chance) for _ in range(EXHAUSTIVE))


def _one_draw(parameters: Sequence[Parameter], chance: Random) -> dict[str, Fraction]:
    values: dict[str, Fraction] = {}
    for parameter in parameters:
        choices = _Choices(parameter, values)
        values[parameter.name] = choices[chance.randrange(choices.count) if choices.count else 0]
    return values


def _draws(
    parameters: Sequence[Parameter], before: dict[str, Fraction], *, corners: bool
) -> Iterator[dict[str, Fraction] | str]:
    if not parameters:
        yield before
        return
    choices = _Choices(parameters[0], before)
    if not choices.count:
        yield parameters[0].name
    numbers = sorted({0, choices.count - 1}) if corners and choices.count else range(choices.count)
    for number in numbers:
        yield from _draws(parameters[1:], {**before, parameters[0].name: choices[number]}, corners=corners)
