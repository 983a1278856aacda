"""For administrators: choose what to export, see how many rows it has, download it, keep the choice under a name."""

import uuid
from typing import NamedTuple

from flask import abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.core.exports import DEFAULT, Site, Wanted, want
from app.core.filters import Unfit
from app.core.formats import FORMATS, XLSX_ROWS, TooManyRows
from app.records import audit, exports, saved_exports
from app.records.filtering import check
from app.records.saved_exports import LONGEST, Saved
from app.web import db, export_words
from app.web.admin import blueprint
from app.web.areas import area
from app.web.db import settings
from app.web.downloads import download
from app.web.fields import trimmed
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.library import library
from app.web.sessions import required

FIRST_FORMAT = next(iter(FORMATS))
OWN = ("csrf_token", "kind", "column", "format", "name", "done", "lang")  # fields that are no filters
DONE = {
    "saved": N_("The export is saved. One press downloads it, with the people and days of that moment."),
    "renamed": N_("The saved export has its new name."),
    "deleted": N_("The saved export is deleted. Files that were downloaded stay where they are."),
}


class Choice(NamedTuple):
    """What a form or an address asks for, not yet looked at; no columns are all of them."""

    kind: str
    columns: tuple[str, ...]
    args: dict[str, list[str]]
    format: str

    def read(self) -> Wanted:
        """Raises Unfit."""
        wanted = want(self.kind, self.columns, self.args, library(), settings().languages, db.now().date())
        check(db.reading(), wanted.filters, library())
        return wanted


def choice_of(given: "MultiDict[str, str]") -> Choice:
    args = {name: [value for value in values if value] for name, values in given.lists() if name not in OWN}
    return Choice(
        given.get("kind") or DEFAULT,
        tuple(given.getlist("column")),
        {name: values for name, values in args.items() if values},
        given.get("format") or FIRST_FORMAT,
    )


def site() -> Site:
    return Site(library(), db.now(), settings().zone)


@blueprint.get("/exports", endpoint="exports")
def show() -> ResponseReturnValue:
    """The filters of the address, and how many rows they leave; overview and bookmarks lead here."""
    return page(choice_of(request.args))


@blueprint.post("/exports/rows")
def export_rows() -> ResponseReturnValue:
    """The file and what is said about it in one ZIP; a form of filters alone gives completions as CSV."""
    choice = choice_of(request.form)
    try:
        return send(choice.read(), choice.format)
    except Unfit as unfit:
        return page(choice, export_words.problems(unfit, choice.kind))


def send(wanted: Wanted, format: str) -> ResponseReturnValue:
    """Write it in one moment of the database, note who took it, then send it. Raises Unfit for the format."""
    if format not in FORMATS:
        raise Unfit({"format": "unknown"})
    name = f"{wanted.kind.name}-{wanted.filters.course}" if wanted.kind.of_course else wanted.kind.name
    try:
        packed = download(name, format, lambda file: exports.export(db.reading(), site(), wanted, format, file))
    except TooManyRows:
        raise Unfit({"format": "rows"}) from None
    exports.note(db.writing(), required().id, wanted, format, packed.about, db.now())
    db.commit()
    return packed.response()


def page(choice: Choice, problems: dict[str, str] | None = None) -> ResponseReturnValue:
    """The choice and what it gives; with problems nothing is counted, and the status is 422."""
    problems, wanted = dict(problems or {}), None
    try:
        wanted = choice.read()
    except Unfit as unfit:
        problems = export_words.problems(unfit, choice.kind) | problems
    session = db.reading()
    rows = exports.count(session, site(), wanted) if wanted else 0
    fields = export_words.fields(choice.kind, choice.args)
    places = {*(field.name for field in fields), *(("format", "name") if wanted else ())}
    shown = area().page(
        "admin/exports.html",
        elsewhere={name: "what" for name in problems if name not in places and not name.startswith("name-")},
        wanted=wanted,
        choice=choice,
        kinds=export_words.kinds(choice.args),
        fields=fields,
        told=export_words.told(choice.kind, choice.args),
        columns=[(column, wanted.columns.count(column) > 0) for column in wanted.kind.columns] if wanted else [],
        rows=rows,
        waits=export_words.waits(rows),
        most=XLSX_ROWS,
        formats=export_words.FORMATS,
        saved=[(one, export_words.of_saved(one)) for one in saved_exports.all_saved(session)],
        longest=LONGEST,
        errors=problems,
        zone=settings().timezone,
        done=_(DONE[done]) if (done := request.args.get("done", "")) in DONE else "",
    )
    return make_response(shown, 422 if problems else 200)


# Saved exports


@blueprint.post("/exports/saved")
def save_export() -> ResponseReturnValue:
    """Keep a choice under a name."""
    choice, name = choice_of(request.form), trimmed(request.form.get("name"))[:LONGEST]
    try:
        wanted = choice.read()
        if choice.format not in FORMATS:
            raise Unfit({"format": "unknown"})
    except Unfit as unfit:
        return page(choice, export_words.problems(unfit, choice.kind))
    columns = [column.name for column in wanted.columns] if wanted.columns != wanted.kind.columns else []
    kept = (wanted.kind.name, columns, wanted.args, choice.format)
    try:
        id = saved_exports.save(db.writing(), name, *kept, required().id, db.now())
    except saved_exports.Taken:
        db.rollback()
        return page(choice, {"name": taken(name)})
    note(id, f"saved {wanted.kind.name} {choice.format}")
    return shown_again("saved")


@blueprint.post("/exports/saved/<uuid:saved>")
def run_export(saved: uuid.UUID) -> ResponseReturnValue:
    """Download a saved export as of now."""
    found = saved_or_404(saved)
    choice = Choice(found.kind, found.columns, found.filters, found.format)
    try:
        return send(choice.read(), choice.format)
    except Unfit as unfit:
        return page(choice, export_words.problems(unfit, choice.kind))


@blueprint.post("/exports/saved/<uuid:saved>/rename")
def rename_export(saved: uuid.UUID) -> ResponseReturnValue:
    found, name = saved_or_404(saved), trimmed(request.form.get("name"))[:LONGEST]
    try:
        there = saved_exports.rename(db.writing(), saved, name)
    except saved_exports.Taken:
        db.rollback()
        return page(choice_of(MultiDict()), {f"name-{saved}": taken(name)})
    if not there:
        db.rollback()
        abort(404)
    note(saved, f"renamed {found.kind} {found.format}")
    return shown_again("renamed")


@blueprint.post("/exports/saved/<uuid:saved>/delete")
def delete_export(saved: uuid.UUID) -> ResponseReturnValue:
    """Delete what was saved, the choice alone; sent twice it deletes once."""
    found = saved_or_404(saved)
    if not saved_exports.delete(db.writing(), saved):
        db.rollback()
        abort(404)
    note(saved, f"deleted {found.kind} {found.format}")
    return shown_again("deleted")


def saved_or_404(id: uuid.UUID) -> Saved:
    return saved_exports.find(db.reading(), id) or abort(404)


def taken(name: str) -> str:
    return _("Another saved export has this name.") if name else _("Write a name.")


def note(id: uuid.UUID, detail: str) -> None:
    """What became of a saved export, with its id alone: its name could name somebody."""
    audit.record(db.writing(), required().id, "saved export", str(id), detail, db.now())
    db.commit()


def shown_again(word: str) -> ResponseReturnValue:
    """The page, with what was done."""
    return redirect(url_for("admin.exports", done=word), 303)
