"""Lists of people to invite: each row is looked at and kept with its fate, then all new ones are invited at once.

Nothing of a list counts before it is confirmed, and then in one transaction: there are no half imports. A row is known
by its key, so a list that is read again finds the people of before as existing.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.invitees import Row
from app.core.tables import Refusal
from app.records import hot, invitations
from app.records.cohort_tables import Cohort, ImportRow, ImportRun
from app.records.folding import fold
from app.records.invitations import Invited
from app.records.keys import new_id
from app.records.sql import insertion, query, statement

READING, READ, DONE, BROKEN = "reading", "read", "done", "broken"
FATES = ("new", "existing", "duplicate", "conflict", "refused")
KEPT = timedelta(days=1)  # how long a list waits to be confirmed
SILENT = timedelta(minutes=2)  # a list that nobody goes on reading for so long is broken

ADD = insertion(ImportRow)
INVITED = query("SELECT row_key, name, email_hash FROM invitation WHERE cohort_id = :cohort_id AND row_key IN :keys")
FIRST = query("SELECT row_key, number, name, email_hash FROM import_row WHERE run_id = :run_id AND row_key IN :keys"
              " AND fate IN ('new', 'existing')")  # fmt: skip
LISTED = query(
    "SELECT number, fate, reason, detail, name, email FROM import_row WHERE run_id = :run_id"
    " AND (:fate = '' OR fate = :fate) AND number > :after ORDER BY number LIMIT :limit"
)
CONFIRM = query("UPDATE import_run SET state = 'done', done_at = :now WHERE id = :id AND state = 'read' RETURNING id")
INVITE = statement(
    """
    INSERT INTO invitation (id, cohort_id, row_key, code_hash, name, name_latin, email, email_hash, language, about,
        search, "by", at, mailed_at, reminders, reminded_at, person_id, answered_at)
    SELECT invitation_id, :cohort_id, row_key, code_hash, name, name_latin, email, email_hash, language, about,
        search, :by, :now, NULL, 0, NULL, NULL, NULL
    FROM import_row WHERE run_id = :run_id AND fate = 'new' ON CONFLICT (cohort_id, row_key) DO NOTHING
    """
)
FORGET_ROWS = statement("DELETE FROM import_row WHERE run_id = :run_id")
FORGET_SOME = query(
    """
    DELETE FROM import_row WHERE run_id = :run_id
    AND EXISTS (SELECT 1 FROM import_run WHERE import_run.id = :run_id AND state = 'done') AND number <= (
        SELECT max(number) FROM (
            SELECT number FROM import_row WHERE run_id = :run_id ORDER BY number LIMIT :limit) AS first_ones)
    RETURNING number
    """
)
LEFT = query("SELECT id FROM import_run WHERE state = 'done' AND EXISTS"
             " (SELECT 1 FROM import_row WHERE import_row.run_id = import_run.id)")  # fmt: skip
FORGET_RUN = statement("DELETE FROM import_run WHERE id = :run_id AND state <> 'done'")
OLD = query("SELECT id FROM import_run WHERE state <> 'done' AND at < :since")
EMPTY: dict[str, Any] = {"name": "", "name_latin": "", "email": None, "email_hash": None, "language": ""}


class Known(NamedTuple):
    """Whom a key means: a row of the list, or with number 0 somebody who is invited already."""

    number: int
    name: str
    email_hash: str | None


class Fate(NamedTuple):
    """What becomes of a row. Of a conflict, `reason` is listed-name, listed-address, invited-name or invited-address,
    and `detail` the number of the row (0: of an invitation) and the name that it conflicts with."""

    fate: str
    reason: str = ""
    detail: str = ""


def begin(
    session: Session,
    cohort: Cohort,
    file: str,
    total: int,
    messages: Sequence[tuple[str, str]],
    by: uuid.UUID | None,
    now: datetime,
) -> ImportRun:
    """A list that is about to be read; `messages`: (what was guessed or left out, about what)."""
    run = ImportRun(
        id=new_id(),
        cohort_id=cohort.id,
        file=file[:200],
        state=READING,
        total=total,
        looked=0,
        counts="{}",
        messages=msgspec.json.encode(messages).decode(),
        by=by,
        at=now,
        moved_at=now,
        done_at=None,
    )
    session.add(run)
    session.flush()
    return run


def find(session: Session, id: uuid.UUID) -> ImportRun | None:
    return session.execute(select(ImportRun).where(ImportRun.id == id)).scalar()


def waiting(session: Session, cohort_id: uuid.UUID) -> list[ImportRun]:
    """The newest ten lists of a cohort that were not imported: being read, waiting to be confirmed, or broken."""
    chosen = select(ImportRun).where(ImportRun.cohort_id == cohort_id, ImportRun.state != DONE)
    return list(session.execute(chosen.order_by(ImportRun.at.desc()).limit(10)).scalars())


def look(
    session: Session, secret: bytes, run: ImportRun, rows: Sequence[tuple[int, Row | Refusal]], now: datetime
) -> Counter[str]:
    """Keep these rows with their fates; returns how many have each."""
    made = [(number, row, _columns(secret, run, row)) for number, row in rows]
    keys = [columns["row_key"] for _number, row, columns in made if isinstance(row, Row)]
    known: dict[str, Known] = {}
    first: dict[str, Known] = {}
    if keys:
        values = {"cohort_id": run.cohort_id, "keys": keys, "run_id": run.id}
        known = {row.row_key: Known(0, row.name, row.email_hash) for row in session.execute(INVITED, values)}
        first = {row.row_key: Known(row.number, row.name, row.email_hash) for row in session.execute(FIRST, values)}
    counts: Counter[str] = Counter()
    kept = []
    for number, row, columns in made:
        if isinstance(row, Refusal):
            found = Fate("refused", row.reason, row.detail)
        else:
            key, own = columns["row_key"], Known(number, columns["name"], columns["email_hash"])
            found = _fate(own, first.get(key), known.get(key))
            if found.fate in ("new", "existing"):
                first[key] = own
        counts[found.fate] += 1
        kept.append(columns | {"run_id": run.id, "number": number} | found._asdict())
    if kept:
        session.execute(ADD, kept)
    run.counts = msgspec.json.encode(Counter(counts_of(run)) + counts).decode()
    run.looked, run.moved_at = run.looked + len(kept), now
    session.flush()
    return counts


def _fate(own: Known, first: Known | None, invited: Known | None) -> Fate:
    """The fate of a row whose key means `first` in the rows above, and `invited` in the cohort."""
    before = first or invited
    if before is None:
        return Fate("new")
    if differs := _difference(own, before):
        return Fate("conflict", f"{'listed' if first else 'invited'}-{differs}", f"{before.number} {before.name}")
    return Fate("duplicate", detail=str(first.number)) if first else Fate("existing")


def _difference(one: Known, other: Known) -> str:
    """What tells two people of one key apart: name, address, or "" where nothing does; no address is not another."""
    if fold(one.name) != fold(other.name):
        return "name"
    return "address" if one.email_hash and other.email_hash and one.email_hash != other.email_hash else ""


def _columns(secret: bytes, run: ImportRun, row: Row | Refusal) -> dict[str, Any]:
    if isinstance(row, Refusal):
        columns = EMPTY | {"about": "{}", "search": "", "row_key": "", "code_hash": "", "invitation_id": new_id()}
    else:
        invited = Invited(row.name, row.name_latin, row.email, row.language, row.about, row.key)
        columns = invitations.row_of(secret, run.cohort_id, invited)
        columns["invitation_id"] = columns.pop("id")
    return columns


def counts_of(run: ImportRun) -> dict[str, int]:
    """How many rows have each fate so far."""
    found: dict[str, int] = msgspec.json.decode(run.counts)
    return {fate: found.get(fate, 0) for fate in FATES}


def messages_of(run: ImportRun) -> list[tuple[str, str]]:
    return [(code, about) for code, about in msgspec.json.decode(run.messages)]


def finish(run: ImportRun, now: datetime, fault: tuple[str, str] | None = None) -> None:
    """All rows were looked at, or `fault` says why the file can't be read to its end, and about what."""
    run.state, run.moved_at = BROKEN if fault else READ, now
    if fault:
        run.messages = msgspec.json.encode([*messages_of(run), fault]).decode()


def state_of(run: ImportRun, now: datetime) -> str:
    """Where a list stands; one that nobody goes on reading is broken."""
    return BROKEN if run.state == READING and now - run.moved_at > SILENT else run.state


def fates(session: Session, run_id: uuid.UUID, fate: str = "", after: int = 0, limit: int = 100) -> list[Any]:
    """Rows of a list (number, fate, reason, detail, name, email) in their order."""
    values = {"run_id": run_id, "fate": fate, "after": after, "limit": limit}
    return list(session.execute(LISTED, values))


def confirm(session: Session, run: ImportRun, by: uuid.UUID | None, now: datetime) -> bool:
    """Invite all new people of a list at once; False where it was done or is not ready. Its rows may go then."""
    values = {"run_id": run.id, "id": run.id, "cohort_id": run.cohort_id, "by": by, "now": now}
    if session.execute(CONFIRM, values).first() is None:
        return False
    hot.hold_more(session)
    session.execute(INVITE, values)
    session.expire(run)
    return True


def forget_rows(session: Session, run_id: uuid.UUID, limit: int) -> int:
    """Forget the next rows of a list, if it was done; how many that were."""
    return len(session.execute(FORGET_SOME, {"run_id": run_id, "limit": limit}).all())


def left(session: Session) -> list[uuid.UUID]:
    """Lists that were done and have rows left, since forgetting them was interrupted."""
    return list(session.execute(LEFT).scalars())


def discard(session: Session, run: ImportRun) -> None:
    """Forget a list that was not confirmed."""
    values = {"run_id": run.id}
    session.execute(FORGET_ROWS, values)
    session.expunge(run)
    session.execute(FORGET_RUN, values)


def tidy(session: Session, now: datetime) -> None:
    """Forget lists that nobody confirmed within a day, and what is left of those that were done."""
    for id in left(session):
        session.execute(FORGET_ROWS, {"run_id": id})
    for id in session.execute(OLD, {"since": now - KEPT}).scalars().all():
        session.execute(FORGET_ROWS, {"run_id": id})
        session.execute(FORGET_RUN, {"run_id": id})
