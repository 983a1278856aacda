"""The six calculators: their worked examples, what they refuse, and what must hold for all numbers."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.core.tools import TOOLS, Number, adequacy, cost, coverage, errors, example_of, milestones, service
from tests.core.outcomes import asked, problems, rows, sentences

COUNTS = st.integers(0, 10**9)

EXAMPLES = {
    "coverage": [
        "620 000 persons are covered, each counted once. That is 62 % of 1 000 000.",
        "Not covered: 380 000 persons.",
        "The lists together hold 700 000 persons; 80 000 of them are the same persons again.",
        "Women and girls: 52 % covered. Men and boys: 72 %.",
        "The rate of women and girls is 20 percentage points lower.",
    ],
    "errors": [
        "Exclusion error: 45 %. Of 200 000 who should receive, 90 000 do not.",
        "Inclusion error: 26.7 %. Of 150 000 who receive, 40 000 should not.",
        "Take care with the denominator: divided by all 500 000, those missed look like only 18 %. The right whole is "
        "the 200 000 who should receive.",
    ],
    "adequacy": [
        "The benefit is 60 % of the poverty line.",
        "The benefit is 20 % of GDP per head.",
        "If the amount stays the same, 74.7 % of its value is left after the years (5): it buys what 2242 a month buys "
        "today.",
        "To keep its value it would have to rise from 3000 to 4015 a month.",
    ],
    "cost": [
        "The benefit costs 22 464 000 000 a year.",
        "That is 1.25 % of GDP.",
        "By shares: 8 % of people × 15 % of GDP per head, with 4 % for administration, is 1.25 % of GDP.",
    ],
    "milestones": [
        "From 2021 to 2030 the straight line rises by 6.1 percentage points a year.",
        "In 2025 the rate is 58 %, the milestone 69.3 %: 11.3 percentage points below the line.",
        "To reach 100 % in 2030, 8.4 percentage points a year are needed from now on.",
        "At a pace of 3.3 percentage points a year the target is reached in 2038 (years from now: 12.7).",
    ],
    "service": [
        "96 % of payments are made in time; 7600 of 190 000 come late or not at all.",
        "70 % of those eligible receive; 27 000 of 90 000 do not.",
        "2 % of records are double: 4500 of 225 000. Without them 220 500 are left.",
    ],
}


@pytest.mark.parametrize(("name", "words"), EXAMPLES.items())
def test_the_worked_examples_are_worked_out_by_the_same_function(name: str, words: list[str]) -> None:
    outcome = example_of(TOOLS[name])
    assert outcome is not None
    assert sentences(outcome) == words


LINE = {"base-year": "2021", "base-rate": "40", "target-year": "2030", "target-rate": "100"}
PAIR = {"intended": "100", "recipients": "80", "both": "60"}
ISLAND = {"population": "1000", "persons-1": "400", "persons-2": "300", "above-2": "80"}
COVERAGE = [
    ({"persons-1": "", "persons-2": "", "above-2": ""}, {"persons-1": "Fill in the persons of at least one scheme."}),
    (
        {"persons-2": ""},
        {"persons-2": "Fill in how many persons this scheme covers, or empty its row."},
    ),
    (
        {"above-2": "301"},
        {"above-2": "The overlap is larger than the scheme: “Scheme 2” has only 300 persons."},
    ),
    (
        {"persons-1": "50"},
        {"above-2": "The schemes above cover only 50 persons together."},
    ),
    (
        {"population": "600"},
        {
            "population": "620 persons would be covered of 600: a rate over 100 per cent. Look for persons counted "
            "twice, or for an old population number."
        },
    ),
    ({"women": "500"}, {"women-covered": "Fill in both numbers of women and girls, or neither."}),
    ({"women-covered": "500"}, {"women": "Fill in both numbers of women and girls, or neither."}),
    ({"women": "1001", "women-covered": "5"}, {"women": "There are only 1000 persons in the group."}),
    ({"women": "300", "women-covered": "301"}, {"women-covered": "At most 300 women and girls can be covered here."}),
    ({"women": "900", "women-covered": "621"}, {"women-covered": "At most 620 women and girls can be covered here."}),
    (
        {"women": "900", "women-covered": "500"},
        {"women-covered": "That would leave 120 men and boys covered of 100. Check the numbers of women and girls."},
    ),
]


@pytest.mark.parametrize(("entries", "found"), COVERAGE)
def test_coverage_refuses_what_contradicts_itself(entries: dict[str, str], found: dict[str, str]) -> None:
    assert problems(asked("coverage", ISLAND | entries)) == found


def test_coverage_counts_each_person_once_step_by_step() -> None:
    outcome = asked("coverage", ISLAND | {"persons-4": "50", "above-4": "50", "name-4": "Old list"})
    assert outcome.result
    assert rows(outcome.result.tables[0]) == [
        ("Scheme 1", "400", "0", "400", "400"),
        ("Scheme 2", "300", "80", "220", "620"),
        ("Old list", "50", "50", "0", "620"),
    ]
    assert rows(outcome.result.tables[1]) == [("All", "1000", "620", "380", "62 %")]


@pytest.mark.parametrize(
    ("women", "covered", "words"),
    [
        ("500", "310", ["Women and girls: 62 % covered. Men and boys: 62 %."]),
        (
            "500",
            "350",
            [
                "Women and girls: 70 % covered. Men and boys: 54 %.",
                "The rate of women and girls is 16 percentage points higher.",
            ],
        ),
        ("1000", "620", []),
        ("0", "0", []),
    ],
)
def test_coverage_compares_women_and_men(women: str, covered: str, words: list[str]) -> None:
    outcome = asked("coverage", ISLAND | {"women": women, "women-covered": covered})
    assert sentences(outcome)[3:] == words


@given(
    people=st.lists(st.sets(st.integers(0, 5), max_size=6), min_size=1, max_size=40),
)
def test_coverage_agrees_with_counting_heads(people: list[set[int]]) -> None:
    """Each person is a set of the schemes that list her."""
    assume(any(people))
    entries = {"population": str(len(people))}
    for scheme in range(6):
        entries[f"persons-{scheme + 1}"] = str(sum(scheme in lists for lists in people))
        if scheme:
            entries[f"above-{scheme + 1}"] = str(sum(scheme in lists and min(lists) < scheme for lists in people))
    assert coverage.net_of(list(coverage.read_schemes(asked("coverage", entries).entry.values))) == sum(
        map(bool, people)
    )


ERRORS = [
    (
        {"both": "101", "recipients": "200"},
        {"both": "Only 100 should receive, so no more of them can. Or are some counted twice?"},
    ),
    ({"both": "81"}, {"both": "Only 80 receive in all. Enter how many of these should."}),
    ({"all": "119"}, {"all": "The numbers above make at least 120. All can't be fewer."}),
]


@pytest.mark.parametrize(("entries", "found"), ERRORS)
def test_errors_refuses_what_contradicts_itself(entries: dict[str, str], found: dict[str, str]) -> None:
    assert problems(asked("errors", PAIR | entries)) == found


def test_errors_where_nobody_receives() -> None:
    outcome = asked("errors", {"intended": "100", "recipients": "0", "both": "0"})
    assert sentences(outcome) == [
        "Exclusion error: 100 %. Of 100 who should receive, 100 do not.",
        "Nobody receives, so there is no inclusion error to work out.",
    ]
    assert outcome.result
    assert rows(outcome.result.tables[0])[1] == ("Should not receive", "0", "not known", "not known")


@given(both=COUNTS, missed=COUNTS, extra=COUNTS, rest=COUNTS)
def test_the_four_cells_add_up(both: int, missed: int, extra: int, rest: int) -> None:
    assume(both + missed)
    table = errors.cells(*map(Fraction, (both + missed, both + extra, both, both + missed + extra + rest)))
    numbers = [[cell.value for cell in row[1:] if isinstance(cell, Number)] for row in table.rows]
    assert numbers == [
        [both, missed, both + missed],
        [extra, rest, extra + rest],
        [both + extra, missed + rest, both + missed + extra + rest],
    ]


ADEQUACY = [
    ({}, {"line": "Fill in something to compare with: the poverty line, GDP per head, a wage or inflation."}),
    ({"inflation": "5"}, {"years": "Fill in both inflation and years, or neither."}),
    ({"years": "5"}, {"inflation": "Fill in both inflation and years, or neither."}),
    ({"line": "0"}, {"line": "“Poverty line for one person, a month” can't be zero: everything is compared with it."}),
    ({"years": "0"}, {"years": "“Years without a rise of the benefit” can't be zero: everything is compared with it."}),
    (
        {"years": "500"},
        {"years": "“Years without a rise of the benefit” can't be more than 60. Nobody knows prices so far ahead."},
    ),
    ({"inflation": "-60"}, {"inflation": "“Inflation a year” can't be less than \u221250."}),
]


@pytest.mark.parametrize(("entries", "found"), ADEQUACY)
def test_adequacy_refuses(entries: dict[str, str], found: dict[str, str]) -> None:
    assert problems(asked("adequacy", {"benefit": "3000"} | entries)) == found


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"benefit": "36000", "period": "year", "line": "5000"}, ["The benefit is 60 % of the poverty line."]),
        ({"benefit": "3000", "wage": "12000"}, ["The benefit is 25 % of the wage."]),
        (
            {"benefit": "300", "inflation": "-10", "years": "1"},
            ["Prices fall: after the years (1) the same amount buys 11.1 % more."],
        ),
        (
            {"benefit": "300", "inflation": "0", "years": "3"},
            [
                "If the amount stays the same, 100 % of its value is left after the years (3): it buys what 300 a "
                "month buys today.",
                "To keep its value it would have to rise from 300 to 300 a month.",
            ],
        ),
    ],
)
def test_adequacy_in_words(entries: dict[str, str], words: list[str]) -> None:
    assert sentences(asked("adequacy", entries)) == words


@given(inflation=st.fractions(0, 10, max_denominator=1000), years=st.integers(1, 60))
def test_real_value_shrinks_and_indexing_restores_it(inflation: Fraction, years: int) -> None:
    rest = adequacy.left(inflation, years)
    assert 0 < rest <= 1
    assert rest * (1 + inflation) ** years == 1
    assert adequacy.left(inflation, years - 1) >= rest


TOO_MUCH = (
    "The benefit would cost more than all that the country produces in a year. Check the amounts, and what they are "
    "given in."
)
COST = [
    ({}, {"recipients": "Fill in recipients and benefit, or the two shares below."}),
    ({"administration": "4"}, {"recipients": "Fill in recipients and benefit, or the two shares below."}),
    ({"recipients": "5"}, {"benefit": "Fill in both recipients and benefit."}),
    ({"gdp": "5"}, {"recipients": "Fill in both recipients and benefit."}),
    ({"people-share": "5"}, {"level-share": "Fill in both shares, or neither."}),
    (
        {"recipients": "5", "benefit": "1", "population": "4"},
        {"population": "There can't be more recipients than people. Or are some counted twice?"},
    ),
    ({"recipients": "5", "benefit": "1", "gdp": "59"}, {"gdp": TOO_MUCH}),
    ({"people-share": "100", "level-share": "101"}, {"level-share": TOO_MUCH}),
    (
        {"people-share": "101", "level-share": "5"},
        {"people-share": "“Recipients, share of all people” can't be more than 100 %. A share of people ends there."},
    ),
    (
        {"recipients": "5", "benefit": "1", "administration": "-4"},
        {"administration": "“Administration, added to benefits” can't be less than zero."},
    ),
]


@pytest.mark.parametrize(("entries", "found"), COST)
def test_cost_refuses(entries: dict[str, str], found: dict[str, str]) -> None:
    assert problems(asked("cost", entries)) == found


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"recipients": "10", "benefit": "5.5"}, ["The benefit costs 660 a year."]),
        ({"recipients": "10", "benefit": "5.5", "period": "year"}, ["The benefit costs 55 a year."]),
        (
            {"people-share": "30", "level-share": "4"},
            ["By shares: 30 % of people × 4 % of GDP per head, with 0 % for administration, is 1.2 % of GDP."],
        ),
    ],
)
def test_cost_in_words(entries: dict[str, str], words: list[str]) -> None:
    assert sentences(asked("cost", entries)) == words


@given(
    recipients=st.integers(1, 10**8),
    more=st.integers(0, 10**9),
    benefit=st.fractions(Fraction(1, 100), 10**6, max_denominator=100),
    share=st.fractions(0, 1, max_denominator=1000),
    gdp=st.integers(10**17, 10**18),
)
def test_the_share_identity_is_the_cost_over_gdp(
    recipients: int, more: int, benefit: Fraction, share: Fraction, gdp: int
) -> None:
    population = recipients + more
    whole = recipients * benefit * 12 * (1 + share) / gdp
    words = cost.identity(Fraction(recipients, population), benefit * 12 * population / gdp, share)
    assert words.values["share"] == Number(whole * 100, 2, "%")


MILESTONES = [
    ({"target-year": "2021"}, {"target-year": "The target year must come after the base year."}),
    ({"target-year": "2090"}, {"target-year": "A straight line over more than 40 years says little."}),
    ({"target-rate": "40"}, {"target-rate": "The target must be above the rate of the base year."}),
    ({"present-year": "2025"}, {"present-rate": "Fill in both the latest year and its rate."}),
    ({"present-rate": "50"}, {"present-year": "Fill in both the latest year and its rate."}),
    ({"pace": "2"}, {"present-year": "Fill in both the latest year and its rate."}),
    (
        {"present-year": "2020", "present-rate": "50"},
        {"present-year": "The latest year can't be before the base year."},
    ),
    (
        {"present-year": "2021", "present-rate": "40"},
        {"pace": "Fill in a pace: from one year alone it can't be worked out."},
    ),
]


@pytest.mark.parametrize(("entries", "found"), MILESTONES)
def test_milestones_refuses(entries: dict[str, str], found: dict[str, str]) -> None:
    assert problems(asked("milestones", LINE | entries)) == found


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, []),
        (
            {"base-year": "2023", "base-rate": "53.6", "present-year": "2023", "present-rate": "53.6", "pace": "2"},
            [
                "In 2023 the rate is 53.6 %: exactly on the line.",
                "To reach 100 % in 2030, 6.6 percentage points a year are needed from now on.",
                "At a pace of 2 percentage points a year the target is reached in 2047 (years from now: 23.2).",
            ],
        ),
        (
            {"present-year": "2025", "present-rate": "35"},
            [
                "In 2025 the rate is 35 %, the milestone 66.7 %: 31.7 percentage points below the line.",
                "To reach 100 % in 2030, 13 percentage points a year are needed from now on.",
                "At this pace the target is never reached: the rate does not rise.",
            ],
        ),
        (
            {"present-year": "2024", "present-rate": "100"},
            [
                "In 2024 the rate is 100 %, the milestone 60 %: 40 percentage points above the line.",
                "The target is reached already.",
            ],
        ),
        (
            {"present-year": "2031", "present-rate": "90"},
            [
                "In 2031 the rate is 90 %, the milestone 100 %: 10 percentage points below the line.",
                "The target year is over, and 10 percentage points are missing.",
                "At a pace of 5 percentage points a year the target is reached in 2033 (years from now: 2).",
            ],
        ),
    ],
)
def test_milestones_in_words(entries: dict[str, str], words: list[str]) -> None:
    assert sentences(asked("milestones", LINE | entries))[1:] == words


def test_the_line_of_the_course() -> None:
    line = milestones.Line(2021, Fraction("44.8"), 2030, Fraction(100))
    assert line.at(2025) == Fraction("44.8") + Fraction(4, 9) * (100 - Fraction("44.8"))
    assert rows(line.table())[4] == ("2025", "69.3 %")


@given(start=st.integers(1990, 2060), span=st.integers(1, 40), low=st.integers(0, 99), rise=st.integers(1, 100))
def test_the_line_begins_and_ends_where_it_should_and_rises_evenly(start: int, span: int, low: int, rise: int) -> None:
    assume(low + rise <= 100)
    line = milestones.Line(start, Fraction(low), start + span, Fraction(low + rise))
    values = [line.at(year) for year in range(start, start + span + 1)]
    assert (values[0], values[-1], line.at(start + span + 5)) == (low, low + rise, low + rise)
    assert {after - before for before, after in pairwise(values)} == {line.pace}


SERVICE = [
    ({}, {"due": "Fill in at least one of the three pairs."}),
    ({"due": "10"}, {"in-time": "Fill in both numbers, or neither."}),
    (
        {"receiving": "10", "double": "3"},
        {"eligible": "Fill in both numbers, or neither.", "records": "Fill in both numbers, or neither."},
    ),
    ({"due": "10", "in-time": "11"}, {"in-time": "Only 10 payments were due. Count each payment once."}),
    (
        {"eligible": "10", "receiving": "11"},
        {
            "receiving": "Only 10 persons are eligible. Leave out who receives without being eligible, or is counted "
            "twice."
        },
    ),
    ({"records": "10", "double": "11"}, {"double": "There are only 10 records."}),
    (
        {"records": "0", "double": "0"},
        {"records": "“Records in the register” can't be zero: everything is compared with it."},
    ),
]


@pytest.mark.parametrize(("entries", "found"), SERVICE)
def test_service_refuses(entries: dict[str, str], found: dict[str, str]) -> None:
    assert problems(asked("service", entries)) == found


@given(part=COUNTS, rest=COUNTS)
def test_a_share_and_its_rest_make_the_whole(part: int, rest: int) -> None:
    assume(part + rest)
    counted = service.counts(Fraction(part), Fraction(part + rest))
    assert [counted[name].value for name in ("part", "rest", "whole")] == [part, rest, part + rest]
