"""What limits a try at a quiz, and what it shows: tries, time, the table of feedback. Pure rules.

A clock runs from the start of a try. It stops while the site was not serving: `spans` are the times during which one of
its processes was, each from its start to its last sign of life.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from app.core.content import Course, Quiz, Struct

BEAT = timedelta(seconds=15)  # how often a process gives a sign of life
SILENCE = 3 * BEAT  # after so long without one it is taken to be gone since the last
GRACE = timedelta(seconds=30)  # an answer that is on its way when the time ends still counts

MODES = {
    "after_each": ("marks", "reasons", "key"),
    "after_attempt": ("marks", "reasons", "key"),
    "by_topic": ("topics",),
    "score_only": (),
}
ROWS = BEFORE, PASSED, LAST = ("before_passing", "after_passing", "after_last_try")

Span = tuple[datetime, datetime]


class Allowed(Struct):
    """What an administrator has allowed one learner: further tries at a quiz, and per cent more time."""

    tries: int = 0
    extra: int = 0


NOTHING = Allowed()


def allowed(quiz: str, given: Mapping[str, Allowed]) -> Allowed:
    """What holds for a quiz: more time for all quizzes (under "") counts where it is more."""
    if not given:
        return NOTHING
    mine, everywhere = given.get(quiz, NOTHING), given.get("", NOTHING)
    return Allowed(tries=mine.tries, extra=max(mine.extra, everywhere.extra))


def tries(quiz: Quiz, given: Mapping[str, Allowed]) -> int | None:
    """How many tries this learner has in all; None: as many as she likes."""
    return None if quiz.attempts is None else quiz.attempts + allowed(quiz.id, given).tries


def seconds(quiz: Quiz, given: Mapping[str, Allowed]) -> int | None:
    """The time that this learner has for a try; None: no limit."""
    if quiz.minutes is None:
        return None
    return quiz.minutes * 60 * (100 + allowed(quiz.id, given).extra) // 100


def left(limit: int, opened_at: datetime, now: datetime, spans: Iterable[Span]) -> timedelta:
    """What is left of the time of a try; below zero once it is over."""
    return timedelta(seconds=limit) - (now - opened_at) + stopped(opened_at, now, spans)


def stopped(since: datetime, now: datetime, spans: Iterable[Span]) -> timedelta:
    """For how long the site was known not to serve: between two signs of life of which no process gave another, and
    since the last one where that is long ago. Where none is known at all, every second counts."""
    covered = merged(spans)
    gaps = [(before[1], after[0]) for before, after in pairwise(covered)]
    if covered and now - covered[-1][1] > SILENCE:
        gaps.append((covered[-1][1], now))
    none = timedelta()
    return sum((max(none, min(end, now) - max(start, since)) for start, end in gaps), none)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same times as spans that do not touch, in order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


# What is shown


def table(quiz: Quiz) -> dict[str, tuple[str, ...]]:
    """Row -> what it shows; a row that the author left out is that of the mode."""
    return {row: quiz.shows.get(row, MODES[quiz.feedback]) for row in ROWS}


def shown(quiz: Quiz, course: Course, passed: bool, tries_left: int | None) -> Sequence[str]:
    """What a learner sees now of a try that was handed in. A final and an entry check never tell more than topics."""
    if quiz.id in (course.final, course.entry):
        return () if quiz.feedback == "score_only" else ("topics",)
    return table(quiz)[PASSED if passed else LAST if tries_left == 0 else BEFORE]


def one_by_one(quiz: Quiz, course: Course) -> bool:
    """Whether a question tells at once what an answer was worth, and is locked then."""
    return quiz.feedback == "after_each" and quiz.id not in (course.final, course.entry)
