"""The target worksheet's groups and rows, read from what was entered, and what each row works out to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from app.core.tools._frame import N_, Cell, Number, Unfit, Values, Words, say

FIRST, MIDDLE, LAST = 2021, 2025, 2030
WHOLE = Fraction(100)  # the Action Plan's aim for 2030: the whole population
SEXES = {"women": N_("Women and girls"), "men": N_("Men and boys"), "total": N_("Total")}
AGES = {"0-4": "0–4", "5-17": "5–17", "18-24": "18–24", "25-59": "25–59", "60-on": N_("60 and over")}
COLUMNS = ("population", "covered", "base", "aim", "reached", "latest", "goal", "quality")


@dataclass(frozen=True)
class Covered:
    """A group of people of indicator 1.3.1: whom it counts, and by which sexes and ages it can be split."""

    title: str
    hint: str
    sexes: tuple[str, ...] = ("women", "men", "total")
    ages: tuple[str, ...] = ()


ALL_AGES = tuple(AGES)
WORKING = ("18-24", "25-59", "60-on")
GROUPS: Mapping[str, Covered] = {
    "everybody": Covered(
        N_("Everybody"),
        N_("Population: all residents. Covered: at least one benefit, or active contributions."),
        ages=ALL_AGES,
    ),
    "children": Covered(
        N_("Children"), N_("Population: all children. Covered: child or family benefit in cash."), ages=("0-4", "5-17")
    ),
    "mothers": Covered(
        N_("Mothers with newborn children"),
        N_("Population: women who gave birth in the year. Covered: maternity benefit in cash."),
        sexes=("women",),
    ),
    "disability": Covered(
        N_("Persons with severe disabilities"),
        N_("Population: persons with severe disabilities. Covered: disability benefit in cash."),
        ages=ALL_AGES,
    ),
    "unemployed": Covered(
        N_("Unemployed persons"),
        N_("Population: unemployed persons. Covered: unemployment benefit in cash."),
        ages=WORKING,
    ),
    "workers": Covered(
        N_("Workers, in case of injury"),
        N_("Population: employed persons. Covered: protected in the event of work injury."),
        ages=WORKING,
    ),
    "older": Covered(N_("Older persons"), N_("Population: persons above retirement age. Covered: any pension.")),
    "poor": Covered(
        N_("Poor persons"),
        N_("Population: poor persons, as your country counts them. Covered: social assistance in cash."),
        ages=ALL_AGES,
    ),
    "vulnerable": Covered(
        N_("Vulnerable persons"),
        N_(
            "Population: children, older people and people of working age without contributory cover. Covered: social "
            "assistance in cash."
        ),
        ages=ALL_AGES,
    ),
}
TOGETHER = N_(
    "“%(row)s” can't have more people covered than there are. Look for people counted twice, or an old count."
)


def heading(row: str) -> str:
    return SEXES.get(row) or AGES[row]


@dataclass(frozen=True)
class Row:
    """One line of a group: shares in per cent; `base` was worked out from the counts where both are there.

    `typed` is the rate as it was typed, `goal` the target of 2030, 100 where none was typed.
    """

    id: str
    population: Fraction | None
    covered: Fraction | None
    base: Fraction | None
    typed: Fraction | None
    aim: Fraction | None
    reached: Fraction | None
    latest: Fraction | None
    goal: Fraction
    quality: str
    year: int
    latest_year: int | None

    @property
    def filled(self) -> bool:
        counts = (self.population, self.covered, self.base, self.aim, self.reached, self.latest)
        return any(one is not None for one in counts)

    @property
    def line(self) -> Fraction | None:
        """The straight line from the base to the target, in 2025: from 2021, four ninths of the way."""
        if self.base is None:
            return None
        return self.base + Fraction(MIDDLE - self.year, LAST - self.year) * (self.goal - self.base)

    @property
    def now(self) -> tuple[Fraction, int] | None:
        """The newest share and its year."""
        known = [(self.year, self.base), (MIDDLE, self.reached), (self.latest_year or 0, self.latest)]
        newest = max(
            ((year, share) for year, share in known if share is not None), default=None, key=lambda one: one[0]
        )
        return (newest[1], newest[0]) if newest else None

    @property
    def pace(self) -> Fraction | None:
        """Points a year from the newest share to the target of 2030."""
        if self.now is None:
            return None
        share, year = self.now
        return (self.goal - share) / (LAST - year)


@dataclass(frozen=True)
class Sheet:
    """A group as it was filled in; `rows` are the filled ones, a total that follows from both sexes among them."""

    id: str
    rows: Mapping[str, Row]
    office: str
    source: str

    @property
    def group(self) -> Covered:
        return GROUPS[self.id]


def read_sheet(group: str, values: Values) -> Sheet:
    """What was entered for a group; raises Unfit for what can't be."""
    year, latest_year = int(values[f"year-{group}"] or FIRST), values[f"latest_year-{group}"]
    problems: dict[str, str | Words] = {}
    rows = {}
    for row in (*GROUPS[group].sexes, *GROUPS[group].ages):
        given = {column: values[f"{column}-{group}-{row}"] for column in COLUMNS}
        rows[row] = _row(row, given, year, None if latest_year is None else int(latest_year))
        problems |= {f"{column}-{group}-{row}": why for column, why in _unfit(rows[row])}
    dated = any(one.latest is not None for one in rows.values())
    if dated and latest_year is None:
        problems[f"latest_year-{group}"] = N_("Fill in the year of the latest rate.")
    elif latest_year is not None and latest_year <= year:
        problems[f"latest_year-{group}"] = N_("The latest rate must be of a later year than the first one.")
    if problems:
        raise Unfit(problems)
    if "total" in rows:
        rows["total"] = _totalled(rows)
    filled = {id: one for id, one in rows.items() if one.filled}
    return Sheet(group, filled, values[f"office-{group}"], values[f"source-{group}"])


def _row(row: str, given: Values, year: int, latest_year: int | None) -> Row:
    population, covered, typed = given["population"], given["covered"], given["base"]
    counted = covered / population * 100 if population and covered is not None else None
    return Row(
        id=row,
        population=population,
        covered=covered,
        base=typed if counted is None else counted,
        typed=typed,
        aim=given["aim"],
        reached=given["reached"],
        latest=given["latest"],
        goal=WHOLE if given["goal"] is None else given["goal"],
        quality=given["quality"] or "",
        year=year,
        latest_year=latest_year,
    )


def _unfit(row: Row) -> list[tuple[str, str | Words]]:
    if row.covered is not None and row.population is None:
        return [("population", say(N_("Fill in the population of “%(row)s”, or only its rate."), row=heading(row.id)))]
    if row.base is not None and row.base > WHOLE:
        return [("covered", say(TOGETHER, row=heading(row.id)))]
    return []


def _totalled(rows: Mapping[str, Row]) -> Row:
    """The total row; where it is empty and both sexes are counted, their sum."""
    women, men, total = rows["women"], rows["men"], rows["total"]
    counts = (women.population, men.population, women.covered, men.covered)
    if total.population is not None or total.base is not None or any(one is None for one in counts):
        return total
    population, covered = (women.population or 0) + (men.population or 0), (women.covered or 0) + (men.covered or 0)
    return replace(
        total, population=Fraction(population), covered=Fraction(covered), base=Fraction(covered) / population * 100
    )


def checks(sheet: Sheet) -> list[Words]:
    """What does not agree, and what is missing; none of it stops the work, for people's sex or age may be unknown."""
    found = [*_sums(sheet, "population", N_("Population")), *_sums(sheet, "covered", N_("Covered"))]
    found += [one for row in sheet.rows.values() for one in _doubts(sheet, row)]
    split = [heading(row) for row in sheet.group.sexes if row not in sheet.rows or sheet.rows[row].base is None]
    if split:
        found.append(_missing(sheet, N_("%(group)s: no rate for %(rows)s."), split))
    ages = [heading(row) for row in sheet.group.ages if row not in sheet.rows or sheet.rows[row].base is None]
    if ages:
        found.append(_missing(sheet, N_("%(group)s: no rate by age for %(rows)s."), ages))
    return found


def _missing(sheet: Sheet, text: str, rows: list[str]) -> Words:
    """Names rows, joined two by two so that each is translated."""
    listed: Cell = rows[0]
    for row in rows[1:]:
        listed = say(N_("%(first)s, %(next)s"), first=listed, next=row)
    return say(text, group=sheet.group.title, rows=listed)


def _sums(sheet: Sheet, column: str, label: str) -> list[Words]:
    """Women and men, and all ages, against the total."""
    total = _count(sheet, "total", column)
    parts = {
        N_("%(group)s (%(column)s): women and men make %(sum)s, the total says %(total)s."): ("women", "men"),
        N_("%(group)s (%(column)s): the ages make %(sum)s, the total says %(total)s."): sheet.group.ages,
    }
    found = []
    for text, rows in parts.items():
        counts = [one for row in rows if (one := _count(sheet, row, column)) is not None]
        if total is not None and counts and len(counts) == len(rows) and sum(counts) != total:
            values: dict[str, Cell] = {
                "group": sheet.group.title,
                "column": label,
                "sum": Number(sum(counts)),
                "total": Number(total),
            }
            found.append(Words(text, values))
    return found


def _count(sheet: Sheet, row: str, column: str) -> Fraction | None:
    one = sheet.rows.get(row)
    value: Fraction | None = getattr(one, column) if one else None
    return value


def _doubts(sheet: Sheet, row: Row) -> list[Words]:
    values: dict[str, Cell] = {"group": sheet.group.title, "row": heading(row.id)}
    found = []
    if row.typed is not None and row.base is not None and abs(row.base - row.typed) > Fraction(1, 10):
        values |= {"counted": Number(row.base, 1, "%"), "typed": Number(row.typed, 1, "%")}
        text = N_(
            "%(group)s (%(row)s): covered ÷ population gives %(counted)s, the rate says %(typed)s. Used: the counts."
        )
        found.append(Words(text, values))
    if row.now and row.now[0] > row.goal:
        values |= {"now": Number(row.now[0], 1, "%"), "goal": Number(row.goal, 1, "%")}
        found.append(
            Words(N_("%(group)s (%(row)s): the target for 2030, %(goal)s, is below what is reached, %(now)s."), values)
        )
    return found
