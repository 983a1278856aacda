"""Rules for what a quiz tells of its key, when, and for its time."""

from app.core.assemble import Drafts
from app.core.content import Library, Problem, Quiz
from app.core.limits import BEFORE, MODES, table
from app.core.scan import Faults

SHORT = 60  # seconds for a question; an author who gives less is asked whether she means it


def check(library: Library, drafts: Drafts, found: list[Problem]) -> None:
    finals = {course.final for course in library.courses.values()}
    for id, quiz in library.quizzes.items():
        if quiz.graded:
            lines = drafts.quizzes[id][drafts.original].lines
            fault = Faults(drafts.path("quizzes", id), found)
            _table(quiz, lines.get("shows", 1), fault)
            _time(quiz, lines.get("minutes", 1), fault)
            if id in finals:
                _final(quiz, lines.get("feedback", 1), lines.get("shows", 1), fault)


def _table(quiz: Quiz, line: int, fault: Faults) -> None:
    if quiz.shows and "marks" not in MODES[quiz.feedback]:
        message = (
            f"`feedback: {quiz.feedback}` shows the same to everybody. Leave `shows` out, or write "
            "`feedback: after_attempt`."
        )
        fault(line, "shows", message)
        return
    for row, shown in table(quiz).items():
        if "marks" not in shown and {"reasons", "key"} & set(shown):
            message = f"`{row}` shows reasons or the key, which stand under each answer. Add `marks` to it."
            fault(line, "shows", message)
    if quiz.feedback == "after_each" and "marks" not in table(quiz)[BEFORE]:
        message = (
            f"`feedback: after_each` tells at once what is right. Add `marks` to `{BEFORE}`, or change `feedback`."
        )
        fault(line, "shows", message)


def _final(quiz: Quiz, at_feedback: int, at_shows: int, fault: Faults) -> None:
    advice = "Write `feedback: by_topic`, and no `shows`."
    if quiz.feedback == "after_each":
        fault(at_feedback, "final-key", f"A final never tells its key. {advice}")
    elif quiz.shows:
        fault(at_shows, "final-key", f"A final tells topics and points alone, to everybody. {advice}")
    elif quiz.feedback == "after_attempt":
        message = f"A final never tells its key: results are shown by topic, whatever stands here. {advice}"
        fault(at_feedback, "final-key", message, "warning")


def _time(quiz: Quiz, line: int, fault: Faults) -> None:
    if quiz.minutes is not None and quiz.minutes * 60 < quiz.questions * SHORT:
        message = (
            f"{quiz.minutes} minutes for {quiz.questions} questions is under a minute each. People read at different "
            "speeds, on slow links: give more, or `none`."
        )
        fault(line, "minutes", message, "warning")
