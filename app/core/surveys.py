"""When a learner may answer a survey of the course, and what is offered to her: pure functions of facts.

Surveys and the entry check are offered and never asked for: no progress, no certificate and no next step knows them.
"""

from datetime import datetime, timedelta

from app.core.content import Course
from app.core.progress import Facts, Progress

BEFORE, AFTER, END, FOLLOW_UP = "before", "after", "end", "follow_up"
OCCASIONS = (BEFORE, AFTER, END, FOLLOW_UP)
ENTRY = "entry"  # not a survey, but offered and dismissed like one
OFFERED = (BEFORE, ENTRY, AFTER, END, FOLLOW_UP)  # in this order
ANSWERED, DISMISSED = "answered", "dismissed"
AT_THE_END = (AFTER, END)
UNTIL_ASKED = timedelta(days=90)


def finished(progress: Progress) -> bool:
    """Whether the learner has come to the end of the course: the final is passed, or the certificate granted."""
    passed = progress.final.passed if progress.final else progress.next.kind == "done"
    return passed or "completion" in progress.granted


def closed(facts: Facts, progress: Progress, occasion: str, now: datetime) -> str:
    """Why the survey of an occasion can't be answered now: "" (it can), "answered", "early", "late", or "unasked".

    `before` closes with the first quiz that is passed, since it compares with `after`; `after` and `end` open at the
    end of the course; `follow_up` opens 90 days after the learner asked for it, and for nobody else.
    """
    if facts.surveys.get(occasion) == ANSWERED:
        return ANSWERED
    if occasion == BEFORE:
        return "late" if finished(progress) or any(quiz.passed for quiz in progress.quizzes) else ""
    if occasion == FOLLOW_UP:
        return "unasked" if facts.ask_at is None else "early" if now < facts.ask_at else ""
    return "" if finished(progress) else "early"


def offers(course: Course, facts: Facts, progress: Progress, now: datetime) -> tuple[str, ...]:
    """What is offered now, in order: `entry` and the occasions of surveys that are open and were not dismissed."""
    found = {one for one in course.surveys if not closed(facts, progress, one, now)}
    entry = progress.entry
    if entry and (entry.attempt or not (entry.closed or finished(progress))):
        found.add(ENTRY)
    return tuple(one for one in OFFERED if one in found and facts.surveys.get(one) != DISMISSED)


def may_be_asked_later(course: Course, facts: Facts) -> bool:
    """Whether the learner may still tick that she wants to be asked what she has used."""
    return FOLLOW_UP in course.surveys and facts.ask_at is None and FOLLOW_UP not in facts.surveys
