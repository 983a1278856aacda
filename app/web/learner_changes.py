"""For administrators: a learner's name before a certificate carries it, accounts of one person, erasing for somebody.

Each form carries the newest act about this person that its page knew. Where somebody else has acted since, nothing is
written, and the page tells what was done.
"""

import uuid
from collections.abc import Mapping
from typing import Any

import wtforms
from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.records import audit, interventions, people, timeline
from app.records.interventions import Changed, Unfit
from app.records.models import Person
from app.web import account, db, forms
from app.web.admin import DEEDS, account_to_change, back, blueprint, changed_meanwhile, learner_page
from app.web.cohort_forms import NamesForm
from app.web.fields import Erasing, choice, needed, text
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.sessions import required

WHY = N_("Write why. It stays in the records, and this person can read it.")
UNFIT = {
    "self": N_("This is the account itself. Write the other one."),
    "unknown": N_("No account has this sign-in name or id."),
    "linked": N_("This account is linked already. Take that link back first."),
    "main": N_("That account is itself linked to another one. Link to that one, or take the link back first."),
    "chain": N_("Other accounts are linked to this one. Link them to the other account first."),
}
REASONS = {
    "asked": N_("This person asked for it, and I am sure who it is"),
    "mistake": N_("The account was made by mistake"),
    "died": N_("This person has died"),
    "kept": N_("The time for which records are kept is over"),
}


class Correcting(NamesForm):
    """The names, with the reason, and as they stood when the page was made."""

    reason = text(N_("Reason"), needed(WHY), most=500)
    was = wtforms.HiddenField()
    was_latin = wtforms.HiddenField()


class Linking(forms.Form):
    other = text(N_("The other account: its sign-in name or id"), needed(N_("Write the sign-in name or the id.")))
    reason = text(N_("Reason"), needed(WHY), most=500)


class Unlinking(forms.Form):
    reason = text(N_("Reason"), needed(WHY), most=500)


class ErasingLearner(Erasing):
    """What becomes of the certificates, why, and the administrator's own password."""

    reason = choice(N_("Reason"), {"": N_("Choose one")} | REASONS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self["certificates"].label.text = _("The certificates of this person")
        self["password"].label.text = _("Your own password")

    def validate_reason(self, field: wtforms.Field) -> None:
        if not field.data:
            raise wtforms.validators.ValidationError(_("Choose one of the list."))


def values(person: Person, unfit: Mapping[str, forms.Form]) -> dict[str, Any]:
    """What the page of a learner shows beside her results: what happened, her accounts, the forms about her."""
    session = db.reading()
    names = {"was": person.name, "was_latin": person.name_latin}
    return {
        "events": timeline.of_person(session, person),
        "deeds": DEEDS,
        "fixed": people.name_fixed(session, person),
        "linked": interventions.accounts(session, person),
        "seen": newest(person.id),
        "meanwhile": since(person.id),
        "naming": unfit.get("naming") or Correcting(obj=person, prefix="names-", **names),
        "linking": unfit.get("linking") or Linking(prefix="link-"),
        "unlinking": unfit.get("unlinking") or Unlinking(prefix="unlink-"),
    }


def problems_of(unfit: Mapping[str, forms.Form]) -> dict[str, str]:
    return {name: words for form in unfit.values() for name, words in form.problems.items()}


def newest(person: uuid.UUID) -> int:
    """The number of the newest act about this person; 0 for none."""
    acts = interventions.acts_since(db.reading(), person)
    return acts[-1].number if acts else 0


def since(person: uuid.UUID) -> list[Any]:
    """The acts of others about this person since the form that was sent was made; none for a page that is opened."""
    given = request.form.get("seen", "")
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        return []
    me = required().id
    return [one for one in interventions.acts_since(db.reading(), person, int(given)) if one.by != me]


@blueprint.post("/learners/<uuid:person>/name")
def correct_name(person: uuid.UUID) -> ResponseReturnValue:
    """Another spelling of a name, as long as no certificate carries it."""
    account_to_change(person)
    form = Correcting(request.form, prefix="names-")
    if told := changed_meanwhile(person):
        return told
    if not form.validate():
        return again(person, naming=form)
    wanted = (form["name"].data, form["name_latin"].data or "")
    seen = (form["was"].data, form["was_latin"].data or "")
    try:
        new = interventions.correct_name(
            db.writing(), person, seen, wanted, form["reason"].data, required().id, db.now()
        )
    except people.NameFixed:
        form["name"].errors = [_("A certificate carries this name, so it stays. Its holder asks for a correction.")]
        return again(person, naming=form)
    except Changed:
        return name_changed(person, form)
    if new:
        audit.record(db.writing(), required().id, "name corrected", str(person), "", db.now())
    db.commit()
    return back(person, "named")


def name_changed(person: uuid.UUID, form: Correcting) -> ResponseReturnValue:
    """The learner wrote another name meanwhile: it is shown, and the form can be sent again."""
    db.rollback()
    now = people.get(db.reading(), person)
    form["was"].data, form["was_latin"].data = now.name, now.name_latin
    names = " / ".join(filter(None, (now.name, now.name_latin)))
    form["name"].errors = [_("The name was changed meanwhile, it is now: %(name)s. Look at it again.", name=names)]
    return make_response(learner_page(person, unfit={"naming": form}), 409)


def again(person: uuid.UUID, **unfit: forms.Form) -> ResponseReturnValue:
    """The page with a form that was not fit."""
    db.rollback()
    return make_response(learner_page(person, unfit=unfit), 422)


@blueprint.post("/learners/<uuid:person>/link")
def link_accounts(person: uuid.UUID) -> ResponseReturnValue:
    """Say that this account is a further one of the person who has another; she counts once from then on."""
    account_to_change(person)
    form = Linking(request.form, prefix="link-")
    if told := changed_meanwhile(person):
        return told
    if not form.validate():
        return again(person, linking=form)
    given = form["other"].data
    id = db.as_id(given)
    other = people.find(db.writing(), id) if id else people.find_login(db.writing(), given)
    try:
        if other is None:
            raise Unfit("unknown")
        interventions.link(db.writing(), person, other.id, form["reason"].data, required().id, db.now())
    except Unfit as error:
        form["other"].errors = [_(UNFIT[error.why])]
        return again(person, linking=form)
    audit.record(db.writing(), required().id, "link", str(person), str(other.id), db.now())
    db.commit()
    return back(person, "linked")


@blueprint.post("/learners/<uuid:person>/unlink")
def unlink_accounts(person: uuid.UUID) -> ResponseReturnValue:
    """Take a link back: both accounts are counted again."""
    account_to_change(person)
    form = Unlinking(request.form, prefix="unlink-")
    if told := changed_meanwhile(person):
        return told
    if not form.validate():
        return again(person, unlinking=form)
    try:
        main = interventions.unlink(db.writing(), person, form["reason"].data, required().id, db.now())
    except Unfit:
        db.rollback()
        return back(person, "unlinked")  # a second press
    audit.record(db.writing(), required().id, "unlink", str(person), str(main), db.now())
    db.commit()
    return back(person, "unlinked")


@blueprint.route("/learners/<uuid:person>/erase", methods=["GET", "POST"])
def erase_learner(person: uuid.UUID) -> ResponseReturnValue:
    """Two steps: what shall become of the certificates and why; then, with the administrator's password, it is done."""
    found = people.find(db.reading(), person) or abort(404)
    form = ErasingLearner(request.form, certificates=request.form.get("certificates") or "keep")
    if person == required().id:
        return erase_page(found, form, own=True, status=422 if request.method == "POST" else 200)
    if request.method != "POST":
        return erase_page(found, form)
    if since(person):
        return erase_page(found, form, status=409)
    form.validate()
    first = "password" not in request.form
    if first:
        form["password"].errors = []
    chosen = not (form["reason"].errors or form["certificates"].errors)
    if first or form.problems:
        return erase_page(found, form, sure=chosen, status=422 if form.problems else 200)
    me = people.get(db.reading(), required().id)
    db.writing()
    if not account.confirmed(me, form["password"], _("This is not your password.")):
        db.rollback()
        return erase_page(found, form, sure=True, status=422)
    return erase(found, form)


def erase(found: Person, form: ErasingLearner) -> ResponseReturnValue:
    session, kept = db.writing(), form["certificates"].data == "keep"
    try:
        people.erase(session, found.id, db.now(), keep_certificates=kept)
    except people.LastAdministrator:
        db.rollback()
        form["password"].errors = [_("This is the last administrator. Make another one first.")]
        return erase_page(found, form, sure=True, status=422)
    detail = f"{form['reason'].data}, certificates {'kept' if kept else 'forgotten'}"
    audit.record(session, required().id, "erase learner", str(found.id), detail, db.now())
    db.commit()
    account.forget_traces()
    return redirect(url_for("admin.learners", done="erased"), 303)


def erase_page(
    found: Person, form: ErasingLearner, *, own: bool = False, sure: bool = False, status: int = 200
) -> ResponseReturnValue:
    body = render_template(
        "admin/erase.html",
        account=found,
        form=form,
        problems=form.problems,
        own=own,
        sure=sure,
        reasons=REASONS,
        seen=newest(found.id),
        meanwhile=since(found.id),
        deeds=DEEDS,
    )
    return make_response(body, status)
