"""Mail goes out once, waits longer after each failure, and is forgotten when it has gone."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from app.ops import mailing
from app.ops.restore import STALE
from app.records import outbox, people, sign_ins, surveys, throttles
from app.records.engine import open_session
from app.records.sql import statement
from app.web.mail import follow_up_words
from config import Config
from tests.ops.post import PostOffice
from tests.records.samples import COURSE, LIBRARY, NOW, complete, join
from tests.records.surveyed import SURVEYED
from tests.serving import free_port


@pytest.fixture
def posting(config: Config) -> Config:
    """Settings for a mail server on this machine where nobody listens yet."""
    return replace(
        config, mail_host="127.0.0.1", mail_port=free_port(), mail_security="none", mail_from="lontar@example.org"
    )


def put(engine: Engine, *recipients: str, subject: str = "Your link") -> None:
    with open_session(engine, write=True) as session:
        for recipient in recipients:
            outbox.add(session, None, recipient, subject, "Guten Tag, ʻAna\n", NOW)
        session.commit()


def rows(engine: Engine, columns: str) -> list[tuple[object, ...]]:
    with open_session(engine, write=False) as session:
        return [tuple(row) for row in session.execute(text(f"SELECT {columns} FROM outbox ORDER BY id"))]


def test_a_mail_goes_out_once_and_is_forgotten(engine: Engine, posting: Config) -> None:
    put(engine, "ana@example.org", "litia@example.org")
    with PostOffice() as post:
        config = replace(posting, mail_port=post.port)
        assert mailing.deliver(engine, config, NOW) == (2, 0, "")
        assert mailing.deliver(engine, config, NOW) == (0, 0, "")
        assert (post.calls, len(post.mails)) == (1, 2)
        first = post.mails[0]
    assert sorted(mail["To"] for mail in post.mails) == ["ana@example.org", "litia@example.org"]
    assert (first["From"], first["Subject"], first["Auto-Submitted"]) == (
        "lontar@example.org",
        "Your link",
        "auto-generated",
    )
    assert first["Date"] == "Sat, 21 Nov 2026 12:00:00 +0000"
    assert first.get_payload(decode=True) == "Guten Tag, ʻAna\n".encode()
    assert rows(engine, "recipient, subject, body, tries, error") == [("", "", "", 1, None)] * 2
    assert mailing.waiting(engine) == 0


def test_a_mail_that_is_tried_again_keeps_its_id(engine: Engine, posting: Config) -> None:
    put(engine, "ana@example.org")
    with open_session(engine, write=False) as session:
        mail = session.execute(text("SELECT id, recipient, subject, body FROM outbox")).one()
    ids = {mailing.message(posting, mail, NOW + timedelta(hours=hour))["Message-ID"] for hour in range(3)}
    assert ids == {f"<{mail.id}@127.0.0.1>"}


def test_pauses_grow_and_end(engine: Engine, posting: Config) -> None:
    put(engine, "ana@example.org")
    moment: datetime = NOW
    pauses = []
    for _ in range(8):
        assert mailing.deliver(engine, posting, moment) == (0, 1, "ConnectionRefusedError")
        assert mailing.deliver(engine, posting, moment) == (0, 0, "")
        with open_session(engine, write=False) as session:
            (due,) = session.execute(text("SELECT next_at FROM outbox").columns(next_at=outbox.Outbox.next_at.type))
        pauses.append((due.next_at - moment) // timedelta(minutes=1))
        moment = due.next_at
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128]
    assert mailing.deliver(engine, posting, moment + timedelta(days=1)) == (0, 0, "")
    assert rows(engine, "tries, error, body") == [(8, "ConnectionRefusedError", "")]


def test_one_wrong_address_does_not_hold_up_the_others(engine: Engine, posting: Config) -> None:
    put(engine, "ana@example.org", "nobody@example.org", "two\nlines@example.org", "litia@example.org")
    with PostOffice() as post:
        told = mailing.deliver(engine, replace(posting, mail_port=post.port), NOW)
    assert (told.went, told.failed) == (2, 2)
    assert sorted(mail["To"] for mail in post.mails) == ["ana@example.org", "litia@example.org"]
    assert Counter(rows(engine, "error")) == {(None,): 2, ("SMTPRecipientsRefused",): 1, ("ValueError",): 1}


def test_errors_name_nobody(engine: Engine, posting: Config, caplog: pytest.LogCaptureFixture) -> None:
    put(engine, "nobody@example.org", subject="Secret link")
    with PostOffice() as post:
        mailing.deliver(engine, replace(posting, mail_port=post.port), NOW)
    mailing.deliver(engine, posting, NOW + timedelta(hours=1))
    assert [record.getMessage() for record in caplog.records] == [
        "a mail was not sent: SMTPRecipientsRefused",
        "the mail server was not reached: ConnectionRefusedError",
    ]


def test_a_server_without_encryption_gets_no_password(engine: Engine, posting: Config) -> None:
    put(engine, "ana@example.org")
    with PostOffice() as post:
        config = replace(posting, mail_port=post.port, mail_security="starttls", mail_user="site", mail_password="x")
        assert mailing.deliver(engine, config, NOW) == (0, 1, "SMTPNotSupportedError")
    assert post.mails == []


def test_what_has_had_its_time_is_forgotten(engine: Engine) -> None:
    put(engine, "ana@example.org", "litia@example.org")
    with open_session(engine, write=True) as session:
        ana = join(session)
        old, new = (sign_ins.start(session, ana, "own", NOW + timedelta(days=day)) for day in (0, 50))
        works = sign_ins.make_code(session, ana, "recovery", NOW, None)
        sign_ins.make_code(session, ana, "mail", NOW, timedelta(hours=2))
        throttles.add(session, "account", NOW)
        session.execute(text("UPDATE outbox SET sent_at = made_at WHERE recipient = 'ana@example.org'"))
        session.commit()
    mailing.tidy(engine, NOW + timedelta(days=61))
    with open_session(engine, write=True) as session:
        tables = ("session", "code", "throttle", "outbox")
        left = {name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}
        assert left == {"session": 1, "code": 1, "throttle": 0, "outbox": 1}
        assert sign_ins.use_code(session, works, NOW + timedelta(days=61)) == ana
    assert old != new
    assert rows(engine, "recipient") == [("litia@example.org",)]


# Asked again after 90 days


def words(language: str, link: str) -> tuple[str, str]:
    return f"Subject {language}", f"Text {link}"


def wish(engine: Engine, *logins: str, **profile: str) -> None:
    """People who have finished and want to be asked later."""
    with open_session(engine, write=True) as session:
        for login in logins:
            person = join(session, login, email=f"{login}@example.org", **profile)
            complete(session, person)
            surveys.answer(session, SURVEYED, person, COURSE, "end", {}, "en", NOW, ask_later=True)
        session.commit()


def test_those_who_wished_it_get_one_mail(engine: Engine, posting: Config) -> None:
    wish(engine, "ana", "litia", language="fr")
    assert mailing.ask_again(engine, posting, lambda: SURVEYED, words, NOW + timedelta(days=89)) == 0
    assert mailing.ask_again(engine, posting, lambda: LIBRARY, words, NOW + timedelta(days=90)) == 0
    for expected in (2, 0):
        assert mailing.ask_again(engine, posting, lambda: SURVEYED, words, NOW + timedelta(days=90)) == expected
    link = "http://127.0.0.1:8000/courses/islands/surveys/follow_up"
    assert sorted(rows(engine, "recipient, subject, body")) == [
        ("ana@example.org", "Subject fr", f"Text {link}"),
        ("litia@example.org", "Subject fr", f"Text {link}"),
    ]


def test_the_mail_says_nothing_personal_and_speaks_her_language(posting: Config) -> None:
    told = follow_up_words(posting)
    for language in ("en", "fr", "xx"):
        subject, body = told(language, "http://127.0.0.1:8000/courses/islands/surveys/follow_up")
        assert posting.site_name in subject
        assert body.count("http://127.0.0.1:8000/courses/islands/surveys/follow_up") == 1
        assert "%" not in subject + body
    assert told("fr", "x")[0] != told("en", "x")[0] == told("xx", "x")[0]


def test_a_restored_backup_writes_to_nobody_twice(engine: Engine) -> None:
    wish(engine, "ana", "litia")
    with open_session(engine, write=True) as session:
        due = statement("UPDATE survey_choice SET ask_at = :since WHERE person_id = :person_id")
        for login, year in (("ana", 2020), ("litia", 2999)):
            person = people.find_login(session, login)
            assert person
            session.execute(due, {"since": datetime(year, 1, 1, tzinfo=UTC), "person_id": person.id})
        for sql in STALE:
            session.execute(text(sql))
        told = text("SELECT login, mailed_at IS NULL FROM survey_choice JOIN person ON person.id = person_id")
        waits = {login: bool(waiting) for login, waiting in session.execute(told).all()}
        session.commit()
    assert waits == {"ana": False, "litia": True}


def test_the_course_is_not_read_while_nobody_is_due(engine: Engine, posting: Config) -> None:
    def never() -> None:
        raise AssertionError("the course was read")

    wish(engine, "ana")
    assert mailing.ask_again(engine, posting, never, words, NOW + timedelta(days=89)) == 0
    assert mailing.ask_again(engine, posting, never, words, NOW + timedelta(days=121)) == 0
    assert mailing.ask_again(engine, posting, lambda: None, words, NOW + timedelta(days=90)) == 0
    assert mailing.ask_again(engine, posting, lambda: SURVEYED, words, NOW + timedelta(days=90)) == 1
