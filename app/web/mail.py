"""Mail: written into the outbox in the transaction of the act, sent after the commit, retried by `lontar mail`."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app, url_for
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.ops import mailing
from app.records import outbox, sign_ins
from app.records.engine import Unavailable
from app.web.db import settings
from app.web.i18n import N_, Interface
from app.web.i18n import gettext as _
from config import ROOT, Config

log = logging.getLogger("lontar")

LINK_LIFETIME = timedelta(hours=2)
ASKED_AGAIN = N_("A few questions from %(site)s, as you wished")
WHAT_WAS_USED = N_(
    "Hello,\n\n90 days ago you asked to be asked once what you have used of the course.\n"
    "The questions take a few minutes, and you may leave out what you like:\n\n%(link)s\n\n"
    "If you do not want to answer, do nothing: this is the only mail about it.\n"
)
TAKEN_OFF = N_("The second step of your account at %(site)s was taken off")
WITHOUT_IT = N_(
    "Hello,\n\nan administrator or the operator of %(site)s took the second step off your account, and all your"
    " sessions have ended.\nYou sign in with your password alone until you set it up again:\n\n%(link)s\n\n"
    "If you did not ask for this, tell us at once: %(contact)s\n"
)


def enabled() -> bool:
    return bool(settings().mail_host)


def send_reset_link(session: Session, person: Any, now: datetime) -> None:
    """Put a mail with a link for a new password into the outbox."""
    code = sign_ins.make_code(session, person.id, "mail", now, LINK_LIFETIME)
    link = settings().base_url + url_for("account.reset", code=code)
    body = _(
        "Hello,\n\nsomebody, probably you, asked for a new password for the sign-in name %(login)s.\n"
        "Choose it here within two hours:\n\n%(link)s\n\nIf it was not you, do nothing: your password stays as it is.\n"
    ) % {"login": person.login, "link": link}
    outbox.add(
        session, person.id, person.email, _("A new password for %(site)s") % {"site": settings().site_name}, body, now
    )


def say_taken_off(session: Session, interface: Interface, config: Config, person: Any, now: datetime) -> None:
    """Tell somebody by mail that her second step was taken off, where she has an address and mail is sent."""
    if not config.mail_host or not person.email:
        return
    speech = interface.choose((person.language,))
    link, contact = f"{config.base_url}/account/second-step", config.contact or config.mail_from
    values = {"site": config.site_name, "link": link, "contact": contact}
    subject, body = speech.gettext(TAKEN_OFF) % values, speech.gettext(WITHOUT_IT) % values
    outbox.add(session, person.id, person.email, subject, body, now)


def follow_up_words(config: Config) -> Callable[[str, str], tuple[str, str]]:
    """The mail to somebody who wanted to be asked what she has used: (her language, link) -> subject and text."""
    interface = Interface(ROOT / "translations", config.languages, config.zone)

    def words(language: str, link: str) -> tuple[str, str]:
        speech = interface.choose((language,))
        subject = speech.gettext(ASKED_AGAIN) % {"site": config.site_name}
        return subject, speech.gettext(WHAT_WAS_USED) % {"link": link}

    return words


def deliver_soon() -> None:
    """Send what waits without making the reader wait for the mail server."""
    if enabled():
        engine, config = current_app.extensions["engine"], settings()
        threading.Thread(target=deliver, args=(engine, config), daemon=True).start()


def deliver(engine: Engine, config: Config) -> None:
    """What cannot be sent now is left to `lontar mail`."""
    try:
        mailing.deliver(engine, config, datetime.now(UTC))
    except (Unavailable, SQLAlchemyError) as error:
        log.error("mail waits: %s", type(error).__name__)
