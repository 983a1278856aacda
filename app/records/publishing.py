"""The tables behind publishing: what was published and the texts of it are facts, drafts of authors are not."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.models import Base


class Source(Base):
    """The text of a course file as it was served or published, kept so that releases can be made anew and translations
    compared with what they translate; the key is its hash, whose first 12 digits authors write behind `of:`."""

    __tablename__ = "source"
    hash: Mapped[str] = mapped_column(String(32), primary_key=True)
    path: Mapped[str]  # where it was first seen
    text: Mapped[str]
    at: Mapped[datetime]


class Release(Base):
    """That other course files are served from now on, the highest number being in force.

    `content` is the release whose files are served, 0 the content root of the settings; `before` what was served until
    then. `files` (path -> hash of its text) are those of a release that was published, empty where one is undone.
    """

    __tablename__ = "release"
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    deed: Mapped[str]  # publish, undo
    content: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[int] = mapped_column(BigInteger)
    library: Mapped[str]  # the release of the compiled course
    files: Mapped[str]
    changes: Mapped[str]  # the paths that were added, changed and removed


class Draft(Base):
    """Files that an author has dropped and that nobody else but administrators sees; `remarks` is what was said of
    them when they came in. `whole`: they are the whole course, so files that are not among them go."""

    __tablename__ = "draft"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    whole: Mapped[bool] = mapped_column(Boolean)
    remarks: Mapped[str]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class DraftFile(Base):
    """A file of a draft, byte for byte as it came, so that the check can name its encoding."""

    __tablename__ = "draft_file"
    draft_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
