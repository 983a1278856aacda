"""Surveys: once an occasion, by the version that was seen, counted so that nobody can be told from a number."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core.content import Library, canonical
from app.records import attempts, people, reading, reports, standing, survey_sums, surveys, tallies
from app.records.engine import is_transient, open_session
from app.records.models import Response, SurveyChoice
from app.records.surveys import Closed
from app.records.versions import survey as survey_as_it_was
from tests.records.samples import COURSE, ISSUER, LIBRARY, NOW, complete, join, later, tallied
from tests.records.surveyed import ANSWERS, END, ENTRY, SURVEYED, made, question, with_surveys

OUTLINE = SURVEYED.courses[COURSE]


def answer(
    session: Session,
    person: uuid.UUID,
    occasion: str,
    values: dict[str, Any] | None = None,
    library: Library = SURVEYED,
    **more: Any,
) -> bool:
    given = ANSWERS[occasion] if values is None else values
    return surveys.answer(session, library, person, COURSE, occasion, given, "en", more.pop("now", NOW), **more)


def finished(session: Session, login: str = "ana", **profile: object) -> uuid.UUID:
    person = join(session, login, **profile)
    complete(session, person)
    return person


def test_an_answer_is_kept_with_the_version_and_the_profile_as_they_were(session: Session) -> None:
    person = join(session)
    assert answer(session, person, "before") is True
    people.change_profile(session, person, {"sex": "man", "country": "TO"}, later(days=1))
    row = session.get_one(Response, (person, COURSE, "before"))
    kept = (row.survey, row.version, json.loads(row.answers), row.sex, row.country, row.language, row.at)
    assert kept == ("rating", SURVEYED.quizzes["rating"].version, {"sure": "A"}, "woman", "FJ", "en", NOW)
    assert standing.facts(session, person, COURSE).surveys == {"before": "answered"}
    assert standing.compare(session) == []


def test_a_second_answer_changes_nothing(session: Session) -> None:
    person = finished(session)
    assert answer(session, person, "end") is True
    facts = standing.facts(session, person, COURSE)
    assert answer(session, person, "end", {"useful": "B"}, now=later(hours=1), ask_later=True) is False
    assert json.loads(session.get_one(Response, (person, COURSE, "end")).answers) == ANSWERS["end"]
    assert standing.facts(session, person, COURSE) == facts


def test_before_and_after_are_kept_apart(session: Session) -> None:
    person = join(session)
    answer(session, person, "before")
    complete(session, person)
    answer(session, person, "after")
    rows = session.execute(text("SELECT occasion, survey, answers FROM response ORDER BY occasion")).all()
    assert [(row[0], row[1], json.loads(row[2])) for row in rows] == [
        ("after", "rating", {"sure": "C"}),
        ("before", "rating", {"sure": "A"}),
    ]


@pytest.mark.parametrize(
    ("occasion", "done", "reason"),
    [("before", True, "late"), ("after", False, "early"), ("end", False, "early"), ("follow_up", True, "unasked")],
)
def test_a_closed_survey_takes_no_answer(session: Session, occasion: str, done: bool, reason: str) -> None:
    person = finished(session) if done else join(session)
    with pytest.raises(Closed, match=reason):
        answer(session, person, occasion)
    assert session.execute(text("SELECT count(*) FROM response")).scalar() == 0


def test_a_course_without_surveys_takes_none(session: Session) -> None:
    person = join(session)
    with pytest.raises(LookupError):
        answer(session, person, "before", library=LIBRARY)
    with pytest.raises(LookupError):
        surveys.ask_later(session, SURVEYED, person, "nowhere", True, NOW)


def test_the_questions_of_an_old_answer_can_be_told_from_the_database_alone(session: Session) -> None:
    person = finished(session)
    answer(session, person, "end")
    then = SURVEYED.quizzes[END]
    today = with_surveys(made(END, question("new", "one", "Yes", "No")))
    assert canonical(survey_as_it_was(session, today, END, then.version)) == canonical(then)
    assert survey_as_it_was(session, today, END, today.quizzes[END].version) == today.quizzes[END]
    with pytest.raises(LookupError):
        survey_as_it_was(session, today, END, "0" * 32)


def test_surveys_and_the_entry_check_count_for_nothing(session: Session) -> None:
    person = join(session)
    answer(session, person, "before")
    assert tallied(session) == {"enrolled": 1}
    entry = attempts.open_attempt(session, SURVEYED, person, ENTRY, 1, "seed", NOW)
    attempts.hand_in(session, SURVEYED, person, entry.id, NOW, "en", ISSUER)
    assert tallied(session) == {"enrolled": 1, "started": 1}  # somebody who has opened a quiz
    with pytest.raises(attempts.Refused, match="limit"):
        attempts.open_attempt(session, SURVEYED, person, ENTRY, 2, "seed", later(days=3))
    complete(session, person)
    answer(session, person, "after")
    assert tallied(session) == {"enrolled": 1, "started": 1, "participation": 1, "completion": 1, "certificate": 2}
    assert standing.compare(session) == []


def test_the_entry_check_closes_with_the_final(session: Session) -> None:
    person = finished(session)
    with pytest.raises(attempts.Refused, match="late"):
        attempts.open_attempt(session, SURVEYED, person, ENTRY, 1, "seed", NOW)


# Dismissed, and asked for


def test_what_was_dismissed_is_remembered_and_may_still_be_answered(session: Session) -> None:
    person = join(session)
    surveys.dismiss(session, person, COURSE, "before", NOW)  # before she has enrolled there is nothing to remember
    assert session.execute(text("SELECT count(*) FROM survey_choice")).scalar() == 0
    reading.enrol(session, SURVEYED, person, COURSE, NOW)
    for occasion in ("before", "entry", "before"):
        surveys.dismiss(session, person, COURSE, occasion, NOW)
    assert standing.facts(session, person, COURSE).surveys == {"before": "dismissed", "entry": "dismissed"}
    assert standing.compare(session) == []
    assert answer(session, person, "before") is True
    surveys.dismiss(session, person, COURSE, "before", later(hours=1))
    assert standing.facts(session, person, COURSE).surveys == {"before": "answered", "entry": "dismissed"}
    assert standing.compare(session) == []


def test_the_wish_to_be_asked_comes_and_goes(session: Session) -> None:
    person = finished(session)
    answer(session, person, "end", ask_later=True)
    due = NOW + timedelta(days=90)
    assert standing.facts(session, person, COURSE).ask_at == due
    assert standing.compare(session) == []
    surveys.ask_later(session, SURVEYED, person, COURSE, False, later(days=1))
    assert standing.facts(session, person, COURSE).ask_at is None
    assert standing.compare(session) == []
    surveys.ask_later(session, SURVEYED, person, COURSE, True, later(days=2))
    surveys.ask_later(session, SURVEYED, person, COURSE, True, later(days=30))  # the first wish stands
    assert standing.facts(session, person, COURSE).ask_at == later(days=92)
    with pytest.raises(Closed, match="early"):
        answer(session, person, "follow_up", now=later(days=91))
    assert answer(session, person, "follow_up", now=later(days=92)) is True
    assert standing.compare(session) == []


def test_nobody_is_asked_later_who_has_not_finished_or_is_told_no_form(session: Session) -> None:
    early, other = join(session, "early"), finished(session, "other")
    surveys.ask_later(session, SURVEYED, early, COURSE, True, NOW)
    surveys.ask_later(session, LIBRARY, other, COURSE, True, NOW)
    answer(session, early, "before", ask_later=False)
    assert session.execute(text("SELECT count(*) FROM survey_choice")).scalar() == 0


def due(session: Session, **passed: float) -> list[uuid.UUID]:
    now = later(**passed)
    return sorted(row.person_id for row in surveys.take_due(session, [COURSE], now - timedelta(days=30), now))


def test_each_is_written_to_once(session: Session) -> None:
    wishes = {login: finished(session, login) for login in ("a", "b", "withdrew", "answered", "dismissed", "closed")}
    wishes["no address"] = finished(session, "no address", email="")
    wishes["demo"] = finished(session, "demo", demo=True)
    silent = finished(session, "silent")
    for person in wishes.values():
        answer(session, person, "end", ask_later=True)
    answer(session, silent, "end")
    surveys.ask_later(session, SURVEYED, wishes["withdrew"], COURSE, False, later(days=1))
    answer(session, wishes["answered"], "follow_up", now=later(days=90))
    surveys.dismiss(session, wishes["dismissed"], COURSE, "follow_up", later(days=90))
    people.disable(session, wishes["closed"], NOW)
    assert due(session, days=89) == []
    assert due(session, days=90) == sorted([wishes["a"], wishes["b"]])
    assert due(session, days=90) == []
    surveys.ask_later(session, SURVEYED, wishes["a"], COURSE, False, later(days=91))
    surveys.ask_later(session, SURVEYED, wishes["a"], COURSE, True, later(days=92))
    assert due(session, days=182) == []
    assert surveys.take_due(session, [], NOW, later(days=182)) == []


def test_nobody_is_written_to_long_after_the_day(session: Session) -> None:
    """A mail server that is set up a year later writes to nobody about what was long ago."""
    answer(session, finished(session), "end", ask_later=True)
    assert due(session, days=121) == []


# Counting


def asked_first(library: Library) -> Library:
    """The survey of the end is asked before the course: counting is the same, and nobody needs to have finished."""
    course = replace(library.courses[COURSE], surveys={"before": END})
    return replace(library, courses={COURSE: course})


FIRST = asked_first(SURVEYED)


def people_who_answer(session: Session, number: int, values: dict[str, Any], library: Library = FIRST) -> None:
    count = int(session.execute(text("SELECT count(*) FROM person")).scalar_one())
    for place in range(number):
        person = join(session, f"p{count + place}")
        answer(session, person, "before", values, library, now=later(minutes=count + place))


def counts(session: Session, occasion: str = "before", library: Library = FIRST) -> dict[str, tuple[Any, Any, Any]]:
    found = reports.survey_counts(session, library, library.courses[COURSE], occasion, 5)
    return {one.item.id: (one.n, one.chosen, one.empty) for one in found}


def test_answers_are_counted_by_option(session: Session) -> None:
    people_who_answer(session, 6, {"useful": "A", "missing": ["A", "C"]})
    people_who_answer(session, 5, {"useful": "B", "missing": ["A", "B"]})
    people_who_answer(session, 4, {"useful": None, "missing": None})
    assert counts(session) == {
        "useful": (15, (6, None), None),  # 5 would tell that 4 gave no answer
        "missing": (15, (None, 5, 6), None),  # 11 would tell the same
    }
    people_who_answer(session, 5, {"useful": None, "missing": None})
    assert counts(session) == {"useful": (20, (6, 5), 9), "missing": (20, (11, 5, 6), 9)}


def test_small_numbers_are_hidden(session: Session) -> None:
    assert counts(session) == {"useful": (None, (None, None), None), "missing": (None, (None, None, None), None)}
    people_who_answer(session, 4, {"useful": "A", "missing": ["A"]})
    assert counts(session) == {"useful": (None, (None, None), None), "missing": (None, (None, None, None), None)}
    people_who_answer(session, 1, {"useful": "A", "missing": ["A"]})
    assert counts(session) == {"useful": (5, (None, None), None), "missing": (5, (None, None, None), None)}


def test_the_counts_move_only_when_enough_people_have_come(session: Session) -> None:
    people_who_answer(session, 10, {"useful": "A"})
    people_who_answer(session, 5, {"useful": None})
    before = counts(session)
    people_who_answer(session, 4, {"useful": "B"})
    assert counts(session) == before
    people_who_answer(session, 1, {"useful": "B"})
    assert counts(session) != before


def test_answers_to_other_options_are_not_counted_together(session: Session) -> None:
    people_who_answer(session, 5, {"useful": "A"})
    reworded = question("useful", "one", "Very", "No")
    later_on = asked_first(with_surveys(made(END, reworded, *SURVEYED.quizzes[END].items[1:])))
    people_who_answer(session, 15, {"useful": "A", "missing": ["B"]}, library=later_on)
    found = reports.survey_counts(session, later_on, later_on.courses[COURSE], "before", 5)
    assert [(one.item.version, one.n) for one in found] == [
        (reworded.version, 15),
        (SURVEYED.quizzes[END].items[1].version, 20),
    ]
    assert counts(session, "before", later_on)["missing"] == (20, (None, 15, None), 5)


def test_how_many_answered(session: Session) -> None:
    person = finished(session)
    assert surveys.counted(session, COURSE) == {}
    answer(session, person, "after")
    answer(session, person, "end")
    answer(session, finished(session, "b"), "end")
    assert surveys.counted(session, COURSE) == {"after": 1, "end": 2}
    assert surveys.counted(session, "other") == {}


# One's own


def test_a_person_takes_her_answers_along_and_they_go_with_her(session: Session) -> None:
    person, other = finished(session), finished(session, "other")
    answer(session, person, "end", ask_later=True)
    answer(session, other, "end")
    data = people.export_data(session, person)
    assert [(one["occasion"], one["answers"]) for one in data["survey_answers"]] == [("end", ANSWERS["end"])]
    assert [(one["occasion"], one["ask_at"][:10]) for one in data["survey_choices"]] == [("follow_up", "2027-02-19")]
    counts_before = tallies.counted(session)
    people.erase(session, person, NOW, keep_certificates=True)
    assert session.query(Response.person_id).all() == [(other,)]
    assert session.query(SurveyChoice).count() == 0
    assert (tallies.counted(session), standing.compare(session)) == (counts_before, [])


def test_a_rebuild_finds_answers_and_wishes_again(session: Session) -> None:
    person = finished(session)
    answer(session, person, "end", ask_later=True)
    surveys.dismiss(session, person, COURSE, "after", NOW)
    facts = standing.facts(session, person, COURSE)
    standing.rebuild(session)
    assert standing.facts(session, person, COURSE) == facts
    assert (facts.surveys, facts.ask_at) == ({"end": "answered", "after": "dismissed"}, later(days=90))
    session.execute(text("DELETE FROM survey_choice"))
    assert standing.compare(session) == [f"the standing of {person} in {COURSE} is not what the facts say"]


def test_answers_at_once_are_kept_once(engine: Engine) -> None:
    """Twenty presses at the same moment, on an account that has done nothing yet."""
    with open_session(engine, write=True) as session:
        person = join(session)
        session.commit()

    def press(_number: int) -> bool:
        for _ in range(50):
            with open_session(engine, write=True) as session:
                try:
                    new = answer(session, person, "before")
                    session.commit()
                except Exception as error:
                    if not is_transient(error):
                        raise
                else:
                    return new
        raise AssertionError("never")

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(press, range(20))) == 1
    with open_session(engine, write=False) as session:
        assert session.query(Response).count() == 1
        assert standing.compare(session) == []


def test_what_was_added_up_before_goes_on_and_is_dropped_when_somebody_goes(session: Session) -> None:
    kept: survey_sums.Kept = {}

    def counts_with(kept: survey_sums.Kept) -> list[tuple[Any, Any, Any]]:
        found = reports.survey_counts(session, FIRST, FIRST.courses[COURSE], "before", 5, kept)
        return [(one.n, one.chosen, one.empty) for one in found]

    for number, answered in ((7, "A"), (9, "B"), (5, None)):
        people_who_answer(session, number, {"useful": answered})
        assert counts_with(kept) == counts_with({})
    assert kept[COURSE, "before"].counted == 20
    first = people.find_login(session, "p0")
    assert first is not None
    people.erase(session, first.id, later(days=9), keep_certificates=False)
    assert counts_with(kept) == counts_with({})
