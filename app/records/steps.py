"""Counts of steps: who read which section, tried and passed which quiz, how long a completion took, what was gained;
and when each learner last did something. Kept in the transaction of the fact, by country and sex alone.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from app.core.progress import Result
from app.records import hot, locks
from app.records.sql import Many, Plain, query, statement

Step = tuple[str, str, str, str, str]  # course, measure, step, country, sex
Taken = tuple[str, str, str]  # the same, whoever took it
Profile = tuple[str, str, str, str, str, str]  # as in `tallies`
Tries = Mapping[str, Sequence[Sequence[Any]]]  # quiz -> number, score, passed of each try

SECTION, TRIED, FIRST, PASSED, DAYS, GAIN = "section", "tried", "first", "passed", "days", "gain"
OF_QUIZZES = (TRIED, FIRST, PASSED)
KEY = ("course", "measure", "step", "country", "sex")
BATCH = 5_000  # completions read at a time

INTO = f"({', '.join(KEY)}, n) VALUES ({', '.join(f':{name}' for name in KEY)}, :n) ON CONFLICT ({', '.join(KEY)})"
ADD = Many.counts("step_tally", KEY)
KEEP = statement(f"INSERT INTO kept_step {INTO} DO UPDATE SET n = kept_step.n + excluded.n")
READ = f"""
    INSERT INTO step_tally ({", ".join(KEY)}, n)
    SELECT :course, '{SECTION}', :step, coalesce(country, ''), coalesce(sex, ''), 1 FROM person
    WHERE id = :person_id {{held}} ON CONFLICT ({", ".join(KEY)}) DO UPDATE SET n = step_tally.n + 1
"""
STATED = """
    coalesce(country, '') AS country, coalesce(sex, '') AS sex, coalesce(ministry_type, '') AS ministry_type,
    coalesce(replace(CAST(organisation_id AS text), '-', ''), '') AS organisation, coalesce(age_band, '') AS age_band,
    person.language
"""
WHO = ("country", "sex", "ministry_type", "organisation", "age_band", "language")
ACT = f"""
    INSERT INTO last_act (person_id, course, at, {", ".join(WHO)})
    SELECT id, :course, :now, {STATED} FROM person WHERE id = :person_id {{held}}
    ON CONFLICT (person_id, course) DO UPDATE SET at = excluded.at WHERE last_act.at < excluded.at
"""
READ_ALONE, READ_HELD = Plain(READ.format(held="")), Plain(READ.format(held="FOR SHARE"))
ACT_ALONE, ACT_HELD = Plain(ACT.format(held="")), Plain(ACT.format(held="FOR SHARE"))
MOVE_ACT = statement(
    f"UPDATE last_act SET {', '.join(f'{name} = :{name}' for name in WHO)} WHERE person_id = :person_id"
)

HER_SECTIONS = query("SELECT course, module, section FROM reading WHERE person_id = :person_id")
SECTIONS = """
    SELECT reading.course, module, section, coalesce(country, '') AS country, coalesce(sex, '') AS sex, count(*) AS n
    FROM reading JOIN person ON person.id = reading.person_id
    GROUP BY reading.course, module, section, country, sex
"""
ALL_SECTIONS = query(SECTIONS)
QUIZZES = """
    SELECT course, quiz, country, sex, sum(CASE WHEN place = 1 THEN 1 ELSE 0 END) AS tried,
        sum(CASE WHEN place = 1 AND right_one THEN 1 ELSE 0 END) AS first,
        sum(CASE WHEN right_one AND nth = 1 THEN 1 ELSE 0 END) AS through
    FROM (
        SELECT attempt.course, attempt.quiz, coalesce(attempt.country, '') AS country,
            coalesce(attempt.sex, '') AS sex, grade.passed AS right_one,
            row_number() OVER (PARTITION BY attempt.person_id, attempt.quiz ORDER BY attempt.number) AS place,
            row_number() OVER (PARTITION BY attempt.person_id, attempt.quiz, grade.passed ORDER BY attempt.number)
                AS nth
        FROM attempt JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
            SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
        WHERE attempt.handed_in_at IS NOT NULL {only}
    ) AS tries GROUP BY course, quiz, country, sex
"""
ALL_QUIZZES, OF_QUIZ, HER_QUIZZES = (
    query(QUIZZES.format(only=f"AND attempt.{only}" if only else ""))
    for only in ("", "quiz = :quiz", "person_id = :person_id")
)
COMPLETIONS = """
    SELECT completion.course, completion.at, completion.evidence, coalesce(completion.country, '') AS country,
        coalesce(completion.sex, '') AS sex, enrolment.at AS enrolled_at
    FROM completion JOIN enrolment ON enrolment.person_id = completion.person_id
        AND enrolment.course = completion.course
    WHERE completion.kind = 'completion'
"""
ALL_COMPLETIONS, HER_COMPLETIONS = (
    query(COMPLETIONS + only) for only in ("", " AND completion.person_id = :person_id")
)
COUNTED = query(f"SELECT {', '.join(KEY)}, n FROM step_tally WHERE n <> 0")
KEPT = query(f"SELECT {', '.join(KEY)}, n FROM kept_step")
EMPTY = statement("DELETE FROM step_tally")
EMPTY_QUIZ = statement(f"DELETE FROM step_tally WHERE measure IN {OF_QUIZZES} AND step = :quiz")

ACTS = """
    SELECT person_id, course, max(at) AS at
    FROM (SELECT person_id, course, at FROM reading UNION ALL SELECT person_id, course, opened_at FROM attempt) AS acts
    GROUP BY person_id, course
"""
EMPTY_ACTS = statement("DELETE FROM last_act")
FILL_ACTS = statement(
    f"INSERT INTO last_act (person_id, course, at, {', '.join(WHO)})"
    f" SELECT id, course, at, {STATED} FROM ({ACTS}) AS newest JOIN person ON person.id = newest.person_id"
)
WRONG_ACTS = query(
    f"""
    SELECT person_id, course FROM (
        SELECT person_id, course, at, {", ".join(WHO)} FROM last_act
        UNION ALL SELECT id, course, at, {STATED} FROM ({ACTS}) AS newest JOIN person ON person.id = newest.person_id
    ) AS both_ways GROUP BY person_id, course, at, {", ".join(WHO)} HAVING count(*) <> 2 ORDER BY course, person_id
    """
)

ROLES = Plain("SELECT course, entry, final FROM course_quiz")
ANY_LAST_ACT = statement("SELECT 1 FROM last_act LIMIT 1")
ANY_ACT = statement("SELECT 1 FROM reading LIMIT 1"), statement("SELECT 1 FROM attempt LIMIT 1")
FORGET_ROLES = statement("DELETE FROM course_quiz")
ADD_ROLE = statement("INSERT INTO course_quiz (course, entry, final) VALUES (:course, :entry, :final)")


class Role(NamedTuple):
    """The quizzes between which a course's gain is counted; "" where it has none."""

    entry: str
    final: str


EVIDENCE = msgspec.json.Decoder(dict[str, Any])


# Counting with the fact


def read(session: Session, person_id: uuid.UUID, course: str, section: str, now: datetime) -> None:
    """Count the first finish of a section ("module/section") by this learner."""
    values = {"person_id": person_id, "course": course, "step": section}
    hot.rows(session, READ_HELD if locks.on_server(session) else READ_ALONE, values)
    acted(session, person_id, course, now)


def acted(session: Session, person_id: uuid.UUID, course: str, now: datetime) -> None:
    """Remember that this learner did something."""
    values = {"person_id": person_id, "course": course, "now": now}
    hot.rows(session, ACT_HELD if locks.on_server(session) else ACT_ALONE, values)


def handed_in(
    session: Session,
    course: str,
    quiz: str,
    before: Sequence[Result],
    passed: bool,
    country: str | None,
    sex: str | None,
) -> None:
    """Count a try that was handed in; `before` are this learner's earlier ones. Most later tries change nothing."""
    measures = [] if before else [TRIED, *([FIRST] if passed else [])]
    if passed and not any(one.passed for one in before):
        measures.append(PASSED)
    add(session, Counter({(course, measure, quiz, country or "", sex or ""): 1 for measure in measures}))


def of_completion(
    course: str,
    enrolled_at: datetime | None,
    at: datetime,
    evidence: Mapping[str, Any],
    country: str | None,
    sex: str | None,
    roles: Mapping[str, Role],
) -> Iterator[Step]:
    """How long a completion took, and what was gained since the entry check (`evidence`: app.records.certificates).

    Nothing of a completion that somebody vouched for: it has no tries, and began nowhere."""
    tries: Tries | None = evidence.get("quizzes")
    if tries is None or enrolled_at is None:
        return
    who = (country or "", sex or "")
    yield course, DAYS, str((at - enrolled_at).days), *who
    role = roles.get(course, Role("", ""))
    if (entry := tries.get(role.entry)) and (final := tries.get(role.final)):
        yield course, GAIN, str(max(score for _number, score, _passed in final) - entry[0][1]), *who


def add(session: Session, counts: Mapping[Step, int]) -> None:
    """Move these counts, in one order, so that two transactions never wait for each other."""
    hot.many(session, ADD, [(*step, counts[step]) for step in sorted(counts) if counts[step]])


def move(session: Session, person_id: uuid.UUID, before: Profile, after: Profile) -> None:
    """Count a person's sections and acts by another profile."""
    if before == after:
        return
    session.execute(MOVE_ACT, dict(zip(WHO, after, strict=True)) | {"person_id": person_id})
    if before[:2] != after[:2]:
        sections = session.execute(HER_SECTIONS, {"person_id": person_id}).all()
        changes: Counter[Step] = Counter()
        for row in sections:
            for (country, sex, *_rest), n in ((before, -1), (after, 1)):
                changes[row.course, SECTION, f"{row.module}/{row.section}", country, sex] += n
        add(session, changes)


def erase(session: Session, person_id: uuid.UUID, country: str, sex: str) -> None:
    """Before a person is erased: what she tried leaves the counts, what she read and completed is kept in them."""
    values = {"person_id": person_id}
    gone = _of_quizzes(session.execute(HER_QUIZZES, values))
    add(session, {step: -n for step, n in gone.items()})
    sections = session.execute(HER_SECTIONS, values)
    kept = Counter((row.course, SECTION, f"{row.module}/{row.section}", country, sex) for row in sections)
    kept.update(_of_completions(session.execute(HER_COMPLETIONS, values), roles(session)))
    for step, n in sorted(kept.items()):
        session.execute(KEEP, dict(zip(KEY, step, strict=True)) | {"n": n})


# Recounting from the facts


def recount(session: Session) -> Counter[Step]:
    """The counts as the facts and the kept counts say."""
    counts = _of_quizzes(session.execute(ALL_QUIZZES))
    counts.update(_of_sections(session.execute(ALL_SECTIONS)))
    rows = session.execute(ALL_COMPLETIONS, execution_options={"yield_per": BATCH})
    counts.update(_of_completions(rows, roles(session)))
    for row in session.execute(KEPT):
        counts[tuple(row[:-1])] += row.n
    return counts


def of_person(session: Session, person_id: uuid.UUID) -> Counter[Taken]:
    """The steps that one person took, whoever she is."""
    values, taken = {"person_id": person_id}, Counter[Taken]()
    completed = _of_completions(session.execute(HER_COMPLETIONS, values), roles(session))
    for step, n in (*_of_quizzes(session.execute(HER_QUIZZES, values)).items(), *Counter(completed).items()):
        taken[step[:3]] += n
    sections = session.execute(HER_SECTIONS, values)
    taken.update((row.course, SECTION, f"{row.module}/{row.section}") for row in sections)
    return taken


def missing(session: Session) -> bool:
    """Whether learners have done something, and no last act is known: a database of an earlier release."""
    return not session.execute(ANY_LAST_ACT).first() and any(session.execute(one).first() for one in ANY_ACT)


def rebuild(session: Session) -> None:
    """Make the counts and the last acts anew from the facts."""
    session.execute(EMPTY)
    add(session, recount(session))
    session.execute(EMPTY_ACTS)
    session.execute(FILL_ACTS)


def recount_quiz(session: Session, quiz: str) -> None:
    """Count the tries at one quiz anew, after some were judged anew."""
    session.execute(EMPTY_QUIZ, {"quiz": quiz})
    add(session, _of_quizzes(session.execute(OF_QUIZ, {"quiz": quiz})))


def compare(session: Session) -> Iterator[str]:
    """Where the counts and the last acts differ from the facts, in words."""
    stands = Counter({tuple(row[:-1]): row.n for row in session.execute(COUNTED)})
    facts_say = recount(session)
    for step in sorted(stands.keys() | facts_say.keys()):
        if stands[step] != facts_say[step]:
            named = " ".join(part or "-" for part in step)
            yield f"the count of steps {named} is {stands[step]}, the facts say {facts_say[step]}"
    for row in session.execute(WRONG_ACTS):
        yield f"the last act of {row.person_id} in {row.course} is not what the facts say"


def _of_quizzes(rows: Iterable[Any]) -> Counter[Step]:
    counts: Counter[Step] = Counter()
    for row in rows:
        for measure, n in zip(OF_QUIZZES, (row.tried, row.first, row.through), strict=True):
            counts[row.course, measure, row.quiz, row.country, row.sex] += int(n)
    return +counts


def _of_sections(rows: Iterable[Any]) -> Counter[Step]:
    counts: Counter[Step] = Counter()
    for row in rows:
        counts[row.course, SECTION, f"{row.module}/{row.section}", row.country, row.sex] += row.n
    return counts


def _of_completions(rows: Iterable[Any], roles: Mapping[str, Role]) -> Iterator[Step]:
    for row in rows:
        evidence = EVIDENCE.decode(row.evidence)
        yield from of_completion(row.course, row.enrolled_at, row.at, evidence, row.country, row.sex, roles)


# Which quizzes the gain is counted between


def roles(session: Session) -> dict[str, Role]:
    return {row.course: Role(row.entry, row.final) for row in hot.rows(session, ROLES, {})}


def put_roles(session: Session, wanted: Mapping[str, Role]) -> bool:
    """Count the gain between these quizzes from now on, and all steps anew; says whether that changed anything."""
    if roles(session) == wanted:
        return False
    session.execute(FORGET_ROLES)
    for course, role in sorted(wanted.items()):
        session.execute(ADD_ROLE, {"course": course, "entry": role.entry, "final": role.final})
    rebuild(session)
    return True
