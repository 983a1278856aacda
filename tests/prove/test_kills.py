"""Servers are killed at random while learners answer and hand in: nothing that was acknowledged is lost or doubled."""

import os
import random
import signal
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import psutil

from app.core.grading import item_of
from app.core.papers import Answer
from app.core.questions import KINDS, body_of
from app.records import attempts, models, standing
from app.records.engine import open_session
from tests import learners, wire
from tests.answering import right_fields
from tests.learners import Learner
from tests.serving import Server

COURSE = "social-protection"
SECONDS = float(os.environ.get("LONTAR_TEST_KILL_SECONDS", "90"))
CLIENTS = 6
TAKEN = ("why", "right")  # module quizzes that are taken while servers die


@dataclass
class Acknowledged:
    """What the server said that it had saved: attempt -> question -> value; attempts that were handed in."""

    answers: dict[uuid.UUID, dict[int, Any]] = field(default_factory=dict)
    handed_in: set[uuid.UUID] = field(default_factory=set)
    resent: int = 0


@dataclass
class Client:
    """A learner who sends everything again until it is acknowledged."""

    server: Server
    who: Learner
    said: Acknowledged
    stop: threading.Event

    def send(self, path: str, fields: Mapping[str, Any]) -> bool:
        body = urlencode({"csrf_token": self.who.csrf} | dict(fields), doseq=True).encode()
        host = f"127.0.0.1:{self.server.port}"
        request = wire.request("POST", path, host, {"Cookie": self.who.cookie}, body)
        while not self.stop.is_set():
            with suppress(OSError, ValueError):
                status = wire.ask(self.server.port, request, seconds=10).status
                if status == 303:
                    return True
                assert status in (500, 502, 503), f"{path}: {status}"
            self.said.resent += 1
            time.sleep(0.05)
        return False

    def take(self, quiz: str) -> None:
        """Answer each question twice, first with nothing, then rightly; then hand in."""
        library, server = self.server.library, self.server
        if not self.send(f"/courses/{COURSE}/quizzes/{quiz}", {"expected": "1", "name_confirmed": "yes"}):
            return
        with open_session(server.engine, write=False) as session:
            row = session.query(models.Attempt).filter_by(person_id=self.who.id, quiz=quiz).one()
            attempt = attempts.find(session, row.id, self.who.id)
            paper = attempts.paper_of(attempt)
            items = attempts.items_of(session, library, paper)
        kept = self.said.answers.setdefault(attempt.id, {})
        for number, question in enumerate(paper.questions, 1):
            item = item_of(question, items)
            right = right_fields(item, question.drawn)
            for fields in ({}, right):
                issued = {"issued": str(time.time_ns() // 1000)}
                if not self.send(f"/attempts/{attempt.id}/{number}", fields | issued):
                    return
                kept[number] = KINDS[item.kind].read(body_of(item, "en"), question.drawn, fields)
        if self.send(f"/attempts/{attempt.id}/hand-in", {}):
            self.said.handed_in.add(attempt.id)


def study(server: Server, name: str, said: Acknowledged, stop: threading.Event) -> None:
    """Learner after learner, who passed the other modules before, takes two quizzes and the final."""
    number = 0
    while not stop.is_set():
        number += 1
        who = learners.enter(server.engine, server.secret, f"{name}-{number}")
        with open_session(server.engine, write=True) as session:
            for module in server.library.courses[COURSE].modules:
                quiz = server.library.modules[module].quiz
                if quiz and quiz not in TAKEN:
                    learners.sit(session, server.library, who.id, quiz)
            session.commit()
        client = Client(server, who, said, stop)
        for quiz in (*TAKEN, str(server.library.courses[COURSE].final)):
            client.take(quiz)


def kill_at_random(server: Server, chance: random.Random, until: float) -> tuple[int, int]:
    """SIGKILL to a worker now and then, and sometimes to all processes at once; returns how often."""
    workers = wholes = 0
    while time.monotonic() < until:
        time.sleep(chance.uniform(1, 7))  # a new worker needs some seconds
        if chance.random() < 0.15:
            server.kill()
            server.start()
            wholes += 1
            continue
        alive = server.workers()
        with suppress(psutil.NoSuchProcess, IndexError):
            chance.choice(alive).send_signal(signal.SIGKILL)
            workers += 1
    return workers, wholes


def test_what_was_acknowledged_is_there(serve: Callable[..., Server]) -> None:
    server = serve()
    said, stop = [Acknowledged() for _ in range(CLIENTS)], threading.Event()
    threads = [
        threading.Thread(target=study, args=(server, f"client{number}", one, stop)) for number, one in enumerate(said)
    ]
    for one in threads:
        one.start()
    workers, wholes = kill_at_random(server, random.Random(3), time.monotonic() + SECONDS)
    time.sleep(3)
    stop.set()
    for one in threads:
        one.join(60)
    lost, answers = 0, 0
    with open_session(server.engine, write=False) as session:
        for one in said:
            for id, values in one.answers.items():
                kept = answers_of(session, id)
                answers += len(values)
                lost += sum(
                    kept.get(number, Answer(value="missing")).value != value for number, value in values.items()
                )
        handed = {id for one in said for id in one.handed_in}
        grades = session.query(models.Grade.attempt_id).all()
        passes = session.query(models.Attempt.person_id).join(
            models.Grade, models.Grade.attempt_id == models.Attempt.id
        )
        finished = {
            row.person_id for row in passes.filter(models.Attempt.quiz == "final-assessment", models.Grade.passed)
        }
        certified = [
            row.person_id
            for row in session.query(models.Completion.person_id).join(
                models.Certificate, models.Certificate.completion_id == models.Completion.id
            )
        ]
        differences = standing.compare(session)
    print(
        f"\n{workers} workers and {wholes} whole servers killed in {SECONDS:.0f} s: {answers} answers and "
        f"{len(handed)} hand-ins acknowledged, {sum(one.resent for one in said)} requests sent again, {lost} lost; "
        f"{len(finished)} passes of the final, {len(certified)} certificates"
    )
    assert (lost, differences) == (0, [])
    assert handed <= {row.attempt_id for row in grades}
    assert len({row.attempt_id for row in grades}) == len(grades), "an attempt was graded twice"
    assert sorted(certified) == sorted(finished), "a pass without its certificate, or a certificate too many"
    assert workers > 3
    assert answers > 10
    assert finished


def answers_of(session: Any, id: uuid.UUID) -> dict[int, Answer]:
    row = session.get(models.Attempt, id)
    return attempts.answers(session, attempts.find(session, id, row.person_id))
