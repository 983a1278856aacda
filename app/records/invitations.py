"""Invitations into a cohort: who is invited, the one-time code of each, mails with at most two reminders.

A code is derived from the site's secret, so that slips can be printed again and the database holds its hash alone; so
are the marks that tell one invited person and one mail address from another.
"""

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.content import Library
from app.records import codes, cohorts, identities
from app.records.cohort_tables import Cohort, Invitation, NoMail
from app.records.cohorts import Refused
from app.records.folding import fold
from app.records.keys import hash_of, new_id
from app.records.sql import insert_into, insertion, query, statement

LENGTH = 12  # 60 bits
MOST_REMINDERS = 2
PAUSE = timedelta(days=7)  # between mails to one person
KEPT = timedelta(days=365)  # how long an invitation that nobody answers is kept

ADD = query(insert_into(Invitation, "ON CONFLICT (cohort_id, row_key) DO NOTHING RETURNING id"))
ACCEPT = query(
    "UPDATE invitation SET person_id = :person_id, answered_at = :now, email = NULL"
    " WHERE id = :id AND (person_id IS NULL OR person_id = :person_id) RETURNING cohort_id"
)
LINK = statement(
    "UPDATE membership SET invitation_id = :id WHERE cohort_id = :cohort_id AND person_id = :person_id"
    " AND invitation_id IS NULL"
)
MAILABLE = """
    cohort_id = :cohort_id AND person_id IS NULL AND email IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM no_mail WHERE no_mail.hash = invitation.email_hash)
"""
FIRST = f"{MAILABLE} AND mailed_at IS NULL"
AGAIN = f"{MAILABLE} AND mailed_at IS NOT NULL AND reminders < :most AND coalesce(reminded_at, mailed_at) <= :since"
TO_MAIL = query(f"SELECT id, name, email, language FROM invitation WHERE {FIRST} ORDER BY at, id LIMIT :limit")
TO_REMIND = query(f"SELECT id, name, email, language FROM invitation WHERE {AGAIN} ORDER BY at, id LIMIT :limit")
COUNT_TO_MAIL = query(f"SELECT count(*) AS n FROM invitation WHERE {FIRST}")
COUNT_TO_REMIND = query(f"SELECT count(*) AS n FROM invitation WHERE {AGAIN}")
MAILED = statement("UPDATE invitation SET mailed_at = :now WHERE id IN :people")
REMINDED = statement("UPDATE invitation SET reminders = reminders + 1, reminded_at = :now WHERE id IN :people")
SLIPS = query(
    """
    SELECT id, name, name_latin, search FROM invitation WHERE cohort_id = :cohort_id AND person_id IS NULL
    AND (:all = 1 OR email IS NULL) AND (search > :search OR (search = :search AND id > :id))
    ORDER BY search, id LIMIT :limit
    """
)
ADDRESSES = query(
    f"SELECT name, email FROM invitation WHERE {MAILABLE} AND email IS NOT NULL ORDER BY search, id LIMIT :limit"
)
NO_MORE = insertion(NoMail, "ON CONFLICT DO NOTHING")
HAS_STOPPED = query("SELECT at FROM no_mail WHERE hash = :hash")
WAITING_MAIL = statement(
    "DELETE FROM outbox WHERE person_id IS NULL AND sent_at IS NULL AND recipient = :email AND body LIKE :holds"
)
FORGET = query("DELETE FROM invitation WHERE id = :id AND person_id IS NULL RETURNING cohort_id")
FORGET_OLD = statement("DELETE FROM invitation WHERE person_id IS NULL AND at < :since")


class Invited(NamedTuple):
    """Who is invited; `about`: what the inviter knows of her profile; `key` tells her from namesakes ("": name and
    address do)."""

    name: str
    name_latin: str = ""
    email: str = ""
    language: str = "en"
    about: Mapping[str, str] = {}
    key: str = ""


def code_of(secret: bytes, id: uuid.UUID) -> str:
    """The one-time code of an invitation, without hyphens."""
    chance = int.from_bytes(hmac.digest(secret, b"invitation\x00" + id.bytes, "sha256"))
    return "".join(codes.SYMBOLS[chance >> 5 * place & 31] for place in range(LENGTH))


def mark(secret: bytes, purpose: str, text: str) -> str:
    """What tells one person or address from another without naming it."""
    return hmac.new(secret, f"{purpose}\x00{text}".encode(), hashlib.sha256).hexdigest()


def row_of(secret: bytes, cohort_id: uuid.UUID, invited: Invited) -> dict[str, Any]:
    """The columns that follow from who is invited."""
    id, who = new_id(), invited.key or f"{fold(invited.name)}|{fold(invited.email)}"
    return {
        "id": id,
        "row_key": mark(secret, f"row {cohort_id}", ("key " if invited.key else "name ") + fold(who)),
        "code_hash": hash_of(code_of(secret, id)),
        "name": invited.name,
        "name_latin": invited.name_latin,
        "email": invited.email or None,
        "email_hash": mark(secret, "mail", fold(invited.email)) if invited.email else None,
        "language": invited.language,
        "about": msgspec.json.encode(dict(invited.about)).decode(),
        "search": fold(f"{invited.name} {invited.name_latin}"),
    }


UNANSWERED: dict[str, Any] = {
    **{"mailed_at": None, "reminders": 0, "reminded_at": None, "person_id": None, "answered_at": None}
}


def invite(
    session: Session, secret: bytes, cohort: Cohort, invited: Invited, by: uuid.UUID | None, now: datetime
) -> uuid.UUID | None:
    """Invite one person into a cohort; None where she is invited already."""
    row = row_of(secret, cohort.id, invited) | UNANSWERED | {"cohort_id": cohort.id, "by": by, "at": now}
    id: uuid.UUID | None = session.execute(ADD, row).scalar()
    return id


def find(session: Session, id: uuid.UUID) -> Invitation | None:
    return session.execute(select(Invitation).where(Invitation.id == id)).scalar()


def find_code(session: Session, code: str) -> Invitation | None:
    """The invitation of a one-time code, as typed."""
    wanted = hash_of(codes.plain(code))
    return session.execute(select(Invitation).where(Invitation.code_hash == wanted)).scalar()


def about(invitation: Invitation) -> dict[str, str]:
    """What the inviter knows of the invited person's profile."""
    known: dict[str, str] = msgspec.json.decode(invitation.about)
    return known


def accept(session: Session, library: Library, invitation: Invitation, person_id: uuid.UUID, now: datetime) -> Cohort:
    """Take up an invitation: once, by one person. Raises Refused ("used", "closed")."""
    cohort = cohorts.find(session, invitation.cohort_id)
    if cohort is None or cohort.closed_at is not None:
        raise Refused("closed")
    values = {"id": invitation.id, "person_id": person_id, "cohort_id": cohort.id}
    if session.execute(ACCEPT, values | {"now": now}).first() is None:
        raise Refused("used")
    if not cohorts.enter(session, library, cohort, person_id, invitation.id, now):
        session.execute(LINK, values)
    if cohort.confirmed and cohort.office:
        identities.confirm(session, person_id, cohort.course, cohort.office, now.date(), None, now)
    return cohort


def correct(session: Session, invitation: Invitation, name: str, name_latin: str) -> None:
    """Another spelling of an invited person's name, before she has answered."""
    invitation.name, invitation.name_latin = name, name_latin
    invitation.search = fold(f"{name} {name_latin}")
    session.flush()


# Mail


def waiting(session: Session, cohort_id: uuid.UUID, now: datetime) -> tuple[int, int]:
    """How many can be sent their invitation, and how many a reminder, now."""
    values = {"cohort_id": cohort_id, "most": MOST_REMINDERS, "since": now - PAUSE}
    first = session.execute(COUNT_TO_MAIL, values).scalar_one()
    return int(first), int(session.execute(COUNT_TO_REMIND, values).scalar_one())


def take(session: Session, cohort_id: uuid.UUID, remind: bool, now: datetime, limit: int) -> list[Any]:
    """Those who are written to now (id, name, email, language), noted as written to. A reminder comes twice at most."""
    values = {"cohort_id": cohort_id, "most": MOST_REMINDERS, "since": now - PAUSE, "limit": limit}
    found = list(session.execute(TO_REMIND if remind else TO_MAIL, values))
    if found:
        session.execute(REMINDED if remind else MAILED, {"now": now, "people": [row.id for row in found]})
    return found


def addresses(session: Session, cohort_id: uuid.UUID, limit: int) -> list[Any]:
    """Names and addresses of those who have not answered and take mail."""
    return list(session.execute(ADDRESSES, {"cohort_id": cohort_id, "limit": limit}))


def stop(session: Session, invitation: Invitation, now: datetime) -> None:
    """Send no more mail about cohorts to the address of this invitation, of whoever it comes."""
    if invitation.email_hash:
        session.execute(NO_MORE, {"hash": invitation.email_hash, "at": now})


def has_stopped(session: Session, invitation: Invitation) -> bool:
    return session.execute(HAS_STOPPED, {"hash": invitation.email_hash or ""}).first() is not None


def forget(session: Session, secret: bytes, invitation: Invitation) -> bool:
    """Delete an invitation that nobody has answered, and what waits to be mailed of it; says whether it was there."""
    if invitation.email:
        holds = f"%{cohorts.readable(code_of(secret, invitation.id))}%"
        session.execute(WAITING_MAIL, {"email": invitation.email, "holds": holds})
    id = invitation.id
    session.expunge(invitation)
    return session.execute(FORGET, {"id": id}).first() is not None


def tidy(session: Session, now: datetime) -> None:
    """Forget invitations that nobody has answered for a year."""
    session.execute(FORGET_OLD, {"since": now - KEPT})


# On paper


def slips(
    session: Session, secret: bytes, cohort_id: uuid.UUID, everybody: bool, after: str, limit: int
) -> tuple[list[tuple[str, str, str]], str]:
    """(name, name in Latin letters, code) of those who have not answered, and where the next go on ("": no more).

    `everybody`: also those who have a mail address.
    """
    search, _, id = after.rpartition("|")
    start = uuid.UUID(id) if id else uuid.UUID(int=0)
    values = {"cohort_id": cohort_id, "all": int(everybody), "search": search, "id": start, "limit": limit + 1}
    found = list(session.execute(SLIPS, values))
    last = found[limit - 1] if len(found) > limit else None
    rows = [(row.name, row.name_latin, cohorts.readable(code_of(secret, row.id))) for row in found[:limit]]
    return rows, f"{last.search}|{last.id}" if last else ""
