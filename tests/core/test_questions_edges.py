"""The edges of questions: how each type is taken apart, what is so when nothing is said, limits to the letter."""

from fractions import Fraction
from random import Random
from typing import Any

import msgspec
import pytest

from app.core.content import ItemText
from app.core.papers import Drawn
from app.core.questions import KINDS, Feedback, Filler, Remark, Unreadable, body_of, draw_of, fill, read_item
from app.core.questions._options import Option
from app.core.questions._parameters import Parameter
from app.core.scan import ItemSource
from tests.core.banks import BANK, ITEMS, read


class Plain:
    """A renderer that changes nothing, and says at which line it was called."""

    def block(self, text: str, line: int) -> str:
        return f"{line}|{text}|"

    def inline(self, text: str, line: int, pictures: bool = False) -> str:
        return f"{line}{'!' if pictures else ':'}{text}:"


class Still(Random):
    """Chance that leaves everything where it is."""

    def shuffle(self, x: Any) -> None:
        pass


def apart(kind: str, text: str) -> ItemText:
    """An item read without Markdown; its heading stands on line 1, its text from line 2 on."""
    lines = list(enumerate(text.split("\n"), 2))
    return read_item(ItemSource(path="q.md", id="q", kind=kind, heading="Q", line=1, lines=lines), Plain())


def option(text: str, right: bool, remark: str = "", fixed: bool = False) -> dict[str, object]:
    return {"text": text, "right": right, "remark": remark, "fixed": fixed}


@pytest.mark.parametrize(
    ("kind", "text", "body"),
    [
        (
            "single",
            "  - [x] A\n   b {.fixed}\n  \n* [X]  B\n  > one\n  >two\n+ [ ] C {.fixed}\n",
            {
                "options": (
                    option("2!A b:", True, "", True),
                    option("5!B:", True, "6|one\ntwo|"),
                    option("8!C:", False, "", True),
                )
            },
        ),
        (
            "multiple",
            "- [x] A\n\n- [ ] B {.fixed} ",
            {"options": (option("2!A:", True), option("4!B:", False, "", True))},
        ),
        ("short", "= a  b / c\n=  d /", {"answers": ("a b", "c", "d"), "exact": ()}),
        (
            "match",
            "| L  l | R |\n|:--|--:|\n  \n| a | x |\n| b | y |\n|  | x |\n| c | z |",
            {
                "columns": ("2:L l:", "2:R:"),
                "rows": ("5!a:", "6!b:", "8!c:"),
                "choices": ("5:x:", "6:y:", "8:z:"),
                "fits": (0, 1, 2),
            },
        ),
        ("match", "stem", {"columns": ("", ""), "rows": (), "choices": (), "fits": ()}),
        ("order", "1. a\n  b\n  \n  2) c \n10. d", {"steps": ("2:a b:", "5:c:", "6:d:")}),
        ("reflection", "- a\n  b\n  \n* c \n+  d", {"rubric": ("2:a b:", "5:c:", "6:d:")}),
        ("survey", "1. a\n  b\n  \n  2) c", {"form": "scale", "choices": ("2:a b:", "5:c:")}),
        ("survey", "* ( ) a\n+ () b", {"form": "one", "choices": ("2:a:", "3:b:")}),
        ("survey", "stem", {"form": "one", "choices": ()}),
        ("numeric", "stem", {"formula": "0", "tolerance": "0", "unit": "", "parameters": ()}),
        ("numeric", "= 2 x ± 1", {"formula": "2", "tolerance": "1", "unit": "", "parameters": ()}),
        ("numeric", "= 1 ± few", {"formula": "1", "tolerance": "0", "unit": "", "parameters": ()}),
        ("numeric", "= (1", {"formula": "0", "tolerance": "0", "unit": "", "parameters": ()}),
        (
            "numeric",
            "vars: a = 1..1\n= (1",
            {
                "formula": "0",
                "tolerance": "0",
                "unit": "",
                "parameters": ({"name": "a", "low": "1", "high": "1", "step": "1", "of": ""},),
            },
        ),
        (
            "numeric",
            "vars: a = 1..2; b = 0.5..1.25; c = 10%..20% of a \n= 3 = a +/- 0.5  km a day",
            {
                "formula": "a",
                "tolerance": "0.5",
                "unit": "km a day",
                "parameters": (
                    {"name": "a", "low": "1", "high": "2", "step": "1", "of": ""},
                    {"name": "b", "low": "0.5", "high": "1.25", "step": "0.01", "of": ""},
                    {"name": "c", "low": "10", "high": "20", "step": "1", "of": "a"},
                ),
            },
        ),
        ("cloze", "stem", {"pieces": ("",), "gaps": (), "exact": ()}),
        (
            "cloze",
            "A {{gap: b / c}} d\n{{ choose: e / *f }}",
            {
                "pieces": ("2|A ", " d\n", "|"),
                "gaps": (
                    {"after": "2|A", "wordings": ("b", "c"), "options": (), "right": 0},
                    {"after": "2|A … d", "wordings": (), "options": ("e", "f"), "right": 1},
                ),
                "exact": (),
            },
        ),
        (
            "cloze",
            "A\nb {{gap: c}}",
            {
                "pieces": ("2|A\nb ", "|"),
                "gaps": ({"after": "2|A b", "wordings": ("c",), "options": (), "right": 0},),
                "exact": (),
            },
        ),
        (
            "cloze",
            "{{choose: a / b}}",
            {
                "pieces": ("2|", "|"),
                "gaps": ({"after": "2|", "wordings": (), "options": ("a", "b"), "right": 0},),
                "exact": (),
            },
        ),
        ("scenario", "Once.", {}),
        ("essay", "- a", {}),
    ],
)
def test_a_question_is_taken_apart(kind: str, text: str, body: object) -> None:
    found = apart(kind, text)
    assert (found.heading, found.body) == ("1:Q:", body)


@pytest.mark.parametrize(
    ("kind", "text", "stem", "hint", "explanation"),
    [
        ("reflection", "\na\nb\n\n? c\n?  d\n\n- p\n\n> e\n>f\n\n> g\n", "3|a\nb|", "6|c\nd|", "11|e\nf\n\ng|"),
        ("reflection", "> told", "", "", "2|told|"),
        ("reflection", "- p", "", "", ""),
        ("reflection", "a\n\n```\n? no\n- no\n```\n? hint\n- p", "2|a\n\n```\n? no\n- no\n```|", "8|hint|", ""),
        ("single", "- [x] a\n> remark", "", "", ""),
        ("single", "- [x] a\n> remark\n\n> told", "", "", "5|told|"),
        ("single", "- [x] a\n\n> told", "", "", "4|told|"),
        ("scenario", "once\n\n> told", "2|once|", "", "4|told|"),
        ("scenario", "?no hint", "2|?no hint|", "", ""),
        *(
            (kind, f"Asked.\n\n{answer}", "2|Asked.|", "", "")
            for kind, answer in (
                ("single", "- [x] a\n- [ ] b"),
                ("true-false", "- [x] a\n- [ ] b"),
                ("multiple", "- [x] a\n- [ ] b"),
                ("numeric", "= 1"),
                ("numeric", "vars: a = 1..2\n= a"),
                ("short", "= a"),
                ("match", "| a | b |"),
                ("order", "1. a\n2. b"),
                ("cloze", "A {{gap: b}}."),
                ("survey", "1. a\n2. b"),
                ("survey", "- ( ) a"),
            )
        ),
    ],
)
def test_stem_hint_and_explanation(kind: str, text: str, stem: str, hint: str, explanation: str) -> None:
    found = apart(kind, text)
    assert (found.stem, found.hint, found.explanation) == (stem, hint, explanation)


KEYS: dict[str, tuple[object, object, set[str]]] = {
    "single": ([4, "B"], None, set()),
    "true-false": ([2, "B"], None, set()),
    "multiple": ([5, ["A", "C"]], None, set()),
    "numeric": (
        [
            "missed / all * 100",
            "0.5",
            [["all", "2000", "9000", "500", ""], ["missed", "10", "60", "10", "all"]],
        ],
        None,
        {"all", "missed"},
    ),
    "short": ([], ["Missing middle", "the gap"], set()),
    "match": ([3, [0, 1, 0]], [0, 2, 0], set()),
    "order": ([4], [0, 1, 3, 2], set()),
    "cloze": ([[0, 0], [3, 0], []], [["missing middle", "middle"], []], set()),
    "reflection": ([2], None, set()),
    "scale": (["scale", 3], ["Not yet", "A <strong>little</strong>", "Quite"], set()),
    "several": (["several", 3], ["Red", "Green", "Blue"], set()),
}


@pytest.mark.parametrize("id", KEYS)
def test_what_decides_the_grade(id: str) -> None:
    item = next(item for item in read(BANK)[0] if item.id == id)
    kind, body = KINDS[item.kind], body_of(item, "en")
    assert (kind.key(body), kind.wordings(body), kind.names(body)) == KEYS[id]


ORDERS: dict[str, tuple[int, ...]] = {
    "single": (0, 1, 2, 3),
    "true-false": (0, 1),
    "multiple": (0, 1, 2, 3, 4),
    "match": (0, 2, 1),
    "order": (0, 1, 3, 2),
    "cloze": (0, 1, 2),
    "reflection": (),
    "short": (),
    "scale": (0, 1, 2),
}


@pytest.mark.parametrize("id", ORDERS)
def test_what_is_drawn(id: str) -> None:
    """Seen values mean something to a question with parameters alone."""
    item = ITEMS[id]
    assert KINDS[item.kind].draw(body_of(item, "en"), Still()) == Drawn(order=ORDERS[id])
    assert draw_of(item, Still(), [{"a": "1"}]) == Drawn(order=ORDERS[id])


def test_a_story_is_not_answered() -> None:
    kind = KINDS["scenario"]
    body = kind.Body()
    assert (kind.key(body), kind.wordings(body), kind.names(body), kind.draw(body, Still())) == (
        [],
        None,
        set(),
        Drawn(),
    )
    assert (kind.grade(body, Drawn(), "A"), kind.guess(body), kind.said(body, Drawn(), "A")) == (0, 0, "")
    assert (kind.explain(body, Drawn(), "A"), kind.begin(["a", "b"])) == (Feedback(right=None), 2)


def test_an_open_answer_has_no_worth() -> None:
    kind, body = KINDS["reflection"], body_of(ITEMS["reflection"], "en")
    assert (kind.grade(body, Drawn(), "A"), kind.guess(body), kind.right(body, Drawn())) == (0, 0, None)
    assert (kind.said(body, Drawn(), 5), kind.said(body, Drawn(), "a\nb")) == ("", "a<br>b")
    assert (kind.grade(body, Drawn(), ""), KINDS["short"].guess(body), KINDS["numeric"].guess(body)) == (0, 0, 0)


EMPTY: dict[str, Any] = {
    "single": {"options": ()},
    "multiple": {"options": ()},
    "short": {"answers": ()},
    "match": {"columns": ("", ""), "rows": (), "choices": (), "fits": ()},
    "order": {"steps": ()},
    "cloze": {"pieces": ("",), "gaps": ()},
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_faulty_question_earns_nothing(name: str) -> None:
    """Such a bank is refused; nothing may fall over before that."""
    kind, found = KINDS[name], msgspec.convert(EMPTY[name], KINDS[name].Body)
    assert (kind.grade(found, Drawn(), None), kind.guess(found), kind.guess(found, "none")) == (0, 0, 0)
    assert (kind.said(found, Drawn(), None), kind.explain(found, Drawn(), None).key) == ("", "")
    assert not kind.right(found, Drawn())


def test_the_fewest_that_can_be_asked() -> None:
    order, match = KINDS["order"], KINDS["match"]
    alone, two = order.Body(steps=("a",)), order.Body(steps=("a", "b"))
    assert (order.grade(alone, Drawn(), [1]), order.guess(alone)) == (0, 0)
    assert (order.grade(two, Drawn(), [1, 2]), order.guess(two)) == (1, Fraction(1, 2))
    rowless = match.Body(columns=("", ""), rows=(), choices=("x",), fits=())
    assert (match.guess(rowless), match.guess(rowless, "none"), match.grade(rowless, Drawn(), [])) == (0, 0, 0)


def feedback(id: str, value: Any) -> Feedback:
    return KINDS[ITEMS[id].kind].explain(body_of(ITEMS[id], "en"), Drawn(), value)


@pytest.mark.parametrize(
    ("id", "value", "found"),
    [
        ("single", "B", Feedback(right=True, remarks=(Remark(text="<p>Right.</p>"),), key="Second")),
        ("single", "C", Feedback(right=False, key="Second")),
        ("single", None, Feedback(right=False, key="Second")),
        ("multiple", ["A", "C"], Feedback(right=True, key="One; Three")),
        ("multiple", ["D"], Feedback(right=False, key="One; Three")),
        ("short", "the gap", Feedback(right=True, key="Missing middle")),
        ("short", "x", Feedback(right=False, key="Missing middle")),
        ("plain", {"number": "42"}, Feedback(right=True, key="42")),
        ("plain", {"number": "43"}, Feedback(right=False, key="42")),
        ("match", ["A", "B", "A"], Feedback(right=True, key="a: one; b: two; c: one")),
        ("match", ["B", "A", "B"], Feedback(right=False, key="a: one; b: two; c: one")),
        ("match", ["A", "A", "B"], Feedback(right=False, partly=True, key="a: one; b: two; c: one")),
        ("order", [1, 2, 3, 4], Feedback(right=True, key="1. Assess; 2. Enrol; 3. Provide; 4. Manage")),
        ("order", [4, 3, 2, 1], Feedback(right=False, key="1. Assess; 2. Enrol; 3. Provide; 4. Manage")),
        ("order", [2, 1, 3, 4], Feedback(right=False, partly=True, key="1. Assess; 2. Enrol; 3. Provide; 4. Manage")),
        ("cloze", ["middle", "A"], Feedback(right=True, key="(1) missing middle; (2) formal")),
        ("cloze", ["x", "B"], Feedback(right=False, key="(1) missing middle; (2) formal")),
        ("cloze", ["x", "A"], Feedback(right=False, partly=True, key="(1) missing middle; (2) formal")),
        ("reflection", "x", Feedback(right=None, rubric=("It names a person", "It names a date"))),
        ("scale", "A", Feedback(right=None)),
    ],
)
def test_what_is_told_after_an_answer(id: str, value: Any, found: Feedback) -> None:
    assert feedback(id, value) == found


def test_what_is_so_when_nothing_is_said() -> None:
    assert read(BANK)[1] == []  # the modules run, so that trials of faults in them come here
    bare = Unreadable("No.", "answer")
    assert (str(bare), bare.field, bare.value, bare.choices, bare.values) == ("No.", "answer", None, (), {})
    assert Remark(text="a") == Remark(text="a", about="")
    assert Feedback(right=True) == Feedback(right=True, partly=False, remarks=(), key="", rubric=())
    assert Option(text="a", right=True) == Option(text="a", right=True, remark="", fixed=False)
    assert Parameter(name="a", low="1", high="2", step="1").of == ""
    assert KINDS["short"].Body(answers=()).exact == KINDS["cloze"].Body(pieces=(), gaps=()).exact == ()
    numeric = KINDS["numeric"].Body(formula="1", tolerance="0")
    assert (numeric.unit, numeric.parameters) == ("", ())
    assert (fill("{{a}}", {"a": "0.5"}), fill("a", {"a": "0.5"}), Filler({"a": "0.5"})("{{a}}")) == ("0.5", "a", "0.5")
    assert (Filler({}).number("0.5"), fill("{{ b }}", {"a": "1"})) == ("0.5", "{{ b }}")


def test_numbers_that_were_seen_come_last() -> None:
    item = read("## Q {#q .numeric}\n\nvars: a = 1..2\n= a\n")[0][0]
    assert {draw_of(item, Random(seed), [{"a": "1"}]).values["a"] for seed in range(9)} == {"2"}
    assert {draw_of(item, Random(seed)).values["a"] for seed in range(9)} == {"1", "2"}
