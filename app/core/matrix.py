"""Which file of a course is translated into which language, and whether the translation is of its state today."""

import re
from collections.abc import Iterable, Mapping

from app.core.content import Library, Problem, Struct

MISSING, STALE, PART, DONE = "missing", "stale", "part", "done"
STATES = (MISSING, STALE, PART, DONE)
MARK = re.compile(r"\A---\n(?:.*\n)*?of: *[\"']?([0-9a-z]{12})[\"']?[ \t]*(?:#.*)?\n", re.MULTILINE)


class Row(Struct):
    """An original and the state of its translation into each language; `mark` is what they write behind `of:` today."""

    path: str
    states: dict[str, str]

    def translation(self, language: str) -> str:
        return translated(self.path, language)


def translated(path: str, language: str) -> str:
    """The path of a translation: modules/one.md -> modules/one.fr.md"""
    stem, _, ending = path.rpartition(".")
    return f"{stem}.{language}.{ending}"


def mark_of(text: str) -> str:
    """What a translation says behind `of:`; "" where it says nothing."""
    front = text.partition("\n---")[0] + "\n" if text.startswith("---\n") else ""
    found = MARK.match(front)
    return found[1] if found else ""


def languages(library: Library) -> tuple[str, ...]:
    """The languages that the courses are translated into, without the original."""
    return tuple(dict.fromkeys(tag for course in library.courses.values() for tag in course.languages[1:]))


def originals(library: Library, course: str, paths: Iterable[str]) -> list[str]:
    """The files that a course is made of: its outline, the shared ones that have words, its modules and quizzes."""
    found, there = library.courses[course], set(paths)
    quizzes = [library.modules[id].quiz for id in found.modules if id in library.modules]
    asked = [*quizzes, found.final, found.entry, *found.surveys.values(), *_practised(library, course)]
    shared = ("actions", "figures", "glossary", "countries", "options", "coverage")
    wanted = [
        f"course/{course}.yml",
        *(f"course/{name}.yml" for name in shared),
        *(f"modules/{id}.md" for id in found.modules),
        *(f"quizzes/{id}.md" for id in asked if id),
    ]
    return [path for path in dict.fromkeys(wanted) if path in there]


def _practised(library: Library, course: str) -> list[str]:
    """The quizzes whose practice questions stand in the sections of a course."""
    modules = [library.modules[id] for id in library.courses[course].modules if id in library.modules]
    parts = [part for module in modules for one in module.sections for part in one.original.parts]
    return [item.quiz for part in parts if part.kind == "check" and (item := library.item(part.ref))]


def rows(library: Library, course: str, paths: Iterable[str], problems: Iterable[Problem]) -> list[Row]:
    """The matrix of one course, by what the check says of each file."""
    there = set(paths)
    codes: dict[str, set[str]] = {}
    for one in problems:
        codes.setdefault(one.path, set()).add(one.code)
    tags = library.courses[course].languages[1:]
    return [
        Row(path=path, states={tag: _state(translated(path, tag), there, codes) for tag in tags})
        for path in originals(library, course, there)
    ]


def _state(path: str, there: set[str], codes: Mapping[str, set[str]]) -> str:
    if path not in there:
        return MISSING
    said = codes.get(path, set())
    return STALE if "translation-old" in said else PART if "translation-missing" in said else DONE


def counts(found: Iterable[Row]) -> dict[str, dict[str, int]]:
    """Language -> state -> how many files."""
    told: dict[str, dict[str, int]] = {}
    for row in found:
        for tag, state in row.states.items():
            told.setdefault(tag, dict.fromkeys(STATES, 0))[state] += 1
    return told


def grown_stale(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The translations (path -> state) that are of today's original now, and will not be after a change."""
    return sorted(path for path, state in after.items() if state == STALE and before.get(path) in (DONE, PART))


def states(library: Library, paths: Iterable[str], problems: Iterable[Problem]) -> dict[str, str]:
    """The state of every translation of all courses: path -> state."""
    there, said = set(paths), list(problems)
    return {
        row.translation(tag): state
        for course in library.courses
        for row in rows(library, course, there, said)
        for tag, state in row.states.items()
    }
