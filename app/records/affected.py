"""How many people a change of the course would meet: counts alone, never who."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.records.sql import query
from app.records.step_facts import SECTION

RUNNING = query("SELECT quiz, count(*) AS n FROM attempt WHERE handed_in_at IS NULL AND quiz IN :quizzes GROUP BY quiz")
RESULTS = query("SELECT quiz, count(*) AS n FROM attempt WHERE quiz IN :quizzes AND number = 1 GROUP BY quiz")
# The counts of steps keep what erased people read, which `kept_step` tells; to count a million readings takes a second.
READ = query(
    f"""
    SELECT step, sum(n) AS n FROM (
        SELECT step, n FROM step_tally WHERE measure = '{SECTION}' AND step IN :places
        UNION ALL SELECT step, -n FROM kept_step WHERE measure = '{SECTION}' AND step IN :places
    ) AS counts GROUP BY step
    """
)
KNOWN = query("SELECT hash FROM version WHERE hash IN :versions")
UP_TO_DATE = query(
    "SELECT module, section, version, count(*) AS n FROM reading WHERE version IN :versions"
    " GROUP BY module, section, version"
)
ENROLLED = query("SELECT course, count(*) AS n FROM enrolment WHERE course IN :courses GROUP BY course")
DONE = query(
    """
    SELECT completion.course, count(*) AS n FROM completion
    JOIN enrolment ON enrolment.person_id = completion.person_id AND enrolment.course = completion.course
    WHERE completion.course IN :courses AND completion.kind = :kind GROUP BY completion.course
    """
)


class Readers(NamedTuple):
    """How many have read a section, and how many of them will be told that it has changed since."""

    read: int
    told: int


def running(session: Session, quizzes: Iterable[str]) -> dict[str, int]:
    """Attempts that are open now, by quiz; they keep their paper."""
    return {row.quiz: row.n for row in session.execute(RUNNING, {"quizzes": list(quizzes)})}


def takers(session: Session, quizzes: Iterable[str]) -> dict[str, int]:
    """People who ever opened these quizzes."""
    return {row.quiz: row.n for row in session.execute(RESULTS, {"quizzes": list(quizzes)})}


def readers(session: Session, sections: Mapping[str, str]) -> dict[str, Readers]:
    """For sections ("module/section" -> the version to come, "" for one that goes): who has read them.

    Of a section that becomes what it once was, those who read that version are not told; only then readings are
    counted one by one.
    """
    places = list(sections)
    read = {row.step: int(row.n) for row in session.execute(READ, {"places": places}) if row.n}
    known = list(session.execute(KNOWN, {"versions": list(filter(None, sections.values()))}).scalars())
    right = {}
    for row in session.execute(UP_TO_DATE, {"versions": known}) if known else ():
        right[f"{row.module}/{row.section}", row.version] = row.n
    return {
        place: Readers(n, n - right.get((place, sections[place]), 0) if sections[place] else 0)
        for place, n in read.items()
    }


def under_way(session: Session, courses: Iterable[str], kind: str) -> dict[str, int]:
    """Learners of these courses who do not have this certificate yet, so that a new rule is theirs."""
    chosen = list(courses)
    done = {row.course: row.n for row in session.execute(DONE, {"courses": chosen, "kind": kind})}
    left = {row.course: row.n - done.get(row.course, 0) for row in session.execute(ENROLLED, {"courses": chosen})}
    return {course: n for course, n in left.items() if n}
