"""Tables that were frozen at the end of a month or quarter: kept as the text they are, with its SHA-256."""

import hashlib
import uuid
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.core.frozen import OrganisationCount, Organisations
from app.core.published import Count
from app.records import overview
from app.records.report_tables import Frozen
from app.records.sql import insertion, query


class Entry(NamedTuple):
    """One row without its texts."""

    course: str
    kind: str
    period: str
    edition: int
    at: datetime
    by: uuid.UUID | None
    reason: str
    document_sha256: str
    sheet_sha256: str


ADD = insertion(Frozen, "ON CONFLICT (course, kind, period, edition) DO NOTHING")
LIST = query(
    'SELECT course, kind, period, edition, at, "by", reason, document_sha256, sheet_sha256 FROM frozen'
    " WHERE course = :course AND kind = :kind ORDER BY period DESC, edition DESC"
)
PERIODS = query("SELECT DISTINCT period FROM frozen WHERE course = :course AND kind = :kind")
TEXTS = query(
    "SELECT edition, at, document, sheet, document_sha256, sheet_sha256 FROM frozen"
    " WHERE course = :course AND kind = :kind AND period = :period ORDER BY edition DESC"
)
LATEST = query(
    "SELECT period, document FROM frozen WHERE course = :course AND kind = :kind ORDER BY period DESC, edition DESC"
    " LIMIT 1"
)
ALL = query(
    "SELECT course, kind, period, edition, document, sheet, document_sha256, sheet_sha256 FROM frozen"
    " ORDER BY course, kind, period, edition"
)
# Whatever a learner does, she is enrolled by then; and one measure is a stretch of the key, by month.
FIRST = query(
    "SELECT month FROM tally WHERE course = :course AND measure = 'enrolled' AND n <> 0 ORDER BY month LIMIT 1"
)
COURSES = query("SELECT DISTINCT course FROM tally WHERE measure = 'enrolled' ORDER BY course")
COUNTS = query(
    """
    SELECT measure, month, country, sex, ministry_type, age_band, language, sum(n) AS n FROM tally
    WHERE course = :course AND month <= :month
    GROUP BY measure, month, country, sex, ministry_type, age_band, language HAVING sum(n) <> 0
    """
)


OF_ORGANISATIONS = query(
    """
    SELECT measure, month, country, organisation, sum(n) AS n FROM organisation_tally
    WHERE course = :course AND month <> '' AND month <= :month
    GROUP BY measure, month, country, organisation HAVING sum(n) <> 0
    """
)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def add(
    session: Session,
    *,
    course: str,
    kind: str,
    period: str,
    edition: int,
    document: str,
    sheet: str,
    by: uuid.UUID | None,
    reason: str,
    now: datetime,
) -> bool:
    """Keep a document for ever; False where somebody froze that edition before, whose text stands."""
    row = {
        **{"course": course, "kind": kind, "period": period, "edition": edition, "at": now, "by": by},
        **{"reason": reason, "document": document, "sheet": sheet},
        **{"document_sha256": sha256(document), "sheet_sha256": sha256(sheet)},
    }
    done: Any = session.execute(ADD, row)
    return bool(done.rowcount)


def listed(session: Session, course: str, kind: str) -> list[Entry]:
    """What is frozen, the newest period and edition first."""
    return [Entry(*row) for row in session.execute(LIST, {"course": course, "kind": kind})]


def periods(session: Session, course: str, kind: str) -> set[str]:
    """The periods of which anything is frozen."""
    return set(session.execute(PERIODS, {"course": course, "kind": kind}).scalars())


def find(session: Session, course: str, kind: str, period: str, edition: int | None = None) -> Any | None:
    """(edition, at, document, sheet and their hashes) of an edition, by default the newest; None: there is none."""
    rows = session.execute(TEXTS, {"course": course, "kind": kind, "period": period}).all()
    return next((row for row in rows if edition in (None, row.edition)), None)


def latest(session: Session, course: str, kind: str) -> Any | None:
    """Period and document of the newest."""
    return session.execute(LATEST, {"course": course, "kind": kind}).first()


def first_month(session: Session, course: str) -> str | None:
    """The first month of which anything is counted."""
    found: str | None = session.execute(FIRST, {"course": course}).scalar()
    return found


def courses(session: Session) -> list[str]:
    """The courses of which anything is counted."""
    return list(session.execute(COURSES).scalars())


def counts(session: Session, course: str, month: str) -> list[Count]:
    """The tallies until the end of a month, organisations added up."""
    rows = session.execute(COUNTS, {"course": course, "month": month})
    return [Count._make((*row[:-1], int(row.n))) for row in rows]


def organisations(session: Session, course: str, month: str) -> Organisations:
    """The listed organisations with their tallies until the end of a month; those merged into one count with it."""
    names = {one.id: one.name for one in overview.listed(session, ())}
    stand_for, found = overview.leads(session), []
    for row in session.execute(OF_ORGANISATIONS, {"course": course, "month": month}):
        id = stand_for.get(row.organisation, row.organisation)
        if id in names:
            found.append(OrganisationCount(row.measure, row.month, row.country, id, int(row.n)))
    return Organisations(names, found)


def changed(session: Session) -> list[str]:
    """The documents whose text is not the one that was frozen, for the health report."""
    return [
        f"{row.kind} {row.course} {row.period} edition {row.edition}"
        for row in session.execute(ALL)
        if sha256(row.document) != row.document_sha256 or sha256(row.sheet) != row.sheet_sha256
    ]
