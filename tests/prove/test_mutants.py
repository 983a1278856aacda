"""Faults in grading, drawing and progress, one at a time: how many the tests of the core notice."""

import importlib
import os
import signal
import sys
import types
from pathlib import Path

import hypothesis
import pytest

from tests.prove.mutants import Mutant, mutants
from tests.serving import ROOT

NOTICED = {
    "grading": ["test_grading.py", "test_drawing.py"],
    "drawing": ["test_drawing.py", "test_grading.py"],
    "progress": ["test_progress.py"],
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


def survives(name: str, mutant: Mutant, tests: list[str]) -> bool:
    """Whether all tests pass with the fault in place; each try in a process of its own."""
    for one in STAYS:
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
        module = types.ModuleType(f"app.core.{name}")
        module.__file__ = str(ROOT / "app" / "core" / f"{name}.py")
        for loaded in [one for one in sys.modules if one.startswith(("app.", "tests.")) and not one.startswith(STAYS)]:
            del sys.modules[loaded]
        package = importlib.import_module("app.core")
        sys.modules[module.__name__] = module
        setattr(package, name, module)
        exec(compile(mutant.source, module.__file__, "exec"), module.__dict__)
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=1"]
        code = int(pytest.main([*options, *(str(ROOT / "tests" / "core" / one) for one in tests)]))
    finally:
        os._exit(code)


def silence() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


@pytest.mark.parametrize("name", NOTICED)
def test_the_tests_of_the_core_notice_faults(name: str) -> None:
    source = Path(ROOT / "app" / "core" / f"{name}.py").read_text()
    whole = Mutant(0, "nothing changed", source)
    assert survives(name, whole, NOTICED[name]), "the tests fail without any fault"
    made = list(mutants(source))[::EVERY]
    alive = [one for one in made if survives(name, one, NOTICED[name])]
    noticed = 1 - len(alive) / len(made)
    print(f"\n{name}.py: {len(made)} faults, {100 * noticed:.0f} % noticed; not noticed:")
    for one in alive:
        print(f"  line {one.line}: {one.change}")
    assert noticed >= LEAST
