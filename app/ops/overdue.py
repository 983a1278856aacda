"""Tries whose time is over, and the sign of life by which clocks stop while the site does not serve.

`Heart` beats in each process of a server. Its thread also hands in, with what was saved, the tries whose time is over,
so that nobody has to come back for the result to count; `lontar mail` does so, too. When a month is over, it freezes
the month's tables (`freezing`).
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core.content import Library
from app.core.limits import BEAT, SILENCE
from app.ops.issuing import issuer_of
from app.records import attempts, clocks, people, versions
from app.records.attempts import Graded
from app.records.engine import Unavailable, open_session
from app.records.keys import new_id
from config import Config

log = logging.getLogger("lontar")


def hand_in_late(engine: Engine, config: Config, served: Callable[[], Library | None], now: datetime) -> int:
    """Hand in every try whose time is over for good, each in a transaction of its own; returns how many.

    `served`: the course as learners get it, asked for when a clock runs.
    """
    with open_session(engine, write=False) as session:
        running = clocks.running(session)
        library = served() if running else None
        if library is None:
            return 0
        late = [one for one in running if _is_late(session, library, one, now)]
    for one in late:
        graded = attempts.grade_now(engine, library, one.person_id, one.id)
        with open_session(engine, write=True) as session:
            spoken = {answer.language for answer in graded.given.values()}
            language = spoken.pop() if len(spoken) == 1 else people.get(session, one.person_id).language
            hand_in(session, library, config, one, now, language, graded)
            session.commit()
    return len(late)


def hand_in(
    session: Session, library: Library, config: Config, attempt: Any, now: datetime, language: str, graded: Graded
) -> None:
    """Hand in one try whose time is over, as its learner would."""
    moment, issuer = now.astimezone(config.zone), issuer_of(config)
    attempts.hand_in(
        session, library, attempt.person_id, attempt.id, moment, language, issuer, graded, attempts.TIME_OVER
    )


def _is_late(session: Session, library: Library, attempt: Any, now: datetime) -> bool:
    return clocks.late(session, attempt, versions.quiz(session, library, attempt.quiz, attempt.version), now)


class Heart:
    """The sign of life of one process. `library` tells the course that is served now."""

    def __init__(self, engine: Engine, config: Config, library: Callable[[], Library]) -> None:
        self.engine, self.config, self.library = engine, config, library
        self.id, self.started_at = new_id(), datetime.now(UTC)
        self.seen_at = self.started_at
        self.stopping = threading.Event()
        self.looked = ""  # the hour in which this process last looked for tables to freeze

    def start(self) -> None:
        threading.Thread(target=self._run, name="heart", daemon=True).start()

    def _run(self) -> None:
        while not self.stopping.wait(BEAT.total_seconds()):
            try:
                self.beat(datetime.now(UTC))
            except (Unavailable, SQLAlchemyError, LookupError) as error:
                log.error("the clocks of tries were not kept: %s", type(error).__name__)
            try:
                self.freeze(datetime.now(UTC))
            except (Unavailable, SQLAlchemyError, LookupError, ValueError) as error:
                log.error("the tables of the month were not frozen: %s", type(error).__name__)

    def beat(self, now: datetime) -> None:
        """One sign of life, where any quiz has a clock; then what is over is handed in."""
        if not self._needed():
            return
        if not timedelta() <= now - self.seen_at <= SILENCE:  # asleep meanwhile, or the clock was set
            self.id, self.started_at = new_id(), now
        with open_session(self.engine, write=True) as session:
            clocks.beat(session, self.id, self.started_at, now)
            session.commit()
        self.seen_at = now
        hand_in_late(self.engine, self.config, self.library, now)

    def freeze(self, now: datetime) -> None:
        """Once an hour: freeze the tables of the months that are over."""
        from app.ops import freezing  # not needed at a start

        hour = now.strftime("%Y-%m-%dT%H")
        if hour != self.looked:
            freezing.freeze_due(self.engine, self.config, self.library(), now)
            self.looked = hour

    def _needed(self) -> bool:
        if any(quiz.minutes is not None for quiz in self.library().quizzes.values()):
            return True
        with open_session(self.engine, write=False) as session:
            return bool(clocks.running(session))
