"""A key is corrected while learners hand in: nobody loses anything, and an interrupted run changes nothing."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.core.content import Item
from app.core.grading import item_of
from app.core.papers import Drawn
from app.core.questions import body_of
from app.records import attempts, models, standing
from app.records.engine import open_session
from tests import answering, learners, wire
from tests.prove import test_kills
from tests.prove.test_kills import Acknowledged, Client, answers_of
from tests.serving import KEPT, LONTAR, ROOT, SHIPPED, Server

QUIZ, REASON = "why", "the key was wrong"
BEFORE, CLIENTS, KILLS = int(os.environ.get("LONTAR_TEST_REGRADED", "400")), 4, 4


def lontar(server: Server, *words: str, **more: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [LONTAR, *words], env=server.environment, cwd=ROOT, text=True, stdout=-1, stderr=subprocess.STDOUT, **more
    )


def run(server: Server, *words: str) -> str:
    done = lontar(server, *words)
    said, _ = done.communicate(timeout=300)
    assert done.returncode == 0, said
    return said


def keyed(server: Server) -> Item:
    """The question whose key was wrong: the first with options and one right answer that may be asked for a grade."""
    return next(one for one in server.library.quizzes[QUIZ].items if one.kind == "single" and one.graded)


def choosing(item: str, letter: str) -> Callable[[Item, Drawn], dict[str, list[str]]]:
    """Right answers, but this option of one question, as everybody chooses who knows better than the key."""

    def fields(asked: Item, drawn: Drawn) -> dict[str, list[str]]:
        return answering.fields_for(asked, drawn, letter) if asked.id == item else answering.right_fields(asked, drawn)

    return fields


def correct(content: Path, item: Item) -> str:
    """Move the mark in the file from the right option to the next one; returns its letter."""
    path = content / "quizzes" / f"{QUIZ}.md"
    options = body_of(item, "en").options
    right = next(place for place, one in enumerate(options) if one.right)
    before, mark, after = path.read_text().partition(f"{{#{item.id} ")
    own, following, rest = after.partition("\n## ")
    lines = own.split("\n")
    marks = [place for place, line in enumerate(lines) if line.startswith("- [")]
    lines[marks[right]] = lines[marks[right]].replace("- [x]", "- [ ]")
    wrong = (right + 1) % len(options)
    lines[marks[wrong]] = lines[marks[wrong]].replace("- [ ]", "- [x]")
    path.write_text(before + mark + "\n".join(lines) + following + rest)
    return "ABCDEFGH"[wrong]


def study(server: Server, name: str, said: Acknowledged, stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        who = learners.enter(server.engine, server.secret, f"{name}-{number}")
        Client(server, who, said, stop).take(QUIZ)


def counted(monkeypatch: Any) -> Counter[str]:
    """What became of each request from now on: the status of its answer, or why there was none."""
    seen: Counter[str] = Counter()
    ask = wire.ask

    def counting(*given: Any, **more: Any) -> wire.Reply:
        try:
            reply = ask(*given, **more)
        except (OSError, ValueError) as error:
            seen[type(error).__name__] += 1
            raise
        seen[str(reply.status)] += 1
        return reply

    monkeypatch.setattr(wire, "ask", counting)
    return seen


def regraded(server: Server) -> tuple[int, int]:
    """Grades of regrades, and lines of the audit log that tell of one."""
    with open_session(server.engine, write=False) as session:
        grades = session.query(models.Grade).filter(models.Grade.reason == REASON).count()
        return grades, session.query(models.Act).filter(models.Act.deed == "regrade").count()


def writing(server: Server) -> bool:
    """Whether somebody has been in one transaction that writes for a while: only a regrade is."""
    if server.engine.dialect.name == "sqlite":
        for _ in range(6):
            with server.engine.connect() as raw:
                try:
                    raw.exec_driver_sql("PRAGMA busy_timeout = 20")
                    raw.exec_driver_sql("BEGIN IMMEDIATE")
                    raw.exec_driver_sql("ROLLBACK")
                    return False
                except Exception:
                    time.sleep(0.02)
        return True
    with server.engine.connect() as raw:
        long = "backend_xid IS NOT NULL AND now() - xact_start > interval '0.1 s' AND pid <> pg_backend_pid()"
        return bool(raw.execute(text(f"SELECT count(*) FROM pg_stat_activity WHERE {long}")).scalar())


def interrupt(server: Server) -> None:
    """Begin a regrade and kill it in the middle of its transaction."""
    one = lontar(server, "regrade", QUIZ, "--reason", REASON)
    while one.poll() is None and not writing(server):
        time.sleep(0.02)
    assert one.poll() is None, f"it was through before it could be killed: {one.communicate()[0]}"
    one.send_signal(signal.SIGKILL)
    one.wait(30)
    if one.stdout:
        one.stdout.close()


def test_a_regrade_beside_learners(serve: Callable[..., Server], tmp_path: Path, monkeypatch: Any) -> None:
    content = tmp_path / "content"
    for folder in ("course", "modules", "quizzes"):
        shutil.copytree(ROOT / folder, content / folder)
    (tmp_path / "node0").mkdir()
    if SHIPPED.exists():
        shutil.copyfile(SHIPPED, tmp_path / "node0" / KEPT)
    server = serve(content=str(content))
    item, old = keyed(server), server.library
    letter = correct(content, item)  # on the disk; the server asks by the old key until it is told to reload
    monkeypatch.setattr(test_kills, "right_fields", choosing(item.id, letter))
    monkeypatch.setattr(learners, "right_fields", choosing(item.id, letter))
    seen = counted(monkeypatch)
    with open_session(server.engine, write=True) as session:
        for who in learners.make(session, server.secret, [f"before-{number}" for number in range(BEFORE)]):
            learners.sit(session, old, who.id, QUIZ)
        session.commit()
    said, stop = [Acknowledged() for _ in range(CLIENTS)], threading.Event()
    threads = [threading.Thread(target=study, args=(server, f"c{n}", one, stop)) for n, one in enumerate(said)]
    for one in threads:
        one.start()
    time.sleep(8)
    run(server, "reload")
    time.sleep(5)
    for _ in range(KILLS):
        interrupt(server)
        assert regraded(server) == (0, 0), "an interrupted regrade left something behind"
        time.sleep(1)
    told = run(server, "regrade", QUIZ, "--reason", REASON)
    time.sleep(5)
    stop.set()
    for one in threads:
        one.join(60)
    again = run(server, "regrade", QUIZ, "--dry-run")
    rises, judged = check(server, item, letter, said)
    handed = sum(len(one.handed_in) for one in said)
    print(f"\n{told.splitlines()[-1]}\n{handed} hand-ins beside it, requests: {dict(seen)}; {rises} of {judged} rose")
    assert ": 0 result(s) of 0 learner(s) change" in again
    assert rises > BEFORE // 10
    assert handed > CLIENTS


def check(server: Server, item: Item, letter: str, said: list[Acknowledged]) -> tuple[int, int]:
    """Nothing lost, nothing fell, each answer with the corrected key is right by its newest grade."""
    rises = judged = 0
    with open_session(server.engine, write=False) as session:
        for one in said:
            for id, values in one.answers.items():
                kept = answers_of(session, id)
                assert {number: kept[number].value for number in values} == values
        for row in session.query(models.Attempt).filter_by(quiz=QUIZ).all():
            grades = session.query(models.Grade).filter_by(attempt_id=row.id).order_by(models.Grade.number).all()
            if not grades:
                continue
            points = [Fraction(one.points) for one in grades]
            assert points == sorted(points), "a result fell"
            paper = attempts.paper_of(attempts.find(session, row.id, row.person_id))
            items = attempts.items_of(session, server.library, paper)
            asked = [item_of(question, items).id for question in paper.questions]
            if item.id not in asked:
                assert len(grades) == 1
                continue
            judged += 1
            rises += len(grades) > 1 and points[-1] > points[0]
        assert standing.compare(session) == []
    return rises, judged
