"""A process killed at a random moment loses nothing that it had said was saved."""

import json
import random
import signal
import time
import uuid

import pytest
from sqlalchemy import Engine

from app.records import attempts, standing
from app.records.engine import open_session
from tests.records.samples import join
from tests.records.storm import child


def kill_once(engine: Engine, url: str, chance: random.Random) -> int:
    """Let a process work, kill it, and check every act that it acknowledged; returns how many there were."""
    with open_session(engine, write=True) as session:
        person = join(session, uuid.uuid4().hex)
        session.commit()
    process = child("tests.records.saver", json.dumps([url, str(person)]))
    assert process.stdout is not None
    said = [process.stdout.readline()]
    time.sleep(chance.uniform(0, 0.4))
    process.send_signal(signal.SIGKILL)
    said += process.communicate()[0].splitlines()
    acts = [json.loads(line) for line in said]
    with open_session(engine, write=False) as session:
        for act in acts:
            attempt = attempts.find(session, uuid.UUID(act["attempt"]), person)
            if act.get("handed_in"):
                assert attempts.grade_of(session, attempt) is not None
            else:
                assert attempts.answers(session, attempt)[act["question"]].value >= act["issued"]
        assert standing.compare(session) == []
    return len(acts)


def test_a_killed_process_loses_nothing_that_it_said_was_saved(engine: Engine, url: str) -> None:
    chance = random.Random(1)
    assert sum(kill_once(engine, url, chance) for _ in range(2)) > 2


@pytest.mark.prove
def test_forty_killed_processes_lose_nothing_that_they_said_was_saved(engine: Engine, url: str) -> None:
    chance = random.Random()
    assert sum(kill_once(engine, url, chance) for _ in range(40)) > 400
