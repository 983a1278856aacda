"""For administrators: the settings in force, without secrets, and the health report."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.ops import checkup, configuration
from app.ops.findings import ERROR, OK, WARNING
from app.ops.serving import content_of
from app.web import db
from app.web.admin import blueprint
from app.web.i18n import N_
from app.web.library import library

ORDER = (ERROR, WARNING, OK)
STATES = {ERROR: N_("Must be mended"), WARNING: N_("Should be looked at"), OK: N_("In order")}
ORIGINS = {
    configuration.ENVIRONMENT: N_("set by the operator"),
    configuration.DEFAULT: N_("not set: the usual value"),
    configuration.FOLLOWS: N_("not set: follows from others"),
}


@blueprint.get("/settings", endpoint="settings")
def show_settings() -> str:
    """What is in force, where it comes from, and what it means."""
    config = db.settings()
    return render_template(
        "admin/settings.html",
        rows=configuration.rows(config),
        origins=ORIGINS,
        versions=configuration.versions(),
        base=configuration.database(db.engine()),
        release=library().release,
        publication=content_of(config),
        zone=config.timezone,
        now=db.now(),
        report=checkup.last(config),
        error=ERROR,
    )


@blueprint.route("/health", methods=["GET", "POST"])
def doctor() -> ResponseReturnValue:
    """The newest report; a check runs by itself and takes up to some minutes, so that no page waits for it."""
    config = db.settings()
    if request.method == "POST":
        checkup.begin(config)
        return redirect(url_for("admin.doctor"), 303)
    report = checkup.last(config)
    found = sorted(report.findings, key=lambda one: ORDER.index(one.state)) if report else []
    return render_template(
        "admin/health.html",
        report=report,
        groups=[(state, STATES[state], [one for one in found if one.state == state]) for state in ORDER],
        running=checkup.running(config),
        now=db.now(),
    )
