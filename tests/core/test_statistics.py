"""Item statistics, compared with what scipy and statsmodels make of the raw answers, banded the same way."""

from fractions import Fraction
from math import isclose, sqrt
from typing import TYPE_CHECKING

import pytest

from app.core import statistics
from app.core.itemcards import card
from app.core.papers import Answer, Drawn, Mark, Paper, Question
from app.core.statistics import Count
from app.core.tallying import band, bands, observations, option
from tests.core.banks import ITEMS
from tests.records.samples import item

if TYPE_CHECKING:
    import numpy as np

RIGHT = {"A": Fraction(1), "B": Fraction(0), "C": Fraction(0), "": Fraction(0), "AB": Fraction(1, 2)}


class Raw:
    """Answers of many invented learners to a paper of `k` questions: scores (learners x questions) and groups."""

    def __init__(self, n: int, k: int, *, partial: bool = False, unfair: float = 0.0, seed: int = 7) -> None:
        import numpy as np  # slow to load, as scipy is: here and below for these tests alone

        chance = np.random.default_rng(seed)
        able = chance.normal(size=n)
        self.group = chance.choice(["man", "woman"], n, p=[0.6, 0.4])
        hard = np.linspace(-1.5, 1, k)
        logit = able[:, None] - hard + unfair * np.outer(self.group == "woman", np.arange(k) == 0)
        right = chance.random((n, k)) < 1 / (1 + np.exp(-logit))
        half = chance.random((n, k)) < 0.3 if partial else np.zeros((n, k), bool)
        self.options = np.where(right, "A", np.where(half, "AB", chance.choice(["B", "C", ""], (n, k))))
        self.halves = np.select([self.options == "A", self.options == "AB"], [2, 1], 0)  # half points: whole numbers
        rest = self.halves.sum(axis=1, keepdims=True) - self.halves
        self.bands = np.minimum(19, rest * 20 // (2 * (k - 1)))

    def counts(self, question: int, group: str = "") -> list[Count]:
        found: dict[tuple[str, int], int] = {}
        for place in range(len(self.group)):
            if group in ("", self.group[place]):
                key = (str(self.options[place, question]), int(self.bands[place, question]))
                found[key] = found.get(key, 0) + 1
        return [Count(*key, n, 30 * n) for key, n in sorted(found.items())]


@pytest.mark.parametrize(("n", "k", "partial"), [(40, 6, False), (900, 12, False), (700, 8, True)])
def test_figures_of_an_item_are_those_of_the_raw_answers(n: int, k: int, partial: bool) -> None:
    import scipy

    raw = Raw(n, k, partial=partial)
    for question in (0, k - 1):
        scores, rest = raw.halves[:, question] / 2, (raw.bands[:, question] + 0.5) / 20
        found = statistics.summary(raw.counts(question), RIGHT)
        assert found is not None
        assert (found.n, found.seconds) == (n, 30)
        assert isclose(found.facility, scores.mean())
        assert isclose(found.error or 0, scipy.stats.sem(scores))
        expected = scipy.stats.pearsonr(scores, rest) if partial else scipy.stats.pointbiserialr(scores == 1, rest)
        assert isclose(found.correlation or 0, expected.statistic)
        assert isclose(found.discrimination or 0, outer_mean(scores, rest, True) - outer_mean(scores, rest, False))


def outer_mean(scores: "np.ndarray", rest: "np.ndarray", upper: bool) -> float:
    """The mean in the outer 27 %, one by one from the end, those of one band alike."""
    alike = {one: scores[rest == one].mean() for one in set(rest)}
    ordered = sorted(rest, reverse=upper)
    wanted, earned = 0.27 * len(rest), 0.0
    for one in ordered:
        part = min(1.0, wanted)
        earned, wanted = earned + part * alike[one], wanted - part
    return earned / (0.27 * len(rest))


@pytest.mark.parametrize(("n", "k", "partial"), [(300, 5, False), (900, 20, True)])
def test_the_coefficient_of_internal_consistency_is_cronbachs_alpha(n: int, k: int, partial: bool) -> None:
    import numpy as np

    raw = Raw(n, k, partial=partial)
    scores = raw.halves / 2
    total = sum(np.cov(scores[:, one], (raw.bands[:, one] + 0.5) / 20 * (k - 1))[0].sum() for one in range(k))
    alpha = k / (k - 1) * (1 - scores.var(axis=0, ddof=1).sum() / total)
    found = statistics.consistency([(1, raw.counts(one), RIGHT) for one in range(k)])
    assert found is not None
    assert isclose(found.alpha, alpha)
    assert isclose(found.error, sqrt(total * (1 - alpha)) / k)
    exact = k / (k - 1) * (1 - scores.var(axis=0, ddof=1).sum() / scores.sum(axis=1).var(ddof=1))
    assert abs(found.alpha - exact) < 0.02  # what the bands cost


@pytest.mark.parametrize(("unfair", "kind"), [(0.0, "A"), (-0.65, "B"), (-1.6, "C"), (1.6, "C")])
def test_the_fairness_check_is_that_of_stratified_tables(unfair: float, kind: str) -> None:
    import numpy as np
    from statsmodels.stats.contingency_tables import StratifiedTable

    raw = Raw(2400, 15, unfair=unfair, seed=3)
    found = statistics.fairness({name: raw.counts(0, name) for name in ("man", "woman")}, RIGHT, "man", "woman")
    tables = []
    for one in range(20):
        at = raw.bands[:, 0] == one
        right = raw.options[:, 0] == "A"
        groups = [at & (raw.group == name) for name in ("man", "woman")]
        cells = [[np.sum(group & right), np.sum(group & ~right)] for group in groups]
        if min(sum(row) for row in cells):
            tables.append(np.array(cells, float))
    independent = StratifiedTable(tables)
    assert found is not None
    assert (found.reference, found.group, found.n + found.n_reference) == ("man", "woman", 2400)
    assert isclose(found.delta, -2.35 * independent.logodds_pooled)
    assert isclose(found.error, 2.35 * independent.logodds_pooled_se)
    assert isclose(found.chi_square, independent.test_null_odds(correction=True).statistic)
    assert found.kind == kind
    assert (found.delta < 0) is (unfair < 0) or kind == "A"


@pytest.mark.parametrize(
    ("delta", "error", "chi_square", "kind"),
    [
        (0.99, 0.1, 99, "A"),
        (-3.0, 2.0, 3.8, "A"),
        (-1.0, 0.2, 3.9, "B"),
        (1.6, 0.4, 9, "B"),  # large, but not surely more than 1
        (-1.49, 0.01, 99, "B"),
        (-1.5, 0.3, 99, "C"),
    ],
)
def test_classes_of_the_educational_testing_service(delta: float, error: float, chi_square: float, kind: str) -> None:
    assert statistics.kind_of(delta, error, chi_square) == kind


def test_what_counts_cannot_tell_is_none() -> None:
    alike = [Count("A", 4, 30)]
    assert statistics.summary([], RIGHT) is None
    assert statistics.summary(alike, RIGHT) == (30, 1.0, 0.0, None, None, 0.0)
    assert statistics.summary([Count("B", 4, 1, 9)], RIGHT) == (1, 0.0, None, None, None, 9.0)
    assert statistics.consistency([(1, alike, RIGHT)]) is None
    assert statistics.consistency([(1, alike, RIGHT), (2, alike, RIGHT)]) is None
    assert statistics.fairness({"man": alike, "woman": alike}, RIGHT, "man", "woman") is None


def test_options_are_counted_in_all_and_in_the_outer_groups() -> None:
    counts = [Count("A", 19, 20), Count("B", 19, 7), Count("B", 0, 40), Count("C", 0, 33)]
    groups = {"A": ["A"], "B": ["B"], "": [""], "B or C": ["B", "C"]}
    assert statistics.choices(counts, groups) == [
        ("A", 20, 0.2, pytest.approx(20 / 27), 0.0),
        ("B", 47, 0.47, pytest.approx(7 / 27), pytest.approx(40 / 73)),
        ("", 0, 0.0, 0.0, 0.0),
        ("B or C", 80, 0.8, pytest.approx(7 / 27), pytest.approx(1.0)),
    ]
    assert statistics.choices([], {"A": ["A"]}) == [("A", 0, 0.0, 0.0, 0.0)]


# What an attempt adds


def test_bands_are_twentieths_of_the_points_on_the_other_questions() -> None:
    marks = [Mark(item="a", points="1", possible=1), Mark(item="b", points="1/3", possible=2)]
    marks.append(Mark(item="c", points="0", possible=1))
    assert bands(marks) == [int(20 * Fraction(1, 9)), 10, int(20 * Fraction(4, 9))]
    assert bands(marks[:1]) == [0]
    assert [band(points, 40) for points in (0, 1, 2, 39, 40)] == [0, 0, 1, 19, 19]


@pytest.mark.parametrize(
    ("kind", "value", "points", "possible", "found"),
    [
        ("single", "B", "0", 1, "B"),
        ("true-false", "A", "1", 1, "A"),
        ("multiple", ["C", "A"], "1", 2, "AC"),
        ("multiple", None, "0", 2, ""),
        ("numeric", {"text": "3", "number": "3"}, "2", 2, "=1"),
        ("match", ["A", "B"], "1/2", 1, "=1/2"),
        ("match", ["A", "B"], "3/2", 2, "=3/4"),
        ("short", "", "0", 1, ""),
        ("order", ["B"], "0", 3, "=0"),
    ],
)
def test_an_answer_is_counted_by_option_or_by_its_share(
    kind: str, value: object, points: str, possible: int, found: str
) -> None:
    assert option(kind, value, Mark(item="x", points=points, possible=possible)) == found


def test_each_answer_of_a_paper_is_one_observation_but_for_those_taken_out() -> None:
    first, second, third, mended = (item(id, "quiz") for id in ("q1", "q2", "q3", "q1"))
    items = {"old": first, "new": mended, "two": second, "three": third}
    asked = zip(("q1", "q2", "q3"), ("old", "two", "three"), strict=True)
    paper = Paper(questions=tuple(Question(item=id, version=v, points=1, drawn=Drawn()) for id, v in asked))
    marks = (
        Mark(item="q1", points="1", possible=1, judged="new"),
        Mark(item="q2", points="1", possible=1, judged="void"),
        Mark(item="q3", points="0", possible=1),
    )
    answers = {1: Answer(value="A", language="fr", seconds=9)}
    found = observations(paper, items, answers, marks, later=True, sex=None, language="en", region="Pacific")
    assert list(found) == [
        ("q1", "key-q1", 1, "A", 10, "", "fr", "Pacific", 9),
        ("q3", "key-q3", 1, "", 19, "", "en", "Pacific", 0),
    ]


def test_a_card_warns_of_weak_learners_doing_better_only_where_it_is_hardly_chance() -> None:
    """A correlation of -0.1 is half a standard error of none with 20 answers, and well over two with 600."""
    cells = [("B", 5, 6), ("A", 5, 4), ("B", 15, 5), ("A", 15, 5)]
    for times, said in ((1, False), (30, True)):
        made = card(ITEMS["single"], [Count(option, band, n * times, 0) for option, band, n in cells], 0, 0)
        assert made.figures
        assert round(made.figures.correlation or 0, 2) == -0.1
        assert any(one.message.startswith("Weak learners do better") for one in made.verdicts) is said
    for fewer, message in ((0, "Nothing stands out."), (1, "Too few answers yet to judge the question.")):
        counts = [Count(option, band, n - fewer * (n == 6), 0) for option, band, n in cells]
        assert [one.message for one in card(ITEMS["single"], counts, 0, 0).verdicts] == [message]
