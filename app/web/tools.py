"""The course's tools: pages that calculate what somebody enters, and keep nothing of it."""

from flask import Blueprint, abort, render_template

from app.core.content import Course
from app.core.tools import TOOLS, Tool
from app.web.i18n import spoken
from app.web.learn import Step, section_url
from app.web.library import course_or_404, library, modules_of

blueprint = Blueprint("tools", __name__)


def tool_or_404(name: str) -> Tool:
    return TOOLS.get(name) or abort(404)


@blueprint.get("/courses/<course>/tools")
def overview(course: str) -> str:
    found = course_or_404(course)
    return render_template("public/tools.html", course=found, library=library(), taught=taught(found))


@blueprint.get("/courses/<course>/tools/<name>")
def page(course: str, name: str) -> str:
    found = course_or_404(course)
    return render_template(
        "public/tool.html", course=found, tool=tool_or_404(name), library=library(), place=taught(found).get(name)
    )


def taught(course: Course) -> dict[str, Step]:
    """The section that shows each tool of a course."""
    return {
        piece.ref: Step("section", spoken().shown(one.texts).value.title, section_url(course, part, one))
        for part in modules_of(course)
        for one in part.sections
        for piece in one.original.parts
        if piece.kind == "tool"
    }
