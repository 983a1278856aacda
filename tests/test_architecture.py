"""The rules of docs/architecture.md that a machine keeps."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WEB = {"flask", "flask_login", "werkzeug", "jinja2", "wtforms"}
DATABASE = {"sqlalchemy", "alembic", "psycopg", "sqlite3"}


def modules(package: str) -> list[str]:
    found = sorted((ROOT / package).rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in found]
    return [name for name in names if "migrations" not in name]


IMPORT = """
import importlib, json, sys
for name, modules in json.loads(sys.argv[1]).items():
    for module in modules:
        importlib.import_module(module)
    print(name, *sys.modules)
"""


@pytest.fixture(scope="module")
def reached() -> dict[str, set[str]]:
    """The packages that are loaded once a part and those before it are imported, part by part in one fresh interpreter.

    What must reach least is imported first, so that nothing was there before it.
    """
    parts = {"core": modules("app/core"), "check": of_the_check()}
    parts |= {"records": modules("app/records"), "ops": modules("app/ops"), "paper": ["app.web.certificates"]}
    command = [sys.executable, "-c", IMPORT, json.dumps(parts)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    lines = [line.split() for line in result.stdout.splitlines()]
    return {part: {name.partition(".")[0] for name in names} for part, *names in lines}


def test_core_reaches_neither_the_web_nor_the_database(reached: dict[str, set[str]]) -> None:
    assert reached["core"] & (WEB | DATABASE) == set()


@pytest.mark.parametrize("package", ["records", "ops"])
def test_records_and_operations_reach_no_web(reached: dict[str, set[str]], package: str) -> None:
    assert reached[package] & (WEB - {"jinja2"}) == set()


def test_the_check_of_the_course_reaches_neither_the_web_nor_the_database(reached: dict[str, set[str]]) -> None:
    """Not when it runs, either: loading them takes longer than the check."""
    assert reached["check"] & (WEB | DATABASE) == set()


def test_what_makes_and_signs_paper_is_not_loaded_before_it_is_wanted(reached: dict[str, set[str]]) -> None:
    assert reached["paper"] & {"pyhanko", "typst"} == set()
    assert reached["paper"] >= WEB


def of_the_check() -> list[str]:
    """The modules of ours that the check of the course imports, also inside its functions."""
    nodes = [node for node in ast.walk(parsed(ROOT / "app/cli_check.py")) if isinstance(node, ast.ImportFrom)]
    named = {(f"{node.module}.{one.name}", str(node.module)) for node in nodes for one in node.names}
    ours = {whole if whole in modules("app") else module for whole, module in named if module.startswith("app")}
    assert {"app.ops.checking", "app.ops.files"} <= ours
    return sorted(ours)


def test_no_imports_run_in_a_circle() -> None:
    """Each module can be the first that is imported."""
    paths = {".".join(path.with_suffix("").relative_to(ROOT).parts): path for path in (ROOT / "app").rglob("*.py")}
    needed = {name: wanted(path) & paths.keys() - {name} for name, path in paths.items()}
    while free := {name for name, others in needed.items() if not others & needed.keys()}:
        needed = {name: others for name, others in needed.items() if name not in free}
    assert needed == {}


def wanted(path: Path) -> set[str]:
    """The modules that a file may mean by the imports at its top."""
    top = parsed(path).body
    named = {f"{one.module}.{name.name}" for one in top if isinstance(one, ast.ImportFrom) for name in one.names}
    plain = {name.name for one in top if isinstance(one, ast.Import) for name in one.names}
    return named | plain | {str(one.module) for one in top if isinstance(one, ast.ImportFrom)}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def calls(path: Path, name: str) -> list[int]:
    """The lines of a file that call a function or method of this name."""
    return [line for line, *names in called(path) if name in names]


@cache
def called(path: Path) -> list[tuple[int, str | None, str | None]]:
    """The line of each call, and what it calls as a method or as a function."""
    nodes = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    return [(one.lineno, getattr(one.func, "attr", None), getattr(one.func, "id", None)) for one in nodes]


def test_records_commits_nothing() -> None:
    """`engine` holds the session itself, whose `commit` others call."""
    found = {path.name: calls(path, "commit") for path in (ROOT / "app/records").rglob("*.py")}
    assert {name for name, lines in found.items() if lines} == {"engine.py"}


def test_core_opens_files_in_few_places_alone() -> None:
    """`files` reads the course, `load` and `compiled` what was made of it, `pdf` its template, `contexts` what stands
    beside the code; `tables` and `word` look into an archive that they were given."""
    openers = ("open", "read_text", "read_bytes", "write_bytes", "write_text")
    found = {path.name for path in (ROOT / "app/core").rglob("*.py") if any(calls(path, name) for name in openers)}
    assert found <= {
        "load.py",
        "files.py",
        "compiled.py",
        "pdf.py",
        "reading.py",
        "contexts.py",
        "tables.py",
        "word.py",
    }


def test_core_has_no_clock_and_no_chance_of_its_own() -> None:
    """`worker` measures how long a child takes; chance comes in as a seed, so `Random` gets one."""
    own = {
        "now",
        "today",
        "utcnow",
        "monotonic",
        "urandom",
        "uuid4",
        "uuid7",
        "token_hex",
        "token_bytes",
        "SystemRandom",
    }
    found = {
        (path.name, name)
        for path in (ROOT / "app/core").rglob("*.py")
        for _line, *names in called(path)
        for name in own & set(names)
    }
    assert found == {("worker.py", "monotonic")}


def test_files_of_the_engine_are_short_enough_to_see_whole() -> None:
    longest = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "app").rglob("*.py")}
    assert {name: lines for name, lines in longest.items() if lines > 400} == {}


def test_every_setting_says_what_it_means() -> None:
    tree = ast.parse((ROOT / "config.py").read_text())
    config = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Config")
    silent = [
        statement.target.id
        for statement, after in zip(config.body, [*config.body[1:], None], strict=True)
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
    ]
    assert silent == []


def test_no_file_of_the_project_names_a_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    guilty = []
    for name in filter(None, tracked.split("\0")):
        path = ROOT / name
        if path.suffix in (".py", ".md", ".html", ".yml", ".toml", "") and path.is_file():
            text = path.read_text("utf-8", errors="replace")
            if any(mark in text for mark in ("/home/" + "user", "/root" + "/", "/wo" + "rk/")):
                guilty.append(name)
    assert guilty == []
