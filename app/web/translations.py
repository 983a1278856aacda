"""For authors: which file is translated into which language, and what changed in the original since."""

from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template

from app.core import matrix
from app.core.content import FOLDERS, digest
from app.ops import releases as ops
from app.records import releases
from app.web import author, db, guide
from app.web.languages import LANGUAGES
from app.web.learn import paragraph_changes

blueprint = Blueprint("translations", __name__, url_prefix="/author/translations")


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {"explained": guide.explained(), "autonym": lambda tag: LANGUAGES[tag].autonym if tag in LANGUAGES else tag}


@blueprint.get("")
def overview() -> str:
    """Per course: its files by language, and how many are done."""
    now = author.files()
    texts = ops.texts_in(author.content_root())
    tables = [
        (course, found, matrix.counts(found))
        for course in now.library.courses.values()
        for found in [matrix.rows(now.library, course.id, texts, now.problems)]
    ]
    return render_template("author/translations.html", files=now, tables=tables, others=matrix.languages(now.library))


@blueprint.get("/<folder>/<name>/<tag>")
def difference(folder: str, name: str, tag: str) -> str:
    """A translation's state, what the check says of it, and how its original has changed since it was translated."""
    now = author.files()
    ending = FOLDERS.get(folder) or abort(404)
    original = f"{folder}/{name}.{ending}"
    texts = ops.texts_in(author.content_root())
    rows = [row for course in now.library.courses for row in matrix.rows(now.library, course, texts, now.problems)]
    row = next((row for row in rows if row.path == original), None)
    if row is None or tag not in row.states:
        abort(404)
    path = row.translation(tag)
    mark = matrix.mark_of(texts.get(path, ""))
    then = releases.marked(db.reading(), mark)
    return render_template(
        "author/translation.html",
        files=now,
        original=original,
        path=path,
        tag=tag,
        state=row.states[tag],
        mark=mark,
        today=digest(texts[original])[:12],
        marked=Path(original).suffix == ".md",
        known=then is not None,
        differences=paragraph_changes(body(then), body(texts[original])) if then is not None else [],
        findings=[one for one in now.problems if one.path == path],
    )


def body(text: str | None) -> str:
    return (text or "").strip()
