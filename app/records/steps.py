"""Counts of steps: who read which section, tried and passed which quiz, how long a completion took, what was gained.

They are kept in the transaction of the fact, in tables of sums: by country and sex, by all that people state but the
country, and by all of it but which organisation. Sections and quizzes are counted by the profile of today, days and
gain by that at completion.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.core.filters import DIMENSIONS
from app.core.progress import Result
from app.records import hot, last_acts, locks, step_facts
from app.records.margins import NAMED
from app.records.profiles import Profile, profile_of
from app.records.report_tables import KeptStep
from app.records.sql import Many, insertion, query, statement
from app.records.step_facts import FIRST, OF_COMPLETIONS, OF_QUIZZES, PASSED, SECTION, TRIED, Role, Step

Row = tuple[Any, ...]  # what is in a key, and how many
Part = tuple[str, list[Row]]  # of one table of sums

TAKEN = ("course", "measure", "step")
ORGANISATION = DIMENSIONS.index("organisation")
ORDER = {measure: place for place, measure in enumerate((SECTION, *OF_COMPLETIONS, *OF_QUIZZES))}  # as acts count
BATCH = 10_000  # of what the facts say, summed at a time
KEEP = insertion(
    KeptStep, f"ON CONFLICT ({', '.join((*TAKEN, *DIMENSIONS))}) DO UPDATE SET n = kept_step.n + excluded.n"
)


class Sums(NamedTuple):
    """A table of sums, and what people state by which they are told apart."""

    table: str
    who: tuple[str, ...]
    pick: Callable[[Sequence[str]], Any]

    @classmethod
    def by(cls, table: str, *who: str) -> "Sums":
        return cls(table, who, itemgetter(*((*DIMENSIONS, NAMED).index(name) for name in who)))

    @property
    def key(self) -> tuple[str, ...]:
        return *TAKEN, *self.who

    def of(self, profile: Sequence[str]) -> tuple[str, ...]:
        """What of a profile is in the key."""
        chosen: tuple[str, ...] = self.pick((*profile, "yes" if profile[ORGANISATION] else ""))
        return chosen

    def summed(self, counts: Iterable[tuple[Step, int]]) -> Counter[Step]:
        """The sums of these counts, by the key."""
        found: dict[Step, int] = defaultdict(int)  # quicker than a Counter, as a health report sums millions
        for step, n in counts:
            found[step[:3] + self.of(step[3:])] += n
        return Counter(found)


BY_COUNTRY = Sums.by("step_tally", "country", "sex")
BY_PROFILE = Sums.by("step_profile", "sex", "ministry_type", "age_band", "language", NAMED)
BY_GROUP = Sums.by("step_group", "country", "sex", "ministry_type", "age_band", "language", NAMED)
SUMS = (BY_COUNTRY, BY_PROFILE, BY_GROUP)  # the smallest first
ADD = {sums.table: Many.counts(sums.table, sums.key) for sums in SUMS}
COUNTED = query(f"SELECT {', '.join(BY_PROFILE.key)}, n FROM {BY_PROFILE.table} WHERE n <> 0")
COUNTED_IN = {  # of a country, by the key of the larger table
    sums.table: query(
        f"SELECT {', '.join(sums.key)}, n FROM {sums.table}"
        " WHERE course IN (SELECT DISTINCT course FROM step_tally) AND country = :country AND n <> 0"
    )
    for sums in (BY_COUNTRY, BY_GROUP)
}
EMPTY = tuple(statement(f"DELETE FROM {sums.table}") for sums in SUMS)
EMPTY_QUIZ = tuple(
    statement(f"DELETE FROM {sums.table} WHERE measure IN {OF_QUIZZES} AND step = :quiz") for sums in SUMS
)
# Whoever counts comes to the first table first, so that nobody waits in a circle.
HOLD = statement(f"LOCK TABLE {', '.join(sums.table for sums in SUMS)} IN SHARE ROW EXCLUSIVE MODE")
ANY = statement(f"SELECT 1 FROM {BY_PROFILE.table} LIMIT 1")
ANY_FACT = tuple(
    statement(f"SELECT 1 FROM {of} LIMIT 1")
    for of in ("reading", "attempt WHERE handed_in_at IS NOT NULL", "kept_step")
)
FORGET_ROLES = statement("DELETE FROM course_quiz")
ADD_ROLE = statement("INSERT INTO course_quiz (course, entry, final) VALUES (:course, :entry, :final)")


# Counting with the fact


def read(session: Session, person_id: uuid.UUID, course: str, section: str, now: datetime) -> None:
    """Count the first finish of a section ("module/section") by this learner."""
    add(session, {(course, SECTION, section, *_profile(session, person_id)): 1})
    last_acts.acted(session, person_id, course, now)


def handed_in(
    session: Session, person_id: uuid.UUID, course: str, quiz: str, before: Sequence[Result], passed: bool
) -> None:
    """Count a try that was handed in; `before` are this learner's earlier ones. Most later tries change nothing."""
    measures = [] if before else [TRIED, *([FIRST] if passed else [])]
    if passed and not any(one.passed for one in before):
        measures.append(PASSED)
    if measures:
        profile = _profile(session, person_id)
        add(session, {(course, measure, quiz, *profile): 1 for measure in measures})


def completed(
    session: Session,
    course: str,
    enrolled_at: datetime | None,
    at: datetime,
    evidence: Mapping[str, Any],
    profile: Profile,
) -> None:
    """Count how long a completion took and what was gained, by the profile that it keeps."""
    taken = step_facts.of_completion(course, enrolled_at, at, evidence, step_facts.roles(session))
    add(session, {(*step, *profile): 1 for step in taken})


def _profile(session: Session, person_id: uuid.UUID) -> Profile:
    """That of a person as she is now, held until the transaction ends."""
    return profile_of(locks.known(session, person_id))


def add(session: Session, counts: Mapping[Step, int]) -> None:
    """Move the sums by these counts."""
    write(session, in_order({sums.table: sums.summed(counts.items()) for sums in SUMS}))


def in_order(moved: Mapping[str, Mapping[Step, int]]) -> list[Part]:
    """Rows for each table by sums of its own: course by course, measure by measure and in one order, so that no two
    transactions wait for each other."""
    parts: dict[tuple[str, int], dict[str, list[Row]]] = {}
    for table, counts in moved.items():
        for step, n in sorted(counts.items()):
            if n:
                part = parts.setdefault((step[0], ORDER[step[1]]), {})
                part.setdefault(table, []).append((*step, n))
    return [(table, rows) for _order, part in sorted(parts.items()) for table, rows in part.items()]


def write(session: Session, parts: Iterable[Part]) -> None:
    """Move the sums by these rows."""
    for table, rows in parts:
        hot.many(session, ADD[table], rows)


def move(session: Session, person_id: uuid.UUID, before: Profile, after: Profile) -> None:
    """Count a person's sections, tries and acts by another profile; completions keep theirs."""
    if before == after:
        return
    last_acts.move(session, person_id, after)
    if BY_GROUP.of(before) == BY_GROUP.of(after):  # another organisation alone, as where two are merged
        return
    changes: Counter[Step] = Counter()
    for step, n in step_facts.of_person(session, person_id):
        if step[1] not in OF_COMPLETIONS:
            changes[*step[:3], *before] -= n
            changes[*step[:3], *after] += n
    add(session, changes)


def erase(session: Session, person_id: uuid.UUID) -> None:
    """Before a person is erased: what she tried leaves the counts, what she read and completed is kept in them."""
    gone: Counter[Step] = Counter()
    kept: Counter[Step] = Counter()
    for step, n in step_facts.of_person(session, person_id):
        if step[1] in OF_QUIZZES:
            gone[step] -= n
        else:
            kept[step] += n
    add(session, gone)
    for step, n in sorted(kept.items()):
        session.execute(KEEP, dict(zip((*TAKEN, *DIMENSIONS), step, strict=True)) | {"n": n})


# Recounting from the facts


def recount(session: Session) -> Iterator[tuple[str, dict[str, Counter[Step]]]]:
    """The sums as the facts and the kept counts say: of one country after another, by table. Of a million people all
    together would fill the memory."""
    for country in step_facts.countries(session):
        found, told = {sums.table: Counter[Step]() for sums in SUMS}, step_facts.everybody(session, country)
        while some := list(islice(told, BATCH)):
            for sums in SUMS:
                found[sums.table].update(sums.summed(some))
        yield country, found


def missing(session: Session) -> bool:
    """Whether learners have done something, and no step is counted: a database of an earlier release."""
    return not session.execute(ANY).first() and any(session.execute(one).first() for one in ANY_FACT)


def rebuild(session: Session) -> None:
    """Make the counts anew from the facts."""
    _hold(session)
    for one in EMPTY:
        session.execute(one)
    for _country, counts in recount(session):
        write(session, in_order(counts))


def recount_quiz(session: Session, quiz: str) -> None:
    """Count the tries at one quiz anew, after some were judged anew."""
    _hold(session)
    for one in EMPTY_QUIZ:
        session.execute(one, {"quiz": quiz})
    told: Counter[Step] = Counter()
    for step, n in step_facts.of_quiz(session, quiz):
        told[step] += n
    add(session, told)


def _hold(session: Session) -> None:
    """Let nobody else count until the transaction ends, as nobody else writes on SQLite."""
    if locks.on_server(session):
        session.execute(HOLD)


def compare(session: Session) -> Iterator[str]:
    """Where the counts differ from the facts, in words."""
    whatever_the_country: Counter[Step] = Counter()
    for country, facts_say in recount(session):
        whatever_the_country.update(facts_say.pop(BY_PROFILE.table))
        for table, counts in facts_say.items():
            yield from _apart(table, session.execute(COUNTED_IN[table], {"country": country}), counts)
    yield from _apart(BY_PROFILE.table, session.execute(COUNTED), whatever_the_country)


def _apart(table: str, rows: Iterable[Any], facts_say: Counter[Step]) -> Iterator[str]:
    stands = Counter({tuple(row[:-1]): row.n for row in rows})
    for step in sorted(stands.keys() | facts_say.keys()):
        if stands[step] != facts_say[step]:
            named = " ".join(part or "-" for part in step)
            yield f"{table} has {stands[step]} for {named}, the facts say {facts_say[step]}"


# Which quizzes the gain is counted between


def put_roles(session: Session, wanted: Mapping[str, Role]) -> bool:
    """Count the gain between these quizzes from now on, and all steps anew; says whether that changed anything."""
    if step_facts.roles(session) == wanted:
        return False
    session.execute(FORGET_ROLES)
    for course, role in sorted(wanted.items()):
        session.execute(ADD_ROLE, {"course": course, "entry": role.entry, "final": role.final})
    rebuild(session)
    return True
