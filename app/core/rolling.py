"""Countries with few people, counted under their subregion: which row a country's people stand in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
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
    found: dict[str, Place] = {}
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


def clear_blocs(where: Mapping[str, Place], countries: Mapping[str, Country]) -> set[str]:
    """The blocs whose totals can be shown beside the rows without giving away a country that has no row of its own.

    That is given away where it is a sum and difference of what is shown: where it lies in the row space of the shared
    rows and of the blocs. The blocs are tried one after the other, those of small island states first.
    """
    shared = [code for code, place in where.items() if not place.code]
    rows = list(dict.fromkeys([*(where[code] for code in shared), ELSEWHERE]))
    clear: list[str] = []
    for bloc in reversed(BLOCS):
        tried = [*clear, bloc]
        kinds = Counter(
            (*(where[code] == row for row in rows), *(getattr(countries[code], one) for one in tried))
            for code in shared
        )
        kinds[tuple(row == ELSEWHERE for row in rows) + (False,) * len(tried)] += 2  # who stated no country
        if not any(n == 1 and _is_spanned(kind, list(kinds)) for kind, n in kinds.items()):
            clear = tried
    return set(clear)


def _is_spanned(kind: tuple[bool, ...], kinds: list[tuple[bool, ...]]) -> bool:
    """Whether the count of one kind of country is a combination of the shown sums; a kind says in which it is."""
    sums = [[int(one[place]) for one in kinds] for place in range(len(kind))]
    return _rank([*sums, [int(one == kind) for one in kinds]]) == _rank(sums)


def _rank(rows: Sequence[Sequence[int]]) -> int:
    left = [[Fraction(number) for number in row] for row in rows]
    rank = 0
    for column in range(len(rows[0])):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left = [
            [a - b * row[column] / pivot[column] for a, b in zip(row, pivot, strict=True)] if row[column] else row
            for row in left
        ]
        rank += 1
    return rank


def belongs(place: Place, bloc: str, where: Mapping[str, Place], countries: Mapping[str, Country]) -> bool | None:
    """Whether all countries of a row belong to a bloc; None where some do."""
    members = {getattr(countries[code], bloc) for code, row in where.items() if row == place}
    if place == ELSEWHERE:
        members.add(False)
    return None if len(members) > 1 else members == {True}
