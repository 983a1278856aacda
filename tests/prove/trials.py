"""Trying faults: tests are collected once, then each fault gets a process with the tests that run its line."""

import ast
import gc
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import coverage
import hypothesis
import msgspec
import pytest
from _pytest.runner import runtestprotocol

from tests.prove.mutants import Mutant, mutants
from tests.serving import ROOT

TIME_LIMIT = 60  # seconds; a fault may well loop for ever
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=1", f"--rootdir={ROOT}")
Lines = dict[int, set[str]]


class Alive(msgspec.Struct):
    """A fault that no test noticed."""

    line: int
    change: str


class Outcome(msgspec.Struct):
    """How many faults were tried, and which of them nobody noticed."""

    tried: int
    alive: list[Alive]


def try_faults(path: Path, tests: Sequence[str], every: int, kept: Path) -> Outcome:
    """Put each `every`-th fault into the module at `path`, and run `tests`, which are files and pass without any."""
    hypothesis.settings.register_profile("mutants", deadline=None, max_examples=30)

    def whole() -> int:
        hypothesis.settings.load_profile("mutants")
        return int(pytest.main([*QUIET, *(str(ROOT / one) for one in tests)], [Trials(path, every, kept)]))

    assert in_a_child(whole, 0), "the tests fail without any fault"
    return msgspec.json.decode(kept.read_bytes(), type=Outcome)


class Trials:
    """Runs the collected tests once, then each fault with the tests that run its line."""

    def __init__(self, path: Path, every: int, kept: Path) -> None:
        self.path, self.every, self.kept = path, every, kept
        self.tree = ast.parse(path.read_text())
        self.seconds: dict[str, float] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        before = session.testsfailed
        lines = self.watch(session)
        if session.testsfailed > before:
            return True
        made = list(mutants(self.path.read_text()))[:: self.every]
        alive = [one for one in made if self.survives(one, session, lines)]
        self.kept.write_bytes(msgspec.json.encode(Outcome(len(made), [Alive(one.line, one.change) for one in alive])))
        return True

    def watch(self, session: pytest.Session) -> Lines:
        """Which tests run each line of the module, by their ids."""
        watcher = coverage.Coverage(data_file=None, include=[str(self.path)], config_file=False)
        watcher.start()
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            watcher.switch_context(item.nodeid)
            begun = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self.seconds[item.nodeid] = time.process_time() - begun
        watcher.stop()
        found = watcher.get_data().contexts_by_lineno(str(self.path))
        return {line: {one for one in tests if one} for line, tests in found.items()}

    def survives(self, mutant: Mutant, session: pytest.Session, lines: Lines) -> bool:
        """Whether the tests that run the line of a fault pass with it; all that run the file, where importing does."""
        ids = {one for line in span_of(self.tree, mutant.line) for one in lines.get(line, ())}
        imported = not ids
        ids = ids or {one for several in lines.values() for one in several}
        items = sorted((one for one in session.items if one.nodeid in ids), key=lambda one: self.seconds[one.nodeid])
        code = compile(mutant.tree, str(self.path), "exec")
        if imported:
            files = list(dict.fromkeys(str(one.path) for one in items))
            return in_a_child(lambda: anew(self.path, code, files, [one.nodeid for one in items]), TIME_LIMIT)
        return in_a_child(lambda: replace(self.path, code) or run(items), TIME_LIMIT)


def run(items: Sequence[pytest.Item]) -> int:
    """How many of these fail: none, or the first."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return 1
    return 0


def replace(path: Path, code: types.CodeType) -> int:
    """Let every function of a module that is loaded run the code that this one has at its place."""
    faulty = {(one.co_qualname, one.co_firstlineno): one for one in codes(code)}
    for function in gc.get_objects():
        if isinstance(function, types.FunctionType) and function.__code__.co_filename == str(path):
            place = function.__code__.co_qualname, function.__code__.co_firstlineno
            if place in faulty:
                function.__code__ = faulty[place]
    return 0


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield one
            yield from codes(one)


def anew(path: Path, code: types.CodeType, files: Sequence[str], ids: Sequence[str]) -> int:
    """The tests with everything imported anew, and this code in the place of one module's."""
    for loaded in [one for one in sys.modules if one.startswith(("app.", "tests."))]:
        del sys.modules[loaded]
    sys.meta_path.insert(0, Instead(path, code))
    return int(pytest.main([*QUIET, "-x", *files], [Choice(ids)]))


class Instead:
    """Finds one module, with other code than its file has."""

    def __init__(self, path: Path, code: types.CodeType) -> None:
        self.name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        self.path, self.code = path, code

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.name:
            return None
        from importlib.util import spec_from_file_location

        return spec_from_file_location(name, self.path, loader=self)  # duck-typed on purpose

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        exec(self.code, module.__dict__)


class Choice:
    """Runs these tests alone, in this order."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.places = {id: place for place, id in enumerate(ids)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self.places), key=lambda one: self.places[one.nodeid])


def span_of(tree: ast.AST, line: int) -> range:
    """The lines of the innermost statement, or of its head, that a line belongs to."""
    found = range(line, line + 1)
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or line):
            body = getattr(node, "body", None)
            last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or line
            if line <= last:
                found = range(node.lineno, last + 1)
    return found


def in_a_child(task: Callable[[], int], limit: int) -> bool:
    """Whether a task, done in a process of its own without a word, answers 0 within `limit` seconds (0: none)."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    code = 1
    with suppress(BaseException):
        signal.alarm(limit)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        code = int(task())
    os._exit(code)
