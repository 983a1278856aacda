"""For administrators: who is learning, who completed, why not yet; codes, closed accounts, exports, the audit log."""

import tempfile
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for

from app.core import exports, progress
from app.core.content import Course
from app.records import audit, certificates, people, reports, sign_ins, standing
from app.web import db
from app.web.db import settings
from app.web.fields import trimmed
from app.web.library import course_or_404, library
from app.web.sessions import required

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

CODE_LIFETIME = timedelta(days=7)
A_PAGE = 50
CHUNK = 1 << 16


@blueprint.get("")
def overview() -> str:
    """Counts of each course: enrolled, started, completed, certificates; by country, sex and kind of ministry."""
    rows = [(course, reports.overview(db.reading(), course.id)) for course in library().courses.values()]
    return render_template(
        "admin/overview.html",
        rows=rows,
        library=library(),
        zone=settings().timezone,
        now=db.now(),
        formats=exports.FORMATS,
    )


@blueprint.get("/learners")
def learners() -> str:
    """People by name, in any script; pages by key, so that the last is as fast as the first."""
    wanted = trimmed(request.args.get("q"))[:100]
    found = people.search(db.reading(), wanted, request.args.get("after") or None, A_PAGE)
    return render_template("admin/learners.html", query=wanted, found=found, library=library())


@blueprint.get("/learners/<uuid:person>")
def learner(person: uuid.UUID) -> str:
    return learner_page(person)


def learner_page(person: uuid.UUID, code: str = "") -> str:
    """One person: profile, attempts, certificates, and what each certificate still needs, as the issuing sees it."""
    session = db.reading()
    account = people.find(session, person) or abort(404)
    traces = [(course, trace(course, person)) for course in library().courses.values()]
    return render_template(
        "admin/learner.html",
        account=account,
        organisation=people.organisation_name(session, account),
        traces=traces,
        attempts=reports.attempts_of(session, person),
        certificates=certificates.of_person(session, person, db.now()),
        code=code,
        days=CODE_LIFETIME.days,
        library=library(),
        saved=request.args.get("done", ""),
    )


def trace(course: Course, person: uuid.UUID) -> progress.Progress:
    return progress.assess(library(), course, standing.facts(db.reading(), person, course.id), db.now())


@blueprint.post("/learners/<uuid:person>/code")
def make_code(person: uuid.UUID) -> Response:
    """A one-time code to hand over, shown once."""
    session = db.writing()
    account = people.find(session, person)
    if account is None:
        db.rollback()
        abort(404)
    code = sign_ins.make_code(session, person, "once", db.now(), CODE_LIFETIME)
    audit.record(session, required().id, "code", str(person), "", db.now())
    db.commit()
    return make_response(learner_page(person, code))


@blueprint.post("/learners/<uuid:person>/disable")
def disable(person: uuid.UUID) -> Any:
    """Close an account; its sessions end at once. The last administrator stays."""
    session = db.writing()
    try:
        people.disable(session, person, db.now())
    except people.LastAdministrator:
        db.rollback()
        return redirect(url_for("admin.learner", person=person, done="last"), 303)
    audit.record(session, required().id, "disable", str(person), "", db.now())
    db.commit()
    return redirect(url_for("admin.learner", person=person, done="disabled"), 303)


@blueprint.post("/learners/<uuid:person>/enable")
def enable(person: uuid.UUID) -> Any:
    session = db.writing()
    people.enable(session, person)
    audit.record(session, required().id, "enable", str(person), "", db.now())
    db.commit()
    return redirect(url_for("admin.learner", person=person, done="enabled"), 303)


@blueprint.post("/export/<course>")
def export(course: str) -> Response:
    """The completions of a course: the file and what is said about it in one ZIP, written first, then sent."""
    found = course_or_404(course)
    kind = request.form.get("format", "csv")
    if kind not in exports.FORMATS:
        abort(422)
    name = f"completions-{found.id}"
    folder = tempfile.TemporaryDirectory(prefix="lontar-export-")
    target = Path(folder.name) / f"{name}.{kind}"
    about = reports.export_completions(db.reading(), library(), found, kind, target, now=db.now(), zone=settings().zone)
    packed = pack(target, about)
    audit.record(db.writing(), required().id, "export", f"completions {found.id} {kind}", about.sha256, db.now())
    db.commit()
    response = current_app.response_class(chunks(packed, folder), mimetype="application/zip")
    response.headers["Content-Length"] = str(packed.stat().st_size)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response


def pack(target: Path, about: exports.About) -> Path:
    packed = target.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(target, target.name)
        archive.writestr(f"{target.stem}.about.json", about.as_json())
    return packed


def chunks(path: Path, folder: "tempfile.TemporaryDirectory[str]") -> Any:
    with folder, path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


@blueprint.get("/audit", endpoint="audit")
def acts() -> str:
    before = request.args.get("before", "")
    found = audit.latest(db.reading(), int(before) if before.isascii() and before.isdigit() else None, A_PAGE)
    return render_template("admin/audit.html", acts=found)
