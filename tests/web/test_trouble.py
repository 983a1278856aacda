"""When things go wrong: a database that is locked, gone or full, a fault of ours, a broken course, logs, counters."""

import io
import json
import logging
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from app.ops import logs
from app.records import hot, outages, standing
from app.records.engine import open_session
from tests.web.conftest import PASSWORD, TINY, Build, Site, load_course
from tests.web.members import cookie, member, status
from tests.web.story import open_quiz, take_quiz

READING = ["/", "/courses/tiny/", "/courses/tiny/one/", "/courses/tiny/one/first", "/glossary", "/help", "/privacy"]


def path_of(site: Site) -> Path:
    return Path(str(site.engine.url.database))


def restart(site: Site) -> None:
    hot.close(site.engine)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds for a lock are right for people and long for tests."""
    monkeypatch.setattr(outages, "PATIENCE", 0.05)


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Another program holds the right to write."""
    restart(site)
    other = sqlite3.connect(path_of(site), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def full(site: Site) -> Iterator[None]:
    """There is no room for one more page in the file."""
    event.listen(site.engine, "connect", fill_up)
    restart(site)
    yield
    event.remove(site.engine, "connect", fill_up)
    restart(site)


def fill_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA max_page_count=1")


@contextmanager
def gone(site: Site) -> Iterator[None]:
    restart(site)
    away = path_of(site).with_suffix(".away")
    path_of(site).rename(away)
    yield
    away.rename(path_of(site))


TROUBLES = [locked, full, gone]
LONG = "words that fill a page or two " * 600


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_was_sent_comes_back_and_can_be_sent_again(site: Site, trouble: Callable[[Site], Any]) -> None:
    hers = member(site)
    page = hers.visitor.get("/courses/tiny/one/first")
    hers.visitor.submit(page, "/notes/list-of-laws", status=200, text="the note before")
    with trouble(site):
        told = hers.visitor.submit(page, "/notes/list-of-laws", text=LONG)
        assert (told.status, told.h1, told.headers["Retry-After"]) == (503, "The site cannot save at the moment", "10")
        assert "What you just sent was not saved. It is still here." in told.main
        assert told.form("/notes/list-of-laws").fields["text"] == [LONG]
    again = hers.visitor.submit(told, "/notes/list-of-laws")
    if again.h1 == "Please send this once more":  # the database was not even there to ask who she is
        again = hers.visitor.submit(again, "/notes/list-of-laws")
    assert again.status == 200
    with open_session(site.engine, write=False) as session:
        assert session.execute(text("SELECT text FROM note")).scalar_one() == LONG


@pytest.mark.parametrize("trouble", TROUBLES)
def test_an_answer_is_never_said_to_be_saved_when_it_is_not(site: Site, trouble: Callable[[Site], Any]) -> None:
    hers = member(site)
    page = open_quiz(hers.visitor, site, "tiny", "two")
    form = page.form("/1")
    name = next(one for one in form.choices if one.startswith("answer"))
    with trouble(site):
        if trouble is full:
            with open_session(site.engine, write=False) as session:
                session.execute(text("SELECT 1"))
        told = hers.visitor.post(form.action, form.fields | {name: form.choices[name][0]}, follow=False)
    with open_session(site.engine, write=False) as session:
        saved = session.execute(text("SELECT count(*) FROM answer")).scalar_one()
    assert (told.status, saved) in ((503, 0), (303, 1))
    if told.status == 503:
        assert told.form("/1").fields[name] == [form.choices[name][0]]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_reading_goes_on_without_the_database(site: Site, trouble: Callable[[Site], Any]) -> None:
    with trouble(site):
        assert {path: status(site.visitor(), path) for path in READING} == dict.fromkeys(READING, 200)
        assert site.visitor().post("/checks/check-first", {"answer": "1"}).status == 200


@pytest.mark.parametrize("trouble", [locked, full])
def test_who_is_signed_in_reads_on_while_nothing_can_be_written(site: Site, trouble: Callable[[Site], Any]) -> None:
    hers = member(site)
    with trouble(site):
        site.later(minutes=6)  # when the last use would be noted
        assert {path: status(hers.visitor, path) for path in READING} == dict.fromkeys(READING, 200)


def test_the_health_page_tells_a_database_that_is_gone(site: Site) -> None:
    assert status(site.visitor(), "/healthz") == 200
    with gone(site):
        assert status(site.visitor(), "/healthz") == 503


# Logs


def test_logs_hold_no_names_answers_or_tokens(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.app.config["RAISE_ERRORS"] = False
    with caplog.at_level(logging.DEBUG):
        hers = site.visitor()
        form = {"login": "vaka-login", "name": "Litia Vakatawale", "password": PASSWORD, "email": "litia@example.org"}
        page = hers.post("/register", form)
        code = page.main.partition("It is shown only now. ")[2].split()[0]
        hers.post("/sign-in", {"login": "vaka-login", "password": "a wrong one here"})
        token = hers.get("/account/recovery").form("/sign-out").fields["csrf_token"][0]
        hers.post("/notes/list-of-laws", {"text": "a private thought", "csrf_token": token})
        take_quiz(hers, site, "tiny", "one")
        hers.get("/search?q=unheard-of")
        with open_session(site.engine, write=True) as session:
            session.execute(text("ALTER TABLE note RENAME COLUMN saved_at TO gone"))
            session.commit()
        assert hers.post("/notes/list-of-laws", {"text": "a private thought", "csrf_token": token}).status in (500, 503)
        with open_session(site.engine, write=True) as session:
            session.execute(text("UPDATE standing SET packed = '{\"a private thought'"))
            session.commit()
        assert status(hers, "/courses/tiny/") == 500
    assert "a request failed: GET learn.outline: DecodeError" in caplog.text
    secrets = [
        "vaka-login",
        "Vakatawale",
        "litia@example.org",
        PASSWORD,
        "a private thought",
        "a wrong one here",
        "unheard-of",
        code,
        token,
        str(cookie(hers, "lontar")),
    ]
    assert [one for one in secrets if one in caplog.text] == []


def test_a_log_is_one_object_of_json_a_line(build: Build, tiny: Any, caplog: pytest.LogCaptureFixture) -> None:
    site = build(tiny, log_requests=True)
    with caplog.at_level(logging.INFO, logs.REQUESTS):
        site.visitor().get("/help?q=Litia")
        site.visitor().get("/verify/LON-0000-0000-0000", 404)
        logging.getLogger(logs.NAME).error("two\nlines")
    lines = [json.loads(logs.Lines().format(record)) for record in caplog.records]
    told = {"process": os.getpid()}
    assert [{name: value for name, value in one.items() if name not in ("time", "ms")} for one in lines] == [
        told | {"level": "info", "method": "GET", "endpoint": "pages.help", "status": 200},
        told | {"level": "info", "method": "GET", "endpoint": "certificates.verify", "status": 404},
        told | {"level": "error", "message": "two\nlines"},
    ]
    assert all(re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", one["time"]) for one in lines)


def test_a_process_logs_once_and_requests_only_where_told(monkeypatch: pytest.MonkeyPatch) -> None:
    logger, requests = logging.getLogger(logs.NAME), logging.getLogger(logs.REQUESTS)
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(requests, "level", requests.level)
    logs.begin(requests=False)
    assert requests.level == logging.WARNING
    logs.begin(requests=True)
    assert (requests.level, len(logger.handlers)) == (logging.INFO, 1)
    requests.setLevel(logging.NOTSET)


# Counters


@pytest.mark.parametrize(
    ("settings", "address", "headers", "expected"),
    [
        ({}, "127.0.0.1", {}, 404),
        ({"metrics": True}, "127.0.0.1", {}, 200),
        ({"metrics": True}, "::1", {}, 200),
        ({"metrics": True}, "192.0.2.1", {}, 404),
        ({"metrics": True}, "127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 404),  # a proxy that was not told of
        ({"metrics": True, "trusted_proxies": 1}, "127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 404),
        ({"metrics": True, "trusted_proxies": 1}, "192.0.2.1", {"X-Forwarded-For": "127.0.0.1, 192.0.2.9"}, 404),
    ],
)
def test_counters_are_for_this_machine(
    build: Build, tiny: Any, settings: dict[str, Any], address: str, headers: dict[str, str], expected: int
) -> None:
    visitor = build(tiny, **settings).visitor(**headers)
    visitor.client.environ_base["REMOTE_ADDR"] = address
    visitor.get("/help")
    page = visitor.get("/metrics", expected)
    assert ('endpoint="pages.help",status="200"} 1' in page.html) == (expected == 200)


# Content that is edited


@pytest.fixture
def edited(build: Build, tmp_path: Path) -> tuple[Site, Path]:
    """An author's site on a copy of the course."""
    root = tmp_path / "content"
    shutil.copytree(TINY, root)
    return build(load_course(root), content=root, debug=True), root / "modules" / "two.md"


def write(path: Path, words: str) -> None:
    before = path.stat().st_mtime
    path.write_text(words)
    while path.stat().st_mtime <= before:
        time.sleep(0.01)
        path.touch()


def test_an_edited_file_shows_at_the_next_request_and_a_broken_one_never(
    edited: tuple[Site, Path], caplog: pytest.LogCaptureFixture
) -> None:
    site, path = edited
    hers = member(site)
    section, words = "/courses/tiny/two/plan", path.read_text()
    hers.visitor.submit(hers.visitor.get(section), "/plan/read", status=200)
    write(
        path,
        words.replace("A plan says who does what by when.", "A plan <b>now</b> says more.").replace(
            "<b>now</b> ", "now "
        ),
    )
    assert "A plan now says more." in site.visitor().get(section).main
    changed = hers.visitor.get("/courses/tiny/two/plan")
    assert "This section has changed since you read it." in changed.main
    difference = hers.visitor.get(f"{section}/changes")
    gone_, new = difference.html.partition("<del>")[2], difference.html.partition("<ins>")[2]
    assert (gone_.startswith("A plan says who does what"), new.startswith("A plan now says more")) == (True, True)
    write(path, words.replace("{#plan}", "{#plan} {#plan"))
    assert "A plan now says more." in site.visitor().get(section).main
    assert "the course was not reloaded" in caplog.text
    assert "two.md" in caplog.text
    write(path, words)
    assert "who does what by when" in site.visitor().get(section).main
    assert hers.visitor.get(f"{section}/changes").path == section


VICTIM = """
CREATE SEQUENCE turn;
CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('turn') <= {times} THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fall BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fall();
"""


@contextmanager
def victim(site: Site, table: str, times: int) -> Iterator[None]:
    """Whoever writes into this table falls victim to a deadlock so many times, which a sequence counts."""
    with site.engine.begin() as connection:
        connection.exec_driver_sql(VICTIM.format(table=table, times=times))
    yield
    with site.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER fall ON {table}; DROP FUNCTION fall; DROP SEQUENCE turn")


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("times", "expected", "readings"), [(1, 303, 1), (2, 303, 1), (3, 503, 0)])
def test_a_deadlock_is_tried_again_and_then_told(site: Site, times: int, expected: int, readings: int) -> None:
    learner = site.learner()
    page = learner.get("/courses/tiny/one/first")
    with victim(site, "reading", times):
        learner.submit(page, "/read", status=expected, follow=False)
    with open_session(site.engine, write=False) as session:
        assert session.execute(text("SELECT count(*) FROM reading")).scalar() == readings
        assert session.execute(text("SELECT count(*) FROM enrolment")).scalar() == readings
        assert standing.compare(session) == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_an_uploaded_file_that_met_a_deadlock_is_asked_for_again(site: Site) -> None:
    focal = site.staff("focal")
    token = focal.get("/focal/denominators").form("/sign-out").fields["csrf_token"][0]

    def send(status: int) -> bool:
        file = io.BytesIO(b"country,n,source,day\nFiji,90,List of Fiji,2026\n")
        sent = {"csrf_token": token, "file": (file, "numbers.csv")}
        return "List of Fiji" in focal.post("/focal/denominators/import", sent, status=status).main

    with victim(site, "denominator", 1):
        assert (send(503), send(200)) == (False, True)
