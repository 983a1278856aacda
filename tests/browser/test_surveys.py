"""A survey in Chromium, with and without scripts: offered, filled in, sent, thanked for, gone from the home page."""

import json

import pytest
from sqlalchemy import text

from app.records.engine import open_session
from tests import learners
from tests.browser.chromium import wider
from tests.browser.conftest import Open
from tests.browser.places import COURSE
from tests.serving import Server


@pytest.mark.parametrize("scripts", [False, True])
def test_a_learner_answers_at_the_end(open_window: Open, server: Server, scripts: bool) -> None:
    who = learners.enter(server.engine, server.secret, f"surveyed{scripts}")
    with open_session(server.engine, write=True) as session:
        learners.certify(session, server.library, who.id, COURSE)
        session.commit()
    page = open_window(scripts=scripts, learner=who)
    page.goto(server.base + "/")
    page.get_by_role("link", name="Six questions about the course").click()
    page.get_by_label("Very useful").check()
    page.get_by_label("My own language").check()
    page.get_by_label("Somebody to ask").check()
    page.get_by_label("Ask me once, after 90 days").check()
    assert wider(page) is None
    page.get_by_role("button", name="Send my answers").click()
    page.get_by_text("Your answers are saved.").wait_for()
    assert page.get_by_role("button", name="Do not ask me").count() == 1
    assert wider(page) is None
    page.goto(server.base + "/")
    assert page.get_by_role("link", name="Six questions about the course").count() == 0
    page.get_by_role("button", name="No, thank you").click()
    page.get_by_text("If you like").wait_for(state="detached")
    with open_session(server.engine, write=False) as session:
        query = text("SELECT answers FROM response WHERE person_id = :id")
        id = who.id.hex if server.engine.dialect.name == "sqlite" else who.id
        (kept,) = [json.loads(row) for row in session.execute(query, {"id": id}).scalars()]
    assert {id: value for id, value in kept.items() if value} == {"end-useful": "D", "end-missing": ["D", "E"]}
