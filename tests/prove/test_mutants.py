"""Faults in questions, grading, drawing and progress, one at a time: how many the tests of the core notice."""

import os
from pathlib import Path

import pytest

from tests.prove.trials import try_faults
from tests.serving import ROOT

CORE = ROOT / "app" / "core"
OF_QUESTIONS = (
    *("test_questions_types.py", "test_questions_survey.py", "test_questions_words.py"),
    *("test_questions_formulas.py", "test_questions_edges.py", "test_questions_shared.py", "test_questions_kinds.py"),
    "test_questions.py",
)
NOTICED = {
    "grading": ("test_grading.py", "test_drawing.py"),
    "drawing": ("test_drawing.py", "test_grading.py"),
    "progress": ("test_progress.py",),
    **{f"questions/{path.stem}": OF_QUESTIONS for path in sorted((CORE / "questions").glob("*.py"))},
    "questions/_parameters": (*OF_QUESTIONS, "test_drawing.py"),
}
LEAST = {"progress": 0.8}
USUAL = 0.95
EVERY = int(os.environ.get("LONTAR_TEST_EVERY", "1"))  # 5: try each fifth fault only


@pytest.mark.parametrize("name", NOTICED)
def test_the_tests_of_the_core_notice_faults(name: str, tmp_path: Path) -> None:
    tests = [f"tests/core/{one}" for one in NOTICED[name]]
    found = try_faults(CORE / f"{name}.py", tests, EVERY, tmp_path / "outcome.json")
    noticed = 1 - len(found.alive) / found.tried
    print(f"\n{name}.py: {found.tried} faults, {100 * noticed:.1f} % noticed; not noticed:")
    for one in found.alive:
        print(f"  line {one.line}: {one.change}")
    assert noticed >= LEAST.get(name, USUAL)
