"""The list of releases of the course: when, who, what changed; administrators take the newest back."""

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.ops import releases as ops
from app.ops import serving
from app.records import people, releases
from app.records.releases import Entry
from app.web import db
from app.web.db import settings
from app.web.drafts import renewed
from app.web.i18n import gettext as _
from app.web.sessions import required

blueprint = Blueprint("releases", __name__, url_prefix="/author/releases")


@blueprint.get("")
def overview() -> str:
    return page()


def page(problem: str = "") -> str:
    """All releases, the newest first; names of people are shown to administrators alone."""
    session = db.reading()
    found = releases.latest(session)
    done = request.args.get("done", "")
    return render_template(
        "author/releases.html",
        entries=found,
        served=found[0].content if found else 0,
        names=names(found) if required().role == "administrator" else {},
        undone=releases.find(session, found[0].content) if found and found[0].content else None,
        wrong=ops.differs(session, settings()),
        done=next((one for one in found if str(one.number) == done), None),
        runs=serving.running(settings()) is not None,
        problem=problem,
    )


def names(found: list[Entry]) -> dict[object, str]:
    """The names of those who published and have an account today."""
    known = {one.by: people.find(db.reading(), one.by) for one in found if one.by}
    return {id: person.name for id, person in known.items() if person}


@blueprint.post("/undo")
def undo() -> ResponseReturnValue:
    """Serve what was served before the release in force."""
    given = request.form.get("release", "")
    expected = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else -1
    try:
        done = ops.undo(db.engine(), settings(), required().id, db.now(), expected)
    except ops.Moved:
        return make_response(page(_("Somebody made another release meanwhile. Look at the list again.")), 409)
    except serving.Stopped as stopped:
        return make_response(page(str(stopped)), 409)
    return renewed(done)
