"""For authors: the check's report, what modules and quizzes weigh, and previews by the renderer that learners get.

Every page shows the files as they are now; where the check refuses them, it shows what is being served and says so.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request, url_for

from app.core import questions
from app.core.compiled import KEPT
from app.core.content import FOLDERS, Course, Item, Library, Module, Problem, Section, flatten
from app.core.drawing import draw
from app.core.itemcards import FAIR, LEAST, asked
from app.core.papers import Question
from app.ops import itemcards, serving
from app.records import item_reports
from app.web import db, guide, quiz, weights
from app.web.db import settings
from app.web.i18n import spoken
from app.web.languages import LANGUAGES
from app.web.library import library as served
from app.web.sitting import Asked

blueprint = Blueprint("author", __name__, url_prefix="/author")

DRAWS = 10
CARDS = 15  # on one page


@dataclass(frozen=True)
class Files:
    """The content root now: what the check says, and the library; the served one where it is not `clean` of errors.

    `draft` is the id of a draft where these are its files within the course; `published` the release that is served,
    0 for the content root.
    """

    problems: tuple[Problem, ...]
    library: Library
    clean: bool
    draft: uuid.UUID | None = None
    published: int = 0

    @property
    def served(self) -> bool:
        """Whether learners get just what the files say."""
        return self.clean and self.library.release == served().release

    def at(self, page: str, **values: Any) -> str:
        """The address of a page about these files: preview, preview_section, quiz, item or draws."""
        if self.draft:
            return url_for(f"drafts.{page}", draft=self.draft, **values)
        return url_for(f"author.{page}", **values)

    @property
    def home(self) -> str:
        return url_for("drafts.page", draft=self.draft) if self.draft else url_for("author.overview")

    def of(self, folder: str, name: str) -> list[Problem]:
        """The problems of one module or quiz, translations included."""
        return [problem for problem in self.problems if problem.path.startswith(f"{folder}/{name}.")]

    def by_file(self) -> dict[str, list[Problem]]:
        found: dict[str, list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(problem.path, []).append(problem)
        return found

    def count(self, severity: str) -> int:
        return sum(problem.severity == severity for problem in self.problems)


def files() -> Files:
    """What is served, as its files are now; checked again only when one of them or the day has changed."""
    if copy := current_app.extensions.get("working_copy"):  # `lontar preview`
        shown: Files = copy.files()
        return shown
    config = settings()
    root = content_root()
    stamp = (served().release, *fingerprint(root))
    fresh, problems = checked(root, config.figure_months, db.now().date(), config.instance / KEPT, stamp)
    return Files(problems, fresh or served(), fresh is not None, published=serving.content_of(config))


def content_root() -> Path:
    """The folder that is served; where it is lost, nothing can be said of it until it was made anew."""
    try:
        return serving.root(settings())
    except serving.Stopped as lost:
        current_app.logger.error("%s", lost)
        abort(503)


@lru_cache(maxsize=2)
def checked(
    root: Path, figure_months: int, today: date, kept: Path, stamp: tuple[object, ...]
) -> tuple[Library | None, tuple[Problem, ...]]:
    """What the check says; the stamp stands here because other files give another answer."""
    from app.core.load import load  # only an author's page needs what reads Markdown and YAML

    library, problems = load(root, figure_months=figure_months, today=today, kept=kept, before=served())
    return library, tuple(problems)


def fingerprint(root: Path) -> Iterator[tuple[str, int, int]]:
    """What changes when a file of the content root does; what an editor makes and drops meanwhile is passed."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            with suppress(FileNotFoundError):
                state = path.lstat()
                yield str(path), state.st_mtime_ns, state.st_size


@blueprint.context_processor
def explanations() -> dict[str, Any]:
    """Where the guide for authors explains a code of the check."""
    return {"explained": guide.explained()}


@blueprint.get("")
def overview() -> str:
    """What the check says of the files, every module with its sections, every quiz with its chances."""
    now = files()
    courses = [(course, [weigh(now.library, course, module) for module in modules(now.library, course)])
               for course in now.library.courses.values()]  # fmt: skip
    banks = [weights.bank(one) for one in sorted(now.library.quizzes.values(), key=lambda one: one.id)]
    return render_template("author/overview.html", files=now, courses=courses, banks=banks, budget=weights.BUDGET)


def modules(library: Library, course: Course) -> list[Module]:
    return [library.modules[id] for id in course.modules]


def course_of(library: Library, module: str) -> Course:
    """The course that lists a module; a new one that none lists yet is shown within the first."""
    return library.course_of_module(module) or next(iter(library.courses.values()))


def weigh(library: Library, course: Course, module: Module) -> tuple[Module, list[weights.Weight]]:
    """A module with the weight of each section, measured once for each release and language."""
    known: dict[Any, list[weights.Weight]] = current_app.extensions.setdefault("weights", {})
    key = (library.release, module.id, spoken().language.tag)
    if key not in known:
        known[key] = [weights.weigh(one, visitors_page(library, course, module, one)) for one in module.sections]
    return module, known[key]


def visitors_page(library: Library, course: Course, module: Module, section: Section) -> str:
    """A section as a visitor gets it who was never here."""
    values = section_values(library, course, module, section)
    first = current_app.extensions["assets"].stylesheet(None)[0]
    return render_template("public/section.html", **values, person=None, csrf="", stylesheet=lambda: first)


def section_values(library: Library, course: Course, module: Module, section: Section) -> dict[str, Any]:
    """What the section's template needs, for a reader of whom nothing is known."""
    shown = spoken().shown(section.texts)
    wanted = [part.ref for part in shown.value.parts if part.kind == "check"]
    checks = {ref: quiz.check(found, None)[0] for ref in wanted if (found := library.item(ref))}
    return {
        "library": library,
        "course": course,
        "module": module,
        "section": section,
        "position": module.sections.index(section) + 1,
        "shown_text": shown,
        "checks": checks,
        "notes": {},
        "issued": 0,
        "progress": None,
    }


@blueprint.get("/preview/<module>")
def preview(module: str) -> str:
    """A module's first page as the file says it now, with what the check says of the file."""
    return module_page(files(), module)


def module_page(now: Files, module: str) -> str:
    found = now.library.modules.get(module) or abort(404)
    return render_template(
        "author/module.html",
        files=now,
        library=now.library,
        course=course_of(now.library, module),
        module=found,
        findings=now.of("modules", module),
    )


@blueprint.get("/preview/<module>/<section>")
def preview_section(module: str, section: str) -> str:
    """One section as the file says it now, by the template that learners get; nothing in it can be sent."""
    return section_page(files(), module, section)


def section_page(now: Files, module: str, section: str) -> str:
    found = now.library.section(module, section) or abort(404)
    course, part = course_of(now.library, module), now.library.modules[module]
    values = section_values(now.library, course, part, found)
    return render_template("author/section.html", **values, files=now, preview=True)


@blueprint.get("/quizzes/<quiz>", endpoint="quiz")
def bank(quiz: str) -> str:
    """The items of a quiz file, with what the check says of the file."""
    return quiz_page(files(), quiz)


def quiz_page(now: Files, quiz: str) -> str:
    found = now.library.quizzes.get(quiz) or abort(404)
    return render_template(
        "author/quiz.html",
        files=now,
        library=now.library,
        bank=weights.bank(found),
        findings=now.of("quizzes", quiz),
    )


@blueprint.get("/quizzes/<quiz>/answers")
def answers(quiz: str) -> str:
    """Item cards: what the answers that were handed in say of each question, the worst first, some at a time."""
    found = served().quizzes.get(quiz) or abort(404)
    report = item_reports.report(db.reading(), found)
    page = request.args.get("page", 1, type=int)
    cards = report.cards[(page - 1) * CARDS : page * CARDS] if page > 0 else ()
    if not cards:
        abort(404)
    return render_template(
        "author/answers.html",
        quiz=found,
        report=report,
        cards_here=cards,
        page=page,
        pages=-(-len(report.cards) // CARDS),
        lines=itemcards.lines_of(content_root(), quiz),
        least=LEAST,
    )


@blueprint.get("/items/<item>/answers")
def item_answers(item: str) -> str:
    """One item card, with the fairness check."""
    found = served().item(item) or abort(404)
    quiz = served().quizzes[found.quiz]
    if found not in asked(quiz):
        abort(404)
    card = item_reports.of_item(db.reading(), found)
    return render_template(
        "author/item_answers.html",
        quiz=quiz,
        card=card,
        rows=item_reports.rows(db.reading(), found) if card.figures else (),
        newest=item_reports.NEWEST,
        fair=item_reports.fair(db.reading(), found) if card.figures else {},
        lines=itemcards.lines_of(content_root(), quiz.id),
        least=LEAST,
        enough=FAIR,
        by_tag=LANGUAGES,
    )


@blueprint.get("/items/<item>")
def item(item: str) -> str:
    """One item as a learner sees it, to be tried, with its key, all feedback and, with parameters, ten draws."""
    return item_page(files(), item)


def item_page(now: Files, item: str) -> str:
    found = now.library.item(item) or abort(404)
    mine = request.args if request.args.get("part") else None
    parts = [Trial.of(part, mine) for part in found.questions or (found,)]
    story = quiz.check(found, None)[0] if found.questions else None
    return render_template(
        "author/item.html",
        files=now,
        library=now.library,
        item=found,
        story=story,
        parts=parts,
        bank=now.library.quizzes[found.quiz],
        line=[one.id for one in flatten(now.library.quizzes[found.quiz].items)],
    )


@blueprint.get("/quizzes/<quiz>/draws")
def draws(quiz: str) -> str:
    """Ten papers of a quiz as learners might get them."""
    return draws_page(files(), quiz)


def draws_page(now: Files, quiz: str) -> str:
    found = now.library.quizzes.get(quiz)
    if found is None or not found.graded:
        abort(404)
    papers = [draw(found, f"{quiz} {number}", {}).questions for number in range(1, DRAWS + 1)]
    items = {item.id: item for item in flatten(found.items)}
    often = Counter(question.item for paper in papers for question in paper)
    never = [item for item in flatten(found.items) if item.graded and item.kind != "scenario" and not often[item.id]]
    tag = spoken().language.tag
    rows = [
        [Asked(number, len(paper), one, items[one.item], items.get(one.scenario), tag, None)
         for number, one in enumerate(paper, 1)]
        for paper in papers
    ]  # fmt: skip
    return render_template("author/draws.html", files=now, quiz=found, papers=rows, often=often, never=never)


@dataclass(frozen=True)
class Trial:
    """A question with the answer that an author tries: what a learner would be told; `draws` of its parameters."""

    asked: Any
    feedback: Any
    problem: Any
    key: Any
    typed: Any
    draws: tuple[Any, ...]

    @classmethod
    def of(cls, item: Item, fields: Any) -> "Trial":
        fields = fields if fields and fields["part"] == item.id else None
        asked, feedback, problem = quiz.check(item, fields)
        draws = tuple(drawn(item, number) for number in range(1, DRAWS + 1)) if asked.question.drawn.values else ()
        return cls(asked, feedback, problem, explained(asked), fields, draws)

    @property
    def guess(self) -> int:
        """What blind guessing earns on average, in hundredths of a per cent."""
        return int(self.asked.kind.guess(self.asked.body, self.asked.item.partial) * 10_000)

    @property
    def errors(self) -> dict[str, str]:
        return quiz.errors_of(self.problem)

    @property
    def options(self) -> Any:
        return getattr(self.asked.body, "options", ())


def drawn(item: Item, number: int) -> tuple[Any, Any]:
    """One draw of an item's parameters, and its key."""
    language = spoken().language.tag
    body = questions.body_of(item, language)
    chance = questions.KINDS[item.kind].draw(body, Random(f"{item.id} {number}"))
    question = Question(item=item.id, version=item.version, points=item.points, drawn=chance)
    asked = Asked(number, DRAWS, question, item, None, language, None)
    return asked, explained(asked)


def explained(asked: Any) -> Any:
    """The key in words: what the feedback to an empty answer tells."""
    return asked.kind.explain(asked.body, asked.question.drawn, None, asked.item.partial, asked.language)
