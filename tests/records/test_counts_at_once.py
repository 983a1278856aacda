"""Counts that several move at the same moment: nobody waits in a circle, and all agrees at the end."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Engine

from app.records import people, standing, steps
from app.records.engine import open_session
from tests.records.samples import FINAL, QUIZ, complete, join, later, take

TURNS = 15


def test_profiles_change_while_a_quiz_is_counted_anew(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        members = [join(session, f"p{number}") for number in range(6)]
        for member in members:
            complete(session, member)
        session.commit()

    def move(place: int) -> None:
        for turn in range(TURNS):
            country, ministry = (("FJ", "labour"), ("TO", "health"), ("", ""))[(place + turn) % 3]
            with open_session(engine, write=True) as session:
                changes = {"country": country, "ministry_type": ministry, "sex": "woman" if turn % 2 else "man"}
                people.change_profile(session, members[place], changes, later(days=1))
                session.commit()

    def count_anew(_number: int) -> None:
        for turn in range(TURNS):
            with open_session(engine, write=True) as session:
                steps.recount_quiz(session, (QUIZ, FINAL)[turn % 2])
                session.commit()

    with ThreadPoolExecutor(8) as pool:
        started = [pool.submit(move, place) for place in range(6)] + [pool.submit(count_anew, 0) for _ in range(2)]
        for one in started:
            one.result()
    with open_session(engine, write=False) as session:
        assert standing.compare(session) == []


def test_people_are_erased_beside_others_who_hand_in(engine: Engine) -> None:
    """Both move counts of people, of steps and of answers, in one order."""
    with open_session(engine, write=True) as session:
        leaving, staying = ([join(session, f"{kind}{number}") for number in range(8)] for kind in "ls")
        for member in leaving:
            take(session, member, QUIZ, 1)
        session.commit()
    together = Barrier(2, timeout=30)

    def erase() -> None:
        for member in leaving:
            together.wait()
            with open_session(engine, write=True) as session:
                people.erase(session, member, later(days=1), keep_certificates=False)
                session.commit()

    def hand_in() -> None:
        for member in staying:
            together.wait()
            with open_session(engine, write=True) as session:
                take(session, member, QUIZ, 1)
                session.commit()

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(erase), pool.submit(hand_in)]:
            one.result()
    with open_session(engine, write=False) as session:
        assert standing.compare(session) == []
