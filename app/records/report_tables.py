"""Tables behind the administrators' overview: sums of counts of people and of steps, last acts, denominators, and the
reports that were frozen.

All but `denominator` and `frozen` is derived, so that rebuilding it is always allowed.
"""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, PrimaryKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.records.counting import COMPACT
from app.records.models import Base, Completion, Tally, person_key

Index("ix_tally_organisation", Tally.course, Tally.organisation)
Index("ix_completion_country", Completion.country)
Index("ix_completion_organisation_id", Completion.organisation_id)


class GroupTally(Base):
    """The counts of `tally` whatever the organisation, by month and in all months together (month "")."""

    __tablename__ = "group_tally"
    __table_args__ = COMPACT
    course: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)
    ministry_type: Mapped[str] = mapped_column(primary_key=True)
    age_band: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class ProfileTally(Base):
    """The counts of `tally` whatever the country, by whether an organisation is `named` ("yes" or ""), by month and in
    all ("") together."""

    __tablename__ = "profile_tally"
    __table_args__ = COMPACT
    course: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)
    ministry_type: Mapped[str] = mapped_column(primary_key=True)
    age_band: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    named: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class CountryTally(Base):
    """The counts of `tally` by country, sex and whether an organisation is `named`, by month and in all ("")."""

    __tablename__ = "country_tally"
    __table_args__ = COMPACT
    course: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)
    named: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class OrganisationTally(Base):
    """The counts of `tally` of those who name an organisation, by it and by sex, by month and in all ("") together."""

    __tablename__ = "organisation_tally"
    __table_args__ = COMPACT
    course: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class StepCell:
    """How many people took a step. `measure` and `step`: section and "module/section" (read it); tried, first and
    passed and a quiz (handed in, passed at the first try, passed); days and their number, from enrolment to
    completion; gain and hundredths of a per cent, from the entry check to the final."""

    course: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


def _counted_by(*key: str) -> tuple[PrimaryKeyConstraint, dict[str, bool]]:
    """The measure comes last in the key, so that what one try at a quiz counts for lies together."""
    return PrimaryKeyConstraint("course", *key, "measure"), COMPACT


class StepTally(StepCell, Base):
    """By country and sex: sections and quizzes by the profile of today, days and gain by that at completion."""

    __tablename__ = "step_tally"
    __table_args__ = _counted_by("step", "country", "sex")
    country: Mapped[str] = mapped_column(primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)


class StatedStep(StepCell):
    """The same by what else people state, and whether an organisation is `named`."""

    sex: Mapped[str] = mapped_column(primary_key=True)
    ministry_type: Mapped[str] = mapped_column(primary_key=True)
    age_band: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    named: Mapped[str] = mapped_column(primary_key=True)


class StepProfile(StatedStep, Base):
    """Whatever the country."""

    __tablename__ = "step_profile"
    __table_args__ = _counted_by("step", "sex", "ministry_type", "age_band", "language", "named")


class StepGroup(StatedStep, Base):
    """By the country, too. The key begins with it, so that steps of a few countries are summed in its order."""

    __tablename__ = "step_group"
    __table_args__ = _counted_by("country", "step", "sex", "ministry_type", "age_band", "language", "named")
    country: Mapped[str] = mapped_column(primary_key=True)


class KeptStep(StepCell, Base):
    """The sections, days and gains of erased persons, so that a recount agrees with what was counted."""

    __tablename__ = "kept_step"
    __table_args__ = COMPACT
    country: Mapped[str] = mapped_column(primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)
    ministry_type: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True)
    age_band: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)


class LastAct(Base):
    """When a learner last read a section or opened a quiz of a course, with her profile of today ("": not stated)."""

    __tablename__ = "last_act"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    course: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    country: Mapped[str]
    sex: Mapped[str]
    ministry_type: Mapped[str]
    organisation: Mapped[str]
    age_band: Mapped[str]
    language: Mapped[str]


Index(
    "ix_last_act_at",
    *(LastAct.course, LastAct.at, LastAct.country, LastAct.sex),
    *(LastAct.ministry_type, LastAct.organisation, LastAct.age_band, LastAct.language),
)


class CourseQuiz(Base):
    """Which quizzes are a course's entry check and final ("": none), so that a recount needs no course files."""

    __tablename__ = "course_quiz"
    course: Mapped[str] = mapped_column(primary_key=True)
    entry: Mapped[str]
    final: Mapped[str]


class Denominator(Base):
    """How many officials are to be trained: of a country, or of one organisation in it; `sex` "" means all of them.

    `source` and `day` say where the number is from, and of when it is. Working state.
    """

    __tablename__ = "denominator"
    __table_args__ = (UniqueConstraint("course", "country", "organisation", "sex"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    course: Mapped[str]
    country: Mapped[str]
    organisation: Mapped[str]  # its id as 32 hex digits, "" for the whole country
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    sex: Mapped[str]
    n: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]
    day: Mapped[str] = mapped_column(String(10))
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class Frozen(Base):
    """A document (JSON) and its sheet (CSV); a later edition corrects an earlier one and says why."""

    __tablename__ = "frozen"
    course: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # report, statistics
    period: Mapped[str] = mapped_column(primary_key=True)  # 2026-11 or 2026-Q4
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    reason: Mapped[str]
    document: Mapped[str]
    sheet: Mapped[str]
    document_sha256: Mapped[str] = mapped_column(String(64))
    sheet_sha256: Mapped[str] = mapped_column(String(64))
