"""For administrators: who looks after which country, from when to when; posts begin, end and are handed over."""

import uuid
from typing import Any

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.records import focal_posts, people
from app.web import db
from app.web.admin import blueprint
from app.web.areas import area
from app.web.fields import trimmed
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.organisations import library_countries
from app.web.sessions import required

DONE = {
    "begun": N_("The post is given. This person signs in anew and finds “Focal point” in the page header."),
    "ended": N_("The post has ended, and its holder is a learner again."),
    "handed": N_("The post is handed over. The successor sees the same people; what the predecessor did stays noted."),
}


@blueprint.get("/focal-points")
def focal_points() -> str:
    return posts_page()


def posts_page(problems: dict[str, str] | None = None) -> str:
    posts = focal_posts.all_posts(db.reading())
    return area().page(
        "admin/focal_points.html",
        open=[one for one in posts if one.ended_at is None],
        ended=[one for one in posts if one.ended_at is not None],
        names=library_countries(),
        errors=problems or {},
        done=_(DONE[done]) if (done := request.args.get("done", "")) in DONE else "",
    )


@blueprint.post("/focal-points/add")
def add_focal_point() -> ResponseReturnValue:
    """Make a learner the focal point of a country."""
    country = request.form.get("country", "")
    if country not in library_countries():
        return make_response(posts_page({"country": _("Choose a country.")}), 422)
    found = learner_of_form()
    try:
        if found is None:
            raise focal_posts.Unfit
        post = focal_posts.begin(db.writing(), found, country, required().id, db.now())
    except focal_posts.Unfit:
        return unfit("login")
    area().note("focal", found, f"begun {country} {post.id}")
    db.commit()
    return redirect(url_for("admin.focal_points", done="begun"), 303)


@blueprint.post("/focal-points/<uuid:post>/end")
def end_focal_point(post: uuid.UUID) -> ResponseReturnValue:
    """End a post, or hand it over to the learner of this sign-in name.

    The form that hands over always sends the name: where it is empty, nothing ends.
    """
    handing = "login" in request.form
    if handing and not trimmed(request.form["login"]):
        return unfit(f"login-{post}", _("Write the sign-in name of the successor."))
    successor = learner_of_form() if handing else None
    session = db.writing()
    try:
        if handing and successor is None:
            raise focal_posts.Unfit
        if successor:
            begun = focal_posts.hand_over(session, post, successor, required().id, db.now())
            area().note("focal", successor, f"begun {begun.country} {begun.id}, after {post}")
        else:
            ended = focal_posts.end(session, post, db.now())
            area().note("focal", ended.person_id, f"ended {ended.country} {post}")
    except focal_posts.Unfit:
        return unfit(f"login-{post}")
    except LookupError:
        db.rollback()
        return make_response(posts_page({"login": _("This post has ended already.")}), 404)
    db.commit()
    return redirect(url_for("admin.focal_points", done="handed" if handing else "ended"), 303)


def learner_of_form() -> Any:
    found = people.find_login(db.reading(), trimmed(request.form.get("login")))
    return found.id if found else None


def unfit(field: str, words: str = "") -> ResponseReturnValue:
    db.rollback()
    words = words or _(
        "No learner has this sign-in name. Somebody with another role, a post or a closed account can't take it."
    )
    return make_response(posts_page({field: words}), 422)
