"""For administrators: reports of months and quarters as they were frozen, corrections, and the tables for donors."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.content import Course
from app.core.frozen import REPORT, STATISTICS
from app.ops import freezing
from app.records import frozen
from app.records.frozen import Entry
from app.web import db, forms
from app.web.admin import blueprint
from app.web.fields import choice, country_choices, needed, text
from app.web.filter_words import STATED, group_words
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.languages import LANGUAGES
from app.web.library import course_or_404, library
from app.web.sessions import required
from app.web.statistics import file, in_words

DONE = {
    "frozen": N_("What was due is frozen."),
    "nothing": N_("Nothing was due."),
    "corrected": N_("The correction is frozen. The editions before it stay."),
}
TITLES = {
    (): N_("All"),
    ("country",): N_("By country"),
    ("subregion",): N_("By subregion"),
    ("bloc",): N_("By group of countries"),
    ("sex",): N_("By sex"),
    ("ministry_type",): N_("By kind of ministry"),
    ("age_band",): N_("By age"),
    ("language",): N_("By language"),
    ("sex", "ministry_type"): N_("By sex and kind of ministry"),
    ("country", "sex"): N_("By country and sex"),
    ("country", "ministry_type"): N_("By country and kind of ministry"),
    ("country", "organisation"): N_("By country and organisation"),
}
SHOWN = ("enrolled", "started", "completion", "certificate")  # the file holds all


class Correcting(forms.Form):
    period = choice(N_("Month or quarter"), {})
    reason = text(N_("Reason"), needed(N_("Write why. It stays beside the correction.")), most=500)

    def __init__(self, periods: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.period.choices = {period: in_words(period) for period in periods}


class Kept(NamedTuple):
    """What one course has: reports and statistics, the newest first, how many are due, and the form to correct one."""

    course: Course
    reports: list[Entry]
    statistics: list[Entry]
    due: int
    form: Correcting


@blueprint.get("/reports")
def reports() -> str:
    return reports_page()


def reports_page(sent: tuple[str, Correcting] | None = None) -> str:
    """All that is frozen, by course. `sent`: a course and its form that was not fit to be kept."""
    session = db.reading()
    kept = []
    for course in library().courses.values():
        entries = frozen.listed(session, course.id, REPORT)
        form = sent[1] if sent and sent[0] == course.id else correcting(entries)
        due = len(freezing.due(session, course.id, db.now(), db.settings().zone))
        kept.append(Kept(course, entries, frozen.listed(session, course.id, STATISTICS), due, form))
    return render_template(
        "admin/reports.html",
        kept=kept,
        in_words=in_words,
        problems=sent[1].problems if sent else {},
        done=_(DONE[done]) if (done := request.args.get("done", "")) in DONE else "",
    )


def correcting(entries: Sequence[Entry], sent: Any = None) -> Correcting:
    return Correcting(list(dict.fromkeys(one.period for one in entries)), sent)


@blueprint.post("/reports")
def freeze() -> ResponseReturnValue:
    """Freeze now what the server would freeze by itself."""
    done = freezing.freeze_due(db.engine(), db.settings(), library(), db.now(), required().id)
    return redirect(url_for("admin.reports", done="frozen" if done else "nothing"), 303)


@blueprint.post("/reports/<course>")
def correct_report(course: str) -> Any:
    """A further edition of a report, as it is counted today, with a reason; the earlier ones stay."""
    found = course_or_404(course)
    form = correcting(frozen.listed(db.reading(), found.id, REPORT), request.form)
    if not form.validate():
        return reports_page((found.id, form)), 422
    period, reason = form["period"].data, form["reason"].data
    freezing.freeze_report(db.writing(), db.settings(), library(), found, period, reason, db.now(), required().id)
    db.commit()
    return redirect(url_for("admin.reports", done="corrected"), 303)


@blueprint.get("/reports/<course>/<period>")
def report(course: str, period: str) -> str:
    """The tables of a report; `?edition=` shows an earlier one."""
    found = course_or_404(course)
    row = edition_of(found, REPORT, period)
    document = msgspec.json.decode(row.document)
    return render_template(
        "admin/report.html",
        course=found,
        period=period,
        row=row,
        document=document,
        tables=[table(one, document["columns"], document.get("organisations", {})) for one in document["tables"]],
        editions=[one for one in frozen.listed(db.reading(), found.id, REPORT) if one.period == period],
        in_words=in_words,
    )


@blueprint.get("/reports/<course>/<period>/<any(report,statistics):kind>.<any(json,csv):style>")
def report_file(course: str, period: str, kind: str, style: str) -> Response:
    """A frozen table as a file, bit for bit; the statistics also where their public page is closed."""
    found = course_or_404(course)
    row = edition_of(found, kind, period)
    response = file(row.document if style == "json" else row.sheet, style)
    edition = f"-edition-{row.edition}" if row.edition > 1 else ""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}-{found.id}-{period}{edition}.{style}"'
    return response


def edition_of(course: Course, kind: str, period: str) -> Any:
    wanted = request.args.get("edition", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else None
    return frozen.find(db.reading(), course.id, kind, period, number) or abort(404)


class Lines(NamedTuple):
    """A table of a report: its title, the words of its first columns, and (words …, numbers) for each row."""

    title: str
    heads: list[str]
    rows: list[tuple[list[str], list[int]]]


def table(one: Mapping[str, Any], columns: Sequence[str], organisations: Mapping[str, str]) -> Lines:
    """`organisations`: their names as they were frozen, by id."""
    by = tuple(one["by"])
    places = [columns.index(name) + len(by) for measure in SHOWN for name in (measure, f"{measure}_new")]
    rows = [([organisations.get(value) or words(name, value) for name, value in zip(by, row, strict=False)],
             [row[place] for place in places]) for row in one["rows"]]  # fmt: skip
    heads = {"country": _("Country or area"), "subregion": _("Subregion"), "bloc": _("Group"), "sex": _("Sex"),
             "ministry_type": _("Kind of ministry"), "age_band": _("Age"), "language": _("Language"),
             "organisation": _("Organisation")}  # fmt: skip
    return Lines(_(TITLES[by]), [heads[name] for name in by], rows)


def words(name: str, value: str) -> str:
    """A value of a report's table."""
    if not value:
        return _("Not listed, or not stated") if name == "organisation" else _("Not stated")
    if name == "country":
        return country_choices().get(value, value)
    if name in ("subregion", "bloc"):
        return group_words(value)
    if name == "language":
        return LANGUAGES[value].autonym if value in LANGUAGES else value
    return _(STATED[name].get(value, value))
