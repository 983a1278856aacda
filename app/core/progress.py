"""What a learner has done, what comes next, what is missing: one pure function of facts.

Page, export and issuing call the same function, so they never disagree.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from operator import attrgetter
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from app.core import limits
from app.core.content import Course, Library, Module, Quiz, Struct
from app.core.limits import Allowed


class Judged(Struct):
    """The newest grade of a handed-in attempt; `score` is the percentage in hundredths, rounded down.

    `points` ("3/4") of `possible` are exact; a mean of results needs them where it stands at the pass mark.
    """

    number: int
    passed: bool
    score: int
    points: str = ""
    possible: int = 0

    @property
    def share(self) -> Fraction:
        """The exact share of the points; from the rounded score where no points are kept."""
        return Fraction(self.points) / self.possible if self.points and self.possible else Fraction(self.score, 10_000)


class Result(Judged, kw_only=True):
    """A handed-in attempt with its newest grade."""

    at: datetime


NUMBER = attrgetter("number")
AnyResult = TypeVar("AnyResult", bound=Judged)


class Facts(Struct):
    """All that is remembered of one learner in one course; `records.standing` keeps it packed as JSON.

    `readings`: "module/section" -> version read first. `results`: quiz -> handed-in attempts in order.
    `open`: quiz -> id of the open attempt. `completions`: kind -> certificate number. `last`: section read last.
    `surveys`: occasion -> "answered" or "dismissed", see `app.core.surveys`; `ask_at`: from when the learner wants to
    be asked what she has used. `allowed`: quiz, or "" for all of the course -> what an administrator has allowed her.
    """

    enrolled_at: datetime | None = None
    readings: dict[str, str] = msgspec.field(default_factory=dict)
    results: dict[str, tuple[Result, ...]] = msgspec.field(default_factory=dict)
    open: dict[str, str] = msgspec.field(default_factory=dict)
    completions: dict[str, str] = msgspec.field(default_factory=dict)
    last: str = ""
    surveys: dict[str, str] = msgspec.field(default_factory=dict)
    ask_at: datetime | None = None
    allowed: dict[str, Allowed] = msgspec.field(default_factory=dict)


class QuizState(Struct):
    """Where a learner stands with one quiz; `module` is "" for the final and the entry check.

    `best` is in hundredths of a per cent, None before the first hand-in. `attempt` is the id of the open attempt.
    `closed` says why no new attempt can begin now: "" (it can), "limit", "wait" (until `opens_at`), "quizzes" (those in
    `first` must be passed before the final) or "late" (an entry check after the final is passed). An open attempt goes
    on whatever `closed` says. `seconds`: the time for an attempt, with what this learner is `allowed`.
    """

    quiz: str
    module: str
    passed: bool
    tries: int
    best: int | None = None
    attempt: str | None = None
    tries_left: int | None = None
    closed: str = ""
    opens_at: datetime | None = None
    first: tuple[str, ...] = ()
    seconds: int | None = None
    allowed: Allowed = Allowed()

    @property
    def number(self) -> int:
        """The number of the next attempt, from 1."""
        return self.tries + 1


class ModuleState(Struct):
    """Where a learner stands with one module; `unread` are section ids in reading order."""

    module: str
    sections: int
    unread: tuple[str, ...]
    minutes_left: int
    quiz: QuizState | None = None

    @property
    def read(self) -> int:
        return self.sections - len(self.unread)

    @property
    def done(self) -> bool:
        return not self.unread and (self.quiz is None or self.quiz.passed)


class Missing(Struct):
    """One thing that a certificate still needs: kind "section" (reason "unread"), "quiz" or "final".

    The reason of a quiz is "open" (an attempt is running), "ready", "wait", "limit" or "quizzes"; "absent" where the
    course names no final.
    """

    kind: str
    reason: str
    module: str = ""
    section: str = ""
    quiz: str = ""


class Step(Struct):
    """The one next thing to do.

    kind "section": read it. "attempt": go on with the open attempt. "quiz" or "final": begin a new attempt.
    "wait": nothing is left but a quiz that opens at `at`. "limit": nothing is left but a quiz without tries. "done".
    """

    kind: str
    module: str = ""
    section: str = ""
    quiz: str = ""
    attempt: str = ""
    at: datetime | None = None


class Progress(Struct):
    """One learner's standing in one course at one moment.

    `missing` lists for each certificate kind that the course offers and the learner has not got what it still needs;
    `due` are the kinds whose rule is true now and that are not granted yet, `granted` those that are. `changed` are
    "module/section" of what was read in another version. Minutes are study time, quizzes included. The `entry` check
    is no part of the course: nothing here counts it, misses it or names it as the next step.
    """

    modules: tuple[ModuleState, ...]
    final: QuizState | None
    next: Step
    missing: dict[str, tuple[Missing, ...]]
    due: tuple[str, ...]
    granted: tuple[str, ...]
    minutes_left: int
    changed: tuple[str, ...]
    entry: QuizState | None = None

    @property
    def sections(self) -> int:
        return sum(module.sections for module in self.modules)

    @property
    def sections_read(self) -> int:
        return sum(module.read for module in self.modules)

    @property
    def counted(self) -> tuple[ModuleState, ...]:
        """The modules of "2 of 10 modules finished": those with a quiz, or all where none has one."""
        return tuple(module for module in self.modules if module.quiz) or self.modules

    @property
    def modules_done(self) -> int:
        return sum(module.done for module in self.counted)

    @property
    def quizzes(self) -> tuple[QuizState, ...]:
        """The quizzes that count, in course order, the final last."""
        states = [module.quiz for module in self.modules if module.quiz]
        return (*states, self.final) if self.final else tuple(states)

    def quiz(self, id: str) -> QuizState | None:
        """The state of a quiz that can be taken, the entry check among them."""
        optional = (self.entry,) if self.entry else ()
        return next((state for state in (*self.quizzes, *optional) if state.quiz == id), None)

    def module(self, id: str) -> ModuleState | None:
        return next((state for state in self.modules if state.module == id), None)


def assess(library: Library, course: Course, facts: Facts, now: datetime) -> Progress:
    """The standing of the learner of whom `facts` tell, at `now`."""
    modules, final = _parts(library, course, facts, now)
    lacking = _lacking_of(course, modules, final, facts)
    return Progress(
        modules=modules,
        final=final,
        next=_next(library, modules, final, facts),
        missing={kind: lacks or () for kind, lacks in lacking.items()},
        due=tuple(kind for kind, lacks in lacking.items() if lacks == ()),
        granted=tuple(facts.completions),
        minutes_left=sum(module.minutes_left for module in modules) + _quiz_minutes(library, final),
        changed=tuple(_changed(library, course, facts)),
        entry=_entry(library, course, final, facts, now),
    )


def due(library: Library, course: Course, facts: Facts, now: datetime) -> tuple[str, ...]:
    """`assess(…).due`, for an act that asks for nothing else."""
    lacking = _lacking_of(course, *_parts(library, course, facts, now), facts)
    return tuple(kind for kind, lacks in lacking.items() if lacks == ())


def _parts(
    library: Library, course: Course, facts: Facts, now: datetime
) -> tuple[tuple[ModuleState, ...], QuizState | None]:
    modules = tuple(_module(library, library.modules[id], facts, now) for id in course.modules if id in library.modules)
    return modules, _final(library, course, modules, facts, now)


def _lacking_of(
    course: Course, modules: tuple[ModuleState, ...], final: QuizState | None, facts: Facts
) -> dict[str, tuple[Missing, ...] | None]:
    """What each certificate that is not granted yet still needs."""
    wanted = rules(course).items()
    return {kind: _missing(rule, modules, final) for kind, rule in wanted if kind not in facts.completions}


def rules(course: Course) -> dict[str, dict[str, object]]:
    """The certificates that the course offers, by kind."""
    offered = {"participation": course.participation, "completion": course.completion}
    return {kind: rule for kind, rule in offered.items() if any(rule.get(name) is True for name in REQUIREMENTS)}


REQUIREMENTS = ("every_section_read", "every_quiz_passed", "final_passed")


def _module(library: Library, module: Module, facts: Facts, now: datetime) -> ModuleState:
    unread = tuple(section for place, section in module.places if place not in facts.readings)
    quiz = _named(library, module.quiz)
    state = _quiz(quiz, module.id, (), facts, now) if quiz and quiz.graded else None
    return ModuleState(
        module=module.id,
        sections=len(module.sections),
        unread=tuple(section.id for section in unread),
        minutes_left=sum(section.minutes for section in unread) + _quiz_minutes(library, state),
        quiz=state,
    )


def _named(library: Library, id: str | None) -> Quiz | None:
    return library.quizzes.get(id) if id else None


def _final(
    library: Library, course: Course, modules: tuple[ModuleState, ...], facts: Facts, now: datetime
) -> QuizState | None:
    quiz = _named(library, course.final)
    first = tuple(module.quiz.quiz for module in modules if module.quiz and not module.quiz.passed)
    return _quiz(quiz, "", first, facts, now) if quiz else None


def _entry(library: Library, course: Course, final: QuizState | None, facts: Facts, now: datetime) -> QuizState | None:
    quiz = _named(library, course.entry)
    state = _quiz(quiz, "", (), facts, now) if quiz else None
    return replace(state, closed="late") if state and final and final.passed and not state.closed else state


def _quiz(quiz: Quiz, module: str, first: tuple[str, ...], facts: Facts, now: datetime) -> QuizState:
    results = in_order(facts.results.get(quiz.id, ()))
    opens_at = wait_until(quiz, results)
    waiting = opens_at is not None and now < opens_at
    most = limits.tries(quiz, facts.allowed)
    left = None if most is None else max(0, most - len(results))
    closed = "limit" if left == 0 else "quizzes" if first else "wait" if waiting else ""
    return QuizState(
        quiz=quiz.id,
        module=module,
        passed=passed(quiz, results),
        tries=len(results),
        best=max((result.score for result in results), default=None),
        attempt=facts.open.get(quiz.id),
        tries_left=left,
        closed=closed,
        opens_at=opens_at if closed == "wait" else None,
        first=first,
        seconds=limits.seconds(quiz, facts.allowed),
        allowed=limits.allowed(quiz.id, facts.allowed),
    )


def in_order(results: Sequence[AnyResult]) -> tuple[AnyResult, ...]:
    """Results in the order of the attempts."""
    return tuple(results) if len(results) < 2 else tuple(sorted(results, key=NUMBER))


def passed(quiz: Quiz, results: tuple[Judged, ...]) -> bool:
    """Whether these results, in order, pass the quiz by its own way of counting."""
    if not results:
        return False
    if quiz.counts == "last":
        return results[-1].passed
    if quiz.counts == "average":
        return sum(result.share for result in results) / len(results) * 100 >= quiz.pass_mark
    for result in results:  # noqa: SIM110 - any() takes twice as long, and long lists ask this often
        if result.passed:
            return True
    return False


def wait_until(quiz: Quiz, results: tuple[Result, ...]) -> datetime | None:
    """When the next attempt may begin; None where nobody has to wait. After a pass further tries are free."""
    free = not quiz.wait_after or len(results) < quiz.wait_after or any(result.passed for result in results)
    return None if free else results[-1].at + timedelta(minutes=quiz.wait_minutes)


def _missing(
    rule: dict[str, object], modules: tuple[ModuleState, ...], final: QuizState | None
) -> tuple[Missing, ...] | None:
    """What the rule still needs, () when it is true, None when it asks for nothing at all: that is never true."""
    asked = 0
    missing: list[Missing] = []
    if rule.get("every_section_read") is True:
        asked += sum(module.sections for module in modules)
        missing += [
            Missing(kind="section", reason="unread", module=module.module, section=section)
            for module in modules
            for section in module.unread
        ]
    if rule.get("every_quiz_passed") is True:
        quizzes = [module.quiz for module in modules if module.quiz]
        asked += len(quizzes)
        missing += [_lacking("quiz", state) for state in quizzes if not state.passed]
    if rule.get("final_passed") is True:
        asked += 1
        if final is None:
            missing.append(Missing(kind="final", reason="absent"))
        elif not final.passed:
            missing.append(_lacking("final", final))
    return tuple(missing) if asked else None


def _lacking(kind: str, state: QuizState) -> Missing:
    reason = "open" if state.attempt else state.closed or "ready"
    return Missing(kind=kind, reason=reason, module=state.module, quiz=state.quiz)


def _next(library: Library, modules: tuple[ModuleState, ...], final: QuizState | None, facts: Facts) -> Step:
    states = [*(module.quiz for module in modules if module.quiz), *([final] if final else [])]
    for state in states:
        if state.attempt:
            return Step(kind="attempt", module=state.module, quiz=state.quiz, attempt=state.attempt)
    return next(_steps(library, modules, final, facts.last), None) or _nothing_to_do(states)


def _steps(library: Library, modules: tuple[ModuleState, ...], final: QuizState | None, last: str) -> Iterator[Step]:
    """What can be done now: first in the module where the learner stopped, then in course order, then the final."""
    here, _, read = last.partition("/")
    for module in sorted(modules, key=lambda module: module.module != here):
        if module.unread:
            after = read if module.module == here else ""
            yield Step(kind="section", module=module.module, section=_next_section(library, module, after))
        if module.quiz and _can_begin(module.quiz):
            yield Step(kind="quiz", module=module.module, quiz=module.quiz.quiz)
    if final and _can_begin(final):
        yield Step(kind="final", quiz=final.quiz)


def _next_section(library: Library, module: ModuleState, after: str) -> str:
    """The first unread section behind `after`, or else the first unread one."""
    order = [section.id for section in library.modules[module.module].sections]
    behind = order[order.index(after) + 1 :] if after in order else []
    return next((id for id in behind if id in module.unread), module.unread[0])


def _can_begin(state: QuizState) -> bool:
    return not state.passed and not state.closed


def _nothing_to_do(states: list[QuizState]) -> Step:
    waits = [(state.opens_at, state) for state in states if not state.passed and state.opens_at]
    if waits:
        at, state = min(waits, key=lambda wait: wait[0])
        return Step(kind="wait", module=state.module, quiz=state.quiz, at=at)
    stuck = next((state for state in states if not state.passed and state.closed == "limit"), None)
    return Step(kind="limit", module=stuck.module, quiz=stuck.quiz) if stuck else Step(kind="done")


def _changed(library: Library, course: Course, facts: Facts) -> Iterator[str]:
    for id in course.modules:
        for place, section in library.modules[id].places if id in library.modules else ():
            if facts.readings.get(place, section.version) != section.version:
                yield place


def _quiz_minutes(library: Library, state: QuizState | None) -> int:
    return 0 if state is None or state.passed else library.quizzes[state.quiz].questions  # a minute each
