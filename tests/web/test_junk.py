"""Junk of every sort at every address: an answer in plain words, and never a fault of ours."""

import random
from typing import Any

from tests.web.conftest import Site
from tests.web.members import member
from tests.web.story import attempt_of, open_quiz
from tests.web.test_access import VALUES, rules

WORDS = [
    "",
    "0",
    "-1",
    "1" * 30,
    "x" * 300,
    "<b>",
    "\u0000",
    "\u202e",
    "é",
    "😀",
    "%00",
    "../..",
    "' OR 1=1",
    "{{7}}",
    "None",
    "nan",
    "1e400",
    "null",
    "[]",
    "\ue000csrf\ue001",
    "\r\nX: y",
    "tiny",
    "one",
    "first",
    "fr",
    "keep",
]
NAMES = [
    "answer",
    "answer_1",
    "answer_2",
    "answer_reading",
    "issued",
    "text",
    "expected",
    "name",
    "login",
    "password",
    "old",
    "code",
    "email",
    "country",
    "sex",
    "device",
    "certificates",
    "next",
    "carried",
    "by_mail",
    "to_review",
    "lang",
    "q",
    "number",
    "saved",
    "new",
    "late",
    "name_confirmed",
    "\u0000",
    "[]",
    "csrf_token",
    "benefit",
    "line",
    "decimal_mark",
]
ROUNDS = 250


def test_junk_is_answered_and_never_a_fault(site: Site) -> None:
    chance = random.Random(18)
    hers, stranger = member(site), site.visitor()
    token = hers.csrf
    values = VALUES | {"course": "tiny", "module": "one", "section": "first", "activity": "list-of-laws", "quiz": "two"}
    values |= {"name": "adequacy"}
    values |= {"attempt": attempt_of(open_quiz(hers.visitor, site, "tiny", "two")), "item": "check-first"}
    known = [rule for rule in rules(site.app) if not rule.endpoint.startswith(("admin.", "author."))]
    faults = []
    for _ in range(ROUNDS):
        rule, visitor = chance.choice(known), chance.choice([hers.visitor, stranger])
        path = site.app.url_map.bind("").build(rule.endpoint, {name: values[name] for name in rule.arguments})
        if chance.random() < 0.2:
            path = "/".join(chance.choice([part, chance.choice(WORDS)]) for part in path.split("/"))
        fields: dict[str, Any] = {
            chance.choice(NAMES): chance.choices(WORDS, k=chance.choice([1, 1, 2])) for _ in range(4)
        }
        headers = visitor.headers | {"Origin": visitor.base}
        if "POST" in (rule.methods or ()) and chance.random() < 0.7:
            sent = {"method": "POST", "data": fields | {"csrf_token": token}}
        else:
            sent = {"method": "GET", "query_string": fields}
        reply = visitor.client.open(
            path if path.startswith("/") else f"/{path}", base_url=visitor.base, headers=headers, **sent
        )
        if reply.status_code >= 500:
            faults.append((path, sent, reply.status_code))
    assert faults == []
