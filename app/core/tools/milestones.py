"""The straight line from a base year to a target, and the pace that it asks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from app.core.tools._frame import (
    N_,
    PER_CENT,
    POINTS,
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
    say,
)

LONGEST = 40


@dataclass(frozen=True)
class Line:
    """The straight line: rates in per cent, years as whole numbers."""

    start: int
    rate: Fraction
    end: int
    target: Fraction

    @property
    def pace(self) -> Fraction:
        return (self.target - self.rate) / (self.end - self.start)

    def at(self, year: int) -> Fraction:
        return self.rate + self.pace * (min(year, self.end) - self.start)

    def table(self) -> Table:
        rows = tuple((Number(year), rate(self.at(year))) for year in range(self.start, self.end + 1))
        return Table(N_("Milestones on the straight line"), (N_("Year"), N_("Rate")), rows)


@dataclass(frozen=True)
class Today:
    """Where one stands: year, rate, and the points a year of the present pace."""

    year: int
    rate: Fraction
    pace: Fraction


def work(values: Values) -> Result:
    line, now = read_line(values), read_today(values)
    first = say(
        N_("From %(start)s to %(end)s the straight line rises by %(pace)s a year."),
        start=Number(line.start),
        end=Number(line.end),
        pace=points(line.pace),
    )
    if now is None:
        return Result((first,), (line.table(),))
    return Result((first, *standing(line, now), *outlook(line, now)), (against(line, now), line.table()))


def read_line(values: Values) -> Line:
    line = Line(int(values["base-year"]), values["base-rate"], int(values["target-year"]), values["target-rate"])
    if line.end <= line.start:
        raise Unfit({"target-year": N_("The target year must come after the base year.")})
    if line.end - line.start > LONGEST:
        most = Number(LONGEST)
        raise Unfit({"target-year": say(N_("A straight line over more than %(most)s years says little."), most=most)})
    if line.target <= line.rate:
        raise Unfit({"target-rate": N_("The target must be above the rate of the base year.")})
    return line


def read_today(values: Values) -> Today | None:
    year, now, pace = values["present-year"], values["present-rate"], values["pace"]
    if year is None and now is None and pace is None:
        return None
    for name, value in (("present-year", year), ("present-rate", now)):
        if value is None:
            raise Unfit({name: N_("Fill in both the latest year and its rate.")})
    years = year - values["base-year"]
    if years < 0:
        raise Unfit({"present-year": N_("The latest year can't be before the base year.")})
    if pace is None and not years:
        raise Unfit({"pace": N_("Fill in a pace: from one year alone it can't be worked out.")})
    return Today(int(year), now, (now - values["base-rate"]) / years if pace is None else pace)


def standing(line: Line, now: Today) -> Iterator[Words]:
    """Against the line, in the latest year."""
    gap = now.rate - line.at(now.year)
    values: dict[str, Cell] = {"year": Number(now.year), "rate": rate(now.rate), "milestone": rate(line.at(now.year))}
    values["gap"] = points(abs(gap))
    if gap < 0:
        text = N_("In %(year)s the rate is %(rate)s, the milestone %(milestone)s: %(gap)s below the line.")
    elif gap > 0:
        text = N_("In %(year)s the rate is %(rate)s, the milestone %(milestone)s: %(gap)s above the line.")
    else:
        text = N_("In %(year)s the rate is %(rate)s: exactly on the line.")
    yield Words(text, values)


def outlook(line: Line, now: Today) -> Iterator[Words]:
    """What is needed from now on, and where the present pace leads."""
    if now.rate >= line.target:
        yield Words(N_("The target is reached already."))
        return
    missing = points(line.target - now.rate)
    if now.year >= line.end:
        yield say(N_("The target year is over, and %(missing)s are missing."), missing=missing)
    else:
        yield say(
            N_("To reach %(target)s in %(end)s, %(need)s a year are needed from now on."),
            target=rate(line.target),
            end=Number(line.end),
            need=points(needed(line, now)),
        )
    if now.pace <= 0:
        yield Words(N_("At this pace the target is never reached: the rate does not rise."))
        return
    years = (line.target - now.rate) / now.pace
    yield say(
        N_("At a pace of %(pace)s a year the target is reached in %(year)s (years from now: %(years)s)."),
        pace=points(now.pace),
        year=Number(now.year + ceil(years)),
        years=Number(years, 1),
    )


def needed(line: Line, now: Today) -> Fraction:
    return (line.target - now.rate) / (line.end - now.year)


def against(line: Line, now: Today) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (N_("Rate"), rate(now.rate)),
        (N_("Milestone on the line"), rate(line.at(now.year))),
        (N_("Distance to the line"), points(now.rate - line.at(now.year))),
        (N_("Pace, a year"), points(now.pace)),
    ]
    if now.rate < line.target and now.year < line.end:
        rows.append((N_("Needed from now on, a year"), points(needed(line, now))))
    return Table(say(N_("Where you stand in %(year)s"), year=Number(now.year)), ("", N_("Value")), tuple(rows))


def rate(value: Fraction) -> Number:
    return Number(value, 1, PER_CENT)


def points(value: Fraction) -> Number:
    return Number(value, 1, POINTS)


def rate_field(label: str, *, required: bool = False, hint: str = "") -> Field:
    why = N_("A rate over 100 per cent points to persons counted twice or to an old population number.")
    return Field(label=label, unit=PER_CENT, most=100, why=why, required=required, hint=hint)


def year_field(label: str, *, required: bool = False) -> Field:
    return Field(label=label, whole=True, least=1990, most=2100, required=required)


TOOL = Tool(
    title=N_("Milestones on the way to a target"),
    summary=N_("Draws the straight line from a base year to a target, and tells how many points a year are needed."),
    action="A7",
    purpose=(
        N_("A target for 2030 needs milestones before, or nobody notices in time that a country falls behind."),
        N_(
            "The straight line is the simplest path. Compare the latest rate with it, and the pace with what is needed."
        ),
    ),
    formulas=(
        Formula(
            N_("milestone = base rate + years since the base year ÷ years in all × (target − base rate)"),
            N_("Own formula: a straight line between two points."),
        ),
        Formula(
            N_("points a year needed = (target − latest rate) ÷ years left"),
            N_("Own formula."),
        ),
        Formula(
            N_("present pace = (latest rate − base rate) ÷ years since the base year"),
            N_("Own formula."),
        ),
    ),
    asks=(
        Group(
            legend=N_("The line"),
            fields={
                "base-year": year_field(N_("Base year"), required=True),
                "base-rate": rate_field(N_("Rate in the base year"), required=True),
                "target-year": year_field(N_("Target year"), required=True),
                "target-rate": rate_field(N_("Target"), required=True),
            },
        ),
        Group(
            legend=N_("Where you stand (if you know it)"),
            fields={
                "present-year": year_field(N_("Latest year with a rate")),
                "present-rate": rate_field(N_("Rate in that year")),
                "pace": Field(
                    label=N_("Another pace, percentage points a year"),
                    hint=N_("Empty: the pace from the base year to the latest year."),
                    least=-100,
                    most=100,
                ),
            },
        ),
    ),
    work=work,
    example=Example(
        N_(
            "On the fictional islands of Sorelo 44.8 per cent of people were covered in 2021. All are to be covered in "
            "2030. In 2025 the rate was 58 per cent."
        ),
        {
            "base-year": "2021",
            "base-rate": "44.8",
            "target-year": "2030",
            "target-rate": "100",
            "present-year": "2025",
            "present-rate": "58",
        },
    ),
)
