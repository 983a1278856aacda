"""Who a demonstration person is, and how she learns: drawn from a seed, the same for the same number."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from app.ops.demo_names import FRENCH, NAMES, OFFICES


class Shares(dict[str, int]):
    """What is drawn, each with its weight; `sums` are those of the weights so far, which each draw needs."""

    def __init__(self, shares: Mapping[str, int]) -> None:
        super().__init__(shares)
        self.drawn, self.sums = list(shares), list(accumulate(shares.values()))


DAYS = 300  # how long ago the first joined

SEX = Shares({"woman": 52, "man": 41, "other": 1, "": 6})
AGE_BANDS = Shares({"under-25": 6, "25-34": 31, "35-44": 32, "45-54": 18, "55-over": 7, "": 6})
MINISTRIES = Shares(
    {
        "social-welfare": 32,
        "labour": 24,
        "finance-planning": 10,
        "health": 8,
        "local-government": 8,
        "statistics": 5,
        "education": 4,
        "other": 5,
        "": 4,
    }
)
COUNTRIES = Shares({code: names.share for code, names in NAMES.items()})
WAYS = Shares({"visitor": 8, "stops": 34, "reader": 6, "finisher": 52})


@dataclass(frozen=True)
class Plan:
    """A person's profile and her way of learning.

    `way`: "visitor" (joins, never starts), "stops" (after `acts`), "reader" (takes no quiz) or "finisher".
    `skill`: how likely a question of middling difficulty is answered right. `days_ago`: when she joined.
    `pace`: days between two sittings. `patience`: tries at one quiz before she gives up.
    """

    seed: str
    profile: Mapping[str, str]
    name: str
    way: str
    skill: float
    days_ago: float
    pace: float
    patience: int
    acts: int


def plan(seed: str, languages: tuple[str, ...]) -> Plan:
    """The person of this seed; `languages` are those of the pages, the first for most."""
    chance = Random(seed)
    country = pick(chance, COUNTRIES)
    sex = pick(chance, SEX)
    name, latin = _name(chance, country, sex)
    ministry = pick(chance, MINISTRIES)
    profile = {
        "name_latin": latin if chance.random() < 0.7 else "",
        "country": country if chance.random() < 0.96 else "",
        "sex": sex,
        "ministry_type": ministry,
        "organisation": chance.choice(OFFICES[ministry]) if ministry and chance.random() < 0.7 else "",
        "age_band": pick(chance, AGE_BANDS),
        "language": "fr" if "fr" in languages and chance.random() < FRENCH.get(country, 0) else languages[0],
    }
    return Plan(
        seed=seed,
        profile=profile,
        name=name,
        way=pick(chance, WAYS),
        skill=0.25 + 0.65 * chance.betavariate(3, 2),
        days_ago=DAYS * chance.betavariate(1.1, 1.4),
        pace=chance.lognormvariate(1, 0.7),
        patience=chance.choice((2, 3, 4, 6)),
        acts=chance.randint(1, 16),
    )


def pick(chance: Random, shares: Shares) -> str:
    return chance.choices(shares.drawn, cum_weights=shares.sums)[0]


def _name(chance: Random, country: str, sex: str) -> tuple[str, str]:
    """A name as it is written there, and in Latin letters where that differs."""
    names = NAMES[country]
    women = sex == "woman" or (sex != "man" and chance.random() < 0.5)
    given = chance.choice(_parts(names.women if women else names.men))
    family = chance.choice(_parts(names.families))
    parts = (given, family) if names.order == "given" else (family, given)
    native = ("" if names.order == "joined" else " ").join(part[0] for part in parts)
    latin = " ".join(part[2] for part in parts) if given[2] and family[2] else ""
    return native, latin


@cache
def _parts(names: str) -> list[tuple[str, str, str]]:
    """Each of these parts as it is written there, `/` where there is more, and in Latin letters."""
    return [one.partition("/") for one in names.split()]
