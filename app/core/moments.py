"""Moments as texts, many at once: days, minutes and offsets that were written are kept, since writing takes longest."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = EPOCH.toordinal()
AT_MOST = 4_000  # days that are kept: ten years
DAY, MINUTE = 86_400, 60  # seconds
MINUTES = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(DAY // MINUTE)]
SECONDS = [f":{second:02}" for second in range(MINUTE)]


class Days(dict[int, str]):
    """Days since 1970 -> the date."""

    def __missing__(self, days: int) -> str:
        if len(self) >= AT_MOST:
            self.clear()
        return self.setdefault(days, date.fromordinal(FIRST + days).isoformat())


class Offsets(dict[int, tuple[int, str] | None]):
    """Days since 1970 -> how many seconds a zone is ahead throughout the day of UTC, and how that is written; None for
    a day on which that changes."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone

    def __missing__(self, days: int) -> tuple[int, str] | None:
        if len(self) >= AT_MOST:
            self.clear()
        ends = [(EPOCH + timedelta(days, second)).astimezone(self.zone) for second in (0, DAY - 1)]
        first, last = (one.utcoffset() or timedelta() for one in ends)
        found = (int(first.total_seconds()), ends[0].isoformat(timespec="seconds")[19:]) if first == last else None
        return self.setdefault(days, found)


DAYS = Days()


def in_utc(moment: datetime) -> str:
    """An aware moment to the microsecond, without its zone: 2026-11-22 09:00:00.000000."""
    since = moment - EPOCH
    minute, second = divmod(since.seconds, MINUTE)
    return f"{DAYS[since.days]} {MINUTES[minute]}{SECONDS[second]}.{since.microseconds:06}"


def numbered(zone: ZoneInfo) -> Callable[[datetime], tuple[int, int]]:
    """What tells, of aware moments, the days since 1970 in a zone and the whole seconds of that day there."""
    offsets = Offsets(zone)

    def told(moment: datetime) -> tuple[int, int]:
        since = moment - EPOCH
        offset = offsets[since.days]
        if offset is None:
            since = moment.astimezone(zone).replace(tzinfo=UTC) - EPOCH
        day, second = divmod(since.seconds + (offset[0] if offset else 0), DAY)
        return since.days + day, second

    return told


def in_zone(zone: ZoneInfo) -> Callable[[datetime], str]:
    """What writes aware moments as ISO 8601 to the second in a zone, as `isoformat` does: 2026-11-22T16:00:00+07:00."""
    offsets = Offsets(zone)

    def written(moment: datetime) -> str:
        since = moment - EPOCH
        offset = offsets[since.days]
        if offset is None:
            return moment.astimezone(zone).isoformat(timespec="seconds")
        minute, second = divmod(since.seconds + offset[0], MINUTE)
        day, minute = divmod(minute, len(MINUTES))
        return f"{DAYS[since.days + day]}T{MINUTES[minute]}{SECONDS[second]}{offset[1]}"

    return written
