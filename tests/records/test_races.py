"""Many acts at the same moment, in threads and in two processes: no limit breaks, nothing is issued twice."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from app.records import attempts, people, reading, standing
from app.records.engine import create_engine, is_transient, open_session
from tests.records.samples import COURSE, FINAL, ISSUER, LIBRARY, NOW, QUIZ, SECTIONS, join, right_answers, take
from tests.records.storm import Pair, act

Storm = Callable[[str, uuid.UUID, list[str]], list[str]]
MANY = 20


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with Pair() as pair:
        yield pair


@pytest.fixture(params=["threads", "two processes"])
def storm(request: pytest.FixtureRequest) -> Storm:
    """What does many acts at once and says what came of each."""
    return act if request.param == "threads" else request.getfixturevalue("pair")


def count(engine: Engine, table: str) -> int:
    with open_session(engine, write=False) as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def differences(engine: Engine) -> list[str]:
    with open_session(engine, write=False) as session:
        return standing.compare(session)


def test_starts_at_once_open_one_attempt(engine: Engine, url: str, storm: Storm) -> None:
    with open_session(engine, write=True) as session:
        person = join(session)
        session.commit()
    said = storm(url, person, [f"start {QUIZ} {1 + (place % 5 == 4)}" for place in range(MANY)])
    ids = {one for one in said if one not in ("number", "never")}
    assert len(ids) == 1
    assert "never" not in said
    assert (count(engine, "attempt"), count(engine, "enrolment")) == (1, 1)
    assert differences(engine) == []


def test_hand_ins_and_last_sections_at_once_certify_once(engine: Engine, url: str, storm: Storm) -> None:
    with open_session(engine, write=True) as session:
        person = join(session)
        for module, section in SECTIONS[:-1]:
            reading.mark_read(session, LIBRARY, person, COURSE, module, section, NOW, "en", ISSUER)
        take(session, person, QUIZ, 1)
        final = attempts.open_attempt(session, LIBRARY, person, FINAL, 1, "seed", NOW)
        for question, letter in right_answers(attempts.paper_of(final)).items():
            attempts.save_answer(session, final.id, person, question, letter, "en", 1, 1, NOW)
        session.commit()
    last = " ".join(SECTIONS[-1])
    said = storm(url, person, [f"hand-in {final.id}" if place % 2 else f"read {last}" for place in range(MANY)])
    handed = {one for one in said if one.startswith("True LON-")}
    read = [one for one in said if one.startswith("LON-")]
    assert (len(handed), len(read), said.count("")) == (1, 1, MANY // 2 - 1)
    assert (count(engine, "completion"), count(engine, "certificate"), count(engine, "grade")) == (2, 2, 2)
    assert differences(engine) == []


def test_people_who_pass_at_the_same_moment_get_numbers_and_places_of_their_own(engine: Engine, url: str) -> None:
    finals = {}
    with open_session(engine, write=True) as session:
        for login in "abcdefgh":
            person = join(session, login)
            for module, section in SECTIONS:
                reading.mark_read(session, LIBRARY, person, COURSE, module, section, NOW, "en", ISSUER)
            take(session, person, QUIZ, 1)
            finals[person] = attempts.open_attempt(session, LIBRARY, person, FINAL, 1, "seed", NOW)
            for question, letter in right_answers(attempts.paper_of(finals[person])).items():
                attempts.save_answer(session, finals[person].id, person, question, letter, "en", 1, 1, NOW)
        session.commit()
    begin = time.time() + 0.5
    with ThreadPoolExecutor(len(finals)) as pool:
        said = list(pool.map(lambda person: act(url, person, [f"hand-in {finals[person].id}"], begin), finals))
    assert [one.partition(" LON-")[0] for (one,) in said] == ["True"] * len(finals)
    assert len({one for (one,) in said}) == len(finals)
    assert (count(engine, "certificate"), count(engine, "completion")) == (2 * len(finals), 2 * len(finals))
    with open_session(engine, write=False) as session:
        held = session.execute(text("SELECT list, place FROM status_place")).all()
    assert len(held) == len(set(held)) == 2 * len(finals)
    assert differences(engine) == []


def test_whole_tries_at_once_stop_at_the_limit(engine: Engine, url: str, storm: Storm) -> None:
    with open_session(engine, write=True) as session:
        person = join(session)
        session.commit()
    said = storm(url, person, [f"try {QUIZ}"] * MANY)
    assert set(said) == {"handed in 1", "handed in 2", "handed in 3", "limit"}
    assert (count(engine, "attempt"), count(engine, "grade")) == (3, 3)
    assert differences(engine) == []


def test_no_answer_slips_in_behind_the_hand_in(engine: Engine) -> None:
    """Whatever was acknowledged as saved is in the packed answers."""
    for round in range(4):
        with open_session(engine, write=True) as session:
            person = join(session, f"person{round}")
            attempt = attempts.open_attempt(session, LIBRARY, person, QUIZ, 1, "seed", NOW)
            session.commit()

        def save(place: int, id: uuid.UUID = attempt.id, person: uuid.UUID = person) -> tuple[int, str]:
            with open_session(engine, write=True) as session:
                said = attempts.save_answer(session, id, person, place, "A", "en", 1, 1, NOW)
                session.commit()
                return place, said

        def hand_in(id: uuid.UUID = attempt.id, person: uuid.UUID = person) -> None:
            with open_session(engine, write=True) as session:
                attempts.hand_in(session, LIBRARY, person, id, NOW, "en", ISSUER)
                session.commit()

        with ThreadPoolExecutor(13) as pool:
            early = [pool.submit(save, place) for place in range(1, 7)]
            handing = pool.submit(hand_in)
            late = [pool.submit(save, place) for place in range(7, 13)]
            handing.result()
            said = dict(future.result() for future in early + late)
        with open_session(engine, write=False) as session:
            kept = attempts.answers(session, attempts.find(session, attempt.id, person))
        assert {place for place, word in said.items() if word == "saved"} == set(kept)
    assert count(engine, "answer") == 0


def test_profiles_that_change_while_people_begin_leave_the_tallies_right(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        persons = [join(session, f"person{number}") for number in range(6)]
        session.commit()

    def retried(what: Callable[..., object], *values: object) -> None:
        for _ in range(20):
            try:
                with open_session(engine, write=True) as session:
                    what(session, *values)
                    session.commit()
                    return
            except Exception as error:
                if not is_transient(error):
                    raise

    def begin(session: object, person: uuid.UUID) -> None:
        reading.mark_read(session, LIBRARY, person, COURSE, "welcome", "start", NOW, "en", ISSUER)

    def move(session: object, person: uuid.UUID, country: str) -> None:
        people.change_profile(session, person, {"country": country}, NOW)

    with ThreadPoolExecutor(12) as pool:
        jobs = [pool.submit(retried, begin, person) for person in persons]
        jobs += [pool.submit(retried, move, person, country) for country in ("TO", "KI") for person in persons]
        for job in jobs:
            job.result()
    assert differences(engine) == []


def test_two_administrators_who_leave_at_once_leave_one(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        ids = [join(session, login, role="administrator") for login in ("one", "two")]
        session.commit()

    def leave(id: uuid.UUID) -> str:
        try:
            with open_session(engine, write=True) as session:
                people.set_role(session, id, "learner")
                session.commit()
                return "left"
        except people.LastAdministrator:
            return "stays"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, ids)) == ["left", "stays"]


@pytest.mark.prove
def test_under_steady_load_no_writer_waits_in_vain(url: str) -> None:
    """Eight threads on four engines, as of four processes, save 300 answers each without a pause."""
    engines = [create_engine(url) for _ in range(4)]
    with open_session(engines[0], write=True) as session:
        person = join(session)
        attempt = attempts.open_attempt(session, LIBRARY, person, QUIZ, 1, "seed", NOW)
        session.commit()

    def save(place: int) -> int:
        saved = 0
        for issued in range(300):
            with open_session(engines[place % 4], write=True) as session:
                said = attempts.save_answer(session, attempt.id, person, place + 1, "A", "en", 1, issued, NOW)
                session.commit()
                saved += said == "saved"
        return saved

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(save, range(8))) == [300] * 8
    for engine in engines:
        engine.dispose()
