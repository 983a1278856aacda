"""Cohorts: people who take a course together, the keys that let them in, and how far each has come.

A member is seen by the focal point of the cohort's country while her own country is that one or not stated; she may
leave. Nothing here ever closes a course to anybody.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.content import Library
from app.records import codes, identities, reading
from app.records.cohort_tables import Cohort, EnrolmentKey, Membership
from app.records.keys import new_id
from app.records.sql import insertion, query

KEY_LENGTH = 8  # 40 bits: a key lets in, and gives access to nothing of anybody's
STATES = ("invited", "registered", "started", "completed")
FIELDS = ("name", "course", "country", "organisation_id", "wished_for", "office", "confirmed")

JOIN = insertion(Membership, "ON CONFLICT (cohort_id, person_id) DO NOTHING RETURNING at")
LEAVE = query("DELETE FROM membership WHERE cohort_id = :cohort_id AND person_id = :person_id RETURNING at")
USE = query(
    """
    UPDATE enrolment_key SET uses = uses + 1 WHERE id = :id AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > :now) AND (most IS NULL OR uses < most) RETURNING cohort_id
    """
)
COUNTS = query(
    """
    SELECT cohort.id, (SELECT count(*) FROM membership WHERE membership.cohort_id = cohort.id) AS members,
        (SELECT count(*) FROM invitation WHERE invitation.cohort_id = cohort.id AND person_id IS NULL) AS waiting
    FROM cohort
    """
)
# Who may be seen: everybody by administrators (:country is NULL), else members whose country is this one or none.
SEEN = "(CAST(:country AS TEXT) IS NULL OR coalesce(person.country, :country) = :country)"
STATE = """
    CASE WHEN EXISTS (SELECT 1 FROM completion WHERE completion.person_id = person.id
            AND completion.course = cohort.course AND completion.kind = 'completion') THEN 'completed'
        WHEN EXISTS (SELECT 1 FROM last_act WHERE last_act.person_id = person.id AND last_act.course = cohort.course)
        THEN 'started' ELSE 'registered' END
"""
INVITED = """
    SELECT 'invitation' AS sort, invitation.id AS id, name, name_latin, email, search, 'invited' AS state,
        invitation.at AS at, mailed_at, reminders,
        EXISTS (SELECT 1 FROM no_mail WHERE no_mail.hash = invitation.email_hash) AS stopped
    FROM invitation WHERE cohort_id = :cohort_id AND person_id IS NULL
"""
MEMBERS = f"""
    SELECT 'person' AS sort, person.id AS id, person.name, person.name_latin, NULL AS email, person.search,
        {STATE} AS state, membership.at AS at, nullif(membership.at, membership.at) AS mailed_at, 0 AS reminders,
        1 = 0 AS stopped
    FROM membership JOIN person ON person.id = membership.person_id JOIN cohort ON cohort.id = membership.cohort_id
    WHERE cohort_id = :cohort_id AND {SEEN}
"""
COLUMNS = "sort, id, name, name_latin, email, search, state, at, mailed_at, reminders, stopped"
NEXT = "search >= :search AND (search > :search OR id > :id) ORDER BY search, id LIMIT :limit"
# The first of each sort are found by an index, however many are invited.
LISTED = query(
    f"""
    SELECT {COLUMNS} FROM (
        SELECT {COLUMNS} FROM ({INVITED} AND :state IN ('', 'invited') AND {NEXT}) AS next_invited
        UNION ALL
        SELECT {COLUMNS} FROM (
            SELECT {COLUMNS} FROM ({MEMBERS}) AS members WHERE (:state = '' OR state = :state) AND {NEXT}
        ) AS next_members
    ) AS people ORDER BY search, id LIMIT :limit
    """
)
COUNTED = query(
    f"""
    SELECT state, count(*) AS n FROM ({MEMBERS}) AS members GROUP BY state
    UNION ALL
    SELECT 'invited' AS state, count(*) AS n FROM invitation WHERE cohort_id = :cohort_id AND person_id IS NULL
    """
)
HIDDEN = query(
    f"""
    SELECT count(*) AS n FROM invitation JOIN person ON person.id = invitation.person_id
    LEFT JOIN membership ON membership.cohort_id = invitation.cohort_id AND membership.person_id = person.id
    WHERE invitation.cohort_id = :cohort_id AND NOT (membership.person_id IS NOT NULL AND {SEEN})
    """
)
OF_PERSON = query(
    """
    SELECT cohort.id, cohort.name, cohort.course, cohort.country, membership.at, membership.invitation_id
    FROM membership JOIN cohort ON cohort.id = membership.cohort_id
    WHERE membership.person_id = :person_id ORDER BY membership.at
    """
)
INVITED_UNKNOWN = query(
    """
    SELECT person_id, at FROM membership WHERE cohort_id = :cohort_id AND invitation_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM identity_check WHERE identity_check.person_id = membership.person_id
        AND identity_check.course = :course)
    """
)
REVOKE = query("UPDATE enrolment_key SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL RETURNING cohort_id")


class Refused(Exception):
    """A code that lets nobody in: unknown, expired, full, revoked, closed or used."""


def make(session: Session, values: Mapping[str, Any], by: uuid.UUID | None, now: datetime) -> Cohort:
    """A new cohort; `values` are those of FIELDS."""
    cohort = Cohort(id=new_id(), by=by, at=now, closed_at=None, **{name: values[name] for name in FIELDS})
    session.add(cohort)
    session.flush()
    return cohort


def change(session: Session, cohort: Cohort, values: Mapping[str, Any], now: datetime) -> None:
    """Change what FIELDS name. An office that says from now on that it knows whom it invited has known them before."""
    for name in FIELDS:
        setattr(cohort, name, values[name])
    session.flush()
    if cohort.confirmed and cohort.office:
        for row in session.execute(INVITED_UNKNOWN, {"cohort_id": cohort.id, "course": cohort.course}).all():
            identities.confirm(session, row.person_id, cohort.course, cohort.office, row.at.date(), None, now)


def find(session: Session, id: uuid.UUID) -> Cohort | None:
    return session.execute(select(Cohort).where(Cohort.id == id)).scalar()


def find_named(session: Session, text: str) -> Cohort | None:
    """The cohort of this id or name; None where there is none, or several have the name."""
    try:
        return find(session, uuid.UUID(text))
    except ValueError:
        found = session.scalars(select(Cohort).where(Cohort.name == text)).all()
        return found[0] if len(found) == 1 else None


class Listed(NamedTuple):
    """A cohort with the number of its members and of invitations that nobody has answered."""

    cohort: Cohort
    members: int
    waiting: int


def listed(session: Session, country: str | None) -> list[Listed]:
    """The cohorts of a country, or all of them; open ones first, the newest first."""
    wanted = select(Cohort).order_by(Cohort.closed_at.isnot(None), Cohort.at.desc())
    if country is not None:
        wanted = wanted.where(Cohort.country == country)
    counts = {row.id: (int(row.members), int(row.waiting)) for row in session.execute(COUNTS)}
    return [Listed(one, *counts[one.id]) for one in session.scalars(wanted)]


# Keys


def make_key(
    session: Session, cohort_id: uuid.UUID, by: uuid.UUID | None, now: datetime, ends: datetime | None, most: int | None
) -> EnrolmentKey:
    """A key like `7K4M-2Q9X` that lets people into a cohort until `ends`, `most` of them."""
    code = "".join(secrets.choice(codes.SYMBOLS) for _ in range(KEY_LENGTH))
    key = EnrolmentKey(
        id=new_id(), cohort_id=cohort_id, code=code, by=by, at=now, expires_at=ends, most=most, uses=0, revoked_at=None
    )
    session.add(key)
    session.flush()
    return key


def keys_of(session: Session, cohort_id: uuid.UUID) -> list[EnrolmentKey]:
    wanted = select(EnrolmentKey).where(EnrolmentKey.cohort_id == cohort_id)
    return list(session.scalars(wanted.order_by(EnrolmentKey.at.desc())))


def revoke_key(session: Session, id: uuid.UUID, now: datetime) -> bool:
    """Let nobody in by this key any more; who came in stays. Says whether that was new."""
    return session.execute(REVOKE, {"id": id, "now": now}).first() is not None


def readable(code: str) -> str:
    """A code in groups of four, as it is shown and printed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def find_key(session: Session, code: str) -> EnrolmentKey | None:
    return session.execute(select(EnrolmentKey).where(EnrolmentKey.code == codes.plain(code))).scalar()


def why_not(key: EnrolmentKey, cohort: Cohort, now: datetime) -> str:
    """Why this key lets nobody in now; "" where it does."""
    if key.revoked_at is not None:
        return "revoked"
    if cohort.closed_at is not None:
        return "closed"
    if key.expires_at is not None and key.expires_at <= now:
        return "expired"
    return "full" if key.most is not None and key.uses >= key.most else ""


def join(session: Session, library: Library, key: EnrolmentKey, person_id: uuid.UUID, now: datetime) -> Cohort:
    """Let a person in by a key and enrol her in the course; raises Refused. A second time changes nothing."""
    cohort = find(session, key.cohort_id)
    if cohort is None or (reason := why_not(key, cohort, now)):
        raise Refused(reason if cohort else "unknown")
    if (
        enter(session, library, cohort, person_id, None, now)
        and not session.execute(USE, {"id": key.id, "now": now}).first()
    ):
        raise Refused("full")
    return cohort


# Members


def enter(
    session: Session,
    library: Library,
    cohort: Cohort,
    person_id: uuid.UUID,
    invitation: uuid.UUID | None,
    now: datetime,
) -> bool:
    """Make a person a member and enrol her in the course; says whether she was none before."""
    if cohort.course in library.courses:
        reading.enrol(session, library, person_id, cohort.course, now, cohort.id)
    row = {"cohort_id": cohort.id, "person_id": person_id, "invitation_id": invitation, "at": now}
    return session.execute(JOIN, row).first() is not None


def leave(session: Session, cohort_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """Take a person out of a cohort; what she learnt stays hers. Says whether she was a member."""
    return session.execute(LEAVE, {"cohort_id": cohort_id, "person_id": person_id}).first() is not None


def of_person(session: Session, person_id: uuid.UUID) -> list[Any]:
    """The cohorts of a person: id, name, course, country, at, invitation_id."""
    return list(session.execute(OF_PERSON, {"person_id": person_id}))


def people_of(
    session: Session, cohort_id: uuid.UUID, country: str | None, state: str = "", after: str = "", limit: int = 50
) -> tuple[list[Any], str]:
    """Members and people who have not answered, by name, and where the next page begins ("" on the last).

    A member's mail address is not among it. `country` bounds who is seen; None: everybody.
    """
    search, _, id = after.rpartition("|")
    start = uuid.UUID(id) if id else uuid.UUID(int=0)
    values = {"cohort_id": cohort_id, "country": country, "state": state, "search": search, "id": start}
    found = list(session.execute(LISTED, values | {"limit": limit + 1}))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], f"{last.search}|{last.id}" if last else ""


def counted(session: Session, cohort_id: uuid.UUID, country: str | None) -> dict[str, int]:
    """How many of a cohort stand where, of those who may be seen; `hidden`: who answered and is not shown."""
    values = {"cohort_id": cohort_id, "country": country}
    counts = {row.state: int(row.n) for row in session.execute(COUNTED, values)}
    hidden = int(session.execute(HIDDEN, values).scalar_one())
    return {state: counts.get(state, 0) for state in STATES} | {"hidden": hidden}
