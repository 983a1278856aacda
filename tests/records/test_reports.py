"""What administrators are told agrees with what learners did."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.exports import COMPLETIONS, FORMATS
from app.core.progress import Facts, Result
from app.records import certificates, people, reading, reports, sign_ins
from app.records.models import Completion
from tests.records.samples import COURSE, FINAL, ISSUER, LIBRARY, NOW, QUIZ, complete, join, later, take

ZONE = ZoneInfo("Pacific/Fiji")


def rows(session: Session) -> list[dict[str, object]]:
    names = [column.name for column in COMPLETIONS]
    found = reports.completions(session, LIBRARY, LIBRARY.courses[COURSE], later(days=3))
    return [dict(zip(names, row, strict=True)) for row in found]


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
    assert reports.enrolled(session, COURSE) == 3


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
    assert reports.final_score(final, Facts(results={FINAL: results})) == score
    assert reports.final_score(final, Facts()) is None
    assert reports.final_score(None, Facts(results={FINAL: results})) is None


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_says_the_same(session: Session, tmp_path: Path, kind: str) -> None:
    person = join(session, name="=cmd|' /C calc'!A0")
    complete(session, person)
    course = LIBRARY.courses[COURSE]
    targets = [tmp_path / "one.csv", tmp_path / f"two.{kind}"]
    abouts = [
        reports.export_completions(session, LIBRARY, course, target.suffix[1:], target, now=NOW, zone=ZONE)
        for target in targets
    ]
    assert abouts[0].sha256 == abouts[1].sha256
    assert (abouts[1].rows, abouts[1].release, abouts[1].timezone) == (1, "release-1", "Pacific/Fiji")
    if kind == "csv":
        row = next(csv.DictReader(io.StringIO(targets[0].read_text(encoding="utf-8-sig"))))
        assert (row["name"][0], row["enrolled"][:10]) == ("'", "2026-11-22")
    if kind == "jsonl":
        assert json.loads(targets[1].read_text())["name"] == "=cmd|' /C calc'!A0"


def test_the_attempts_of_a_person_are_listed_in_order(session: Session) -> None:
    person = join(session)
    take(session, person, QUIZ, 1, NOW, right=False)
    take(session, person, QUIZ, 2, later(hours=1))
    found = [(row.quiz, row.number, row.score, row.passed) for row in reports.attempts_of(session, person)]
    assert found == [(QUIZ, 1, 0, False), (QUIZ, 2, 10000, True)]
    assert reports.attempts_of(session, join(session, "other")) == []
