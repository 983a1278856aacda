"""How many people a change of the course would meet: counts alone, never who."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.records.sql import query

RUNNING = query("SELECT quiz, count(*) AS n FROM attempt WHERE handed_in_at IS NULL AND quiz IN :quizzes GROUP BY quiz")
RESULTS = query("SELECT quiz, count(DISTINCT person_id) AS n FROM attempt WHERE quiz IN :quizzes GROUP BY quiz")
READERS = query(
    "SELECT module, section, version, count(*) AS n FROM reading WHERE module IN :modules"
    " GROUP BY module, section, version"
)
UNDER_WAY = query(
    """
    SELECT enrolment.course, count(*) AS n FROM enrolment WHERE enrolment.course IN :courses AND NOT EXISTS (
        SELECT 1 FROM completion WHERE completion.person_id = enrolment.person_id
        AND completion.course = enrolment.course AND completion.kind = :kind)
    GROUP BY enrolment.course
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
    """For sections ("module/section" -> the version to come, "" for one that goes): who has read them."""
    modules = sorted({place.partition("/")[0] for place in sections})
    found: dict[str, Readers] = {}
    for row in session.execute(READERS, {"modules": modules}):
        place = f"{row.module}/{row.section}"
        if place in sections:
            before = found.get(place, Readers(0, 0))
            told = row.n if sections[place] and row.version != sections[place] else 0
            found[place] = Readers(before.read + row.n, before.told + told)
    return found


def under_way(session: Session, courses: Iterable[str], kind: str) -> dict[str, int]:
    """Learners of these courses who do not have this certificate yet, so that a new rule is theirs."""
    values = {"courses": list(courses), "kind": kind}
    return {row.course: row.n for row in session.execute(UNDER_WAY, values)}
