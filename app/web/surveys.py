"""Surveys of a course: one page with all questions and one button. They are offered, and never asked for."""

from collections.abc import Mapping
from random import Random
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from app.core import progress
from app.core import surveys as rules
from app.core.content import Course, Quiz
from app.core.papers import Question
from app.core.questions import KINDS, Unreadable, body_of
from app.core.surveys import AT_THE_END, ENTRY, FOLLOW_UP
from app.records import standing, surveys
from app.records.surveys import Closed
from app.web import db, forms
from app.web.i18n import spoken
from app.web.library import course_or_404, library
from app.web.quiz import errors_of
from app.web.sessions import required
from app.web.sitting import Asked

blueprint = Blueprint("survey", __name__)


def survey_or_404(course: Course, occasion: str) -> Quiz:
    return library().quizzes[course.surveys[occasion]] if occasion in course.surveys else abort(404)


@blueprint.get("/courses/<course>/surveys/<occasion>")
def page(course: str, occasion: str) -> Response:
    found = course_or_404(course)
    return survey_page(found, occasion, survey_or_404(found, occasion))


def survey_page(
    course: Course,
    occasion: str,
    survey: Quiz,
    status: int = 200,
    fields: "MultiDict[str, str] | None" = None,
    problems: Mapping[str, dict[str, str]] | None = None,
    changed: bool = False,
) -> Response:
    """All questions; or thanks; or why it is closed. `fields`: what was sent and not kept, `problems` by field."""
    facts = standing.facts(db.reading(), required().id, course.id)
    state = progress.assess(library(), course, facts, db.now())
    offers = rules.offers(course, facts, state, db.now())
    reason = rules.closed(facts, state, occasion, db.now())
    body = render_template(
        "surveys/closed.html" if reason else "surveys/page.html",
        course=course,
        survey=survey,
        occasion=occasion,
        reason=reason,
        facts=facts,
        progress=state,
        offers=[one for one in offers if one in AT_THE_END],
        asked=[asked(item, number, len(survey.items)) for number, item in enumerate(survey.items, 1)],
        sent=fields,
        problems=problems or {},
        changed=changed,
        may_be_asked_later=rules.may_be_asked_later(course, facts),
        library=library(),
        now=db.now(),
    )
    return make_response(body, 409 if reason and status != 200 else status)


def asked(item: Any, number: int, total: int) -> Asked:
    drawn = KINDS[item.kind].draw(body_of(item, next(iter(item.texts))), Random(item.id))
    question = Question(item=item.id, version=item.version, points=item.points, drawn=drawn)
    return Asked(number, total, question, item, None, spoken().language.tag, None)


def field_of(item: Any) -> str:
    """The name of a question's field: of this version alone, so that no answer lands on a changed question."""
    return f"answer-{item.version[:16]}"


@blueprint.post("/courses/<course>/surveys/<occasion>")
def answer(course: str, occasion: str) -> Any:
    """Keep the answers; empty ones, too. A second press changes nothing."""
    return store(course, occasion, request.form)


def store(course: str, occasion: str, fields: "MultiDict[str, str]") -> Any:
    found = course_or_404(course)
    survey = survey_or_404(found, occasion)
    values, problems = taken(survey, fields)
    changed = fields.get("version") != survey.version
    if (changed or problems) and not answered(found, occasion):
        return survey_page(found, occasion, survey, 409 if changed else 422, fields, problems, changed)
    language, ask_later = spoken().language.tag, fields.get("ask_later") == "yes"
    try:
        surveys.answer(
            db.writing(), library(), required().id, found.id, occasion, values, language, db.now(), ask_later
        )
    except Closed:
        db.rollback()
        return survey_page(found, occasion, survey, 409)
    db.commit()
    return redirect(url_for("survey.page", course=found.id, occasion=occasion), 303)


def answered(course: Course, occasion: str) -> bool:
    facts = standing.facts(db.reading(), required().id, course.id)
    return facts.surveys.get(occasion) == rules.ANSWERED


def taken(survey: Quiz, fields: "MultiDict[str, str]") -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """The answers by item id, None for empty ones, and what can't be read: field -> what is wrong, in words."""
    sent, values, problems = fields.to_dict(flat=False), {}, {}
    for item in survey.items:
        body, name = body_of(item, next(iter(item.texts))), field_of(item)
        try:
            values[item.id] = KINDS[item.kind].read(body, asked(item, 1, 1).question.drawn, sent, name)
        except Unreadable as problem:
            problems[name] = errors_of(problem)
    return values, problems


@blueprint.post("/courses/<course>/surveys/<occasion>/dismiss")
def dismiss(course: str, occasion: str) -> Any:
    """Do not offer a survey, or the entry check, any more; it may still be answered by its address."""
    found = course_or_404(course)
    if occasion not in found.surveys and not (occasion == ENTRY and found.entry):
        abort(404)
    surveys.dismiss(db.writing(), required().id, found.id, occasion, db.now())
    db.commit()
    return redirect(forms.local_path(request.form.get("next")) or url_for("learn.outline", course=found.id), 303)


@blueprint.post("/courses/<course>/surveys/ask-later")
def ask_later(course: str) -> Any:
    """Ask after 90 days what was used, or do not."""
    found = course_or_404(course)
    survey_or_404(found, FOLLOW_UP)
    wanted = request.form.get("wanted") == "yes"
    surveys.ask_later(db.writing(), library(), required().id, found.id, wanted, db.now())
    db.commit()
    return redirect(forms.local_path(request.form.get("next")) or url_for("account.overview"), 303)
