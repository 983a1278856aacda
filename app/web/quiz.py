"""Taking a quiz: its start page, one question a page, the review list, hand-in and result."""

import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import msgspec
from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from app.core import limits, progress, questions, surveys
from app.core.content import Course, Item, Quiz
from app.core.papers import Grade, Paper, Question
from app.core.questions import Feedback, Unreadable
from app.core.tallying import VOID, judging
from app.records import answers, attempts, certificates, people, standing, versions
from app.records.answers import NotFound
from app.records.attempts import Refused
from app.web import checking, db, timing
from app.web.certificates import issuing
from app.web.headers import go_on
from app.web.i18n import gettext as _
from app.web.i18n import spoken
from app.web.library import course_or_404, library, quiz_or_404
from app.web.sessions import person, required
from app.web.sitting import Asked, Sitting, asking, sitting

blueprint = Blueprint("quiz", __name__)

LONGEST_THINKING = 4 * 3600


@blueprint.get("/courses/<course>/quizzes/<quiz>")
def start(course: str, quiz: str) -> Any:
    """The rules, what was reached so far, and one button."""
    outline = course_or_404(course)
    bank = quiz_or_404(outline, quiz)
    return start_page(outline, bank)


def start_page(course: Course, quiz: Quiz, problem: str = "", status: int = 200) -> Response:
    state, who = None, person()
    granted: dict[str, str] = {}
    history: Sequence[Any] = ()
    if who:
        session = db.reading()
        facts = standing.facts(session, who.id, course.id)
        granted = facts.completions
        state = progress.assess(library(), course, facts, db.now())
        history = attempts.history(session, who.id, quiz.id)
    account = people.get(db.reading(), who.id) if who else None
    standing_here = state.quiz(quiz.id) if state else None
    body = render_template(
        "quiz/entry.html" if quiz.id == course.entry else "quiz/start.html",
        course=course,
        quiz=quiz,
        final=quiz.id == course.final,
        module=next((library().modules[one] for one in course.modules if library().modules[one].quiz == quiz.id), None),
        state=standing_here,
        left=timing.left_of(standing_here.attempt) if standing_here and standing_here.attempt else None,
        shows=limits.table(quiz),
        progress=state,
        granted=granted,
        history=history,
        account=account,
        now=db.now(),
        problem=problem,
        library=library(),
    )
    return make_response(body, status)


@blueprint.post("/courses/<course>/quizzes/<quiz>", endpoint="open")
def open_attempt(course: str, quiz: str) -> Any:
    """Open the next attempt, or the one that is open; the expected number makes a second press harmless."""
    outline = course_or_404(course)
    bank = quiz_or_404(outline, quiz)
    if quiz == outline.final and request.form.get("name_confirmed") != "yes":
        problem = _("Tick the box to confirm the name that will be printed on your certificate.")
        return start_page(outline, bank, problem=problem, status=422)
    expected = request.form.get("expected", "")
    if not expected.isascii() or not expected.isdigit() or len(expected) > 6:
        abort(422)
    try:
        attempt = attempts.open_attempt(
            db.writing(), library(), required().id, quiz, int(expected), secrets.token_hex(16), db.now()
        )
    except Refused as refused:
        db.rollback()
        return start_page(outline, bank, problem=refusal(refused.reason), status=409)
    id = attempt.id
    db.commit()
    return redirect(url_for("quiz.question", attempt=id, number=1), 303)


def refusal(reason: str) -> str:
    words = {
        "limit": _("All tries of this quiz are used."),
        "wait": _("The next try is not open yet. The page below says when it is."),
        "closed": _("The final assessment opens when every module quiz is passed."),
        "late": _("You have passed the final assessment, so the entry check is closed."),
        "number": _("This quiz was started from another window. The page below is up to date."),
    }
    return words.get(reason, _("This try cannot be started now."))


@blueprint.get("/attempts/<uuid:attempt>/<int:number>")
def question(attempt: uuid.UUID, number: int) -> Any:
    sat = sitting(attempt)
    if sat.attempt.handed_in_at:
        return redirect(url_for("quiz.result", attempt=attempt), 303)
    asked = sat.asked(number)
    if timing.is_over(sat.left):
        return timing.over_page(sat)
    return checking.page(sat, asked) if asked.checked else question_page(sat, asked)


def question_page(
    sat: Sitting, asked: Asked, problem: Unreadable | None = None, fields: Any = None, older: bool = False
) -> Response:
    """One question with the saved answer, or with `fields` as they were sent and why they were not saved."""
    body = render_template(
        "quiz/question.html",
        sat=sat,
        asked=asked,
        issued=time.time_ns() // 1000,
        errors=errors_of(problem),
        choices=problem.choices if problem else (),
        typed=fields,
        older=older,
    )
    return make_response(body, 422 if problem else 409 if older else 200)


def errors_of(problem: Unreadable | None) -> dict[str, str]:
    """Field -> what is wrong with it, in the reader's language."""
    return {problem.field: _(problem.message) % problem.values} if problem else {}


@blueprint.post("/attempts/<uuid:attempt>/<int:number>")
def save(attempt: uuid.UUID, number: int) -> Any:
    """Keep one answer, then go on; an empty one is kept, too."""
    return store(attempt, number, request.form)


def store(attempt: uuid.UUID, number: int, fields: "MultiDict[str, str]") -> Any:
    sat = asking(db.engine(), attempt)  # without a transaction: `save_answer` looks again at what may change
    if sat.attempt.handed_in_at:
        return go_on(url_for("quiz.result", attempt=attempt, late=1))
    asked, left = sat.asked(number), timing.left(sat.attempt, sat.quiz)
    if timing.is_late(left):
        return timing.close(sat.attempt, late=True)
    try:
        value = asked.kind.read(asked.body, asked.question.drawn, fields.to_dict(flat=False))
        if value is None and sat.one_by_one and "check" in fields:
            raise checking.unanswered(asked)
    except Unreadable as problem:
        sat = sitting(attempt)
        if number in sat.checked:
            return fixed(sat, number, None)
        return question_page(sat, sat.asked(number), problem, fields)
    if checking.is_fixed(sat, number):
        return fixed(sitting(attempt), number, value)
    saved = keep(sat, asked, value, fields)
    if saved == "other":
        return fixed(sitting(attempt), number, value)
    if timing.is_over(left):
        return timing.close(sat.attempt, late=saved not in ("saved", "checked"))
    if saved == "older" and (asked := sitting(attempt).asked(number)).value != msgspec.to_builtins(value):
        return question_page(sat, asked, fields=fields, older=True)
    if saved == "handed_in":
        return go_on(url_for("quiz.result", attempt=attempt, late=1))
    return go_on(onward(asked, saved, fields, attempt))


def keep(sat: Sitting, asked: Asked, value: Any, fields: "MultiDict[str, str]") -> str:
    """Save an answer; fix it where the form asks to check it. "saved", "older", "handed_in", "checked" or "other"."""
    issued = issued_at(fields.get("issued", ""))
    seconds = min(LONGEST_THINKING, max(0, (time.time_ns() // 1000 - issued) // 1_000_000))
    whose, number, language = sat.attempt, asked.number, asked.shown_language
    saved = answers.save_answer(
        db.writing(), whose.id, whose.person_id, number, value, language, seconds, issued, db.now()
    )
    if saved == "saved" and sat.one_by_one and "check" in fields:
        saved = checking.fix(sat, asked, value, seconds)
    db.commit()
    return saved


def onward(asked: Asked, saved: str, fields: "MultiDict[str, str]", attempt: uuid.UUID) -> str:
    """Where it goes on after an answer, by the button that was pressed; a checked question shows its worth first."""
    back = "back" in fields and asked.number > 1
    if saved == "checked":
        step = 0
    elif back:
        step = -1
    elif "to_review" in fields or asked.number == asked.total:
        return url_for("quiz.review", attempt=attempt)
    else:
        step = 1
    return url_for("quiz.question", attempt=attempt, number=asked.number + step)


def fixed(sat: Sitting, number: int, value: Any) -> Response:
    """An answer came for a question that was checked: the checked one stays, and another one is told so."""
    asked = sat.asked(number)
    if asked.value == msgspec.to_builtins(value):
        return go_on(url_for("quiz.question", attempt=sat.attempt.id, number=number))
    return checking.page(sat, asked, other=replace(asked, value=value).said or "–")


def issued_at(text: str) -> int:
    """The server's time, in microseconds, at which the form was made: never later than now; 0 where unreadable."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        return 0
    return min(int(text), time.time_ns() // 1000)


@blueprint.get("/attempts/<uuid:attempt>/review")
def review(attempt: uuid.UUID) -> Any:
    """What was answered and what was not, before handing in."""
    sat = sitting(attempt)
    if sat.attempt.handed_in_at:
        return redirect(url_for("quiz.result", attempt=attempt), 303)
    if timing.is_over(sat.left):
        return timing.over_page(sat)
    account = people.get(db.reading(), required().id)
    return render_template("quiz/review.html", sat=sat, asked=sat.all, account=account)


@blueprint.post("/attempts/<uuid:attempt>/hand-in")
def hand_in(attempt: uuid.UUID) -> Any:
    """Freeze, grade and, where a rule came true, certify: one transaction. A second press changes nothing."""
    who, language = required().id, spoken().language.tag
    try:
        graded = attempts.grade_now(db.engine(), library(), who, attempt)
        reason = timing.reason(graded)
        attempts.hand_in(db.writing(), library(), who, attempt, db.now(), language, issuing(), graded, reason)
    except NotFound:
        db.rollback()
        abort(404)
    db.commit()
    return go_on(url_for("quiz.result", attempt=attempt))


@blueprint.get("/attempts/<uuid:attempt>/result")
def result(attempt: uuid.UUID) -> Any:
    sat = sitting(attempt)
    if not sat.attempt.handed_in_at:
        return redirect(url_for("quiz.review", attempt=attempt), 303)
    session = db.reading()
    grade = attempts.grade_of(session, sat.attempt)
    assert grade is not None  # written with the hand-in
    sat = judged(sat, grade)
    facts = standing.facts(session, required().id, sat.course.id)
    state = progress.assess(library(), sat.course, facts, db.now())
    module = next(
        (library().modules[one] for one in sat.course.modules if library().modules[one].quiz == sat.quiz.id), None
    )
    final = sat.quiz.id == sat.course.final
    here = state.quiz(sat.quiz.id)
    return render_template(
        "quiz/entry_result.html" if sat.quiz.id == sat.course.entry else "quiz/result.html",
        sat=sat,
        asked=sat.all,
        grade=grade,
        regraded=Regraded.of(grade, attempts.first_score(session, sat.attempt)),
        topics=by_topic(sat, grade),
        progress=state,
        state=here,
        shown_now=shown_of(sat, here),
        more_later=bool({*limits.shown(sat.quiz, sat.course, True, None)} - {*shown_of(sat, here)}),
        ran_out=sat.quiz.minutes is not None and attempts.ran_out(session, sat.attempt),
        over="over" in request.args,
        final=final,
        offers=surveys.offers(sat.course, facts, state, db.now()) if final else (),
        module=module,
        certificates=certificates.of_person(session, required().id, db.now()),
        late="late" in request.args,
        now=db.now(),
        library=library(),
    )


def shown_of(sat: Sitting, state: progress.QuizState | None) -> Sequence[str]:
    """What this learner sees now of a result."""
    return limits.shown(sat.quiz, sat.course, bool(state and state.passed), state.tries_left if state else None)


@dataclass(frozen=True)
class Regraded:
    """What a regrade did to a result: the questions with a corrected key, those taken out, the score before."""

    corrected: tuple[int, ...]
    void: tuple[int, ...]
    before: int

    @classmethod
    def of(cls, grade: Grade, before: int) -> "Regraded | None":
        """None where all was judged as it was asked."""
        found = {number: mark.judged for number, mark in enumerate(grade.marks, 1) if mark.judged}
        void = tuple(number for number, by in found.items() if by == VOID)
        return cls(tuple(number for number in found if number not in void), void, before) if found else None


def judged(sat: Sitting, grade: Grade) -> Sitting:
    """The attempt with each question in the version by which it was judged, so that its key is the corrected one."""
    if not any(mark.judged for mark in grade.marks):
        return sat
    paper = Paper(questions=tuple(map(judging, sat.paper.questions, grade.marks)))
    return replace(sat, paper=paper, items=versions.items_of(db.reading(), library(), paper))


def by_topic(sat: Sitting, grade: Any) -> list[tuple[Any, Any, int]]:
    """(module, points as a fraction, of) for each module that the paper asked about, in the course's order."""
    sums: dict[str, list[Any]] = {}
    for asked, mark in zip(sat.all, grade.marks, strict=True):
        topic = asked.item.module or (asked.scenario.module if asked.scenario else "")
        row = sums.setdefault(topic, [0, 0])
        row[0] += mark.fraction
        row[1] += mark.possible
    order = [*sat.course.modules, ""]
    return [(library().modules.get(one), *sums[one]) for one in order if one in sums]


def check(item: Item, fields: "MultiDict[str, str] | None") -> tuple[Asked, Feedback | None, Unreadable | None]:
    """A practice item, always with the same draw; with an answer, feedback at once. Nothing is stored."""
    language = spoken().language.tag
    kind = questions.KINDS[item.kind]
    drawn = kind.draw(questions.body_of(item, next(iter(item.texts))), Random(item.id))
    question = Question(item=item.id, version=item.version, points=item.points, drawn=drawn)
    asked = Asked(1, 1, question, item, None, language, None)
    if fields is None:
        return asked, None, None
    try:
        value = kind.read(asked.body, drawn, fields.to_dict(flat=False))
    except Unreadable as problem:
        return asked, None, problem
    answered = Asked(1, 1, question, item, None, language, value)
    return answered, answered.explain(), None
