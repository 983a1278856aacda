"""What is particular to each question type: how it is written, read, graded and explained."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.content import Item
from app.core.papers import Drawn
from app.core.questions import KINDS, Remark, Unreadable, body_of
from app.core.questions._formula import Formula, FormulaError
from app.core.questions._parameters import Parameter, draw_values, many_draws
from app.core.questions._wording import accepted, fold, wordings_of
from tests.core.banks import ITEMS, codes, one, read


def body(item: Item) -> Any:
    return body_of(item, "en")


def grade(id: str, value: Any, drawn: Drawn | None = None) -> Fraction:
    item = ITEMS[id]
    return KINDS[item.kind].grade(body(item), drawn or Drawn(), value, item.partial)


# Single, true-false, multiple


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("## Q {#q .single}\n\n- [ ] A\n- [ ] B\n", [(1, "no-right-answer")]),
        ("## Q {#q .single}\n\n- [x] A\n- [X] B\n", [(1, "two-right-answers")]),
        ("## Q {#q .single}\n\n- [x] A\n- [ ]  a\n", [(4, "equal-options")]),
        ("## Q {#q .single}\n\n- [x] A\n", [(1, "options")]),
        ("## Q {#q .single}\n\n- [x] A\n- [] B\n- [ ] C\n", [(4, "option")]),
        ("## Q {#q .single}\n\nOnly a stem.\n", [(1, "options")]),
        ("## Q {#q .single}\n\n- [x] A\n- [ ] B\n\nA stray line.\n", [(6, "option")]),
        (
            "## Q {#q .single}\n\n" + "".join(f"- [{'x' if n == 0 else ' '}] {n}\n" for n in range(27)),
            [(29, "options")],
        ),
        ("## Q {#q .true-false}\n\n- [x] True\n- [ ] False\n- [ ] Maybe\n", [(1, "options")]),
        ("## Q {#q .multiple}\n\n- [ ] A\n- [ ] B\n", [(1, "no-right-answer")]),
        ("## Q {#q .multiple}\n\n- [x] A\n- [x] B\n", [(1, "no-wrong-answer")]),
    ],
)
def test_options_that_cannot_be_asked_are_reported(text: str, found: list[tuple[int, str]]) -> None:
    assert codes(text) == found


def test_an_option_may_go_on_in_the_next_line() -> None:
    item = one("## Q {#q .single}\n\n- [x] A long\n  option {.fixed}\n  > Two\n  > lines\n- [ ] B\n")
    option = body(item).options[0]
    assert (option.text, option.fixed, option.remark) == ("A long option", True, "<p>Two\nlines</p>")


def test_fixed_options_stay_last_and_true_stays_first() -> None:
    orders = {KINDS["single"].draw(body(ITEMS["single"]), Random(seed)).order for seed in range(200)}
    assert {order[-1] for order in orders} == {3}
    assert len(orders) == 6
    assert {KINDS["true-false"].draw(body(ITEMS["true-false"]), Random(seed)).order for seed in range(20)} == {(0, 1)}


@pytest.mark.parametrize(
    ("id", "value", "share"),
    [
        ("single", "B", 1),
        ("single", "A", 0),
        ("single", ["B"], 0),
        ("true-false", "B", 1),
        # One and Three of five are right: right minus wrong over two, never below 0
        ("multiple", ["A", "C"], 1),
        ("multiple", ["A"], Fraction(1, 2)),
        ("multiple", ["A", "C", "D"], Fraction(1, 2)),
        ("multiple", ["A", "B"], 0),
        ("multiple", ["B", "D"], 0),
        ("multiple", ["A", "A", "A"], Fraction(1, 2)),
        ("multiple", ["A", "B", "C", "D", "E"], 0),
        ("strict", ["A", "C"], 1),
        ("strict", ["A"], 0),
        ("strict", ["A", "B", "C"], 0),
    ],
)
def test_choices_are_graded(id: str, value: Any, share: Fraction) -> None:
    assert grade(id, value) == share


def test_feedback_on_choices() -> None:
    kind, read_body = KINDS["single"], body(ITEMS["single"])
    wrong = kind.explain(read_body, Drawn(), "A")
    assert (wrong.right, wrong.partly, wrong.remarks, wrong.key) == (
        False,
        False,
        (Remark(text="<p>Not the first.</p>"),),
        "Second",
    )
    assert kind.said(read_body, Drawn(), "A") == "First"
    multiple = KINDS["multiple"].explain(body(ITEMS["multiple"]), Drawn(), ["A", "B", "C"])
    assert (multiple.right, multiple.partly, multiple.key) == (False, True, "One; Three")
    assert multiple.remarks == (Remark(text="<p>Not two.</p>", about="Two"),)
    assert KINDS["multiple"].said(body(ITEMS["multiple"]), Drawn(), ["A", "B"]) == "One; Two"
    strict = KINDS["multiple"].explain(body(ITEMS["strict"]), Drawn(), ["A"], "none")
    assert (strict.right, strict.partly) == (False, False)


# Numeric


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("= 5", []),
        ("= 15.2 ± 0.05 percentage points", []),
        ("= 75 %", []),
        ("= 5 +/- 1 people", []),
        ("vars: a = 1..9\n= a * 2 people", []),
        ("vars: a = 1..9\n= round(a / 7, 2)", []),
        ("", [(1, "numeric")]),
        ("= 5\n= 6", [(1, "numeric")]),
        ("= 5\nmore", [(4, "numeric")]),
        ("= five", [(3, "formula")]),
        ("= 5 % ± 1", [(3, "formula")]),
        ("= 78.5 - 63.3 = 15.2 ± 0.05 %", []),
        ("= 2 / 3 * 100 = 66.7 ± 0.1 %", []),
        ("= 78.5 - 63.3 = 15.3 ± 0.05 %", [(3, "key")]),
        ("= 1 / 0 = 5", [(3, "division-by-zero")]),
        ("= 1 + b = 5", [(3, "formula")]),
        ("= 1 + x y = 5", [(3, "formula")]),
        ("= 4 + = 5", [(3, "formula")]),
        ("= 5 ± some", [(3, "tolerance")]),
        ("= 5 ± 1,5 %", [(3, "tolerance")]),
        ("= 620 000 people", [(3, "formula")]),
        ("= 1,234", [(3, "formula")]),
        ("= (5", [(3, "formula")]),
        ("= a / 2", [(3, "formula")]),
        ("= 5 / 0", [(3, "division-by-zero")]),
        ("= 1 / 3", [(3, "tolerance")]),
        ("= 1 / 3 ± 0.01", []),
        ("= round(5, 1.5)", [(3, "formula")]),
        ("vars: a = 0..9\n= 5 / a ± 1", [(4, "division-by-zero")]),
        ("vars: a = 1..9; b = 1..9\n= 5 / (a - b) ± 1", [(4, "division-by-zero")]),
        ("vars: a = 1..9000; b = 1..9000\n= 5 / (b - 9000) ± 1", [(4, "division-by-zero")]),
        ("vars: a = 9..1\n= a", [(3, "vars"), (4, "formula")]),
        ("vars: a = 1..9; a = 1..2\n= a", [(3, "vars")]),
        ("vars: a = 10%..20% of b; b = 1..9\n= b", [(3, "vars")]),
        ("vars: a = 1..9 step 0\n= 1", [(3, "vars")]),
        ("vars: max = 1..9\n= 1", [(3, "vars")]),
        ("vars: a is 5\n= 1", [(3, "vars")]),
        ("vars: b = 2..3; a = 10%..20% of b step 5\n= a", [(4, "vars")]),
        ("vars: " + "; ".join(f"a{n} = 1..2" for n in range(9)) + "\n= a1", [(3, "vars")]),
    ],
)
def test_numeric_answers_are_checked_for_every_draw(text: str, found: list[tuple[int, str]]) -> None:
    assert codes(f"## Q {{#q .numeric}}\n\n{text}\n") == found


@pytest.mark.parametrize(
    ("text", "unit", "tolerance"),
    [
        ("= 75 ± 0.1 %", "%", "0.1"),
        ("= 75 %", "%", "0"),
        ("= 3 * 5 ± 1 coins a day", "coins a day", "1"),
        ("= 7", "", "0"),
    ],
)
def test_a_unit_stands_behind(text: str, unit: str, tolerance: str) -> None:
    read_body = body(one(f"## Q {{#q .numeric}}\n\n{text}\n"))
    assert (read_body.unit, read_body.tolerance) == (unit, tolerance)


DRAWN = Drawn(values={"all": "2000", "missed": "250"})  # 12.5 %


@pytest.mark.parametrize(
    ("number", "share"),
    [
        ("12.5", 1),
        ("12", 1),
        ("13", 1),
        ("11.999999", 0),
        ("13.000001", 0),
        ("-12.5", 0),
        ("1e1", 0),
        (12.5, 0),
        (None, 0),
    ],
)
def test_numbers_are_graded_exactly_at_the_edge_of_the_tolerance(number: Any, share: int) -> None:
    assert grade("numeric", {"text": "", "number": number}, DRAWN) == share


def test_a_number_is_read_restated_and_explained() -> None:
    kind, read_body = KINDS["numeric"], body(ITEMS["numeric"])
    value = kind.read(read_body, DRAWN, {"answer": ["१२,५ %"]})
    assert value == {"text": "१२,५ %", "number": "12.5"}
    assert kind.said(read_body, DRAWN, value) == "12.5\u00a0%"
    assert kind.said(read_body, DRAWN, value, "fr") == "12,5\u00a0%"
    assert kind.explain(read_body, DRAWN, value, "", "fr").key == "12,5 ± 0,5\u00a0%"
    assert kind.right(read_body, Drawn(values={"all": "3000", "missed": "1000"})) == {
        "text": "33.33",
        "number": "33.33",
    }


def test_a_number_with_two_readings_is_asked_about() -> None:
    kind, read_body = KINDS["numeric"], body(ITEMS["plain"])
    with pytest.raises(Unreadable) as refusal:
        kind.read(read_body, Drawn(), {"answer": ["1,234"]})
    assert (refusal.value.field, refusal.value.choices) == ("answer_reading", ("1234", "1.234"))
    assert refusal.value.value == {"text": "1,234", "choices": ["1234", "1.234"]}
    meant = {"answer": ["1,234"], "answer_reading": ["1.234"]}
    assert kind.read(read_body, Drawn(), meant) == {"text": "1,234", "number": "1.234"}
    with pytest.raises(Unreadable):  # the choice belonged to another text
        kind.read(read_body, Drawn(), {"answer": ["5,678"], "answer_reading": ["1234"]})


def test_what_is_no_number_is_given_back() -> None:
    with pytest.raises(Unreadable) as refusal:
        KINDS["numeric"].read(body(ITEMS["plain"]), Drawn(), {"answer": ["2 million"]})
    assert str(refusal.value) == "We could not read “2 million” as a number. Write it in digits, without other words."
    assert refusal.value.value == {"text": "2 million"}


@pytest.mark.parametrize(
    ("text", "value", "rest"),
    [
        ("1 + 2 * 3", Fraction(7), ""),
        ("(1 + 2) * 3 people", Fraction(9), "people"),
        ("8 / 4 / 2", Fraction(1), ""),
        ("2 - -3", Fraction(5), ""),
        ("--2", Fraction(2), ""),
        ("7 − 2 × 3 ÷ 4", Fraction(11, 2), ""),
        ("0.1 + 0.2", Fraction(3, 10), ""),
        ("round(2.5)", Fraction(3), ""),
        ("round(-1 / 3, 2)", Fraction(-33, 100), ""),
        ("min(3, 1, 2) + max(a, 5)", Fraction(6), ""),
        ("a * a %", Fraction(4), "%"),
    ],
)
def test_formulas(text: str, value: Fraction, rest: str) -> None:
    formula = Formula(text)
    assert (formula.value({"a": Fraction(2)}), formula.rest) == (value, rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "2 *",
        "(",
        "(2",
        "round 2",
        "round()",
        "round(1, 2, 3)",
        "* 2",
        "2 + )",
        "(" * 30 + "1" + ")" * 30,
        "1+" * 200 + "1",
    ],
)
def test_formulas_that_cannot_be_read(text: str) -> None:
    with pytest.raises(FormulaError):
        Formula(text).value({})


@given(st.text(alphabet="0123456789.+-*/()ab, round min max", max_size=40))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    try:
        formula = Formula(text)
        formula.value({name: Fraction(1) for name in formula.names})
    except (FormulaError, ZeroDivisionError):
        return
    assert formula.names <= {name for name in formula.names if name in text}


def test_parameters_draw_from_their_range() -> None:
    parameters = (
        Parameter(name="a", low="100", high="300", step="100"),
        Parameter(name="b", low="10", high="35", step="10", of="a"),
        Parameter(name="c", low="0.5", high="1", step="0.25"),
    )
    drawn = [draw_values(parameters, Random(seed)) for seed in range(500)]
    assert {values["a"] for values in drawn} == {"100", "200", "300"}
    assert {values["b"] for values in drawn if values["a"] == "100"} == {"10", "20", "30"}
    assert {values["b"] for values in drawn if values["a"] == "200"} == {"20", "30", "40", "50", "60", "70"}
    assert {values["c"] for values in drawn} == {"0.5", "0.75", "1"}
    assert sum(1 for _ in many_draws(parameters)) == (3 + 6 + 8) * 3


def test_many_draws_hold_the_corners_of_what_is_too_much_to_list() -> None:
    parameters = (
        Parameter(name="a", low="1", high="1000", step="1"),
        Parameter(name="b", low="1", high="1000", step="1"),
    )
    seen = [(values["a"], values["b"]) for values in many_draws(parameters) if isinstance(values, dict)]
    assert {(a, b) for a in (1, 1000) for b in (1, 1000)} <= set(seen)
    assert len(seen) == 104


# Short


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("missing middle", True),
        ("  MISSING   Middle. ", True),
        ("Missing-middle", True),
        ("ｍｉｓｓｉｎｇ middle", True),
        ("míssing mìddle", True),
        ("The gap", True),
        ("missingmiddle", False),
        ("gap", False),
        (".", False),
        (None, False),
        (["missing middle"], False),
    ],
)
def test_short_answers_are_folded(text: Any, right: bool) -> None:
    assert grade("short", text) == right


@pytest.mark.parametrize(
    ("exact", "text", "right"),
    [
        ("case", "co2", False),
        ("case", "CO2", True),
        ("case", "ＣＯ２", True),
        ("width", "ＣＯ２", False),
        ("accents", "cö2", False),
        ("", "cö2", True),
        ("spaces", "CO-2", False),
    ],
)
def test_an_item_may_ask_for_exact_wording(exact: str, text: str, right: bool) -> None:
    for kind, answer, value in (("short", "= CO2", text), ("cloze", "{{gap: CO2}}", [text])):
        item = one(f"## Q {{#q .{kind}{' exact=' * bool(exact)}{exact}}}\n\n{answer}\n")
        assert KINDS[kind].grade(body(item), Drawn(), value) == right


def test_marks_that_carry_meaning_are_not_accents() -> None:
    assert fold("กิน") != fold("กน")
    assert fold("कि") != fold("क")
    assert accepted("É\u0301cole", ["ecole"])


@pytest.mark.parametrize(
    ("text", "wordings"),
    [(" a / b c ", ("a", "b c")), ("and/or", ("and/or",)), ("a /", ("a",)), ("/ a", ("a",)), ("", ()), ("/", ("/",))],
)
def test_wordings_are_parted_by_a_slash_with_spaces(text: str, wordings: tuple[str, ...]) -> None:
    assert wordings_of(text) == wordings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("## Q {#q .short}\n\nStem\n", [(1, "no-right-answer")]),
        ("## Q {#q .short}\n\n= .\n", [(1, "no-right-answer")]),
        ("## Q {#q .short}\n\n= a\nb\n", [(4, "short")]),
        ("## Q {#q .short exact=spelling}\n\n= a\n", [(1, "exact")]),
    ],
)
def test_short_answers_that_cannot_be_asked_are_reported(text: str, found: list[tuple[int, str]]) -> None:
    assert codes(text) == found


def test_a_typed_answer_is_shown_as_text() -> None:
    assert KINDS["short"].said(body(ITEMS["short"]), Drawn(), "<b>&") == "&lt;b&gt;&amp;"
    assert KINDS["reflection"].said(body(ITEMS["reflection"]), Drawn(), "<b>\nline") == "&lt;b&gt;<br>line"
    with pytest.raises(Unreadable, match="at most 200 characters"):
        KINDS["short"].read(body(ITEMS["short"]), Drawn(), {"answer": ["a" * 201]})


# Match


def test_equal_right_cells_are_one_choice() -> None:
    read_body = body(ITEMS["match"])
    assert (read_body.columns, read_body.rows) == (("Left", "Right"), ("a", "b", "c"))
    assert (read_body.choices, read_body.fits) == (("one", "two", "three"), (0, 1, 0))


def test_a_bar_may_stand_in_a_cell() -> None:
    item = one("## Q {#q .match}\n\n| L | R |\n|:--|--:|\n| [[term|x]] | a \\| b |\n| y | c |\n")
    assert (body(item).rows, body(item).choices) == (("x", "y"), ("a | b", "c"))


@pytest.mark.parametrize(
    ("value", "share"),
    [
        (["A", "B", "A"], 1),
        (["A", "B", ""], Fraction(2, 3)),
        (["A", "A", "C"], Fraction(1, 3)),
        (["B", "A", "B"], 0),
        (["A", "B"], 0),
        ("ABA", 0),
    ],
)
def test_the_share_of_pairs(value: Any, share: Fraction) -> None:
    assert grade("match", value) == share


def test_pairs_in_words() -> None:
    kind, read_body = KINDS["match"], body(ITEMS["match"])
    assert kind.said(read_body, Drawn(), ["B", "", "A"]) == "a: two; c: one"
    assert kind.explain(read_body, Drawn(), ["A", "B", "C"]).partly is True
    assert kind.explain(read_body, Drawn(), None).key == "a: one; b: two; c: one"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("| a | 1 |\n| b | 2 |", []),
        ("| a | 1 |", [(1, "match")]),
        ("| a | 1 |\n| b | 1 |", [(1, "match")]),
        ("| a | 1 |\n| a | 2 |", [(6, "equal-options")]),
        ("| a | 1 |\n| b |  |", [(6, "match")]),
        ("| a | 1 |\n| b | 2 | 3 |\n| c | 3 |", [(6, "match")]),
        ("| a | x |\n| b | X |", [(1, "equal-options")]),
        ("| a | 1 |\n| b | 2 |\nmore", [(7, "match")]),
    ],
)
def test_tables_that_cannot_be_matched_are_reported(rows: str, found: list[tuple[int, str]]) -> None:
    assert codes(f"## Q {{#q .match}}\n\n| L | R |\n|---|---|\n{rows}\n") == found


# Order


@pytest.mark.parametrize(
    ("value", "share"),
    [
        ([1, 2, 3, 4], 1),
        ([2, 1, 3, 4], Fraction(1, 3)),  # B A C D keeps C D
        ([2, 3, 4, 1], Fraction(2, 3)),  # D A B C keeps A B and B C
        ([4, 3, 2, 1], 0),
        ([1, 2, 0, 0], Fraction(1, 3)),
        ([0, 1, 0, 0], 0),
        ([1, 1, 2, 2], 0),
        ([1, 2, 3], 0),
        ([1, 2, 3, 9], 0),
        ([True, 2, 3, 4], 0),
        ("1234", 0),
    ],
)
def test_the_share_of_right_neighbours(value: Any, share: Fraction) -> None:
    assert grade("order", value) == share
    assert grade("strict-order", value[:3]) == (value[:3] == [1, 2, 3] and type(value[0]) is int)


def test_two_steps_cannot_share_a_place() -> None:
    kind, read_body, drawn = KINDS["order"], body(ITEMS["order"]), Drawn(order=(2, 0, 3, 1))
    with pytest.raises(Unreadable) as refusal:
        kind.read(read_body, drawn, {"answer_1": ["3"], "answer_3": ["3"]})
    assert str(refusal.value) == "Two steps have the place 3. Give each step a place of its own."
    assert (refusal.value.field, refusal.value.value) == ("answer_1", [0, 0, 3, 3])


def test_an_order_in_words() -> None:
    kind, read_body = KINDS["order"], body(ITEMS["order"])
    assert kind.said(read_body, Drawn(), [2, 1, 0, 4]) == "1. Enrol; 2. Assess; 4. Manage"
    assert kind.explain(read_body, Drawn(), None).key == "1. Assess; 2. Enrol; 3. Provide; 4. Manage"


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ("1. a\n2. b\n   more\n3) c", []),
        ("1. a", [(1, "order")]),
        ("1. a\n2. A", [(1, "equal-options")]),
        ("1. a\n2. b\nstray", [(5, "order")]),
    ],
)
def test_steps_that_cannot_be_ordered_are_reported(steps: str, found: list[tuple[int, str]]) -> None:
    assert codes(f"## Q {{#q .order}}\n\n{steps}\n") == found


# Cloze


def test_a_text_is_cut_at_its_gaps() -> None:
    read_body = body(ITEMS["cloze"])
    assert read_body.pieces == ("<p>The ", " falls between ", " workers.</p>")
    assert [(gap.after, gap.wordings, gap.options, gap.right) for gap in read_body.gaps] == [
        ("The", ("missing middle", "middle"), (), 0),
        ("The … falls between", (), ("formal", "informal", "poorest"), 0),
    ]


def test_the_stem_of_a_cloze_ends_before_the_paragraph_with_a_gap() -> None:
    item = one("## Q {#q .cloze}\n\nA stem.\n\nFirst line\nand {{gap: second}}.\n\nAlso {{choose: a / *b}}.\n")
    assert item.original.stem == "<p>A stem.</p>"
    assert body(item).pieces == ("<p>First line\nand ", ".</p>\n<p>Also ", ".</p>")
    assert body(item).gaps[1].after == "and … . Also"


@pytest.mark.parametrize(
    ("value", "share"),
    [
        (["Missing Middle", "A"], 1),
        (["middle", ""], Fraction(1, 2)),
        (["nonsense", "A"], Fraction(1, 2)),
        (["A", "missing middle"], 0),
        ([["middle"], "B"], 0),
        (["middle"], 0),
    ],
)
def test_the_share_of_gaps(value: Any, share: Fraction) -> None:
    assert grade("cloze", value) == share


def test_gaps_in_words() -> None:
    kind, read_body = KINDS["cloze"], body(ITEMS["cloze"])
    assert kind.said(read_body, Drawn(), ["<i>", "B"]) == "(1) &lt;i&gt;; (2) informal"
    assert kind.said(read_body, Drawn(), ["", "C"]) == "(1) –; (2) poorest"
    assert kind.explain(read_body, Drawn(), None).key == "(1) missing middle; (2) formal"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("No gap.", [(1, "cloze")]),
        ("A {{gap: }}.", [(3, "no-right-answer")]),
        ("One\ntwo {{choose: a / b}}.", [(4, "no-right-answer")]),
        ("A {{choose: *a / *b}}.", [(3, "no-right-answer")]),
        ("A {{choose: *a}}.", [(3, "options")]),
        ("A {{choose: *a / A}}.", [(3, "equal-options")]),
        ("A `{{gap: a}}`.", []),
    ],
)
def test_gaps_that_cannot_be_filled_are_reported(text: str, found: list[tuple[int, str]]) -> None:
    assert codes(f"## Q {{#q .cloze}}\n\n{text}\n") == found


# Reflection and scenario


def test_a_reflection_has_a_rubric_and_no_grade() -> None:
    feedback = KINDS["reflection"].explain(body(ITEMS["reflection"]), Drawn(), "My answer")
    assert (feedback.right, feedback.rubric) == (None, ("It names a person", "It names a date"))
    assert codes("## Q {#q .reflection}\n\nThink.\n") == [(1, "reflection")]
    assert codes("## Q {#q .reflection}\n\n- a\n- b\n\nstray\n") == [(6, "reflection")]


def test_a_scenario_has_questions_of_its_own() -> None:
    first, second = "### Who {#who .single}\n\n- [x] A\n- [ ] B\n", "### How many {#many .numeric}\n\n= 5\n"
    story = f"## Story {{#s .scenario}}\n\nOnce.\n\n{first}\n{second}"
    item = one(story)
    assert (item.original.stem, [question.id for question in item.questions]) == ("<p>Once.</p>", ["who", "many"])
    kind = KINDS["scenario"]
    assert (kind.read(body(item), Drawn(), {"answer": ["1"]}), kind.right(body(item), Drawn())) == (None, None)
    assert codes("## Story {#s .scenario}\n\nOnce.\n") == [(1, "scenario")]
    problems = read("## Story {#s .scenario}\n\n### In it {#t .scenario}\n\nText.\n")[1]
    assert "scenario" in {problem.code for problem in problems}
