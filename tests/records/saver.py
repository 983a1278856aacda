"""A process that saves answers and hands in, says each act only after its commit, and never stops by itself."""

import itertools
import json
import sys
import uuid

from msgspec.structs import replace

from app.records import attempts
from app.records.engine import create_engine, open_session
from tests.records.samples import ISSUER, LIBRARY, NOW, QUIZ

SAVES = 12  # before each hand-in: A to each of the four questions, then B, then C
ENDLESS = replace(LIBRARY, quizzes={**LIBRARY.quizzes, QUIZ: replace(LIBRARY.quizzes[QUIZ], attempts=None)})


def run(url: str, person: uuid.UUID) -> None:
    engine = create_engine(url)
    for number in itertools.count(1):
        with open_session(engine, write=True) as session:
            attempt = attempts.open_attempt(session, ENDLESS, person, QUIZ, number, "seed", NOW)
            session.commit()
        for issued in range(SAVES):
            question, letter = issued % 4 + 1, "ABC"[issued // 4]
            with open_session(engine, write=True) as session:
                attempts.save_answer(session, attempt.id, person, question, letter, "en", 1, issued, NOW)
                session.commit()
            say(attempt=str(attempt.id), question=question, answer=letter)
        with open_session(engine, write=True) as session:
            attempts.hand_in(session, ENDLESS, person, attempt.id, NOW, "en", ISSUER)
            session.commit()
        say(attempt=str(attempt.id), handed_in=True)


def say(**words: object) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    run(sys.argv[1], uuid.UUID(sys.argv[2]))
