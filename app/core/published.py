"""Statistics for everybody: a fixed list of tables a month, worked out from what was published before and the counts.

Counts by country alone are shown as they are, small countries under their subregion (`rolling`). All other tables
speak of **steps**. A step is the people who enrolled (or completed) in the months since the step before; it ends with
the first month by which they are many, which can be told from the counts by country alone. Within a step each table is
suppressed by itself (`suppression.veil`); a shown number is the sum over steps. Since every person is in one step,
nothing is learned by comparing months. Since the tables of a step hang together like a tree (ministry types - women -
subregions and countries - months; sexes and age bands apart from these), nothing is learned by comparing tables:
A. Dobra and S. E. Fienberg, Proceedings of the National Academy of Sciences 97 (2000), 11885-11892.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.core.content import Country, Struct
from app.core.profile import AGE_BANDS, MINISTRY_TYPES
from app.core.rolling import Place
from app.core.suppression import veil

ENROLLED, COMPLETED, CERTIFICATES = "enrolled", "completed", "certificates"
MEASURES = {ENROLLED: "enrolled", COMPLETED: "completion", CERTIFICATES: "certificate"}  # -> name in the tallies
OTHER_SEX = "other"  # all who are not counted as women or men, "not stated" among them
SEX, MINISTRY_TYPE, AGE_BAND = "sex", "ministry_type", "age_band"
WOMEN_BY_MINISTRY, WOMEN_BY_SUBREGION = "women_by_ministry_type", "women_by_subregion"
VALUES = {SEX: ("woman", "man", OTHER_SEX), MINISTRY_TYPE: (*MINISTRY_TYPES, ""), AGE_BAND: (*AGE_BANDS, "")}
TIMES = 20  # a step holds this many times the smallest count that is shown
SHARE = 5  # and at least one for every five who are in steps already


class Count(NamedTuple):
    """People of one measure and month with one profile; "" is not stated. `n` may be any whole number."""

    measure: str
    month: str
    country: str
    sex: str
    ministry_type: str
    age_band: str
    language: str
    n: int


Shown = dict[str, tuple[int, ...] | None]  # value -> people (tables of women: women, all); None: hidden


class Step(Struct, frozen=True):
    """The people of the months `first` to `last`; `least` is the smallest count that was shown then."""

    first: str
    last: str
    people: int
    least: int
    tables: dict[str, Shown]


class Row(NamedTuple):
    """One line of a table over all steps: `whole` where nothing of it was ever hidden."""

    value: str
    people: tuple[int, ...]
    whole: bool


class Breakdown(NamedTuple):
    """A table over all steps. `people` of the months until `last` are in it, `withheld` of them in no line."""

    measure: str
    table: str
    rows: list[Row]
    people: int
    withheld: int
    last: str


def close(
    steps: Mapping[str, Sequence[Step]],
    counts: Iterable[Count],
    month: str,
    subregions: Mapping[str, str],
    least: int,
    small: int,
) -> dict[str, list[Step]]:
    """The steps after this month: those before, as they are, and perhaps one more for each measure.

    `counts` of later months are passed over; `subregions` says where the countries lie; a subregion with fewer than
    `small` people is hidden.
    """
    found = {measure: list(steps.get(measure, ())) for measure in (ENROLLED, COMPLETED)}
    known = [count for count in counts if count.month <= month]
    for measure, before in found.items():
        since = before[-1].last if before else ""
        people = [count for count in known if count.measure == MEASURES[measure] and count.month > since]
        number, already = sum(count.n for count in people), sum(step.people for step in before)
        if number < max(TIMES * least, already // SHARE):
            continue
        if measure == ENROLLED:
            tables = of_enrolled(people, subregions, least, small)
        else:
            tables = of_completed(people, before, known, found[ENROLLED], least)
        first = before[-1].last if before else ""
        start = min(count.month for count in people if count.n and count.month > first)
        before.append(Step(first=start, last=month, people=number, least=least, tables=tables))
    return found


def of_enrolled(people: Sequence[Count], subregions: Mapping[str, str], least: int, small: int) -> dict[str, Shown]:
    """The tables of a step of enrolled people."""
    number = sum(count.n for count in people)
    tables = {}
    for table, values in VALUES.items():
        counts = _by(people, key_of(table), values)
        tables[table] = _shown(counts, veil([(counts, [number] * len(counts))], least), values)
    if tables[SEX]["woman"] is None:
        return tables
    unknown = {place for place, value in enumerate(VALUES[MINISTRY_TYPE]) if tables[MINISTRY_TYPE][value] is None}
    tables[WOMEN_BY_MINISTRY] = _women(people, key_of(MINISTRY_TYPE), VALUES[MINISTRY_TYPE], least, unknown)
    where = tuple(dict.fromkeys((*subregions.values(), "")))
    tables[WOMEN_BY_SUBREGION] = _women(people, lambda one: subregions.get(one.country, ""), where, least, small=small)
    return tables


def _women(
    people: Sequence[Count],
    key: Callable[[Count], str],
    values: Sequence[str],
    least: int,
    unknown: Iterable[int] = (),
    small: int = 0,
) -> Shown:
    """Women and all by one question, where all are known but for the `unknown` places; hidden under `small`."""
    unknown = frozenset(unknown)
    women = _by([one for one in people if one.sex == "woman"], key, values)
    every = _by(people, key, values)
    rest = [a - b for a, b in zip(every, women, strict=True)]
    unfit = unknown | {place for place, n in enumerate(every) if n < small}
    veiled = veil([(women, every), (rest, every)], least, shared=unknown, unfit=unfit)
    return {value: None if place in veiled else (women[place], every[place]) for place, value in enumerate(values)}


def of_completed(
    people: Sequence[Count], before: Sequence[Step], known: Sequence[Count], enrolled: Sequence[Step], least: int
) -> dict[str, Shown]:
    """The tables of a step of people who completed; who have not is protected, too.

    A number is shown only where at least `least` more people are shown as enrolled, and so many more of the hidden ones
    together, too; what is hidden keeps its room even for somebody who knows how many enrolled.
    """
    tables = {}
    not_yet = sum(step.people for step in enrolled) - sum(step.people for step in before) - sum(one.n for one in people)
    for table, values in VALUES.items():
        counts = _by(people, key_of(table), values)
        ever = _by([one for one in known if one.measure == MEASURES[COMPLETED]], key_of(table), values)
        joined = _by([one for one in known if one.measure == MEASURES[ENROLLED]], key_of(table), values)
        shown_joined = [_sum(enrolled, table, value)[0] for value in values]
        shown = [_sum(before, table, value)[0] for value in values]
        unfit = {place for place, n in enumerate(ever) if shown_joined[place] - n < least}
        caps = [max(joined[place] - shown[place], counts[place]) for place in range(len(values))]
        unknown = {place for place, value in enumerate(values) if not whole(enrolled, table, value)}
        waiting = [n - done - more for n, done, more in zip(shown_joined, shown, counts, strict=True)]
        while veiled := veil([(counts, caps)], least, shared=unknown, unfit=unfit):
            visible = [place for place in range(len(values)) if place not in veiled]
            if not visible or not_yet - sum(waiting[place] for place in visible) >= least:
                break
            unfit = unfit | {min(visible, key=lambda place: (counts[place], place))}
        tables[table] = _shown(counts, veiled, values)
    return tables


def key_of(table: str) -> Callable[[Count], str]:
    """What a count is put under in one of the tables of `VALUES`."""
    values = VALUES[table]
    if table == SEX:
        return lambda count: count.sex if count.sex in values else OTHER_SEX
    return lambda count: found if (found := getattr(count, table)) in values else ""


def _by(people: Iterable[Count], key: Callable[[Count], str], values: Sequence[str]) -> list[int]:
    found: Counter[str] = Counter()
    for one in people:
        found[key(one)] += one.n
    return [found[value] for value in values]


def _shown(counts: Sequence[int], veiled: frozenset[int], values: Sequence[str]) -> Shown:
    return {value: None if place in veiled else (counts[place],) for place, value in enumerate(values)}


def whole(steps: Sequence[Step], table: str, value: str) -> bool:
    """Whether this line was shown in every step."""
    return bool(steps) and all(step.tables.get(table, {}).get(value) is not None for step in steps)


def _sum(steps: Sequence[Step], table: str, value: str) -> tuple[int, ...]:
    found = [people for step in steps if (people := step.tables.get(table, {}).get(value))]
    return tuple(sum(column) for column in zip(*found, strict=True)) or (0,)


def breakdowns(steps: Mapping[str, Sequence[Step]]) -> list[Breakdown]:
    """Every table over all steps, those without a step left out."""
    found = []
    for measure, closed in steps.items():
        people = sum(step.people for step in closed)
        for table in dict.fromkeys(table for step in closed for table in step.tables):
            values = dict.fromkeys(value for step in closed for value in step.tables.get(table, {}))
            rows = [Row(value, _sum(closed, table, value), whole(closed, table, value)) for value in values]
            counted = sum(row.people[-1] for row in rows)
            found.append(Breakdown(measure, table, rows, people, people - counted, closed[-1].last))
    return found


class Line(NamedTuple):
    """The counts of one row of countries, or of a group of such rows."""

    place: Place
    enrolled: int
    completed: int
    certificates: int


def by_country(counts: Iterable[Count], where: Mapping[str, Place]) -> list[Line]:
    """A line for each row of `rolling.places` in which anybody is; all others and not stated last."""
    found: dict[Place, Counter[str]] = {}
    for count in counts:
        found.setdefault(where.get(count.country, Place()), Counter())[count.measure] += count.n
    order = [*dict.fromkeys(where.values()), Place()]
    rows = sorted(found, key=lambda place: (place == Place(), place.code == "", order.index(place)))
    lines = [Line(place, *(found[place][MEASURES[measure]] for measure in MEASURES)) for place in rows]
    return [line for line in lines if any(line[1:])]


def people_by_country(counts: Iterable[Count]) -> dict[str, int]:
    """How many are enrolled from each country.

    One where nobody is now, but somebody completed or got a certificate: that stays under what the profile said then,
    and such a country is not without people.
    """
    enrolled: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for count in counts:
        if count.measure == MEASURES[ENROLLED]:
            enrolled[count.country] += count.n
        elif count.measure in MEASURES.values():
            others[count.country] += count.n
    return {code: enrolled[code] or min(others[code], 1) for code in {**enrolled, **others}}


def subregions_of(countries: Mapping[str, Country]) -> dict[str, str]:
    """Country -> subregion; countries without one are not in it."""
    return {code: country.subregion for code, country in countries.items() if country.subregion}
