"""For focal points: the people of one country who may be seen, their names, the list to take along, shared notes."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import abort, make_response, request
from flask.typing import ResponseReturnValue

from app.core import formats
from app.core.content import Course
from app.core.formats import Column
from app.records import focal_people, people
from app.web import db
from app.web.areas import Area, area, blueprint
from app.web.cohort_forms import NamesForm
from app.web.cohorts import sound_place
from app.web.db import settings
from app.web.downloads import download
from app.web.export_words import FORMATS
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.library import library
from app.web.notes import activities

A_PAGE = 50
STATES = {
    "registered": N_("Not started"),
    "started": N_("In progress"),
    "completed": N_("Completed"),
}
IN_FILES = {"registered": "not started", "started": "in progress", "completed": "completed"}
COLUMNS = (
    Column(name="name", kind="text", meaning="The name in the learner's own script."),
    Column(name="name_latin", kind="text", meaning="The name in Latin letters, where given."),
    Column(name="cohorts", kind="text", meaning="The cohorts of this country that the learner is in."),
    Column(name="course", kind="text", meaning="The course's id."),
    Column(name="status", kind="text", meaning="not started, in progress or completed."),
)


def mine() -> tuple[Area, str]:
    """This focal point's area and country."""
    here = area()
    return here, here.country or abort(403)


def chosen_course() -> Course:
    """The course that the page is about: of the address, else the site's first."""
    courses = library().courses
    return courses.get(request.values.get("course", "")) or next(iter(courses.values()))


@blueprint.get("")
def overview() -> str:
    return overview_page()


def overview_page(problem: str = "") -> str:
    """Who may be seen, and how far each is."""
    here, country = mine()
    session, course = db.reading(), chosen_course()
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    start = sound_place(request.args.get("after", ""))
    found, after = focal_people.people_of(session, country, course.id, state, start, A_PAGE)
    return here.page(
        "focal/overview.html",
        course=course,
        people=found,
        after=after,
        state=state,
        states=STATES,
        counts=focal_people.counted(session, country, course.id),
        cohorts=focal_people.cohorts_of(session, country, [one.id for one in found]),
        formats=FORMATS,
        errors={"format": problem} if problem else {},
    )


@blueprint.get("/people/<uuid:person>")
def learner(person: uuid.UUID) -> str:
    return learner_page(person)


def learner_page(person: uuid.UUID, form: NamesForm | None = None) -> str:
    """One person: name, status in each course, cohorts of this country; the name can be corrected before issue."""
    here, country = mine()
    session = db.reading()
    courses = library().courses.values()
    states = [(course, focal_people.find(session, country, course.id, person)) for course in courses]
    found = states[0][1] or abort(404)
    account = people.get(session, person)
    form = form or NamesForm(obj=account)
    return here.page(
        "focal/learner.html",
        found=found,
        states=[(course, _(STATES[one.state])) for course, one in states],
        cohorts=focal_people.cohorts_of(session, country, [person])[person],
        fixed=people.name_fixed(session, account),
        form=form,
        problems=form.problems,
        saved="saved" in request.args,
    )


@blueprint.post("/people/<uuid:person>/name")
def correct_name(person: uuid.UUID) -> ResponseReturnValue:
    """Another spelling of a name, as long as no certificate carries it."""
    here, country = mine()
    form = NamesForm(request.form)
    if focal_people.find(db.reading(), country, chosen_course().id, person) is None:
        abort(404)
    if not form.validate():
        return make_response(learner_page(person, form), 422)
    changes = {name: form[name].data or "" for name in ("name", "name_latin")}
    try:
        people.change_profile(db.writing(), person, changes, db.now())
    except people.NameFixed:
        db.rollback()
        form["name"].errors = [_("A certificate carries this name, so it stays.")]
        return make_response(learner_page(person, form), 422)
    here.note("name corrected", person)
    db.commit()
    return here.go("learner", person=person, saved=1)


@blueprint.post("/export")
def export() -> ResponseReturnValue:
    """The people whom this focal point sees, as a file."""
    here, country = mine()
    course, kind = chosen_course(), request.form.get("format", "")
    if kind not in FORMATS:
        return overview_page(_("Choose one of the formats.")), 422
    try:
        packed = download(f"people-{country}", kind, lambda target: write(country, course, kind, target))
    except formats.TooManyRows:
        return overview_page(_("There are more rows than a spreadsheet holds. Choose CSV or JSON Lines.")), 422
    db.writing()
    here.note("export", f"people {country} {course.id} {kind}", packed.about.sha256)
    db.commit()
    return packed.response()


def write(country: str, course: Course, kind: str, target: Path) -> formats.About:
    """Write the list into a file."""
    with target.open("wb") as file:
        return formats.write(
            file,
            kind,
            COLUMNS,
            rows(country, course),
            name="people",
            row="One row for each learner whom the focal point of the country may see.",
            filter={"country": country, "course": course.id},
            release=library().release,
            now=db.now(),
            zone=settings().zone,
        )


def rows(country: str, course: Course) -> Iterator[tuple[Any, ...]]:
    session = db.reading()
    found = list(focal_people.everybody(session, country, course.id))
    for start in range(0, len(found), 500):
        some = found[start : start + 500]
        cohorts = focal_people.cohorts_of(session, country, [one.id for one in some])
        for one in some:
            groups = "; ".join(group.name for group in cohorts[one.id])
            yield one.name, one.name_latin, groups, course.id, IN_FILES[one.state]


@blueprint.get("/notes")
def notes() -> str:
    """What learners of this country chose to share, by national action."""
    here, country = mine()
    places = activities(spoken())
    shared: dict[str, list[Any]] = {}
    for row in focal_people.notes_of(db.reading(), country):
        if row.activity in places:
            place = places[row.activity]
            shared.setdefault(place.action, []).append((place, row))
    return here.page("focal/notes.html", shared=shared, actions=library().actions)
