"""What an attempt adds to the counts of answers, from which items are judged.

Each answer is one observation: which item under which key, which option, how well the rest of the paper went, who gave
it. The rest goes well or badly in `BANDS` steps: the share of the points on the attempt's other questions.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import lcm
from typing import Any, NamedTuple

from msgspec.structs import replace

from app.core.content import Item
from app.core.grading import item_of
from app.core.papers import Answer, Mark, Paper, Question

BANDS = 20
BY_OPTION = ("single", "multiple", "true-false")
VOID = "void"  # as what judged a question: everybody got its points, so it tells nothing


class Observation(NamedTuple):
    """One answer: the counts go by its first eight fields."""

    item: str
    key_hash: str
    later: int
    option: str
    band: int
    sex: str
    language: str
    region: str
    seconds: int


def observations(
    paper: Paper,
    items: Mapping[str, Item],
    answers: Mapping[int, Answer],
    marks: Sequence[Mark],
    *,
    later: bool,
    sex: str | None,
    language: str | None,
    region: str,
) -> Iterator[Observation]:
    """The answers of one handed-in attempt as its newest grade judges them, each in the language it was given in.

    `items` holds every version that judged a question. Questions that were taken out are passed over.
    """
    for number, question, mark, band in zip(
        range(1, len(marks) + 1), paper.questions, marks, bands(marks), strict=True
    ):
        if mark.judged != VOID:
            given = answers.get(number, NOTHING)
            item = item_of(judging(question, mark), items)
            yield Observation(
                question.item,
                item.key_hash,
                int(later),
                option(item.kind, given.value, mark),
                band,
                sex or "",
                given.language or language or "",
                region,
                given.seconds,
            )


NOTHING = Answer()


def judging(question: Question, mark: Mark) -> Question:
    """The question with the version by which it was judged."""
    return replace(question, version=mark.judged) if mark.judged not in ("", VOID) else question


def bands(marks: Sequence[Mark]) -> list[int]:
    """For each question the share of the points on all the others, from 0 to 19; 0 where there are no others."""
    worth = [_exact(mark.points) for mark in marks]
    whole = lcm(*(denominator for _numerator, denominator in worth))
    points = [numerator * (whole // denominator) for numerator, denominator in worth]
    total, possible = sum(points), sum(mark.possible for mark in marks)
    return [band(total - one, whole * (possible - mark.possible)) for one, mark in zip(points, marks, strict=True)]


def _exact(points: str) -> tuple[int, int]:
    """Numerator and denominator of points as a mark keeps them: making fractions takes longer than all else here."""
    numerator, _, denominator = points.partition("/")
    return int(numerator), int(denominator or 1)


def band(points: int, possible: int) -> int:
    return min(BANDS - 1, BANDS * points // possible) if possible > 0 else 0


def option(kind: str, value: Any, mark: Mark) -> str:
    """What was chosen, in letters of the source order ("B", "AC"; "" for nothing); the class of the score ("=1/2") for
    questions without options to choose, where an empty answer is "" too."""
    if value is None or value == "":
        return ""
    if kind in BY_OPTION:
        return value if isinstance(value, str) else "".join(sorted(map(str, value)))
    return f"={mark.points if mark.possible == 1 or mark.points == '0' else mark.fraction / max(1, mark.possible)}"
