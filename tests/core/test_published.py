"""Statistics for everybody: what a step shows, which row a country stands in, and what an attacker can make of it."""

import random
from itertools import product
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.core.content import Country
from app.core.filters import BLOCS
from app.core.published import SEX, VALUES, Count, breakdowns, close
from app.core.rolling import ELSEWHERE, clear_blocs, places
from app.core.suppression import bounds, veil
from tests.core.attacker import SUBREGIONS, Attacker, population, publish, revealed, target, targets
from tests.core.worlds import country, document_of, given_away, random_world
from tests.core.worlds import people as enrolled
from tests.serving import ROOT

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


@pytest.mark.parametrize(
    ("enrolled", "clear"),
    [
        ({"FJ": 50, "TV": 20, "TO": 15, "NP": 40, "IN": 70}, {"sids", "lldc"}),  # least developed less Nepal is Tuvalu
        ({"FJ": 50, "TV": 0, "TO": 29, "NP": 40, "IN": 70}, {"sids", "lldc", "ldc"}),  # nobody is from Tuvalu
        ({"FJ": 50, "NP": 40, "IN": 5}, {"sids", "lldc"}),  # Nepal was hidden for the sake of India
        ({"FJ": 50, "TV": 40, "TO": 45, "NP": 40, "IN": 70}, {"sids", "lldc", "ldc"}),  # none is hidden
        ({"FJ": 50, "TV": 5, "TO": 40, "NP": 1, "IN": 60}, {"sids", "lldc"}),  # six together
        ({"FJ": 5, "NP": 40, "IN": 60}, {"lldc"}),  # five people, of whichever island
        ({"FJ": 5, "": 90, "NP": 40, "IN": 60}, {"lldc", "ldc"}),  # nobody is from Tuvalu, the others are many
        ({"FJ": 5, "NP": 9, "IN": 9}, {"lldc"}),
        ({"NP": 40, "IN": 60}, {"sids", "lldc", "ldc"}),  # that there is nobody can be seen anyway
        ({"": 7}, {"sids", "lldc", "ldc"}),
    ],
)
def test_a_bloc_is_not_shown_where_it_would_give_a_country_away(enrolled: dict[str, int], clear: set[str]) -> None:
    where = places(enrolled, COUNTRIES, 30)
    assert clear_blocs(where, COUNTRIES, enrolled, 30) == clear


LISTED = {
    code: Country(
        code=code,
        name={"en": one["name"]},
        subregion=one.get("subregion", ""),
        **{bloc: one.get(bloc, False) for bloc in BLOCS},
    )
    for code, one in yaml.safe_load((ROOT / "course/countries.yml").read_text("utf-8"))["countries"].items()
}
OF_LEAST_DEVELOPED = [code for code, one in LISTED.items() if one.ldc]


@pytest.mark.parametrize(
    ("each", "clear"),
    [
        (1, {"lldc"}),  # 283 of all blocs, 280 in rows: three people, though of three countries
        (9, {"lldc"}),
        (10, {"sids", "lldc", "ldc"}),  # 30 people of three countries are many enough to hide among
        (40, {"sids", "lldc", "ldc"}),
    ],
)
def test_a_few_people_of_several_countries_are_not_had_by_subtraction(each: int, clear: set[str]) -> None:
    enrolled = dict.fromkeys(OF_LEAST_DEVELOPED, 40) | dict.fromkeys(("KI", "SB", "TV"), each)
    where = places(enrolled, LISTED, 30)
    assert clear_blocs(where, LISTED, enrolled, 30) == clear


@given(st.integers(0, 10**6), st.sampled_from([4, 30]))
def test_few_people_cannot_be_had_by_adding_and_subtracting_rows_and_blocs(seed: int, least: int) -> None:
    assert given_away(random_world(random.Random(seed), least), least) == []


def bloc(document: dict[str, Any], name: str) -> tuple[int, int, int]:
    (row,) = (row for row in document["blocs"] if row["bloc"] == name)
    return row["enrolled"], row["completed"], row["unclear"]


def test_a_bloc_that_was_shown_is_not_when_one_of_its_countries_gets_a_row() -> None:
    """Each month is judged by itself, by all people until then: first 31 of two countries, then 10 of one."""
    countries = COUNTRIES | {"SB": country("SB", "Pacific", "sids", "ldc")}
    counts = enrolled({"FJ": 50, "TO": 35, "TV": 10, "SB": 21, "NP": 40, "IN": 60})
    counts += enrolled({"SB": 39}, "2026-02")
    january, february = (document_of(countries, counts, month, 30) for month in ("2026-01", "2026-02"))
    assert bloc(january, "ldc") == (71, 0, 0)
    assert {row["code"] for row in february["countries"]} == {"FJ", "SB", "NP", "IN", ""}
    assert bloc(february, "ldc") == (100, 0, 45)


def test_who_completed_in_a_country_where_nobody_is_enrolled_now_is_not_had_by_subtraction() -> None:
    counts = [*enrolled({"NP": 40, "IN": 60}), *enrolled({"TV": 1, "NP": 3}, measure="completion")]
    document = document_of(COUNTRIES, counts, "2026-01", 30)
    assert [(row["code"], row["completed"]) for row in document["countries"]] == [("NP", 3), ("IN", 0), ("", 1)]
    assert [bloc(document, name)[1] for name in BLOCS] == [3, 0, 0]


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
