"""Persons covered by several schemes, each counted once, and the coverage rate."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from app.core.tools._frame import (
    N_,
    POINTS,
    Cell,
    Example,
    Field,
    Formula,
    Grid,
    Group,
    Number,
    Result,
    Table,
    Tool,
    Typed,
    Unfit,
    Values,
    Words,
    percent,
    say,
)

MOST = 6
ROWS = tuple(str(number) for number in range(1, MOST + 1))


@dataclass(frozen=True)
class Scheme:
    """A scheme's row: who is on its list, and how many of these are on a list above."""

    row: str
    name: Cell
    persons: Fraction
    above: Fraction


def work(values: Values) -> Result:
    schemes = list(read_schemes(values))
    net = net_of(schemes)
    population = values["population"]
    if net > population:
        raise Unfit({"population": say(TOO_MANY, net=Number(net), population=Number(population))})
    groups = [(N_("All"), population, net), *by_sex(values, population, net)]
    listed = sum((one.persons for one in schemes), Fraction(0))
    words = [
        say(
            N_("%(net)s persons are covered, each counted once. That is %(rate)s of %(population)s."),
            net=Number(net),
            rate=percent(net / population),
            population=Number(population),
        ),
        say(N_("Not covered: %(rest)s persons."), rest=Number(population - net)),
    ]
    if listed > net:
        words.append(
            say(
                N_("The lists together hold %(listed)s persons; %(again)s of them are the same persons again."),
                listed=Number(listed),
                again=Number(listed - net),
            )
        )
    return Result((*words, *gap(groups)), (steps(schemes), rates(groups)))


def read_schemes(values: Values) -> Iterator[Scheme]:
    """The rows that are filled in; raises Unfit where there is none, or where they contradict each other."""
    net, empty = Fraction(0), True
    for row in ROWS:
        persons, above = values[f"persons-{row}"], values.get(f"above-{row}")
        name: Cell = Typed(text) if (text := values[f"name-{row}"]) else say(N_("Scheme %(n)s"), n=Number(int(row)))
        if persons is None:
            if above is not None or values[f"name-{row}"]:
                raise Unfit({f"persons-{row}": N_("Fill in how many persons this scheme covers, or empty its row.")})
            continue
        if above is not None and above > persons:
            raise Unfit({f"above-{row}": say(MORE_THAN_SCHEME, name=name, persons=Number(persons))})
        if above is not None and above > net:
            raise Unfit({f"above-{row}": say(MORE_THAN_ABOVE, net=Number(net))})
        empty = False
        scheme = Scheme(row, name, persons, above or Fraction(0))
        net += scheme.persons - scheme.above
        yield scheme
    if empty:
        raise Unfit({"persons-1": N_("Fill in the persons of at least one scheme.")})


def net_of(schemes: list[Scheme]) -> Fraction:
    return sum((one.persons - one.above for one in schemes), Fraction(0))


def by_sex(values: Values, population: Fraction, net: Fraction) -> list[tuple[Cell, Fraction, Fraction]]:
    """Women and men with population and covered; nothing where nothing was said of women."""
    women, covered = values["women"], values["women-covered"]
    if women is None and covered is None:
        return []
    if women is None or covered is None:
        missing = "women" if women is None else "women-covered"
        raise Unfit({missing: N_("Fill in both numbers of women and girls, or neither.")})
    if women > population:
        raise Unfit({"women": say(N_("There are only %(all)s persons in the group."), all=Number(population))})
    if covered > min(women, net):
        most = Number(min(women, net))
        raise Unfit({"women-covered": say(N_("At most %(most)s women and girls can be covered here."), most=most)})
    men, rest = population - women, net - covered
    if rest > men:
        raise Unfit({"women-covered": say(TOO_MANY_MEN, covered=Number(rest), men=Number(men))})
    return [(N_("Women and girls"), women, covered), (N_("Men and boys"), men, rest)]


def gap(groups: list[tuple[Cell, Fraction, Fraction]]) -> Iterator[Words]:
    if len(groups) < 3 or not all(people for _, people, _ in groups):
        return
    _, women, men = (covered / people for _, people, covered in groups)
    yield say(N_("Women and girls: %(women)s covered. Men and boys: %(men)s."), women=percent(women), men=percent(men))
    between = Number(abs(men - women) * 100, 1, POINTS)
    if women < men:
        yield say(N_("The rate of women and girls is %(gap)s lower."), gap=between)
    elif women > men:
        yield say(N_("The rate of women and girls is %(gap)s higher."), gap=between)


def steps(schemes: list[Scheme]) -> Table:
    rows, total = [], Fraction(0)
    for one in schemes:
        new = one.persons - one.above
        total += new
        rows.append((one.name, Number(one.persons), Number(one.above), Number(new), Number(total)))
    head = ("", N_("Persons on the list"), N_("Counted above"), N_("New persons"), N_("Together"))
    return Table(N_("Each person once"), head, tuple(rows))


def rates(groups: list[tuple[Cell, Fraction, Fraction]]) -> Table:
    head = ("", N_("Population"), N_("Covered"), N_("Not covered"), N_("Rate"))
    rows = tuple(
        (name, Number(people), Number(covered), Number(people - covered), percent(covered / people) if people else "")
        for name, people, covered in groups
    )
    return Table(N_("Coverage"), head, rows)


TOO_MANY = N_(
    "%(net)s persons would be covered of %(population)s: a rate over 100 per cent. Look for persons "
    "counted twice, or for an old population number."
)
MORE_THAN_SCHEME = N_("The overlap is larger than the scheme: “%(name)s” has only %(persons)s persons.")
MORE_THAN_ABOVE = N_("The schemes above cover only %(net)s persons together.")
TOO_MANY_MEN = N_("That would leave %(covered)s men and boys covered of %(men)s. Check the numbers of women and girls.")

TOOL = Tool(
    title=N_("Coverage and overlap"),
    summary=N_(
        "Adds up schemes, counts each person once, and gives the share of people covered, also for women and men."
    ),
    action="A7",
    purpose=(
        N_("Several lists hold some persons twice. A coverage rate counts each person once."),
        N_("Match each list with the lists above it, and enter how many persons you found again."),
    ),
    formulas=(
        Formula(
            N_("persons covered = sum of (persons on a list − those already on a list above)"),
            N_("Own formula: for two lists it is A + B − persons in both."),
        ),
        Formula(
            N_("coverage rate = persons covered ÷ population × 100"),
            N_(
                "United Nations, metadata of SDG indicator 1.3.1: covered is who contributes to a scheme or receives a "
                "benefit, as a share of the population."
            ),
        ),
        Formula(
            N_("gap = rate of men and boys − rate of women and girls, in percentage points"), N_("Usual definition.")
        ),
    ),
    asks=(
        Group(
            fields={
                "population": Field(
                    label=N_("Persons in the group"),
                    hint=N_("All who should be covered: for example all residents, or all children under 18."),
                    required=True,
                    whole=True,
                    zero=False,
                )
            },
        ),
        Grid(
            legend=N_("Schemes"),
            corner=N_("Scheme"),
            rows=tuple((row, say(N_("Scheme %(n)s"), n=Number(int(row)))) for row in ROWS),
            columns={
                "name": Field(label=N_("Name"), kind="text"),
                "persons": Field(label=N_("Persons"), whole=True),
                "above": Field(label=N_("Of these on a list above"), whole=True),
            },
            without=frozenset({"above-1"}),
            hint=N_("Fill in the rows that you need."),
        ),
        Group(
            legend=N_("Women and girls (if you know them)"),
            fields={
                "women": Field(label=N_("Women and girls in the group"), whole=True),
                "women-covered": Field(label=N_("Women and girls covered, each counted once"), whole=True),
            },
        ),
    ),
    work=work,
    example=Example(
        N_(
            "On the fictional islands of Tavilo live 1,000,000 adults. The pension fund lists 400,000 persons, the "
            "farmers' fund 300,000. A match of the lists finds 80,000 persons on both. Half of the adults are women; "
            "260,000 of them are covered."
        ),
        {
            "population": "1000000",
            "persons-1": "400000",
            "persons-2": "300000",
            "above-2": "80000",
            "women": "500000",
            "women-covered": "260000",
        },
    ),
)
