"""The worksheet for targets of SDG 1.3 by sex and age: base, straight line, result of 2025, points a year to 2030."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial

from app.core.content import Library
from app.core.tools._frame import (
    N_,
    PER_CENT,
    POINTS,
    Cell,
    Example,
    Field,
    Formula,
    Grid,
    Group,
    Number,
    Quoted,
    Result,
    Table,
    Tool,
    Typed,
    Unfit,
    Values,
    Words,
    say,
)
from app.core.tools._published import fill
from app.core.tools._worksheet import (
    AGES,
    GROUPS,
    LAST,
    SEXES,
    Row,
    Sheet,
    checks,
    heading,
    read_sheet,
)

TOO_HIGH = N_("Look for people counted twice, or an old population count.")
QUALITY = (("", Typed("–")), ("A", Typed("A")), ("B", Typed("B")), ("C", Typed("C")))


def rate(label: str) -> Field:
    return Field(label=label, unit=PER_CENT, most=100, why=TOO_HIGH)


CELLS = {
    "population": Field(label=N_("Population"), zero=False),
    "covered": Field(label=N_("Covered")),
    "base": rate(N_("First rate")),
    "aim": rate(N_("Target 2025")),
    "reached": rate(N_("Reached 2025")),
    "latest": rate(N_("Latest rate")),
    "goal": rate(N_("Target 2030")),
    "quality": Field(label=N_("Data quality"), kind="choice", choices=QUALITY),
}


def made(library: Library) -> Tool:
    """The worksheet with the countries of the library, and their published values."""
    countries = sorted(
        ((code, Quoted(one.name)) for code, one in library.countries.items() if one.m49),
        key=lambda one: next(iter(one[1].texts.values())),
    )
    choices: tuple[tuple[str, Cell], ...] = (("", N_("No country: my own numbers")), *countries)
    country = Field(label=N_("Country or area"), kind="choice", choices=choices)
    first = Group(fields={"country": country, "group": GROUP})
    return replace(
        TOOL, asks=(first, *TOOL.asks[1:]), work=partial(work, dict(countries)), fill=partial(fill, library.published)
    )


GROUP = Field(
    label=N_("Group of people"),
    kind="choice",
    choices=(("", N_("Choose a group")), *((id, one.title) for id, one in GROUPS.items())),
)


def sheets() -> Iterator[Group | Grid]:
    """The parts of the form: for each group its years and sources, then its rows by sex and by age."""
    for id, one in GROUPS.items():
        yield Group(
            name=id,
            legend=one.title,
            hint=one.hint,
            fields={
                f"year-{id}": Field(
                    label=N_("Year of the first rate (2021 if empty)"), whole=True, least=1990, most=2024, longest=10
                ),
                f"latest_year-{id}": Field(
                    label=N_("Year of the latest rate"),
                    hint=N_("After 2021; leave it empty where 2025 is your latest."),
                    whole=True,
                    least=2022,
                    most=LAST - 1,
                    longest=10,
                ),
                f"office-{id}": Field(label=N_("Lead office"), kind="text", longest=100),
                f"source-{id}": Field(label=N_("Source"), kind="text", longest=200),
            },
        )
        yield grid(id, N_("By sex"), one.sexes)
        if one.ages:
            yield grid(id, N_("By age"), one.ages)


def grid(group: str, legend: str, rows: tuple[str, ...]) -> Grid:
    quality = N_("Rates are in per cent. Data quality: A good, B usable, C a guess.")
    return Grid(
        name=group,
        legend=legend,
        hint=quality,
        rows=tuple((f"{group}-{row}", heading(row)) for row in rows),
        columns=CELLS,
    )


def work(countries: Mapping[str, Cell], values: Values) -> Result:
    found = [sheet for group in GROUPS if (sheet := read_sheet(group, values)).rows]
    if not any(row.now for sheet in found for row in sheet.rows.values()):
        group = values["group"]
        field = f"base-{group}-{GROUPS[group].sexes[-1]}" if group else "group"
        raise Unfit({field: N_("Fill in at least one rate, or a population and how many are covered.")})
    words = tuple(one for sheet in found for one in told(sheet))
    place = countries.get(values.get("country") or "", "")
    tables = tuple(one for sheet in found for one in tables_of(sheet, place))
    return Result(words, tables, checks=tuple(one for sheet in found for one in checks(sheet)))


def told(sheet: Sheet) -> Iterator[Words]:
    """The total in full, or each row where there is no total; the 2025 result; then the pace of both sexes."""
    total = sheet.rows.get("total")
    rows = [total] if total and total.now else [one for one in sheet.rows.values() if one.id in SEXES]
    for row in rows:
        if row.now:
            yield path(sheet, row)
    for row in sheet.rows.values():
        if row.id in SEXES and row.aim is not None and row.reached is not None:
            yield result_2025(sheet, row)
    women, men = sheet.rows.get("women"), sheet.rows.get("men")
    if women and men and women.pace is not None and men.pace is not None:
        yield say(
            N_(
                "%(group)s: to reach the targets for 2030, women and girls need %(women)s a year, men and boys %(men)s."
            ),
            group=sheet.group.title,
            women=Number(women.pace, 1, POINTS),
            men=Number(men.pace, 1, POINTS),
        )


def path(sheet: Sheet, row: Row) -> Words:
    assert row.now
    assert row.pace is not None
    values: dict[str, Cell] = {
        "group": sheet.group.title,
        "row": heading(row.id),
        "base": share(row.base),
        "year": Typed(str(row.year)),
        "goal": Number(row.goal, 1, PER_CENT),
        "line": share(row.line),
        "now": Number(row.now[0], 1, PER_CENT),
        "now_year": Typed(str(row.now[1])),
        "pace": Number(row.pace, 1, POINTS),
    }
    if row.pace <= 0:
        return Words(
            N_("%(group)s (%(row)s): %(now)s in %(now_year)s. The target of %(goal)s for 2030 is reached."), values
        )
    if row.base is None:
        return Words(
            N_("%(group)s (%(row)s): from %(now)s in %(now_year)s it takes %(pace)s a year to %(goal)s in 2030."),
            values,
        )
    return Words(
        N_(
            "%(group)s (%(row)s): %(base)s in %(year)s. The straight line to %(goal)s in 2030 passes %(line)s in 2025. "
            "From %(now)s in %(now_year)s it takes %(pace)s a year."
        ),
        values,
    )


def result_2025(sheet: Sheet, row: Row) -> Words:
    assert row.aim is not None
    assert row.reached is not None
    text = (
        N_("%(group)s (%(row)s): in 2025 the target of %(aim)s was reached, with %(reached)s.")
        if row.reached >= row.aim
        else N_("%(group)s (%(row)s): in 2025 %(reached)s were reached, %(gap)s below the target of %(aim)s.")
    )
    values: dict[str, Cell] = {
        "group": sheet.group.title,
        "row": heading(row.id),
        "aim": Number(row.aim, 1, PER_CENT),
        "reached": Number(row.reached, 1, PER_CENT),
        "gap": Number(row.aim - row.reached, 1, POINTS),
    }
    return Words(text, values)


def tables_of(sheet: Sheet, place: Cell) -> Iterator[Table]:
    """The targets, the numbers behind them, and who answers for them."""
    year = next(iter(sheet.rows.values())).year
    head = ("", say(N_("Rate %(year)s"), year=Typed(str(year))), N_("Straight line 2025"), *TARGETS)
    rows = tuple(
        (
            heading(row.id),
            *(share(one) for one in (row.base, row.line, row.aim, row.reached, row.latest, row.goal)),
            "" if row.pace is None else Number(row.pace, 1),
        )
        for row in ordered(sheet)
    )
    yield Table(sheet.group.title, head, rows)
    counts = tuple(
        (heading(row.id), count(row.population), count(row.covered), typed(row.quality))
        for row in ordered(sheet)
        if row.population is not None or row.quality
    )
    behind = say(N_("%(group)s: the numbers behind"), group=sheet.group.title)
    yield Table(behind, ("", N_("Population"), N_("Covered"), N_("Data quality")), counts)
    facts = (
        (N_("Country or area"), place),
        (N_("Lead office"), typed(sheet.office)),
        (N_("Source"), typed(sheet.source)),
    )
    told_by = say(N_("%(group)s: who answers for it"), group=sheet.group.title)
    yield Table(told_by, ("", N_("Name")), tuple(row for row in facts if row[1]))


TARGETS = (
    N_("Target 2025"),
    N_("Reached 2025"),
    N_("Latest rate"),
    N_("Target 2030"),
    N_("Points a year needed"),
)


def ordered(sheet: Sheet) -> list[Row]:
    return [sheet.rows[row] for row in (*SEXES, *AGES) if row in sheet.rows]


def share(value: Fraction | None) -> Cell:
    return "" if value is None else Number(value, 1, PER_CENT)


def count(value: Fraction | None) -> Cell:
    return "" if value is None else Number(value)


def typed(text: str) -> Cell:
    return Typed(text) if text else ""


TOOL = Tool(
    title=N_("Worksheet for SDG 1.3 targets"),
    summary=N_("Holds rates and targets by sex and age for 2021, 2025 and 2030, and checks what you fill in."),
    action="A7",
    purpose=(
        N_("Work on one group at a time. What you filled in for the others stays while the page is open."),
        N_(
            "With a country, the page starts from what the United Nations published for it, by sex where there is any. "
            "You can change every number."
        ),
    ),
    formulas=(
        Formula(
            N_("rate = covered ÷ population × 100; each person counts once, whatever number of schemes pays"),
            N_("Indicator 1.3.1 of the Sustainable Development Goals (custodian: ILO)."),
        ),
        Formula(
            N_("straight line in 2025 = rate of 2021 + 4 ÷ 9 × (target 2030 − rate of 2021)"),
            N_(
                "Arithmetic of this course; with another first year, (2025 − year) ÷ (2030 − year) takes the place of "
                "4 ÷ 9. The years are those of national action A7."
            ),
        ),
        Formula(
            N_("points a year = (target 2030 − newest rate) ÷ (2030 − its year)"),
            N_("Arithmetic of this course. Without another target, 2030 means the whole population, 100 %."),
        ),
    ),
    asks=(Group(fields={"group": GROUP}), *sheets()),
    work=partial(work, {}),
    example=Example(
        N_(
            "In the fictional Republic of Tavoro, 1,200,000 of 3,000,000 women and girls and 1,400,000 of 2,800,000 "
            "men and boys received at least one benefit in 2021. The target for 2030 is everybody."
        ),
        {
            "group": "everybody",
            "population-everybody-women": "3000000",
            "covered-everybody-women": "1200000",
            "population-everybody-men": "2800000",
            "covered-everybody-men": "1400000",
        },
    ),
    template="public/targets.html",
    echoes=False,
    made=made,
)
