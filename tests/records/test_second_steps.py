"""The second step of signing in, on both databases: sealed, used once, of one person, by one at a time."""

from datetime import timedelta
from threading import Barrier, Thread

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core import totp
from app.records import people, second_steps
from app.records.engine import file_of, open_session
from tests.records.samples import NOW, join

SECRET, KEY = b"a secret of this site alone 0123", b"12345678901234567890"
STEP = totp.step_at(NOW)


def code(steps: int = 0) -> str:
    return totp.digits(KEY, STEP + steps)


def test_each_code_works_once_for_its_owner(session: Session) -> None:
    ana, litia = join(session, "ana", role="author"), join(session, "litia", role="author")
    assert second_steps.state(session, ana) is None
    codes = second_steps.turn_on(session, SECRET, ana, KEY, STEP - 1, NOW)
    assert (len(codes), len(set(codes)), {len(one) for one in codes}) == (10, 10, {19})
    assert second_steps.turn_on(session, SECRET, ana, b"x" * 20, STEP, NOW) == ()  # it is on already
    hers = second_steps.turn_on(session, SECRET, litia, b"x" * 20, STEP, NOW)

    def use(person: object, typed: str, later: int = 0) -> str:
        return second_steps.use(session, SECRET, person, typed, NOW + timedelta(seconds=later))

    tried = [(ana, code(-1)), (ana, code()), (ana, code()), (litia, code(1)), (ana, code(1)), (ana, code())]
    assert [use(*one) for one in tried] == ["", "app", "", "", "app", ""]  # set-up's own, now, again, another's, next
    papers = [(litia, codes[0]), (ana, codes[0].lower().replace("-", " ")), (ana, codes[0]), (ana, hers[0])]
    assert [use(*one) for one in papers] == ["", "paper", "", ""]
    assert second_steps.state(session, ana) == (NOW, 9)
    again = second_steps.new_codes(session, ana, NOW)
    assert [use(ana, codes[1]), use(ana, again[1])] == ["", "paper"]
    assert second_steps.use(session, b"another secret, after a restore!", ana, code(2), NOW) == ""
    assert second_steps.use(session, b"another secret, after a restore!", ana, again[2], NOW) == "paper"
    assert second_steps.lost(session, SECRET) == (2, 0)
    assert second_steps.lost(session, b"another secret, after a restore!") == (2, 2)
    assert [second_steps.turn_off(session, ana), second_steps.turn_off(session, ana)] == [True, False]
    assert [use(ana, code(2), 60), use(ana, again[3])] == ["", ""]
    row = session.execute(text("SELECT sealed FROM second_step")).scalar_one()
    assert second_steps.unseal(SECRET, litia, row) == b"x" * 20
    assert [second_steps.unseal(SECRET, litia, one) for one in ("", "é", row[:-4])] == [None] * 3
    assert second_steps.unseal(SECRET, ana, row) is None


def test_what_is_kept_opens_nothing_and_goes_with_the_person(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        ana = join(session, "ana", role="author")
        codes = second_steps.turn_on(session, SECRET, ana, KEY, STEP, NOW)
        session.commit()
    with open_session(engine, write=False) as session:
        data = people.export_data(session, ana)
        kept = session.execute(text("SELECT sealed, last_step FROM second_step")).one()
        hashes = set(session.execute(text("SELECT hash FROM spare_code")).scalars())
    assert (list(data["second_steps"][0]), len(data["spare_codes"])) == (["person_id", "last_step", "at"], 10)
    assert not hashes & set(codes)
    assert kept.sealed not in str(data)
    if file := file_of(engine):
        stored = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
        told = (KEY, totp.in_groups(KEY).replace(" ", "").encode(), *(one.encode() for one in codes))
        assert [one for one in told if one in stored] == []
    with open_session(engine, write=True) as session:
        people.erase(session, ana, NOW, keep_certificates=True)
        session.commit()
        counts = [
            session.execute(text(f"SELECT count(*) FROM {one}")).scalar() for one in ("second_step", "spare_code")
        ]
    assert counts == [0, 0]


def test_one_code_lets_one_of_two_in(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        ana = join(session, "ana", role="author")
        spare = second_steps.turn_on(session, SECRET, ana, KEY, STEP - 1, NOW)[0]
        session.commit()
    for typed in (code(), spare):
        start, ways = Barrier(2), []

        def sign_in(typed: str = typed, start: Barrier = start, ways: list[str] = ways) -> None:
            start.wait()
            with open_session(engine, write=True) as session:
                ways.append(second_steps.use(session, SECRET, ana, typed, NOW))
                session.commit()

        both = [Thread(target=sign_in) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert sorted(ways)[0] == "" != sorted(ways)[1]
