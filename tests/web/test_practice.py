"""Practice mode as visitors and learners meet it."""

import random
import re
from typing import Any

from msgspec.structs import replace
from sqlalchemy import text

from app.core import practice
from app.core.content import Library, flatten
from app.core.practice import in_order, question
from app.records.engine import open_session
from app.records.models import Base
from tests.answering import right_fields
from tests.web.conftest import Build, Site
from tests.web.members import member, send
from tests.web.story import empty, take_quiz
from tests.web.test_junk import WORDS
from tests.web.visitor import Visitor

START = "/courses/tiny/one/practice"


def begun(visitor: Visitor) -> str:
    """The address of a round, without the number of the question."""
    page = visitor.get(START)
    (first,) = (address for address in page.links() if re.fullmatch(rf"{START}/\d+/1", address))
    return first.removesuffix("1")


def waiting(visitor: Visitor) -> int:
    return int(re.findall(r"(\d+) questions? waits?", visitor.get(START).main.replace("wait,", "waits,"))[0])


def stored(site: Site) -> dict[str, int]:
    with open_session(site.engine, write=False) as session:
        return {
            name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in Base.metadata.tables
        }


def test_a_visitor_practises_and_nothing_is_stored(site: Site) -> None:
    visitor, part = site.visitor(), site.library.modules["one"]
    free = practice.always(site.library, part)
    assert START in visitor.get("/courses/tiny/one/").links()
    assert "Who is signed in and has passed the quiz" in visitor.get(START).main
    before, base = stored(site), begun(visitor)
    run = int(base.split("/")[-2])
    order = in_order(free, run)
    for number, task in enumerate(order, 1):
        page = visitor.get(f"{base}{number}")
        assert page.h1 == f"Practice, question {number} of {len(order)}"
        right = right_fields(task.item, question(task, run).drawn)
        told = visitor.submit(page, f"/{number}", status=200, **right)
        assert "Right." in told.main or task.item.kind == "reflection"
        following = f"{base}{number + 1}" if number < len(order) else "/courses/tiny/one/"
        assert following in told.links()
    nothing = visitor.submit(visitor.get(f"{base}1"), "/1", status=200)
    assert ("Right." in nothing.main, nothing.path) == (False, f"{base}1")
    assert stored(site) == before


def test_questions_of_the_quiz_join_when_their_answers_were_shown(site: Site) -> None:
    hers = member(site)
    part, quiz = site.library.modules["one"], site.library.quizzes["one"]
    free = len(in_order(practice.always(site.library, part), 0))
    graded = sum(item.graded for item in flatten(quiz.items) if not item.questions)
    assert waiting(hers.visitor) == free
    failed = take_quiz(hers.visitor, site, "tiny", "one", empty)
    assert START in failed.links()
    some = waiting(hers.visitor)
    assert (free < some < free + graded, "that you have had already" in hers.visitor.get(START).main) == (True, True)
    take_quiz(hers.visitor, site, "tiny", "one")
    assert (waiting(hers.visitor), "You have passed the quiz" in hers.visitor.get(START).main) == (free + graded, True)
    assert waiting(site.visitor()) == free
    base = begun(hers.visitor)
    pages = [hers.visitor.get(f"{base}{number}").main for number in range(1, free + graded + 1)]
    final = [item.original.heading for item in site.library.quizzes["tiny-final"].items]
    assert [one for one in final if any(one in page for page in pages)] == []


def test_odd_addresses_and_forms(site: Site) -> None:
    """Every question with every odd word in each of its fields: an answer in words, never a fault, nothing stored."""
    hers = member(site)
    take_quiz(hers.visitor, site, "tiny", "one")
    base, token, chance = begun(hers.visitor), hers.csrf, random.Random(4)
    before = stored(site)
    for rest in ("0", "99", "-1", "x", "1/2", "1.5"):
        assert hers.visitor.get(base + rest, status=404).status == 404
    for odd in ("9999999999/1", "-1/1", "x/1"):
        assert hers.visitor.get(f"{START}/{odd}", status=404).status == 404
    for nowhere in ("/courses/tiny/nowhere/practice", "/courses/nowhere/one/practice/1/1"):
        assert hers.visitor.get(nowhere, status=404).status == 404
    codes: set[int] = set()
    for number in range(1, waiting(hers.visitor) + 1):
        for word in chance.sample(WORDS, 6):
            fields: dict[str, Any] = dict.fromkeys(("answer", "answer_1", "answer_2", "answer_reading"), word)
            codes.add(send(hers.visitor, f"{base}{number}", fields | {"csrf_token": token}))
        codes.add(send(hers.visitor, f"{base}{number}", {"answer": ["1", "2", "1"], "csrf_token": token}))
    assert codes <= {200, 422}
    assert send(hers.visitor, f"{base}1", {"answer": "1"}) == 422  # without the token: shown again, filled in
    assert stored(site) == before


def test_a_module_with_nothing_to_practise_says_so(build: Build, tiny: Library) -> None:
    emptied = {id: replace(one, items=one.items if id == "tiny-final" else ()) for id, one in tiny.quizzes.items()}
    page = build(replace(tiny, quizzes=emptied)).visitor().get(START)
    assert ("There is nothing to practise in this module yet." in page.main, page.status) == (True, 200)
