"""Focal points: who looks after the learners of one country, from when to when. A post that ended stays as history."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.records import locks, roles
from app.records.cohort_tables import FocalPost
from app.records.keys import new_id
from app.records.sql import query

LEARNER = "learner"
HELD = query(
    "SELECT focal_post.country FROM focal_post JOIN person ON person.id = focal_post.person_id"
    " WHERE person_id = :person_id AND ended_at IS NULL AND role = 'focal'"
)
ALL = query(
    """
    SELECT focal_post.id, focal_post.country, focal_post.at, focal_post.ended_at, focal_post.person_id, person.name,
        person.login
    FROM focal_post JOIN person ON person.id = focal_post.person_id ORDER BY focal_post.at DESC
    """
)
OF_COUNTRY = query(
    """
    SELECT person.id, person.name, focal_post.at FROM focal_post JOIN person ON person.id = focal_post.person_id
    WHERE focal_post.country = :country AND focal_post.ended_at IS NULL AND person.disabled_at IS NULL
    AND person.role = 'focal' ORDER BY focal_post.at
    """
)


class Unfit(Exception):
    """This person can't take a post: she has another role, a post already, or a closed account."""


def country_of(session: Session, person_id: uuid.UUID) -> str | None:
    """The country that this person looks after now; None for anybody without a post."""
    found: str | None = session.execute(HELD, {"person_id": person_id}).scalar()
    return found


def begin(session: Session, person_id: uuid.UUID, country: str, by: uuid.UUID | None, now: datetime) -> FocalPost:
    """Give a learner the post of a country; she signs in anew. Raises Unfit, NoResultFound."""
    person = locks.person(session, person_id)
    open_post = select(FocalPost.id).where(FocalPost.person_id == person_id, FocalPost.ended_at.is_(None))
    if person.role != LEARNER or person.disabled_at or session.execute(open_post).first():
        raise Unfit(str(person_id))
    post = FocalPost(id=new_id(), person_id=person_id, country=country, by=by, at=now, ended_at=None)
    session.add(post)
    roles.set_role(session, person_id, roles.FOCAL)
    return post


def end(session: Session, post_id: uuid.UUID, now: datetime) -> FocalPost:
    """End a post; its holder is a learner again, signed out at once. Raises LookupError where it is not open."""
    open_post = select(FocalPost).where(FocalPost.id == post_id, FocalPost.ended_at.is_(None)).with_for_update()
    post = session.execute(open_post).scalar()
    if post is None:
        raise LookupError("there is no such post, or it has ended")
    post.ended_at = now
    if locks.person(session, post.person_id).role == roles.FOCAL:
        roles.set_role(session, post.person_id, LEARNER)
    session.flush()
    return post


def hand_over(
    session: Session, post_id: uuid.UUID, successor: uuid.UUID, by: uuid.UUID | None, now: datetime
) -> FocalPost:
    """End a post and give its country to a successor, who sees the same people; the acts of each keep their names.

    Raises Unfit, LookupError, NoResultFound.
    """
    post = end(session, post_id, now)
    return begin(session, successor, post.country, by, now)


def of_country(session: Session, country: str | None) -> list[Row[Any]]:
    """The focal points of a country today (id, name, at), those in post longest first."""
    return list(session.execute(OF_COUNTRY, {"country": country})) if country else []


def all_posts(session: Session) -> list[Row[Any]]:
    """Every post, ended ones too (id, country, at, ended_at, person_id, name, login), the newest first."""
    return list(session.execute(ALL))
