"""A corrected key: what may judge old answers, and what they are worth then."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from app.core import regrading
from app.core.content import Item, ItemText
from app.core.papers import Answer, Drawn, Grade, Mark, Paper, Question
from app.core.regrading import KEY, OTHER, SAME, Change, Rules
from tests.records.samples import item

ONE = item("q1", "quiz", right=1)


def body(change: Callable[[dict[str, Any]], dict[str, Any]], text: ItemText = ONE.texts["en"], **texts: str) -> Item:
    return replace(ONE, texts={"en": replace(text, body=change(dict(text.body)), **texts)})


def options(*rows: tuple[str, bool, str]) -> Item:
    made = [{"text": text, "right": right, "remark": remark, "fixed": False} for text, right, remark in rows]
    return body(lambda _: {"options": made})


AS_IT_IS = [(f"q1 {place}", place == 1, "") for place in range(4)]


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (ONE, (SAME, "")),
        (options(*((text, right, "why") for text, right, _ in AS_IT_IS)), (SAME, "")),  # another remark
        (options(*((text + "!", right, "") for text, right, _ in AS_IT_IS)), (SAME, "")),  # a typo, the same key
        (replace(ONE, module="other", level="apply", version="x"), (SAME, "")),
        (item("q1", "quiz", right=2), (KEY, "")),
        (replace(ONE, points=2), (KEY, "")),
        (replace(ONE, partial="none"), (KEY, "")),
        (None, (OTHER, "it is no longer in the file")),
        (replace(ONE, kind="multiple"), (OTHER, "it was single and is multiple now")),
        (
            options(*((text, not right, "") for text, right, _ in AS_IT_IS[:3])),
            (OTHER, "number, order or text of its options has changed (en)"),
        ),
        (
            options(*((text + "!", place == 2, "") for place, (text, _, _) in enumerate(AS_IT_IS))),
            (OTHER, "number, order or text of its options has changed (en)"),
        ),
        (options(*reversed(AS_IT_IS)), (OTHER, "number, order or text of its options has changed (en)")),
        (
            replace(item("q1", "quiz", 2), texts={"en": replace(item("q1", "quiz", 2).texts["en"], stem="More")}),
            (OTHER, "its wording has changed (en)"),
        ),
        (replace(ONE, texts={"fr": ONE.texts["en"]}), (OTHER, "it has no text in en any more")),
    ],
)
def test_only_what_decides_the_grade_may_differ(new: Item | None, found: tuple[str, str]) -> None:
    assert regrading.compare(ONE, new) == found


@pytest.mark.parametrize(
    ("kind", "old", "new", "found"),
    [
        ("numeric", {"formula": "2 * a", "tolerance": "0"}, {"formula": "2 * a", "tolerance": "0.5"}, KEY),
        ("numeric", {"formula": "1", "tolerance": "0"}, {"formula": "1", "tolerance": "0", "unit": "%"}, SAME),
        ("numeric", {"formula": "1", "tolerance": "0"}, {"formula": "2", "tolerance": "0", "unit": "%"}, OTHER),
        ("short", {"answers": ["Suva"]}, {"answers": ["Suva", "Suva City"]}, KEY),
        ("order", {"steps": ["a", "b"]}, {"steps": ["b", "a"]}, OTHER),
        (
            "match",
            {"columns": ["", ""], "rows": ["r", "s"], "choices": ["x", "y"], "fits": [0, 1]},
            {"columns": ["", ""], "rows": ["r", "s"], "choices": ["x", "y"], "fits": [1, 1]},
            KEY,
        ),
        (
            "cloze",
            {"pieces": ["", ""], "gaps": [{"after": "", "wordings": ["one"]}]},
            {"pieces": ["", ""], "gaps": [{"after": "", "wordings": ["one", "1"]}]},
            KEY,
        ),
        (
            "cloze",
            {"pieces": ["", ""], "gaps": [{"after": "", "options": ["a", "b"], "right": 0}]},
            {"pieces": ["", ""], "gaps": [{"after": "", "options": ["a", "c"], "right": 1}]},
            OTHER,
        ),
    ],
)
def test_every_kind_says_what_decides_its_grade(kind: str, old: Any, new: Any, found: str) -> None:
    made = [Item(id="q", quiz="z", kind=kind, texts={"en": ItemText(heading="?", body=one)}) for one in (old, new)]
    assert regrading.compare(*made)[0] == found


PAPER = Paper(questions=tuple(Question(item=id, version=id, points=1, drawn=Drawn()) for id in ("q1", "q2", "q3")))
ITEMS = {
    "q1": ONE,
    "q2": item("q2", "quiz", 0),
    "q3": item("q3", "quiz", 0),
    "new": item("q1", "quiz", 2),
    "double": replace(item("q2", "quiz", 0), points=4),
}
CORRECT = Change("q1", "q1", KEY, "", "new")
HEAVIER = Change("q2", "q2", KEY, "", "double")


def graded(*points: str, judged: tuple[str, str, str] = ("", "", "")) -> Grade:
    pairs = zip(("q1", "q2", "q3"), points, judged, strict=True)
    marks = tuple(Mark(item=id, points=one, possible=1, judged=by) for id, one, by in pairs)
    n = points.count("1")
    return Grade(points=str(n), possible=3, score=n * 10_000 // 3, passed=n * 100 >= 180, marks=marks)


@pytest.mark.parametrize(
    ("given", "before", "changes", "void", "lower", "found"),
    [
        ("C", graded("0", "1", "0"), [CORRECT], "", False, ("2", 3, 6666, True, ["new", "", ""])),
        ("B", graded("1", "1", "0"), [CORRECT], "", False, ("2", 3, 6666, True, ["new", "", ""])),  # keeps its point
        ("B", graded("1", "1", "0"), [CORRECT], "", True, ("1", 3, 3333, False, ["new", "", ""])),
        ("D", graded("0", "1", "0"), [CORRECT], "", False, ("1", 3, 3333, False, ["new", "", ""])),
        ("D", graded("0", "1", "0"), [], "q1", False, ("2", 3, 6666, True, ["void", "", ""])),
        ("D", graded("1", "1", "0", judged=("void", "", "")), [CORRECT], "q1", False, None),
        ("C", graded("1", "1", "0", judged=("new", "", "")), [CORRECT], "", False, None),
        ("C", graded("0", "1", "0"), [], "", False, None),
        # A question that weighs more raises one result and would lower another, which stays.
        ("D", graded("0", "1", "0"), [HEAVIER], "", False, ("4", 6, 6666, True, ["", "double", ""])),
        ("B", graded("1", "0", "0"), [HEAVIER], "", False, ("1", 3, 3333, False, ["", "double", ""])),
        ("B", graded("1", "0", "0"), [HEAVIER], "", True, ("1", 6, 1666, False, ["", "double", ""])),
    ],
)
def test_a_result_is_judged_anew_and_never_falls_unless_it_may(
    given: str, before: Grade, changes: list[Change], void: str, lower: bool, found: tuple[Any, ...] | None
) -> None:
    rules = Rules({(one.item, one.version): one for one in changes}, frozenset(filter(None, [void])), lower)
    answers = {1: Answer(value=given, language="en"), 2: Answer(value="A" if before.marks[1].points == "1" else "B")}
    after = regrading.regrade(PAPER, ITEMS, answers, before, 60, rules)
    told = after and (after.points, after.possible, after.score, after.passed, [one.judged for one in after.marks])
    assert told == found
