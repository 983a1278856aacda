"""Drafts in several languages -> modules and quizzes; what a translation lacks or tells otherwise is named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec.structs import replace

from app.core.content import DrawRule, Item, Module, Quiz, Section, SectionText, digest
from app.core.drafts import ModuleDraft, QuizDraft
from app.core.limits import ROWS
from app.core.questions import KINDS, key_of
from app.core.scan import Faults
from app.core.schema import Cell, QuizFront, Shows, number
from app.core.sections import SectionDraft

D = TypeVar("D", ModuleDraft, QuizDraft)


@dataclass
class Drafts:
    """The drafts of every file, original language first: id -> language -> draft.

    `hashes`: path -> hash of its text; `unread`: the paths of files that are there but could not be understood.
    """

    original: str
    modules: dict[str, dict[str, ModuleDraft]] = field(default_factory=dict)
    quizzes: dict[str, dict[str, QuizDraft]] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    def add(self, path: str, draft: ModuleDraft | QuizDraft | None, language: str, text: str) -> None:
        """Takes in one file's draft; None where it could not be read."""
        id = path.partition("/")[2].partition(".")[0]
        self.hashes[path] = digest(text)[:12]
        if isinstance(draft, ModuleDraft):
            self.modules.setdefault(id, {})[language] = draft
        elif isinstance(draft, QuizDraft):
            self.quizzes.setdefault(id, {})[language] = draft
        else:
            self.unread.add(path)

    def path(self, folder: str, id: str, language: str = "") -> str:
        return f"{folder}/{id}.md" if language in ("", self.original) else f"{folder}/{id}.{language}.md"


def drop_orphans(drafts: Drafts, faults: Faults) -> None:
    """Leaves out translations whose original is missing (which is named) or could not be read (which was)."""
    drafts.modules = _with_original("modules", drafts.modules, drafts, faults)
    drafts.quizzes = _with_original("quizzes", drafts.quizzes, drafts, faults)


def _with_original(
    folder: str, files: dict[str, dict[str, D]], drafts: Drafts, faults: Faults
) -> dict[str, dict[str, D]]:
    for id, texts in files.items():
        if drafts.original not in texts and drafts.path(folder, id) not in drafts.unread:
            path = drafts.path(folder, id, next(iter(texts)))
            message = f"There is no {id}.md to translate. Name this file after its original."
            Faults(path, faults.found)(0, "translation-id", message)
    return {id: texts for id, texts in files.items() if drafts.original in texts}


def modules(drafts: Drafts, faults: Faults) -> dict[str, Module]:
    """Every module with all its languages; problems of translations go to `faults` under their own paths."""
    return {id: _module(id, by_language, drafts, faults) for id, by_language in drafts.modules.items()}


def quizzes(drafts: Drafts, faults: Faults) -> dict[str, Quiz]:
    """Every quiz with all its languages."""
    return {id: _quiz(id, by_language, drafts, faults) for id, by_language in drafts.quizzes.items()}


def _translations(
    folder: str, id: str, texts: Mapping[str, D], drafts: Drafts, all_faults: Faults
) -> Iterable[tuple[str, D, Faults]]:
    """The translations of a file, each with faults at its own path; one that is older than the original is named."""
    wanted = drafts.hashes[drafts.path(folder, id)]
    for language, draft in texts.items():
        if language == drafts.original:
            continue
        faults = Faults(drafts.path(folder, id, language), all_faults.found)
        if draft.of != wanted:
            state = "does not say which original it translates" if draft.of is None else "is older than its original"
            advice = f"Compare the two, then write `of: {wanted}` into its front matter."
            faults(draft.lines.get("of", 1), "translation-old", f"This translation {state}. {advice}", "warning")
        yield language, draft, faults


def _same_ids(mine: Mapping[str, int], originals: Iterable[str], what: str, faults: Faults) -> None:
    """Names ids (with lines) that the original does not have, that are missing, or that stand in another order."""
    wanted = list(originals)
    for id, line in mine.items():
        if id not in wanted:
            faults(line, "translation-id", f"The original has no {what} “{id}”. Use the id of the original.")
    missing = [id for id in wanted if id not in mine]
    if missing:
        message = f"Not translated: {what} {', '.join(missing)}. Learners see the original there."
        faults(1, "translation-missing", message, "warning")
    common = [id for id in mine if id in wanted]
    if common != [id for id in wanted if id in mine]:
        line = mine[common[0]]
        faults(line, "translation-order", f"The {what}s stand in another order than in the original. Use its order.")


def _module(id: str, texts: Mapping[str, ModuleDraft], drafts: Drafts, faults: Faults) -> Module:
    original = texts[drafts.original]
    sections = {draft.id: _section(id, draft, drafts.original) for draft in original.sections}
    words = {drafts.original: original.text}
    for language, draft, here in _translations("modules", id, texts, drafts, faults):
        words[language] = draft.text
        _same_ids({one.id: one.line for one in draft.sections}, sections, "section", here)
        if [verb for _, verb in draft.text.objectives] != [verb for _, verb in original.text.objectives]:
            message = "The objectives differ from the original in number or verb. Translate each; keep its verb."
            here(draft.lines.get("objectives", 1), "translation-differs", message)
        for section in draft.sections:
            if section.id in sections:
                sections[section.id] = _with_text(sections[section.id], section, language, here)
    front = original.front
    return Module(
        id=id,
        texts=words,
        sections=tuple(sections.values()),
        actions=front.actions if front else (),
        quiz=front.quiz if front else None,
    )


def _section(module: str, draft: SectionDraft, language: str) -> Section:
    return Section(
        id=draft.id, module=module, texts={language: _text(draft)}, minutes=draft.minutes, figures=draft.figures
    )


def _text(draft: SectionDraft) -> SectionText:
    return SectionText(title=draft.title, parts=draft.parts, words=draft.words, source=draft.source)


def _with_text(section: Section, draft: SectionDraft, language: str, faults: Faults) -> Section:
    """The section with one more language; checks, activities, tools and figures must be those of the original."""
    mine = [(part.kind, part.ref, part.action) for part in draft.parts if part.kind != "html"]
    wanted = [(part.kind, part.ref, part.action) for part in section.original.parts if part.kind != "html"]
    if mine != wanted:
        message = (
            f"The checks, activities and tools of section “{draft.id}” differ from the original. Keep their order."
        )
        faults(draft.line, "translation-differs", message)
    if set(draft.figures) != set(section.figures):
        names = ", ".join(sorted(set(draft.figures) ^ set(section.figures)))
        message = f"Section “{draft.id}” and its original print different figures: {names}. Print the same."
        faults(draft.line, "translation-figures", message, "warning")
    return replace(section, texts={**section.texts, language: _text(draft)})


def _quiz(id: str, texts: Mapping[str, QuizDraft], drafts: Drafts, faults: Faults) -> Quiz:
    original = texts[drafts.original]
    items = {item.id: _in_quiz(item, id) for item in original.items}
    titles = {drafts.original: original.title}
    for language, draft, here in _translations("quizzes", id, texts, drafts, faults):
        titles[language] = draft.title
        items = _with_texts(items, draft.items, draft, language, here)
    return _settings(Quiz(id=id, title=titles, items=tuple(items.values())), original.front or QuizFront(title=""))


def _in_quiz(item: Item, quiz: str) -> Item:
    return replace(item, quiz=quiz, questions=tuple(replace(one, quiz=quiz) for one in item.questions))


def _with_texts(
    items: dict[str, Item], more: tuple[Item, ...], draft: QuizDraft, language: str, faults: Faults
) -> dict[str, Item]:
    """The items with one more language, the questions of scenarios likewise."""
    _same_ids({item.id: draft.places[item.id] for item in more}, items, "question", faults)
    merged = dict(items)
    for item in more:
        if item.id not in items:
            continue
        original = items[item.id]
        _same_key(original, item, draft.places[item.id], faults)
        inner = {one.id: one for one in original.questions}
        questions = _with_texts(inner, item.questions, draft, language, faults) if inner or item.questions else {}
        merged[item.id] = replace(original, texts={**original.texts, **item.texts}, questions=tuple(questions.values()))
    return merged


def _same_key(original: Item, item: Item, line: int, faults: Faults) -> None:
    if item.kind != original.kind:
        faults(line, "translation-differs", f"The original of “{item.id}” is `.{original.kind}`. Write the same kind.")
    elif item.kind in KINDS and key_of(item.kind, item.original) != key_of(item.kind, original.original):
        message = f"“{item.id}” has another key than its original. Keep the number, order and marks of its options."
        faults(line, "translation-key", message)


def _settings(quiz: Quiz, front: QuizFront) -> Quiz:
    return replace(
        quiz,
        pass_mark=int(front.pass_mark),
        draw=_rules(front),
        attempts=number(front.attempts),
        wait_after=int(front.wait.after) if front.wait else 0,
        wait_minutes=int(front.wait.minutes) if front.wait else 0,
        counts=front.counts,
        feedback=front.feedback,
        shows=_rows(front.shows),
        minutes=number(front.minutes),
    )


def _rows(shows: Shows) -> dict[str, tuple[str, ...]]:
    written = {row: getattr(shows, row) for row in ROWS}
    return {row: () if listed == "nothing" else listed for row, listed in written.items() if listed != "default"}


def _rules(front: QuizFront) -> tuple[DrawRule, ...]:
    if front.draw is None:
        return ()
    cells = (Cell(n=front.draw),) if isinstance(front.draw, str) else front.draw
    return tuple(
        DrawRule(n=int(cell.n), module=cell.module or "", level=cell.level, type=cell.type, action=cell.action)
        for cell in cells
    )
