"""Ten thousand hostile requests over all routes, methods, fields, cookies and bodies, as each role: never a 5xx."""

import io
import os
import random
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode

from flask import Flask
from werkzeug.test import Client, EnvironBuilder

from app import create_app
from app.core.tools import TOOLS
from app.ops import keys, serving
from app.records import hot, models
from app.records.engine import open_session
from config import Config
from tests import learners

COURSE = "social-protection"
SECRET = "2f9d1c7ab4e85f06d3a1908c7be4fd25"
HOW_MANY = int(os.environ.get("LONTAR_TEST_FUZZ", "10000"))
SEED = int(os.environ.get("LONTAR_TEST_SEED", "1"))
HOSTILE = (
    *(
        "",
        "0",
        "-1",
        "1",
        "2",
        "999999999999999999999",
        "1e309",
        "NaN",
        "٣",
        "½",
        "true",
        "null",
        "[]",
        "{}",
        "A",
        "on",
    ),
    *("<script>alert(1)</script>", "' OR 1=1 --", "%00", "\x00", "\ud7ff", "\u202e", "\ue000csrf\ue001", "{{7*7}}"),
    *(
        "../../etc/passwd",
        "//evil.example/",
        "/\\evil",
        "https://evil.example/",
        "\r\nSet-Cookie: a=b",
        "=cmd|' /C'!A0",
    ),
    *("é" * 300, "字" * 5000, "a" * 70000, "1" * 400, "\N{THAI CHARACTER SARA AM}" * 50, "🏳️‍🌈" * 20),
    *("LON-0000-0000-0000", "00000000-0000-0000-0000-000000000001", '["/notes/x", [["text", "y"]]]', '["/admin", 3]'),
)
FIELDS = (
    *("csrf_token", "next", "carried", "login", "password", "device", "name", "name_latin", "email", "country", "sex"),
    *("ministry_type", "organisation", "age_band", "language", "code", "by_mail", "old", "again", "certificates"),
    *("expected", "name_confirmed", "issued", "answer", "answer_1", "answer_2", "answer_3", "answer_4", "answer_99"),
    *("answer_reading", "to_review", "back", "text", "format", "q", "after", "before", "number", "saved", "lang"),
    *("late", "new", "done", "sent", "part", "kind", "__proto__", "answer[]"),
    *("population", "persons-1", "benefit", "due", "decimal_mark"),
)
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW")
TYPES = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json",
    "text/plain",
    "\xff",
)
ENCODINGS = ("gzip", "gzip;q=0", "br", "identity", "*;q=x", "")


class Fuzzer:
    """Makes requests by chance from what the site knows (its routes and ids) and what attackers try."""

    def __init__(self, app: Flask, config: Config, chance: random.Random) -> None:
        self.app, self.config, self.chance = app, config, chance
        self.client = Client(app, use_cookies=False)  # each request brings its own
        self.rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "account.sign_out"]
        self.people: list[learners.Learner | None] = [None]
        self.known: dict[str, list[str]] = {}

    def populate(self) -> None:
        """One person of each role, with attempts open and done."""
        engine, library = self.app.extensions["engine"], self.app.extensions["shelf"].library
        with open_session(engine, write=True) as session:
            self.people = [None]
            for role in ("learner", "author", "administrator"):
                name = f"{role}{self.chance.random()}"
                self.people += learners.make(session, SECRET.encode(), [name], role=role)
            (victim,) = learners.make(session, SECRET.encode(), [f"victim{self.chance.random()}"])
            graduate = self.people[1]
            assert graduate is not None
            learners.certify(session, library, graduate.id, COURSE)
            learners.begin(session, library, graduate.id, "why", 2)
            session.commit()
            attempts = [str(row.id) for row in session.query(models.Attempt.id).filter_by(person_id=graduate.id)]
            numbers = [row.number for row in session.query(models.Certificate.number)]
        modules = list(library.modules.values())
        self.known = {
            "course": [COURSE],
            "module": [one.id for one in modules],
            "section": [one.id for module in modules for one in module.sections],
            "quiz": list(library.quizzes),
            "item": [item.id for quiz in library.quizzes.values() for item in quiz.items],
            "occasion": [*library.courses[COURSE].surveys, "entry"],
            "activity": [part.ref for one in modules for at in one.sections for part in at.original.parts if part.ref],
            "attempt": attempts,
            "number": [*numbers, "1", "2", "8", "9", "0"],
            "person": [str(victim.id)],  # whom administrators disable
            "name": ["site.css", "x", *TOOLS],
        }

    def some(self, values: Any) -> Any:
        return self.chance.choice(list(values))

    def value(self, name: str = "") -> str:
        if self.chance.random() < 0.8 and self.known.get(name):
            return str(self.some(self.known[name]))
        return str(self.some(HOSTILE))

    def target(self) -> tuple[str, str]:
        """Method and path; mostly of a route, with ids that are there or not."""
        if self.chance.random() < 0.05:
            return self.some(METHODS), "/" + quote(self.value(), safe="/")
        rule = self.some(self.rules)
        fitting = sorted({"GET", "POST"} & rule.methods)
        method = self.some(fitting if self.chance.random() < 0.9 else METHODS)
        parts = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: quote(self.value(found[1])[:300], safe=""), rule.rule)
        return method, parts

    def fields(self, token: str) -> list[tuple[str, str]]:
        pairs = [(self.some(FIELDS), self.value()) for _ in range(self.chance.randrange(9))]
        return pairs + ([("csrf_token", token)] if self.chance.random() < 0.85 else [])

    def body(self, token: str) -> tuple[bytes, str]:
        kind = TYPES[0] if self.chance.random() < 0.8 else self.some(TYPES)
        if kind == TYPES[0] and self.chance.random() < 0.9:
            return urlencode(self.fields(token), errors="surrogatepass").encode(), kind
        if self.chance.random() < 0.02:
            return b"a=1&" * 70_000, kind
        return self.chance.randbytes(self.chance.randrange(3000)), kind

    def request(self) -> tuple[str, str, Any]:
        who = self.some(self.people)
        method, path = self.target()
        query = urlencode(self.fields(""), errors="surrogatepass") if self.chance.random() < 0.3 else ""
        body, kind = self.body(who.csrf if who else "") if method not in ("GET", "HEAD") else (b"", "")
        builder = EnvironBuilder(path="/", method=method, input_stream=io.BytesIO(body), base_url=self.config.base_url)
        made = builder.get_environ()
        made |= {"PATH_INFO": unquoted(path), "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body))}
        made |= {"CONTENT_TYPE": kind} if kind else {}
        made |= {"HTTP_ACCEPT_ENCODING": self.some(ENCODINGS), "REMOTE_ADDR": "127.0.0.1"}
        if self.chance.random() < 0.9:
            made["HTTP_SEC_FETCH_SITE"] = "same-origin"
        if self.chance.random() < 0.2:
            header = self.some(
                ("HTTP_IF_NONE_MATCH", "HTTP_ORIGIN", "HTTP_REFERER", "HTTP_RANGE", "HTTP_IF_MODIFIED_SINCE")
            )
            made[header] = latin(self.value())
        made["HTTP_COOKIE"] = self.cookies(who)
        return method, path, made

    def cookies(self, who: learners.Learner | None) -> str:
        parts = [who.cookie] if who else []
        if self.chance.random() < 0.3:
            names = ("lontar", "language", "look", "lontar-device")
            parts.append(f"{self.some(names)}={latin(self.value())[:2000]}")
        return "; ".join(parts)


def unquoted(path: str) -> str:
    """A path as a server hands it to an application: its bytes, read as Latin-1."""
    return unquote_to_bytes(path).decode("latin-1")


def latin(text: str) -> str:
    return text.encode("utf-8", "replace").decode("latin-1").replace("\r", "").replace("\n", "")


def test_no_request_is_answered_with_a_fault(tmp_path: Path) -> None:
    config = Config(instance=tmp_path, secret=SECRET, languages=("en", "fr", "ar-XB"))
    serving.prepare(config)
    engine = serving.open_database(config)
    assert keys.ensure(engine, config, datetime.now(UTC)) is None  # as a start does; without, documents answer 503
    engine.dispose()
    app = create_app(config)
    fuzzer = Fuzzer(app, config, random.Random(SEED))
    statuses: Counter[int] = Counter()
    faults = []
    for number in range(HOW_MANY):
        if number % 250 == 0:
            fuzzer.populate()
        method, path, environment = fuzzer.request()
        reply = fuzzer.client.open(environment)
        statuses[reply.status_code] += 1
        if reply.status_code >= 500:
            faults.append((number, method, path[:200], reply.status_code))
        reply.close()
    hot.close(app.extensions["engine"])
    print(
        f"\n{HOW_MANY} requests, seed {SEED}: " + ", ".join(f"{n} x {status}" for status, n in sorted(statuses.items()))
    )
    assert faults == []
