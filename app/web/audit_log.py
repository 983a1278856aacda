"""The audit log for administrators: filters, pages by key, whether the chain holds, and the log as a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import acts, columns, formats
from app.core.acts import COMMAND_LINE, Sought
from app.core.filters import Unfit
from app.records import audit, people
from app.web import db, export_words
from app.web.admin import DEEDS, NO_PAGE, OF_COHORTS, blueprint
from app.web.areas import area
from app.web.db import settings
from app.web.downloads import download
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.library import library
from app.web.sessions import required

A_PAGE = 50
CHECKED_UNASKED = 5000  # acts: a longer log is checked when somebody asks for it
FORMATS = {name: export_words.FORMATS[name] for name in ("csv", "jsonl")}
OWN = ("csrf_token", "format", "before", "check", "lang")  # fields that are no filters
ROW = "One row for each act, the oldest first."
WRONG = {
    "deed": N_("There is no such deed. Choose one of the list."),
    "person": N_("Nobody has this sign-in name or id."),
    "format": N_("Choose one of the formats."),
    "period": N_("Period: write a year (2026), a quarter (2026-Q4), a month (2026-11), or two with .. between."),
}


@blueprint.get("/audit", endpoint="audit")
def show() -> ResponseReturnValue:
    """Who did what, the newest first, and whether the chain of hashes holds."""
    return page(request.args)


@blueprint.post("/audit/rows")
def export_audit() -> ResponseReturnValue:
    """The rows that the filters leave, as a file; beside it, whether the chain of the whole log holds."""
    format = request.form.get("format", "")
    try:
        sought = read(request.form)
        if format not in FORMATS:
            raise Unfit({"format": "unknown"})
    except Unfit as unfit:
        return page(request.form, unfit)
    packed = download("audit", format, lambda target: write(sought, format, target))
    detail = " ".join((packed.about.sha256, *(f"{name}={value}" for name, value in sought.as_args().items())))
    audit.record(db.writing(), required().id, "export", f"audit {format}", detail, db.now())
    db.commit()
    return packed.response()


def read(given: Mapping[str, str]) -> Sought:
    """What is sought, a sign-in name in the place of an id included. Raises Unfit."""
    args = {name: given[name] for name in given if name not in OWN}
    login = args.get("person", "").strip()
    if login and login != COMMAND_LINE and db.as_id(login) is None:
        found = people.find_login(db.reading(), login)
        args["person"] = str(found.id) if found else login
    return acts.read(args, DEEDS, db.now().date())


def write(sought: Sought, format: str, target: Path) -> formats.About:
    session = db.reading()
    with target.open("wb") as file:
        return formats.write(
            file,
            format,
            columns.ACTS,
            audit.rows(session, sought, settings().zone),
            name="audit",
            row=ROW,
            filter=sought.as_args(),
            release=library().release,
            now=db.now(),
            zone=settings().zone,
            chain=verified(session),
        )


def verified(session: Session) -> str:
    """What the about file says of the chain, as of this moment."""
    broken, newest = audit.verify_chain(session), length(session)
    if broken:
        return f"broken: row {broken} does not follow from the one before it"
    return (
        f"holds: every row from 1 to {newest} follows from the one before it" if newest else "holds: the log is empty"
    )


def length(session: Session) -> int:
    """The number of the newest row."""
    newest = audit.latest(session, None, 1)
    return int(newest[0].number) if newest else 0


def page(given: Mapping[str, str], unfit: Unfit | None = None) -> ResponseReturnValue:
    session, sought = db.reading(), Sought()
    try:
        sought = read(given)
    except Unfit as error:
        unfit = unfit or error
    before = given.get("before", "")
    below = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    found = [] if unfit else audit.latest(session, below, A_PAGE + 1, sought, settings().zone)
    shown = area().page(
        "admin/audit.html",
        acts=found[:A_PAGE],
        older=found[A_PAGE - 1].number if len(found) > A_PAGE else None,
        before=below,
        sought=sought,
        given=given,
        periods=export_words.choices("period", {"period": [sought.period] if sought.period else []}),
        command_line=COMMAND_LINE,
        formats=FORMATS,
        deeds=DEEDS,
        of_cohorts=OF_COHORTS,
        no_page=NO_PAGE,
        as_id=db.as_id,
        errors={name: _(WRONG.get(name, export_words.NO_FILTER), name=name) for name in unfit.problems}
        if unfit
        else {},
        **chain(session, "check" in given),
    )
    return make_response(shown, 422 if unfit else 200)


def chain(session: Session, asked: bool) -> dict[str, Any]:
    """How long the log is, and whether its chain was looked at now and holds."""
    newest = length(session)
    checked = newest <= CHECKED_UNASKED or asked
    return {"length": newest, "checked": checked, "broken": audit.verify_chain(session) if checked else None}
