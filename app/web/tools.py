"""The course's tools: pages that work out what somebody enters. Nothing of it is kept but a note, where she asks."""

import time
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for

from app.core import tools
from app.core.content import Course, Section
from app.core.tools import TOOLS, Entry, Outcome, Tool
from app.records import notes as note_records
from app.web import db, notes, quiz, results, sessions
from app.web.i18n import N_, spoken
from app.web.learn import section_url
from app.web.library import course_or_404, library, modules_of

blueprint = Blueprint("tools", __name__)
EMPTY = Outcome(Entry())


@blueprint.get("/courses/<course>/tools")
def overview(course: str) -> str:
    found = course_or_404(course)
    return render_template("public/tools.html", course=found, library=library(), taught=taught(found))


@blueprint.get("/courses/<course>/tools/<name>")
def page(course: str, name: str) -> Response:
    return tool_page(course_or_404(course), name, EMPTY)


@blueprint.post("/courses/<course>/tools/<name>")
def calculate(course: str, name: str) -> Response:
    """The answer to what was entered, or what is wrong with it; nothing is stored."""
    found, outcome = course_or_404(course), posted(name)
    return tool_page(found, name, outcome)


@blueprint.post("/courses/<course>/tools/<name>/file")
def file(course: str, name: str) -> Response:
    """The same as a file of comma-separated values."""
    found, outcome = course_or_404(course), posted(name)
    if outcome.result is None:
        return tool_page(found, name, outcome)
    response = current_app.response_class(results.csv_of(TOOLS[name], outcome), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@blueprint.post("/courses/<course>/tools/<name>/note")
def save(course: str, name: str) -> Any:
    """Put the answer below the person's private note of this tool; a second press adds nothing."""
    found, outcome = course_or_404(course), posted(name)
    if outcome.result is None:
        return tool_page(found, name, outcome)
    person, activity = sessions.required().id, notes.TOOL + name
    text = results.note_of(TOOLS[name], outcome, spoken().day(db.now()))
    issued, session = quiz.issued_at(request.form.get("issued", "")), db.writing()
    saved = note_records.add_to_note(session, person, activity, text, issued, db.now(), notes.LONGEST_NOTE)
    kept = note_records.texts(session, person, [activity])[activity]
    db.commit()
    if saved == "saved":
        return redirect(f"{url_for('tools.page', course=found.id, name=name)}?saved={activity}#{activity}", 303)
    both = kept + note_records.BETWEEN + text
    return notes.not_kept(activity, both, kept if saved == "older" else None)


def posted(name: str) -> Outcome:
    """The outcome of the posted form."""
    tool = tool_or_404(name)
    return tools.calculate(tool, request.form.to_dict(flat=False)) if tool.work else abort(404)


def tool_page(course: Course, name: str, outcome: Outcome) -> Response:
    tool, activity = tool_or_404(name), notes.TOOL + name
    person, entry = sessions.person(), outcome.entry
    example = tools.example_of(tool)
    body = render_template(
        tool.template,
        course=course,
        name=name,
        tool=tool,
        entry=entry,
        problems={field: results.text(words) for field, words in entry.problems.items()},
        unsure=readings(entry),
        result=outcome.result,
        example=example,
        example_entered=tools.entered(tool, example.entry, N_("What one enters")) if example else (),
        entered=tools.entered,
        html=results.html,
        table=results.shown,
        place=taught(course).get(name),
        library=library(),
        activity=activity,
        note=note_records.texts(db.reading(), person.id, [activity]).get(activity) if person else None,
        issued=time.time_ns() // 1000,
    )
    return make_response(body, 422 if entry.problems else 200)


def readings(entry: Entry) -> list[tuple[str, list[tuple[str, tools.Number]]]]:
    """The two meanings of the unsure numbers: the decimal mark, and each number as typed with what it then means."""
    unsure = entry.unsure.values()
    decimals = 40
    return [
        (mark, [(one.text, tools.Number(one.read(mark), decimals)) for one in unsure]) for mark in (".", ",") if unsure
    ]


def tool_or_404(name: str) -> Tool:
    return TOOLS.get(name) or abort(404)


def taught(course: Course) -> dict[str, tuple[Section, str]]:
    """The section that shows each tool of a course, with its address."""
    return {
        piece.ref: (one, section_url(course, part, one))
        for part in modules_of(course)
        for one in part.sections
        for piece in one.original.parts
        if piece.kind == "tool"
    }
