"""Ids that were changed since the release that learners have."""

import pytest

from app.core.load import load
from tests.core.contents import TODAY, Content

ONE, QUIZ, OUTLINE = "modules/one.md", "quizzes/one.md", "course/tiny.yml"


def said(content: Content, old: str, new: str, name: str) -> list[tuple[str, int, str]]:
    before, _ = content.load()
    if name:
        content.change(name, old, new)
    else:
        content.path(old).rename(content.path(new))
        if old == "modules/two.md":
            content.change(OUTLINE, "[one, two]", "[one, zwei]")
    _, problems = load(content.root, today=TODAY, worker=content.worker, before=before)
    found = [one for one in problems if one.code == "id-renamed"]
    return [(one.path, one.line, one.message.partition("“")[2].partition("”")[0]) for one in found]


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        (ONE, "{#second}", "{#the-second}", [(ONE, 47, "second")]),
        (ONE, "{#second}", "{#second}\n", []),
        (ONE, "A1 list-of-laws", "A1 laws", [(ONE, 40, "list-of-laws")]),
        (QUIZ, "{#one-single ", "{#single-one ", [(QUIZ, 28, "one-single")]),
        ("", "quizzes/two.md", "quizzes/zwei.md", [("quizzes/zwei.md", 0, "two")]),
        ("", "modules/two.md", "modules/zwei.md", [("modules/zwei.md", 0, "two")]),
    ],
)
def test_what_is_called_otherwise_is_named(
    content: Content, name: str, old: str, new: str, found: list[tuple[str, int, str]]
) -> None:
    assert said(content, old, new, name) == found


def test_what_is_taken_away_or_new_says_nothing(content: Content) -> None:
    before, _ = content.load()
    content.change(QUIZ, "{#one-single .single", "{#one-single .multiple")
    content.change("quizzes/new.md", "", "---\ntitle: New\n---\n\n## Q {#q .single .practice}\n\n- [x] a\n- [ ] b\n")
    _, problems = load(content.root, today=TODAY, worker=content.worker, before=before)
    assert [one.code for one in problems if one.code == "id-renamed"] == []
