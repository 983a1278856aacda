"""Countries with few people, counted under their subregion: which row a country's people stand in."""

from collections.abc import Mapping
from typing import NamedTuple

from app.core.content import Country
from app.core.filters import BLOCS

UNLISTED = "ZZ"


class Place(NamedTuple):
    """A row: a country with its code, the further countries of a subregion (no code), or all others and not stated."""

    subregion: str = ""
    code: str = ""


ELSEWHERE = Place()


def places(enrolled: Mapping[str, int], countries: Mapping[str, Country], least: int) -> dict[str, Place]:
    """Every listed country's row.

    A country with fewer than `least` enrolled people stands with the further countries of its subregion. These are at
    least two countries that have `least` people together, or nobody: else the smallest country that had a row of its
    own joins them, or, where there is none, they stand among all others. So no country can be had by subtraction.
    """
    found = {}
    for subregion in dict.fromkeys(one.subregion for one in countries.values() if one.code != UNLISTED):
        members = [one.code for one in countries.values() if one.subregion == subregion and one.code != UNLISTED]
        alone = _alone(enrolled, members, least) if subregion else set()
        together = sum(enrolled.get(code, 0) for code in members if code not in alone)
        rest = Place(subregion) if together >= least or not together else ELSEWHERE
        found |= {code: Place(subregion, code) if code in alone else rest for code in members}
    return found


def _alone(enrolled: Mapping[str, int], members: list[str], least: int) -> set[str]:
    """The countries of one subregion that get a row of their own."""
    alone = {code for code in members if enrolled.get(code, 0) >= least}
    while alone:
        rest = [code for code in members if code not in alone]
        people = sum(enrolled.get(code, 0) for code in rest)
        if not people or (people >= least and len(rest) > 1):
            break
        alone.remove(min(alone, key=lambda code: (enrolled[code], code)))
    return alone


def blocs_of(place: Place, where: Mapping[str, Place], countries: Mapping[str, Country]) -> tuple[set[str], set[str]]:
    """The blocs that all countries of a row belong to, and those that some, but not all, belong to."""
    members = [countries[code] for code, row in where.items() if row == place]
    wholly = {bloc for bloc in BLOCS if members and all(getattr(one, bloc) for one in members)}
    partly = {bloc for bloc in BLOCS if any(getattr(one, bloc) for one in members)}
    return wholly - ({*BLOCS} if place == ELSEWHERE else set()), partly - (wholly if place != ELSEWHERE else set())
