"""Most tables; those of signing keys, publishing, cohorts, limits and of what stands beside certificates have files of
their own. `FACTS` are append-only, guarded by `app.records.triggers`; the rest is working state.
"""

import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

FACTS = (
    *("version", "enrolment", "reading", "attempt", "grade", "completion"),
    *("certificate", "revocation", "response", "act", "erasure", "issuer_key", "status_place"),
    *("source", "release"),
    *("reissue", "identity_check"),
    *("checked", "allowance", "regrade", "intervention", "frozen"),
)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; naive datetimes are refused, so that no local time slips in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant, uuid.UUID: Uuid, str: Text}


def person_key(**options: Any) -> Mapped[uuid.UUID]:
    return mapped_column(ForeignKey("person.id"), **options)


# Facts


class Version(Base):
    """Canonical JSON of an item, quiz or section as learners saw it; the key is its hash."""

    __tablename__ = "version"
    hash: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str]  # item, quiz, section
    content: Mapped[str]
    at: Mapped[datetime]


class Enrolment(Base):
    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("person_id", "course"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = person_key()
    course: Mapped[str]
    at: Mapped[datetime]
    cohort: Mapped[uuid.UUID | None]


class Reading(Base):
    """The first finish of a section."""

    __tablename__ = "reading"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    module: Mapped[str] = mapped_column(primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    course: Mapped[str]  # so that facts can be recounted without a library
    version: Mapped[str] = mapped_column(ForeignKey("version.hash"))
    at: Mapped[datetime]


class Attempt(Base):
    """One try at a quiz. `paper` is what was asked; from `handed_in_at` on, columns are written once, at hand-in."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("person_id", "quiz", "number"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = person_key()
    course: Mapped[str]
    quiz: Mapped[str]
    number: Mapped[int]
    version: Mapped[str] = mapped_column(ForeignKey("version.hash"))
    paper: Mapped[str]
    seed: Mapped[str]
    opened_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]
    answers: Mapped[str | None]
    sex: Mapped[str | None]
    country: Mapped[str | None]
    language: Mapped[str | None]


class Grade(Base):
    """A judgement of an attempt; the highest number counts. `points` is a fraction, `score` hundredths of a percent."""

    __tablename__ = "grade"
    __table_args__ = (UniqueConstraint("attempt_id", "number"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempt.id"))
    number: Mapped[int]
    points: Mapped[str]
    possible: Mapped[int]
    score: Mapped[int]
    passed: Mapped[bool]
    detail: Mapped[str]
    reason: Mapped[str]
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class Completion(Base):
    """That a rule came true for a person, with the evidence and the profile as they were. Never taken away."""

    __tablename__ = "completion"
    __table_args__ = (UniqueConstraint("person_id", "course", "kind"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = person_key()
    course: Mapped[str]
    kind: Mapped[str]  # completion, participation
    course_version: Mapped[str]
    release: Mapped[str]
    rule: Mapped[str]
    evidence: Mapped[str]
    at: Mapped[datetime]
    country: Mapped[str | None]
    sex: Mapped[str | None]
    ministry_type: Mapped[str | None]
    organisation_id: Mapped[uuid.UUID | None]
    age_band: Mapped[str | None]
    language: Mapped[str]


class Certificate(Base):
    """The public record as issued. No foreign key to the completion: the public fact may outlive the person's data."""

    __tablename__ = "certificate"
    __table_args__ = (UniqueConstraint("completion_id", "edition"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    completion_id: Mapped[uuid.UUID]
    edition: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    record: Mapped[str]
    at: Mapped[datetime]


class Revocation(Base):
    __tablename__ = "revocation"
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    at: Mapped[datetime]
    reason: Mapped[str]
    by: Mapped[uuid.UUID | None]
    successor: Mapped[str | None]


class Response(Base):
    """What a person answered to a survey, once an occasion: item id -> value, by the version of the survey she saw."""

    __tablename__ = "response"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    course: Mapped[str] = mapped_column(primary_key=True)
    occasion: Mapped[str] = mapped_column(primary_key=True)  # before, after, end, follow_up
    survey: Mapped[str]
    version: Mapped[str] = mapped_column(ForeignKey("version.hash"))
    answers: Mapped[str]
    sex: Mapped[str | None]
    country: Mapped[str | None]
    language: Mapped[str]
    at: Mapped[datetime]


class Act(Base):
    """The audit log: who did what to what. `before` is the hash of the row before; ids only, never names."""

    __tablename__ = "act"
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    deed: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    before: Mapped[str]
    hash: Mapped[str]


class Erasure(Base):
    """Who was erased: the triggers let the rows of these persons go. No foreign key: the person's row goes too."""

    __tablename__ = "erasure"
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


# Working state


class Person(Base):
    """An account. `login` is unique after NFKC and case folding (`login_key`); people may share an e-mail address."""

    __tablename__ = "person"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    login: Mapped[str]
    login_key: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    name: Mapped[str]
    name_latin: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None]
    country: Mapped[str | None]
    sex: Mapped[str | None]
    ministry_type: Mapped[str | None]
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    age_band: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    role: Mapped[str] = mapped_column(default="learner")  # learner, focal, author, administrator
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    disabled_at: Mapped[datetime | None]
    same_as: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    joined_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(default="")  # names, login and e-mail, folded for the administrators' search


class Organisation(Base):
    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("country", "name_key"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    country: Mapped[str]  # "" where the person named none
    name: Mapped[str]
    name_key: Mapped[str]
    at: Mapped[datetime]


class SignIn(Base):
    """A session: one row per sign-in. `token_hash` is the SHA-256 of the cookie; `kind` is own, shared or staff."""

    __tablename__ = "session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    started_at: Mapped[datetime]
    used_at: Mapped[datetime]


class SavedAnswer(Base):
    """An answer of an open attempt. `issued` is the server's time, in microseconds, when the form was made."""

    __tablename__ = "answer"
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    question: Mapped[int] = mapped_column(Integer, primary_key=True)  # counts from 1
    value: Mapped[str]
    language: Mapped[str]
    seconds: Mapped[int]
    issued: Mapped[int] = mapped_column(BigInteger)
    saved_at: Mapped[datetime]


class Note(Base):
    """A private note of a learner under an activity; nobody else sees it."""

    __tablename__ = "note"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    activity: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    issued: Mapped[int] = mapped_column(BigInteger)
    saved_at: Mapped[datetime]


class SurveyChoice(Base):
    """What a person wants of a survey: not to be offered it again, or to be asked from `ask_at` on, by one mail."""

    __tablename__ = "survey_choice"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    course: Mapped[str] = mapped_column(primary_key=True)
    occasion: Mapped[str] = mapped_column(primary_key=True)  # those of responses, and entry
    dismissed_at: Mapped[datetime | None]
    ask_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class Code(Base):
    """The hash of a code: for recovery, once from an administrator, or in a mailed link (recovery, once, mail)."""

    __tablename__ = "code"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class Throttle(Base):
    """Failures of one key (account, device or network, hashed) within one hour."""

    __tablename__ = "throttle"
    key: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    count: Mapped[int]


class Outbox(Base):
    """Mail to be sent; once sent, recipient and text are emptied."""

    __tablename__ = "outbox"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


class Tombstone(Base):
    """The number of a certificate whose holder asked for it to be forgotten."""

    __tablename__ = "tombstone"
    number: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


# Derived: rebuilding these from the facts is always allowed


class Standing(Base):
    """What a hot page needs of one learner in one course, packed as JSON by `app.records.standing`."""

    __tablename__ = "standing"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    course: Mapped[str] = mapped_column(primary_key=True)
    packed: Mapped[str]


class Cell:
    """The columns of a table of counts by month and profile."""

    course: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)
    ministry_type: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True)
    age_band: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class Tally(Cell, Base):
    """Counts of a measure (enrolled, started, participation, completion, certificate) by month and profile."""

    __tablename__ = "tally"


class KeptCount(Cell, Base):
    """The tallies of erased persons, so that a recount from the facts agrees with what was counted."""

    __tablename__ = "kept_count"


Index("ix_completion_at", Completion.course, Completion.kind, Completion.at)
Index("ix_response_at", Response.course, Response.occasion, Response.at)
Index("ix_person_country", Person.country, Person.search, Person.id)
Index("ix_act_subject", Act.subject)
Index("ix_enrolment_joined", Enrolment.course, Enrolment.at, Enrolment.person_id)
