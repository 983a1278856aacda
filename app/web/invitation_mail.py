"""What an invitation and its reminders say, in the language of who is invited; and the monthly reminder of learners."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from app.core.content import in_language
from app.records import cohorts, invitations, outbox, wishes
from app.records.cohort_tables import Cohort
from app.web import db
from app.web.db import settings
from app.web.i18n import N_, Interface
from app.web.library import library
from config import ROOT, Config

AT_ONCE = 500  # mails that one press puts into the outbox

INVITED = N_("An invitation to the course “%(course)s”")
INVITATION = N_(
    "Hello %(name)s,\n\n%(office)s invites you to the course “%(course)s”.\n"
    "It is free, and you take it whenever you have time.\n\n"
    "This link is yours alone, please do not pass it on:\n\n%(link)s\n"
)
REMINDED = N_("A reminder: the course “%(course)s” waits for you")
REMINDER = N_(
    "Hello %(name)s,\n\n%(office)s invited you to the course “%(course)s” a while ago.\n"
    "You can still join; this link is yours alone:\n\n%(link)s\n"
)
WISHED_FOR = N_("\nThe wish is that you finish by %(day)s. Nothing closes on that day.\n")
NO_MORE = N_("\nIf you want no more mail about this, open this page:\n\n%(stop)s\n")
MONTHLY = N_("Your course “%(course)s” is where you left it")
GO_ON = N_(
    "Hello,\n\nyou wished to be reminded of the course “%(course)s”, once a month at most.\n"
    "Go on where you stopped:\n\n%(link)s\n\n"
    "To get no more reminders, open this page; you need not sign in:\n\n%(stop)s\n"
)


def secret() -> bytes:
    """The site's secret, from which the codes of invitations follow."""
    found: bytes = current_app.extensions["secret"]
    return found


def code_of(id: Any) -> str:
    return cohorts.readable(invitations.code_of(secret(), id))


def send(session: Session, cohort: Cohort, remind: bool) -> int:
    """Put the invitations, or the reminders, that are due into the outbox; returns how many."""
    rows = invitations.take(session, cohort.id, remind, db.now(), AT_ONCE)
    for row in rows:
        subject, body = words(cohort, row, remind)
        outbox.add(session, None, row.email, subject, body, db.now())
    return len(rows)


def words(cohort: Cohort, row: Any, remind: bool) -> tuple[str, str]:
    speech = interface().choose((row.language,))
    course = library().courses.get(cohort.course)
    code, base = code_of(row.id), settings().base_url
    values = {
        "name": row.name,
        "office": cohort.office or settings().site_name,
        "course": in_language(course.title, speech.language.tag)[1] if course else cohort.name,
        "link": base + url_for("joining.invited", code=code),
        "stop": base + url_for("joining.stop", code=code),
    }
    parts = [speech.gettext(REMINDER if remind else INVITATION)]
    if cohort.wished_for:
        parts.append(speech.gettext(WISHED_FOR))
        values["day"] = speech.day(cohort.wished_for)
    parts.append(speech.gettext(NO_MORE))
    return speech.gettext(REMINDED if remind else INVITED) % values, "".join(parts) % values


def interface() -> Interface:
    found: Interface = current_app.extensions["interface"]
    return found


def monthly_words(
    config: Config, secret: Callable[[], bytes]
) -> Callable[[str, dict[str, str], str, uuid.UUID], tuple[str, str]]:
    """The mail to a learner who wished to be reminded: (language, course's titles, course, her id) -> subject and text.

    `secret`, the site's, is asked for when somebody is due.
    """
    speeches = Interface(ROOT / "translations", config.languages, config.zone)

    def say(language: str, titles: dict[str, str], course: str, person: uuid.UUID) -> tuple[str, str]:
        speech = speeches.choose((language,))
        values = {
            "course": in_language(titles, speech.language.tag)[1],
            "link": f"{config.base_url}/courses/{course}/",
            "stop": f"{config.base_url}/reminders/{wishes.stop_code(secret(), person)}/stop",
        }
        return speech.gettext(MONTHLY) % values, speech.gettext(GO_ON) % values

    return say
