"""What would happen if these files were published: the check, what differs, and how many people it meets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.core import matrix
from app.core.changes import Comparison, QuizChange, compare
from app.core.compiled import KEPT
from app.core.content import Library, Problem, digest
from app.ops import releases, serving
from app.ops.releases import Base
from app.records import affected
from app.records.affected import Readers
from app.records.releases import Changes
from config import Config

SECONDS = 20.0  # that a trial on the author page may take
TRIALS = 4  # that a process keeps


class Busy(Exception):
    """Another trial is under way in this process and takes long."""


@dataclass(frozen=True)
class Trial:
    """A draft as it would stand within the course: all findings, and the library, None where it has errors.

    The library holds modules that no outline names, too, so that they can be looked at.
    """

    library: Library | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]
    base: Base

    def count(self, severity: str) -> int:
        return sum(one.severity == severity for one in self.problems)


class Counts(NamedTuple):
    """People whom a change meets. `running` and `takers` by quiz, `readers` by section; `under_way` by course: those
    who still work for a certificate whose conditions change."""

    running: dict[str, int]
    takers: dict[str, int]
    readers: dict[str, Readers]
    under_way: dict[str, int]


@dataclass(frozen=True)
class Plan:
    """What a change would do. `stale`: translations that would be older than their originals."""

    changes: Changes
    comparison: Comparison
    stale: list[str]
    counts: Counts
    untouched: int = 0
    quizzes: Mapping[str, QuizChange] = field(default_factory=dict)

    @property
    def gone(self) -> bool:
        """Whether an id vanishes on which progress of learners hangs."""
        found = self.comparison
        items = any(one.items.gone for one in found.quizzes)
        return bool(found.sections.gone or found.quiz_ids.gone or found.course_ids.gone or items)


_ONE = Lock()
_KEPT: dict[str, Trial] = {}


def trial(
    config: Config, files: Mapping[str, bytes], whole: bool, now: datetime, seconds: float | None = SECONDS
) -> Trial:
    """Check files within the course that is served; the same files are not checked twice. Raises Busy, Stopped."""
    base = releases.base(config)
    day = now.astimezone(config.zone).date()
    known = [[path, data.hex()] for path, data in sorted(files.items())]
    key = digest([base.mark, whole, day.isoformat(), known])
    found = _KEPT.get(key)
    if found:
        return found
    if not _ONE.acquire(timeout=seconds or SECONDS):
        raise Busy
    try:
        with releases.workshop(config) as place:
            releases.compose(base.folder, files, whole, place)
            library, problems = releases.attempt(config, place, now, seconds, unlisted=True)
            found = Trial(library, tuple(problems), releases.texts_in(place), base)
    finally:
        _ONE.release()
    while len(_KEPT) >= TRIALS:
        _KEPT.pop(next(iter(_KEPT)), None)
    _KEPT[key] = found
    return found


def present(config: Config, base: Base, today: date) -> tuple[Library | None, tuple[Problem, ...]]:
    """What the check says of what is served."""
    return _checked(base, config.figure_months, today, config.instance / KEPT)


@lru_cache(maxsize=2)
def _checked(base: Base, figure_months: int, today: date, kept: Path) -> tuple[Library | None, tuple[Problem, ...]]:
    from app.core.load import load

    library, problems = load(base.folder, figure_months=figure_months, today=today, kept=kept)
    return library, tuple(problems)


def plan(session: Session, config: Config, tried: Trial, now: datetime) -> Plan:
    """What publishing a trial would do; it must have a library. Raises Stopped where what is served is broken."""
    from app.core.load import listed

    assert tried.library is not None
    library, problems = present(config, tried.base, now.astimezone(config.zone).date())
    if library is None:
        library = serving.compiled(config)
    if library is None:
        raise serving.Stopped("what is served now has errors itself; see `lontar check`")
    before = releases.texts_in(tried.base.folder)
    changes = releases.differences(before, tried.texts)
    after = listed(tried.library)
    comparison = compare(library, after)
    states = matrix.states(library, before, problems), matrix.states(tried.library, tried.texts, tried.problems)
    return Plan(
        changes=changes,
        comparison=comparison,
        stale=matrix.grown_stale(*states),
        counts=count(session, comparison, after),
        untouched=len(before) - len(changes.changed) - len(changes.removed),
        quizzes={one.id: one for one in comparison.quizzes},
    )


def count(session: Session, comparison: Comparison, after: Library) -> Counts:
    """How many people a comparison meets."""
    versions = {place: section.version for module in after.modules.values() for place, section in module.places}
    touched = {place: versions.get(place, "") for place in comparison.sections.ids}
    quizzes = [one.id for one in comparison.quizzes]
    harder = {kind: [one.id for one in comparison.courses if kind in one.requirements]
              for kind in ("participation", "completion")}  # fmt: skip
    waiting = [affected.under_way(session, courses, kind) for kind, courses in harder.items()]
    return Counts(
        running=affected.running(session, quizzes),
        takers=affected.takers(session, quizzes),
        readers=affected.readers(session, touched),
        under_way={id: max(one.get(id, 0) for one in waiting) for id in {key for one in waiting for key in one}},
    )
