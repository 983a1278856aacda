"""Pages that administrators and focal points share: the same view at /admin and at /focal, there for one country."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.records import audit, focal_posts
from app.web import admin, db
from app.web.library import library
from app.web.sessions import required

View = TypeVar("View", bound=Callable[..., Any])
blueprint = Blueprint("focal", __name__, url_prefix="/focal")
BOTH = (admin.blueprint, blueprint)


@dataclass(frozen=True)
class Area:
    """Where a page stands: `name` is its blueprint's; `country` bounds what is seen, None for administrators."""

    name: str
    country: str | None

    def url(self, endpoint: str, **values: Any) -> str:
        return url_for(f"{self.name}.{endpoint}", **values)

    def go(self, endpoint: str, **values: Any) -> ResponseReturnValue:
        """After a form: see the page."""
        return redirect(self.url(endpoint, **values), 303)

    def page(self, template: str, **values: Any) -> str:
        return render_template(template, area=self, library=library(), now=db.now(), **values)

    def note(self, deed: str, subject: object, detail: str = "") -> None:
        """Write an act of this person into the audit log, within the open transaction."""
        audit.record(db.writing(), required().id, deed, str(subject), detail, db.now())

    def allows(self, country: str | None) -> bool:
        """Whether what belongs to this country is seen from here."""
        return self.country is None or self.country == country


def area() -> Area:
    """The area of this request; a focal point whose post has ended has none."""
    if request.blueprint == admin.blueprint.name:
        return Area("admin", None)
    return Area("focal", focal_posts.country_of(db.reading(), required().id) or abort(403))


def on_both(rule: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Put a view at this address under /admin and under /focal; it asks `area()` where it stands."""

    def register(view: View) -> View:
        for one in BOTH:
            one.add_url_rule(rule, view.__name__, view, methods=list(methods))
        return view

    return register
