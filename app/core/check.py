"""Rules across files. What can be said of one file alone is found where it is read."""

import gzip
from collections.abc import Iterator
from datetime import date

from app.core import check_limits, check_quizzes, check_renamed, check_shared, check_surveys, check_tools
from app.core.assemble import Drafts
from app.core.content import Library, Module, Problem, SectionText
from app.core.drafts import ModuleDraft
from app.core.scan import Faults
from app.core.shared import Shared

RESERVED_MODULES = frozenset({"quizzes", "surveys", "start", "file", "tools"})  # they would hide pages of the course
RESERVED_SECTIONS = frozenset({"print", "file", "practice"})
SHORTEST, LONGEST = 4, 9  # minutes of a section
HEAVIEST = 6000  # bytes of a section's HTML, compressed: with the page around it, it fits one initial TCP window


def check(
    library: Library, drafts: Drafts, shared: Shared, *, figure_months: int, today: date, before: Library | None = None
) -> list[Problem]:
    """All findings, in any order; `before` is the release that learners have."""
    rules = _Rules(library, drafts, shared, oldest(today, figure_months), [])
    rules.translations()
    for id, module in library.modules.items():
        rules.module(id, module)
    rules.activities()
    rules.tools()
    check_shared.check(library, drafts, shared, rules.oldest, rules.found)
    check_quizzes.check(library, drafts, shared, rules.found)
    check_limits.check(library, drafts, rules.found)
    check_tools.check(library, drafts, shared, rules.found)
    check_surveys.check(library, drafts, shared, rules.found)
    if before:
        check_renamed.check(library, before, drafts, rules.found)
    return rules.found


def oldest(today: date, months: int) -> str:
    """The first day, as text, that is not older than so many months."""
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return f"{years:04}-{month + 1:02}-{today.day:02}"


class _Rules:
    """The rules for modules; each method speaks of one thing."""

    def __init__(self, library: Library, drafts: Drafts, shared: Shared, oldest: str, found: list[Problem]) -> None:
        self.library, self.drafts, self.shared, self.oldest, self.found = library, drafts, shared, oldest, found
        self.courses = shared.course_of()
        self.items = {item.id: item for quiz in library.quizzes.values() for item in quiz.items}
        self.finals = {course.final for course in library.courses.values()}

    def translations(self) -> None:
        """Every file should exist in every language of its course."""
        for folder, files in (("modules", self.drafts.modules), ("quizzes", self.drafts.quizzes)):
            for id, texts in files.items():
                for language in self.shared.languages:
                    path = self.drafts.path(folder, id, language)
                    if language not in texts and path not in self.drafts.unread and id in self.library_of(folder):
                        message = "This translation is missing. Learners see the original instead."
                        Faults(path, self.found)(0, "translation-missing", message, "warning")

    def library_of(self, folder: str) -> dict[str, str]:
        """The ids of the files that some course uses."""
        quizzes = {id: "" for id in self.library.quizzes if self.library.uses(id)}
        return self.courses if folder == "modules" else quizzes

    def module(self, id: str, module: Module) -> None:
        draft = self.drafts.modules[id][self.drafts.original]
        fault = Faults(self.drafts.path("modules", id), self.found)
        if id not in self.courses:
            message = "No course lists this module, so nobody sees it. Add it to `modules:` of an outline."
            fault(0, "unused", message, "warning")
        if id in RESERVED_MODULES:
            fault(0, "id-reserved", f"“{id}” is taken by a page of the course. Give the file another name.")
        if not module.sections:
            fault(0, "empty", "The module has no section. Write a heading `## Title {#id}` and a text below it.")
        for action in module.actions:
            if action not in self.library.actions:
                fault(draft.lines["actions"], "action", f"actions.yml has no {action}. Name one that stands there.")
        self.sections(module, draft, fault)
        for language, text in self.drafts.modules[id].items():
            self.references(text, Faults(self.drafts.path("modules", id, language), self.found))

    def sections(self, module: Module, draft: ModuleDraft, fault: Faults) -> None:
        lines = {one.id: one.line for one in draft.sections}
        for section in module.sections:
            line = lines[section.id]
            if section.id in RESERVED_SECTIONS:
                fault(line, "id-reserved", f"“{section.id}” is taken by a page of the module. Choose another id.")
            if not SHORTEST <= section.minutes <= LONGEST:
                advice = "Split it" if section.minutes > LONGEST else "Join it to another"
                takes = "1 minute" if section.minutes == 1 else f"{section.minutes} minutes"
                message = f"The section takes {takes}, not {SHORTEST} to {LONGEST}. {advice}."
                fault(line, "section-length", message, "warning")
            for language, text in section.texts.items():
                self.weight(module.id, section.id, language, text)

    def weight(self, module: str, section: str, language: str, text: SectionText) -> None:
        """The byte budget; scripts of other languages take more bytes, so a translation is only warned."""
        size = len(gzip.compress("".join(part.html for part in text.parts).encode(), 9, mtime=0))
        if size > HEAVIEST:
            draft = self.drafts.modules[module][language]
            line = next(one.line for one in draft.sections if one.id == section)
            severity = "error" if language == self.drafts.original else "warning"
            message = f"The section is {size} bytes on the wire, more than {HEAVIEST}. Split it."
            Faults(self.drafts.path("modules", module, language), self.found)(line, "page-weight", message, severity)

    def references(self, draft: ModuleDraft, fault: Faults) -> None:
        """What boxes name: practice items, and the month of country boxes."""
        for one in (one for section in draft.sections for one in section.references):
            if one.kind == "check":
                self.practice(one.target, one.line, fault)
            elif one.kind == "country" and one.target < self.oldest[:7]:
                message = (
                    f"This country box is as of {one.target}. Look whether it still holds, then write the new month, "
                    f"or say that it tells of the past: `{one.target} past`."
                )
                fault(one.line, "old", message, "warning")

    def practice(self, id: str, line: int, fault: Faults) -> None:
        item = self.items.get(id)
        if item is None:
            fault(line, "check", f"No quiz file has a question “{id}”. Write the id of a `.practice` question.")
        elif not item.practice or item.questions:
            fault(line, "check", f"“{id}” must be a single question marked `.practice` in quizzes/{item.quiz}.md.")
        elif item.quiz in self.finals:
            fault(line, "check", f"“{id}” belongs to the final assessment. Show a question of another file.")

    def activities(self) -> None:
        """An activity's id names a learner's note, so no other may have it."""
        first: dict[str, str] = {}
        for path, line, id in self._boxes("activity"):
            place = first.setdefault(id, f"{path}:{line}")
            if place != f"{path}:{line}":
                Faults(path, self.found)(
                    line, "id-double", f"{place} has an activity “{id}” already. Choose another id."
                )

    def tools(self) -> None:
        """A tool's page says where it is taught, so a course has one box for it."""
        first: dict[tuple[str, str], str] = {}
        for path, line, name in self._boxes("tool"):
            course = self.courses.get(path.removeprefix("modules/").removesuffix(".md"), "")
            place = first.setdefault((course, name), f"{path}:{line}")
            if place != f"{path}:{line}":
                message = f"{place} shows the tool “{name}” already. Keep one box, and link to its section."
                Faults(path, self.found)(line, "tool", message)

    def _boxes(self, kind: str) -> Iterator[tuple[str, int, str]]:
        """The boxes of a kind in the originals: path, line, and what each names."""
        for id, texts in self.drafts.modules.items():
            for section in texts[self.drafts.original].sections:
                for one in section.references:
                    if one.kind == kind:
                        yield self.drafts.path("modules", id), one.line, one.target
