"""Reading a list of people for a cohort, from the web or the command line: some hundred rows a transaction."""

import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import invitees, tables
from app.core.content import Library
from app.core.invitees import Bounds
from app.core.tables import Table, Unreadable
from app.records import imports
from app.records.cohort_tables import Cohort, ImportRun
from app.records.engine import Unavailable, open_session

log = logging.getLogger("lontar")

AT_ONCE = 500
FORGOTTEN_AT_ONCE = 5000
AT_ONCE_READ = 2000  # rows: a longer list is read while its page already shows how far it is

FAULTS = {
    "empty": "the file holds no rows",
    "binary": "the file is neither CSV nor XLSX",
    "broken": "the file is damaged and could not be read to its end",
    "bomb": "the file unpacks to far more than a list of people",
    "rows": "there are more than 200,000 rows; divide the list",
    "size": "the file is larger than 32 MB; divide the list",
    "name": "no column is called name",
    "twice": "two columns have the same meaning",
    "quote": "in row {row}, a cell opens with a quotation mark that is not closed, or is closed too early; delete it or"
    " close it, and inside a cell write it twice",
    "stopped": "reading stopped half-way, and nothing was imported; try again",
}


CONFLICTS = {
    "listed-name": "the key is that of {name} in row {number}; correct one of the two rows",
    "listed-address": "{name} stands in row {number} with this key and another address; correct one of the two rows",
    "invited-name": "the key is that of {name}, who is invited already; correct this row",
    "invited-address": "{name} is invited with this key and another address; correct this row, or withdraw that"
    " invitation first",
}


def words_of(fault: Unreadable) -> str:
    """Why a file can't be read, for the command line."""
    return FAULTS[str(fault)].format(row=fault.row)


def bounds_of(library: Library, languages: Iterable[str], country: str | None) -> Bounds:
    """What rows are compared with; `country`: the only one that is allowed, where the cohort has one."""
    names = {invitees.compared(code): code for code in library.countries}
    for code, one in library.countries.items():
        names |= {invitees.compared(name): code for name in one.name.values()}
    return Bounds(names, [tag for tag in languages if tag != "ar-XB"], country)


def begin(
    session: Session, data: bytes, file: str, cohort: Cohort, by: uuid.UUID | None, now: datetime
) -> tuple[ImportRun, Table]:
    """Open a file and note that it is being read. Raises Unreadable where it holds no list."""
    table = tables.read(data)
    _places, unused = invitees.columns_of(table.header)
    messages = [("guessed", "")] * table.guessed + [("unused", words[:80]) for words in unused[:20]]
    return imports.begin(session, cohort, file, table.total, messages, by, now), table


def look(
    engine: Engine,
    secret: bytes,
    run_id: uuid.UUID,
    table: Table,
    bounds: Bounds,
    clock: Callable[[], datetime],
    step: Callable[[int], None] = lambda _: None,
) -> Unreadable | None:
    """Look at every row and keep its fate; returns the fault that ended it, None where all was read."""
    places, _unused = invitees.columns_of(table.header)
    judged = ((number, invitees.judge(cells, places, bounds)) for number, cells in table.rows)
    fault: Unreadable | None = None
    more = True
    while more:
        rows = []
        try:
            rows = list(islice(judged, AT_ONCE))
            more = len(rows) == AT_ONCE
        except Unreadable as error:
            fault, more = error, False
        with open_session(engine, write=True) as session:
            run = imports.find(session, run_id)
            if run is None:
                return Unreadable("stopped")  # discarded meanwhile
            imports.look(session, secret, run, rows, clock())
            if not more:
                imports.finish(run, clock(), (str(fault), str(fault.row)) if fault else None)
            session.commit()
        step(len(rows))
    return fault


def look_soon(engine: Engine, secret: bytes, run_id: uuid.UUID, table: Table, bounds: Bounds) -> None:
    """The same without making anybody wait; what ends early is told by the list's page."""

    def work() -> None:
        try:
            look(engine, secret, run_id, table, bounds, lambda: datetime.now(UTC))
        except (Unavailable, SQLAlchemyError) as error:
            log.error("a list was not read to its end: %s", type(error).__name__)

    threading.Thread(target=work, daemon=True).start()


def forget(engine: Engine, run_id: uuid.UUID) -> None:
    """Forget the rows of a list whose people were invited, some thousand a transaction; `lontar mail` does so, too."""
    some = True
    while some:
        with open_session(engine, write=True) as session:
            some = imports.forget_rows(session, run_id, FORGOTTEN_AT_ONCE) > 0
            session.commit()
