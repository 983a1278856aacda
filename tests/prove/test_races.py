"""Two servers on one database, fifty requests at the same moment: no second try, no second grade or certificate."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from app.records import models, standing
from app.records.engine import open_session
from tests import learners, wire
from tests.learners import Learner
from tests.serving import Server

COURSE = "social-protection"
AT_ONCE, ROUNDS = 50, 10


def post(server: Server, path: str, who: Learner, **fields: str) -> bytes:
    body = urlencode({"csrf_token": who.csrf} | fields).encode()
    return wire.request("POST", path, f"127.0.0.1:{server.port}", {"Cookie": who.cookie}, body)


def at_once(servers: list[Server], path: str, who: Learner, **fields: str) -> Counter[int]:
    """The same form, fifty times, to both servers in turn; returns the statuses."""
    gate, statuses = threading.Barrier(AT_ONCE), Counter[int]()

    def send(server: Server) -> None:
        request = post(server, path, who, **fields)
        gate.wait()
        status = wire.ask(server.port, request, seconds=60).status
        statuses[status] += 1

    threads = [threading.Thread(target=send, args=(servers[number % len(servers)],)) for number in range(AT_ONCE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return statuses


def test_fifty_at_once_count_as_one(serve: Callable[..., Server]) -> None:
    servers = [serve(), serve()]
    first = servers[0]
    library = first.library
    final = str(library.courses[COURSE].final)
    statuses: Counter[int] = Counter()
    found: list[dict[str, Any]] = []
    for number in range(ROUNDS):
        who = learners.enter(first.engine, first.secret, f"racer{number}")
        with open_session(first.engine, write=True) as session:
            learners.all_but_the_final(session, library, [who.id], COURSE)
            session.commit()
        statuses += at_once(servers, f"/courses/{COURSE}/quizzes/{final}", who, expected="1", name_confirmed="yes")
        with open_session(first.engine, write=True) as session:
            attempt = learners.begin(session, library, who.id, final)
            learners.save(session, attempt, learners.right_values(session, library, attempt))
            session.commit()
        statuses += at_once(servers, f"/attempts/{attempt.id}/hand-in", who)
        found.append(counted(first, who))
    with open_session(first.engine, write=False) as session:
        assert standing.compare(session) == []
    print(f"\n{ROUNDS} rounds of {AT_ONCE} starts and {AT_ONCE} hand-ins at once: {dict(statuses)}")
    tries = 1 + sum(bool(library.modules[module].quiz) for module in library.courses[COURSE].modules)
    assert found == [{"attempts": tries, "grades": tries, "completions": 2, "certificates": 2}] * ROUNDS
    assert set(statuses) == {303}


def counted(server: Server, who: Learner) -> dict[str, int]:
    with open_session(server.engine, write=False) as session:
        attempts = session.query(models.Attempt.id).filter_by(person_id=who.id)
        completions = session.query(models.Completion.id).filter_by(person_id=who.id)
        return {
            "attempts": attempts.count(),
            "grades": session.query(models.Grade).filter(models.Grade.attempt_id.in_(attempts)).count(),
            "completions": completions.count(),
            "certificates": session.query(models.Certificate)
            .filter(models.Certificate.completion_id.in_(completions))
            .count(),
        }
