"""What a benefit costs, in money and as a share of GDP."""

from fractions import Fraction

from app.core.tools._frame import (
    N_,
    PER_CENT,
    Example,
    Field,
    Formula,
    Group,
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
SCALES = {"1": 1, "thousand": 10**3, "million": 10**6, "billion": 10**9}
BY_NUMBERS = ("recipients", "benefit", "gdp", "population")
BY_SHARES = ("people-share", "level-share")


def work(values: Values) -> Result:
    """Raises Unfit where neither way is filled in, or one of them by half."""
    administration = (values["administration"] or Fraction(0)) / 100
    numbers = any(values[name] is not None for name in BY_NUMBERS)
    shares = any(values[name] is not None for name in BY_SHARES)
    if not numbers and not shares:
        raise Unfit({"recipients": N_("Fill in recipients and benefit, or the two shares below.")})
    parts = [by_numbers(values, administration)] if numbers else []
    parts += [by_shares(values, administration)] if shares else []
    return Result(
        tuple(words for part in parts for words in part.words), tuple(table for part in parts for table in part.tables)
    )


def by_numbers(values: Values, administration: Fraction) -> Result:
    for name in ("recipients", "benefit"):
        if values[name] is None:
            raise Unfit({name: N_("Fill in both recipients and benefit.")})
    recipients, population = values["recipients"], values["population"]
    if population is not None and population < recipients:
        raise Unfit({"population": N_("There can't be more recipients than people. Or are some counted twice?")})
    yearly = values["benefit"] * (MONTHS if values["period"] == "month" else 1)
    benefits = recipients * yearly
    cost = benefits * (1 + administration)
    rows = [
        (N_("Benefits in a year"), money(benefits)),
        (N_("Administration"), money(cost - benefits)),
        (N_("Cost in a year"), money(cost)),
    ]
    words = [say(N_("The benefit costs %(cost)s a year."), cost=money(cost))]
    gdp = None if values["gdp"] is None else values["gdp"] * SCALES[values["scale"]]
    if gdp is not None:
        if cost > gdp:
            raise Unfit({"gdp": TOO_MUCH})
        words.append(say(N_("That is %(share)s of GDP."), share=percent(cost / gdp, 2)))
        rows.append((N_("Cost in per cent of GDP"), percent(cost / gdp, 2)))
        if population is not None:
            words.append(identity(recipients / population, yearly * population / gdp, administration))
    return Result(tuple(words), (Table(N_("Cost by numbers"), ("", N_("Amount")), tuple(rows)),))


def by_shares(values: Values, administration: Fraction) -> Result:
    for name in BY_SHARES:
        if values[name] is None:
            raise Unfit({name: N_("Fill in both shares, or neither.")})
    people, level = values["people-share"] / 100, values["level-share"] / 100
    if people * level * (1 + administration) > 1:
        raise Unfit({"level-share": TOO_MUCH})
    rows = (
        (N_("Recipients, share of all people"), percent(people, 2)),
        (N_("Benefit, share of GDP per head"), percent(level, 2)),
        (N_("Administration, added to benefits"), percent(administration, 2)),
        (N_("Cost in per cent of GDP"), percent(people * level * (1 + administration), 2)),
    )
    return Result((identity(people, level, administration),), (Table(N_("Cost by shares"), ("", N_("Value")), rows),))


def identity(people: Fraction, level: Fraction, administration: Fraction) -> Words:
    """The share identity in words: what it costs depends on two shares and nothing else."""
    return say(
        N_(
            "By shares: %(people)s of people × %(level)s of GDP per head, with %(more)s for administration, is "
            "%(share)s of GDP."
        ),
        people=percent(people, 2),
        level=percent(level, 2),
        more=percent(administration, 2),
        share=percent(people * level * (1 + administration), 2),
    )


TOO_MUCH = N_(
    "The benefit would cost more than all that the country produces in a year. Check the amounts, and what they are "
    "given in."
)

TOOL = Tool(
    title=N_("What a benefit costs"),
    summary=N_("Works out the yearly cost of a benefit in money and in per cent of GDP, from numbers or from shares."),
    action="A5",
    purpose=(
        N_("A first estimate for a talk with the finance ministry: how much money, and what share of GDP."),
        N_("Fill in numbers, or two shares, or both."),
    ),
    formulas=(
        Formula(
            N_("cost = recipients × benefit in a year × (1 + administration)"),
            N_("Own formula. Administration is counted on top of benefits."),
        ),
        Formula(
            N_("cost in per cent of GDP = recipients ÷ people × benefit ÷ GDP per head × (1 + administration) × 100"),
            N_("Own formula: the one above, divided by GDP = people × GDP per head."),
        ),
    ),
    asks=(
        Group(
            legend=N_("By numbers"),
            fields={
                "recipients": Field(label=N_("Recipients"), whole=True, zero=False),
                "benefit": Field(label=N_("Benefit for one person"), zero=False),
                "period": Field(
                    label=N_("The benefit is paid for a"),
                    kind="choice",
                    choices=(("month", N_("month")), ("year", N_("year"))),
                ),
                "gdp": Field(label=N_("GDP of a year (if you know it)"), hint=N_("In the same currency."), zero=False),
                "scale": Field(
                    label=N_("GDP is given in"),
                    kind="choice",
                    choices=(
                        ("1", N_("single units of the currency")),
                        ("thousand", N_("thousands")),
                        ("million", N_("millions")),
                        ("billion", N_("billions (thousand millions)")),
                    ),
                ),
                "population": Field(
                    label=N_("All people (if you know them)"),
                    hint=N_("Shows the cost by shares as well."),
                    whole=True,
                    zero=False,
                ),
            },
        ),
        Group(
            legend=N_("Or by shares"),
            fields={
                "people-share": Field(
                    label=N_("Recipients, share of all people"),
                    unit=PER_CENT,
                    zero=False,
                    most=100,
                    why=N_("A share of people ends there."),
                ),
                "level-share": Field(
                    label=N_("Benefit in a year, share of GDP per head"),
                    unit=PER_CENT,
                    zero=False,
                    most=1000,
                    why=N_("Check both amounts."),
                ),
            },
        ),
        Group(
            legend=N_("Administration"),
            fields={
                "administration": Field(
                    label=N_("Administration, added to benefits"),
                    hint=N_("Empty counts as none."),
                    unit=PER_CENT,
                    most=100,
                    why=N_("It would cost more than the benefits."),
                )
            },
        ),
    ),
    work=work,
    example=Example(
        N_(
            "The fictional State of Teluvo plans a pension of 1,500 shells a month for 1.2 million older persons among "
            "15 million people. Administration adds 4 per cent. GDP is 1,800 billion shells."
        ),
        {
            "recipients": "1200000",
            "benefit": "1500",
            "period": "month",
            "gdp": "1800",
            "scale": "billion",
            "population": "15000000",
            "administration": "4",
        },
    ),
)
