"""Problems that only repeat another: when a file can't be read, whatever refers to it need not be named as well."""

from app.core.assemble import Drafts
from app.core.content import Problem
from app.core.shared import Shared


def without_echoes(problems: list[Problem], drafts: Drafts, shared: Shared) -> list[Problem]:
    """The problems without those that vanish by themselves once another one is mended."""
    silent = _silent(problems, drafts, shared)
    return [one for one in problems if one.code not in silent]


def _silent(problems: list[Problem], drafts: Drafts, shared: Shared) -> set[str]:
    """The codes that say nothing while some file is unreadable."""
    wrong = {one.path for one in problems if one.severity == "error"}
    empty = {
        "figure": (shared.figures.entries, "figures"),
        "term": (shared.glossary.entries, "glossary"),
        "country": (shared.countries.entries, "countries"),
        "action": (shared.actions.entries, "actions"),
    }
    silent = {code for code, (entries, name) in empty.items() if not entries and f"course/{name}.yml" in wrong}
    if any(not outline.entries for outline in shared.outlines.values()):
        silent |= {"course", "link", "unused", "module"}
    if any(path.startswith("modules/") for path in drafts.unread):
        silent.add("unused")
    if any(path.startswith("quizzes/") for path in drafts.unread):
        silent.add("check")
    return silent
