"""Lists of people with what each has done, on both databases."""

import uuid

from sqlalchemy import Engine

from app.records import learners
from app.records.engine import open_session
from tests.records import samples


def test_a_page_tells_what_each_person_has_done(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        ana = samples.join(session, "ana", "Ana Moana")
        ben = samples.join(session, "ben", "Ben Tala")
        samples.read_all(session, ana)
        session.commit()
    with open_session(engine, write=False) as session:
        page = learners.search(session, "", limit=5)
        assert [(row.person.id, list(row.facts)) for row in page.rows] == [(ana, [samples.COURSE]), (ben, [])]
        assert len(page.rows[0].facts[samples.COURSE].readings) == len(samples.SECTIONS)
        assert page.after is None


def test_pages_follow_one_another(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        ids = [samples.join(session, f"p{number}", f"Person {number}") for number in range(3)]
        session.commit()
    with open_session(engine, write=False) as session:
        first = learners.search(session, "person", limit=2)
        second = learners.search(session, "person", first.after, limit=2)
        assert [[row.person.id for row in page.rows] for page in (first, second)] == [ids[:2], ids[2:]]
        assert learners.search(session, "nobody").rows == []


def test_nobody_and_strangers_have_no_facts(engine: Engine) -> None:
    with open_session(engine, write=False) as session:
        assert learners.facts_of(session, []) == {}
        assert learners.facts_of(session, [uuid.UUID(int=1)]) == {uuid.UUID(int=1): {}}
