"""Tools in general: what a form says, what is asked back or refused, what every tool has."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.tools import MARK, TOOLS, Grid, calculate, entered, example_of
from tests.core.outcomes import asked, problems, rows, said, sentences
from tests.letters import LETTERS

CALCULATORS = [name for name, tool in TOOLS.items() if tool.work]


def test_every_calculator_has_its_purpose_formula_source_and_example() -> None:
    for name in CALCULATORS:
        tool = TOOLS[name]
        assert (bool(tool.purpose), bool(tool.formulas), all(one.source for one in tool.formulas)) == (True, True, True)
        outcome = example_of(tool)
        assert outcome is not None
        assert (problems(outcome), bool(outcome.result)) == ({}, True)


def test_no_two_fields_of_a_tool_have_one_name_and_none_is_a_name_of_the_page() -> None:
    for tool in TOOLS.values():
        names = [name for name, _, _ in tool.named()]
        assert len(names) == len(set(names))
        assert not {MARK, "csrf_token", "issued", "main", "result", "calculator"} & set(names)


# What was typed

LINE = {"base-year": "2021", "base-rate": "40", "target-year": "2030", "target-rate": "100"}
PAIR = {"intended": "100", "recipients": "80", "both": "60"}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1200000", "1200000"),
        ("1 200 000", "1200000"),
        ("1,200,000", "1200000"),
        ("12,00,000", "1200000"),
        ("1.200.000", "1200000"),
        ("๑๒๐", "120"),
        ("१२०", "120"),
        ("١٢٠", "120"),
        ("400,000", "400000"),  # persons are whole: the other reading is none
        ("400.000", "400000"),
        ("100.0", "100"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, value: str) -> None:
    outcome = asked("errors", PAIR | {"intended": typed})
    assert outcome.entry.values["intended"] == Fraction(value)
    assert outcome.entry.typed["intended"] == typed


WRONG = [
    ("errors", {"intended": ""}, {"intended": "Fill in “Should receive”."}),
    (
        "errors",
        {"intended": "many"},
        {
            "intended": "“Should receive”: we could not read “many” as a number. Write it in digits, without "
            "other words."
        },
    ),
    (
        "errors",
        {"intended": "2 million"},
        {
            "intended": "“Should receive”: we could not read “2 million” as a number. Write it in digits, without "
            "other words."
        },
    ),
    ("errors", {"intended": "0"}, {"intended": "“Should receive” can't be zero: everything is compared with it."}),
    ("errors", {"intended": "-5"}, {"intended": "“Should receive” can't be less than zero."}),
    ("errors", {"intended": "1.5"}, {"intended": "“Should receive” is a whole number. Write it without decimals."}),
    (
        "errors",
        {"intended": "9" * 30},
        {"intended": "“Should receive” can't be more than 1 000 000 000 000 000 000. "},
    ),
    ("errors", {"intended": "9" * 70}, {"intended": "The answer is too long. Use at most 60 characters."}),
    ("errors", {"intended": ["5", "6"]}, {"intended": "The form sent two different answers. Give one."}),
    (
        "milestones",
        {"base-rate": "120"},
        {
            "base-rate": "“Rate in the base year” can't be more than 100 %. A rate over 100 per cent points to persons "
            "counted twice or to an old population number."
        },
    ),
    ("milestones", {"base-year": "21"}, {"base-year": "“Base year” can't be less than 1990."}),
    (
        "cost",
        {"recipients": "5", "benefit": "5", "scale": "dozen"},
        {"scale": "Choose one of the answers for “GDP is given in”."},
    ),
]


@pytest.mark.parametrize(("name", "entries", "found"), WRONG)
def test_what_cannot_be_is_told_at_its_field(name: str, entries: dict[str, Any], found: dict[str, str]) -> None:
    good = {"errors": PAIR, "milestones": LINE, "cost": {}}[name]
    outcome = asked(name, good | entries)
    assert (problems(outcome), outcome.result) == (found, None)


def test_all_problems_are_told_at_once_in_the_order_of_the_page() -> None:
    assert list(problems(asked("errors", {"recipients": "x", "all": "-1"}))) == [
        "intended",
        "recipients",
        "both",
        "all",
    ]


@pytest.mark.parametrize(
    ("entries", "mark", "values"),
    [
        ({"benefit": "3,000", "line": "5,000"}, ",", (3, 5)),
        ({"benefit": "3,000", "line": "5,000"}, ".", (3000, 5000)),
        ({"benefit": "3.000", "line": "5,000"}, ",", (3000, 5)),
        ({"benefit": "3.000", "line": "5,000"}, ".", (3, 5000)),
        ({"benefit": "3,000", "line": "5,0"}, ".", (3000, 5)),
        ({"benefit": "3 000", "line": "5'000"}, "", (3000, 5000)),
        ({"benefit": "1,234.5", "line": "1.234,5"}, "", (Fraction("1234.5"), Fraction("1234.5"))),
    ],
)
def test_numbers_with_two_readings_are_settled_by_one_answer(
    entries: dict[str, str], mark: str, values: tuple[Any, Any]
) -> None:
    outcome = asked("adequacy", entries | {MARK: mark})
    assert problems(outcome) == {}
    assert (outcome.entry.values["benefit"], outcome.entry.values["line"]) == values


def test_numbers_with_two_readings_are_asked_back() -> None:
    outcome = asked("adequacy", {"benefit": "3,000", "line": "5.000", "inflation": "6,5", "years": "5"})
    ask = "Some numbers can be read in two ways. Choose what the comma and the point mean."
    assert (problems(outcome), outcome.result) == ({MARK: ask}, None)
    unsure = outcome.entry.unsure
    assert {name: (one.read("."), one.read(",")) for name, one in unsure.items()} == {
        "benefit": (3000, 3),
        "line": (5, 5000),
    }
    assert list(problems(asked("adequacy", {"benefit": "3,000", MARK: "x"}))) == [MARK]
    assert list(problems(asked("adequacy", {"benefit": "3,000", MARK: [".", ","]}))) == [MARK]


def test_fields_that_no_tool_asks_are_passed_over() -> None:
    outcome = asked("errors", PAIR | {"nonsense": "1", "csrf_token": "2", "": "3"})
    assert sentences(outcome) == sentences(asked("errors", PAIR))
    assert set(outcome.entry.typed) == {"intended", "recipients", "both", "all"}


def test_what_was_entered_is_shown_without_what_is_empty() -> None:
    entries = {"population": "100", "persons-1": "60", "persons-3": "30", "above-3": "10", "name-3": "=1+1"}
    tables = entered(TOOLS["coverage"], asked("coverage", entries).entry)
    assert [rows(table) for table in tables] == [
        [("Persons in the group", "100")],
        [("Scheme 1", "", "60", ""), ("Scheme 3", "=1+1", "30", "10")],
    ]
    assert [said(cell) for cell in tables[1].head] == ["Scheme", "Name", "Persons", "Of these on a list above"]


def test_a_grid_names_its_cells() -> None:
    grid = next(part for part in TOOLS["coverage"].asks if isinstance(part, Grid))
    assert [name for name, _, _ in grid.named()][:5] == ["name-1", "persons-1", "name-2", "persons-2", "above-2"]


# Whatever is sent

TEXTS = st.one_of(
    st.text(LETTERS, max_size=70),
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(-(10**6), 10**6, places=3).map(str),
    st.sampled_from(["0", "1", "100", "3,000", "1.234", "2025", "month", "1e400", "nan", "٪", "½", "\x00"]),
)


@given(name=st.sampled_from(CALCULATORS), texts=st.lists(st.tuples(st.integers(0, 19), TEXTS), max_size=9))
def test_a_tool_answers_or_says_what_is_wrong_whatever_is_sent(name: str, texts: list[tuple[int, str]]) -> None:
    fields = [field for field, _, _ in TOOLS[name].named()] + [MARK]
    sent: dict[str, list[str]] = {}
    for place, text in texts:
        sent.setdefault(fields[place % len(fields)], []).append(text)
    outcome = calculate(TOOLS[name], sent)
    assert bool(outcome.result) != bool(outcome.entry.problems)
    assert set(outcome.entry.problems) <= set(fields)
    if outcome.result:
        assert all(said(words) for words in outcome.result.words)
        assert all(len(row) == len(table.head) for table in outcome.result.tables for row in table.rows)
