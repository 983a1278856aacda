"""Faults in grading, drawing, progress and the types of questions, one at a time: how many the core's tests notice."""

import importlib
import os
import signal
import sys
from collections.abc import Mapping
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path

import hypothesis
import pytest

from tests.prove.mutants import Mutant, mutants
from tests.serving import ROOT

QUESTIONS = ["test_questions.py", "test_questions_types.py", "test_questions_forms.py", "test_grading.py"]
OF_QUESTIONS = ("_formula", "_options", "_parameters", "_shared", "_wording", "cloze", "match", "multiple", "numeric")
OF_QUESTIONS += ("order", "reflection", "scenario", "short", "single", "true_false")
NOTICED = {
    "grading": ["test_grading.py", "test_drawing.py"],
    "drawing": ["test_drawing.py", "test_grading.py"],
    "progress": ["test_progress.py"],
    **{f"questions.{one}": QUESTIONS for one in OF_QUESTIONS},
}
LEAST = 0.8
EVERY = int(os.environ.get("LONTAR_TEST_EVERY", "1"))  # 5: try each fifth fault only
STAYS = (
    "app.core.questions",
    "app.core.content",
    "app.core.papers",
    "app.core.numbers",
    "app.core.names",
    "tests.prove",
)
TIME_LIMIT = 120


class Faulty(SourceLoader, MetaPathFinder):
    """Imports one module from another text than its file holds."""

    def __init__(self, name: str, file: str, source: str) -> None:
        self.name, self.file, self.source = name, file, source

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return spec_from_loader(name, self) if name == self.name else None

    def get_filename(self, fullname: str) -> str:
        return self.file

    def get_data(self, path: str | bytes) -> bytes:
        return self.source.encode()

    def path_stats(self, path: str) -> Mapping[str, float]:
        raise OSError("what was compiled of the file is not to be used")


def survives(name: str, mutant: Mutant, tests: list[str]) -> bool:
    """Whether all tests pass with the fault in place; each try in a process of its own."""
    stays = tuple(one for one in STAYS if not name.startswith(one.removeprefix("app.core.")))
    for one in stays:
        importlib.import_module(one)
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    code = 1
    try:
        signal.alarm(TIME_LIMIT)  # a fault may well loop for ever
        silence()
        hypothesis.settings.register_profile("mutants", deadline=None, max_examples=30)
        hypothesis.settings.load_profile("mutants")
        for loaded in [one for one in sys.modules if one.startswith(("app.", "tests.")) and not one.startswith(stays)]:
            del sys.modules[loaded]
        sys.meta_path.insert(0, Faulty(f"app.core.{name}", str(file_of(name)), mutant.source))
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=1"]
        code = int(pytest.main([*options, *(str(ROOT / "tests" / "core" / one) for one in tests)]))
    finally:
        os._exit(code)


def file_of(name: str) -> Path:
    return ROOT / "app" / "core" / f"{name.replace('.', '/')}.py"


def silence() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


@pytest.mark.parametrize("name", NOTICED)
def test_the_tests_of_the_core_notice_faults(name: str) -> None:
    source = file_of(name).read_text()
    whole = Mutant(0, "nothing changed", source)
    assert survives(name, whole, NOTICED[name]), "the tests fail without any fault"
    made = list(mutants(source))[::EVERY]
    alive = [one for one in made if survives(name, one, NOTICED[name])]
    noticed = 1 - len(alive) / len(made)
    print(f"\n{name}.py: {len(made)} faults, {100 * noticed:.0f} % noticed; not noticed:")
    for one in alive:
        print(f"  line {one.line}: {one.change}")
    assert noticed >= LEAST
