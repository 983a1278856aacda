"""What outlines may name as surveys and entry check, and what belongs into such a file."""

import pytest

from tests.core.contents import Content

OUTLINE, FINAL = "course/tiny.yml", "quizzes/tiny-final.md"
RATING, END, ENTRY = "quizzes/rating.md", "quizzes/ending.md", "quizzes/entrance.md"
LINES = "entry: entrance\nsurveys: {before: rating, after: rating, end: ending, follow_up: rating}\n"
AT_ENTRY, AT_SURVEYS = 11, 12

FILES = {
    RATING: "---\ntitle: Rate yourself\n---\n\n## Sure? {#sure .survey}\n\n1. No\n2. Yes\n",
    END: "---\ntitle: At the end\n---\n\n## Missing? {#missing .survey}\n\n- [ ] This\n- [ ] That\n",
    ENTRY: "---\ntitle: Entry check\nattempts: 1\nfeedback: by_topic\n---\n\n"
    "## Who pays the levy of Pala? {#enter-who .single module=one level=remember}\n\n- [x] Workers\n- [ ] Birds\n",
}


@pytest.fixture
def course(content: Content) -> Content:
    """The tiny course with surveys for every occasion and an entry check of one question."""
    for name, text in FILES.items():
        content.path(name).write_text(text)
    content.path(OUTLINE).write_text(content.path(OUTLINE).read_text() + LINES)
    return content


def test_nothing_is_said_about_good_surveys(course: Content) -> None:
    library, problems = course.load()
    assert (problems, library is not None) == ([], True)
    assert library
    outline = library.courses["tiny"]
    assert outline.entry == "entrance"
    assert outline.surveys == {"before": "rating", "after": "rating", "end": "ending", "follow_up": "rating"}
    assert {id for id, quiz in library.quizzes.items() if quiz.survey} == {"rating", "ending"}
    assert {id for id in library.quizzes if library.uses(id)} == set(library.quizzes)
    assert library.course_of_quiz("entrance") == outline
    assert library.course_of_quiz("rating") is None


def test_a_course_needs_none_of_them(content: Content) -> None:
    library, _ = content.load()
    assert library
    assert (library.courses["tiny"].entry, library.courses["tiny"].surveys) == (None, {})


OUTLINES = [
    ("before: rating", "before: none-such", [(OUTLINE, AT_SURVEYS, "quiz")]),
    ("before: rating", "before: one", [(OUTLINE, AT_SURVEYS, "survey")]),
    ("before: rating", "before: entrance", [(OUTLINE, AT_SURVEYS, "survey")]),
    ("before: rating", "before: Rating", [(OUTLINE, AT_SURVEYS, "value")]),
    ("before: rating", "middle: rating", [(OUTLINE, AT_SURVEYS, "key-unknown")]),
    ("end: ending, ", "", [(OUTLINE, AT_SURVEYS, "survey"), (END, 0, "unused")]),
    ("end: ending", "end: rating", [(END, 0, "unused")]),
    ("entry: entrance", "entry: none-such", [(OUTLINE, AT_ENTRY, "quiz"), (ENTRY, 0, "unused")]),
    ("entry: entrance", "entry: rating", [(OUTLINE, AT_ENTRY, "entry"), (ENTRY, 0, "unused")]),
    ("entry: entrance", "entry: tiny-final", [(OUTLINE, AT_ENTRY, "quiz"), (ENTRY, 0, "unused")]),
    ("entry: entrance", "entry: one", [(OUTLINE, AT_ENTRY, "quiz"), (ENTRY, 0, "unused")]),
    ("final: tiny-final", "final: rating", [(OUTLINE, 7, "pass-mark"), (FINAL, 0, "unused")]),
]


@pytest.mark.parametrize(("old", "new", "found"), OUTLINES)
def test_outlines(course: Content, old: str, new: str, found: list[tuple[str, int, str]]) -> None:
    course.change(OUTLINE, old, new)
    said = [one for one in course.said() if one[0] == OUTLINE or one[2] == "unused"]
    assert said == sorted(found)


def test_an_entry_check_belongs_to_one_course(course: Content) -> None:
    text = course.path(OUTLINE).read_text().replace("one, two", "three").replace("final: tiny-final\n", "")
    course.path("course/other.yml").write_text(text)
    assert ("course/tiny.yml", AT_ENTRY, "quiz") in course.said()


SURVEYS = [
    ("title: Rate yourself", "title: Rate yourself\npass: 80", [(RATING, 3)]),
    ("title: Rate yourself", "title: Rate yourself\ndraw: 1\nattempts: 2", [(RATING, 3), (RATING, 4)]),
    ("2. Yes\n", "2. Yes\n\n## M {#m .single}\n\n- [x] a\n- [ ] b\n", [(OUTLINE, AT_SURVEYS), (RATING, 5)]),
    ("2. Yes\n", "2. Yes\n\n## M {#m .reflection}\n\n- a\n", [(OUTLINE, AT_SURVEYS), (RATING, 5)]),
]


@pytest.mark.parametrize(("old", "new", "found"), SURVEYS)
def test_surveys(course: Content, old: str, new: str, found: list[tuple[str, int]]) -> None:
    course.change(RATING, old, new)
    assert [(path, line) for path, line, code in course.said() if code == "survey"] == found


def test_a_survey_stands_in_no_scenario_and_in_no_check(course: Content) -> None:
    course.change("modules/one.md", "/// check | check-second", "/// check | sure")
    story = "## Story {#s .scenario}\n\nOnce.\n\n### How? {#how .survey}\n\n1. a\n2. b\n"
    course.change(END, "- [ ] That\n", f"- [ ] That\n\n{story}")
    said = course.said()
    assert ("modules/one.md", 70, "check") in said
    assert [line for path, line, code in said if (path, code) == (END, "survey")] == [5, 14]


ENTRIES = [
    ("attempts: 1\n", "", [(1, "entry")]),
    ("attempts: 1", "attempts: 2", [(3, "entry")]),
    ("feedback: by_topic", "feedback: after_attempt", [(4, "entry")]),
    ("module=one ", "", [(7, "module")]),
    ("module=one ", "module=none-such ", [(7, "module")]),
    ("## Who pays the levy of Pala?", "## Who  receives a PENSION?", []),
    (
        "## Who pays the levy of Pala? {#enter-who .single module=one level=remember}\n\n- [x] Workers\n- [ ] Birds",
        "## Is this so? {#enter-who .survey}\n\n1. a\n2. b",
        [(3, "survey"), (4, "survey")],
    ),
]


@pytest.mark.parametrize(("old", "new", "found"), ENTRIES)
def test_entry_checks(course: Content, old: str, new: str, found: list[tuple[int, str]]) -> None:
    course.change(ENTRY, old, new)
    assert [(line, code) for path, line, code in course.said() if path == ENTRY] == found


def test_an_entry_check_asks_nothing_that_another_quiz_asks(course: Content) -> None:
    """Neither the order of the options nor case makes it another question; other options do."""
    text = course.path(ENTRY).read_text()
    copy = "\n## What comes FIRST? {#enter-copy .single module=two level=remember}\n\n"
    for options, found in (("Rest Report Ask Answer", [(12, "entry")]), ("Rest Report Ask Sing", [])):
        lines = "\n".join(f"- [{'x' if one == 'Ask' else ' '}] {one}" for one in options.split())
        course.path(ENTRY).write_text(text + copy + lines + "\n")
        assert [(line, code) for path, line, code in course.said() if path == ENTRY] == found


def test_a_quiz_that_nobody_meets_may_name_a_module_that_is_not_written_yet(course: Content) -> None:
    course.change(OUTLINE, "entry: entrance\n", "")
    course.change(ENTRY, "module=one", "module=later")
    library, problems = course.load()
    said = [(one.path, one.severity, one.code) for one in problems if one.code != "guessing"]
    assert said == [(ENTRY, "warning", "unused"), (ENTRY, "warning", "module")]
    assert library is not None
