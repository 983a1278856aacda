"""What stands beside the course: glossary, sources, search, pages to print and files to keep."""

from flask import Response, current_app, render_template, request

from app.core import search
from app.core.content import Course, Module, in_language
from app.web.fields import trimmed
from app.web.i18n import spoken
from app.web.keep import kept_page
from app.web.learn import blueprint
from app.web.library import course_or_404, library, module_or_404, modules_of


@blueprint.get("/glossary")
def glossary() -> str:
    language = spoken().language.tag
    terms = sorted(library().terms.values(), key=lambda term: in_language(term.term, language)[1].casefold())
    return render_template("public/glossary.html", terms=terms, library=library())


@blueprint.get("/sources")
def sources() -> str:
    found = library()
    return render_template(
        "public/sources.html", figures=found.figures.values(), published=found.published, library=found
    )


@blueprint.get("/search", endpoint="search")
def find() -> str:
    """Sections and glossary terms that hold all words of the question."""
    wanted = trimmed(request.args.get("q"))[:100]
    hits = search.find(library(), wanted, spoken().language.tag) if wanted else ()
    return render_template("public/search.html", query=wanted, hits=hits, library=library())


@blueprint.get("/courses/<course>/<module>/print")
def print_module(course: str, module: str) -> str:
    found = course_or_404(course)
    part = module_or_404(found, module)
    return render_template("public/print.html", course=found, modules=[part], library=library(), alone=False)


@blueprint.get("/courses/<course>/<module>/file")
def keep_module(course: str, module: str) -> Response:
    found = course_or_404(course)
    part = module_or_404(found, module)
    return file_to_keep(f"{found.id}-{part.id}.html", found, [part])


@blueprint.get("/courses/<course>/file")
def keep_course(course: str) -> Response:
    found = course_or_404(course)
    return file_to_keep(f"{found.id}.html", found, modules_of(found))


def file_to_keep(name: str, course: Course, modules: list[Module]) -> Response:
    """Modules as one plain HTML file that needs no other file."""
    response = current_app.response_class(kept_page(course, modules), mimetype="text/html")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
