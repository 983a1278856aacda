"""Whether a benefit is enough: against three measures, and after years of inflation."""

from fractions import Fraction

from app.core.tools._frame import (
    N_,
    PER_CENT,
    Cell,
    Example,
    Field,
    Formula,
    Group,
    Number,
    Result,
    Table,
    Tool,
    Unfit,
    Values,
    Words,
    money,
    percent,
    say,
)

MONTHS = 12
# field -> what the benefit is compared with, in how many months, and the sentence
MEASURES = {
    "line": (N_("Poverty line"), 1, N_("The benefit is %(share)s of the poverty line.")),
    "gdp": (N_("GDP per head"), MONTHS, N_("The benefit is %(share)s of GDP per head.")),
    "wage": (N_("Wage"), 1, N_("The benefit is %(share)s of the wage.")),
}


def work(values: Values) -> Result:
    monthly = values["benefit"] / (MONTHS if values["period"] == "year" else 1)
    years, inflation = values["years"], values["inflation"]
    if (years is None) != (inflation is None):
        missing = "years" if years is None else "inflation"
        raise Unfit({missing: N_("Fill in both inflation and years, or neither.")})
    given = [name for name in MEASURES if values[name] is not None]
    if not given and years is None:
        raise Unfit(
            {"line": N_("Fill in something to compare with: the poverty line, GDP per head, a wage or inflation.")}
        )
    words: list[Words] = []
    tables = []
    if given:
        shares = {name: monthly * MEASURES[name][1] / values[name] for name in given}
        words += [say(MEASURES[name][2], share=percent(share)) for name, share in shares.items()]
        tables.append(compared(monthly, shares, values))
    if years is not None:
        words += after(monthly, inflation / 100, int(years))
        tables.append(by_year(monthly, inflation / 100, int(years)))
    return Result(tuple(words), tuple(tables))


def compared(monthly: Fraction, shares: dict[str, Fraction], values: Values) -> Table:
    rows = tuple(
        (
            MEASURES[name][0],
            N_("year") if MEASURES[name][1] == MONTHS else N_("month"),
            money(monthly * MEASURES[name][1]),
            money(values[name]),
            percent(share),
        )
        for name, share in shares.items()
    )
    return Table(N_("The benefit compared"), ("", N_("Period"), N_("Benefit"), N_("Measure"), N_("In per cent")), rows)


def left(inflation: Fraction, years: int) -> Fraction:
    """The share of the real value that is left of an amount that stays the same."""
    return 1 / (1 + inflation) ** years


def after(monthly: Fraction, inflation: Fraction, years: int) -> list[Words]:
    rest = left(inflation, years)
    values: dict[str, Cell] = {
        "rest": percent(rest),
        "change": percent(abs(1 - rest)),
        "worth": money(monthly * rest),
        "needed": money(monthly / rest),
        "monthly": money(monthly),
        "years": Number(years),
    }
    if rest > 1:
        return [Words(N_("Prices fall: after the years (%(years)s) the same amount buys %(change)s more."), values)]
    return [
        Words(
            N_(
                "If the amount stays the same, %(rest)s of its value is left after the years (%(years)s): it buys what "
                "%(worth)s a month buys today."
            ),
            values,
        ),
        Words(N_("To keep its value it would have to rise from %(monthly)s to %(needed)s a month."), values),
    ]


def by_year(monthly: Fraction, inflation: Fraction, years: int) -> Table:
    rows = tuple(
        (
            say(N_("After year %(n)s"), n=Number(year)),
            percent(left(inflation, year)),
            money(monthly * left(inflation, year)),
            money(monthly / left(inflation, year)),
        )
        for year in range(1, years + 1)
    )
    head = ("", N_("Real value left"), N_("Buys what this buys today"), N_("Amount that keeps the value"))
    return Table(N_("Year by year, an amount a month"), head, rows)


TOOL = Tool(
    title=N_("Is a benefit enough?"),
    summary=N_(
        "Compares a benefit with the poverty line, GDP per head and a wage, and shows what rising prices leave of it."
    ),
    action="A2",
    purpose=(
        N_("No single measure tells whether a benefit lets people live in dignity. Compare it with several."),
        N_("Fill in what you know. Use one currency, and prices of the same year."),
    ),
    formulas=(
        Formula(
            N_("share = benefit ÷ poverty line, GDP per head or wage × 100"),
            N_("Usual measures. That levels allow a life in dignity is asked by ILO Recommendation No. 202 (2012)."),
        ),
        Formula(
            N_("real value left = 1 ÷ (1 + inflation) to the power of the years × 100"),
            N_("Arithmetic of prices. ILO Convention No. 102 (1952) asks that pensions in payment be adjusted."),
        ),
    ),
    asks=(
        Group(
            fields={
                "benefit": Field(label=N_("Benefit for one person"), required=True, zero=False),
                "period": Field(
                    label=N_("The benefit is paid for a"),
                    kind="choice",
                    choices=(("month", N_("month")), ("year", N_("year"))),
                ),
            }
        ),
        Group(
            legend=N_("Compare with"),
            fields={
                "line": Field(label=N_("Poverty line for one person, a month"), zero=False),
                "gdp": Field(label=N_("GDP per head, a year"), zero=False),
                "wage": Field(label=N_("Average or minimum wage, a month"), zero=False),
            },
        ),
        Group(
            legend=N_("What prices do"),
            fields={
                "inflation": Field(
                    label=N_("Inflation a year"),
                    unit=PER_CENT,
                    least=-50,
                    most=1000,
                    why=N_("Work with months where prices rise so fast."),
                ),
                "years": Field(
                    label=N_("Years without a rise of the benefit"),
                    whole=True,
                    zero=False,
                    most=60,
                    why=N_("Nobody knows prices so far ahead."),
                ),
            },
        ),
    ),
    work=work,
    example=Example(
        N_(
            "The fictional islands of Vesalu pay a pension of 3,000 shells a month. The poverty line is 5,000 shells a "
            "month and GDP per head 180,000 shells a year. Prices rise by 6 per cent a year, and no rule raises the "
            "pension with them."
        ),
        {"benefit": "3000", "period": "month", "line": "5000", "gdp": "180000", "inflation": "6", "years": "5"},
    ),
)
