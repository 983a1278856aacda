"""The announcements at the top of the home page: rendered once for each language, as long as they stay the same."""

from functools import lru_cache

from flask import render_template
from markupsafe import Markup

from app.records import announcements
from app.web import db
from app.web.i18n import spoken


def on_home() -> Markup:
    """What is announced today, in the reader's language; empty where nothing is."""
    found = announcements.current_or_none(db.engine(), db.now().date())
    return rendered(found, spoken().language.tag) if found else Markup()


@lru_cache(maxsize=64)
def rendered(found: tuple[announcements.Shown, ...], _language: str) -> Markup:
    return Markup(render_template("public/announced.html", announcements=found))
