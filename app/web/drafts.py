"""For authors: files that are dropped become a draft, which is checked and previewed within the course, published by
an administrator or discarded. A draft is seen by its author and by administrators alone."""

import io
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from werkzeug.exceptions import ServiceUnavailable

from app.core.content import flatten
from app.ops import dropping, planning, releases, serving
from app.ops.planning import Trial
from app.records import audit, drafts, people
from app.web import author, db, guide
from app.web.author import Files
from app.web.db import settings
from app.web.headers import go_on
from app.web.i18n import gettext as _
from app.web.sessions import required

blueprint = Blueprint("drafts", __name__, url_prefix="/author/drafts")

MOST_DRAFTS = 20  # of one author
MOST_BYTES = 32 << 20  # of one author's drafts together
NAMED = 300  # remarks that are kept
FOLDERS = ("", "modules", "quizzes")


@blueprint.context_processor
def explanations() -> dict[str, Any]:
    return {"explained": guide.explained()}


# Dropping


@blueprint.get("")
def overview() -> str:
    return drop_page()


def drop_page(problem: str = "") -> str:
    """Where files are dropped, and the drafts that are there; administrators see everybody's."""
    session, signed = db.reading(), required()
    others = drafts.of_others(session, signed.id) if signed.role == "administrator" else []
    owners = {one.person_id: people.get(session, one.person_id).name for one in others}
    return render_template(
        "author/drafts.html",
        drafts=drafts.of_person(session, signed.id),
        others=others,
        owners=owners,
        problems={"files": problem} if problem else {},
        most=MOST_DRAFTS,
    )


@blueprint.post("")
def drop() -> ResponseReturnValue:
    """Make a draft of what was dropped; where it can't be used, nothing is kept."""
    try:
        name, dropped = dropped_files()
        files, whole = dropped.files, bool(request.form.get("whole"))
        session = db.writing()
        refuse_too_much(drafts.of_person(session, required().id), files, new=1)
    except dropping.Refused as refused:
        db.rollback()
        return make_response(drop_page(str(refused)), refused.status)
    draft = drafts.add(session, required().id, name, whole, dropped.remarks[:NAMED], db.now())
    drafts.put(session, draft, files)
    db.commit()
    return redirect(url_for("drafts.page", draft=draft), 303)


def dropped_files(draft: uuid.UUID | None = None) -> tuple[str, dropping.Dropped]:
    """What stands in the form as course files, to be added to a draft where one is named, and a name for it. Raises
    Refused."""
    given: dict[str, bytes] = {}
    for one in request.files.getlist("files"):
        name = (one.filename or "").strip()
        if name and name in given:
            raise dropping.Refused(f"{name[:100]} comes twice. Drop each file once.")
        if name:
            given[name] = one.read()
        one.close()
    if not given:
        raise dropping.Refused(_("Choose a file first."))
    wanted = request.form.get("folder", "")
    folder = wanted if wanted in FOLDERS else ""
    more = f" + {len(given) - 1}" if len(given) > 1 else ""
    present = drafts.files(db.reading(), draft) if draft else {}
    dropped = dropping.receive(given, author.content_root(), settings().base_url, folder, present)
    return f"{next(iter(given))[:80]}{more}", dropped


def refuse_too_much(mine: list[Row[Any]], files: dict[str, bytes], new: int) -> None:
    if len(mine) + new > MOST_DRAFTS:
        raise dropping.Refused(_("You have %(number)s drafts. Discard one first.", number=len(mine)), 413)
    if sum(one.size for one in mine) + sum(map(len, files.values())) > MOST_BYTES:
        raise dropping.Refused(
            _("Your drafts would have more than %(size)s MB together. Discard one first.", size=MOST_BYTES >> 20), 413
        )


# One draft


@blueprint.get("/<uuid:draft>")
def page(draft: uuid.UUID) -> str:
    return draft_page(mine(draft))


def draft_page(found: Row[Any], problem: str = "") -> str:
    """A draft's files, what the check says of them within the course, and ways to look at them."""
    with patience():
        tried = trial(found)
    files = files_of(found, tried)
    paths = sorted(drafts.files(db.reading(), found.id))
    touched = set(paths)
    library = tried.library
    modules = [one for id, one in library.modules.items() if touches(touched, "modules", id)] if library else []
    quizzes = [one for id, one in library.quizzes.items() if touches(touched, "quizzes", id)] if library else []
    return render_template(
        "author/draft.html",
        draft=found,
        files=files,
        paths=paths,
        own=[one for one in tried.problems if one.path in touched],
        rest=[one for one in tried.problems if one.path not in touched],
        remarks=drafts.remarks(found),
        modules=modules,
        quizzes=quizzes,
        counted={quiz.id: len(flatten(quiz.items)) for quiz in quizzes},
        problems={"files": problem} if problem else {},
        owner="" if found.person_id == required().id else people.get(db.reading(), found.person_id).name,
        base=tried.base,
    )


def touches(paths: set[str], folder: str, id: str) -> bool:
    """Whether a draft holds the file of this id, or a translation of it."""
    return any(path.startswith(f"{folder}/{id}.") for path in paths)


@blueprint.post("/<uuid:draft>/files")
def add(draft: uuid.UUID) -> ResponseReturnValue:
    """Lay more files into a draft; those of the same name are replaced."""
    mine(draft)
    try:
        _name, dropped = dropped_files(draft)
        found = to_change(draft)
        present = drafts.files(db.writing(), draft)
        if len(present | dropped.files) > dropping.FILES:
            raise dropping.Refused(f"The draft would have more than {dropping.FILES} files.", 413)
        grown = {path: data for path, data in dropped.files.items() if path not in present}
        refuse_too_much(drafts.of_person(db.writing(), found.person_id), grown, new=0)
    except dropping.Refused as refused:
        db.rollback()
        return make_response(draft_page(mine(draft), str(refused)), refused.status)
    remarks = [*dropped.remarks, *drafts.remarks(found)][:NAMED]
    drafts.put(db.writing(), draft, dropped.files)
    drafts.change(db.writing(), found, bool(request.form.get("whole")), remarks, db.now())
    db.commit()
    return redirect(url_for("drafts.page", draft=draft), 303)


@blueprint.get("/<uuid:draft>/files.zip")
def download(draft: uuid.UUID) -> Response:
    """A draft's files as they came."""
    found = mine(draft)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in drafts.files(db.reading(), found.id).items():
            archive.writestr(path, data)
    response = make_response(packed.getvalue())
    response.mimetype = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="draft.zip"'
    return response


@blueprint.post("/<uuid:draft>/discard")
def discard(draft: uuid.UUID) -> ResponseReturnValue:
    """Forget a draft; another's goes with a line in the audit log."""
    found = to_change(draft)
    drafts.remove(db.writing(), draft)
    if found.person_id != required().id:
        audit.record(db.writing(), required().id, "discard", str(found.person_id), str(draft), db.now())
    db.commit()
    return redirect(url_for("drafts.overview"), 303)


def mine(draft: uuid.UUID) -> Row[Any]:
    """A draft of the signed-in author, or anybody's for an administrator; others are as good as missing."""
    return allowed(drafts.find(db.reading(), draft))


def to_change(draft: uuid.UUID) -> Row[Any]:
    try:
        return allowed(drafts.find(db.writing(), draft))
    except Exception:
        db.rollback()
        raise


def allowed(found: Row[Any] | None) -> Row[Any]:
    signed = required()
    if found is None or (found.person_id != signed.id and signed.role != "administrator"):
        abort(404)
    return found


@contextmanager
def patience() -> Iterator[None]:
    """Where another trial takes long, or what is served is lost, the page says that it has to wait."""
    try:
        yield
    except (planning.Busy, serving.Stopped) as error:
        raise ServiceUnavailable(retry_after=20) from error


def trial(found: Row[Any]) -> Trial:
    """A draft, checked as it would stand within the course that is served."""
    files = drafts.files(db.reading(), found.id)
    return planning.trial(settings(), files, found.whole, db.now(), planning.SECONDS)


def files_of(found: Row[Any], tried: Trial) -> Files:
    from app.web.library import library as served

    return Files(tried.problems, tried.library or served(), tried.library is not None, draft=found.id)


# Previews, by the pages that show the course files


def looked_at(draft: uuid.UUID) -> Files:
    """A draft that has no errors, to be looked at; one with errors has its report alone."""
    found = mine(draft)
    with patience():
        tried = trial(found)
    return files_of(found, tried) if tried.library else abort(404)


@blueprint.get("/<uuid:draft>/preview/<module>")
def preview(draft: uuid.UUID, module: str) -> str:
    return author.module_page(looked_at(draft), module)


@blueprint.get("/<uuid:draft>/preview/<module>/<section>")
def preview_section(draft: uuid.UUID, module: str, section: str) -> str:
    return author.section_page(looked_at(draft), module, section)


@blueprint.get("/<uuid:draft>/quizzes/<quiz>")
def quiz(draft: uuid.UUID, quiz: str) -> str:
    return author.quiz_page(looked_at(draft), quiz)


@blueprint.get("/<uuid:draft>/quizzes/<quiz>/draws")
def draws(draft: uuid.UUID, quiz: str) -> str:
    return author.draws_page(looked_at(draft), quiz)


@blueprint.get("/<uuid:draft>/items/<item>")
def item(draft: uuid.UUID, item: str) -> str:
    return author.item_page(looked_at(draft), item)


# Who is affected, and publishing


@blueprint.get("/<uuid:draft>/affected")
def affected(draft: uuid.UUID) -> str:
    return affected_page(mine(draft))


def affected_page(found: Row[Any], problem: str = "") -> str:
    """What publishing a draft would do to learners; administrators publish from here."""
    with patience():
        tried = trial(found)
        plan = planning.plan(db.reading(), settings(), tried, db.now()) if tried.library else None
    return render_template(
        "author/affected.html",
        draft=found,
        plan=plan,
        tried=tried,
        exact=required().role == "administrator",
        least=settings().suppression,
        problem=problem,
        library=tried.library,
        said=[one for one in tried.problems if one.severity == "error"],
    )


@blueprint.post("/<uuid:draft>/publish")
def publish(draft: uuid.UUID) -> ResponseReturnValue:
    """Serve a draft from now on. Refused where another course is served than the one that the page spoke of."""
    found = mine(draft)
    files = drafts.files(db.reading(), draft)
    seen = request.form.get("seen", "")
    change = releases.Change(files, found.whole, request.form.get("base", ""))
    db.rollback()  # what follows takes some time, and holds its own session
    if seen != found.changed_at.isoformat():
        return make_response(affected_page(mine(draft), _("The draft has changed since this page was shown.")), 409)
    try:
        done = releases.publish(db.engine(), settings(), change, required().id, db.now(), planning.SECONDS)
    except releases.Moved:
        words = _("Another course is served than when this page was shown: somebody published meanwhile. Look again.")
        return make_response(affected_page(mine(draft), words), 409)
    except releases.Broken:
        return make_response(affected_page(mine(draft), _("The draft has errors, so nothing was published.")), 422)
    except serving.Stopped as stopped:
        return make_response(affected_page(mine(draft), str(stopped)), 409)
    drafts.remove(db.writing(), draft)
    db.commit()
    return renewed(done)


def renewed(done: releases.Published) -> Response:
    """The answer to whoever made a release; meanwhile the server begins to renew its workers, and this one answers."""
    if done.pid:
        serving.tell(done.pid)
    return go_on(url_for("releases.overview", done=done.entry.number))
