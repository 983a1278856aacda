"""Private notes: saved under the activities of sections, and all together by national action, ready to print."""

import time
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from app.records import notes as note_records
from app.web import db, quiz
from app.web.i18n import spoken
from app.web.learn import Step, blueprint, section_url
from app.web.library import library, modules_of
from app.web.sessions import required

LONGEST_NOTE = 20_000


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


def activity_place(activity: str) -> Step | None:
    for course in library().courses.values():
        for part in modules_of(course):
            for one in part.sections:
                for piece in one.original.parts:
                    if piece.kind == "activity" and piece.ref == activity:
                        return Step("section", piece.title, section_url(course, part, one))
    return None


@blueprint.get("/notes")
def notes() -> str:
    """All notes by national action, ready to print."""
    mine = note_records.notes(db.reading(), required().id)
    rows = []
    for course in library().courses.values():
        for part in modules_of(course):
            for one in part.sections:
                shown = spoken().shown(one.texts)
                for piece in shown.value.parts:
                    if piece.kind == "activity":
                        url = section_url(course, part, one)
                        rows.append((piece.action, piece, url, mine.get(piece.ref, ""), shown.attributes))
    return render_template("account/notes.html", rows=rows, actions=library().actions)
