"""Who may do what: roles, and accounts that are closed for a while."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from app.records import locks, sign_ins
from app.records.sql import query

ADMINISTRATOR = "administrator"
FOCAL = "focal"  # with a country, by `app.records.focal_posts`
ROLES = ("learner", FOCAL, "author", ADMINISTRATOR)
ANY_ADMINISTRATOR = query("SELECT 1 AS found FROM person WHERE role = 'administrator' LIMIT 1")


def set_role(session: Session, person_id: uuid.UUID, role: str) -> None:
    """Give a role; a change ends the person's sign-ins. Raises LastAdministrator, ValueError for an unknown role."""
    if role not in ROLES:
        raise ValueError(f"there is no role {role!r}; the roles are {', '.join(ROLES)}")
    if role != ADMINISTRATOR:
        locks.administrators(session, leaving=person_id)
    person = locks.person(session, person_id)
    if person.role != role:
        person.role = role
        sign_ins.end_all(session, person_id)
    session.flush()


def disable(session: Session, person_id: uuid.UUID, now: datetime) -> None:
    """Close an account and end its sign-ins at once. Raises LastAdministrator."""
    locks.administrators(session, leaving=person_id)
    person = locks.person(session, person_id)
    person.disabled_at = person.disabled_at or now
    sign_ins.end_all(session, person_id)
    session.flush()


def enable(session: Session, person_id: uuid.UUID) -> None:
    """Open a closed account again."""
    locks.person(session, person_id).disabled_at = None
    session.flush()


def has_administrator(session: Session) -> bool:
    """Whether this site has an administrator yet."""
    return session.execute(ANY_ADMINISTRATOR).first() is not None
