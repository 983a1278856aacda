"""What all question types share: reading of fields, letters, orders, wordings and parameters, to the letter."""

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from app.core.content import Item
from app.core.papers import Drawn
from app.core.questions import KINDS, Unreadable, _shared, body_of, numeric
from app.core.questions._formula import formula
from app.core.questions._parameters import Parameter, _bounds, draw_values, fresh_values, many_draws
from app.core.questions._wording import _folded, accepted, fold
from tests.core.banks import ITEMS, one

LONG = "The answer is too long. Use at most {} characters."
TWO = "The form sent two different answers. Give one."
NOT_THERE = "Choose one of the answers on the page."
NO_PLACE = "Choose one of the places in the list."


class Still(Random):
    """Chance that leaves everything where it is."""

    def shuffle(self, x: Any) -> None:
        pass


def refusal(call: Callable[[], object]) -> tuple[str, str, object]:
    """Words, field and what is shown again."""
    with pytest.raises(Unreadable) as refused:
        call()
    return str(refused.value), refused.value.field, refused.value.value


def body(item: Item) -> Any:
    return body_of(item, "en")


def test_one_text_is_read_and_cleaned() -> None:
    sent = {"a": [" b\x00\ud800e\u0301\n\tc ", "", " "], "d": "text", "e": ["x", "x "]}
    assert (_shared.one(sent, "a"), _shared.one(sent, "d"), _shared.one(sent, "e")) == ("b\u00e9\n\tc", "text", "x")
    assert (_shared.one(sent, "f"), _shared.posted(sent, "f"), _shared.posted({"a": ["1", "2", "1"]}, "a")) == (
        "",
        (),
        ("1", "2"),
    )
    assert refusal(lambda: _shared.one({"a": ["1", "2"]}, "a")) == (TWO, "a", None)


def test_an_answer_may_be_so_long_and_no_longer() -> None:
    assert _shared.one({"a": ["x" * 5000]}, "a") == "x" * 5000
    assert refusal(lambda: _shared.one({"a": ["x" * 5001]}, "a")) == (LONG.format(5000), "a", "x" * 5000)
    for id, field, most in (("short", "answer", 200), ("cloze", "answer_1", 200), ("plain", "answer", 100)):
        kind, read_body = KINDS[ITEMS[id].kind], body(ITEMS[id])
        assert refusal(
            lambda kind=kind, read_body=read_body, field=field, most=most: kind.read(
                read_body, Drawn(), {field: ["x" * (most + 1)]}
            )
        ) == (LONG.format(most), field, "x" * most)
    assert KINDS["short"].read(body(ITEMS["short"]), Drawn(), {"answer": ["x" * 200]}) == "x" * 200
    assert KINDS["cloze"].read(body(ITEMS["cloze"]), Drawn(), {"answer_1": ["x" * 200]}) == ["x" * 200, ""]
    assert refusal(lambda: KINDS["numeric"].read(body(ITEMS["plain"]), Drawn(), {"answer": ["x" * 100]}))[0] == (
        f"We could not read “{'x' * 100}” as a number. Write it in digits, without other words."
    )


def test_places_on_the_page() -> None:
    order = (2, 0, 1)
    places = [_shared.at(order, text, "a") for text in ("1", "2", "3", "03", "003")]
    assert places == [2, 0, 1, 1, 1]
    for text in ("0", "4", "0003", "", "x", "²", "٢"):
        assert refusal(lambda text=text: _shared.at(order, text, "a")) == (NOT_THERE, "a", None)
    assert (_shared.place({"a": ["2"]}, "a", order), _shared.place({}, "a", order)) == (0, None)


def test_letters() -> None:
    assert "".join(map(_shared.letter, range(26))) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    found = [_shared.index_of(value, count) for value, count in [("A", 1), ("B", 1), ("Z", 26), ("C", 3)]]
    assert found == [0, None, 25, 2]
    assert [_shared.index_of(value, 9) for value in ("", "AB", "a", None, 1, ["A"])] == [None] * 6


def test_orders() -> None:
    assert _shared.order_of(Drawn(order=(1, 0)), 2) == (1, 0)
    assert _shared.order_of(Drawn(order=(1, 0)), 3) == _shared.order_of(Drawn(order=(1, 1, 0)), 3) == (0, 1, 2)
    assert _shared.shuffled(4, Still(), [2, 0, 2]) == (1, 3, 0, 2)
    assert {_shared.shuffled(3, Random(seed))[0] for seed in range(20)} == {0, 1, 2}
    assert _shared.by_text(["b", "a", "b"], Still()) == (1, 0, 2)
    assert {_shared.by_text(["b", "a", "c"], Random(seed))[0] for seed in range(20)} == {0, 1, 2}


def test_shares() -> None:
    half = Fraction(1, 2)
    assert [_shared.whole(share, partial) for share in (half, Fraction(1)) for partial in ("", "none")] == [
        half,
        0,
        1,
        1,
    ]
    assert [_shared.part(hits, 3) for hits in (-1, 0, 1, 3)] == [0, 0, Fraction(1, 3), 1]
    assert (_shared.part(3, 3) is _shared.ALL, _shared.part(0, 3) is _shared.NOTHING) == (True, True)
    assert (_shared.full(True) is _shared.ALL, _shared.full(False) is _shared.NOTHING) == (True, True)


def test_words_of_html() -> None:
    assert _shared.folded(" A  b\nC") == "a b c"
    html = '<b>a</b> <img src="x" alt="b &amp; c" width="1"> d<br>\n e'
    assert _shared.plain_text(html) == "a b & c d e"


@pytest.mark.parametrize(
    ("lines", "outside"),
    [
        (["a", "```", "b", "~~~", "```", "c"], [0, 5]),
        (["````", "```", "x", "`````", "y"], [4]),
        (["~~~ x", "```", "~~~", "a"], [3]),
        (["   ```", "a", "    ```", " ```", "b"], [4]),
        (["    ```", "a"], [0, 1]),
        (["``", "a"], [0, 1]),
    ],
)
def test_code_fences(lines: list[str], outside: list[int]) -> None:
    assert list(_shared.outside_fences(lines)) == outside


@pytest.mark.parametrize(
    ("text", "exact", "folded"),
    [
        ("  A\u00ad\u200b\u2060\ufeff\u200e\u200f b. ", (), "a b"),
        ("a - b_c\u2010d\u2015e\u2212f", (), "a b c d e f"),
        ("\u2018a\u2019 \u02bcb\u2032 `c\u00b4", (), "'a' 'b' 'c'"),
        ("\u201ca\u201d \u201eb\u00ab \u00bb", (), '"a" "b" "'),
        ("É ö", (), "e o"),
        ("É ö", ("case",), "E o"),
        ("É ö", ("accents",), "é ö"),
        ("E\u0301", ("accents", "case"), "É"),
        ("a\u0300\u036f", (), "a"),
        ("ａ-b", ("width",), "ａ b"),
        ("ａ-  b", ("spaces",), "a- b"),
        ("a . . ", (), "a ."),
        ("...", (), ""),
        ("가", (), "가"),
        ("XXL", ("case",), "XXL"),
        ("XX.", ("case",), "XX"),
    ],
)
def test_what_does_not_matter_in_a_word(text: str, exact: tuple[str, ...], folded: str) -> None:
    assert fold(text, exact) == folded


def test_accepted_words() -> None:
    assert [accepted(text, ["A b", "."], ()) for text in ("a B", ".", "", None, 5)] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert (accepted("a", ["A"], ["case"]), accepted("A", ["A"], ["case"])) == (False, True)
    assert accepted(None, ["XX"], ["case", "accents"]) is False
    assert _folded.__wrapped__(("A b", "C"), ()) == {"a b", "c"}


def test_the_key_is_a_wording_that_can_be_given() -> None:
    for kind, text, right, key in (("short", "= . / a", "a", "a"), ("cloze", "{{gap: . / a}}", ["a"], "(1) a")):
        read_body = body(one(f"## Q {{#q .{kind}}}\n\n{text}\n"))
        assert KINDS[kind].right(read_body, Drawn()) == right
        assert KINDS[kind].grade(read_body, Drawn(), right) == 1
        assert KINDS[kind].explain(read_body, Drawn(), None).key == key


def test_numbers_are_read_with_one_question_at_most() -> None:
    kind, plain = KINDS["numeric"], body(ITEMS["plain"])
    with pytest.raises(Unreadable) as refused:
        kind.read(plain, Drawn(), {"check": ["1,234"]}, "check")
    assert str(refused.value) == "“1,234” can be read in two ways. Choose the number that you mean."
    assert (refused.value.field, refused.value.choices) == ("check_reading", ("1234", "1.234"))
    assert [kind.grade(plain, Drawn(), value) for value in ({"number": "42"}, {"number": 42}, {}, "42")] == [1, 0, 0, 0]
    assert [kind.said(plain, Drawn(), value) for value in ({"number": "12345.5"}, {"number": "x"}, None)] == [
        "12\u00a0345.5",
        "",
        "",
    ]
    assert kind.right(plain, Drawn()) == {"text": "42", "number": "42"}


@pytest.mark.parametrize(
    ("text", "right", "key"),
    [
        ("= 1 / 8", "0.125", "0.125"),
        ("= 1 / 3 ± 0.01", "0.333", "0.333 ± 0.01"),
        ("= 20 / 3 ± 1 a<b", "6.67", "6.67 ± 1\u00a0a&lt;b"),
        ("= 2 / 3 ± 0.001 %", "0.6667", "0.6667 ± 0.001\u00a0%"),
    ],
)
def test_a_number_as_one_would_write_it(text: str, right: str, key: str) -> None:
    read_body, kind = body(one(f"## Q {{#q .numeric}}\n\n{text}\n")), KINDS["numeric"]
    assert kind.right(read_body, Drawn())["number"] == right
    assert kind.explain(read_body, Drawn(), None).key == key


def test_steps_need_places_of_the_list() -> None:
    kind, steps = KINDS["order"], body(ITEMS["order"])
    for text in ("0", "5", "x", "0004", "٢"):
        assert refusal(lambda text=text: kind.read(steps, Drawn(), {"answer_2": [text]})) == (
            NO_PLACE,
            "answer_2",
            None,
        )
    sent = {"answer_1": ["004"], "answer_4": ["1"]}
    assert kind.read(steps, Drawn(), sent) == [4, 0, 0, 1]
    assert kind.read(steps, Drawn(order=(3, 2, 1, 0)), sent) == [1, 0, 0, 4]
    assert [kind.grade(steps, Drawn(), value) for value in ([0, 1, 2, 4], [-1, 0, 1, 2], (1, 2, 3, 4))] == [
        Fraction(1, 3),
        0,
        1,
    ]
    assert kind.said(steps, Drawn(), [0, 1, 0, 0]) == "1. Enrol"


def test_gaps_keep_their_options_apart() -> None:
    text = "## Q {#q .cloze}\n\n{{choose: *a / b}} or {{gap: w}} and {{choose: c / d / *e}}.\n"
    read_body, kind = body(one(text)), KINDS["cloze"]
    assert {kind.draw(read_body, Random(seed)).order[:2] for seed in range(20)} == {(0, 1), (1, 0)}
    drawn = Drawn(order=(1, 0, 4, 2, 3))
    sent = {"answer_1": ["1"], "answer_2": ["w"], "answer_3": ["1"]}
    assert kind.read(read_body, drawn, sent) == ["B", "w", "C"]
    assert kind.read(read_body, Drawn(order=(4, 0, 1, 2, 3)), sent) == ["A", "w", "A"]
    mixed = Drawn(order=(4, 0, 1, 2, 3))  # options of one gap cannot stand in another
    assert kind.read(read_body, mixed, {"answer_3": ["3"]}) == ["", "", "C"]
    assert refusal(lambda: kind.read(read_body, mixed, {"answer_3": ["4"]})) == (NOT_THERE, "answer_3", None)
    assert kind.right(read_body, drawn) == ["A", "w", "C"]
    assert kind.said(read_body, drawn, ["B", 5, "Z"]) == "(1) b; (2) –; (3) –"
    assert (kind.guess(read_body), kind.guess(read_body, "none")) == (Fraction(5, 18), 0)
    two = body(one("## Q {#q .cloze}\n\n{{choose: *a / b}} or {{choose: c / *d / e}}.\n"))
    assert (kind.guess(two), kind.guess(two, "none")) == (Fraction(5, 12), Fraction(1, 6))


def test_labels_of_gaps_are_short() -> None:
    text = f"One two three four five {{{{gap: a}}}} {'long' * 12} {{{{gap: b}}}}\nX {{{{gap: c}}}}"
    found = body(one(f"## Q {{#q .cloze}}\n\n{text}\n"))
    assert [gap.after for gap in found.gaps] == ["two three four five", "long" * 10, "long" * 9 + " … X"]


def parameter(low: str, high: str, step: str = "1", name: str = "a", of: str = "") -> Parameter:
    return Parameter(name=name, low=low, high=high, step=step, of=of)


def test_few_draws_are_all_looked_at_and_of_many_the_corners() -> None:
    few = list(many_draws([parameter("1", "100")]))
    assert few == [{"a": Fraction(n)} for n in range(1, 101)]
    many = list(many_draws([parameter("1", "101")]))
    assert (many[:2], len(many)) == ([{"a": 1}, {"a": 101}], 102)
    assert list(many_draws([])) == [{}]
    assert list(many_draws([parameter("9", "9"), parameter("10", "20", "5", "b", "a")])) == ["b"]
    many = list(many_draws([parameter("0", "200"), parameter("10", "20", "500", "b", "a")]))
    assert (many[:2], len(many)) == ([{"a": 0, "b": 0}, "b"], 102)


def test_a_share_of_a_negative_number() -> None:
    drawn = {
        draw_values([parameter("-10", "-10"), parameter("10", "30", "1", "b", "a")], Random(n))["b"] for n in range(40)
    }
    assert drawn == {"-1", "-2", "-3"}


def test_a_range_without_any_value_gives_its_lower_bound() -> None:
    assert draw_values([parameter("9", "9"), parameter("10", "20", "5", "b", "a")], Random(0)) == {"a": "9", "b": "5"}


def test_values_come_again_only_when_all_were_seen() -> None:
    one_value, none = [parameter("3", "3")], [parameter("9", "9"), parameter("10", "20", "5", "b", "a")]
    assert fresh_values(one_value, Random(0), [{"a": "3"}]) == {"a": "3"}
    assert fresh_values(none, Random(0), [{"a": "9", "b": "5"}]) == {"a": "9", "b": "5"}
    two = [parameter("1", "2")]
    assert {fresh_values(two, Random(n), [{"a": "1"}, {"a": "1"}, {"a": "2"}])["a"] for n in range(20)} == {"2"}
    assert {fresh_values(two, Random(n), [{"a": "1"}])["a"] for n in range(20)} == {"2"}
    assert {fresh_values(two, Random(n), [{"a": "1"}, {"a": "2"}])["a"] for n in range(20)} == {"1", "2"}


def test_values_between_the_corners_and_far_from_the_first_come_too() -> None:
    three, wide = [parameter("1", "3")], [parameter("1", "5000")]
    assert {fresh_values(three, Random(n), [{"a": "1"}, {"a": "3"}])["a"] for n in range(9)} == {"2"}
    for seed in range(3):
        chance = Random(seed)
        first, second = draw_values(wide, chance), draw_values(wide, chance)
        assert fresh_values(wide, Random(seed), [first]) == second


def test_what_is_worked_out_once_is_right_the_first_time() -> None:
    assert numeric._worked.__wrapped__("a * 2", (("a", "1.5"),)) == 3
    assert _bounds.__wrapped__(parameter("1", "2.5", "0.5")) == (1, Fraction(5, 2), Fraction(1, 2))
    assert formula.__wrapped__("2 km").rest == "km"
    found = [one.cache_info().maxsize for one in (numeric._worked, _bounds, formula, _folded)]
    assert found == [4096, 256, 1024, 1024]
