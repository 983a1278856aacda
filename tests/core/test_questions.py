"""What holds for every question type: discovery, the way through the form and back, grades on the scale, no leaks."""

import sys
from fractions import Fraction
from itertools import permutations, product
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import questions
from app.core.content import Item
from app.core.papers import Drawn
from app.core.questions import KINDS, Filler, Unreadable, body_of, fill, key_hash, key_of, read_item
from app.core.scan import ItemSource
from tests.core.banks import BANK, CONTEXT, GRADED, ITEMS, codes, one, read
from tests.letters import LETTERS

SEEDS = st.integers(0, 10**6)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(LETTERS, max_size=4) | st.sampled_from(["A", "B", "1", "Z"]),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["text", "number", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(["answer", "answer_reading", *(f"answer_{n}" for n in range(6)), "other", ""])
SENT = st.lists(
    st.text(LETTERS, max_size=12) | st.sampled_from(["1", "2", "3", "4", "A", "1,234", "75 %", "\x00"]), max_size=3
)


def body(item: Item) -> Any:
    return body_of(item, "en")


def drawn(item: Item, seed: int) -> Drawn:
    return KINDS[item.kind].draw(body(item), Random(seed))


def form_of(item: Item, drawn: Drawn, value: Any) -> dict[str, list[str]]:
    """The fields that a browser sends when someone gives this answer."""
    kind, read_body, order = item.kind, body(item), list(drawn.order)
    if kind in ("single", "true-false") or (kind == "survey" and isinstance(value, str)):
        return {"answer": [str(order.index("ABCDEFGH".index(value)) + 1)]}
    if kind in ("multiple", "survey"):
        return {"answer": [str(order.index("ABCDEFGH".index(letter)) + 1) for letter in value]}
    if kind == "numeric":
        return {"answer": [value["text"]], "answer_reading": [value["number"]]}
    if kind == "match":
        return {f"answer_{n}": [str(order.index("ABCDEFGH".index(one)) + 1)] for n, one in enumerate(value, 1) if one}
    if kind == "order":
        return {f"answer_{row}": [str(value[step])] for row, step in enumerate(order, 1)}
    if kind == "cloze":
        rows = sys.modules["app.core.questions.cloze"].orders(read_body, drawn)
        picked = [
            str(row.index("ABCDEFGH".index(one)) + 1) if row else one for one, row in zip(value, rows, strict=True)
        ]
        return {f"answer_{n}": [one] for n, one in enumerate(picked, 1)}
    return {"answer": [value]}


def some_answer(item: Item, chance: Drawn) -> Any:
    """The right answer, or one of those that are as good as any other."""
    if item.kind == "survey":
        return ["A", "C"] if item.id == "several" else "B"
    return KINDS[item.kind].right(body(item), chance) or "two\nlines <b>"


def taken(item: Item, chance: Drawn, fields: dict[str, list[str]]) -> tuple[Any, Unreadable | None]:
    """What is read from a form, or why it is refused."""
    try:
        return KINDS[item.kind].read(body(item), chance, fields), None
    except Unreadable as refusal:
        return None, refusal


def test_the_kinds_are_the_files_of_the_package() -> None:
    files = {path.stem.replace("_", "-") for path in Path(questions.__file__).parent.glob("[a-z]*.py")}
    assert set(KINDS) == files
    assert set(KINDS) == {
        *("single", "true-false", "multiple", "numeric", "short"),
        *("match", "order", "cloze", "scenario", "reflection", "survey"),
    }


def test_the_bank_of_these_tests_has_no_problem_and_every_kind() -> None:
    assert read(BANK)[1] == []
    assert {item.kind for item in ITEMS.values()} == set(KINDS) - {"scenario"}


def test_a_new_type_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "same_again.py").write_text("from app.core.questions.short import *  # noqa: F403\n", "utf-8")
    monkeypatch.setattr(questions, "__path__", [*questions.__path__, str(tmp_path)])
    try:
        assert set(questions._kinds()) - set(KINDS) == {"same-again"}
        assert questions._kinds()["same-again"].Body(answers=("a",)) == KINDS["short"].Body(answers=("a",))
    finally:
        sys.modules.pop("app.core.questions.same_again", None)


def test_an_item_is_taken_apart() -> None:
    text = ITEMS["single"].original
    assert (text.heading, text.stem) == ("Who is", "<p>A stem with <strong>words</strong>.</p>")
    assert (text.hint, text.explanation) == ("<p>Think of <em>it</em>.</p>", "<p>Reread.</p>")
    options = [(option.text, option.right, option.remark, option.fixed) for option in body(ITEMS["single"]).options]
    assert options == [
        ("First", False, "<p>Not the first.</p>", False),
        ("Second", True, "<p>Right.</p>", False),
        ("Third", False, "", False),
        ("None of these", False, "", True),
    ]


def test_a_remark_beneath_the_last_option_is_no_explanation() -> None:
    item = one("## Q {#q .single}\n\n- [x] A\n- [ ] B\n> Not B.\n")
    assert body(item).options[1].remark == "<p>Not B.</p>"
    assert item.original.explanation == ""


def test_a_body_survives_its_json() -> None:
    for item in ITEMS.values():
        again = msgspec.json.decode(msgspec.json.encode(item), type=Item)
        assert body(again) == body(item)


def test_an_unknown_kind_and_an_unknown_name_are_reported() -> None:
    assert codes("## Q {#q .essay}\n") == [(1, "kind")]
    assert codes("## How many {{people}} {#q .numeric}\n\nOf {{all}}.\n\nvars: all = 1..9\n= all\n") == [
        (1, "unknown-name")
    ]
    assert codes("## Q {#q .short}\n\n= a\n\n> {{b}}\n") == [(5, "unknown-name")]


def test_the_reader_can_be_called_without_a_loader() -> None:
    source = ItemSource(path="q.md", id="q", kind="short", heading="Q", line=1, lines=[(3, "= a / b")])
    renderer = type("Plain", (), {"block": lambda self, text, line: text, "inline": lambda self, text, line: text})()
    assert read_item(source, renderer).body == {"answers": ("a", "b"), "exact": ()}


@given(st.sampled_from(sorted(GRADED)), SEEDS)
def test_the_full_key_gives_full_marks_through_the_form(id: str, seed: int) -> None:
    item, chance = GRADED[id], drawn(GRADED[id], seed)
    kind = KINDS[item.kind]
    value = kind.right(body(item), chance)
    assert kind.read(body(item), chance, form_of(item, chance, value)) == value
    assert kind.grade(body(item), chance, value, item.partial) == 1
    assert kind.explain(body(item), chance, value, item.partial).right is True


@given(st.sampled_from(sorted(ITEMS)), SEEDS)
def test_a_blank_answer_is_empty_and_fails(id: str, seed: int) -> None:
    item, chance = ITEMS[id], drawn(ITEMS[id], seed)
    kind = KINDS[item.kind]
    assert kind.read(body(item), chance, {}) is None
    assert kind.read(body(item), chance, {"answer": ["", " "], "answer_1": [""]}) is None
    assert kind.grade(body(item), chance, None, item.partial) == 0
    assert kind.explain(body(item), chance, None, item.partial).right is not True
    assert kind.said(body(item), chance, None) == ""


@given(st.sampled_from(sorted(ITEMS)), SEEDS, JUNK)
def test_junk_stays_on_the_scale(id: str, seed: int, value: Any) -> None:
    item, chance = ITEMS[id], drawn(ITEMS[id], seed)
    kind = KINDS[item.kind]
    assert 0 <= kind.grade(body(item), chance, value, item.partial) <= 1
    feedback = kind.explain(body(item), chance, value, item.partial)
    assert not (feedback.right and feedback.partly)
    assert isinstance(kind.said(body(item), chance, value), str)


@given(st.sampled_from(sorted(ITEMS)), SEEDS, st.dictionaries(NAMES, SENT, max_size=6))
def test_any_form_is_read_or_refused_calmly(id: str, seed: int, fields: dict[str, list[str]]) -> None:
    item, chance = ITEMS[id], drawn(ITEMS[id], seed)
    kind = KINDS[item.kind]
    value, refusal = taken(item, chance, fields)
    if refusal:
        assert refusal.message % refusal.values == str(refusal)
        assert refusal.field.startswith("answer")
        assert msgspec.json.decode(msgspec.json.encode(refusal.value)) == refusal.value
        return
    assert msgspec.json.decode(msgspec.json.encode(value)) == value
    assert 0 <= kind.grade(body(item), chance, value, item.partial) <= 1
    assert (kind.said(body(item), chance, value) == "") == (value is None)


def test_fields_with_another_prefix() -> None:
    for item in ITEMS.values():
        kind, chance = KINDS[item.kind], drawn(item, 1)
        value = some_answer(item, chance)
        fields = {name.replace("answer", "check-7"): sent for name, sent in form_of(item, chance, value).items()}
        assert kind.read(body(item), chance, fields, "check-7") == value
        assert kind.read(body(item), chance, fields) is None


def test_a_doubled_field_counts_once_and_two_answers_are_refused() -> None:
    item, chance = ITEMS["single"], drawn(ITEMS["single"], 1)
    read_ = KINDS["single"].read
    assert read_(body(item), chance, {"answer": ["2", "2"]}) == read_(body(item), chance, {"answer": ["2"]})
    with pytest.raises(Unreadable, match="two different answers"):
        read_(body(item), chance, {"answer": ["1", "2"]})


@pytest.mark.parametrize("sent", ["0", "6", "A", "-1", "1.0", "٢", "1e0", "9999999999"])
@pytest.mark.parametrize(
    "id", ["single", "true-false", "multiple", "match", "order", "cloze", "scale", "either", "several"]
)
def test_a_choice_that_is_not_on_the_page_is_refused(id: str, sent: str) -> None:
    fields = {"answer": [sent], "answer_1": ["" if id == "cloze" else sent], "answer_2": [sent]}
    value, refusal = taken(ITEMS[id], drawn(ITEMS[id], 1), fields)
    assert value is None
    assert str(refusal).startswith("Choose one of the ")


@given(st.sampled_from(sorted(GRADED)), SEEDS, SEEDS, JUNK)
def test_the_grade_does_not_depend_on_the_order_of_options(id: str, one: int, other: int, value: Any) -> None:
    item, kind = GRADED[id], KINDS[GRADED[id].kind]
    first, second = drawn(item, one), drawn(item, other)
    second = Drawn(order=second.order, values=first.values)
    assert kind.grade(body(item), first, value) == kind.grade(body(item), second, value)


@given(st.sampled_from(sorted(ITEMS)), SEEDS)
def test_a_draw_is_the_same_for_the_same_chance(id: str, seed: int) -> None:
    assert drawn(ITEMS[id], seed) == drawn(ITEMS[id], seed)


def answers(item: Item) -> list[Any]:
    """Every answer that someone can give blindly."""
    read_body, letters = body(item), "ABCDEFGH"
    if item.kind in ("single", "true-false"):
        return list(letters[: len(read_body.options)])
    if item.kind == "multiple":
        picks = product([False, True], repeat=len(read_body.options))
        return [[letters[n] for n, picked in enumerate(pick) if picked] for pick in picks]
    if item.kind == "match":
        return [list(picks) for picks in product(letters[: len(read_body.choices)], repeat=len(read_body.rows))]
    if item.kind == "order":
        return [list(places) for places in permutations(range(1, len(read_body.steps) + 1))]
    if item.kind == "cloze":
        return [list(p) for p in product(*(letters[: len(gap.options)] or ["?"] for gap in read_body.gaps))]
    return ["?"]


@pytest.mark.parametrize("id", sorted(ITEMS))
@pytest.mark.parametrize("partial", ["", "none"])
def test_guessing_earns_the_mean_of_all_answers(id: str, partial: str) -> None:
    item, chance = ITEMS[id], drawn(ITEMS[id], 1)
    kind = KINDS[item.kind]
    shares = [kind.grade(body(item), chance, value, partial) for value in answers(item)]
    assert kind.guess(body(item), partial) == sum(shares, Fraction(0)) / len(shares)


@pytest.mark.parametrize(
    ("id", "other"),
    [
        ("single", BANK.replace("- [ ] First", "- [x] First").replace("- [x] Second", "- [ ] Second")),
        ("true-false", BANK.replace("- [ ] True", "- [x] True").replace("- [x] False", "- [ ] False")),
        ("multiple", BANK.replace("- [ ] Five", "- [x] Five")),
        ("numeric", BANK.replace("missed / all * 100 ± 0.5 %", "missed - all ± 1 %")),
        ("plain", BANK.replace("= 6 * 7", "= 6 * 9")),
        ("short", BANK.replace("= Missing middle / the gap", "= A much longer answer than before")),
        ("match", BANK.replace("| a | one |", "| a | two |").replace("| b | two |", "| b | one |")),
        ("order", BANK.replace("1. Assess\n2. Enrol\n3. Provide\n4.", "1. Provide\n2. Assess\n3. Enrol\n4.")),
        ("cloze", BANK.replace("*formal / informal", "formal / *informal").replace("missing middle /", "other /")),
    ],
)
def test_what_is_drawn_shows_nothing_of_the_key(id: str, other: str) -> None:
    """The texts on the page, in their order, are the same for two items that differ in their key alone."""
    swapped = next(item for item in read(other)[0] if item.id == id)
    assert key_hash(swapped.kind, swapped.original) != key_hash(swapped.kind, ITEMS[id].original)
    for seed in range(20):
        assert shown(swapped, drawn(swapped, seed)) == shown(ITEMS[id], drawn(ITEMS[id], seed))


def shown(item: Item, chance: Drawn) -> object:
    read_body = body(item)
    if item.kind == "match":
        return [read_body.rows, [read_body.choices[index] for index in chance.order]]
    if item.kind == "order":
        return [read_body.steps[index] for index in chance.order]
    if item.kind == "cloze":
        return [read_body.pieces, [gap.options for gap in read_body.gaps], chance.order]
    if item.kind in ("single", "true-false", "multiple"):
        return [read_body.options[index].text for index in chance.order]
    return chance.values


def test_the_key_hash_follows_the_key_and_not_the_words() -> None:
    def hash_of(old: str, new: str, id: str) -> str:
        item = next(item for item in read(BANK.replace(old, new))[0] if item.id == id)
        return key_hash(item.kind, item.original, item.partial)

    same = {id: key_hash(item.kind, item.original, item.partial) for id, item in ITEMS.items()}
    assert hash_of("- [ ] Third", "- [ ] The third", "single") == same["single"]
    assert hash_of("{#strict .multiple partial=none}", "{#strict .multiple}", "strict") != same["strict"]
    assert hash_of("± 0.5 %", "± 0.6 %", "numeric") != same["numeric"]
    assert hash_of("± 0.5 %", "± 0.5 per cent", "numeric") == same["numeric"]
    assert hash_of("/ the gap", "/ a gap", "short") != same["short"]


def test_a_translation_of_the_answers_has_the_same_key() -> None:
    french = BANK.replace("Missing middle / the gap", "classe moyenne").replace(
        "{{gap: missing middle / middle}}", "{{gap: milieu}}"
    )
    for id in ("short", "cloze", "match"):
        item = next(item for item in read(french)[0] if item.id == id)
        assert key_of(item.kind, item.original) == key_of(item.kind, ITEMS[id].original)


def test_filling_in() -> None:
    assert fill("<b>{{ all }}</b> of {{none}}", {"all": "12500.5"}, "fr") == "<b>12\u00a0500,5</b> of {{none}}"
    assert fill("{{a}}", {"a": "<"}) == "&lt;"
    assert Filler({"all": "12500"})("{{all}}") == "12\u00a0500"
    assert Filler({}, "fr").number("0.5") == "0,5"
    assert CONTEXT.language == "en"
