"""Everything that is published of many random populations, against an attacker with a linear solver: `attacker.py`."""

import random

from app.core.published import VALUES
from tests.core.attacker import Attacker, population, publish, revealed, targets

POPULATIONS = 30
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
