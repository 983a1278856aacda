"""Joining a cohort by a key or an invitation, wanting no mail, leaving: what learners see of cohorts."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.records import cohorts, focal_posts, invitations, wishes
from app.records.codes import plain
from app.records.cohort_tables import Cohort, EnrolmentKey, Invitation
from app.web import db
from app.web.fields import trimmed
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.invitation_mail import secret
from app.web.library import library
from app.web.sessions import person, required

blueprint = Blueprint("joining", __name__)

WHY_NOT = {
    "unknown": N_("There is no such code. Compare it with what you were given: it has 8 or 12 letters and digits."),
    "expired": N_("This key has run out. Ask the person who gave it to you for a new one."),
    "full": N_("This key was used by as many people as it was made for. Ask the person who gave it to you."),
    "revoked": N_("This key is not used any more. Ask the person who gave it to you for a new one."),
    "closed": N_("This group is closed: nobody can join it any more. You can take the course without it."),
    "used": N_("This invitation was taken up already. If it was you, sign in with the account that you made then."),
}


@dataclass(frozen=True)
class Door:
    """What a code opens: a key for several people, or the invitation of one; `reason`: why it does not open now."""

    cohort: Cohort
    key: EnrolmentKey | None = None
    invitation: Invitation | None = None
    reason: str = ""

    @property
    def code(self) -> str:
        return cohorts.readable(self.key.code) if self.key else ""


def find(session: Session, code: str) -> Door | None:
    """The door of a code as typed; None for a code that there is not."""
    wanted = plain(code)
    if len(wanted) == cohorts.KEY_LENGTH and (key := cohorts.find_key(session, wanted)):
        cohort = cohorts.find(session, key.cohort_id)
        return Door(cohort, key=key, reason=cohorts.why_not(key, cohort, db.now())) if cohort else None
    if len(wanted) == invitations.LENGTH and (invitation := invitations.find_code(session, wanted)):
        cohort = cohorts.find(session, invitation.cohort_id)
        reason = "used" if invitation.person_id else "closed" if cohort and cohort.closed_at else ""
        return Door(cohort, invitation=invitation, reason=reason) if cohort else None
    return None


def why_not(session: Session, code: str) -> str:
    """What is wrong with a code, in words; "" where it lets somebody in."""
    door = find(session, code)
    reason = door.reason if door else "unknown"
    return _(WHY_NOT[reason]) if reason else ""


def enter(session: Session, code: str, id: uuid.UUID) -> Cohort:
    """Let a person in, within the open transaction; raises `cohorts.Refused`."""
    door = find(session, code)
    if door is None:
        raise cohorts.Refused("unknown")
    if door.key:
        return cohorts.join(session, library(), door.key, id, db.now())
    assert door.invitation
    return invitations.accept(session, library(), door.invitation, id, db.now())


@blueprint.get("/join")
def ask() -> ResponseReturnValue:
    """Type a code: from a slip of paper, or as somebody told it."""
    code = trimmed(request.args.get("code"))[:40]
    if not code:
        return render_template("account/join_ask.html", code="", errors={})
    wrong = why_not(db.reading(), code)
    if wrong:
        return make_response(render_template("account/join_ask.html", code=code, errors={"code": wrong}), 422)
    return redirect(url_for("joining.invited", code=cohorts.readable(plain(code))), 303)


@blueprint.get("/join/<code>")
def invited(code: str) -> ResponseReturnValue:
    """What this code lets into, and what follows for who joins."""
    door = find(db.reading(), code)
    mine = person()
    if door and door.reason == "used" and mine and door.invitation and door.invitation.person_id == mine.id:
        return redirect(joined_url(door.cohort), 303)
    if door is None or door.reason:
        reason = door.reason if door else "unknown"
        words = _(WHY_NOT[reason])
        return make_response(render_template("account/join_ask.html", code=code[:40], errors={"code": words}), 404)
    return render_template(
        "account/join.html",
        door=door,
        code=cohorts.readable(plain(code)),
        watched=focal_posts.of_country(db.reading(), door.cohort.country),
        library=library(),
    )


@blueprint.post("/join/<code>")
def join(code: str) -> ResponseReturnValue:
    """Become a member; a second press changes nothing."""
    try:
        cohort = enter(db.writing(), code, required().id)
    except cohorts.Refused as refused:
        db.rollback()
        values: dict[str, Any] = {"code": code[:40], "errors": {"code": _(WHY_NOT[str(refused)])}}
        return make_response(render_template("account/join_ask.html", **values), 422)
    db.commit()
    return redirect(joined_url(cohort), 303)


def joined_url(cohort: Cohort) -> str:
    if cohort.course in library().courses:
        return url_for("learn.outline", course=cohort.course)
    return url_for("account.overview")


@blueprint.route("/join/<code>/stop", methods=["GET", "POST"])
def stop(code: str) -> ResponseReturnValue:
    """No more mail to this address, and, if wished, name and address deleted from the list."""
    if request.method != "POST":
        found = invitations.find_code(db.reading(), code)
        done = found is None or found.email_hash is None or invitations.has_stopped(db.reading(), found)
        return render_template("account/join_stop.html", code=code[:40], done=done, known=found is not None)
    found = invitations.find_code(db.writing(), code)
    if found is not None:
        invitations.stop(db.writing(), found, db.now())
        if "forget" in request.form and found.person_id is None:
            invitations.forget(db.writing(), secret(), found)
    db.commit()
    return redirect(url_for("joining.stop", code=code[:40]), 303)


@blueprint.route("/reminders/<code>/stop", methods=["GET", "POST"])
def stop_reminders(code: str) -> ResponseReturnValue:
    """No more monthly reminders, from the link in each of them, without signing in. Looking changes nothing, since
    programs that look after mail open links, too."""
    if request.method != "POST":
        found = wishes.owner_of(secret(), code)
        status = 200 if found else 404
        done = found is not None and not wishes.of_person(db.reading(), found).remind
        values: dict[str, Any] = {"code": code[:80], "known": bool(found), "done": done}
        return make_response(render_template("account/reminders_stop.html", **values), status)
    known = wishes.stop_reminders(db.writing(), secret(), code, db.now())
    db.commit() if known else db.rollback()
    return redirect(url_for("joining.stop_reminders", code=code[:80]), 303)


@blueprint.post("/account/groups/<uuid:cohort>/leave")
def leave(cohort: uuid.UUID) -> ResponseReturnValue:
    """Leave a cohort: its focal point sees this person no more; what she learnt stays."""
    if not cohorts.leave(db.writing(), cohort, required().id):
        db.rollback()
        abort(404)
    db.commit()
    return redirect(url_for("account.profile", saved=1, _anchor="allow"), 303)
