"""What authors read about numbers, formulas and parameters that can't be asked, word for word; limits to the letter."""

import pytest

from app.core.questions._formula import Formula, FormulaError
from tests.core.banks import read

Told = list[tuple[int, str, str]]


def told(text: str) -> Told:
    """Line (the question's text begins on 3), code and words of each problem."""
    return [(one.line - 4, one.code, one.message) for one in read(f"## Q {{#q .numeric}}\n\n{text}\n")[1]]


ONE_LINE = "A numeric question has one line `= value ± tolerance unit`."
NO_PART = "This line is no part of the answer. Write `= 12.5 ± 0.5 %` or `vars: …`."
WORKING = "The working before the key is a formula of numbers alone: `= 78.5 - 63.3 = 15.2`."
WRITE = "Write `a = 10..90 step 10` or `b = 10%..60% of a`."
DECIMALS = "The decimals of round(x, decimals) are a whole number from 0 to 9."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [(1, "numeric", ONE_LINE)]),
        ("= 5\n= 6", [(1, "numeric", ONE_LINE)]),
        ("= 5\n\nmore", [(5, "numeric", NO_PART)]),
        ("= 5 ± some", [(3, "tolerance", "“some” is no tolerance. Write a number and then the unit: `± 0.5 %`.")]),
        ("= 5 +- ", [(3, "tolerance", "“” is no tolerance. Write a number and then the unit: `± 0.5 %`.")]),
        ("= 5 % ± 1", [(3, "formula", "“%” is no part of a formula. Write the unit behind the tolerance.")]),
        ("= 1,234", [(3, "formula", "“,234” is no part of a formula. Write the unit behind the tolerance.")]),
        ("= b + a", [(3, "formula", "“a” is no parameter. Name it in a line `vars: a = 1..9`.")]),
        ("= 1 + b = 5", [(3, "formula", WORKING)]),
        ("= 1 + 4 x = 5", [(3, "formula", WORKING)]),
        ("vars: a = 1..9\n= 5 = a", [(4, "formula", WORKING)]),
        ("= 1 / 0 = 5", [(3, "division-by-zero", "The working divides by zero. Correct it.")]),
        (
            "= 2 / 3 = 0.5 ± 0.125",
            [(3, "key", "The working gives 0.6667, the key says 0.5. Correct one of them.")],
        ),
        ("= 5 = 6", [(3, "key", "The working gives 5, the key says 6. Correct one of them.")]),
        (
            "= 0.5 = 1 / 3 ± 0.01",
            [(3, "key", "The working gives 0.5, the key says 0.333333333. Correct one of them.")],
        ),
        ("= 5.5 = 6 ± 0.5", []),
        (
            "vars: b = 2..3; a = 10%..20% of b step 5\n= a",
            [(4, "vars", "“a” has no value in some draw. Widen its range or make its step smaller.")],
        ),
        ("= 5 / 0", [(3, "division-by-zero", "The formula divides by zero. Change the ranges.")]),
        (
            "vars: b = 3..3; a = 0..9\n= 5 / a ± 1",
            [(4, "division-by-zero", "The formula divides by zero for b = 3, a = 0. Change the ranges.")],
        ),
        ("= round(5, 1.5)", [(3, "formula", DECIMALS)]),
        ("= round(5, -1)", [(3, "formula", DECIMALS)]),
        ("= round(5, 10)", [(3, "formula", DECIMALS)]),
        ("= round(5, 0)", []),
        ("= round(7, 9)", []),
        (
            "= 1 / 3",
            [(3, "tolerance", "The answer has more decimals than anyone writes. Add a tolerance: `± 0.01`.")],
        ),
        (
            "vars: a = 7..7\n= a / 3",
            [(4, "tolerance", "The answer for a = 7 has more decimals than anyone writes. Add a tolerance: `± 0.01`.")],
        ),
        (
            "= 5 ± 5",
            [
                (
                    3,
                    "tolerance",
                    "The tolerance is as large as the answer itself, so that 0 is right, too. Make it smaller.",
                )
            ],
        ),
        (
            "vars: a = 1..3\n= a ± 2",
            [
                (
                    4,
                    "tolerance",
                    "The tolerance is as large as the answer for a = 1, so that 0 is right, too. Make it smaller.",
                )
            ],
        ),
        ("= 0 ± 5", []),
        ("= 0.5 ± 0.4", []),
        ("= five", [(3, "formula", "“five” is no parameter. Name it in a line `vars: five = 1..9`.")]),
        ("= (5", [(3, "formula", "A “)” is missing in the formula before “”.")]),
    ],
)
def test_authors_read_what_is_wrong_with_a_number(text: str, found: Told) -> None:
    assert told(text) == found


def test_a_tolerance_that_is_too_wide_is_a_warning() -> None:
    assert [one.severity for one in read("## Q {#q .numeric}\n\n= 5 ± 5\n")[1]] == ["warning"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a is 5", [f"“a is 5” is no parameter. {WRITE}"]),
        ("a = 1..9 step 1.1234567", [f"“a = 1..9 step 1.1234567” is no parameter. {WRITE}"]),
        ("a = 1..9; ; a = 1..2", ["The name “a” is taken. Choose another."]),
        ("max = 1..9", ["The name “max” is taken. Choose another."]),
        ("a = 10%..20% of b; b = 1..9", ["“b” is no parameter before “a”. Write it further left."]),
        ("a = 1..9 step 0", ["The step of “a” must be above 0."]),
        ("a = 1..9 step -1", ["The step of “a” must be above 0."]),
        ("a = 9..1", ["The range of “a” ends before it begins."]),
        ("a = 9..9", []),
        ("; ".join(f"a{n} = 1..1" for n in range(9)), ["9 parameters are too many. Use at most 8."]),
        ("; ".join(f"a{n} = 1..1" for n in range(8)), []),
    ],
)
def test_authors_read_what_is_wrong_with_parameters(text: str, words: list[str]) -> None:
    assert told(f"vars: {text}\n= 1") == [(3, "vars", one) for one in words]


def fault(text: str) -> str:
    """Why a formula can't be read or worked out; "" where it can."""
    try:
        Formula(text).value({})
    except FormulaError as problem:
        return str(problem)
    return ""


NOTHING_BEFORE = "A number or a name is missing in the formula before “{}”."
TOO_LONG = "The formula is longer than 300 characters."
TOO_DEEP = "The formula has more than 20 brackets inside one another."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", NOTHING_BEFORE.format("")),
        ("2 * ! 5", NOTHING_BEFORE.format("! 5")),
        ("* 2", NOTHING_BEFORE.format("*")),
        ("2 + · 3", NOTHING_BEFORE.format("*")),
        ("(2 x", "A “)” is missing in the formula before “x”."),
        ("round 2", "A “(” is missing in the formula before “2”."),
        ("round(1, 2, 3)", "Write round(x) or round(x, decimals)."),
        ("round(1, 10)", DECIMALS),
        ("round(1, 9)", ""),
        ("round(1, 1 / 2)", DECIMALS),
        ("1" + "+1" * 149 + " ", ""),
        ("1" + "+1" * 150, TOO_LONG),
        ("(" * 20 + "1" + ")" * 20, ""),
        ("(" * 21 + "1" + ")" * 21, TOO_DEEP),
        ("(1)+" * 25 + "min(1, 2)", ""),
        ("(1)+" + "(" * 21 + "1" + ")" * 21, TOO_DEEP),
        ("min(" * 21 + "1" + ")" * 21, TOO_DEEP),
    ],
)
def test_authors_read_what_is_wrong_with_a_formula(text: str, words: str) -> None:
    assert fault(text) == words


def test_signs_of_other_keyboards_mean_the_same() -> None:
    texts = ("7 × 2", "7 · 2", "7 * 2", "7 ÷ 2", "7 / 2", "7 − 2", "7 - 2")
    assert [str(Formula(text).value({})) for text in texts] == ["14", "14", "14", "7/2", "7/2", "5", "5"]


def test_nothing_is_left_to_read_behind_a_formula() -> None:
    assert (Formula("2 %")._peek(), Formula("2")._peek(), Formula("2 (")._peek()) == (("", ""), ("", ""), ("sign", "("))
