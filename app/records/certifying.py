"""The tables beside certificates: why a further edition was issued, who confirmed an identity (both facts), and the
corrections of names that wait for an administrator."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.records.models import Base, person_key


class Reissue(Base):
    """Why a certificate has a further edition: `kind` is name or renewal; `act` what made it due, `reason` an
    administrator's words, `first_id` the administrator who agreed before `by` where two were needed."""

    __tablename__ = "reissue"
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    kind: Mapped[str]
    act: Mapped[str]
    reason: Mapped[str]
    by: Mapped[uuid.UUID | None]
    first_id: Mapped[uuid.UUID | None]
    release: Mapped[str | None]
    at: Mapped[datetime]


class IdentityCheck(Base):
    """That an office confirmed who a learner of a course is; the newest counts, an empty `office` takes it back."""

    __tablename__ = "identity_check"
    __table_args__ = (UniqueConstraint("person_id", "course", "number"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = person_key()
    course: Mapped[str]
    number: Mapped[int]
    office: Mapped[str]
    day: Mapped[str]  # YYYY-MM-DD, as the office gave it
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class NameCorrection(Base):
    """The names that the holder of certificates asks for, one request a person; gone when it is decided."""

    __tablename__ = "name_correction"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True)
    name: Mapped[str]
    name_latin: Mapped[str]
    note: Mapped[str]
    asked_at: Mapped[datetime]
    first_id: Mapped[uuid.UUID | None]
    first_at: Mapped[datetime | None]
    reason: Mapped[str]
