"""Somebody who reads all that is published and works out, by linear programming, what else can be known from it.

Her unknowns are the numbers of people by sex, kind of ministry, subregion, age band and month, of the enrolled and of
those who completed. She knows the counts by subregion and month of both, every number of every step, that no number
is below nothing, and that nobody completes without having enrolled.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from app.core.published import (
    COMPLETED,
    ENROLLED,
    MEASURES,
    VALUES,
    WOMEN_BY_MINISTRY,
    WOMEN_BY_SUBREGION,
    Count,
    Step,
    close,
    key_of,
)

SUBREGIONS = {"FJ": "Pacific", "TV": "Pacific", "NP": "South"}
COUNTRIES = ("FJ", "TV", "NP", "")
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
Steps = Mapping[str, Sequence[Step]]


def population(chance: random.Random, size: int, ages: Sequence[str]) -> list[Count]:
    """Random people, some groups of them small or empty; some complete in the month in which they enrolled or later."""
    weights = {
        "sex": [chance.choice((0, 0.02, 0.2, 1)) for _ in range(4)],
        "ministry_type": [chance.choice((0, 0.02, 0.1, 1)) for _ in range(9)],
        "age_band": [chance.choice((0.02, 0.3, 1)) for _ in ages],
        "country": [chance.choice((0.05, 0.3, 1)) for _ in COUNTRIES],
        "month": [chance.choice((0.01, 0.2, 1)) for _ in MONTHS],
    }
    values = {"sex": ("woman", "man", "other", ""), "ministry_type": VALUES["ministry_type"], "age_band": ages,
              "country": COUNTRIES, "month": MONTHS}  # fmt: skip
    if not any(weights["sex"]) or not any(weights["ministry_type"]):
        weights["sex"][0] = weights["ministry_type"][0] = 1
    diligence = chance.choice((0.3, 0.6, 0.9))
    found: dict[tuple[str, ...], int] = {}
    for _ in range(size):
        one = {name: chance.choices(values[name], weights[name])[0] for name in values}
        profile = (one["country"], one["sex"], one["ministry_type"], one["age_band"], "en")
        events = [("enrolled", one["month"])]
        if chance.random() < diligence:
            events.append(("completion", chance.choice(MONTHS[MONTHS.index(one["month"]) :])))
        for event in events:
            found[(*event, *profile)] = found.get((*event, *profile), 0) + 1
    return [Count(*key, n) for key, n in found.items()]


def publish(counts: Sequence[Count], least: int, small: int) -> dict[str, list[Step]]:
    steps: dict[str, list[Step]] = {}
    for month in MONTHS:
        steps = close(steps, counts, month, SUBREGIONS, least, small)
    return steps


class Target(NamedTuple):
    """A number that nobody is to know: people of `measure` in `months` with a value; `n` of them, of `room` at most."""

    measure: str
    table: str
    value: str
    months: tuple[str, ...]
    n: int
    room: int


class Attacker:
    """What she can know of a population whose steps are published; a cell is (measure, month, profile)."""

    def __init__(self, counts: Sequence[Count], steps: Steps, ages: Sequence[str]) -> None:
        import scipy  # slow to load, for few tests

        self.counts, self.steps = counts, steps
        profiles = product(VALUES["sex"], VALUES["ministry_type"], ("FJ", "NP", ""), ages)
        measures = (MEASURES[ENROLLED], MEASURES[COMPLETED])
        self.cells = [
            Count(measure, month, where, sex, kind, age, "", 0)
            for (sex, kind, where, age), measure, month in product(profiles, measures, MONTHS)
        ]
        known = list(self.known())
        self.equal = scipy.sparse.csr_matrix([row for row, _ in known])
        self.values = [value for _, value in known]
        self.below = self.never_more_completed()

    def row(self, fits: Callable[[Count], bool]) -> list[float]:
        return [float(fits(cell)) for cell in self.cells]

    def known(self) -> Iterator[tuple[list[float], int]]:
        """Every published sum: which cells it adds up, and its value."""
        for measure, month, where in product((ENROLLED, COMPLETED), MONTHS, ("Pacific", "South", "")):
            yield self.summed(measure, lambda one, where=where: SUBREGIONS.get(one.country, "") == where, (month,))
        for measure, steps in self.steps.items():
            for step in steps:
                months = tuple(month for month in MONTHS if step.first <= month <= step.last)
                for table, shown in step.tables.items():
                    for value, people in shown.items():
                        if people is not None:
                            for place, count in enumerate(people):
                                row, n = self.summed(measure, fitting(table, value, place), months)
                                assert n == count
                                yield row, n

    def summed(self, measure: str, fits: Callable[[Count], bool], months: Sequence[str]) -> tuple[list[float], int]:
        def within(one: Count) -> bool:
            return one.measure == MEASURES[measure] and one.month in months and fits(one)

        return self.row(within), sum(one.n for one in self.counts if within(one))

    def never_more_completed(self) -> Any:
        """For each profile and month: completed until then, less enrolled until then."""
        import scipy

        places: dict[tuple[str, ...], list[tuple[int, Count]]] = {}
        for place, cell in enumerate(self.cells):
            places.setdefault((cell.country, cell.sex, cell.ministry_type, cell.age_band), []).append((place, cell))
        entries = [
            (1.0 if cell.measure == MEASURES[COMPLETED] else -1.0, number, place)
            for number, (cells, month) in enumerate(product(places.values(), MONTHS))
            for place, cell in cells
            if cell.month <= month
        ]
        data, rows, columns = zip(*entries, strict=True)
        return scipy.sparse.csr_matrix((data, (rows, columns)), shape=(len(places) * len(MONTHS), len(self.cells)))

    def bounds(self, target: Target) -> tuple[int, int]:
        """The least and the most that the number can be."""
        import scipy

        row, n = self.summed(target.measure, fitting(target.table, target.value, 0), target.months)
        assert n == target.n
        ends = []
        for sign in (1, -1):
            found = scipy.optimize.linprog(
                [sign * one for one in row], A_ub=self.below, b_ub=[0.0] * self.below.shape[0],
                A_eq=self.equal, b_eq=self.values, method="highs-ds",
            )  # fmt: skip
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return round(ends[0]), round(ends[1])


def fitting(table: str, value: str, place: int) -> Callable[[Count], bool]:
    """Who is counted in a cell; of a table of women, `place` 0 is women, 1 is all."""
    if table == WOMEN_BY_SUBREGION:
        return lambda one: SUBREGIONS.get(one.country, "") == value and (place == 1 or one.sex == "woman")
    if table == WOMEN_BY_MINISTRY:
        key = key_of("ministry_type")
        return lambda one: key(one) == value and (place == 1 or one.sex == "woman")
    key = key_of(table)
    return lambda one: key(one) == value


def targets(counts: Sequence[Count], steps: Steps) -> Iterator[Target]:
    """Every hidden number of every step; and of every number, shown or not, what it grew by from month to month."""
    for measure, closed in steps.items():
        for step in closed:
            months = tuple(month for month in MONTHS if step.first <= month <= step.last)
            spans = [months, *((month,) for month in months if len(months) > 1)]
            for (table, shown), span in product(step.tables.items(), spans):
                for value, people in shown.items():
                    if people is None or span != months:
                        yield target(counts, measure, table, value, span)


def target(counts: Sequence[Count], measure: str, table: str, value: str, months: tuple[str, ...]) -> Target:
    within = [one for one in counts if one.measure == MEASURES[measure] and one.month in months]
    fits, every = fitting(table, value, 0), fitting(table, value, 1)
    room = sum(one.n for one in within if table != WOMEN_BY_SUBREGION or every(one))
    return Target(measure, table, value, months, sum(one.n for one in within if fits(one)), room)


def revealed(bounds: tuple[int, int], one: Target, steps: Steps, least: int) -> bool:
    """Whether the attacker knows too much of a number.

    A number that is hidden must keep as many values as the smallest shown number, or all that fit into its months. What
    a shown number grew by within its step must not be known to be small, unless nobody else came in these months.
    """
    fewest, most = bounds
    room = min(least, one.room)
    step = next(step for step in steps[one.measure] if step.first <= one.months[0] <= step.last)
    if step.tables[one.table][one.value] is None:
        return most - fewest < room
    return most < room or fewest == most < room
