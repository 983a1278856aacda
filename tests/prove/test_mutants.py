"""Faults in questions, grading, drawing and progress, one at a time: how many the tests of the core notice."""

import os
from pathlib import Path

import pytest

from tests.prove.trials import End, Outcome, try_faults
from tests.serving import ROOT

CORE = ROOT / "app" / "core"
OF_QUESTIONS = (
    *("test_questions_types.py", "test_questions_survey.py", "test_questions_words.py"),
    *("test_questions_formulas.py", "test_questions_edges.py", "test_questions_shared.py", "test_questions_kinds.py"),
    "test_questions.py",
)
GROUPS = {
    "grading": (["grading", "drawing"], ("test_grading.py", "test_drawing.py")),
    "progress": (["progress"], ("test_progress.py",)),
    "questions": ([f"questions/{path.stem}" for path in sorted((CORE / "questions").glob("*.py"))], OF_QUESTIONS),
}
LEAST = {"progress": 0.8}
USUAL = 0.95
EVERY = int(os.environ.get("LONTAR_TEST_EVERY", "1"))  # 5: try each fifth fault only
MODULES = os.environ.get("LONTAR_TEST_MODULES", "")  # "grading,questions/single": these alone


@pytest.mark.parametrize("group", GROUPS)
def test_the_tests_of_the_core_notice_faults(group: str, tmp_path: Path) -> None:
    modules, tests = GROUPS[group]
    chosen = [CORE / f"{name}.py" for name in modules if not MODULES or name in MODULES.split(",")]
    found = try_faults(chosen, [f"tests/core/{one}" for one in tests], EVERY, tmp_path) if chosen else {}
    few = [name for name, outcome in found.items() if told(name, outcome) < LEAST.get(name, USUAL)]
    assert few == []


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
