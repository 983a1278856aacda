"""Junk of every sort at every address: an answer in plain words, and never a fault of ours."""

import random
from typing import Any

from tests.core.test_questions_odd import ODD
from tests.web.conftest import Site
from tests.web.members import member
from tests.web.story import answer_all, attempt_of, open_quiz, paper_of
from tests.web.test_access import VALUES, rules
from tests.web.test_attempts import answered, one

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


def test_odd_forms_keep_what_was_answered_or_are_refused_in_words(site: Site) -> None:
    """Every question of a paper with over twenty odd forms, after its right answer was saved."""
    hers = member(site)
    page = open_quiz(hers.visitor, site, "tiny", "one")
    attempt = attempt_of(page)
    answer_all(hers.visitor, site, page)
    paper, _ = paper_of(site, attempt)
    codes, wrong = set(), []
    for number in range(1, len(paper.questions) + 1):
        address = f"/attempts/{attempt}/{number}"
        proper = {name: values for name, values in hers.visitor.get(address).form(f"/{number}").fields.items()
                  if name.startswith("answer")} or {"answer": ["1"]}  # fmt: skip
        for name, odd in list(ODD.items())[number % 2 :: 2]:
            before = answered(site, attempt)
            reply = hers.visitor.client.post(
                address,
                base_url=hers.visitor.base,
                data=odd(proper) | {"csrf_token": hers.csrf, "issued": "0"},
                headers=hers.visitor.headers | {"Origin": hers.visitor.base},
            )
            codes.add(reply.status_code)
            refused = reply.status_code == 422
            if refused and (answered(site, attempt) != before or b"There is a problem" not in reply.get_data()):
                wrong.append((number, name))
    assert (codes - {303, 409}, wrong) == ({422}, [])
    assert one(site, "SELECT count(*) FROM answer") == len(paper.questions)
    hers.visitor.submit(hers.visitor.get(f"/attempts/{attempt}/review"), "/hand-in", status=200)
