"""Practice mode: the questions of a module again, one a page, with immediate feedback; nothing is stored.

A round is a number in the address: it decides order, options and values, so that Back and a second press are harmless.
"""

import secrets
from typing import Any

from flask import abort, make_response, render_template, request

from app.core import practice
from app.core.content import Course, Item, Module
from app.core.practice import Task
from app.core.questions import Feedback, Unreadable
from app.records import attempts
from app.web import db, sessions
from app.web.i18n import spoken
from app.web.learn import blueprint, progress_of
from app.web.library import course_or_404, library, module_or_404
from app.web.quiz import errors_of
from app.web.sitting import Asked

ROUNDS = 1_000_000_000


def items_of(course: Course, module: Module) -> list[Item]:
    """What whoever asks may practise."""
    person = sessions.identify(course.id)
    progress = progress_of(course, person)
    state = progress.quiz(module.quiz) if progress and module.quiz else None
    asked = attempts.asked(db.reading(), person.id, state.quiz) if person and state and state.tries else set()
    return practice.tasks(library(), course, module, state, asked)


@blueprint.get("/courses/<course>/<module>/practice", endpoint="practice")
def begin(course: str, module: str) -> Any:
    """What practice is, what it asks, and one button."""
    found = course_or_404(course)
    part = module_or_404(found, module)
    items = items_of(found, part)
    progress = progress_of(found, sessions.identify(found.id))
    return render_template(
        "practice/start.html",
        course=found,
        module=part,
        questions=len(practice.in_order(items, 0)),
        of_quiz=any(item.graded for item in items),
        state=progress.quiz(part.quiz) if progress and part.quiz else None,
        order=secrets.randbelow(ROUNDS),
        library=library(),
    )


@blueprint.route(
    "/courses/<course>/<module>/practice/<int:order>/<int:number>", methods=["GET", "POST"], endpoint="practise"
)
def question(course: str, module: str, order: int, number: int) -> Any:
    """One question of a round; with an answer, feedback at once."""
    found = course_or_404(course)
    part = module_or_404(found, module)
    round = practice.in_order(items_of(found, part), order)
    if order >= ROUNDS or not 1 <= number <= len(round):
        abort(404)
    asked, feedback, problem = answered(round[number - 1], order, number, len(round))
    body = render_template(
        "practice/question.html",
        course=found,
        module=part,
        order=order,
        another=secrets.randbelow(ROUNDS),
        asked=asked,
        feedback=feedback,
        errors=errors_of(problem),
        choices=problem.choices if problem else (),
        typed=request.form if request.method == "POST" else None,
    )
    return make_response(body, 422 if problem else 200)


def answered(task: Task, order: int, number: int, total: int) -> tuple[Asked, Feedback | None, Unreadable | None]:
    """The question with the answer that was sent, and what is said of it."""
    language = spoken().language.tag
    asked = Asked(number, total, practice.question(task, order), task.item, task.scenario, language, None)
    if request.method != "POST":
        return asked, None, None
    try:
        value = asked.kind.read(asked.body, asked.question.drawn, request.form.to_dict(flat=False))
    except Unreadable as problem:
        return asked, None, problem
    told = Asked(number, total, asked.question, task.item, task.scenario, language, value)
    return told, told.explain(), None
