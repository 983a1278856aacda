"""Tables behind cohorts: lists of organisations, cohorts, keys, invitations, imports, focal points. Working state."""

import uuid
from datetime import date, datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.records.models import Base, person_key


class ListedOrganisation(Base):
    """An organisation that learners of its country choose from; `names`: JSON, language tag -> name."""

    __tablename__ = "listed_organisation"
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    kind: Mapped[str]  # ministry, agency, local-government, other
    names: Mapped[str]
    at: Mapped[datetime]


class OrganisationMerge(Base):
    """A way of writing that stands for a listed organisation: a name in another language, or what somebody wrote."""

    __tablename__ = "organisation_merge"
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    into_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    at: Mapped[datetime]


class Cohort(Base):
    """People who take a course together. `wished_for` never locks anything.

    `office`: who invites; `confirmed`: that office says that it knows the persons whom it invited.
    """

    __tablename__ = "cohort"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    course: Mapped[str]
    country: Mapped[str | None] = mapped_column(index=True)
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    wished_for: Mapped[date | None]
    office: Mapped[str] = mapped_column(default="")
    confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class EnrolmentKey(Base):
    """A code that several people enter to join a cohort, until it expires, is used up or is revoked."""

    __tablename__ = "enrolment_key"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    most: Mapped[int | None] = mapped_column(Integer)
    uses: Mapped[int] = mapped_column(Integer, default=0)
    revoked_at: Mapped[datetime | None]


class Invitation(Base):
    """One invited person. `row_key` tells her from others of the cohort, `code_hash` finds her one-time code.

    `about`: JSON, what the inviter knows of her profile. Who has answered stands in `person_id`.
    """

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("cohort_id", "row_key"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"))
    row_key: Mapped[str] = mapped_column(String(64))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    name_latin: Mapped[str]
    email: Mapped[str | None]
    email_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    language: Mapped[str]
    about: Mapped[str]
    search: Mapped[str]
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(Integer, default=0)
    reminded_at: Mapped[datetime | None]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    answered_at: Mapped[datetime | None]


Index("ix_invitation_listed", Invitation.cohort_id, Invitation.search, Invitation.id)
Index("ix_invitation_open", Invitation.cohort_id, Invitation.person_id)


class NoMail(Base):
    """An address, kept as a keyed hash, whose owner wants no mail from cohorts."""

    __tablename__ = "no_mail"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class Membership(Base):
    """That a person belongs to a cohort, by a key or by an invitation; she may leave."""

    __tablename__ = "membership"
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    invitation_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class Wish(Base):
    """What a person allows: to be reminded by mail, monthly at most, and to be seen by her country's focal point."""

    __tablename__ = "wish"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    remind: Mapped[bool] = mapped_column(Boolean, default=False)
    seen: Mapped[bool] = mapped_column(Boolean, default=False)
    reminded_at: Mapped[datetime | None]
    at: Mapped[datetime]


class SharedNote(Base):
    """A note that its writer shows to her country's focal point."""

    __tablename__ = "shared_note"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    activity: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class FocalPost(Base):
    """Who looks after the learners of a country, from when to when."""

    __tablename__ = "focal_post"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    country: Mapped[str] = mapped_column(index=True)
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ImportRun(Base):
    """A file of people that was read and waits to be confirmed. `state`: reading, read, done or broken."""

    __tablename__ = "import_run"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    file: Mapped[str]
    state: Mapped[str]
    total: Mapped[int] = mapped_column(Integer)
    looked: Mapped[int] = mapped_column(Integer)
    counts: Mapped[str]  # JSON, fate -> rows
    messages: Mapped[str]  # JSON, what was guessed or left out
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    moved_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class ImportRow(Base):
    """A row of a file and its fate: new, existing, duplicate, conflict or refused. Gone once the import is done."""

    __tablename__ = "import_row"
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    fate: Mapped[str]
    reason: Mapped[str]
    detail: Mapped[str]
    row_key: Mapped[str] = mapped_column(String(64))
    invitation_id: Mapped[uuid.UUID]
    code_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]
    name_latin: Mapped[str]
    email: Mapped[str | None]
    email_hash: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str]
    about: Mapped[str]
    search: Mapped[str]


Index("ix_import_row_key", ImportRow.run_id, ImportRow.row_key)
