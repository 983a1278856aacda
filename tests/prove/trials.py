"""Trying faults: tests are collected once, then each fault gets a process with the tests that run its line.

Time is CPU time, so that a machine that does other work changes nothing: a fault whose tests work on and on is noticed,
and told apart from those that make a test fail; one whose tests wait for something is not.
"""

import ast
import gc
import mmap
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

import hypothesis
import msgspec
import pytest
from _pytest.runner import runtestprotocol

from tests.prove.faulty import Choice, Instead, forget, replace
from tests.prove.mutants import Mutant, mutants
from tests.serving import ROOT

CPU_LIMIT = 10  # seconds beside five times those of the tests; a fault may well loop for ever
PATIENCE = 900  # seconds by the clock, after which a fault counts as not noticed
MEMORY_LIMIT = 4 << 30  # bytes; a fault may well gather without end
WITHOUT = ("-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain", "--tb=native")
QUIET = ("-q", *WITHOUT, "--hypothesis-seed=1", f"--rootdir={ROOT}")
Lines = dict[int, set[str]]


class End(IntEnum):
    """How a process ended that tried a fault."""

    PASSED = 0
    FAILED = 1
    BROKEN = 2
    ENDLESS = -signal.SIGXCPU
    WAITING = -signal.SIGALRM


class Fault(msgspec.Struct):
    """One fault, and how the tests ended with it."""

    line: int
    change: str
    end: End


class Outcome(msgspec.Struct):
    """All faults of a module that were tried."""

    faults: list[Fault]

    @property
    def alive(self) -> list[Fault]:
        """Those that nobody noticed."""
        return [one for one in self.faults if one.end in (End.PASSED, End.WAITING)]

    @property
    def endless(self) -> list[Fault]:
        """Those with which the tests came to no end."""
        return [one for one in self.faults if one.end == End.ENDLESS]


def try_faults(paths: Sequence[Path], tests: Sequence[str], every: int, kept: Path) -> dict[str, Outcome]:
    """Put each `every`-th fault into the modules at `paths`, and run `tests`, which are files and pass without any.

    The outcome of each module, by the stem of its file, is written into the folder `kept` as it grows.
    """

    def whole() -> int:
        return int(pytest.main([*QUIET, *(str(ROOT / one) for one in tests)], [Trials(paths, every, kept)]))

    words = kept / "tests.txt"
    assert in_a_child(whole, told=words) == End.PASSED, f"the tests fail without any fault: {words.read_text()}"
    files = {path.stem: kept / f"{path.stem}.json" for path in paths}
    return {name: msgspec.json.decode(file.read_bytes(), type=Outcome) for name, file in files.items()}


class Calm:
    """Lets properties neither look at the clock nor remember what failed with another fault."""

    def pytest_collection(self) -> None:
        checks = list(hypothesis.HealthCheck)
        hypothesis.settings.register_profile(
            "mutants", deadline=None, max_examples=20, suppress_health_check=checks, database=None
        )
        hypothesis.settings.load_profile("mutants")


class Trials(Calm):
    """Runs the collected tests once, then each fault with the tests that run its line."""

    def __init__(self, paths: Sequence[Path], every: int, kept: Path) -> None:
        self.paths, self.every, self.kept = paths, every, kept
        self.seconds: dict[str, float] = {}
        self.noticed: Counter[str] = Counter()  # how many faults each test has noticed
        self.failed = mmap.mmap(-1, 4)  # the number, from 1, of the test that failed in a child

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        before = session.testsfailed
        found = self.watch(session)
        if session.testsfailed > before:
            return True
        forget()  # finds what is kept, before it is frozen
        gc.collect()
        gc.freeze()  # else each child would copy what it only looks at
        for path in self.paths:
            tried = Module(path, {line: {one for one in tests if one} for line, tests in found(str(path)).items()})
            outcome = Outcome([])
            for one in list(mutants(path.read_text()))[:: self.every]:
                outcome.faults.append(Fault(one.line, one.change, self.end_of(tried, one, session)))
                (self.kept / f"{path.stem}.json").write_bytes(msgspec.json.encode(outcome))
        return True

    def watch(self, session: pytest.Session) -> Callable[[str], dict[int, list[str]]]:
        """Tells which tests run each line of a module, by their ids."""
        import coverage  # slow to load, for proofs alone

        watcher = coverage.Coverage(data_file=None, include=[str(path) for path in self.paths], config_file=False)
        watcher.start()
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            watcher.switch_context(item.nodeid)
            begun = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self.seconds[item.nodeid] = time.process_time() - begun
        watcher.stop()
        return watcher.get_data().contexts_by_lineno

    def end_of(self, tried: "Module", mutant: Mutant, session: pytest.Session) -> End:
        """How the tests that a fault may concern end with it, those first that noticed most of the others."""
        ids, afresh = tried.concerned(mutant.line)
        items = [one for one in session.items if one.nodeid in ids]
        items.sort(key=lambda one: (-self.noticed[one.nodeid], self.seconds[one.nodeid]))
        limit = CPU_LIMIT + 5 * int(sum(self.seconds[one.nodeid] for one in items))
        code = compile(mutant.tree, str(tried.path), "exec")
        if afresh:
            files = list(dict.fromkeys(str(one.path) for one in items))
            return in_a_child(lambda: anew(Instead(tried.path, code), files, [one.nodeid for one in items]), limit)
        self.failed[:] = bytes(4)
        end = in_a_child(lambda: forget() or replace(tried.path, code) or run(items, self.failed), limit)
        if number := int.from_bytes(self.failed[:], "big"):
            self.noticed[items[number - 1].nodeid] += 1
        return end


class Module:
    """A module into which faults are put, with the tests that run each of its lines."""

    def __init__(self, path: Path, lines: Lines) -> None:
        self.path, self.lines = path, lines
        self.tree = ast.parse(path.read_text())

    def concerned(self, line: int) -> tuple[set[str], bool]:
        """The tests that a fault in this line may concern, and whether everything has to be imported anew for it."""
        inside = innermost(self.tree, line)
        whole = {one for tests in self.lines.values() for one in tests}
        if not inside:
            return whole, True
        if own := self.of(head_of(inside[-1], line)):
            return own, False
        defaults = isinstance(inside[-1], ast.FunctionDef)  # what its parameters are when nothing is said
        return whole, not (defaults or isinstance(inside[0], ast.Assign | ast.AnnAssign))

    def of(self, lines: Iterable[int]) -> set[str]:
        return {one for line in lines for one in self.lines.get(line, ())}


def innermost(tree: ast.AST, line: int) -> list[ast.stmt]:
    """The statements that a line belongs to, from without to within."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or line)
    ]


def head_of(node: ast.stmt, line: int) -> range:
    """The lines of a statement, without its body where the line stands before that."""
    body = getattr(node, "body", None)
    last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or line
    return range(node.lineno, last + 1) if line <= last else range(line, line + 1)


def run(items: Sequence[pytest.Item], failed: mmap.mmap) -> int:
    """Whether one of these fails, whose number, from 1, is left in `failed`."""
    for number, (item, following) in enumerate(zip(items, [*items[1:], None], strict=True), 1):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            failed[:] = number.to_bytes(4, "big")
            return 1
    return 0


def anew(instead: Instead, files: Sequence[str], ids: Sequence[str]) -> int:
    """The tests with everything imported anew, and other code in the place of one module's."""
    for loaded in [one for one in sys.modules if one.startswith(("app.", "tests."))]:
        del sys.modules[loaded]
    sys.meta_path.insert(0, instead)
    code = pytest.main([*QUIET, "-x", *files], [Calm(), Choice(ids)])
    return End.PASSED if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else End.FAILED


def in_a_child(task: Callable[[], int], limit: int = 0, told: Path = Path(os.devnull)) -> End:
    """What becomes of a task in a process of its own that may use `limit` seconds of CPU time (0: any).

    What it says goes into the file `told`.
    """
    child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code != End.BROKEN, "a fault could not be tried"
        return End(code) if code in list(End) else End.FAILED
    code = End.BROKEN
    with suppress(BaseException):
        if limit:
            signal.alarm(PATIENCE)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT))
        words = os.open(told, os.O_WRONLY | os.O_CREAT)
        os.dup2(words, 1)
        os.dup2(words, 2)
        code = End(min(task(), 1))
    os._exit(code)
