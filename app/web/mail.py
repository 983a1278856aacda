"""Mail: written into the outbox in the transaction of the act, sent after the commit, retried by `lontar mail`."""

import logging
import smtplib
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from flask import current_app, url_for
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.records import outbox, sign_ins
from app.records.engine import open_session
from app.web.db import settings
from app.web.i18n import gettext as _
from config import Config

log = logging.getLogger("lontar")

PATIENCE = 5
LINK_LIFETIME = timedelta(hours=2)


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


def deliver_soon() -> None:
    """Send what waits without making the reader wait for the mail server."""
    if enabled():
        engine, config = current_app.extensions["engine"], settings()
        threading.Thread(target=deliver, args=(engine, config), daemon=True).start()


def deliver(engine: Engine, config: Config, now: datetime | None = None) -> tuple[int, int]:
    """Send every mail that is due; returns how many went and how many failed and will be tried again."""
    went = failed = 0
    moment = now or datetime.now(UTC)
    with open_session(engine, write=True) as session:
        waiting = outbox.take(session, moment)
        session.commit()
    for one in waiting:
        error = send(config, one)
        with open_session(engine, write=True) as session:
            if error:
                outbox.failed(session, one.id, error, moment)
            else:
                outbox.sent(session, one.id, moment)
            session.commit()
        went, failed = went + (not error), failed + bool(error)
    return went, failed


def connect(config: Config, secure: ssl.SSLContext) -> smtplib.SMTP:
    if config.mail_security == "tls":
        return smtplib.SMTP_SSL(config.mail_host, config.mail_port, timeout=PATIENCE, context=secure)
    return smtplib.SMTP(config.mail_host, config.mail_port, timeout=PATIENCE)


def send(config: Config, mail: Any) -> str:
    """Hand one mail to the server; returns the kind of error, empty if it went."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = config.mail_from, mail.recipient, mail.subject
    message.set_content(mail.body)
    secure = ssl.create_default_context()
    try:
        with connect(config, secure) as server:
            if config.mail_security == "starttls":
                server.starttls(context=secure)
            if config.mail_user:
                server.login(config.mail_user, config.mail_password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        log.error("a mail was not sent: %s", type(error).__name__)
        return type(error).__name__
    return ""
