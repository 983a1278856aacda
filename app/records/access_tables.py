"""Tables of what administrators do for one learner, of accounts of one person, and of tokens of other systems."""

import uuid
from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.models import Base, Cell, Person, person_key


class ApiToken(Base):
    """What lets another system read. It acts for whoever made it and ends with that account; `hash` is its SHA-256.

    `scopes`: names with spaces between; `country` None: all; `noted`: the last day, YYYY-MM-DD, on which the audit log
    says that it took records of persons.
    """

    __tablename__ = "api_token"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    scopes: Mapped[str]
    country: Mapped[str | None]
    person_id: Mapped[uuid.UUID] = person_key(index=True)
    at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    noted: Mapped[str] = mapped_column(default="")


class Intervention(Base):
    """A fact: an administrator or focal point changed something of a learner, with the reason and what was before.

    `deed`: name, link, unlink; `other_id`: the account that was linked.
    """

    __tablename__ = "intervention"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = person_key(index=True)
    deed: Mapped[str]
    other_id: Mapped[uuid.UUID | None]
    before: Mapped[str]
    reason: Mapped[str]
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class DoubleCount(Cell, Base):
    """What is taken off the tallies because one person has several accounts; derived by `app.records.doubles`."""

    __tablename__ = "double_count"


Index("ix_intervention_other_id", Intervention.other_id)
# The administrators' list of people: search and filters read this index alone, so that the rarest choice is found by
# one scan of it.
Index(
    "ix_person_listed",
    *(Person.search, Person.id, Person.country, Person.sex),
    *(Person.ministry_type, Person.age_band, Person.language, Person.organisation_id),
)
