"""Tables of a month are frozen once, by whoever comes first, and stay as they are whatever happens to the records."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from app.core.frozen import REPORT, STATISTICS
from app.ops import freezing
from app.ops.overdue import Heart
from app.records import audit, frozen, listings, people, tallies
from app.records.engine import open_session
from config import Config
from tests.records.samples import COURSE, LIBRARY, complete, join

JULY, OCTOBER, NOVEMBER = (datetime(2026, month, 9, 12, tzinfo=UTC) for month in (7, 10, 11))


@pytest.fixture
def learned(engine: Engine) -> Any:
    """One person enrolled and completed in July; 300 people of the tallies, of one ministry, enrolled in September."""
    with open_session(engine, write=True) as session:
        person = join(session, "ana", country="FJ", sex="woman")
        complete(session, person, JULY)
        ministry = listings.put(session, "FJ", "ministry", {"en": "Labour"}, JULY)
        assert ministry
        profile = ("FJ", "man", "labour", ministry.hex, "25-34", "en")
        cell = tallies.cell(COURSE, "enrolled", datetime(2026, 9, 3), profile)
        tallies.add(session, {cell: 300})
        session.commit()
    return person


def texts(engine: Engine, kind: str, period: str, edition: int | None = None) -> tuple[str, str] | None:
    with open_session(engine, write=False) as session:
        found = frozen.find(session, COURSE, kind, period, edition)
    return (found.document, found.sheet) if found else None


def named_of(document: str, name: str) -> str:
    """The id of the organisation that stands in a report under this name."""
    return next(id for id, one in msgspec.json.decode(document)["organisations"].items() if one == name)


def rows(document: str, *by: str) -> list[list[Any]]:
    return next(one["rows"] for one in msgspec.json.decode(document)["tables"] if one["by"] == list(by))


def test_missed_months_are_frozen_once_and_stay_as_they_are(engine: Engine, config: Config, learned: Any) -> None:
    assert freezing.freeze_due(engine, config, LIBRARY, OCTOBER) == 7  # July to September, twice, and a quarter
    assert freezing.freeze_due(engine, config, LIBRARY, OCTOBER) == 0
    kept = {period: texts(engine, REPORT, period) for period in ("2026-07", "2026-09", "2026-Q3")}
    july, september, quarter = (found[0] for found in kept.values() if found)
    assert rows(july) == [[1, 1, 1, 1, 1, 1, 1, 1, 2, 2]]
    assert rows(september, "sex") == [
        ["man", 300, 300, 0, 0, 0, 0, 0, 0, 0, 0],
        ["woman", 1, 0, 1, 0, 1, 0, 1, 0, 2, 0],
    ]
    assert rows(quarter, "country") == [["FJ", 301, 301, 1, 1, 1, 1, 1, 1, 2, 2]]
    assert msgspec.json.decode(july)["frozen_at"] == OCTOBER.astimezone(config.zone).isoformat(timespec="seconds")
    assert rows(quarter, "country", "organisation") == [
        ["FJ", "", 1, 1, 1, 1, 1, 1, 1, 1, 2, 2],
        ["FJ", ministry := named_of(quarter, "Labour"), 300, 300, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert f"country x organisation,FJ,{ministry},300,300,0,0,0,0,0,0,0,0,Labour" in (kept["2026-Q3"] or [""])[-1]
    assert [table["by"] for table in msgspec.json.decode(july)["tables"]][-1] == ["country", "ministry_type"]
    public = texts(engine, STATISTICS, "2026-09")
    with open_session(engine, write=True) as session:
        person = people.get(session, learned)
        people.change_profile(session, person.id, {"country": "TV"}, OCTOBER)
        people.erase(session, person.id, OCTOBER, keep_certificates=False)
        session.commit()
    assert freezing.freeze_due(engine, config, LIBRARY, NOVEMBER) == 2
    assert {period: texts(engine, REPORT, period) for period in kept} == kept
    assert texts(engine, STATISTICS, "2026-09") == public
    with open_session(engine, write=False) as session:
        assert frozen.changed(session) == []
        acts = audit.latest(session)
    assert acts[0].detail.split()[0] == "edition"


def test_a_month_whose_counts_are_gone_is_not_the_first(engine: Engine, learned: Any) -> None:
    cell = tallies.cell(COURSE, "enrolled", datetime(2026, 3, 3), ("NP", "", "", "", "", "en"))
    with open_session(engine, write=True) as session:
        assert (frozen.first_month(session, COURSE), frozen.courses(session)) == ("2026-07", [COURSE])
        tallies.add(session, {cell: 1})
        assert frozen.first_month(session, COURSE) == "2026-03"
        tallies.add(session, {cell: -1})
        assert frozen.first_month(session, COURSE) == "2026-07"
        assert frozen.first_month(session, "another") is None


def test_a_correction_stands_beside_what_it_corrects(engine: Engine, config: Config, learned: Any) -> None:
    course = LIBRARY.courses[COURSE]

    def correct(period: str, reason: str) -> int:
        with open_session(engine, write=True) as session:
            edition = freezing.freeze_report(session, config, LIBRARY, course, period, reason, OCTOBER, None)
            session.commit()
        return edition

    assert correct("2026-Q3", "") == 1
    first = texts(engine, REPORT, "2026-Q3")
    with pytest.raises(ValueError, match="a correction needs a reason"):
        correct("2026-Q3", " ")
    assert correct("2026-Q3", "late records") == 2
    assert texts(engine, REPORT, "2026-Q3", 1) == first
    newest = texts(engine, REPORT, "2026-Q3")
    assert newest is not None
    assert msgspec.json.decode(newest[0])["reason"] == "late records"
    for period in ("2026-10", "2026-Q4", "2026-06", "2026", "2026-07..2026-08", "soon", ""):
        with pytest.raises(freezing.NotOver):
            correct(period, "why not")
    with open_session(engine, write=True) as session:
        again = {"course": COURSE, "kind": REPORT, "period": "2026-Q3", "edition": 1, "document": "", "sheet": ""}
        assert frozen.add(session, **again, by=None, reason="", now=OCTOBER) is False


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_server_freezes_by_itself(engine: Engine, config: Config, learned: Any) -> None:
    heart = Heart(engine, config, lambda: LIBRARY)
    heart.freeze(OCTOBER)
    with open_session(engine, write=False) as session:
        assert freezing.waiting(session, OCTOBER, config.zone) == 0
        assert freezing.waiting(session, NOVEMBER, config.zone) == 2
        assert [one.period for one in frozen.listed(session, COURSE, STATISTICS)] == ["2026-09", "2026-08", "2026-07"]
    heart.freeze(NOVEMBER)
    assert texts(engine, STATISTICS, "2026-10") is not None
