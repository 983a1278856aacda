"""Inviting people into a cohort: one by one, by mail with at most two reminders, on slips, by one's own mail."""

import uuid

import segno
from flask import abort, make_response, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.records import invitations as records
from app.records.cohort_tables import Invitation
from app.records.invitations import Invited
from app.web import db, invitation_mail, mail
from app.web.areas import Area, area, on_both
from app.web.cohort_forms import InvitedForm, NamesForm
from app.web.cohorts import cohort_or_404, sound_place, to_change
from app.web.i18n import spoken
from app.web.invitation_mail import secret
from app.web.sessions import required

SLIPS_AT_ONCE = 200
ADDRESSES_AT_ONCE = 500


@on_both("/cohorts/<uuid:cohort>/invite", methods=("GET", "POST"))
def invite(cohort: uuid.UUID) -> ResponseReturnValue:
    """Invite one person; lists of people come by the import."""
    here, form = area(), InvitedForm(request.form)
    found = cohort_or_404(cohort, here)
    if request.method != "POST" or not form.validate():
        body = here.page("cohorts/invite.html", cohort=found, form=form, problems=form.problems)
        return make_response(body, 422 if form.errors else 200)
    here, found = to_change(cohort)
    invited = Invited(
        name=form["name"].data,
        name_latin=form["name_latin"].data or "",
        email=form["email"].data or "",
        language=spoken().language.tag,
        about={"country": found.country} if found.country else {},
    )
    id = records.invite(db.writing(), secret(), found, invited, required().id, db.now())
    if id:
        here.note("invite", cohort, str(id))
    db.commit()
    return here.go("cohort", cohort=cohort, done="invited" if id else "known")


@on_both("/cohorts/<uuid:cohort>/mail", methods=("POST",))
def mail_invitations(cohort: uuid.UUID) -> ResponseReturnValue:
    """Send the invitations that were not sent yet, or a reminder to those who have not answered for a week."""
    here, found = to_change(cohort)
    remind = "remind" in request.form
    if not mail.enabled() or found.closed_at is not None:
        db.rollback()
        return here.go("cohort", cohort=cohort, done="nobody")
    sent = invitation_mail.send(db.writing(), found, remind)
    if sent:
        here.note("mail", cohort, f"{'reminders' if remind else 'invitations'} {sent}")
    db.commit()
    mail.deliver_soon()
    return here.go("cohort", cohort=cohort, done="mailed" if sent else "nobody")


@on_both("/cohorts/<uuid:cohort>/slips", methods=("POST",))
def slips(cohort: uuid.UUID) -> ResponseReturnValue:
    """A page to print: a slip with a one-time code for each person who has not answered."""
    here, found = to_change(cohort)
    everybody, start = "all" in request.form, sound_place(request.form.get("after", ""))
    rows, after = records.slips(db.writing(), secret(), found.id, everybody, start, SLIPS_AT_ONCE)
    if rows:
        here.note("slips", cohort, str(len(rows)))
    db.commit()
    shown = [(name, latin, code, square(code)) for name, latin, code in rows]
    return here.page("cohorts/slips.html", cohort=found, slips=shown, everybody=everybody, after=after)


def square(code: str) -> Markup:
    """The QR code of a personal link."""
    link = url_for("joining.invited", code=code, _external=True)
    made = segno.make_qr(link, error="m").svg_inline(scale=2, border=2, omitsize=True, svgclass="qr", lineclass=None)
    return Markup(made)


@on_both("/cohorts/<uuid:cohort>/addresses", methods=("POST",))
def addresses(cohort: uuid.UUID) -> ResponseReturnValue:
    """Names and addresses of those who have not answered, and the cohort's text, for one's own mail."""
    here, found = to_change(cohort)
    rows = records.addresses(db.writing(), found.id, ADDRESSES_AT_ONCE)
    if rows:
        here.note("addresses", cohort, str(len(rows)))
    db.commit()
    return here.page("cohorts/addresses.html", cohort=found, people=rows, most=ADDRESSES_AT_ONCE)


@on_both("/invitations/<uuid:invitation>", methods=("GET", "POST"))
def invitation(invitation: uuid.UUID) -> ResponseReturnValue:
    """One invitation that nobody has answered: correct the name, show the code, withdraw it."""
    here, found = area(), unanswered_or_404(invitation)
    if request.method != "POST":
        return invitation_page(here, found, NamesForm(obj=found))
    if "code" in request.form:
        db.writing()
        here.note("slips", found.cohort_id, f"1 {found.id}")
        db.commit()
        return invitation_page(here, unanswered_or_404(invitation), NamesForm(obj=found), shown=True)
    if "withdraw" in request.form:
        db.writing()
        gone = records.forget(db.writing(), secret(), unanswered_or_404(invitation))
        here.note("invite", found.cohort_id, f"withdrawn {found.id}")
        db.commit() if gone else db.rollback()
        return here.go("cohort", cohort=found.cohort_id, done="withdrawn")
    form = NamesForm(request.form)
    if not form.validate():
        return make_response(invitation_page(here, found, form), 422)
    db.writing()
    records.correct(db.writing(), unanswered_or_404(invitation), form["name"].data, form["name_latin"].data or "")
    here.note("invite", found.cohort_id, f"name {found.id}")
    db.commit()
    return here.go("cohort", cohort=found.cohort_id, done="changed")


def invitation_page(here: Area, found: Invitation, form: NamesForm, shown: bool = False) -> str:
    code = invitation_mail.code_of(found.id) if shown else ""
    values = {"code": code, "link": url_for("joining.invited", code=code, _external=True) if code else ""}
    return here.page(
        "cohorts/invitation.html",
        found=found,
        cohort=cohort_or_404(found.cohort_id, here),
        form=form,
        problems=form.problems,
        stopped=records.has_stopped(db.reading(), found),
        **values,
    )


def unanswered_or_404(id: uuid.UUID) -> Invitation:
    """An invitation without an answer, of a cohort that this person looks after."""
    found = records.find(db.reading(), id)
    if found is None or found.person_id is not None:
        db.rollback()
        abort(404)
    cohort_or_404(found.cohort_id)
    return found
