"""Everything that is published of many random populations, against an attacker with a linear solver: `attacker.py`."""

import random

from app.core.published import VALUES
from tests.core.attacker import Attacker, population, publish, revealed, targets
from tests.core.worlds import given_away, nearly_known, random_world

POPULATIONS = 30
WORLDS = 1500
AGES = VALUES["age_band"]
LEAST, SMALL = 5, 8


def test_no_hidden_number_of_any_population_can_be_worked_out() -> None:
    tried, found = 0, []
    for seed in range(POPULATIONS):
        chance = random.Random(seed)
        counts = population(chance, chance.choice((130, 250, 420)), AGES)
        steps = publish(counts, LEAST, SMALL)
        attacker = Attacker(counts, steps, AGES)
        for one in targets(counts, steps):
            tried += 1
            known = attacker.bounds(one)
            if revealed(known, one, steps, LEAST):
                found.append((seed, one, known))
    print(f"{POPULATIONS} populations, {tried} hidden numbers and monthly changes: {len(found)} revealed")
    assert tried > 1000
    assert found == []


def test_no_few_people_of_hidden_countries_can_be_worked_out_from_rows_and_blocs() -> None:
    found = []
    for seed in range(WORLDS):
        for least in (4, 30):
            world = random_world(random.Random(seed), least)
            found += [(seed, least, *one) for one in given_away(world, least)]
            found += [(seed, least, *one) for one in nearly_known(world, least)]
    print(f"{2 * WORLDS} worlds of countries: {len(found)} countries or groups revealed")
    assert found == []
