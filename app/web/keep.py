"""Modules as one plain HTML file that needs no other file, and how large such files are."""

from typing import Any

from flask import current_app, render_template

from app.core.content import Course, Module
from app.web import pictures
from app.web.assets import compress
from app.web.i18n import spoken
from app.web.library import library, modules_of


def kept_page(course: Course, modules: list[Module]) -> str:
    html = render_template("public/print.html", course=course, modules=modules, library=library(), alone=True)
    return pictures.inline(html)


def sizes(course: Course) -> dict[str, int]:
    """Compressed bytes of the files to keep, by the ids of course and modules; measured once a release and language."""
    known: dict[Any, dict[str, int]] = current_app.extensions.setdefault("sizes", {})
    key = (library().release, course.id, spoken().language.tag)
    if key not in known:
        wholes = {course.id: modules_of(course)} | {one.id: [one] for one in modules_of(course)}
        known[key] = {id: len(compress(kept_page(course, modules).encode())) for id, modules in wholes.items()}
    return known[key]
