"""The course's tools: pages that work out what somebody enters. Nothing of it is kept but a note, where she asks."""

import time
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from markupsafe import Markup

from app.core import tools
from app.core.content import Course, Module, Section
from app.core.tools import Entry, Outcome, Tool
from app.core.tools.options import STAGES
from app.records import notes as note_records
from app.web import db, notes, quiz, results, sessions
from app.web.i18n import N_, spoken
from app.web.learn import Step, section_url
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


@blueprint.post("/courses/<course>/tools/<name>/open")
def open_part(course: str, name: str) -> Response:
    """The form again, with another part of it open and published values in empty fields; nothing is stored."""
    found, tool = course_or_404(course), tool_or_404(name)
    if tool.fill is None:
        abort(404)
    entry = tools.opened(tool, request.form.to_dict(flat=False), spoken().language.tag)
    return tool_page(found, name, Outcome(entry))


@blueprint.post("/courses/<course>/tools/<name>/file")
def file(course: str, name: str) -> Response:
    """The same as a file of comma-separated values."""
    found, outcome = course_or_404(course), posted(name)
    if outcome.result is None:
        return tool_page(found, name, outcome)
    response = current_app.response_class(results.csv_of(tool_or_404(name), outcome), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@blueprint.post("/courses/<course>/tools/<name>/note")
def save(course: str, name: str) -> Any:
    """Put the answer below the person's private note of this tool; a second press adds nothing."""
    found, outcome = course_or_404(course), posted(name)
    if outcome.result is None:
        return tool_page(found, name, outcome)
    person, activity = sessions.required().id, notes.TOOL + name
    text = results.note_of(tool_or_404(name), outcome, spoken().day(db.now()))
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
        plain=results.text,
        attributes=results.attributes,
        table=results.shown,
        place=taught(course).get(name),
        serving=partial(serving, course),
        library=library(),
        stages=STAGES,
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
    return tools.tool_of(name, library()) or abort(404)


def serving(course: Course, action: str) -> list[tuple[Step, Markup]]:
    """The activities of a course for a national action, or else the first sections of its modules for it; each with
    the attributes of its language."""
    modules = modules_of(course)
    found = [
        (Step("activity", piece.title, f"{section_url(course, part, one)}#{piece.ref}"), text.attributes)
        for part in modules
        for one in part.sections
        for text in [spoken().shown(one.texts)]
        for piece in text.value.parts
        if piece.kind == "activity" and piece.action == action
    ]
    return found or [beginning(course, part) for part in modules if action in part.actions]


def beginning(course: Course, module: Module) -> tuple[Step, Markup]:
    first = module.sections[0]
    text = spoken().shown(first.texts)
    return Step("section", text.value.title, section_url(course, module, first)), text.attributes


def taught(course: Course) -> dict[str, tuple[Section, str]]:
    """The section that shows each tool of a course, with its address."""
    return {
        piece.ref: (one, section_url(course, part, one))
        for part in modules_of(course)
        for one in part.sections
        for piece in one.original.parts
        if piece.kind == "tool"
    }
