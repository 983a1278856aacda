"""Tables of what guards a site and speaks for it: second steps of signing in, their recovery codes, announcements."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.models import Base, person_key


class SecondStep(Base):
    """The key of a person's authenticator app, sealed with the site's secret; `last_step` is the last code's time."""

    __tablename__ = "second_step"
    person_id: Mapped[uuid.UUID] = person_key(primary_key=True)
    sealed: Mapped[str]
    last_step: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class SpareCode(Base):
    """A recovery code of a second step, kept as a hash; used ones stay, so that the page can say how many are left."""

    __tablename__ = "spare_code"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[uuid.UUID] = person_key(index=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Announcement(Base):
    """What administrators say on the home page. `texts`: JSON, language -> title and text, the original first."""

    __tablename__ = "announcement"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    texts: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


Index("ix_announcement_first_day", Announcement.first_day)
