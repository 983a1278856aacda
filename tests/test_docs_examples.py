"""The guide for beginners and the page of examples are true: what they tell to copy passes the check."""

import re
from datetime import date
from pathlib import Path

from app.core.content import Library, flatten
from app.core.load import load
from app.core.questions import KINDS
from tests.test_cli import commands
from tests.test_docs import EXAMPLE, GUIDE

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = (DOCS / "examples.md").read_text(encoding="utf-8")
BEGIN = (DOCS / "guide.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```markdown ?(\S*)\n(.*?)^```$", re.M | re.S)
SHOWS = (".practice", "partial=none", "points=2", "{.fixed}", "vars:", "? ", "> ", "level=")


def loaded(root: Path, files: dict[str, str]) -> tuple[Library | None, list[tuple[str, str]]]:
    """The course of the authors' guide with these files, and what is said of them."""
    for name, text in [(name, text) for _, _, name, text in EXAMPLE.findall(GUIDE)] + list(files.items()):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    library, problems = load(root, today=date(2026, 11, 22))
    return library, [(one.path, one.code) for one in problems if one.path in files]


def test_the_examples_of_every_kind(tmp_path: Path) -> None:
    front, texts = "---\ntitle: Examples\ndraw: 5\n---\n\n", {"": "", "survey": ""}
    for kind, text in BLOCK.findall(EXAMPLES):
        texts[kind] += text + "\n"
    files = {"quizzes/examples.md": front + texts[""], "quizzes/asked.md": "---\ntitle: a\n---\n\n" + texts["survey"]}
    library, said = loaded(tmp_path, files)
    assert said == [("quizzes/asked.md", "unused"), ("quizzes/examples.md", "unused")]
    assert library
    items = [item for id in ("examples", "asked") for item in flatten(library.quizzes[id].items)]
    assert {item.kind for item in items} == set(KINDS)
    assert {item.original.body["form"] for item in items if item.kind == "survey"} == {"scale", "one", "several"}
    assert all(item.id.startswith("example-") for item in items)
    assert [one for one in SHOWS if one not in texts[""]] == []


def test_the_first_question_of_the_guide(tmp_path: Path) -> None:
    [(name, text)] = BLOCK.findall(BEGIN)
    assert loaded(tmp_path, {name: text})[1] == [(name, "unused")]


def test_the_guide_names_commands_and_places_that_exist() -> None:
    known = {" ".join(path[:depth]) for path, _ in commands() for depth in (1, 2)}
    shown = re.findall(r"`?lontar (new [a-z]+|[a-z]+)", BEGIN)
    assert {one for one in shown if one not in known} == set()
    for page in (BEGIN, EXAMPLES, GUIDE):
        for target in re.findall(r"\]\((\w+\.md)?(?:#[a-z-]+)?\)", page):
            assert not target or (DOCS / target).is_file()
    for file, anchor in re.findall(r"\]\((\w+\.md)?#([a-z-]+)\)", BEGIN + EXAMPLES):
        text = (DOCS / file).read_text(encoding="utf-8") if file else BEGIN
        titles = re.findall(r"^#+ (.+)$", text, re.M)
        assert anchor in {re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in titles}
