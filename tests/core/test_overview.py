"""Figures of the overview, and what lines about officials to be trained say together."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import denominators as d
from app.core.denominators import Line
from app.core.overview import Mean, Stop, funnel, line, mean, median, months_between, share, worst
from app.core.tables import Refusal, Unreadable

DAY = date(2026, 3, 31)
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("counts", "middle"),
    [({}, None), ({7: 1}, 7), ({1: 1, 4: 1}, 2.5), ({1: 2, 9: 1}, 1), ({1: 2, 9: 2}, 5), ({0: 1, 3: 1, 30: 1}, 3)],
)
def test_the_median_is_the_middle_of_all_values(counts: dict[int, int], middle: float | None) -> None:
    assert median(counts) == middle


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_the_median_of_counts_is_that_of_the_values(values: list[int]) -> None:
    ordered = sorted(values + values)  # twice each has the same middle
    assert median({one: values.count(one) for one in values}) == Fraction(
        ordered[len(values) - 1] + ordered[len(values)], 2
    )


def test_a_mean_has_an_interval_and_small_numbers_have_neither() -> None:
    assert mean({100: 9}) is None
    assert mean({100: 10}) == Mean(10, 100, 100, 100)
    found = mean({0: 50, 1000: 50})
    assert found is not None
    assert [round(one, 1) for one in found] == [100, 500, 401.5, 598.5]  # 1.96 * 502.5 / 10


def test_people_stop_where_fewer_read_on() -> None:
    stops = funnel(10, [("a", 8), ("b", 8), ("c", 9), ("d", 3)])
    assert stops == (Stop("a", 8, 2), Stop("b", 8, 0), Stop("c", 9, 0), Stop("d", 3, 6))
    assert [one.place for one in worst(stops, 1)] == ["d"]
    assert [one.place for one in worst(stops, 5)] == ["a", "d"]


def test_shares_months_and_lines() -> None:
    assert (share(1, 3), share(2, 2), share(0, 0)) == (3330, 10000, None)
    assert months_between("2025-11", "2026-02") == ("2025-11", "2025-12", "2026-01", "2026-02")
    assert line([0, 5, 10], 100, 20) == "0,20 50,10 100,0"
    assert line([0], 100, 20) == "0,20"


def of(n: int, sex: str = "", organisation: str = "") -> Line:
    return Line("FJ", organisation, sex, n, "list", DAY)


@pytest.mark.parametrize(
    ("lines", "sexes", "n"),
    [
        ([], (), None),
        ([of(100)], (), 100),
        ([of(100)], ("woman",), None),
        ([of(100), of(60, "woman")], (), 100),
        ([of(100), of(60, "woman")], ("woman",), 60),
        ([of(60, "woman"), of(30, "man")], (), 90),
        ([of(60, "woman"), of(30, "man"), of(1, "other")], (), 91),
        ([of(60, "woman")], (), None),
        ([of(60, "woman")], ("", "woman"), None),
        ([of(60, "woman")], ("other",), None),
        ([of(60, "woman"), of(30, "man")], ("woman", "man"), 90),
        ([of(60, organisation="a"), of(30, organisation="b")], (), 90),
        ([of(60, organisation="a"), of(100)], (), 100),
        ([of(20, "man", "a"), of(30, organisation="b")], ("man",), 20),
    ],
)
def test_what_is_said_of_a_country_wins_over_the_sum_of_its_parts(
    lines: list[Line], sexes: tuple[str, ...], n: int | None
) -> None:
    assert d.meant_of_country(lines, sexes) == n


def test_places_are_counted_that_know_one_sex_alone() -> None:
    lines = [of(60, "woman"), of(20, "man", "a"), of(5, "woman", "b"), of(6, "man", "b"), of(7, organisation="c")]
    assert [d.of_one_sex(lines), d.of_one_sex([*lines, of(100)]), d.of_one_sex([])] == [2, 1, 0]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("12", 12),
        ("1,200", 1200),
        ("1 200", 1200),
        ("0", 0),
        ("", None),
        ("-3", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 11, None),
        ("ten", None),
    ],
)
def test_a_number_of_people(text: str, n: int | None) -> None:
    assert d.number(text) == n


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-31", DAY),
        ("2025", date(2025, 12, 31)),
        ("2026", TODAY),
        ("2027", None),
        ("2026-12-01", None),
        ("31.3.2026", None),
        ("", None),
        ("0000", None),
    ],
)
def test_a_day_of_a_number(text: str, day: date | None) -> None:
    assert d.day(text, TODAY) == day


HEADER = ["Country", "Organisation", "Sex", "N", "Source", "Day"]
GOOD = ["Fiji", "Ministry of Women", "f", "1 200", "Staff list", "2026-03-31"]


@pytest.mark.parametrize(
    ("change", "own", "found"),
    [
        ({}, None, d.Row("FJ", "Ministry of Women", "woman", 1200, "Staff list", DAY)),
        ({0: "", 1: "", 2: "all"}, "FJ", d.Row("FJ", "", "", 1200, "Staff list", DAY)),
        ({0: "Atlantis"}, None, Refusal("country", "Atlantis")),
        ({0: ""}, None, Refusal("country", "")),
        ({}, "TO", Refusal("another-country", "Fiji")),
        ({2: "cat"}, None, Refusal("sex", "cat")),
        ({3: "many"}, None, Refusal("number", "many")),
        ({4: ""}, None, Refusal("source", "")),
        ({5: "soon"}, None, Refusal("day", "soon")),
        ({1: "=1+1"}, None, Refusal("formula", "organisation")),
        ({1: "Ministry\nof Women"}, None, d.Row("FJ", "Ministry of Women", "woman", 1200, "Staff list", DAY)),
    ],
)
def test_rows_of_a_file(change: dict[int, str], own: str | None, found: object) -> None:
    cells = [change.get(place, text) for place, text in enumerate(GOOD)]
    countries = {"fiji": "FJ", "fj": "FJ"}
    assert d.judge(cells, d.columns_of(HEADER), countries, own, TODAY) == found
    assert d.judge(Refusal("more", "x"), d.columns_of(HEADER), countries, own, TODAY) == Refusal("more", "x")


@pytest.mark.parametrize(
    ("header", "code"), [(["country", "n", "source"], "columns"), (["n", "number", "source", "day"], "twice")]
)
def test_a_header_that_is_not_fit(header: list[str], code: str) -> None:
    with pytest.raises(Unreadable, match=code):
        d.columns_of(header)
