"""Numbers as people of the region write them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.numbers import exact, plain, readings, show, value_of
from tests.letters import LETTERS


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("75", ["75"]),
        ("007", ["7"]),
        ("0.5", ["0.5"]),
        ("0,234", ["0.234"]),  # no group begins with a zero
        (".5", ["0.5"]),
        ("-,5", ["-0.5"]),
        ("75.", ["75"]),
        ("75,", ["75"]),
        ("3·5", ["3.5"]),
        ("-0", ["0"]),
        ("+3", ["3"]),
        ("−3,5", ["-3.5"]),
        ("–3", ["-3"]),
        ("- 3", ["-3"]),
        ("－３．５", ["-3.5"]),
        # one grouping mark and another decimal mark
        ("1 234,5", ["1234.5"]),
        ("1,234.5", ["1234.5"]),
        ("1.234,5", ["1234.5"]),
        ("1.234.567,89", ["1234567.89"]),
        ("1 234,567", ["1234.567"]),
        ("1,234,567", ["1234567"]),
        ("1.234.567", ["1234567"]),
        # the Indian way
        ("6,20,000", ["620000"]),
        ("1,23,45,678.5", ["12345678.5"]),
        ("6 20 000", ["620000"]),
        # Swiss, and every space
        ("620'000", ["620000"]),
        ("620’000.25", ["620000.25"]),
        ("620\u00a0000", ["620000"]),
        ("620\u202f000", ["620000"]),
        ("620\u2009000", ["620000"]),
        ("620\u3000000", ["620000"]),
        ("  620  000  ", ["620000"]),
        # scripts
        ("๑๒๓.๕", ["123.5"]),  # Thai
        ("១២៣,៥", ["123.5"]),  # Khmer
        ("໑໒໓", ["123"]),  # Lao
        ("၁၂၃", ["123"]),  # Burmese
        ("१२,३४,५६७", ["1234567"]),  # Devanagari
        ("১,২৩,৪৫৬", ["123456"]),  # Bengali
        ("١٢٣٫٥", ["123.5"]),  # Arabic-Indic with its own decimal mark
        ("٦٢٠٬٠٠٠", ["620000"]),  # and its own thousands mark
        ("۱۲۳", ["123"]),  # extended Arabic-Indic
        ("\u200e-۱۲۳\u200f", ["-123"]),
        ("１２３", ["123"]),
        # two readings
        ("1,234", ["1234", "1.234"]),
        ("1.234", ["1234", "1.234"]),
        ("-12.500", ["-12500", "-12.5"]),
        ("1,000", ["1000", "1"]),
        # one reading after all: no grouping has these lengths
        ("12,34", ["12.34"]),
        ("1234,567", ["1234.567"]),
        ("1.2345", ["1.2345"]),
    ],
)
def test_a_number_is_read_as_it_was_meant(text: str, numbers: list[str]) -> None:
    assert list(readings(text)) == numbers


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "-",
            ".",
            ",",
            "--3",
            "3-",
            "(3)",
            "½",
            "²",
            "5²",
            "三",
            "1/2",
            "1e5",
            "1;5",
            "1_000",
            "5\x00",
            "9" * 61,
        ),
        *("1,2,3", "1.2.3", "1,234,56", "12 34", "1 2", "1,234.567.8", "1'234,567'8", "0,234,567"),
        *("abc", "about 5", "5 or 6", "2 million", "٣ ملايين"),
    ],
)
def test_what_is_no_number_has_no_reading(text: str) -> None:
    assert readings(text) == ()


@pytest.mark.parametrize(
    ("text", "unit", "numbers"),
    [
        ("75 %", "", ["75"]),
        ("75%", "%", ["75"]),
        ("٧٥٪", "%", ["75"]),
        ("75％", "% of GDP", ["75"]),
        ("75 per cent", "%", ["75"]),
        ("15.2 percentage points", "percentage points", ["15.2"]),
        ("15.2 Points.", "percentage points", ["15.2"]),
        ("15.2 %", "percentage points", ["15.2"]),
        ("7 % of GDP", "% of GDP", ["7"]),
        ("620 000 people", "people", ["620000"]),
        ("620000people", "people", ["620000"]),
        ("1,234 people", "people", ["1234", "1.234"]),
        ("12 កុមារ", "កុមារ", ["12"]),
        ("75 %", "people", []),
        ("2 million people", "people", []),
        ("2 people", "", []),
    ],
)
def test_a_unit_may_follow(text: str, unit: str, numbers: list[str]) -> None:
    assert list(readings(text, unit)) == numbers


@pytest.mark.parametrize(
    ("number", "language", "shown"),
    [
        ("620000", "en", "620\u00a0000"),
        ("9000", "en", "9000"),
        ("-1234567.5", "en", "−1\u00a0234\u00a0567.5"),
        ("-1234567.5", "fr", "−1\u00a0234\u00a0567,5"),
        ("0.5", "pt-TL", "0,5"),
        ("0", "km", "0"),
    ],
)
def test_a_number_is_shown_in_the_readers_way(number: str, language: str, shown: str) -> None:
    assert show(number, language) == shown


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (Fraction(1, 3), 2, "0.33"),
        (Fraction(2, 3), 0, "1"),
        (Fraction(-5, 2), 0, "-3"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(-1, 1000), 2, "0"),
        (Fraction(120), 0, "120"),
        (Fraction(12), 2, "12"),
    ],
)
def test_rounding_is_half_away_from_zero(number: Fraction, decimals: int, text: str) -> None:
    assert plain(number, decimals) == text


@pytest.mark.parametrize(("number", "text"), [(Fraction(1, 8), "0.125"), (Fraction(1, 3), None), (Fraction(-7), "-7")])
def test_exact_notation(number: Fraction, text: str | None) -> None:
    assert exact(number) == text


@pytest.mark.parametrize("junk", [None, 5, "", "1e9", "1/2", "٣", "nan", "-", "1.", ["1"], "1\n"])
def test_only_exact_notation_has_a_value(junk: object) -> None:
    assert value_of(junk) is None


DECIMALS = st.builds(
    lambda n, places: exact(Fraction(n, 10**places)), st.integers(-(10**12), 10**12), st.integers(0, 6)
)


@given(DECIMALS, st.sampled_from(["en", "fr", "km"]))
def test_what_is_shown_can_be_read(number: str, language: str) -> None:
    assert number in readings(show(number, language))


@given(st.text(LETTERS, max_size=80), st.text(LETTERS, max_size=20))
def test_any_text_has_at_most_two_exact_readings(text: str, unit: str) -> None:
    found = readings(text, unit)
    assert len(found) <= 2
    assert all(value_of(number) is not None for number in found)


@given(st.text(alphabet="0123456789.,' -·", max_size=14))
def test_a_text_of_digits_and_marks_has_at_most_two_exact_readings(text: str) -> None:
    for number in readings(text):
        assert exact(value_of(number) or Fraction(0), 14) == number
