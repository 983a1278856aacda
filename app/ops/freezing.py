"""Freezing: at the end of each month and quarter the tables are made once and kept (`app.records.frozen`).

The server does it by itself, `lontar statistics freeze` and an administrator's button do it, too; whoever comes first
wins, by the key of the row. Months that were missed are frozen later, in their order, and say when.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core import frozen as documents
from app.core.content import Course, Library
from app.core.filters import months_of, quarter_of
from app.core.frozen import REPORT, STATISTICS, Occasion, Organisations
from app.core.published import Count
from app.records import audit, frozen
from app.records.engine import open_session
from config import Config

QUARTERS = (3, 6, 9, 12)  # the months that end one
DEED = "freeze"


class NotOver(ValueError):
    """The period is not one, is not over, or nothing was counted by then."""


class Known(NamedTuple):
    """What is counted until the end of a month: by profile, and by listed organisation."""

    counts: list[Count]
    organisations: Organisations = Organisations()


def known_until(session: Session, course: str, month: str) -> Known:
    return Known(frozen.counts(session, course, month), frozen.organisations(session, course, month))


def month_of(now: datetime, zone: ZoneInfo) -> str:
    return now.astimezone(zone).strftime("%Y-%m")


def next_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02}"


def months(first: str, until: str) -> Iterator[str]:
    """The months from `first` to the one before `until`."""
    month = first
    while month < until:
        yield month
        month = next_month(month)


def due(session: Session, course: str, now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What is over and not frozen yet, as (kind, period), the earlier first.

    Statistics go on from the last that were frozen: a month before them is never published afterwards.
    """
    first = frozen.first_month(session, course)
    if first is None:
        return []
    reports = frozen.periods(session, course, REPORT)
    last = max(frozen.periods(session, course, STATISTICS), default="")
    found = []
    for month in months(first, month_of(now, zone)):
        if month > last:
            found.append((STATISTICS, month))
        ends = [month, *([quarter_of(month)] if int(month[5:]) in QUARTERS else [])]
        found += [(REPORT, period) for period in ends if period not in reports]
    return found


def waiting(session: Session, now: datetime, zone: ZoneInfo) -> int:
    """How many documents are due, in every course that anything is counted of."""
    return sum(len(due(session, course, now, zone)) for course in frozen.courses(session))


def freeze_due(engine: Engine, config: Config, library: Library, now: datetime, by: uuid.UUID | None = None) -> int:
    """Freeze all that is due in every course, each in a transaction of its own; returns how many documents."""
    done = 0
    for course in library.courses.values():
        with open_session(engine, write=False) as session:
            waiting = due(session, course.id, now, config.zone)
            known = known_until(session, course.id, month_of(now, config.zone)) if waiting else Known([])
        for kind, period in waiting:
            done += _freeze(engine, config, library, course, known, kind, period, now, by)
    return done


def _freeze(
    engine: Engine,
    config: Config,
    library: Library,
    course: Course,
    counted: Known,
    kind: str,
    period: str,
    now: datetime,
    by: uuid.UUID | None,
) -> bool:
    """The first edition of one document."""
    occasion = Occasion(course, period, now.astimezone(config.zone), library.release, config.zone)
    with open_session(engine, write=False) as session:
        known = frozen.periods(session, course.id, kind)  # another process may have been here meanwhile
        last = frozen.latest(session, course.id, STATISTICS)
    if period in known:
        return False
    if kind == STATISTICS:
        texts = statistics_texts(occasion, library, config, counted.counts, last.document if last else "")
    else:
        texts = report_texts(occasion, library, counted)
    with open_session(engine, write=True) as session:
        done = keep(session, occasion, kind, texts, by)
        session.commit()
    return done


def keep(session: Session, occasion: Occasion, kind: str, texts: tuple[str, str], by: uuid.UUID | None) -> bool:
    """Add the texts and an act; False where that edition exists."""
    document, sheet = texts
    now = occasion.frozen_at
    added = frozen.add(
        session, course=occasion.course.id, kind=kind, period=occasion.period, edition=occasion.edition,
        document=document, sheet=sheet, by=by, reason=occasion.reason, now=now,
    )  # fmt: skip
    if added:
        detail = f"edition {occasion.edition} {frozen.sha256(document)}"
        audit.record(session, by, DEED, f"{kind} {occasion.course.id} {occasion.period}", detail, now)
    return added


def statistics_texts(
    occasion: Occasion, library: Library, config: Config, counts: list[Count], before: str
) -> tuple[str, str]:
    """JSON and CSV of a month's statistics; `before`: the JSON of the month before, or nothing."""
    steps = documents.steps_of(before) if before else {}
    made = documents.statistics(
        occasion, counts, library.countries, steps, config.suppression, max(config.small_country, config.suppression)
    )
    return documents.text(made), documents.statistics_sheet(made)


def report_texts(occasion: Occasion, library: Library, known: Known) -> tuple[str, str]:
    made = documents.report(occasion, known.counts, library.countries, known.organisations)
    return documents.text(made), documents.report_sheet(made)


def check_period(session: Session, course: str, period: str, now: datetime, zone: ZoneInfo) -> None:
    """Raises NotOver unless this is a month or quarter that is over and of which anything is known."""
    try:
        first, last = months_of(period)
    except ValueError as error:
        raise NotOver(str(error)) from error
    known = frozen.first_month(session, course)
    is_one = period == first == last or period == quarter_of(last)
    if not is_one or not last or last >= month_of(now, zone) or known is None or last < known:
        raise NotOver(f"{period} is no month or quarter that is over and has counts")


def freeze_report(
    session: Session, config: Config, library: Library, course: Course, period: str, reason: str,
    now: datetime, by: uuid.UUID | None,
) -> int:  # fmt: skip
    """Freeze a period's report as it is counted today: the first edition, or, with a reason, a correction.

    Returns the edition. Raises NotOver, and ValueError for a correction without a reason.
    """
    check_period(session, course.id, period, now, config.zone)
    existing = frozen.find(session, course.id, REPORT, period)
    if existing and not reason.strip():
        raise ValueError(f"{period} is frozen; a correction needs a reason")
    edition = existing.edition + 1 if existing else 1
    moment = now.astimezone(config.zone)
    occasion = Occasion(course, period, moment, library.release, config.zone, edition, reason.strip())
    known = known_until(session, course.id, months_of(period).last)
    return edition if keep(session, occasion, REPORT, report_texts(occasion, library, known), by) else 0
