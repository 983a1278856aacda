"""Faults in questions, grading, drawing, progress and reports, one at a time: how many the tests of the core notice."""

import os
from pathlib import Path

import pytest

from tests.prove.trials import End, Outcome, in_a_child, try_faults
from tests.serving import ROOT

CORE = ROOT / "app" / "core"
OF_QUESTIONS = (  # the tables; properties would take long for each fault
    *("test_questions_types.py", "test_questions_survey.py", "test_questions_words.py"),
    *("test_questions_formulas.py", "test_questions_edges.py", "test_questions_shared.py", "test_questions_kinds.py"),
)
GROUPS = {
    "grading": (["grading", "drawing"], ("test_grading.py", "test_drawing.py")),
    "progress": (["progress"], ("test_progress.py",)),
    "questions": ([f"questions/{path.stem}" for path in sorted((CORE / "questions").glob("*.py"))], OF_QUESTIONS),
    "reports": (
        ["filters", "periods", "pairings"],
        ("test_filters.py", "test_periods.py", "test_pairings.py"),
    ),
}
LEAST = 0.95
EVERY = int(os.environ.get("LONTAR_TEST_EVERY", "1"))  # 5: try each fifth fault only
MODULES = os.environ.get("LONTAR_TEST_MODULES", "")  # "grading,questions/single": these alone


@pytest.mark.parametrize("group", GROUPS)
def test_the_tests_of_the_core_notice_faults(group: str, tmp_path: Path) -> None:
    modules, tests = GROUPS[group]
    chosen = [CORE / f"{name}.py" for name in modules if not MODULES or name in MODULES.split(",")]
    found = try_faults(chosen, [f"tests/core/{one}" for one in tests], EVERY, tmp_path) if chosen else {}
    few = [name for name, outcome in found.items() if told(name, outcome) < LEAST]
    assert few == []


def endless() -> int:
    while True:
        pass


def test_a_fault_without_end_is_told_apart_from_a_test_that_fails() -> None:
    assert [in_a_child(lambda code=code: code, 5) for code in (0, 1, 7)] == [End.PASSED, End.FAILED, End.FAILED]
    assert in_a_child(endless, 1) == End.ENDLESS
    with pytest.raises(AssertionError, match="could not be tried"):
        in_a_child(lambda: 1 // 0)


def told(name: str, outcome: Outcome) -> float:
    """The share of the faults that was noticed; prints it, with those that were not."""
    noticed = 1 - len(outcome.alive) / len(outcome.faults)
    print(f"\n{name}.py: {len(outcome.faults)} faults, {100 * noticed:.1f} % noticed; not noticed:")
    for one in outcome.alive:
        print(f"  line {one.line}: {one.change}{' (the tests wait)' if one.end == End.WAITING else ''}")
    print(f"  noticed since the tests come to no end: {len(outcome.endless)}")
    for one in outcome.endless:
        print(f"    line {one.line}: {one.change}")
    return noticed
