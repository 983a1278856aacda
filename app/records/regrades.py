"""Regrading a quiz after its key was corrected: what would change, then all of it in one transaction.

A regrade adds a newer grade to each attempt that asked a corrected question; nothing is edited. Standings, certificates
that fall due and counts of answers follow in the same transaction; a certificate that was granted stays. Attempts that
are open then are left to `app.records.regraded`.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.core.certificates import Issuer
from app.core.content import Item, Library, Quiz, canonical
from app.core.papers import Grade, Mark, Paper
from app.core.progress import Facts, assess
from app.core.regrading import KEY, Change, Rules, changes, regrade
from app.core.tallying import VOID, judging, observations
from app.records import (
    answers,
    audit,
    certificates,
    country_groups,
    hot,
    item_tallies,
    locks,
    regraded,
    standing,
    steps,
    versions,
)
from app.records.item_tallies import Counts
from app.records.keys import new_id
from app.records.models import Grade as GradeRow
from app.records.sql import Plain, insert_into, query

BATCH = 500

KEPT = query("SELECT hash, content FROM version WHERE kind = 'item' AND content LIKE :like")
HANDED_IN = query(
    """
    SELECT attempt.id, grade.number FROM attempt JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE attempt.quiz = :quiz AND attempt.handed_in_at IS NOT NULL ORDER BY attempt.id
    """
)
STILL_OPEN = query("SELECT paper, opened_at FROM attempt WHERE quiz = :quiz AND handed_in_at IS NULL")
HOLD_OPEN = Plain("SELECT id FROM attempt WHERE quiz = :quiz AND handed_in_at IS NULL ORDER BY id FOR UPDATE")
ATTEMPTS = query(
    """
    SELECT attempt.id, attempt.person_id, attempt.course, attempt.quiz, attempt.number AS try_number, attempt.version,
        attempt.paper, attempt.answers, attempt.sex, attempt.country, attempt.language,
        grade.number AS grade_number, grade.points, grade.possible, grade.score, grade.passed, grade.detail
    FROM attempt JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE attempt.id IN :attempts ORDER BY attempt.id
    """
)
ADD_GRADE = Plain(insert_into(GradeRow))

PAPER = msgspec.json.Decoder(Paper)
MARKS = msgspec.json.Decoder(tuple[Mark, ...])

Step = Callable[[int], None]


class Outcome(NamedTuple):
    """An attempt that is judged anew. `moved` is what its answers move in the counts; `number` is that of the try."""

    attempt: uuid.UUID
    person: uuid.UUID
    course: str
    number: int
    language: str
    grade_number: int
    before: Grade
    after: Grade
    moved: Counts

    @property
    def shows(self) -> bool:
        """Whether the learner's result is another one."""
        return (self.before.points, self.before.possible, self.before.passed) != (
            self.after.points,
            self.after.possible,
            self.after.passed,
        )

    @property
    def questions(self) -> tuple[int, ...]:
        """The numbers of the questions that are judged anew."""
        pairs = zip(self.before.marks, self.after.marks, strict=True)
        return tuple(number for number, (old, new) in enumerate(pairs, 1) if old.judged != new.judged)


class Effect(NamedTuple):
    """What happens to one learner: quizzes newly passed, and the certificates that fall due by kind."""

    person: uuid.UUID
    course: str
    passed: bool
    due: tuple[str, ...]


class Plan(NamedTuple):
    """A regrade that was worked out: how questions differ, what is judged anew, attempts that were looked at with the
    grade each had (also where nothing changes), and how many open ones will be judged by it when they are handed in;
    these keep their paper."""

    quiz: Quiz
    changes: tuple[Change, ...]
    void: frozenset[str]
    outcomes: tuple[Outcome, ...]
    effects: tuple[Effect, ...]
    seen: Mapping[uuid.UUID, int]
    waiting: int
    rules: Rules

    @property
    def shown(self) -> tuple[Outcome, ...]:
        return tuple(one for one in self.outcomes if one.shows)


def plan(
    session: Session,
    library: Library,
    quiz: Quiz,
    void: Iterable[str],
    lower: bool,
    now: datetime,
    step: Step = lambda _: None,
) -> Plan:
    """What a regrade would do; writes nothing. Raises LookupError for an item to take out that was never asked."""
    kept = asked(session, quiz)
    found = tuple(changes(quiz, kept))
    out = frozenset(void)
    if unknown := out - {one.id for item in kept.values() for one in item.questions or (item,)}:
        raise LookupError(f"{', '.join(sorted(unknown))} was never asked in {quiz.id}")
    apply = {(one.item, one.version): one for one in found if one.kind == KEY and one.item not in out}
    rules = Rules(apply, out, lower)
    seen = _handed_in(session, quiz)
    outcomes = tuple(_outcomes(session, library, quiz, kept, rules, list(seen), step)) if apply or out else ()
    effects = tuple(_effects(session, library, quiz, outcomes, now))
    return Plan(quiz, found, out, outcomes, effects, seen, _waiting(session, quiz, rules), rules)


def _waiting(session: Session, quiz: Quiz, rules: Rules) -> int:
    """How many open attempts ask what is judged otherwise by these rules than by regrades before."""
    if not rules.changes and not rules.void:
        return 0
    count = 0
    for row in session.execute(STILL_OPEN, {"quiz": quiz.id}).all():
        orders = regraded.met(session, quiz.id, row.opened_at)
        judged = [(one.item, regraded.judged_by(one, orders)) for one in PAPER.decode(row.paper).questions]
        count += any(by != VOID and (item in rules.void or (item, by) in rules.changes) for item, by in judged)
    return count


def _handed_in(session: Session, quiz: Quiz) -> dict[uuid.UUID, int]:
    """The attempts that are handed in, with the number of the newest grade."""
    return {row.id: row.number for row in session.execute(HANDED_IN, {"quiz": quiz.id})}


def asked(session: Session, quiz: Quiz) -> dict[str, Item]:
    """Every version of an item of this quiz that some paper asked."""
    like = f'%"quiz":"{quiz.id}"%'
    rows = session.execute(KEPT, {"like": like})
    items = {row.hash: replace(msgspec.json.decode(row.content, type=Item), version=row.hash) for row in rows}
    return {version: item for version, item in items.items() if item.quiz == quiz.id}


def count(session: Session, quiz: Quiz) -> int:
    """How many attempts a regrade looks at."""
    return len(session.execute(HANDED_IN, {"quiz": quiz.id}).all())


def apply(
    session: Session,
    library: Library,
    planned: Plan,
    reason: str,
    now: datetime,
    issuer: Issuer,
    step: Step = lambda _: None,
) -> Plan:
    """Do it, in the caller's transaction. What was handed in or graded since the plan is worked out here; what is open
    now is judged by these rules when it is handed in.

    Returns what was done. Raises LookupError where an attempt asked what nobody kept.
    """
    quiz, rules = planned.quiz, planned.rules
    named = sorted({change.item for change in rules.changes.values()} | rules.void)
    run = Run(session, library, quiz, f"regraded: {', '.join(named)}: {reason}", now, issuer, step)
    seen = _handed_in(session, quiz)
    fresh = [one for one in planned.outcomes if seen.get(one.attempt) == one.grade_number]
    effects, moved = list(_effects(session, library, quiz, fresh, now)), _settle_all(run, fresh)
    if locks.on_server(session):
        hot.rows(session, HOLD_OPEN, {"quiz": quiz.id})  # waits for hand-ins under way, and lets none in
    settled, seen = {one.attempt for one in fresh}, _handed_in(session, quiz)
    stale = [id for id, number in seen.items() if planned.seen.get(id) != number and id not in settled]
    late = list(_outcomes(session, library, quiz, asked(session, quiz), rules, stale, lambda _: None))
    effects += _effects(session, library, quiz, late, now)
    item_tallies.merge(moved, _settle_all(run, late))
    waiting = _waiting(session, quiz, rules)
    done = planned._replace(outcomes=(*fresh, *late), effects=tuple(effects), seen=seen, waiting=waiting)
    if done.outcomes or waiting:
        _finish(run, done, moved, _told(done, named, reason))
    return done


class Run(NamedTuple):
    """What the steps of a regrade share; `reason` is written to each new grade."""

    session: Session
    library: Library
    quiz: Quiz
    reason: str
    now: datetime
    issuer: Issuer
    step: Step


def _settle_all(run: Run, outcomes: Sequence[Outcome]) -> Counts:
    """The newer grades of all learners; what they move in the counts."""
    moved: Counts = {}
    _remember(run, {mark.judged for one in outcomes for mark in one.after.marks})
    for (person, course), theirs in _by_person(outcomes).items():
        _settle(run, person, course, theirs)
        for one in theirs:
            item_tallies.merge(moved, one.moved)
        run.step(len(theirs))
    return moved


def _remember(run: Run, used: Iterable[str]) -> None:
    """Keep the versions of today that judge."""
    today = {item.version: partial(replace, item, version="") for item in run.quiz.items}
    versions.remember(run.session, "item", {one: today[one] for one in {*used} & today.keys()}, run.now)


def _finish(run: Run, done: Plan, moved: Counts, told: str) -> None:
    """Counts, the audit log, and the rules for attempts that are open."""
    if done.waiting:
        _remember(run, {change.today for change in done.rules.changes.values()})
        regraded.add(run.session, run.quiz.id, done.rules, run.reason, run.now)
    item_tallies.add(run.session, moved)
    item_tallies.tidy(run.session)
    steps.recount_quiz(run.session, run.quiz.id)
    audit.record(run.session, None, "regrade", run.quiz.id, told, run.now)


def _told(done: Plan, named: Sequence[str], reason: str) -> str:
    learners = len({one.person for one in done.shown})
    waiting = f", {done.waiting} open attempts follow at hand-in" if done.waiting else ""
    return f"{', '.join(named)}: {len(done.shown)} results of {learners} learners changed{waiting}; {reason}"


def _settle(run: Run, person: uuid.UUID, course: str, outcomes: Sequence[Outcome]) -> None:
    """The newer grades of one learner, with her standing and what falls due."""
    session, library, now = run.session, run.library, run.now
    locks.enrolment(session, person, course)
    for one in outcomes:
        hot.rows(session, ADD_GRADE, _row(one, run.reason, now))
    facts = _with(standing.facts(session, person, course), run.quiz.id, outcomes)
    if (outline := library.courses.get(course)) and any(one.shows for one in outcomes):
        act, language = f"regrade of attempt {outcomes[0].attempt}", outcomes[0].language
        facts, _ = certificates.issue_due(session, library, person, outline, facts, now, language, run.issuer, act)
    standing.store(session, person, course, facts)


def _row(one: Outcome, reason: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "attempt_id": one.attempt,
        "number": one.grade_number + 1,
        "points": one.after.points,
        "possible": one.after.possible,
        "score": one.after.score,
        "passed": one.after.passed,
        "detail": canonical(one.after.marks).decode(),
        "reason": reason,
        "by": None,
        "at": now,
    }


def _with(facts: Facts, quiz: str, outcomes: Sequence[Outcome]) -> Facts:
    """The facts with these results as they are judged now."""
    newer = {one.number: one.after for one in outcomes}
    results = tuple(
        replace(one, passed=after.passed, score=after.score, points=after.points, possible=after.possible)
        if (after := newer.get(one.number))
        else one
        for one in facts.results.get(quiz, ())
    )
    return replace(facts, results={**facts.results, quiz: results})


def _by_person(outcomes: Iterable[Outcome]) -> dict[tuple[uuid.UUID, str], list[Outcome]]:
    found: dict[tuple[uuid.UUID, str], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        found[one.person, one.course].append(one)
    return dict(sorted(found.items()))


def _effects(
    session: Session, library: Library, quiz: Quiz, outcomes: Sequence[Outcome], now: datetime
) -> Iterator[Effect]:
    for (person, course), theirs in _by_person(one for one in outcomes if one.shows).items():
        outline = library.courses.get(course)
        if outline is None:
            continue
        before = standing.facts(session, person, course)
        old = assess(library, outline, before, now)
        new = assess(library, outline, _with(before, quiz.id, theirs), now)
        was, now_is = old.quiz(quiz.id), new.quiz(quiz.id)
        passed = bool(now_is and now_is.passed and not (was and was.passed))
        yield Effect(person, course, passed, new.due)


def _outcomes(
    session: Session,
    library: Library,
    quiz: Quiz,
    kept: Mapping[str, Item],
    rules: Rules,
    ids: Iterable[uuid.UUID],
    step: Step,
) -> Iterator[Outcome]:
    """The attempts among these that are judged anew."""
    items = {**kept, **{item.version: item for item in quiz.items}}
    groups = country_groups.of(session)
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        for row in session.execute(ATTEMPTS, {"attempts": batch}):
            if found := _outcome(session, library, row, items, rules, groups.get(row.country, "")):
                yield found
        step(len(batch))


def _outcome(
    session: Session, library: Library, row: Any, items: Mapping[str, Item], rules: Rules, region: str
) -> Outcome | None:
    paper, marks, given = PAPER.decode(row.paper), MARKS.decode(row.detail), answers.unpack(row.answers)
    before = Grade(points=row.points, possible=row.possible, score=row.score, passed=row.passed, marks=marks)
    pass_mark = versions.quiz(session, library, row.quiz, row.version).pass_mark
    after = regrade(paper, items, given, before, pass_mark, rules)
    if after is None:
        return None
    moved: Counts = {}
    for sign, judged in ((-1, marks), (1, after.marks)):
        known = {one.version: items[one.version] for one in map(judging, paper.questions, judged)}
        later, language = row.try_number > 1, row.language
        seen = observations(paper, known, given, judged, later=later, sex=row.sex, language=language, region=region)
        item_tallies.merge(moved, item_tallies.count(seen, sign))
    moved = {cell: change for cell, change in moved.items() if any(change)}
    language = row.language or "en"
    return Outcome(row.id, row.person_id, row.course, row.try_number, language, row.grade_number, before, after, moved)
