"""The readiness self-check: three lowest as next steps, no sum, what is missing named."""

import pytest

from app.core.content import Action
from app.core.tools import Outcome, Tool, calculate, tool_of
from app.core.tools.readiness import lowest, made
from tests.core.contents import Content
from tests.core.outcomes import problems, rows, said, sentences
from tests.core.test_tools_targets import library_of


def action(id: str, **more: object) -> Action:
    levels = {"en": tuple(f"{id} is {number}." for number in range(5)), "fr": ("", "", "", "", "")}
    values: dict[str, object] = {"title": {"en": f"Title {id}"}, "text": {"en": ""}, "levels": levels}
    return Action(id=id, **(values | {"begin": {"en": f"Start {id}."}} | more))


def check(**entries: str) -> Outcome:
    ids = ("A1", "A2", "A3", "A4", "A5")
    actions = {id: action(id, by_choice=id == "A5") for id in ids} | {"A6": action("A6", levels={})}
    tool = made(library_of(actions=actions))
    names = {f"{name.split('_')[0]}-{name.split('_')[1]}": [text] for name, text in entries.items()}
    return calculate(tool, names)


@pytest.mark.parametrize(
    ("scored", "begin"),
    [
        ({"A1": 3, "A2": 0, "A3": 2, "A4": 1}, ["A2", "A4", "A3"]),
        ({"A1": 1, "A2": 1, "A3": 1, "A4": 1}, ["A1", "A2", "A3"]),  # equal ones in the order of the plan
        ({"A1": 4, "A2": 4, "A3": 3}, ["A3"]),
        ({"A1": 4}, []),
        ({}, []),
    ],
)
def test_the_three_lowest_come_first(scored: dict[str, int], begin: list[str]) -> None:
    assert lowest(scored) == begin


def test_the_answer_names_next_steps_and_gives_no_sum() -> None:
    found = check(level_A1="3", level_A2="0", level_A3="2", level_A4="2", level_A5="own", evidence_A1="Act 7")
    assert sentences(found) == [
        "You scored 4 of 5 actions.",
        "Lowest now, and a place to begin: A2, A3, A4.",
    ]
    assert found.result
    assert next((one.action, said(one.words)) for one in found.result.steps) == (
        "A2",
        "A2: Title A2. You are at level 0. Level 1 means: A2 is 1. Begin here: Start A2.",
    )
    assert [said(one) for one in found.result.checks] == [
        "No evidence yet: A3, A4. Score only what you can show.",
    ]
    assert rows(found.result.tables[0])[0] == ("A1: Title A1", "3", "A1 is 3.", "Act 7", "")
    assert rows(found.result.tables[0])[-1][1:3] == ("–", "Not applicable, or our country’s own choice")


def test_a_tie_and_what_is_left_are_named() -> None:
    found = check(level_A1="1", level_A2="1", level_A3="1", level_A4="1")
    assert sentences(found)[-1] == "Also at level 1: A4. Choose what your country can do first."
    assert found.result
    assert said(found.result.checks[-1]) == "Not scored: A5."


def test_the_highest_level_asks_for_confirmation() -> None:
    found = check(level_A1="4", evidence_A1="Report")
    assert sentences(found)[-1] == "Every action that you scored is at the highest level. Ask others to confirm it."
    assert found.result
    assert found.result.steps == ()


@pytest.mark.parametrize(
    ("entries", "wrong"),
    [
        ({}, {"level-A1": "Choose a level for at least one action."}),
        ({"level_A5": "own"}, {"level-A1": "Choose a level for at least one action."}),
        ({"level_A1": "5"}, {"level-A1": "Choose one of the answers for “Level”."}),
        ({"level_A1": "own"}, {"level-A1": "Choose one of the answers for “Level”."}),  # only where it is by choice
    ],
)
def test_what_does_not_fit_is_refused(entries: dict[str, str], wrong: dict[str, str]) -> None:
    assert problems(check(**entries)) == wrong


def test_levels_are_read_from_the_course_in_every_language(content: Content) -> None:
    content.translate("course/actions.fr.yml")
    library, _ = content.load()
    assert library
    assert library.actions["A2"].levels["fr"][1] == "Une liste."
    assert (library.actions["A2"].by_choice, library.actions["A1"].begin) == (
        True,
        {"en": "Read one law.", "fr": "Lisez une loi."},
    )
    tool: Tool | None = tool_of("readiness", library)
    assert tool
    assert [name for name, _, _ in tool.named()] == [
        f"{field}-{id}" for id in ("A1", "A2") for field in ("level", "evidence", "confirm")
    ]
