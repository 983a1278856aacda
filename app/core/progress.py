"""What a learner has done, what comes next, what is missing: one pure function of facts, called by page, export and issuing."""

from datetime import datetime

from app.core.content import Struct


class Result(Struct):
    """A handed-in attempt with its newest grade; `score` is the percentage in hundredths."""

    number: int
    at: datetime
    passed: bool
    score: int


class Facts(Struct):
    """All that is remembered of one learner in one course; `records.standing` keeps it packed as JSON.

    `readings`: "module/section" -> version read first. `results`: quiz -> handed-in attempts in order.
    `open`: quiz -> id of the open attempt. `completions`: kind -> certificate number. `last`: section read last.
    """

    enrolled_at: datetime | None = None
    readings: dict[str, str] = {}
    results: dict[str, tuple[Result, ...]] = {}
    open: dict[str, str] = {}
    completions: dict[str, str] = {}
    last: str = ""
