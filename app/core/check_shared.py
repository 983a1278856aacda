"""Rules for the files of `course/`: outlines that can be completed, figures that are fresh and agree."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from app.core.assemble import Drafts
from app.core.content import Library, Problem
from app.core.markup import fold
from app.core.scan import Faults
from app.core.schema import FigureEntry, Outline, truth
from app.core.shared import Ledger, Shared


def check(library: Library, drafts: Drafts, shared: Shared, oldest: str, found: list[Problem]) -> None:
    if not shared.courses:
        Faults("course", found)(0, "course", "There is no readable outline. Write course/<course>.yml.")
    owner: dict[str, str] = {}
    for id, outline in shared.courses.items():
        _outline(id, outline, library, drafts, shared, owner, Faults(shared.outlines[id].path, found))
    _figures(drafts, shared, oldest, found)
    _glossary(shared, found)
    ledgers = (shared.actions, shared.figures, shared.glossary, shared.countries, shared.options, shared.coverage)
    for ledger in ledgers:
        _translations(ledger, shared, found)
    for outlines in shared.outlines.values():
        _translations(outlines, shared, found)


def _outline(
    id: str,
    outline: Outline,
    library: Library,
    drafts: Drafts,
    shared: Shared,
    owner: dict[str, str],
    fault: Faults,
) -> None:
    def at(key: str) -> int:
        return shared.outlines[id].line(key)

    if not outline.modules:
        fault(at("modules"), "module", "The course has no module. List at least one, by the name of its file.")
    for module in outline.modules:
        if module in owner:
            fault(at("modules"), "module", f"“{module}” is listed already in {owner[module]}. List it once.")
        elif module not in library.modules and f"modules/{module}.md" not in drafts.unread:
            fault(
                at("modules"), "module", f"There is no readable modules/{module}.md. Write it, or take it off the list."
            )
        owner.setdefault(module, fault.path)
    if outline.languages[:1] != (shared.original,):
        message = f"All courses start with the same language, “{shared.original}”. Put it first."
        fault(at("languages"), "languages", message)
    if outline.final is not None:
        _final(outline.final, library, drafts, at("final"), fault)
    _certificates(id, outline, library, at("certificates"), fault)


def _final(final: str, library: Library, drafts: Drafts, line: int, fault: Faults) -> None:
    quiz = library.quizzes.get(final)
    if quiz is None and f"quizzes/{final}.md" not in drafts.unread:
        fault(line, "quiz", f"There is no readable quizzes/{final}.md. Write it, or name another file.")
    elif quiz and not quiz.graded:
        fault(line, "pass-mark", f"No question of quizzes/{final}.md is graded, so nobody can pass it. Add some.")
    if any(module.quiz == final for module in library.modules.values()):
        fault(line, "quiz", f"“{final}” is also the quiz of a module. Give the final a file of its own.")


def _certificates(id: str, outline: Outline, library: Library, line: int, fault: Faults) -> None:
    """Rules that can't be met, or that everybody meets at once."""
    participation, completion = outline.certificates.participation, outline.certificates.completion
    modules = [library.modules[one] for one in outline.modules if one in library.modules]
    if participation and not truth(participation.every_section_read):
        fault(line, "rule", "Participation asks for nothing. Write `every_section_read: true`, or leave it out.")
    if completion is None:
        return
    quizzes, final = truth(completion.every_quiz_passed), truth(completion.final_passed)
    if not quizzes and not final:
        fault(line, "rule", "Completion asks for nothing. Write `every_quiz_passed: true` or `final_passed: true`.")
    if quizzes and not any(module.quiz for module in modules):
        fault(line, "rule", "Completion asks for every quiz, but no module has one. Name one in a module, or drop it.")
    if final and outline.final is None:
        fault(line, "rule", "Completion asks for the final, but the outline names none. Add `final: …`.")


def _figures(drafts: Drafts, shared: Shared, oldest: str, found: list[Problem]) -> None:
    ledger = shared.figures
    fault = Faults(ledger.path, found)
    used = _used(drafts)
    said: dict[tuple[str, ...], str] = {}
    for id, entry in ledger.entries.items():
        line = ledger.line(id)
        if not _is_date(entry.seen):
            fault(line, "value", f"“{entry.seen}” is no day of the calendar. Write a date like 2026-11-21.")
        elif entry.seen < oldest:
            fault(line, "old", f"“{id}” was seen on {entry.seen}. Look it up again, then write the new day.", "warning")
        if entry.status == "unverified" and id in used:
            message = f"“{id}” is unverified, but {used[id]} prints it. Verify it, or take it out there."
            fault(line, "figure-unverified", message)
        other = said.setdefault(_subject(entry), id)
        if ledger.entries[other].value != entry.value:
            message = f"“{other}” and “{id}” give two values for the same text, year, region and scope. Correct one."
            fault(line, "figure-conflict", message, "warning")


def _subject(entry: FigureEntry) -> tuple[str, ...]:
    return fold(entry.text), entry.year, fold(entry.region or ""), fold(entry.scope or ""), fold(entry.unit)


def _used(drafts: Drafts) -> dict[str, str]:
    """Figure id -> a file that prints it."""
    used: dict[str, str] = {}
    for id, module in drafts.modules.items():
        for section in module[drafts.original].sections:
            used |= dict.fromkeys(section.figures, drafts.path("modules", id))
    for id, quiz in drafts.quizzes.items():
        used |= dict.fromkeys(quiz[drafts.original].figures, drafts.path("quizzes", id))
    return used


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _glossary(shared: Shared, found: list[Problem]) -> None:
    ledger = shared.glossary
    fault = Faults(ledger.path, found)
    first: dict[str, str] = {}
    for id, entry in ledger.entries.items():
        other = first.setdefault(fold(entry.term), id)
        if other != id:
            fault(ledger.line(id), "id-double", f"“{other}” explains “{entry.term}” already. Keep one of the two.")
        for see in _missing(entry.see, ledger.entries):
            fault(
                ledger.line(id), "term", f"`see` names “{see}”, which is not in the glossary. Write the id of a term."
            )


def _missing(ids: Iterable[str], known: Iterable[str]) -> list[str]:
    return [id for id in ids if id not in set(known)]


def _translations(ledger: Ledger[Any, Any], shared: Shared, found: list[Problem]) -> None:
    for language, words in ledger.words.items():
        path = ledger.path.replace(".yml", f".{language}.yml")
        fault = Faults(path, found)
        if not ledger.path:
            fault(0, "translation-id", "This file translates nothing. Write the original first.")
            continue
        for id in _missing(words, ledger.entries):
            fault(ledger.line(id, path), "translation-id", f"The original has no “{id}”. Use the id of the original.")
        missing = _missing(ledger.entries, words)
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            message = f"Not translated: {', '.join(missing[:5])}{more}. Readers see the original there."
            fault(0, "translation-missing", message, "warning")
