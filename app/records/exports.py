"""Exports as of the moment that the session sees: how many rows there will be, and the file."""

import uuid
from collections.abc import Callable
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.core.exports import Site, Wanted
from app.core.formats import XLSX_ROWS, About, TooManyRows
from app.records import audit, beside, counted, rosters
from app.records.rosters import Rows


class Source(NamedTuple):
    """How a kind comes out of the database: the number of its rows, and the rows themselves."""

    size: Callable[[Session, Site, Wanted], int]
    rows: Callable[[Session, Site, Wanted], Rows]


SOURCES = {
    "completions": Source(rosters.count, rosters.completions),
    "enrolments": Source(rosters.count, rosters.completions),
    "attempts": Source(rosters.count, rosters.attempts),
    "items": Source(counted.count_items, counted.items),
    "statistics": Source(counted.count_tallies, counted.tallies),
    "learners": Source(rosters.count, rosters.learners),
}


def count(session: Session, site: Site, wanted: Wanted) -> int:
    """How many rows the export will have."""
    return SOURCES[wanted.kind.name].size(session, site, wanted)


def rows(session: Session, site: Site, wanted: Wanted) -> Rows:
    """The rows with the chosen columns."""
    found = SOURCES[wanted.kind.name].rows(session, site, wanted)
    places = wanted.places()
    if len(places) == len(wanted.kind.columns):
        return found
    if len(places) == 1:
        return ((row[places[0]],) for row in found)
    return map(itemgetter(*places), found)


def export(
    session: Session,
    site: Site,
    wanted: Wanted,
    format: str,
    target: Path,
    step: Callable[[int], Any] = lambda _: None,
) -> About:
    """Write an export into `target`, in a format of `app.core.formats`. Raises TooManyRows, before it begins."""
    if format == "xlsx" and count(session, site, wanted) > XLSX_ROWS:
        raise TooManyRows(XLSX_ROWS)
    return beside.write(
        target,
        format,
        wanted.columns,
        rows(session, site, wanted),
        name=wanted.kind.name,
        row=wanted.kind.row,
        filter=wanted.told,
        release=site.library.release,
        now=site.now,
        zone=site.zone,
        step=step,
    )


def note(session: Session, by: uuid.UUID | None, wanted: Wanted, format: str, about: About, now: datetime) -> None:
    """Write into the audit log who took what: kind, course and format, then the SHA-256, filters and columns."""
    of = f" {wanted.filters.course}" if wanted.kind.of_course else ""
    parts = [about.sha256]
    if asked := {name: values for name, values in wanted.filters.as_args().items() if name != "course"}:
        parts.append(urlencode(asked, doseq=True))
    if wanted.columns != wanted.kind.columns:
        parts.append("columns " + ",".join(column.name for column in wanted.columns))
    audit.record(session, by, "export", f"{wanted.kind.name}{of} {format}", " ".join(parts), now)
