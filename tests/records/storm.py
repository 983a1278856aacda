"""Many acts at once, by threads of this process or of others (`python -m tests.records.storm` with a plan)."""

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.records import attempts, hot, reading, standing
from app.records.engine import Unavailable, create_engine, is_transient, open_session
from tests.records.samples import COURSE, ISSUER, LIBRARY, NOW, right_answers

TRIES = 20


def act(url: str, person: uuid.UUID, acts: list[str], begin: float = 0.0) -> list[str]:
    """Do all these acts at once, each in a thread and a session of its own; says what came of each."""
    engine = create_engine(url)
    ready = threading.Barrier(len(acts))

    def one(place: int) -> str:
        ready.wait()
        time.sleep(max(0.0, begin - time.time()))
        return retried(lambda session: perform(session, person, acts[place], place))

    def retried(what: Callable[[Session], str]) -> str:
        for _ in range(TRIES):
            try:
                with open_session(engine, write=True) as session:
                    said = what(session)
                    session.commit()
                    return said
            except Exception as error:
                if not is_transient(error) and not isinstance(error, Unavailable):
                    return type(error).__name__ if not isinstance(error, attempts.Refused) else error.reason
        return "never"

    with ThreadPoolExecutor(len(acts)) as pool:
        said = list(pool.map(one, range(len(acts))))
    hot.close(engine)
    return said


def perform(session: Session, person: uuid.UUID, words: str, place: int) -> str:
    verb, *rest = words.split()
    if verb == "start":
        quiz, number = rest
        return str(attempts.open_attempt(session, LIBRARY, person, quiz, int(number), f"seed {place}", NOW).id)
    if verb == "hand-in":
        handed = attempts.hand_in(session, LIBRARY, person, uuid.UUID(rest[0]), NOW, "en", ISSUER)
        return " ".join((str(handed.grade.passed), *handed.certificates))
    if verb == "read":
        return " ".join(reading.mark_read(session, LIBRARY, person, COURSE, *rest, NOW, "en", ISSUER))
    return whole_try(session, person, rest[0], hold=place % 3 == 0)


def whole_try(session: Session, person: uuid.UUID, quiz: str, hold: bool) -> str:
    """Start whatever number is next, answer, and hand in, in one transaction.

    Without `hold` another act may come between reading the number and starting: then it is that one's attempt again.
    """
    facts = reading.enter(session, person, COURSE, NOW) if hold else standing.facts(session, person, COURSE)
    number = len(facts.results.get(quiz, ())) + 1
    attempt = attempts.open_attempt(session, LIBRARY, person, quiz, number, "seed", NOW)
    for question, letter in right_answers(attempts.paper_of(attempt)).items():
        attempts.save_answer(session, attempt.id, person, question, letter, "en", 1, 1, NOW)
    attempts.hand_in(session, LIBRARY, person, attempt.id, NOW, "en", ISSUER)
    return f"handed in {attempt.number}"


class Pair:
    """Two processes that do the halves of a plan at the same moment, for as long as the block runs."""

    def __enter__(self) -> "Pair":
        self.running = [child("tests.records.storm") for _ in range(2)]
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running:
            process.communicate(timeout=60)

    def __call__(self, url: str, person: uuid.UUID, acts: list[str]) -> list[str]:
        begin = time.time() + 0.3
        for process, half in zip(self.running, (acts[::2], acts[1::2]), strict=True):
            plan = {"url": url, "person": str(person), "acts": half, "begin": begin}
            assert process.stdin is not None
            process.stdin.write(json.dumps(plan) + "\n")
            process.stdin.flush()
        return [one for process in self.running for one in json.loads(process.stdout.readline())]


def child(module: str, *arguments: str) -> "subprocess.Popen[str]":
    """A Python process of its own that runs a module of these tests."""
    command = [sys.executable, "-m", module, *arguments]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


if __name__ == "__main__":
    for line in sys.stdin:
        plan: dict[str, Any] = json.loads(line)
        print(json.dumps(act(plan["url"], uuid.UUID(plan["person"]), plan["acts"], plan["begin"])), flush=True)
