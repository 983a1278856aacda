"""The target worksheet: the syllabus's example, the line of 2025, the pace to 2030, checks, published values."""

from typing import Any, get_args

import pytest

from app.core.content import Country, Library, Observation, Published
from app.core.schema import Covered
from app.core.tools import TOOLS, example_of, opened, tool_of
from app.core.tools._worksheet import GROUPS
from tests.core.outcomes import asked, problems, rows, said, sentences


def library_of(**parts: Any) -> Library:
    kinds = ("courses", "modules", "quizzes", "figures", "terms", "countries", "actions")
    return Library(**({kind: {} for kind in kinds} | parts))


def test_the_worked_example_gives_the_numbers_of_the_course() -> None:
    found = example_of(TOOLS["targets"])
    assert found
    assert sentences(found) == [
        "Everybody (Total): 44.8 % in 2021. The straight line to 100 % in 2030 passes 69.3 % in 2025. From 44.8 % in "
        "2021 it takes 6.1 percentage points a year.",
        "Everybody: to reach the targets for 2030, women and girls need 6.7 percentage points a year, men and boys "
        "5.6 percentage points.",
    ]
    assert found.result
    assert rows(found.result.tables[0])[-1] == ("Total", "44.8 %", "69.3 %", "", "", "", "100 %", "6.1")
    assert rows(found.result.tables[1])[-1] == ("Total", "5 800 000", "2 600 000", "")
    assert [said(one) for one in found.result.checks] == [
        "Everybody: no rate by age for 0–4, 5–17, 18–24, 25–59, 60 and over."
    ]


RATE = {"group": "older", "base-older-total": "40"}
PACES = [
    ({}, "From 40 % in 2021 it takes 6.7 percentage points a year."),
    ({"reached-older-total": "58"}, "From 58 % in 2025 it takes 8.4 percentage points a year."),
    (
        {"latest-older-total": "50", "latest_year-older": "2023"},
        "From 50 % in 2023 it takes 7.1 percentage points a year.",
    ),
    (
        {"latest-older-total": "60", "latest_year-older": "2026", "reached-older-total": "58"},
        "From 60 % in 2026 it takes 10 percentage points a year.",
    ),
    ({"goal-older-total": "85"}, "From 40 % in 2021 it takes 5 percentage points a year."),
    ({"year-older": "2020"}, "From 40 % in 2020 it takes 6 percentage points a year."),
]


@pytest.mark.parametrize(("more", "end"), PACES)
def test_the_pace_counts_from_the_newest_rate(more: dict[str, str], end: str) -> None:
    assert sentences(asked("targets", RATE | more))[0].endswith(end)


def test_another_first_year_moves_the_line() -> None:
    found = asked("targets", RATE | {"year-older": "2015"})
    assert "passes 80 % in 2025" in sentences(found)[0]  # 40 + 10/15 of 60


def test_a_target_that_is_reached_or_missed_is_told() -> None:
    reached = asked("targets", RATE | {"aim-older-total": "60", "reached-older-total": "61"})
    assert sentences(reached)[1] == "Older persons (Total): in 2025 the target of 60 % was reached, with 61 %."
    missed = asked("targets", RATE | {"aim-older-total": "60", "reached-older-total": "52"})
    assert (
        sentences(missed)[1]
        == "Older persons (Total): in 2025 52 % were reached, 8 percentage points below the target of 60 %."
    )
    whole = asked("targets", {"base-mothers-women": "100"})
    assert sentences(whole) == [
        "Mothers with newborn children (Women and girls): 100 % in 2021. The target of 100 % for 2030 is reached."
    ]


CHECKS = [
    (
        {"population-older-women": "60", "population-older-men": "30", "population-older-total": "100"},
        "Older persons (Population): women and men make 90, the total says 100.",
    ),
    (
        {"population-older-total": "100", "covered-older-total": "50"},
        "Older persons (Total): covered ÷ population gives 50 %, the rate says 40 %. Used: the counts.",
    ),
    ({"goal-older-total": "30"}, "Older persons (Total): the target for 2030, 30 %, is below what is reached, 40 %."),
    ({}, "Older persons: no rate for Women and girls, Men and boys."),
]


@pytest.mark.parametrize(("more", "said_so"), CHECKS)
def test_what_does_not_agree_or_is_missing_is_flagged(more: dict[str, str], said_so: str) -> None:
    found = asked("targets", RATE | more)
    assert found.result, problems(found)
    assert said_so in [said(one) for one in found.result.checks]


def test_ages_are_added_up() -> None:
    ages = {"population-children-0-4": "30", "population-children-5-17": "60", "population-children-total": "100"}
    found = asked("targets", ages | {"base-children-total": "40"})
    assert found.result
    assert said(found.result.checks[0]) == "Children (Population): the ages make 90, the total says 100."


WRONG = [
    ({}, {"group": "Fill in at least one rate, or a population and how many are covered."}),
    (
        {"group": "mothers"},
        {"base-mothers-women": "Fill in at least one rate, or a population and how many are covered."},
    ),
    (
        {"population-older-men": "10", "covered-older-men": "11"},
        {
            "covered-older-men": "“Men and boys” can't have more people covered than there are. Look for people "
            "counted twice, or an old count."
        },
    ),
    (
        {"covered-older-men": "11"},
        {"population-older-men": "Fill in the population of “Men and boys”, or only its rate."},
    ),
    (
        {"base-older-men": "110"},
        {
            "base-older-men": "“First rate (Men and boys)” can't be more than 100 %. Look for people counted twice, or "
            "an old population count."
        },
    ),
    ({"latest-older-men": "40"}, {"latest_year-older": "Fill in the year of the latest rate."}),
    (
        {"base-older-men": "4", "year-older": "2023", "latest-older-men": "40", "latest_year-older": "2022"},
        {"latest_year-older": "The latest rate must be of a later year than the first one."},
    ),
    ({"base-older-men": "4", "latest_year-older": "2030"}, {"latest_year-older": ""}),
    ({"population-older-men": "0"}, {"population-older-men": ""}),
]


@pytest.mark.parametrize(("entries", "wrong"), WRONG)
def test_what_can_not_be_is_explained_at_its_field(entries: dict[str, str], wrong: dict[str, str]) -> None:
    found = problems(asked("targets", entries))
    assert list(found) == list(wrong)
    assert all(words in ("", found[name]) for name, words in wrong.items())


# Published values

PUBLISHED = Published(
    source={"en": "Yearbook", "fr": "Annuaire"},
    status="secondary",
    seen="2026-11-21",
    countries={
        "FJ": {"everybody": (Observation(year=2020, total="58.9"), Observation(year=2022, total="60", women="58"))}
    },
)
LIBRARY = library_of(
    countries={
        "FJ": Country(code="FJ", name={"en": "Fiji"}, m49="242"),
        "ZZ": Country(code="ZZ", name={"en": "Other"}),
    },
    published=PUBLISHED,
)
CHOSEN = {"country": ["FJ"], "group": ["everybody"]}
FIRST = {
    "source-everybody": "Yearbook",
    "year-everybody": "2020",
    "base-everybody-total": "58.9",
    "latest_year-everybody": "2022",
    "latest-everybody-total": "60",
    "latest-everybody-women": "58",
}


def filled(language: str = "en", **more: str) -> dict[str, str]:
    tool = tool_of("targets", LIBRARY)
    assert tool
    entry = opened(tool, CHOSEN | {name.replace("__", "-"): [text] for name, text in more.items()}, language)
    assert entry.problems == {}
    return {name: text for name, text in entry.typed.items() if text and name not in CHOSEN}


def test_a_country_brings_its_published_values() -> None:
    assert filled() == FIRST
    assert filled("fr")["base-everybody-total"] == "58,9"
    assert filled("fr")["source-everybody"] == "Annuaire"


def test_published_values_never_replace_what_was_typed() -> None:
    assert filled(base__everybody__men="50") == {"base-everybody-men": "50"}
    assert filled(country="") == {} == filled(group="children") == filled(group="nobody")
    assert filled(country="XX") == {}


def test_only_countries_can_be_chosen() -> None:
    tool = tool_of("targets", LIBRARY)
    assert tool
    field = next(asked for name, asked, _ in tool.named() if name == "country")
    assert [(value, said(label)) for value, label in field.choices] == [
        ("", "No country: my own numbers"),
        ("FJ", "Fiji"),
    ]


def test_the_groups_are_those_of_the_file() -> None:
    assert tuple(GROUPS) == get_args(Covered)
