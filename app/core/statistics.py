"""What counts of answers say about a question: how hard it is, whether it tells strong from weak, whether it is fair.

All is worked out from counts by option and band (`app.core.tallying`). Where a formula asks for the score on the rest
of the paper, the middle of the band stands for it: a band is a twentieth of the possible points. Results are floats;
None where the counts can't tell, such as a correlation where everybody answered alike.

Sources: Crocker and Algina, Introduction to Classical and Modern Test Theory (1986), chapters 7, 14; Kelley (1939), The
selection of upper and lower groups, Journal of Educational Psychology 30; Cronbach (1951), Psychometrika 16; Mantel and
Haenszel (1959), Journal of the National Cancer Institute 22; Robins, Breslow and Greenland (1986), Biometrics 42;
Holland and Thayer (1988) and Zieky (1993) for the classes of the Educational Testing Service.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from math import log, sqrt
from typing import NamedTuple

from app.core.tallying import BANDS

OUTER = 0.27  # of all answers in the upper and in the lower group (Kelley 1939)
DELTA = -2.35  # from the logarithm of an odds ratio to the delta scale: 4 / 1.7, Holland and Thayer (1988)
SIGNIFICANT = 3.841  # chi-square, one degree of freedom, 5 %
ONE_SIDED = 1.645  # normal distribution, 5 % on one side
A, B, C = "A", "B", "C"
NOTHING = 1e-18  # a variance that only the rounding of floats makes


class Count(NamedTuple):
    """`n` answers that chose one option with the rest of their papers in one band, and the seconds they took."""

    option: str
    band: int
    n: int
    seconds: int = 0


class Summary(NamedTuple):
    """The classical figures of one question.

    `facility` is the mean share of the points, `error` its standard error, `discrimination` the index of the upper and
    lower 27 %, `correlation` the point-biserial one with the rest of the paper, `seconds` the mean time.
    """

    n: int
    facility: float
    error: float | None
    discrimination: float | None
    correlation: float | None
    seconds: float


class Choice(NamedTuple):
    """How many chose one option, as shares of all, of the upper and of the lower group."""

    option: str
    n: int
    share: float
    upper: float
    lower: float


MIDDLE = tuple((band + 0.5) / BANDS for band in range(BANDS))  # the share of the points that stands for a band


class Moments(NamedTuple):
    """Mean share of the points, its variance, that of the rest of the paper, their covariance; with n - 1 beneath."""

    n: int
    mean: float
    variance: float
    rest: float
    together: float


def moments(counts: Sequence[Count], shares: Mapping[str, Fraction]) -> Moments | None:
    """None for fewer than two answers. For right and wrong alone the variance is p (1 - p) n / (n - 1)."""
    earned = {option: float(share) for option, share in shares.items()}
    n = sum(one.n for one in counts)
    if n < 2:
        return None
    mean = sum(earned[one.option] * one.n for one in counts) / n
    rest = sum(MIDDLE[one.band] * one.n for one in counts) / n
    own = others = together = 0.0
    for one in counts:
        here, there = earned[one.option] - mean, MIDDLE[one.band] - rest
        own += here * here * one.n
        others += there * there * one.n
        together += here * there * one.n
    return Moments(n, mean, own / (n - 1), others / (n - 1), together / (n - 1))


def summary(counts: Sequence[Count], shares: Mapping[str, Fraction], outers: "Outers | None" = None) -> Summary | None:
    """The figures of a question; `shares` says what each option earns, `outers` are those of `outer`. None without
    answers."""
    n = sum(one.n for one in counts)
    if not n:
        return None
    found = moments(counts, shares)
    return Summary(
        n=n,
        facility=float(sum(shares[one.option] * one.n for one in counts)) / n if found is None else found.mean,
        error=sqrt(found.variance / n) if found else None,
        discrimination=discrimination(counts, shares, outers),
        correlation=correlation(found) if found else None,
        seconds=sum(one.seconds for one in counts) / n,
    )


def correlation(found: Moments) -> float | None:
    """Pearson's correlation of the question with the rest of the paper.

    For right and wrong alone this is the point-biserial correlation (Crocker and Algina, 14.3), corrected because the
    question itself is not in the rest.
    """
    spread = found.variance * found.rest
    return found.together / sqrt(spread) if spread > NOTHING else None


Shares = dict[str, float]
Outers = tuple[Shares, Shares]


def outer(counts: Sequence[Count]) -> Outers:
    """What the 27 % with the best rest of the paper chose, and those with the worst: option -> share of the group.

    The band in which a group ends counts in proportion, so that it has exactly 27 % of all answers.
    """
    inside: dict[int, list[Count]] = {}
    sizes: dict[int, int] = {}
    for one in counts:
        inside.setdefault(one.band, []).append(one)
        sizes[one.band] = sizes.get(one.band, 0) + one.n
    size = OUTER * sum(sizes.values())
    order = sorted(inside)
    best, worst = (_group(inside, sizes, bands, size) for bands in (reversed(order), order))
    return best, worst


def _group(inside: Mapping[int, list[Count]], sizes: Mapping[int, int], bands: Iterable[int], size: float) -> Shares:
    wanted = size
    found: Shares = {}
    for band in bands:
        if wanted <= 0:
            break
        part = min(1.0, wanted / sizes[band]) if sizes[band] else 0.0
        for one in inside[band]:
            found[one.option] = found.get(one.option, 0.0) + part * one.n / size
        wanted -= part * sizes[band]
    return found


def discrimination(
    counts: Sequence[Count], shares: Mapping[str, Fraction], outers: Outers | None = None
) -> float | None:
    """The facility in the upper group minus that in the lower one: from -1 to 1 (Crocker and Algina, 14.2)."""
    if len({one.band for one in counts if one.n}) < 2:
        return None
    best, worst = (sum(float(shares[one]) * part for one, part in group.items()) for group in outers or outer(counts))
    return best - worst


def choices(
    counts: Sequence[Count], groups: Mapping[str, Collection[str]], outers: Outers | None = None
) -> list[Choice]:
    """What became of each option: `groups` says which counted ones it stands for, several where one ticks several."""
    sums: dict[str, int] = {}
    for one in counts:
        sums[one.option] = sums.get(one.option, 0) + one.n
    total = sum(sums.values())
    outers = outers or outer(counts)
    found = []
    for option, members in groups.items():
        n = sum(sums.get(one, 0) for one in members)
        best, worst = (sum(group.get(one, 0.0) for one in members) for group in outers)
        found.append(Choice(option, n, n / total if total else 0.0, best, worst))
    return found


class Reliability(NamedTuple):
    """`alpha`, the coefficient of internal consistency, and the standard error of a learner's score, as a share of the
    points."""

    alpha: float
    error: float


def consistency(items: Sequence[tuple[int, Sequence[Count], Mapping[str, Fraction]]]) -> Reliability | None:
    """Cronbach's alpha of a fixed paper, which for right and wrong alone is Kuder and Richardson's formula 20.

    k / (k - 1) (1 - sum of the items' variances / variance of the total). The total varies by the sum of each item's
    variance and its covariance with the rest of the paper; the standard error is sqrt(variance (1 - alpha)). An item is
    (points, counts, shares). None for fewer than two items, or where the total does not vary.
    """
    whole = sum(points for points, _, _ in items)
    own = shared = 0.0
    for points, counts, shares in items:
        found = moments(counts, shares)
        if found is None:
            return None
        own += found.variance * points**2
        shared += found.together * points * (whole - points)
    total = own + shared
    if len(items) < 2 or total <= NOTHING:
        return None
    alpha = len(items) / (len(items) - 1) * (1 - own / total)
    return Reliability(alpha, sqrt(max(0.0, total * (1 - alpha))) / whole)


class Fairness(NamedTuple):
    """Whether learners of two groups who do equally well elsewhere do equally well here.

    `delta` is on the scale of the Educational Testing Service: below 0 the `group` finds the question harder than the
    `reference`. `kind` is A (none or small), B (moderate) or C (large: look at it).
    """

    reference: str
    group: str
    n_reference: int
    n: int
    delta: float
    error: float
    chi_square: float
    kind: str


def fairness(
    counts: Mapping[str, Sequence[Count]], shares: Mapping[str, Fraction], reference: str, group: str
) -> Fairness | None:
    """The Mantel-Haenszel comparison of two groups over the bands; only an answer with all points counts as right.

    With A, B right and wrong in the reference, C, D in the group, T all in a band: odds ratio = sum(AD/T) / sum(BC/T),
    delta = -2.35 ln(ratio), chi-square = (|sum(A) - sum(E(A))| - 1/2)^2 / sum(Var(A)), the variance of ln(ratio) by
    Robins, Breslow and Greenland. Class A: delta under 1 or not surely other than 0 at 5 %; class C: delta at least
    1.5 and more than 1 at 5 %, one-sided; else B (Zieky 1993). None where no band tells anything.
    """
    known, found = (_right_and_wrong(counts[name], shares) for name in (reference, group))
    tables: list[Table] = [(*known[band], *found[band]) for band in known.keys() & found.keys()]
    for_reference = sum(a * d / (a + b + c + d) for a, b, c, d in tables)
    for_group = sum(b * c / (a + b + c + d) for a, b, c, d in tables)
    spread = sum(_spread(*one) for one in tables)
    if not for_reference or not for_group or not spread:
        return None
    ratio = for_reference / for_group
    gap = abs(sum(a - (a + b) * (a + c) / (a + b + c + d) for a, b, c, d in tables))
    chi_square = max(0.0, gap - 0.5) ** 2 / spread
    delta = DELTA * log(ratio)
    error = -DELTA * sqrt(_log_variance(tables, for_reference, for_group))
    sizes = (sum(one.n for one in counts[name]) for name in (reference, group))
    return Fairness(
        reference, group, next(sizes), next(sizes), delta, error, chi_square, kind_of(delta, error, chi_square)
    )


def kind_of(delta: float, error: float, chi_square: float) -> str:
    """The class of the Educational Testing Service."""
    if abs(delta) < 1 or chi_square < SIGNIFICANT:
        return A
    return C if abs(delta) >= 1.5 and abs(delta) - ONE_SIDED * error > 1 else B


Table = tuple[int, int, int, int]


def _right_and_wrong(counts: Sequence[Count], shares: Mapping[str, Fraction]) -> dict[int, tuple[int, int]]:
    """Band -> how many have all points, and how many have not; bands without answers are left out."""
    full = {option for option, share in shares.items() if share == 1}
    found: dict[int, tuple[int, int]] = {}
    for one in counts:
        if one.n:
            right, wrong = found.get(one.band, (0, 0))
            found[one.band] = (right + one.n, wrong) if one.option in full else (right, wrong + one.n)
    return found


def _spread(a: int, b: int, c: int, d: int) -> float:
    t = a + b + c + d
    return (a + b) * (c + d) * (a + c) * (b + d) / (t * t * (t - 1)) if t > 1 else 0.0


def _log_variance(tables: Sequence[Table], for_reference: float, for_group: float) -> float:
    both = one_way = other_way = 0.0
    for a, b, c, d in tables:
        t = a + b + c + d
        agree, r, s = (a + d) / t, a * d / t, b * c / t
        both += agree * r
        other_way += (1 - agree) * s
        one_way += agree * s + (1 - agree) * r
    return both / (2 * for_reference**2) + one_way / (2 * for_reference * for_group) + other_way / (2 * for_group**2)
