"""Further tries and more time for one learner: who gave them, why and when; the newest for a quiz holds."""

import uuid
from collections.abc import Iterator
from typing import Any

import wtforms
from flask import abort, make_response, redirect, render_template, request, url_for
from wtforms import validators

from app.core.content import Course, Quiz
from app.core.limits import Allowed
from app.records import allowances, audit, people, standing
from app.web import db, forms
from app.web.admin import blueprint
from app.web.fields import choice, needed, text
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.library import library
from app.web.sessions import required

MOST_TRIES = 99
EXTRA = {"0": N_("None"), "10": "10 %", "25": "25 %", "50": "50 %", "100": "100 %", "200": "200 %", "400": "400 %"}


class Giving(forms.Form):
    place = choice(N_("Quiz"), {})
    tries = text(N_("Further tries"), most=10)
    extra = choice(N_("More time"), EXTRA)
    reason = text(N_("Reason"), needed(N_("Write why. It stays in the records.")), most=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self["tries"].data = self["tries"].data or "0"
        self["extra"].data = self["extra"].data or "0"

    def validate_tries(self, field: wtforms.Field) -> None:
        number = field.data
        if not (number.isascii() and number.isdigit() and len(number) < 4 and int(number) <= MOST_TRIES):
            raise validators.ValidationError(N_("Write a whole number from 0 to 99."))
        _course, quiz = self.chosen
        if int(number) and quiz is None:
            raise validators.ValidationError(N_("Choose one quiz to give further tries."))
        if int(number) and quiz and quiz.attempts is None:
            raise validators.ValidationError(N_("Everybody may try this quiz as often as they like."))

    def validate_extra(self, field: wtforms.Field) -> None:
        _course, quiz = self.chosen
        if field.data in EXTRA and field.data != "0" and quiz and quiz.minutes is None:
            raise validators.ValidationError(N_("This quiz has no time limit."))

    @property
    def chosen(self) -> tuple[str, Quiz | None]:
        """The course, and its quiz; None for all of them."""
        course, _slash, quiz = (self["place"].data or "").partition("/")
        return course, library().quizzes.get(quiz)

    @property
    def allowed(self) -> Allowed:
        return Allowed(tries=int(self["tries"].data), extra=int(self["extra"].data))


def places(courses: list[Course]) -> dict[str, str]:
    """What can be chosen, by "course/quiz": every quiz, and the time of all quizzes of a course."""
    return dict(pair for course in courses for pair in _places(course))


def _places(course: Course) -> Iterator[tuple[str, str]]:
    title = spoken().shown(course.title).value
    yield f"{course.id}/", _("All quizzes (time alone): %(course)s", course=title)
    for quiz in library().quizzes.values():
        if quiz.graded and library().course_of_quiz(quiz.id) == course:
            yield f"{course.id}/{quiz.id}", spoken().shown(quiz.title).value


@blueprint.route("/learners/<uuid:person>/allowances", methods=["GET", "POST"], endpoint="allowances")
def page(person: uuid.UUID) -> Any:
    """What this learner was given, and the form to give more or to take it back."""
    session = db.reading()
    account = people.find(session, person) or abort(404)
    facts = {course.id: standing.facts(session, person, course.id) for course in library().courses.values()}
    begun = [course for course in library().courses.values() if facts[course.id].enrolled_at]
    form = Giving(request.form)
    form.place.choices = places(begun)
    if request.method == "POST" and not begun:
        abort(409)
    if request.method == "POST" and form.validate():
        return give(person, form)
    body = render_template(
        "admin/allowances.html",
        account=account,
        form=form,
        problems=form.problems,
        begun=begun,
        given=allowances.of_person(session, person),
        saved="saved" in request.args,
        library=library(),
    )
    return make_response(body, 422 if form.errors else 200)


def give(person: uuid.UUID, form: Giving) -> Any:
    course, quiz = form.chosen
    session, who, name = db.writing(), required().id, quiz.id if quiz else ""
    reason = form["reason"].data
    if allowances.give(session, person, course, name, form.allowed, reason, who, db.now()):
        detail = f"{course}/{name or '*'} tries +{form.allowed.tries} time +{form.allowed.extra} %"
        audit.record(session, who, "allow", str(person), detail, db.now())
    db.commit()
    return redirect(url_for("admin.allowances", person=person, saved=1), 303)
