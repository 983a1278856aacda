"""Periods in words, such as "this quarter", and the moments at which the months of a period begin and end."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.core.filters import Period, quarter_of

MONTHS = 12
RELATIVE = ("this-month", "last-month", "this-quarter", "last-quarter", "this-year", "last-year")


def absolute(period: str, today: date) -> str:
    """The period that a word of RELATIVE means today, as an address writes it; any other comes back as it is."""
    if period not in RELATIVE:
        return period
    which, _, unit = period.partition("-")
    back = {"month": 1, "quarter": 3, "year": MONTHS}[unit] if which == "last" else 0
    month = _months_later(f"{today:%Y-%m}", -back)
    return {"month": month, "quarter": quarter_of(month), "year": month[:4]}[unit]


def bounds(months: Period, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The moment at which the first month begins in this time zone, and the one at which the last is over; None for an
    open end."""
    first = _begin(months.first, zone) if months.first else None
    return first, _begin(_months_later(months.last, 1), zone) if months.last else None


def _begin(month: str, zone: ZoneInfo) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone)


def _months_later(month: str, n: int) -> str:
    year, place = divmod(int(month[:4]) * MONTHS + int(month[5:]) - 1 + n, MONTHS)
    return f"{year:04}-{place + 1:02}"
