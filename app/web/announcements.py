"""For administrators: what the home page announces, in which languages, from when until when.

Texts are plain: paragraphs, lines, and web addresses that become links. No Markdown is read and no HTML let through, so
that nothing needs to be made safe; the template escapes it all.
"""

import uuid
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import wtforms
from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import validators

from app.records import announcements, audit
from app.records.announcements import Words
from app.records.guarding import Announcement
from app.web import db, forms
from app.web.admin import blueprint
from app.web.cohort_forms import day_of
from app.web.fields import text, trimmed
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.organisations import languages
from app.web.sessions import required

LONGEST_TITLE, LONGEST_TEXT = 120, 1000
DONE = {
    "made": N_("The announcement is saved. The home page shows it on its days."),
    "changed": N_("The announcement is changed."),
    "withdrawn": N_("The announcement is withdrawn; nobody sees it any more."),
}


def lines(given: str | None) -> str:
    """Text of several lines as it is kept: no control characters, one empty line between paragraphs."""
    kept = [trimmed(line) for line in (given or "").replace("\r\n", "\n").split("\n")]
    return "\n\n".join(part.strip("\n") for part in "\n".join(kept).split("\n\n") if part.strip())


class Announcing(forms.Form):
    """An announcement; `title-fr` and `text-fr` are added for each language of the site."""

    first_day = text(N_("First day"), most=10)
    last_day = text(N_("Last day (optional)"), most=10)
    seen = wtforms.HiddenField(N_("As it was seen"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self["first_day"].data = self["first_day"].data or db.now().date().isoformat()

    def validate_first_day(self, field: wtforms.Field) -> None:
        day_of(field.data)

    def validate_last_day(self, field: wtforms.Field) -> None:
        last = day_of(field.data)
        try:
            first = day_of(self["first_day"].data)
        except validators.ValidationError:
            return
        if last and (last < db.now().date() or (first and last < first)):
            raise validators.ValidationError(_("This day is before the first one, or has passed. Choose a later one."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Each language has both a title and a text, or neither; one language is there."""
        fits = super().validate(extra_validators)
        for tag in self.tags:
            title, body = self[f"title-{tag}"], self[f"text-{tag}"]
            if bool(title.data) != bool(body.data):
                lacking = body if title.data else title
                lacking.errors = [*lacking.errors, _("Write both a title and a text, or neither.")]
                fits = False
        if not any(self[f"title-{tag}"].data or self[f"text-{tag}"].data for tag in self.tags):
            self[f"title-{self.tags[0]}"].errors = [_("Write a title and a text in one language at least.")]
            fits = False
        return fits

    @property
    def tags(self) -> list[str]:
        return [name.removeprefix("title-") for name in self._fields if name.startswith("title-")]

    @property
    def texts(self) -> dict[str, Words]:
        """By language; the first one of the site that has a text is the original."""
        pairs = {tag: Words(self[f"title-{tag}"].data, self[f"text-{tag}"].data) for tag in self.tags}
        return {tag: words for tag, words in pairs.items() if words.title}

    @property
    def days(self) -> tuple[date, date | None]:
        return day_of(self["first_day"].data) or db.now().date(), day_of(self["last_day"].data)


def fields_of(tag: str) -> Iterator[tuple[str, Any]]:
    """The fields of one language; the page says which language that is."""
    long = validators.Length(max=LONGEST_TEXT, message=N_("This is too long: 1,000 characters at most."))
    yield f"title-{tag}", text(N_("Title"), most=LONGEST_TITLE)
    yield f"text-{tag}", wtforms.TextAreaField(N_("Text"), [long], filters=[lines])


def form_of(found: Announcement | None = None) -> Announcing:
    """The form as it was posted, or as the announcement stands."""
    made: type[Announcing] = type(
        "AnnouncingHere", (Announcing,), dict(pair for one in languages() for pair in fields_of(one.tag))
    )
    if request.method == "POST" or found is None:
        return made(request.form)
    known: dict[str, Any] = {"seen": found.changed_at.isoformat(), "first_day": found.first_day.isoformat()}
    known["last_day"] = found.last_day.isoformat() if found.last_day else ""
    for tag, words in announcements.read(found.texts).items():
        known |= {f"title-{tag}": words.title, f"text-{tag}": words.text}
    return made(data=known)


@blueprint.get("/announcements", endpoint="announcements")
def overview() -> str:
    """What is announced now, what will be, and what was."""
    today = db.now().date()
    rows = [(one, announcements.read(one.texts), state(one, today)) for one in announcements.newest(db.reading())]
    done = request.args.get("done", "")
    return render_template(
        "admin/announcements.html", rows=rows, at_once=announcements.AT_ONCE, done=_(DONE[done]) if done in DONE else ""
    )


def state(one: Announcement, today: date) -> str:
    if one.withdrawn_at:
        return "withdrawn"
    if one.first_day > today:
        return "coming"
    return "past" if one.last_day and one.last_day < today else "shown"


@blueprint.route("/announcements/new", methods=["GET", "POST"])
def new_announcement() -> ResponseReturnValue:
    form = form_of()
    if request.method != "POST" or not form.validate():
        return announcement_page(form, None)
    id = announcements.add(db.writing(), form.texts, form.days, required().id, db.now())
    return noted(id, "made")


@blueprint.route("/announcements/<uuid:announcement>", methods=["GET", "POST"])
def announcement(announcement: uuid.UUID) -> ResponseReturnValue:
    """Say it otherwise, while it is not withdrawn; what another administrator wrote meanwhile is not overwritten."""
    found = open_or_404(announcement)
    form = form_of(found)
    if request.method != "POST" or not form.validate():
        return announcement_page(form, found)
    seen = moment(form["seen"].data)
    if seen is None or not announcements.change(db.writing(), found.id, form.texts, form.days, seen, db.now()):
        db.rollback()
        words = _("Somebody changed or withdrew this announcement meanwhile. Copy your text, and open it again.")
        form[f"title-{form.tags[0]}"].errors = [words]
        return announcement_page(form, found, 409)
    return noted(found.id, "changed")


@blueprint.post("/announcements/<uuid:announcement>/withdraw")
def withdraw_announcement(announcement: uuid.UUID) -> ResponseReturnValue:
    """At once and for good; a second press changes nothing."""
    if announcements.find(db.reading(), announcement) is None:
        abort(404)
    if announcements.withdraw(db.writing(), announcement, db.now()):
        return noted(announcement, "withdrawn")
    db.rollback()
    return redirect(url_for("admin.announcements", done="withdrawn"), 303)


def announcement_page(form: Announcing, found: Announcement | None, status: int = 0) -> ResponseReturnValue:
    body = render_template("admin/announcement.html", form=form, found=found, problems=form.problems)
    return make_response(body, status or (422 if form.errors else 200))


def noted(id: uuid.UUID, how: str) -> ResponseReturnValue:
    audit.record(db.writing(), required().id, "announce", str(id), how, db.now())
    db.commit()
    return redirect(url_for("admin.announcements", done=how), 303)


def open_or_404(id: uuid.UUID) -> Announcement:
    found = announcements.find(db.reading(), id)
    if found is None or found.withdrawn_at:
        abort(404)
    return found


def moment(text: str | None) -> datetime | None:
    """A moment as the form carries it; None for anything else."""
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return read if read.tzinfo else None
