"""For administrators: taking the second step of signing in off somebody who has lost phone and spare codes."""

import uuid

from flask import current_app
from flask.typing import ResponseReturnValue

from app.records import audit, second_steps, sign_ins
from app.web import db, mail
from app.web.admin import account_to_change, back, blueprint
from app.web.sessions import required


@blueprint.post("/learners/<uuid:person>/second-step/off")
def take_off_second_step(person: uuid.UUID) -> ResponseReturnValue:
    """Never silently: sessions end, the audit log says who did it, a mail tells the person. One's own needs a code."""
    account = account_to_change(person)
    if person == required().id:
        db.rollback()
        return back(person, "own second step")
    session = db.writing()
    if second_steps.turn_off(session, person):
        sign_ins.end_all(session, person)
        audit.record(session, required().id, "second step off", str(person), "", db.now())
        mail.say_taken_off(session, current_app.extensions["interface"], db.settings(), account, db.now())
    db.commit()
    mail.deliver_soon()
    return back(person, "second step off")
