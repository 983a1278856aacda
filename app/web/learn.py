"""Reading: home, outline, modules, sections and their checks, notes, glossary, sources, search, files to keep."""

import difflib
import time
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

import msgspec
from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from markupsafe import escape

from app.core import practice, progress, surveys
from app.core.content import Course, Item, Module, Section, in_language
from app.core.progress import Facts, Progress
from app.records import notes as note_records
from app.records import reading, versions
from app.web import announced, db, quiz, sessions, shells
from app.web.assets import SEEN
from app.web.certificates import issuing
from app.web.headers import INLINED, OWN, VARY, VISITORS_KEEP, assets
from app.web.i18n import person_name, spoken
from app.web.keep import sizes
from app.web.library import course_or_404, item_or_404, library, module_or_404, modules_of, section_or_404
from app.web.sessions import required

blueprint = Blueprint("learn", __name__)


def facts_of(course: Course) -> Facts | None:
    """What the signed-in person has done in a course; None for a visitor."""
    return decoded(sessions.standing_in(course.id)) if sessions.identify(course.id) else None


def progress_of(course: Course, person: sessions.SignedIn | None) -> Progress | None:
    """Where the signed-in person stands; waits are told to the minute."""
    if person is None:
        return None
    return assessed(library().release, course.id, sessions.standing_in(course.id), minute())


def minute() -> datetime:
    return db.now().replace(second=0, microsecond=0)


@lru_cache(maxsize=2048)
def assessed(release: str, course: str, standing: str | None, now: datetime) -> Progress:
    """The progress of whoever has this standing; the release stands here because another one gives another answer."""
    return progress.assess(library(), library().courses[course], decoded(standing), now)


def decoded(standing: str | None) -> Facts:
    return msgspec.json.decode(standing, type=Facts) if standing else Facts()


@dataclass(frozen=True)
class Step:
    """A link to what comes next or stands beside: its words' key, title and address."""

    kind: str
    title: str
    url: str


@blueprint.get("/")
def home() -> str:
    courses = [(course, progress_of(course, sessions.identify(course.id))) for course in library().courses.values()]
    values = {
        "granted": {course.id: certificates_of(course) for course, _state in courses},
        "offers": {course.id: offers_of(course, state) for course, state in courses},
        "enrolled": {course.id: is_enrolled(course) for course, _state in courses},
        "announced": announced.on_home(),
    }
    return render_template("public/home.html", courses=courses, **values, library=library(), now=db.now())


@blueprint.get("/courses/<course>/")
def outline(course: str) -> Response:
    found = course_or_404(course)
    person = sessions.identify(found.id)
    state = progress_of(found, person)
    waits = state is not None and any(quiz.closed == "wait" for quiz in state.quizzes)
    key = ("outline", library().release, found.id, look(person), sessions.standing_in(found.id), waits and minute())
    page = partial(outline_html, found, state)
    return shells.respond(key, page, own_words(person, None), keeping(person))


def outline_html(course: Course, state: Progress | None) -> str:
    """The page of all who stand alike; the survey that opens with time is left to the home page."""
    values = {
        "course": course,
        "modules": modules_of(course),
        "library": library(),
        "progress": state,
        "certificates": certificates_of(course),
        "offers": [one for one in offers_of(course, state) if one != surveys.FOLLOW_UP],
        "enrolled": is_enrolled(course),
        "now": db.now(),
        "sizes": sizes(course),
    }
    return shelled("public/outline.html", values)


def certificates_of(course: Course) -> dict[str, str]:
    """Kind -> number of what the signed-in person was granted."""
    facts = facts_of(course)
    return facts.completions if facts else {}


def offers_of(course: Course, state: Progress | None) -> tuple[str, ...]:
    """The surveys, and the entry check, that are offered to the signed-in person."""
    return surveys.offers(course, facts_of(course) or Facts(), state, db.now()) if state else ()


def is_enrolled(course: Course) -> bool:
    return (facts_of(course) or Facts()).enrolled_at is not None


@blueprint.post("/courses/<course>/start")
def start(course: str) -> Any:
    """Enrol; a second press changes nothing."""
    found = course_or_404(course)
    reading.enrol(db.writing(), library(), required().id, found.id, db.now())
    db.commit()
    first = library().modules[found.modules[0]]
    return redirect(section_url(found, first, first.sections[0]), 303)


@blueprint.get("/courses/<course>/<module>/")
def module(course: str, module: str) -> str:
    found = course_or_404(course)
    part = module_or_404(found, module)
    return render_template(
        "public/module.html",
        course=found,
        module=part,
        library=library(),
        progress=progress_of(found, sessions.identify(found.id)),
        sizes=sizes(found),
        practises=bool(practice.always(library(), part)),
    )


@blueprint.get("/courses/<course>/<module>/<section>")
def section(course: str, module: str, section: str) -> Response:
    """One idea, one page. Rendered once for all who stand alike; a reader's own words are filled in."""
    found = course_or_404(course)
    part = module_or_404(found, module)
    one = section_or_404(part, section)
    person = sessions.identify(found.id)
    state = progress_of(found, person)
    key = ("section", library().release, part.id, one.id, saved(one), look(person), *stand(state, part, one))
    values = own_words(person, one)
    return shells.respond(key, lambda: section_html(found, part, one, state), values, keeping(person))


def saved(section: Section) -> str:
    """The activity whose note was just saved, so that its place says so."""
    if not request.environ.get("QUERY_STRING"):
        return ""
    named = request.args.get("saved", "")
    return named if any(piece.ref == named for piece in section.original.parts) else ""


def keeping(person: sessions.SignedIn | None) -> dict[str, str]:
    """How long a reading page may be kept, and by what it varies."""
    mine = person is not None or request.environ.get(INLINED)
    return {"Cache-Control": OWN if mine else VISITORS_KEEP, "Vary": VARY}


def look(person: sessions.SignedIn | None) -> tuple[str, str, bool]:
    """What decides how a page looks apart from its subject: language, role, and whether the style sheet is known."""
    environ = request.environ
    new_here = sessions.cookie(environ, SEEN) != assets().sheet
    environ[INLINED] = new_here
    return spoken().language.tag, person.role if person else "", new_here


def stand(state: Progress | None, module: Module, section: Section) -> tuple[Any, ...]:
    """What a section's page shows of a reader's progress."""
    if state is None:
        return ()
    here = state.module(module.id)
    return state.modules_done, state.minutes_left, here, f"{module.id}/{section.id}" in state.changed


def section_html(course: Course, module: Module, section: Section, state: Progress | None) -> str:
    """The page with marks in the places of the reader's own words."""
    place = module.sections.index(section)
    text = spoken().shown(section.texts).value
    values = {
        "course": course,
        "module": module,
        "section": section,
        "position": place + 1,
        "shown_text": spoken().shown(section.texts),
        "checks": {part.ref: shown_check(part.ref) for part in text.parts if part.kind == "check"},
        "notes": {part.ref: shells.mark(f"note-{part.ref}") for part in text.parts if part.kind == "activity"},
        "issued": shells.mark("issued"),
        "progress": state,
        "read": bool(state and is_read(state, module, section)),
        "changed": bool(state and f"{module.id}/{section.id}" in state.changed),
        "before": neighbour(course, module, place, -1),
        "after": neighbour(course, module, place, +1),
        "library": library(),
    }
    return shelled("public/section.html", values)


def shelled(template: str, values: dict[str, Any]) -> str:
    """A page rendered for anybody who looks alike: the token and the name are marks."""
    person = sessions.identify()
    if person is None:
        return render_template(template, **values)
    anybody = replace(person, name=shells.mark("name"))
    html = render_template(template, **values, person=anybody, csrf=shells.mark("csrf"))
    return html.replace(person_name(anybody.name), anybody.name)


def own_words(person: sessions.SignedIn | None, section: Section | None) -> dict[str, bytes]:
    """The values for the marks: token, name, and the notes of the section's activities."""
    if person is None:
        return {}
    values = {"csrf": sessions.csrf_token(person).encode(), "name": str(person_name(person.name)).encode()}
    wanted = [part.ref for part in section.original.parts if part.kind == "activity"] if section else []
    if wanted:
        mine = note_records.notes(db.reading(), person.id)
        values |= {f"note-{ref}": str(escape(mine.get(ref, ""))).encode() for ref in wanted}
        values["issued"] = str(time.time_ns() // 1000).encode()
    return values


def is_read(state: Progress, module: Module, section: Section) -> bool:
    standing = state.module(module.id)
    return standing is not None and section.id not in standing.unread


def shown_check(item: str) -> Any:
    return quiz.check(item_or_404(item), None)[0]


def neighbour(course: Course, module: Module, place: int, step: int) -> Step | None:
    """What stands before or after a section: a section, or the module's quiz after its last one, or the next module."""
    if 0 <= place + step < len(module.sections):
        other = module.sections[place + step]
        return Step("section", spoken().shown(other.texts).value.title, section_url(course, module, other))
    if step > 0 and module.quiz:
        title = spoken().shown(library().quizzes[module.quiz].title).value
        return Step("quiz", title, url_for("quiz.start", course=course.id, quiz=module.quiz))
    at = course.modules.index(module.id) + step
    if not 0 <= at < len(course.modules):
        return None
    next_module = library().modules[course.modules[at]]
    edge = next_module.sections[0 if step > 0 else -1]
    return Step("section", spoken().shown(edge.texts).value.title, section_url(course, next_module, edge))


def section_url(course: Course, module: Module, section: Section) -> str:
    return url_for("learn.section", course=course.id, module=module.id, section=section.id)


@blueprint.post("/courses/<course>/<module>/<section>/read")
def mark_read(course: str, module: str, section: str) -> Any:
    """Remember that a section was read, then go on; a certificate that falls due is issued at the same moment."""
    found = course_or_404(course)
    part = module_or_404(found, module)
    one = section_or_404(part, section)
    language = spoken().language.tag
    issued = reading.mark_read(
        db.writing(), library(), required().id, found.id, part.id, one.id, db.now(), language, issuing()
    )
    db.commit()
    if issued:
        return redirect(url_for("certificates.page", number=issued[0], new=1), 303)
    following = neighbour(found, part, part.sections.index(one), +1)
    return redirect(following.url if following else url_for("learn.outline", course=found.id), 303)


@blueprint.get("/courses/<course>/<module>/<section>/changes")
def changed(course: str, module: str, section: str) -> Any:
    """What changed in a section since this person read it."""
    found = course_or_404(course)
    part = module_or_404(found, module)
    one = section_or_404(part, section)
    facts = facts_of(found) or Facts()
    then = facts.readings.get(f"{part.id}/{one.id}")
    if then is None or then == one.version:
        return redirect(section_url(found, part, one), 303)
    old = versions.section(db.reading(), then)
    language, text = in_language(one.texts, spoken().language.tag)
    before = in_language(old.texts, language)[1].source if old else ""
    differences = paragraph_changes(before, text.source)
    return render_template(
        "public/changed.html", course=found, module=part, section=one, differences=differences, language=language
    )


def paragraph_changes(before: str, after: str) -> list[tuple[str, str]]:
    """("gone" | "new", paragraph) in reading order, as Markdown text."""
    old, new = before.split("\n\n"), after.split("\n\n")
    rows: list[tuple[str, str]] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            rows += [("gone", paragraph) for paragraph in old[i:j] if paragraph.strip()]
            rows += [("new", paragraph) for paragraph in new[k:m] if paragraph.strip()]
    return rows


@blueprint.post("/checks/<item>")
def check(item: str) -> Any:
    """Immediate feedback on a practice item; nothing is stored."""
    found = item_or_404(item)
    if not found.practice:
        abort(404)
    asked, feedback, problem = quiz.check(found, request.form)
    back = section_with(found)
    body = render_template(
        "public/check.html",
        asked=asked,
        feedback=feedback,
        errors=quiz.errors_of(problem),
        choices=problem.choices if problem else (),
        typed=request.form,
        back=back,
        library=library(),
    )
    return make_response(body, 422 if problem else 200)


def section_with(item: Item) -> Step | None:
    """The section in which a practice item stands."""
    for course in library().courses.values():
        for part in modules_of(course):
            for one in part.sections:
                if any(piece.ref == item.id and piece.kind == "check" for piece in one.original.parts):
                    title = spoken().shown(one.texts).value.title
                    return Step("section", title, section_url(course, part, one))
    return None
