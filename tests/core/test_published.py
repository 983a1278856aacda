"""Statistics for everybody: what a step shows, which row a country stands in, and what an attacker can make of it."""

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.content import Country
from app.core.published import SEX, VALUES, Count, breakdowns, close
from app.core.rolling import ELSEWHERE, Place, clear_blocs, places
from app.core.suppression import bounds, veil
from tests.core.attacker import SUBREGIONS, Attacker, population, publish, revealed, target, targets

AGES = VALUES["age_band"]  # all: to the attacker a hidden number may be of any of them
LEAST, SMALL = 5, 8


@pytest.mark.parametrize(
    ("counts", "veiled"),
    [
        ([40, 40, 40], set()),
        ([40, 30, 9], {1, 2}),  # one alone could be had by subtraction
        ([40, 30, 6, 7], {2, 3}),
        ([40, 30, 2, 3], {1, 2, 3}),  # five people are too few to hide among
        ([40, 30, 0], {1, 2}),  # nobody is a count, too
        ([90, 0, 0], {0, 1, 2}),
    ],
)
def test_what_a_step_hides(counts: list[int], veiled: set[int]) -> None:
    assert veil([(counts, [sum(counts)] * len(counts))], 10) == veiled


def test_women_and_the_rest_are_hidden_together() -> None:
    women, rest = [30, 12, 20, 15], [25, 3, 30, 20]
    every = [a + b for a, b in zip(women, rest, strict=True)]
    assert veil([(women, every), (rest, every)], 10) == {1, 3}
    assert veil([([5, 9], [5, 9])], 10) == {0, 1}  # nothing to hide behind: all is hidden


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=3),
    st.sets(st.integers(0, 2)),
    st.booleans(),
)
def test_bounds_are_those_of_all_possible_numbers(
    parts: list[tuple[int, int]], shared: set[int], some_shared: bool
) -> None:
    counts, caps = [n for n, _ in parts], [n + more for n, more in parts]
    shared = {place for place in shared if place < len(parts)} if some_shared else set()
    together = sum(caps[place] for place in shared)
    ranges = [range((together if place in shared else cap) + 1) for place, cap in enumerate(caps)]
    possible = [
        one for one in product(*ranges)
        if sum(one) == sum(counts) and sum(one[place] for place in shared) <= together
    ]  # fmt: skip
    exact = {place: (min(one[place] for one in possible), max(one[place] for one in possible))
             for place in range(len(parts))}  # fmt: skip
    assert bounds(counts, caps, range(len(parts)), shared) == exact


def people(sexes: dict[str, int], month: str = "2026-01", measure: str = "enrolled") -> list[Count]:
    return [Count(measure, month, "FJ", sex, "labour", "25-34", "en", n) for sex, n in sexes.items()]


@pytest.mark.parametrize(("others", "women"), [(12, (207,)), (13, (207,)), (14, None), (16, None), (17, None)])
def test_hidden_ones_who_nearly_all_completed_are_not_told_apart_by_the_shown(
    others: int, women: tuple[int] | None
) -> None:
    """Of 20 hidden ones 2 more than this number have completed: who reads the number of women would know how few have
    not."""
    known = people({"woman": 398, "man": 3, "other": 17})
    known += people({"woman": 207, "man": 2, "other": others}, measure="completion")
    steps = close({}, known, "2026-01", SUBREGIONS, LEAST, SMALL)
    assert steps["enrolled"][0].tables[SEX] == {"woman": (398,), "man": None, "other": None}
    assert steps["completed"][0].tables[SEX] == {"woman": women, "man": None, "other": None}


def test_a_step_waits_until_there_are_many_and_then_never_changes() -> None:
    few = people({"woman": 60, "man": 30, "other": 4})
    assert close({}, few, "2026-01", SUBREGIONS, LEAST, SMALL) == {"enrolled": [], "completed": []}
    many = few + people({"woman": 40, "": 3}, "2026-02")
    steps = close({}, many, "2026-02", SUBREGIONS, LEAST, SMALL)
    (step,) = steps["enrolled"]
    assert (step.first, step.last, step.people) == ("2026-01", "2026-02", 137)
    assert step.tables[SEX] == {"woman": (100,), "man": (30,), "other": (7,)}
    moved = people({"man": 137}) + people({"man": 90, "woman": 20}, "2026-03")
    later = close(steps, moved, "2026-03", SUBREGIONS, LEAST, SMALL)["enrolled"]
    assert later[0] == step
    assert later[1].tables[SEX] == {"woman": None, "man": (90,), "other": None}
    (sex, *_rest) = breakdowns({"enrolled": later})
    assert [(row.value, row.people, row.whole) for row in sex.rows] == [
        ("woman", (100,), False), ("man", (120,), True), ("other", (7,), False)]  # fmt: skip
    assert (sex.people, sex.withheld, sex.last) == (247, 20, "2026-03")


def test_who_completed_is_shown_where_enough_have_not() -> None:
    joined = people({"woman": 80, "man": 60, "other": 60})
    done = people({"woman": 40, "man": 58, "other": 30}, measure="completion")
    step = close({}, joined + done, "2026-01", SUBREGIONS, LEAST, SMALL)["completed"][0]
    assert step.tables[SEX] == {"woman": (40,), "man": None, "other": None}


PACIFIC, SOUTH = ("FJ", "TV", "TO"), ("NP", "IN")
COUNTRIES = {
    code: Country(
        code=code,
        name={"en": code},
        subregion="Pacific" if code in PACIFIC else "South" if code in SOUTH else "",
        sids=code in PACIFIC,
        ldc=code in ("TV", "NP"),
    )
    for code in (*PACIFIC, *SOUTH, "ZZ")
}


@pytest.mark.parametrize(
    ("enrolled", "alone", "elsewhere"),
    [
        ({"FJ": 50, "TV": 20, "TO": 15, "NP": 40, "IN": 70}, {"FJ", "NP", "IN"}, set()),
        ({"FJ": 50, "TV": 20, "TO": 9, "NP": 40, "IN": 70}, {"NP", "IN"}, set()),  # 29 are too few: Fiji joins them
        ({"FJ": 50, "TV": 2, "NP": 40}, {"NP"}, set()),
        ({"FJ": 5, "NP": 29, "IN": 30}, set(), {"FJ", "TV", "TO"}),  # a pair of which one has 29
        ({"FJ": 50}, {"FJ"}, set()),
    ],
)
def test_where_small_countries_stand(enrolled: dict[str, int], alone: set[str], elsewhere: set[str]) -> None:
    where = places(enrolled, COUNTRIES, 30)
    assert {code for code, place in where.items() if place.code} == alone
    assert {code for code, place in where.items() if place == ELSEWHERE} == elsewhere
    for place in set(where.values()) - {ELSEWHERE}:
        members = [code for code, row in where.items() if row == place]
        assert place.code or len(members) > 1 or not enrolled.get(members[0])


def test_a_bloc_is_not_shown_where_it_would_give_a_country_away() -> None:
    where = {"FJ": Place("Pacific", "FJ"), "TV": Place("Pacific"), "TO": Place("Pacific"), "NP": Place("South"),
             "IN": Place("South")}  # fmt: skip
    assert clear_blocs(where, COUNTRIES) == {"sids", "lldc", "ldc"}  # Tuvalu and Nepal hide each other
    where["NP"], where["IN"] = Place("South", "NP"), Place("South", "IN")
    assert clear_blocs(where, COUNTRIES) == {"sids", "lldc"}  # least developed less Nepal is Tuvalu


@pytest.mark.parametrize("seed", [16, 24])
def test_no_hidden_number_can_be_worked_out_from_all_that_is_published(seed: int) -> None:
    chance = random.Random(seed)
    counts = population(chance, chance.choice((130, 250, 420)), AGES)
    steps = publish(counts, LEAST, SMALL)
    attacker = Attacker(counts, steps, AGES)
    every = list(targets(counts, steps))
    tried = chance.sample(every, min(5, len(every)))
    assert tried
    assert [one for one in tried if revealed(attacker.bounds(one), one, steps, LEAST)] == []


def test_the_attacker_finds_what_is_hidden_badly() -> None:
    """Men were hidden for the sake of the others; once they are shown, the others can be had exactly."""
    counts = people({"woman": 90, "man": 30, "other": 2})
    steps = publish(counts, LEAST, SMALL)
    step = steps["enrolled"][0]
    assert step.tables[SEX] == {"woman": (90,), "man": None, "other": None}
    hidden = target(counts, "enrolled", SEX, "other", ("2026-01",))
    assert Attacker(counts, steps, AGES).bounds(hidden) == (0, 32)
    step.tables[SEX]["man"] = (30,)
    found = Attacker(counts, steps, AGES).bounds(hidden)
    assert (found, revealed(found, hidden, steps, LEAST)) == ((2, 2), True)
