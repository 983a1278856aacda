"""The tables of counted answers; derived, so that rebuilding them is always allowed."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.models import Base

COMPACT = {"sqlite_with_rowid": False}  # rows lie in the order of their keys, so that one bank's are read together


class AnswerCell:
    """The columns of a table of answers: to which item under which key, in a first attempt (0) or a `later` one (1).

    `option` and `band` are those of `app.core.tallying`; `seconds` is the time that the `n` answers took together.
    """

    item: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(32), primary_key=True)
    later: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    option: Mapped[str] = mapped_column(primary_key=True)
    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]
    seconds: Mapped[int] = mapped_column(BigInteger)


class ItemTally(AnswerCell, Base):
    """Counts of answers by who gave them, as that was at hand-in; `region` is the country's in `country_group`."""

    __tablename__ = "item_tally"
    __table_args__ = COMPACT
    sex: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(primary_key=True)


class ItemSum(AnswerCell, Base):
    """The same counts whoever gave the answers, so that a page about a whole bank reads few rows."""

    __tablename__ = "item_sum"
    __table_args__ = COMPACT


class CountryGroup(Base):
    """The group under which a country's answers are counted: its subregion in `course/countries.yml`."""

    __tablename__ = "country_group"
    country: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str]
