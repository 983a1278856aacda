"""The authors' guide is true: its examples make a course, and it explains every code of the check."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from app.core.load import load
from app.core.questions import KINDS
from app.core.sections import KINDS as BOXES
from app.core.tools import TOOLS

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^(`{3,})(yaml|markdown)(?: (\S+))?\n(.*?)^\1$", re.M | re.S)
SAYS = {"fault", "faults", "here", "_Refused", "_problem"}  # what reports a problem: (line or task, code, message)


def test_the_examples_of_the_guide_make_a_course(tmp_path: Path) -> None:
    examples = EXAMPLE.findall(GUIDE)
    assert len(examples) == 20
    for _, _, name, text in examples:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        assert not path.exists()
        path.write_text(text, encoding="utf-8")
    library, problems = load(tmp_path, today=date(2026, 11, 22))
    assert [(one.path, one.code) for one in problems] == [
        ("modules/who-pays.fr.md", "translation-missing"),
        ("quizzes/paying-end.fr.md", "translation-missing"),
        ("quizzes/paying-entry.fr.md", "translation-missing"),
        ("quizzes/paying-survey.fr.md", "translation-missing"),
        ("quizzes/paying-used.fr.md", "translation-missing"),
        ("quizzes/who-pays.fr.md", "translation-missing"),
    ]
    assert library
    shown = {id: {item.kind for item in quiz.items} for id, quiz in library.quizzes.items()}
    assert shown["who-pays"] | shown["paying-survey"] == set(KINDS)
    body = [item.original.body["form"] for quiz in library.quizzes.values() if quiz.survey for item in quiz.items]
    assert set(body) == {"scale", "one", "several"}


def test_the_guide_explains_every_code_and_no_other() -> None:
    explained = re.findall(
        r"`([a-z0-9-]+)`", " ".join(re.findall(r"^\| (`[^|]*) \|[^|]+\|[^|]+\|$", _codes_part(), re.M))
    )
    assert len(explained) == len(set(explained))
    assert set(explained) == codes()


def test_the_guide_shows_every_kind_and_every_box() -> None:
    for kind in KINDS:
        assert f"`.{kind}`" in GUIDE
    for box in BOXES:
        assert f"/// {box}" in GUIDE


def test_the_house_has_a_place_for_every_table_and_every_file_of_the_core() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    groups = page[page.index("In `core`, these groups") : page.index("## Rules that")]
    named = {name.rstrip("/").removesuffix(".py") for name in re.findall(r"`([\w/.]+)`", groups)}
    there = {path.stem for path in (ROOT / "app" / "core").iterdir() if not path.name.startswith(("_", "check"))}
    assert there - named == set()
    remembered = page[page.index("## What is remembered") : page.index("Could a year of facts")]
    code = "".join(path.read_text() for path in (ROOT / "app" / "records").glob("*.py"))
    assert set(re.findall(r'__tablename__ = "(\w+)"', code)) - set(re.findall(r"\w+", remembered)) == set()


def test_the_guide_names_every_tool() -> None:
    table = GUIDE.partition("**Tools** are")[2].partition("###")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.M)) == set(TOOLS)


def _codes_part() -> str:
    return GUIDE.partition("## What the check says")[2]


@cache
def codes() -> frozenset[str]:
    """Every code that the core may report, read from its source."""
    return frozenset(_codes())


def _codes() -> Iterator[str]:
    for path in sorted((ROOT / "app" / "core").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and len(call.args) >= 2 and _reports(call.func):
                code = call.args[1]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value


def _reports(called: ast.expr) -> bool:
    if isinstance(called, ast.Call):
        return _name(called.func) == "Faults"
    return _name(called) in SAYS


def _name(expression: ast.expr) -> str:
    return getattr(expression, "attr", getattr(expression, "id", ""))
