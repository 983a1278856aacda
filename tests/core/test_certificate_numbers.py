"""Certificate numbers: no mistyped number passes for another, and any way of writing the right one is read."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.certificates import SYMBOLS, explain_number, new_number, normalise_number, number_fault
from tests.letters import LETTERS

NUMBER = "LON-7K4M-2Q9X-HD37"
PLACES = [place for place, char in enumerate(NUMBER) if place > 3 and char != "-"]
numbers = st.binary(min_size=7, max_size=7).map(new_number)


def put(number: str, place: int, symbol: str) -> str:
    return number[:place] + symbol + number[place + 1 :]


def test_example_is_a_number() -> None:
    assert normalise_number(NUMBER) == NUMBER


def test_number_is_made_from_the_bytes_alone() -> None:
    assert new_number(bytes(7)) == new_number(bytes(9)) == "LON-0000-0000-000E"
    assert new_number(b"\xff" * 7)[:17] == "LON-ZZZZ-ZZZZ-ZZZ"


def test_too_few_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="needs 7 random bytes, not 6"):
        new_number(bytes(6))


def test_every_single_wrong_symbol_is_caught() -> None:
    wrong = [put(NUMBER, place, symbol) for place, symbol in product(PLACES, SYMBOLS) if NUMBER[place] != symbol]
    assert len(wrong) == 12 * 31
    assert {number_fault(number) for number in wrong} == {"check"}


def number_of(values: list[int]) -> str:
    """The number with these eleven symbols, by their values, and its check symbol."""
    return new_number(sum(value << 5 * place for place, value in enumerate(values)).to_bytes(7))


def test_every_exchange_of_neighbours_is_caught() -> None:
    # Every pair of symbols at every pair of neighbours; the check symbol runs through all values as the first one does.
    checked = 0
    for place, one, other in product(range(11), range(32), range(32)):
        values = [7, 20, 4, 19, 2, 23, 9, 29, 17, 13, 3]
        values[place], values[place + 1 if place < 10 else 0] = one, other
        number = number_of(values)
        left, right = PLACES[place], PLACES[place + 1]
        if number[left] != number[right]:
            checked += 1
            assert number_fault(put(put(number, left, number[right]), right, number[left])) == "check"
    assert checked == 11 * 32 * 31


@given(numbers, st.data())
def test_no_number_survives_one_slip(number: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(PLACES))
    symbol = data.draw(st.sampled_from(SYMBOLS.replace(number[place], "")))
    assert normalise_number(put(number, place, symbol)) is None


@given(numbers)
def test_printed_number_is_its_own_normal_form(number: str) -> None:
    assert normalise_number(number) == number


@pytest.mark.parametrize(
    "typed",
    [
        "lon-7k4m-2q9x-hd37",
        "  LON 7K4M 2Q9X HD37 ",
        "7K4M2Q9XHD37",
        "lon7k4m2q9xhd37",
        "LON–7K4M—2Q9X−HD37",
        "LON‑7K4M‐2Q9X﹣HD37",
        "LON\u00ad-7K4M\u200b-2Q9X\u00a0-HD37\n",
        "ＬＯＮ－７Ｋ４Ｍ－２Ｑ９Ｘ－ＨＤ３７",
        "ＬＯＮー７Ｋ４Ｍー２Ｑ９ＸーＨＤ３７",
        "LON-٧K٤M-٢Q٩X-HD٣٧",
        "LON-៧K៤M-២Q៩X-HD៣៧",
        "ЬON-7К4М-2Q9Х-НD37".replace("Ь", "L"),
        "lоn.7κ4μ.2q9χ.hd37",
        "https://learn.example.org/verify/LON-7K4M-2Q9X-HD37",
        "https://learn.example.org/verify/lon-7k4m-2q9x-hd37/?from=qr",
    ],
)
def test_every_way_of_writing_is_read(typed: str) -> None:
    assert normalise_number(typed) == NUMBER


def test_look_alikes_are_read_as_digits() -> None:
    number = number_of([0, 1, 0, 1, 1, 0, 0, 1, 22, 4, 7])
    assert "1" in number[4:]
    assert "0" in number[4:]
    for zero, one in product("0Oo", "1IiLl"):
        assert normalise_number(number.replace("0", zero).replace("1", one)) == number


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "empty"),
        (" - – — ", "empty"),
        ("LON-", "empty"),
        ("LON-7K4M-2Q9X", "short"),
        ("LON-7K4M-2Q9X-HD377", "long"),
        ("7" * 100_000, "long"),
        ("LON-7K4M-2Q9X-HDU7", "symbols"),
        ("LON-7K4M-2Q9X-HD3é", "symbols"),
        ("ល-7K4M-2Q9X-HD37", "symbols"),
        ("LON-0000-0000-0000", "check"),
        ("LON-7K4M-2Q9X-HD3A", "check"),
        ("LON-7K4M-29QX-HD37", "check"),
    ],
)
def test_a_wrong_number_gets_a_helpful_answer(typed: str, fault: str) -> None:
    assert (normalise_number(typed), number_fault(typed)) == (None, fault)
    assert explain_number(typed, "en") != explain_number(typed, "fr") != ""


def test_a_right_number_needs_no_explanation() -> None:
    assert explain_number(NUMBER, "en") == ""


@given(st.text(LETTERS, max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    assert (normalise_number(text) is None) == bool(explain_number(text, "en"))
