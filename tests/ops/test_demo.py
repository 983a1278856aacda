"""Demonstration people: believable, marked, the same for the same seed, and never among real learners."""

import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count as count_up
from pathlib import Path
from random import Random

import msgspec
import pytest
from sqlalchemy import Engine, text

from app.core.content import Library
from app.core.drawing import draw
from app.core.grading import item_of, share
from app.core.limits import Allowed
from app.core.load import load
from app.core.questions import KINDS
from app.ops import demo, demo_copies, demo_rows
from app.ops.demo_answers import MISTAKES, answer
from app.ops.demo_names import FRENCH, NAMES, OFFICES
from app.ops.demo_people import AGE_BANDS, MINISTRIES, SEX, plan
from app.ops.serving import Stopped
from app.records import allowances, audit, certificates, examples, hot, people, places, standing, surveys
from app.records.engine import create_engine, migrate, open_session
from app.records.passwords import verify
from app.records.sql import statement
from config import ROOT, Config
from tests import surveyed
from tests.ops.bars import SILENT, Bars
from tests.records.samples import join
from tests.serving import SHIPPED

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def shipped() -> Library:
    library, _problems = load(ROOT, today=date(2026, 11, 22), kept=SHIPPED)
    assert library
    return library


def deeds(engine: Engine) -> list[tuple[object, ...]]:
    """Who they are and what they did, without ids and certificate numbers."""
    found: list[tuple[object, ...]] = []
    with open_session(engine, write=False) as session:
        for query in (
            "SELECT login, name, sex, country, joined_at, seen_at FROM person ORDER BY login",
            "SELECT quiz, number, opened_at, paper, answers FROM attempt ORDER BY opened_at, quiz",
            "SELECT kind, at, country, language FROM completion ORDER BY at, kind",
        ):
            found += [tuple(row) for row in session.execute(text(query))]
    return found


def test_they_learn_pass_and_fail_and_get_certificates(engine: Engine, config: Config) -> None:
    bars = Bars()
    made = demo.populate(engine, config, 24, "palm", NOW, bars)
    assert bars.told == [("Learning", 24, 24)]
    with open_session(engine, write=False) as session:
        counted = {
            table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("enrolment", "attempt", "certificate")
        }
        assert counted == {"enrolment": made.enrolled, "attempt": made.attempts, "certificate": made.certificates}
        assert 16 < made.enrolled < 24
        results = Counter(session.execute(text("SELECT passed FROM grade")).scalars())
        assert results[True] > results[False] > 0
        assert session.execute(text("SELECT count(*) FROM attempt WHERE number > 1")).scalar_one() > 0
        kinds = set(session.execute(text("SELECT kind FROM completion")).scalars())
        assert kinds == {"completion", "participation"}
        assert (
            session.execute(text("SELECT count(*) FROM person WHERE NOT demo OR role <> 'learner'")).scalar_one() == 0
        )
        newest = session.execute(text("SELECT max(seen_at) FROM person")).scalar_one()
        assert str(newest) < "2026-11-22 09:00"
        assert standing.compare(session, config.zone) == []
        assert audit.verify_chain(session) is None
        number = session.execute(text("SELECT min(number) FROM certificate")).scalar_one()
        issued = certificates.find(session, number, NOW)
    assert issued
    assert (issued.status, issued.record and issued.record["demonstration"]) == ("demonstration", True)


def test_one_of_them_can_sign_in(engine: Engine, config: Config) -> None:
    made = demo.populate(engine, config, 1, "palm", NOW, SILENT)
    with open_session(engine, write=False) as session:
        person = people.find_login(session, made.login)
        assert person
        assert verify(person.password_hash, made.password)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_second_call_goes_on_where_the_first_ended(engine: Engine, config: Config, tmp_path: Path) -> None:
    other = create_engine(f"sqlite:///{tmp_path / 'other.sqlite'}")
    migrate(other)
    for learners in (4, 3):
        demo.populate(engine, config, learners, "palm", NOW, SILENT)
    demo.populate(other, config, 7, "palm", NOW, SILENT)
    assert deeds(engine) == deeds(other)
    assert [row[0] for row in deeds(engine)][:7] == [f"demo-000000{number}" for number in range(1, 8)]
    hot.close(other)


def test_beyond_the_first_ones_people_do_what_one_of_these_did(
    engine: Engine, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies agree with the facts like anybody: counts, standings, places, evidence, moments, names; also when a second
    process wrote them down, and organisations lead elsewhere before they are added."""
    monkeypatch.setattr(demo_rows, "MANY", 25)
    monkeypatch.setattr(demo_copies, "AT_FIRST", 15)

    steps = count_up()

    def rename() -> None:
        if next(steps) < 12:  # the first ones are still at it
            return
        with open_session(engine, write=True) as session:
            session.execute(text("UPDATE organisation SET name_key = name_key || ' of old'"))
            session.commit()

    asking, bars = replace(config, content=surveyed.make(tmp_path / "content")), Bars(rename)
    made = demo.populate(engine, asking, 72, "palm", NOW, bars, lived=12)
    assert [told[::2] for told in bars.told] == [("Learning", 12), ("Copying", 60)]
    with open_session(engine, write=False) as session:
        assert standing.compare(session, config.zone) == []
        assert places.lacking(session) == []
        one = "SELECT count(*) FROM person WHERE login > 'demo-0000012' AND "
        assert session.execute(statement(f"{one} (seen_at > :now OR seen_at < joined_at)"), {"now": NOW}).scalar() == 0
        assert session.execute(text(f"{one} TRUE")).scalar() == 60
        may_be_seen = f"{one} EXISTS (SELECT 1 FROM wish WHERE wish.person_id = person.id AND seen AND NOT remind)"
        assert 0 < session.execute(text(may_be_seen)).scalar_one() < 60
        joined = text("SELECT joined_at FROM person WHERE login > 'demo-0000012' ORDER BY id")
        in_order = [str(at) for at in session.execute(joined).scalars()]
        assert in_order == sorted(in_order)  # as where people come by themselves, over all transactions
        copied = text(
            "SELECT name, name_latin, record, completion.at, evidence, person.country AS now,"
            " completion.country AS country"
            " FROM person JOIN completion ON completion.person_id = person.id"
            " JOIN certificate ON certificate.completion_id = completion.id WHERE login > 'demo-0000012'"
        )
        rows = session.execute(copied).all()
        assert rows
        acts = {f"attempt {uuid.UUID(str(id))}" for id in session.execute(text("SELECT id FROM attempt")).scalars()}
        for row in rows:
            record, act = msgspec.json.decode(row.record), msgspec.json.decode(row.evidence)["act"]
            latin = "" if row.name_latin == row.name else row.name_latin
            assert (record["name"], record["name_latin"], row.now) == (row.name, latin, row.country)
            assert record["date"] == str(row.at)[:10]
            assert act in acts or act.startswith("section ")
    counted = {table: count(engine, table) for table in ("enrolment", "attempt", "certificate")}
    assert made.attempts == counted["attempt"]
    assert made.certificates == counted["certificate"]
    assert made.enrolled <= counted["enrolment"]


def count(engine: Engine, table: str) -> int:
    with open_session(engine, write=False) as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_same_people_are_copied_in_one_call_or_in_several(engine: Engine, config: Config, tmp_path: Path) -> None:
    other = create_engine(f"sqlite:///{tmp_path / 'other.sqlite'}")
    migrate(other)
    for learners in (9, 8, 3):
        demo.populate(engine, config, learners, "palm", NOW, SILENT, lived=8)
    demo.populate(other, config, 20, "palm", NOW, SILENT, lived=8)
    assert deeds(engine) == deeds(other)
    hot.close(other)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_whoever_an_administrator_dealt_with_is_not_copied(engine: Engine, config: Config) -> None:
    demo.populate(engine, config, 6, "palm", NOW, SILENT)
    with open_session(engine, write=True) as session:
        first, second = examples.load(engine, demo.login_of(6))[:2]
        allowances.give(session, first.id, "tiny", "", Allowed(extra=50), "reads on a small screen", None, NOW)
        certified = [one for one in examples.load(engine, demo.login_of(6)) if one.records]
        for one in certified:
            certificates.revoke(session, next(iter(one.records)), "mistake", None, NOW)
        session.commit()
    left = {one.id for one in examples.load(engine, demo.login_of(6))}
    assert first.id not in left
    assert left.isdisjoint({one.id for one in certified})
    assert len(left) == 6 - len({first.id, *(one.id for one in certified)})
    assert second.id in left or second in certified
    with pytest.raises(Stopped, match="nobody is left to be copied"):
        demo.populate(engine, config, 1, "palm", NOW, SILENT, lived=0)


def test_another_seed_makes_other_people() -> None:
    names = [[plan(f"{seed}/{number}", ("en", "fr")).name for number in range(20)] for seed in ("palm", "palm", "leaf")]
    assert names[0] == names[1] != names[2]


def test_real_learners_are_left_alone(engine: Engine, config: Config) -> None:
    with open_session(engine, write=True) as session:
        join(session, "ana")
        session.commit()
    with pytest.raises(Stopped, match="this database has real learners"):
        demo.populate(engine, config, 5, "palm", NOW, SILENT)
    with open_session(engine, write=False) as session:
        assert session.execute(text("SELECT count(*) FROM person")).scalar_one() == 1


@pytest.mark.parametrize("role", ["author", "administrator"])
def test_staff_is_no_reason_to_refuse(engine: Engine, config: Config, role: str) -> None:
    with open_session(engine, write=True) as session:
        join(session, "ana", role=role)
        session.commit()
    assert demo.populate(engine, config, 1, "palm", NOW, SILENT).login == "demo-0000001"


def test_shares_are_plausible() -> None:
    plans = [plan(f"palm/{number}", ("en", "fr")) for number in range(4000)]
    fields = ("country", "sex", "ministry_type", "organisation", "age_band", "name_latin")
    empty = {field: sum(not one.profile[field] for one in plans) / len(plans) for field in fields}
    assert {field: share for field, share in empty.items() if not 0.02 < share < 0.75} == {}
    assert {one.profile["country"] for one in plans} == {*NAMES, ""}
    assert {one.profile["sex"] for one in plans} == set(SEX)
    assert {one.profile["age_band"] for one in plans} == set(AGE_BANDS)
    assert {one.profile["language"] for one in plans} == {"en", "fr"}
    assert 0.25 < sum(0.6 < one.skill < 0.75 for one in plans) / len(plans) < 0.6
    assert all(0 <= one.days_ago <= 300 for one in plans)
    assert {plan(f"palm/{number}", ("en",)).profile["language"] for number in range(200)} == {"en"}


def test_every_name_is_written_in_the_right_letters(shipped: Library) -> None:
    assert [code for code in (*NAMES, *FRENCH) if code not in shipped.countries] == []
    assert set(OFFICES) == {ministry for ministry in MINISTRIES if ministry}
    for code, names in NAMES.items():
        parts = " ".join(names[1:4]).split()
        native = [part.partition("/") for part in parts]
        assert all(latin.isascii() for _, _, latin in native), code
        assert len({bool(latin) for _, _, latin in native}) == 1, f"{code} mixes names with and without Latin letters"


@pytest.mark.parametrize("likely", [2, -2])
def test_answers_are_right_or_fit_the_type_and_are_wrong(shipped: Library, likely: float) -> None:
    """Every kind of question that the course asks, in 10 papers a quiz."""
    counted: Counter[tuple[str, bool]] = Counter()
    for quiz in (one for one in shipped.quizzes.values() if one.graded):
        items = {item.version: item for item in quiz.items}
        for number in range(10):
            for question in draw(quiz, str(number), {}).questions:
                item = item_of(question, items)
                value = answer(item, question, likely, "en", Random(number))
                assert msgspec.json.decode(msgspec.json.encode(value)) == value
                counted[item.kind, share(item, question, value, "en") == 1] += 1
    kinds = {kind for kind, _ in counted}
    assert kinds == set(MISTAKES)
    right = sum(n for (_, is_right), n in counted.items() if is_right) / counted.total()
    assert right == 1 if likely > 0 else right < 0.02


def test_every_graded_type_has_a_mistake() -> None:
    assert set(KINDS) - set(MISTAKES) == {"reflection", "scenario", "survey"}


def test_a_course_with_errors_makes_nobody(engine: Engine, config: Config) -> None:
    empty = replace(config, content=config.instance)
    with pytest.raises(Stopped, match="the course files have errors"):
        demo.populate(engine, empty, 1, "palm", NOW, SILENT)


def test_some_answer_surveys_and_take_the_entry_check(engine: Engine, config: Config, tmp_path: Path) -> None:
    asking = replace(config, content=surveyed.make(tmp_path / "content"))
    demo.populate(engine, asking, 20, "palm", NOW, SILENT)
    with open_session(engine, write=False) as session:
        counted = surveys.counted(session, "tiny")
        assert counted.keys() == {"before", "after", "end"}
        assert all(1 < n < 20 for n in counted.values())
        entries = session.execute(text("SELECT count(*), max(number) FROM attempt WHERE quiz = 'entrance'")).one()
        assert (1 < entries[0] < 15, entries[1]) == (True, 1)
        assert session.execute(text("SELECT count(*) FROM survey_choice")).scalar_one() > 0
        assert standing.compare(session, config.zone) == []
