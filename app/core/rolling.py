"""Countries with few people, counted under their subregion: which row a country's people stand in."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from app.core.content import Country
from app.core.filters import BLOCS

UNLISTED = "ZZ"


class Place(NamedTuple):
    """A row: a country with its code, the further countries of a subregion (no code), or all others and not stated."""

    subregion: str = ""
    code: str = ""


ELSEWHERE = Place()


def places(people: Mapping[str, int], countries: Mapping[str, Country], least: int) -> dict[str, Place]:
    """Every listed country's row; `people` is how many each has.

    A country with fewer than `least` people stands with the further countries of its subregion. These are at
    least two countries that have `least` people together, or nobody: else the smallest country that had a row of its
    own joins them, or, where there is none, they stand among all others. So no country can be had by subtraction.
    """
    found: dict[str, Place] = {}
    for subregion in dict.fromkeys(one.subregion for one in countries.values() if one.code != UNLISTED):
        members = [one.code for one in countries.values() if one.subregion == subregion and one.code != UNLISTED]
        alone = _alone(people, members, least) if subregion else set()
        together = sum(people.get(code, 0) for code in members if code not in alone)
        rest = Place(subregion) if together >= least or not together else ELSEWHERE
        found |= {code: Place(subregion, code) if code in alone else rest for code in members}
    return found


def _alone(people: Mapping[str, int], members: list[str], least: int) -> set[str]:
    """The countries of one subregion that get a row of their own."""
    alone = {code for code in members if people.get(code, 0) >= least}
    while alone and _is_few([code for code in members if code not in alone], people, least):
        alone.remove(min(alone, key=lambda code: (people[code], code)))
    return alone


def clear_blocs(
    where: Mapping[str, Place], countries: Mapping[str, Country], people: Mapping[str, int], least: int
) -> set[str]:
    """The blocs whose totals can be shown beside the rows without giving away countries that have no row of their own.

    Blocs divide a shared row into kinds of countries: those of one bloc, of two, of none. Whoever subtracts shown rows
    and blocs from each other learns at most what the kinds of such rows add up to. So each kind of a row that is
    divided has to be two countries at least that have `least` people together, or nobody: then all sums of kinds are
    safe, and all bounds that follow from them. The blocs are tried one after the other, those of small island states
    first.
    """
    clear: list[str] = []
    for bloc in reversed(BLOCS):
        tried = [*clear, bloc]
        rows = _kinds(where, countries, people, tried).values()
        if not any(_is_few(kind, people, least) for kinds in rows if len(kinds) > 1 for kind in kinds.values()):
            clear = tried
    return set(clear)


Kinds = dict[tuple[bool, ...], set[str]]  # in which of some blocs -> the countries


def _kinds(
    where: Mapping[str, Place], countries: Mapping[str, Country], people: Mapping[str, int], blocs: Sequence[str]
) -> dict[Place, Kinds]:
    """The kinds of countries in each shared row; who states no listed country is of no bloc, among all others."""
    found: dict[Place, Kinds] = {ELSEWHERE: {(False,) * len(blocs): {"", UNLISTED, *people} - set(where)}}
    for code, place in where.items():
        if not place.code:
            kind = tuple(getattr(countries[code], bloc) for bloc in blocs)
            found.setdefault(place, {}).setdefault(kind, set()).add(code)
    return found


def _is_few(codes: Collection[str], people: Mapping[str, int], least: int) -> bool:
    """Whether anybody is in these countries, but they are one country or have fewer than `least` people together."""
    together = sum(people.get(code, 0) for code in codes)
    return together > 0 and (len(codes) < 2 or together < least)


def belongs(place: Place, bloc: str, where: Mapping[str, Place], countries: Mapping[str, Country]) -> bool | None:
    """Whether all countries of a row belong to a bloc; None where some do."""
    members = {getattr(countries[code], bloc) for code, row in where.items() if row == place}
    if place == ELSEWHERE:
        members.add(False)
    return None if len(members) > 1 else members == {True}
