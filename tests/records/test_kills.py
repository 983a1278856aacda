"""A process killed at a random moment loses nothing that it had said was saved."""

import json
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.records import attempts, standing
from app.records.engine import open_session
from tests.records.samples import join
from tests.serving import ROOT


def kill_once(engine: Engine, url: str, folder: Path, chance: random.Random) -> Counter[str]:
    """Let a process work, kill it, and check every act that it acknowledged; returns how many there were of each."""
    with open_session(engine, write=True) as session:
        person = join(session, uuid.uuid4().hex)
        session.commit()
    file = folder / f"{person}.said"
    with file.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.records.saver", url, str(person)], cwd=ROOT, stdout=said
        )
    wait_for(process, file)
    time.sleep(chance.uniform(0, 0.4))
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was at work until then"
    acts = [json.loads(line) for line in file.read_text().splitlines()]
    with open_session(engine, write=False) as session:
        for act in acts:
            attempt = attempts.find(session, uuid.UUID(act["attempt"]), person)
            if act.get("handed_in"):
                assert attempts.grade_of(session, attempt) is not None
            else:
                assert attempts.answers(session, attempt)[act["question"]].value >= act["answer"]
        assert standing.compare(session) == []
    return Counter("hand-ins" if act.get("handed_in") else "answers" for act in acts)


def wait_for(process: "subprocess.Popen[bytes]", file: Path) -> None:
    """Until it has said its first act."""
    until = time.monotonic() + 30
    while not file.stat().st_size:
        assert process.poll() is None, "it ended before its first act"
        assert time.monotonic() < until, "it does nothing"
        time.sleep(0.01)


def test_a_killed_process_loses_nothing_that_it_said_was_saved(engine: Engine, url: str, tmp_path: Path) -> None:
    assert kill_once(engine, url, tmp_path, random.Random(2))["answers"] > 2


@pytest.mark.prove
def test_forty_killed_processes_lose_nothing_that_they_said_was_saved(engine: Engine, url: str, tmp_path: Path) -> None:
    chance = random.Random()
    acts = sum((kill_once(engine, url, tmp_path, chance) for _ in range(40)), Counter())
    assert acts["answers"] > 400
    assert acts["hand-ins"] > 40
