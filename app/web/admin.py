"""For administrators: who is learning, who completed, why not yet; codes, closed accounts."""

import uuid
from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import progress
from app.core.content import Course
from app.records import (
    audit,
    certificates,
    identities,
    organisations,
    people,
    reports,
    second_steps,
    sign_ins,
    standing,
)
from app.records.models import Person
from app.web import db, forms
from app.web.fields import AGE_BANDS, MINISTRY_TYPES, SEXES
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.languages import LANGUAGES
from app.web.library import library
from app.web.sessions import required

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

CODE_LIFETIME = timedelta(days=7)
A_PAGE = 50
DONE = {
    "disabled": N_("The account is closed, and its sessions have ended."),
    "enabled": N_("The account is open again."),
    "identity": N_("Certificates of this course that are issued from now on name the office."),
    "identity back": N_("Certificates of this course that are issued from now on say self-declared."),
    "revoked": N_("The certificate is revoked. Its page, its record and the status list say so."),
    "last": N_("This is the last administrator. Make another one first."),
    "second step off": N_("The second step is taken off, and all sessions of this person have ended."),
    "own second step": N_("Turn your own second step off under My account, with a code."),
    "named": N_("The name is corrected. Certificates that are issued from now on carry it."),
    "linked": N_("The accounts are linked. This person is counted once from now on."),
    "unlinked": N_("The link is taken back. The accounts are counted as two persons again."),
}
DEEDS = {
    "add": N_("Account made"),
    "role": N_("Role changed"),
    "password": N_("Password set by an operator"),
    "code": N_("One-time code made"),
    "allow": N_("Further tries or more time given"),
    "second step on": N_("Second step of signing in set up"),
    "second step off": N_("Second step of signing in taken off"),
    "spare codes": N_("New spare codes made"),
    "spare code": N_("Signed in with a spare code"),
    "announce": N_("Announcement made, changed or withdrawn"),
    "disable": N_("Account closed"),
    "enable": N_("Account opened again"),
    "erase": N_("Account erased by its owner"),
    "erase learner": N_("Account erased by an administrator"),
    "link": N_("Account linked to another one of the same person"),
    "unlink": N_("Link between two accounts taken back"),
    "token": N_("API token made"),
    "token revoked": N_("API token revoked"),
    "token read": N_("Records of persons read by another system"),
    "export": N_("Records exported"),
    "saved export": N_("Saved export made, renamed or deleted"),
    "freeze": N_("Tables of a month or quarter frozen or corrected"),
    "demo": N_("Demonstration people made"),
    "restore": N_("Backup restored"),
    "publish": N_("Course files published"),
    "undo": N_("Publishing taken back"),
    "discard": N_("Draft of an author discarded"),
    "name asked": N_("Correction of a name asked for"),
    "name taken back": N_("Correction of a name taken back"),
    "name agreed": N_("Corrected name agreed to, a second administrator needed"),
    "name": N_("Name corrected, certificates issued anew"),
    "name refused": N_("Correction of a name refused"),
    "identity": N_("Identity confirmed by an office"),
    "identity back": N_("Confirmation of an identity taken back"),
    "revoke": N_("Certificate revoked"),
    "issue": N_("Certificates issued by an operator"),
    "import": N_("Earlier completions imported"),
    "key": N_("Signing key made or changed"),
    "seal key": N_("Signing key sealed for backups"),
    "key backup": N_("Signing key opened in a backup"),
    "organisation": N_("List of organisations changed"),
    "merge": N_("Organisations merged"),
    "focal": N_("Focal point changed"),
    "name corrected": N_("Name corrected before a certificate was issued"),
    "cohort": N_("Cohort made, changed or closed"),
    "enrolment key": N_("Enrolment key made or revoked"),
    "invite": N_("Invitation made or withdrawn"),
    "mail": N_("Invitations mailed"),
    "slips": N_("Codes of invitations shown"),
    "addresses": N_("Mail addresses of invited people shown"),
    "import people": N_("People imported"),
    "denominator": N_("Denominator entered or taken back"),
}
# Deeds whose subject is a cohort.
OF_COHORTS = ("cohort", "enrolment key", "invite", "mail", "slips", "addresses", "import people")
NO_PAGE = (
    *("erase", "erase learner", "organisation", "merge", "announce", "denominator", "saved export"),
    *("token", "token revoked", "token read"),
)


@blueprint.get("/learners/<uuid:person>")
def learner(person: uuid.UUID) -> str:
    return learner_page(person)


def learner_page(
    person: uuid.UUID,
    code: str = "",
    identity: tuple[str, forms.Form] | None = None,
    unfit: Mapping[str, forms.Form] | None = None,
) -> str:
    """One person: profile, attempts, certificates, and what each certificate still needs, as the issuing sees it.

    `identity`: a course and the form about it that was not fit to be kept; `unfit`: others, by what they are about.
    """
    from app.web import learner_changes
    from app.web.editions import BY_HAND, identity_form

    session = db.reading()
    account = people.find(session, person) or abort(404)
    return render_template(
        "admin/learner.html",
        account=account,
        profile=profile_of(account),
        traces=[trace(course, person) for course in library().courses.values()],
        attempts=reports.attempts_of(session, person),
        certificates=certificates.of_person(session, person, db.now()),
        identities=identities.of_person(session, person),
        identity_form=lambda course: identity[1] if identity and identity[0] == course else identity_form(course),
        problems=identity[1].problems if identity else learner_changes.problems_of(unfit or {}),
        **learner_changes.values(account, unfit or {}),
        reasons=BY_HAND,
        second_step=second_steps.state(session, person),
        code=code,
        days=CODE_LIFETIME.days,
        done=_(DONE[done]) if (done := request.args.get("done", "")) in DONE else "",
        library=library(),
        now=db.now(),
    )


def profile_of(person: Person) -> dict[str, str]:
    """What counts are made by, in words; "" where it is not stated."""
    return {
        "sex": _(SEXES[person.sex]) if person.sex in SEXES else "",
        "ministry_type": _(MINISTRY_TYPES[person.ministry_type]) if person.ministry_type in MINISTRY_TYPES else "",
        "language": LANGUAGES[person.language].autonym if person.language in LANGUAGES else person.language,
        "organisation": organisations.name_of(db.reading(), person.organisation_id),
        "age_band": _(AGE_BANDS[person.age_band]) if person.age_band in AGE_BANDS else "",
    }


def trace(course: Course, person: uuid.UUID) -> tuple[Course, progress.Facts, progress.Progress]:
    """A course, what the person has done in it, and what follows from that by the function that issues."""
    facts = standing.facts(db.reading(), person, course.id)
    return course, facts, progress.assess(library(), course, facts, db.now())


@blueprint.post("/learners/<uuid:person>/code")
def make_code(person: uuid.UUID) -> ResponseReturnValue:
    """A one-time code to hand over, shown once."""
    account_to_change(person)
    code = sign_ins.make_code(db.writing(), person, "once", db.now(), CODE_LIFETIME)
    audit.record(db.writing(), required().id, "code", str(person), "", db.now())
    db.commit()
    return make_response(learner_page(person, code))


@blueprint.post("/learners/<uuid:person>/disable")
def disable(person: uuid.UUID) -> ResponseReturnValue:
    """Close an account; its sessions end at once. The last administrator stays."""
    account = account_to_change(person)
    if told := changed_meanwhile(person):
        return told
    if account.disabled_at is None:
        try:
            people.disable(db.writing(), person, db.now())
        except people.LastAdministrator:
            db.rollback()
            return back(person, "last")
        audit.record(db.writing(), required().id, "disable", str(person), "", db.now())
    db.commit()
    return back(person, "disabled")


@blueprint.post("/learners/<uuid:person>/enable")
def enable(person: uuid.UUID) -> ResponseReturnValue:
    """Open a closed account again; the person signs in anew."""
    account = account_to_change(person)
    if told := changed_meanwhile(person):
        return told
    if account.disabled_at is not None:
        people.enable(db.writing(), person)
        audit.record(db.writing(), required().id, "enable", str(person), "", db.now())
    db.commit()
    return back(person, "enabled")


def account_to_change(person: uuid.UUID) -> Person:
    found = people.find(db.writing(), person)
    if found is None:
        db.rollback()
        abort(404)
    return found


def changed_meanwhile(person: uuid.UUID) -> ResponseReturnValue | None:
    """The page of a person whom somebody else changed since this form was made; nothing is written then."""
    from app.web import learner_changes

    if not learner_changes.since(person):
        return None
    db.rollback()
    return make_response(learner_page(person), 409)


def back(person: uuid.UUID, done: str) -> ResponseReturnValue:
    return redirect(url_for("admin.learner", person=person, done=done), 303)
