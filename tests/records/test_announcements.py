"""Announcements on both databases: on their days, changed by who has seen the newest, withdrawn once."""

from datetime import date, timedelta

from sqlalchemy import Engine

from app.records import announcements
from app.records.announcements import Words
from app.records.engine import open_session
from tests.records.samples import NOW, join, later

TODAY = NOW.date()


def shown(engine: Engine, days: int = 0) -> list[str]:
    found = announcements.current(engine, TODAY + timedelta(days=days))
    return [one.words["en"].title for one in found]


def test_from_when_until_when_and_three_at_once(engine: Engine) -> None:
    spans: dict[str, tuple[int, int | None]] = {
        "a": (0, None),
        "b": (0, 1),
        "c": (1, 2),
        "d": (-3, -1),
        "e": (-1, None),
    }
    with open_session(engine, write=True) as session:
        boss = join(session, "boss", role="administrator")
        for seconds, (title, (first, last)) in enumerate(spans.items()):
            days: tuple[date, date | None] = (
                TODAY + timedelta(first),
                None if last is None else TODAY + timedelta(last),
            )
            id = announcements.add(session, {"en": Words(title, "x\ny\n\nz")}, days, boss, later(seconds=seconds))
        session.commit()
    assert [shown(engine, day) for day in range(-1, 4)] == [
        ["e", "d"],
        ["b", "a", "e"],
        ["c", "b", "a"],
        ["c", "a", "e"],
        ["a", "e"],
    ]
    assert announcements.current(engine, TODAY)[0].first_day == TODAY
    assert Words("t", "x\ny\n\nz").paragraphs == [["x", "y"], ["z"]]
    new = {"en": Words("new", "x")}
    with open_session(engine, write=True) as session:
        tries = [
            announcements.change(session, id, new, (TODAY, None), seen, later(days=1))
            for seen in (later(days=9), later(seconds=4), later(seconds=4))
        ]
        found = announcements.find(session, id)
        assert found is not None
        assert (tries, found.changed_at, found.last_day) == ([False, True, False], later(days=1), None)
        assert announcements.newest(session)[0].id == found.id
        gone = [announcements.withdraw(session, id, later(days=2)) for _ in range(2)]
        late = announcements.change(session, id, new, (TODAY, None), later(days=2), later(days=3))
        session.commit()
    assert (gone, late, shown(engine)) == ([True, False], False, ["b", "a"])
