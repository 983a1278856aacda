"""What administrators are told agrees with what learners did."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.exports import KINDS, Site, Wanted, understood, want
from app.core.filters import Filters
from app.core.progress import Facts, Result
from app.core.roster import final_score
from app.records import certificates, exports, people, reading, reports, sign_ins
from app.records.models import Completion
from tests.records.samples import COURSE, FINAL, ISSUER, LIBRARY, NOW, QUIZ, complete, join, later, take

ZONE = ZoneInfo("Pacific/Fiji")


def rows(session: Session) -> list[dict[str, object]]:
    wanted = want("completions", (), {}, LIBRARY, ("en",), date(2026, 11, 22))
    found = exports.rows(session, Site(LIBRARY, later(days=3), ZONE), wanted)
    return [dict(zip([column.name for column in wanted.columns], row, strict=True)) for row in found]


def test_there_is_one_row_for_each_enrolment(session: Session) -> None:
    done = join(session, "a", demo=False)
    numbers = complete(session, done)
    people.change_profile(session, done, {"country": "TO", "organisation": "Another"}, later(days=1))
    half = join(session, "b", "Bela", name_latin="", sex="man", organisation="")
    reading.mark_read(session, LIBRARY, half, COURSE, "welcome", "start", later(hours=1), "en", ISSUER)
    sign_ins.start(session, half, "own", later(hours=2))
    fresh = join(session, "c")
    reading.enrol(session, LIBRARY, fresh, COURSE, later(hours=3))
    join(session, "d")
    found = rows(session)
    as_it_was = session.scalars(select(Completion.organisation_id).where(Completion.person_id == done)).first()
    assert [(row["learner_id"], row["status"]) for row in found] == [
        (str(done), "valid"),
        (str(half), "started"),
        (str(fresh), "enrolled"),
    ]
    assert found[0] == {
        "learner_id": str(done),
        "name": "Ana Moana",
        "name_latin": "Ana Moana",
        "country_code": "FJ",
        "country": "FJ",
        "sex": "woman",
        "ministry_type": "labour",
        "organisation_id": str(as_it_was),
        "organisation": "Ministry of Employment",
        "age_band": "35-44",
        "course": COURSE,
        "version": "1.0",
        "enrolled": NOW,
        "last_seen": None,
        "sections_read": 4,
        "quizzes_passed": 1,
        "final_score": Decimal("100"),
        "completed": later(minutes=1),
        "certificate_number": numbers[1],
        "status": "valid",
    }
    half_way = ("organisation", "last_seen", "sections_read", "quizzes_passed", "final_score", "completed")
    assert [found[1][name] for name in half_way] == [None, later(hours=2), 1, 0, None, None]


def test_every_kind_has_as_many_rows_as_it_says(session: Session) -> None:
    done = join(session, "a")
    complete(session, done)
    reading.enrol(session, LIBRARY, join(session, "b", sex="man"), COURSE, NOW)
    office = people.get(session, done).organisation_id
    assert office is not None
    site = Site(LIBRARY, later(days=3), ZONE)
    her = {"country": ("", "FJ"), "sex": ("woman",), "organisation": (office.hex,), "age_band": ("35-44",)}
    for kind in KINDS.values():
        asked = {name: value for name, value in her.items() if understood(kind, name)}
        period = "2026-11..2027" if kind.period else ""
        status = "completed" if understood(kind, "status") else ""
        for filters in (
            Filters(course=COURSE),
            Filters(course=COURSE, period=period),
            Filters(course=COURSE, period=period, status=status, **asked),
        ):
            wanted = Wanted(kind=kind, filters=filters, columns=kind.columns)
            found = list(exports.rows(session, site, wanted))
            assert exports.count(session, site, wanted) == len(found) > 0, (kind.name, filters)
            assert {len(row) for row in found} == {len(kind.columns)}
            if asked:
                assert "man" not in {value for row in found for value in row} or not filters.sex
        nothing = Wanted(kind=kind, filters=Filters(course=COURSE, period="2001"), columns=kind.columns)
        assert not kind.period or list(exports.rows(session, site, nothing)) == []


def test_a_revoked_certificate_is_told_as_such(session: Session) -> None:
    numbers = complete(session, join(session))
    certificates.revoke(session, numbers[1], "a mistake", None, NOW)
    assert [row["status"] for row in rows(session)] == ["revoked"]


@pytest.mark.parametrize(("counts", "score"), [("best", 9000), ("last", 5000), ("average", 6666)])
def test_the_final_score_is_the_one_that_counts(counts: str, score: int) -> None:
    final = replace(LIBRARY.quizzes[FINAL], counts=counts)
    results = tuple(
        Result(number=number, at=NOW, passed=True, score=points * 1000, points=str(points), possible=10)
        for number, points in enumerate((6, 9, 5), 1)
    )
    assert final_score(final, Facts(results={FINAL: results})) == score
    assert final_score(final, Facts()) is None
    assert final_score(None, Facts(results={FINAL: results})) is None


def test_the_attempts_of_a_person_are_listed_in_order(session: Session) -> None:
    person = join(session)
    take(session, person, QUIZ, 1, NOW, right=False)
    take(session, person, QUIZ, 2, later(hours=1))
    found = [(row.quiz, row.number, row.score, row.passed) for row in reports.attempts_of(session, person)]
    assert found == [(QUIZ, 1, 0, False), (QUIZ, 2, 10000, True)]
    assert reports.attempts_of(session, join(session, "other")) == []
