"""Figures of the overview from counts: shares, the median, the gain with its interval, where people stop."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

NORMAL = 1.96  # of the normal distribution, 95 % on both sides
LEAST = 10  # answers or people, below which a mean or a rate of them says too little to be shown


def share(part: int, whole: int) -> int | None:
    """A part of a whole in hundredths of a per cent, cut to tenths of a per cent; None of nothing."""
    return part * 1000 // whole * 10 if whole else None


def median(counts: Mapping[int, int]) -> float | None:
    """The middle of values that come with their counts, between the two middle ones where n is even; None of none."""
    n = sum(counts.values())
    seen, below = 0, None
    for value in sorted(counts):
        seen += counts[value]
        if below is None and seen * 2 >= n > 0:
            below = value
        if below is not None and seen * 2 > n:
            return (below + value) / 2
    return None


class Mean(NamedTuple):
    """A mean of `n` values with the ends of its interval of 95 %, in the values' own unit."""

    n: int
    mean: float
    low: float
    high: float


def mean(counts: Mapping[int, int]) -> Mean | None:
    """The mean of values with their counts, and mean ± 1.96 s / √n; None under ten values, too few for that formula.

    Source: the normal approximation of the mean's distribution, s with n - 1 beneath.
    """
    n = sum(counts.values())
    if n < LEAST:
        return None
    middle = sum(value * times for value, times in counts.items()) / n
    spread = sqrt(sum((value - middle) ** 2 * times for value, times in counts.items()) / (n - 1))
    return Mean(n, middle, middle - NORMAL * spread / sqrt(n), middle + NORMAL * spread / sqrt(n))


class Stop(NamedTuple):
    """A section in the order of the course: how many read it, and how many fewer than the section before."""

    place: str
    n: int
    fewer: int


def funnel(begun: int, read: Sequence[tuple[str, int]]) -> tuple[Stop, ...]:
    """The sections with what is lost at each; `begun` people stand before the first. Nobody is lost where more read a
    section than the one before."""
    found, before = [], begun
    for place, n in read:
        found.append(Stop(place, n, max(0, before - n)))
        before = n
    return tuple(found)


def worst(stops: Sequence[Stop], most: int) -> tuple[Stop, ...]:
    """The sections at which most are lost, in the order of the course."""
    lost = sorted((one for one in stops if one.fewer), key=lambda one: -one.fewer)[:most]
    return tuple(one for one in stops if one in lost)


def months_between(first: str, last: str) -> tuple[str, ...]:
    """All months from one to the other, both included, `YYYY-MM`."""
    start, end = (int(one[:4]) * 12 + int(one[5:]) - 1 for one in (first, last))
    return tuple(f"{place // 12:04}-{place % 12 + 1:02}" for place in range(start, end + 1))


def line(values: Sequence[int], width: int, height: int) -> str:
    """The points of a line through these values in a picture of this size, the highest at the top: "x,y x,y"."""
    top = max(values, default=0) or 1
    step = width / max(1, len(values) - 1)
    return " ".join(f"{round(place * step, 1):g},{round(height - value * height / top, 1):g}"
                    for place, value in enumerate(values))  # fmt: skip
