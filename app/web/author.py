"""For authors: the check's report, the modules with their weight, and a preview by the renderer that learners get."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template

from app.core.content import Course, Module, Problem, Section
from app.core.load import load
from app.web import quiz
from app.web.assets import compress
from app.web.db import settings
from app.web.library import course_or_404, item_or_404, library, module_or_404

blueprint = Blueprint("author", __name__, url_prefix="/author")


@dataclass(frozen=True)
class Weight:
    """A section as authors weigh it: words, minutes, and compressed bytes of its text."""

    module: Module
    section: Section
    words: int
    minutes: int
    octets: int


@blueprint.get("")
def overview() -> str:
    """What `lontar check` says of the files now, and what is being served."""
    problems = check()
    weights = [(course, [weigh(module, one) for module in modules(course) for one in module.sections])
               for course in library().courses.values()]  # fmt: skip
    banks = sorted(library().quizzes.values(), key=lambda bank: bank.id)
    return render_template("author/overview.html", problems=problems, weights=weights, banks=banks, library=library())


def check() -> list[Problem]:
    config = settings()
    return load(config.content, figure_months=config.figure_months, today=date.today())[1]


def modules(course: Course) -> list[Module]:
    return [library().modules[id] for id in course.modules]


def weigh(module: Module, section: Section) -> Weight:
    html = "".join(part.html for part in section.original.parts)
    return Weight(module, section, section.original.words, section.minutes, len(compress(html.encode())))


@blueprint.get("/preview/<course>/<module>")
def preview(course: str, module: str) -> str:
    """A module as the file says it now, by the production renderer, beside what the check says of it."""
    outline = course_or_404(course)
    config = settings()
    fresh, problems = load(config.content, figure_months=config.figure_months, today=date.today())
    shown = fresh or library()
    found = shown.modules.get(module) or module_or_404(outline, module)
    mine = [problem for problem in problems if problem.path.startswith(f"modules/{module}.")]
    return render_template(
        "author/preview.html", course=outline, module=found, library=shown, problems=mine, fresh=fresh is not None
    )


@blueprint.get("/items/<item>")
def item(item: str) -> str:
    """One item as a learner sees it, with its key."""
    found = item_or_404(item)
    parts = found.questions or (found,)
    asked = [quiz.check(part, None)[0] for part in parts]
    return render_template("author/item.html", item=found, asked=asked, library=library())
