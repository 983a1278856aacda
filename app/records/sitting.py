"""The tables around attempts: `checked`, `allowance` and `regrade` are facts, `timer` and `uptime` working state."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.records.models import Attempt, Base, person_key


class Checked(Base):
    """An answer as it was when its learner was shown what it is worth: from then on it stays."""

    __tablename__ = "checked"
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    question: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # counts from 1
    value: Mapped[str]
    language: Mapped[str]
    seconds: Mapped[int]
    at: Mapped[datetime]


class Allowance(Base):
    """What an administrator allowed one learner: of several for one quiz the newest holds. `quiz` "": the course."""

    __tablename__ = "allowance"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = person_key()
    course: Mapped[str]
    quiz: Mapped[str]
    tries: Mapped[int]  # further ones
    extra: Mapped[int]  # per cent more time
    reason: Mapped[str]
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class Regrade(Base):
    """A regrade that met open attempts: by its `rules` each of them is judged once more at hand-in, so that nobody has
    to run it again. `reason` is that of the new grades."""

    __tablename__ = "regrade"
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    quiz: Mapped[str] = mapped_column(index=True)
    rules: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class Timer(Base):
    """An open attempt whose clock runs."""

    __tablename__ = "timer"
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    at: Mapped[datetime]


class Uptime(Base):
    """From when to when a process of the site was there to answer; it writes so itself, every few seconds."""

    __tablename__ = "uptime"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


Index("ix_allowance_person_id", Allowance.person_id)
Index("ix_uptime_seen_at", Uptime.seen_at)
OPEN = Attempt.handed_in_at.is_(None)
# On PostgreSQL the migration says the same; to say it here would load that dialect at every start.
Index("ix_attempt_open", Attempt.quiz, sqlite_where=OPEN)
