"""Small worlds of countries, and what can be worked out from the rows and blocs of their published statistics."""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.core.content import Country, Course
from app.core.filters import BLOCS
from app.core.frozen import Occasion, statistics
from app.core.published import Count
from app.core.rolling import ELSEWHERE, UNLISTED, Place, belongs, places

COURSE = Course(id="c", title={"en": "C"}, version="1", hours=1, languages=("en",), licence="", modules=())
NOT_STATED = ("", UNLISTED)


def country(code: str, subregion: str, *blocs: str) -> Country:
    return Country(code=code, name={"en": code}, subregion=subregion, **{bloc: bloc in blocs for bloc in BLOCS})


def people(enrolled: Mapping[str, int], month: str = "2026-01", measure: str = "enrolled") -> list[Count]:
    return [Count(measure, month, code, "", "", "", "en", n) for code, n in enrolled.items()]


def document_of(countries: Mapping[str, Country], counts: list[Count], month: str, least: int) -> dict[str, Any]:
    """What is published of these counts at the end of a month."""
    occasion = Occasion(COURSE, month, datetime(2026, 12, 1, tzinfo=UTC), "r", ZoneInfo("UTC"))
    return statistics(occasion, counts, countries, {}, least, least)


class World(NamedTuple):
    """Countries, and how many enrolled from each; "" is not stated."""

    countries: Mapping[str, Country]
    enrolled: Mapping[str, int]


def random_world(chance: random.Random, least: int) -> World:
    """Up to nine countries in three subregions, many of them with about as many people as a row needs."""
    sizes = (0, 0, 1, 2, least // 3, least // 2, least - 1, least, least + 1, 3 * least)
    codes = "ABCDEFGHI"[: chance.randint(2, 9)]
    some = [bloc for bloc in BLOCS if chance.random() < 0.8]
    countries = {
        code: country(code, chance.choice("XYZ"), *(bloc for bloc in some if chance.random() < 0.5)) for code in codes
    }
    return World(countries, {code: chance.choice(sizes) for code in (*codes, *NOT_STATED)})


class Sums(NamedTuple):
    """The people of each shared row and of each bloc, less the countries that have a row of their own."""

    rows: dict[frozenset[str], int]
    blocs: dict[frozenset[str], int]


def shown(world: World, least: int) -> Sums:
    """What somebody reads in the document, who knows where each country stands."""
    document = document_of(world.countries, people(world.enrolled), "2026-01", least)
    where = places(world.enrolled, world.countries, least) | dict.fromkeys(NOT_STATED, ELSEWHERE)
    read = {Place(row["subregion"], row["code"]): row["enrolled"] for row in document["countries"]}
    rows = {
        frozenset(code for code in where if where[code] == place): read.get(place, 0)
        for place in where.values()
        if not place.code
    }
    listed = {code: place for code, place in where.items() if code not in NOT_STATED}
    blocs: dict[frozenset[str], int] = {}
    for row in document["blocs"]:
        inside = {code for code in listed if getattr(world.countries[code], row["bloc"])}
        if row["unclear"]:  # only whole rows are counted
            inside = {code for code in inside if belongs(where[code], row["bloc"], listed, world.countries)}
        hidden = frozenset(code for code in inside if not where[code].code)
        blocs[hidden] = row["enrolled"] - sum(read[where[code]] for code in inside - hidden)
        assert blocs[hidden] == sum(world.enrolled[code] for code in hidden)
    return Sums(rows, blocs)


def given_away(world: World, least: int) -> list[tuple[list[str], int]]:
    """Groups of countries, other than whole rows, that can be had by adding and subtracting and are few."""
    rows, blocs = shown(world, least)
    sums = [*rows.items(), *blocs.items()]
    found = []
    for times in product((0, 1, -1), repeat=len(sums)):
        had = dict.fromkeys((code for codes in rows for code in codes), 0)
        for sign, (codes, _) in zip(times, sums, strict=True):
            for code in codes:
                had[code] += sign
        group = {code for code, sign in had.items() if sign}
        if any(had[code] != 1 for code in group) or any(row <= group for row in rows):
            continue  # no group; or one that is had without its whole rows, too
        number = sum(sign * n for sign, (_, n) in zip(times, sums, strict=True))
        if number and (len(group) < 2 or number < least):
            found.append((sorted(group), number))
    return found


def nearly_known(world: World, least: int) -> Iterator[tuple[str, int, int]]:
    """Hidden countries of which a linear solver finds bounds that leave too few values."""
    import scipy  # slow to load, for few tests

    rows, blocs = shown(world, least)
    codes = [code for row in rows for code in row]
    sums = [*rows.items(), *blocs.items()]
    for code in codes:
        room = next(n for row, n in rows.items() if code in row)
        ends = []
        for sign in (1, -1):
            found = scipy.optimize.linprog(
                [sign * (one == code) for one in codes],
                A_eq=[[float(one in group) for one in codes] for group, _ in sums],
                b_eq=[n for _, n in sums],
            )
            assert found.status == 0, found.message
            ends.append(round(sign * found.fun))
        fewest, most = ends
        if most and most - fewest < min(least, room):
            yield code, fewest, most
