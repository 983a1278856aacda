"""The public record, its status, and the words that page, PDF and verify page print."""

import string
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.core import certificates as c
from app.core.content import Course, Item, ItemText, Library, Module, ModuleText, Quiz
from app.core.wording import LANGUAGES, wording

AT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
ISSUER = c.Issuer(name="Institute of Public Administration", signatory="Mele Tupou", role="Director")
COURSE = Course(
    id="social-protection",
    title={"en": "Social protection for all", "fr": "La protection sociale pour tous"},
    version="0.9",
    hours=3,
    languages=("en", "fr"),
    licence="CC BY 4.0",
    modules=("orientation", "why"),
    final="final",
    participation={"every_section_read": True},
    completion={"every_quiz_passed": True, "final_passed": True, "valid_years": None},
)


def quiz(id: str, pass_mark: int, practice: bool = False) -> Quiz:
    text = ItemText(heading="?", body={})
    item = Item(id=f"{id}-1", quiz=id, kind="single", texts={"en": text}, practice=practice)
    return Quiz(id=id, title={"en": id}, items=(item,), pass_mark=pass_mark)


LIBRARY = Library(
    courses={"social-protection": COURSE},
    modules={
        "orientation": Module(id="orientation", texts={"en": ModuleText(title="Orientation", intro="")}, sections=()),
        "why": Module(id="why", texts={"en": ModuleText(title="Why", intro="")}, sections=(), quiz="why"),
    },
    quizzes={"why": quiz("why", 70), "final": quiz("final", 80)},
    figures={},
    terms={},
    countries={},
    actions={},
)


def record(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "number": "LON-7K4M-2Q9X-HD37",
        "edition": 1,
        "name": "Litia Vakatāwale",
        "name_latin": "",
        "course": COURSE,
        "language": "en",
        "kind": c.COMPLETION,
        "at": AT,
        "timezone": "Pacific/Fiji",
        "issuer": ISSUER,
        "rule": c.rule_of(LIBRARY, COURSE, changes.get("kind", c.COMPLETION)),
        "demo": False,
        "trial": False,
    }
    return c.public_record(**(given | changes))


def test_record_holds_exactly_these_keys_and_nothing_private() -> None:
    assert record() == {
        "number": "LON-7K4M-2Q9X-HD37",
        "edition": 1,
        "kind": "completion",
        "name": "Litia Vakatāwale",
        "name_latin": "",
        "identity": "self-declared",
        "course": "social-protection",
        "course_title": "Social protection for all",
        "title_language": "en",
        "version": "0.9",
        "topics": [],
        "hours": 3,
        "date": "2026-11-22",  # half past eleven in the evening UTC is the next morning in Fiji
        "timezone": "Pacific/Fiji",
        "expiry": None,
        "issuer": {
            "name": "Institute of Public Administration",
            "signatory": "Mele Tupou",
            "role": "Director",
            "statement": "",
        },
        "rule": {
            "every_section_read": False,
            "every_quiz_passed": True,
            "final_passed": True,
            "quiz_pass_mark": 70,
            "final_pass_mark": 80,
            "valid_years": None,
        },
        "demonstration": False,
        "trial": False,
        "language": "en",
        "replaces": "",
        "reason": "",
    }
    assert set(record()) == set(c.RECORD_KEYS)


@pytest.mark.parametrize(
    ("changes", "key", "expected"),
    [
        ({"language": "fr"}, "course_title", "La protection sociale pour tous"),
        ({"language": "km"}, "title_language", "en"),
        ({"name_latin": "Litia  Vakatāwale "}, "name_latin", ""),  # the same name is not printed twice
        ({"name_latin": "Litia Vakatawale"}, "name_latin", "Litia Vakatawale"),
        ({"timezone": "UTC"}, "date", "2026-11-21"),
        ({"rule": {"valid_years": 2}}, "expiry", "2028-11-22"),
        ({"rule": {"valid_years": 1}, "at": datetime(2028, 2, 29, tzinfo=UTC)}, "expiry", "2029-02-28"),
        ({"topics": ("Why", "Right")}, "topics", ["Why", "Right"]),
    ],
)
def test_record_follows_what_is_given(changes: dict[str, Any], key: str, expected: object) -> None:
    assert record(**changes)[key] == expected


@pytest.mark.parametrize(
    "changes", [{"kind": "diploma"}, {"name": " \u202e "}, {"at": datetime(2026, 11, 21)}], ids=["kind", "name", "zone"]
)
def test_record_refuses_what_cannot_be_certified(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no certificate"):
        record(rule={}, **changes)


def test_rule_of_participation_has_no_marks() -> None:
    assert c.rule_of(LIBRARY, COURSE, c.PARTICIPATION) == {
        "every_section_read": True,
        "every_quiz_passed": False,
        "final_passed": False,
        "quiz_pass_mark": None,
        "final_pass_mark": None,
        "valid_years": None,
    }


def test_topics_are_the_titles_of_the_modules() -> None:
    assert c.topics_of(LIBRARY, COURSE, "fr") == ("Why",)


@pytest.mark.parametrize(
    ("changes", "today", "revoked", "expected"),
    [
        ({}, date(2040, 1, 1), False, "valid"),
        ({"rule": {"valid_years": 1}}, date(2027, 11, 22), False, "valid"),  # the last day counts
        ({"rule": {"valid_years": 1}}, date(2027, 11, 23), False, "expired"),
        ({"trial": True}, date(2026, 11, 22), False, "trial"),
        ({"trial": True, "issuer": c.Issuer()}, date(2026, 11, 22), False, "sample"),
        ({"demo": True, "issuer": c.Issuer()}, date(2026, 11, 22), False, "demonstration"),
        ({"demo": True}, date(2026, 11, 22), True, "revoked"),
    ],
)
def test_status_is_the_gravest_truth(changes: dict[str, Any], today: date, revoked: bool, expected: str) -> None:
    assert c.status(record(**changes), today=today, revoked=revoked) == expected


def test_words_of_completion() -> None:
    words = wording(
        record(name_latin="L. V.", topics=("Why", "Right")), "en", "https://learn.example.org/verify/LON-7K4M"
    )
    assert words.title == "Certificate of completion"
    assert words.assessment == ""
    assert (words.opening, words.name, words.deed, words.course_title) == (
        "Institute of Public Administration certifies that",
        "Litia Vakatāwale",
        "completed the self-paced online course",
        "Social protection for all",
    )
    assert words.result == (
        "version 0.9, passing every module quiz at 70 per cent or above and the final assessment at 80 per cent "
        "or above, on 22 November 2026"
    )
    assert words.study == "Study time: about 3 hours"
    assert words.topics == "Topics: Why · Right"
    assert words.verify == "Compare with our record at learn.example.org/verify/LON-7K4M"
    assert words.small_print == (
        "Issued by Institute of Public Administration alone; not issued or endorsed by the United Nations or ESCAP.",
        "The name is as its holder gave it; the holder’s identity was not checked.",
        "It gives no academic credit and is no professional licence.",
        "The course uses public material of the United Nations and others as sources.",
    )
    assert words.marks == ()
    assert [(fact.key, fact.value) for fact in words.facts] == [
        ("number", "LON-7K4M-2Q9X-HD37"),
        ("name", "Litia Vakatāwale"),
        ("name_latin", "L. V."),
        ("identity", "as its holder gave it; not checked"),
        ("kind", "Certificate of completion"),
        ("course", "Social protection for all"),
        ("version", "0.9"),
        ("date", "22 November 2026 (Pacific/Fiji)"),
        ("hours", "about 3 hours"),
        ("issuer", "Institute of Public Administration"),
    ]


@pytest.mark.parametrize(
    ("language", "title", "assessment", "result"),
    [
        (
            "en",
            "Confirmation of participation",
            "No assessment",
            "version 0.9, and marked every section as read by 22 November 2026. "
            "No assessment stands behind this document.",
        ),
        (
            "fr-NC",
            "Attestation de participation",
            "Sans évaluation",
            "version 0.9, et en a marqué toutes les sections comme lues à la date du 22 novembre 2026. "
            "Ce document ne repose sur aucune évaluation.",
        ),
    ],
)
def test_participation_says_that_nothing_was_assessed(language: str, title: str, assessment: str, result: str) -> None:
    words = wording(record(kind=c.PARTICIPATION), language)
    assert (words.title, words.assessment, words.result) == (title, assessment, result)


@pytest.mark.parametrize(
    ("quizzes", "final", "result"),
    [
        (70, 70, "at the pass mark of 70 per cent or above, on 22 November 2026"),
        (
            70,
            None,
            "version 0.9, passing every module quiz at the pass mark of 70 per cent or above, on 22 November 2026",
        ),
        (
            None,
            80,
            "version 0.9, passing the final assessment at the pass mark of 80 per cent or above, on 22 November 2026",
        ),
        (None, None, "version 0.9, on 22 November 2026"),
    ],
)
def test_result_names_the_pass_marks_that_hold(quizzes: int | None, final: int | None, result: str) -> None:
    rule = {"quiz_pass_mark": quizzes, "final_pass_mark": final}
    assert wording(record(rule=rule), "en").result.endswith(result)


def test_without_an_issuer_nobody_certifies() -> None:
    words = wording(record(issuer=c.Issuer(), trial=True, demo=True), "en")
    assert (words.certifier, words.opening) == ("", "A sample, made out to")
    assert [mark.word for mark in words.marks] == ["DEMONSTRATION", "SAMPLE", "TRIAL"]
    assert words.small_print[0] == "Issued by nobody: a sample; not issued or endorsed by the United Nations or ESCAP."


def test_an_institution_may_say_itself_who_stands_behind_it() -> None:
    issuer = c.Issuer(name="Institute", statement="Issued under decree 12.")
    assert wording(record(issuer=issuer), "fr").small_print[0] == "Issued under decree 12."


@pytest.mark.parametrize(
    ("language", "at", "day"),
    [
        ("en", datetime(2027, 1, 1, 12, tzinfo=UTC), "1 January 2027"),
        ("fr", datetime(2027, 1, 1, 12, tzinfo=UTC), "1er janvier 2027"),
        ("fr", datetime(2027, 8, 2, 12, tzinfo=UTC), "2 août 2027"),
        ("ar-XB", datetime(2027, 12, 31, 12, tzinfo=UTC), "31 December 2027"),
    ],
)
def test_dates_are_written_out(language: str, at: datetime, day: str) -> None:
    assert wording(record(at=at, timezone="UTC"), language).date == day


def test_expiry_is_printed() -> None:
    assert wording(record(rule=record()["rule"] | {"valid_years": 3}), "en").expiry == "Valid until 22 November 2029"


def shape(value: object) -> object:
    """The keys and {fields} of a table of words."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [shape(one) for one in value]
    return sorted({field for _, field, _, _ in string.Formatter().parse(str(value)) if field})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_and_field(language: str) -> None:
    assert shape(LANGUAGES[language]) == shape(LANGUAGES["en"])
