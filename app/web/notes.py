"""Private notes: saved under the activities of sections, and all together by national action; shared one by one."""

import time
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from app.core.tools import TOOLS
from app.records import notes as note_records
from app.records import people, wishes
from app.web import db, quiz
from app.web.i18n import Speech, gettext, spoken
from app.web.learn import Step, blueprint, section_url
from app.web.library import library, modules_of
from app.web.sessions import required

LONGEST_NOTE = 20_000
TOOL = "tool-"  # begins the id of a note that belongs to a tool; no activity has such an id


@blueprint.post("/notes/<activity>")
def save_note(activity: str) -> Any:
    return store_note(activity, request.form)


def store_note(activity: str, fields: "MultiDict[str, str]") -> Any:
    """Keep a private note, then come back to its section; a text that is not kept comes back in its box."""
    place = activity_place(activity) or abort(404)
    text = fields.get("text", "").replace("\x00", "").replace("\r\n", "\n")
    issued = quiz.issued_at(fields.get("issued", ""))
    if len(text) > LONGEST_NOTE:
        return note_page("account/note_too_long.html", 422, place, activity, text, issued)
    session = db.writing()
    saved = note_records.save_note(session, required().id, activity, text, issued, db.now())
    kept = note_records.notes(session, required().id)[activity]
    db.commit()
    if saved == "older" and kept != text:
        return note_page("account/note_older.html", 409, place, activity, text, time.time_ns() // 1000, kept)
    return redirect(f"{place.url}?saved={activity}#{activity}", 303)


def note_page(
    template: str, status: int, place: Step, activity: str, text: str, issued: int, kept: str = ""
) -> Response:
    """A note that was not kept, with what was wrong, ready to be sent again; `kept` is the note that stands."""
    values = {"back": place, "activity": activity, "text": text, "issued": issued, "kept": kept, "most": LONGEST_NOTE}
    return make_response(render_template(template, **values), status)


def not_kept(activity: str, text: str, kept: str | None) -> Response:
    """A note that was not kept: because of a later one (`kept`), or because it is too long."""
    place, issued = activity_place(activity) or abort(404), time.time_ns() // 1000
    if kept is None:
        return note_page("account/note_too_long.html", 422, place, activity, text, issued)
    return note_page("account/note_older.html", 409, place, activity, text, issued, kept)


def activity_place(activity: str) -> Step | None:
    """The section of an activity, or the page of a tool: in the course that teaches it, else in the first."""
    if activity.startswith(TOOL):
        return tool_place(activity.removeprefix(TOOL))
    for course in library().courses.values():
        for part in modules_of(course):
            for one in part.sections:
                for piece in one.original.parts:
                    if piece.kind == "activity" and piece.ref == activity:
                        return Step("section", piece.title, section_url(course, part, one))
    return None


def tool_place(name: str) -> Step | None:
    if name not in TOOLS:
        return None
    courses = list(library().courses.values())
    teaching = [course for course in courses for part in modules_of(course) if part.teaches(name)]
    course = (teaching or courses)[0]
    return Step("tool", gettext(TOOLS[name].title), url_for("tools.page", course=course.id, name=name))


@dataclass(frozen=True)
class Place:
    """Where a note belongs: its national action, its title, how that title's language is marked."""

    action: str
    title: str
    attributes: Any


def activities(speech: Speech) -> dict[str, Place]:
    """The activities and tools under which a note can stand."""
    found = {TOOL + name: Place(tool.action, gettext(tool.title), "") for name, tool in TOOLS.items()}
    for course in library().courses.values():
        for part in modules_of(course):
            for one in part.sections:
                shown = speech.shown(one.texts)
                for piece in shown.value.parts:
                    if piece.kind == "activity":
                        found[piece.ref] = Place(piece.action, piece.title, shown.attributes)
    return found


@blueprint.get("/notes")
def notes() -> str:
    """All notes by national action, ready to print."""
    mine = note_records.notes(db.reading(), required().id)
    country = people.get(db.reading(), required().id).country
    rows = []
    for course in library().courses.values():
        for part in modules_of(course):
            for one in part.sections:
                shown = spoken().shown(one.texts)
                for piece in shown.value.parts:
                    if piece.kind == "activity":
                        url = section_url(course, part, one)
                        rows.append((piece.action, piece, url, mine.get(piece.ref, ""), shown.attributes))
    found = ((tool.action, tool_place(name), mine.get(TOOL + name), TOOL + name) for name, tool in TOOLS.items())
    worked = [one for one in found if one[1] and one[2]]
    sharing = {"shared": wishes.shared(db.reading(), required().id), "country": library().countries.get(country or "")}
    return render_template("account/notes.html", rows=rows, worked=worked, actions=library().actions, **sharing)


@blueprint.post("/notes/<activity>/share")
def share_note(activity: str) -> Any:
    """Show a note to the focal point of one's country, or no more."""
    if not note_records.texts(db.reading(), required().id, [activity]).get(activity):
        abort(404)
    wishes.share(db.writing(), required().id, activity, "keep" not in request.form, db.now())
    db.commit()
    return redirect(url_for("learn.notes", _anchor=activity), 303)
