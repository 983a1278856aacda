"""`lontar new`: every file that it writes passes the check, and none is ever written over."""

from pathlib import Path

import pytest

from app.core.load import load
from tests.core.contents import TODAY
from tests.test_cli import TINY, instance, lontar

__all__ = ["instance"]
THERE = "is there already; choose another name, or take that file away first"
SHARED = ("actions", "countries", "figures", "glossary", "options", "coverage", "tiny")


def said(root: Path) -> list[tuple[str, str, str]]:
    return [(one.severity, one.path, one.code) for one in load(root, today=TODAY)[1]]


def test_a_course_from_nothing_to_a_translation(instance: Path, tmp_path: Path) -> None:
    root = tmp_path / "mine"
    place = ("--content", str(root))
    first = lontar("new", "course", "pensions", "--title", 'Pensions: "for all"', *place)
    assert (first.exit_code, first.stdout) == (
        0,
        "course/pensions.yml written\nmodules/pensions-start.md written\nquizzes/pensions-start.md written\n",
    )
    assert first.stderr.splitlines()[-1] == f"Next, 2: lontar check --content {root}"
    assert said(root) == []
    told = lontar("new", "module", "who-pays", *place)
    assert told.stderr.splitlines()[1:] == [
        f"Next, 2: lontar new quiz who-pays --module who-pays --content {root}",
        f"Next, 3: lontar check --content {root}",
    ]
    assert said(root) == [("warning", "modules/who-pays.md", "unused")]
    step = lontar("new", "quiz", "who-pays", "--module", "who-pays", *place).stderr.splitlines()[0]
    assert step == "Next, 1: write `quiz: who-pays` into the front matter of modules/who-pays.md"
    outline, page = root / "course/pensions.yml", root / "modules/who-pays.md"
    outline.write_text(outline.read_text().replace("[pensions-start]", "[pensions-start, who-pays]"))
    page.write_text(page.read_text().replace("# quiz: name ", "quiz: who-pays "))
    assert said(root) == []
    told = lontar("new", "translation", "modules/who-pays.md", "km", *place)
    assert told.stderr.splitlines()[0] == "Next, 1: add km to `languages:` of every outline in course/"
    outline.write_text(outline.read_text().replace("[en] ", "[en, km] "))
    assert lontar("new", "translation", str(root / "quizzes/who-pays.md"), "km", *place).exit_code == 0
    assert lontar("new", "translation", "course/pensions.yml", "km", *place).exit_code == 0
    assert said(root) == [
        ("warning", "modules/pensions-start.km.md", "translation-missing"),
        ("warning", "quizzes/pensions-start.km.md", "translation-missing"),
    ]


def test_every_file_of_a_course_can_be_translated(instance: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    for file in TINY.glob("*/*"):
        if ".fr." not in file.name:
            (root / file.parent.name).mkdir(parents=True, exist_ok=True)
            (root / file.parent.name / file.name).write_bytes(file.read_bytes())
    files = [f"course/{name}.yml" for name in SHARED] + ["modules/one.md", "quizzes/one.md", "quizzes/tiny-final.md"]
    for file in files:
        assert lontar("new", "translation", file, "fr", "--content", str(root)).exit_code == 0
    assert [one for one in said(root) if one[2] != "translation-missing"] == []
    names = {path for _, path, code in said(root) if code == "translation-missing"}
    assert names == {"modules/two.fr.md", "quizzes/two.fr.md"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("module", "one"), f"modules/one.md {THERE}"),
        (("quiz", "Who Pays"), "“Who Pays” is no id; use up to 50 lower-case letters a-z, digits and single hyphens"),
        (("module", "quizzes"), "the name quizzes is taken by Lontar itself; choose another"),
        (("course", "glossary"), "the name glossary is taken by Lontar itself; choose another"),
        (("course", "a", "--language", "fr"),
         "the courses of this folder are written in en first; write --language en"),
        (("quiz", "a", "--module", "nowhere"),
         "there is no modules/nowhere.md; write it first: lontar new module nowhere"),
        (("translation", "modules/one.md", "fr"), f"modules/one.fr.md {THERE}"),
        (("translation", "modules/one.md", "en"), "modules/one.md is written in en already"),
        (("translation", "modules/one.md", "../x"), "../x is no language tag; write one like fr, vi or zh-Hans"),
        (("translation", "modules/../../a.md", "fr"),
         "modules/../../a.md is no original that can be read; name one like modules/who-pays.md"),
    ],
)  # fmt: skip
def test_refusals(instance: Path, words: tuple[str, ...], told: str) -> None:
    refused = lontar("new", *words)
    assert (refused.exit_code, refused.stderr) == (1, f"lontar: {told}\n")
