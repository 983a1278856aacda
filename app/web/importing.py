"""A list of people for a cohort: upload, every row's fate, then all new ones are invited at once."""

import uuid
from collections.abc import Mapping

from flask import abort, make_response, redirect, request
from flask.typing import ResponseReturnValue

from app.core.tables import Unreadable
from app.ops import importing
from app.records import imports
from app.records.cohort_tables import Cohort, ImportRun
from app.web import db
from app.web.areas import Area, area, on_both
from app.web.cohorts import cohort_or_404, to_change
from app.web.fields import trimmed
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.invitation_mail import secret
from app.web.library import library
from app.web.sessions import required

A_PAGE = 100
FATES = {
    "new": N_("New: will be invited"),
    "existing": N_("Invited already"),
    "duplicate": N_("Stands in the list before"),
    "conflict": N_("Refused: the number of somebody else"),
    "refused": N_("Refused"),
}
CONFLICTS = {
    "listed-name": N_("This number is that of %(name)s in row %(number)s. Correct one of the two rows."),
    "listed-address": N_(
        "%(name)s stands in row %(number)s with this number and another address. Correct one of the two rows."
    ),
    "invited-name": N_("This number is that of %(name)s, who is invited already. Correct this row."),
    "invited-address": N_(
        "%(name)s is invited with this number and another address. Correct this row, or withdraw that invitation first."
    ),
}
ROWS = {  # of any table
    "more": N_("this row has more cells than the first row"),
    "lines": N_("a cell runs over several lines; look for a quotation mark that is not closed"),
}
REASONS = ROWS | {
    "name": N_("there is no name"),
    "formula": N_("a cell begins like a formula"),
    "long": N_("a cell has more than 200 characters"),
    "email": N_("this is no mail address"),
    "country": N_("this country is not in the list of countries"),
    "another-country": N_("this is another country than the cohort’s"),
    "sex": N_("write woman, man or other"),
    "ministry": N_("this kind of ministry is not known"),
    "language": N_("the site does not speak this language"),
}
MESSAGES = {
    "guessed": N_("The file is not in UTF-8 and was read as Windows-1252. Look at the names before you go on."),
    "unused": N_("This column is not used:"),
    "empty": N_("The file holds no rows."),
    "binary": N_("The file is neither CSV nor XLSX."),
    "broken": N_("The file is damaged and could not be read to its end."),
    "bomb": N_("The file unpacks to far more than a list of people."),
    "rows": N_("There are more than 200,000 rows. Divide the list."),
    "size": N_("The file is larger than 32 MB. Divide the list."),
    "quote": N_(
        'In row %(row)s, a cell opens with a quotation mark (") that is not closed, or is closed too early. '
        "So the rows below cannot be told apart. Delete it or close it, and choose the file again. "
        "Inside a cell, write it twice."
    ),
    "name": N_("No column is called “name”. The first row must say what the columns are."),
    "twice": N_("Two columns have the same meaning. Delete one."),
}


@on_both("/cohorts/<uuid:cohort>/import", methods=("GET", "POST"))
def import_people(cohort: uuid.UUID) -> ResponseReturnValue:
    """Choose a file; it is looked at, and nothing is imported yet."""
    here = area()
    found = cohort_or_404(cohort, here)
    if request.method != "POST":
        return here.page("cohorts/import.html", cohort=found, errors={})
    file = request.files.get("file")
    data = b""
    if file:
        with file.stream as opened:
            data = opened.read()
    here, found = to_change(cohort)
    try:
        if not data:
            raise Unreadable("empty")
        name = trimmed(file.filename if file else "")
        run, table = importing.begin(db.writing(), data, name, found, required().id, db.now())
    except Unreadable as fault:
        db.rollback()
        found = cohort_or_404(cohort, here)
        body = here.page("cohorts/import.html", cohort=found, errors={"file": fault_words(fault)})
        return make_response(body, 422)
    id, bounds = run.id, importing.bounds_of(library(), db.settings().languages, found.country)
    db.commit()
    if table.total > importing.AT_ONCE_READ:
        importing.look_soon(db.engine(), secret(), id, table, bounds)
    else:
        importing.look(db.engine(), secret(), id, table, bounds, db.now)
    return redirect(here.url("import_run", run=id), 303)


@on_both("/imports/<uuid:run>", methods=("GET", "POST"))
def import_run(run: uuid.UUID) -> ResponseReturnValue:
    """The fate of each row; then the list is imported or dropped."""
    here = area()
    found, cohort = run_or_404(here, run)
    if request.method != "POST":
        return run_page(here, found, cohort)
    db.writing()
    found, cohort = run_or_404(here, run)
    if "drop" in request.form:
        imports.discard(db.writing(), found)
        db.commit()
        return here.go("cohort", cohort=cohort.id)
    if found.state not in (imports.READ, imports.DONE):  # its reading was interrupted, or goes on
        db.rollback()
        return redirect(here.url("import_run", run=run), 303)
    new = imports.counts_of(found)["new"]
    if imports.confirm(db.writing(), found, required().id, db.now()):
        here.note("import people", cohort.id, f"{new} people, {run}")
    db.commit()
    importing.forget(db.engine(), run)
    return here.go("cohort", cohort=cohort.id, done="imported")


def fault_words(fault: Unreadable, texts: Mapping[str, str] = MESSAGES) -> str:
    """Why a file can't be read."""
    return _(texts[str(fault)], row=fault.row)


def message_of(code: str, about: str) -> tuple[str, str]:
    """What is said of a file that was read, and about which column."""
    if code == "quote":
        return _(MESSAGES[code], row=about), ""
    return (
        (_(MESSAGES[code]), about) if code in ("guessed", "unused") else (_(MESSAGES.get(code, MESSAGES["broken"])), "")
    )


def run_or_404(here: Area, id: uuid.UUID) -> tuple[ImportRun, Cohort]:
    found = imports.find(db.reading(), id)
    if found is None:
        db.rollback()
        abort(404)
    return found, cohort_or_404(found.cohort_id, here)


def run_page(here: Area, run: ImportRun, cohort: Cohort) -> str:
    fate, start = request.args.get("fate", ""), request.args.get("after", "")
    fate = fate if fate in FATES else ""
    after = int(start) if start.isascii() and start.isdigit() and len(start) < 8 else 0
    rows = imports.fates(db.reading(), run.id, fate, after, A_PAGE + 1)
    return here.page(
        "cohorts/import_run.html",
        run=run,
        cohort=cohort,
        state=imports.state_of(run, db.now()),
        counts=imports.counts_of(run),
        messages=[message_of(code, about) for code, about in imports.messages_of(run)],
        rows=rows[:A_PAGE],
        after=rows[A_PAGE - 1].number if len(rows) > A_PAGE else 0,
        fate=fate,
        fates=FATES,
        reasons=REASONS,
        conflicts=CONFLICTS,
    )
