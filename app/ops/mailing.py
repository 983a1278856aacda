"""Mail: who wished to be asked or reminded is written to, what waits is sent, what has had its time is forgotten.

Called by the server and by a timer.
"""

import logging
import smtplib
import ssl
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Engine, Row

from app.core.content import Library
from app.core.surveys import FOLLOW_UP
from app.records import (
    clocks,
    codes,
    doubles,
    imports,
    invitations,
    outbox,
    people,
    sign_ins,
    surveys,
    throttles,
    wishes,
)
from app.records.engine import empty_log, open_session
from config import Config

log = logging.getLogger("lontar")

PATIENCE = 5  # seconds to wait for the mail server
KEPT = timedelta(days=30)  # how long it is known that a mail went, or that it was given up
LONGEST_SESSION = timedelta(days=60)
LONGEST_CLOCK = timedelta(days=400)
LATE = timedelta(days=30)  # nobody is asked by mail later than this after the day she chose

Words = Callable[[str, str], tuple[str, str]]  # (language, link) -> subject and text


class Delivery(NamedTuple):
    """How many mails went, how many failed and will be tried again, and the last kind of error."""

    went: int
    failed: int
    error: str


def ask_again(
    engine: Engine, config: Config, library: Callable[[], Library | None], words: Words, now: datetime
) -> int:
    """Put one mail into the outbox for everybody who wanted to be asked by now what she has used; returns how many.

    The mail holds nothing personal but a link that asks her to sign in. `library` is asked for when somebody is due:
    nobody is sent to a survey that her course has no more.
    """
    with open_session(engine, write=False) as session:
        found = library() if surveys.is_due(session, now - LATE, now) else None
    courses = [course.id for course in found.courses.values() if FOLLOW_UP in course.surveys] if found else []
    if not courses:
        return 0
    with open_session(engine, write=True) as session:
        due = surveys.take_due(session, courses, now - LATE, now)
        for row in due:
            person = people.get(session, row.person_id)
            subject, body = words(person.language, f"{config.base_url}/courses/{row.course}/surveys/{FOLLOW_UP}")
            outbox.add(session, person.id, person.email or "", subject, body, now)
        session.commit()
    return len(due)


def remind(
    engine: Engine,
    library: Callable[[], Library | None],
    words: Callable[[str, dict[str, str], str, uuid.UUID], tuple[str, str]],
    now: datetime,
) -> int:
    """Put the monthly mail into the outbox for learners who wished it and were away for a month; returns how many.

    `words`: language, titles of the course, course, person -> subject and text.
    """
    with open_session(engine, write=False) as session:
        found = library() if wishes.is_due(session, now) else None
    if found is None:
        return 0
    with open_session(engine, write=True) as session:
        due = wishes.take_due(session, list(found.courses), now)
        for row in due:
            subject, body = words(row.language, found.courses[row.course].title, row.course, row.id)
            outbox.add(session, row.id, row.email, subject, body, now)
        session.commit()
    return len(due)


def deliver(engine: Engine, config: Config, now: datetime) -> Delivery:
    """Send every mail that is due at `now`; what fails waits 1, 2, 4 … minutes, eight times in all."""
    went = failed = 0
    last = ""
    while claimed := _claim(engine, now):
        for mail, error in _send_all(config, claimed, now):
            with open_session(engine, write=True) as session:
                if error:
                    outbox.failed(session, mail.id, error, now)
                else:
                    outbox.sent(session, mail.id, now)
                session.commit()
            went, failed, last = went + (not error), failed + bool(error), error or last
    return Delivery(went, failed, last)


def _claim(engine: Engine, now: datetime) -> list[Row[Any]]:
    with open_session(engine, write=True) as session:
        claimed = outbox.take(session, now)
        session.commit()
    return claimed


def _send_all(config: Config, mails: list[Row[Any]], now: datetime) -> list[tuple[Row[Any], str]]:
    """Each mail with its error, "" where it went; one connection for all of them."""
    told = []
    try:
        with connect(config) as server:
            for mail in mails:
                told.append((mail, _send(server, config, mail, now)))
    except OSError as error:
        log.error("the mail server was not reached: %s", type(error).__name__)
        told += [(mail, type(error).__name__) for mail in mails[len(told) :]]
    return told


def connect(config: Config) -> smtplib.SMTP:
    """A connection to the mail server, protected and signed in as the settings say; closes at the end of `with`.

    Raises OSError, of which smtplib's errors are a kind.
    """
    place, secure = (config.mail_host, config.mail_port), ssl.create_default_context  # reads all certificates: dear
    if config.mail_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=PATIENCE, context=secure())
    else:
        server = smtplib.SMTP(*place, timeout=PATIENCE)
    try:
        if config.mail_security == "starttls":
            server.starttls(context=secure())
        if config.mail_user:
            server.login(config.mail_user, config.mail_password)
    except OSError:
        server.close()
        raise
    return server


def _send(server: smtplib.SMTP, config: Config, mail: Row[Any], now: datetime) -> str:
    """Hand one mail to the server; returns the kind of error. Neither log nor error name an address.

    A server that goes away is the caller's to notice: raises SMTPServerDisconnected or OSError.
    """
    try:
        server.send_message(message(config, mail, now))
    except smtplib.SMTPServerDisconnected:
        raise
    except (ValueError, smtplib.SMTPException) as error:
        log.error("a mail was not sent: %s", type(error).__name__)
        server.rset()
        return type(error).__name__
    return ""


def message(config: Config, mail: Any, now: datetime) -> EmailMessage:
    """The mail as it is sent; its id stays the same when it is tried again. Raises ValueError for a broken address."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = config.mail_from, mail.recipient, mail.subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{mail.id}@{urlsplit(config.base_url).hostname}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.body, cte="quoted-printable")  # every server takes it
    return made


def tidy(engine: Engine, now: datetime) -> None:
    """Forget sign-ins that nobody can use any more, used codes, counters of failures, old mail; empty the log. What
    people with two accounts did since is counted once."""
    with open_session(engine, write=True) as session:
        sign_ins.tidy(session, now - LONGEST_SESSION)
        codes.tidy(session, now)
        throttles.tidy(session, now)
        outbox.tidy(session, now - KEPT)
        invitations.tidy(session, now)
        imports.tidy(session, now)
        clocks.tidy(session, now - LONGEST_CLOCK)
        doubles.settle(session, now.tzinfo)
        session.commit()
    empty_log(engine)


def waiting(engine: Engine) -> int:
    """How many mails have not been sent."""
    with open_session(engine, write=False) as session:
        return outbox.waiting(session)
