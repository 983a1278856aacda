"""Small counts are hidden, and stay hidden when everything that is shown is subtracted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.suppression import hidden, hidden_share


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([], ()),
        ([0, 0, 0], (None, None, None)),
        ([9], (None,)),
        ([10], (10,)),
        ([20, 30, 40], (20, 30, 40)),
        ([20, 30, 9], (None, 30, None)),  # one alone could be found by subtraction from the whole
        ([50, 4, 7], (50, None, None)),
        ([50, 3, 4], (None, None, None)),  # together 7: too few to hide behind
        ([50, 60, 3, 4], (None, 60, None, None)),
        ([50, 0], (None, None)),  # everybody says the same: that would be everybody's answer
        ([50, 40, 0, 0], (50, None, None, None)),
    ],
)
def test_what_is_hidden(counts: list[int], shown: tuple[int | None, ...]) -> None:
    assert hidden(counts, 10) == shown


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(5, 20))
def test_nothing_hidden_can_be_found_by_subtraction(counts: list[int], least: int) -> None:
    shown = hidden(counts, least)
    veiled = [n for n, one in zip(counts, shown, strict=True) if one is None]
    assert all(one is None or (one == n and n >= least) for n, one in zip(counts, shown, strict=True))
    if veiled and len(veiled) < len(counts):
        assert len(veiled) > 1
        assert sum(veiled) >= least


@pytest.mark.parametrize(
    ("n", "whole", "shown"), [(9, 50, None), (10, 50, 10), (40, 50, 40), (41, 50, None), (50, 50, None), (0, 50, None)]
)
def test_a_part_alone(n: int, whole: int, shown: int | None) -> None:
    assert hidden_share(n, whole, 10) == shown
