"""One file -> its draft: what can be said of it without looking at the others. Runs in the limited child process."""

import re
from typing import Any, get_args

from msgspec.structs import replace

from app.core.content import Item, ModuleText, Struct
from app.core.markup import Context, Renderer
from app.core.questions import read_item
from app.core.scan import Faults, ItemSource, Lines, scan_module, scan_quiz, split_front
from app.core.schema import (
    ActionEntry,
    ActionId,
    Countries,
    CountryNames,
    Coverage,
    CoverageWords,
    FigureEntry,
    FigureWords,
    Id,
    ItemAttributes,
    Level,
    ModuleFront,
    ModuleHead,
    ModuleWords,
    OptionEntry,
    OptionWords,
    Outline,
    OutlineWords,
    QuizFront,
    QuizHead,
    QuizWords,
    TermEntry,
    TermWords,
)
from app.core.sections import SectionDraft, compile_section
from app.core.typed import T, typed
from app.core.yamltext import Node, read_yaml

OBJECTIVE = re.compile(rf"(.*\S) +\(({'|'.join(get_args(Level))})\)$")
LONGEST_HEADING = 120

SHARED: dict[str, Any] = {
    "outline": Outline,
    "outline-words": OutlineWords,
    "actions": dict[ActionId, ActionEntry],
    "actions-words": dict[ActionId, ActionEntry],
    "figures": dict[Id, FigureEntry],
    "figures-words": dict[Id, FigureWords],
    "glossary": dict[Id, TermEntry],
    "glossary-words": dict[Id, TermWords],
    "countries": Countries,
    "countries-words": CountryNames,
    "options": dict[Id, OptionEntry],
    "options-words": dict[Id, OptionWords],
    "coverage": Coverage,
    "coverage-words": CoverageWords,
}


class SharedDraft(Struct):
    """A file of YAML: its entries as builtins (None where it can't be read) and the line of each key."""

    entries: Any
    lines: dict[str, int]


class ModuleDraft(Struct):
    """A module in one language; `front` is None in a translation, `of` in an original; `lines` are of the front."""

    text: ModuleText
    sections: tuple[SectionDraft, ...]
    lines: dict[str, int]
    front: ModuleFront | None = None
    of: str | None = None


class QuizDraft(Struct):
    """A quiz in one language: items with that one text, and the line of each (`places`); else as `ModuleDraft`."""

    title: str
    items: tuple[Item, ...]
    places: dict[str, int]
    lines: dict[str, int]
    figures: tuple[str, ...]
    front: QuizFront | None = None
    of: str | None = None


def draft_shared(text: str, kind: str, faults: Faults) -> SharedDraft:
    """A YAML file of the shape `SHARED[kind]`."""
    node = read_yaml(text, faults)
    lines = {} if node is None else dict(node.lines)
    if node and isinstance(node.value, dict) and kind.startswith(("countries", "coverage")):
        lines |= node.value["countries"].lines if "countries" in node.value else {}
    return SharedDraft(entries=typed(SHARED[kind], node, faults), lines=lines)


def draft_snippets(snippets: dict[str, tuple[int, str]], context: Context, faults: Faults) -> dict[str, str]:
    """Short Markdown texts, each (line, text), as HTML without `<p>`."""
    renderer = Renderer(context, faults, parameters=False)
    return {id: renderer.inline(text, line, links=True) for id, (line, text) in snippets.items()}


def draft_module(text: str, original: bool, context: Context, faults: Faults) -> ModuleDraft | None:
    """A module's file; None when its front matter can't be read."""
    kind: type[ModuleHead] = ModuleFront if original else ModuleWords
    front, lines, body = _front(text, kind, faults)
    opening, sources = scan_module(body, faults)
    renderer = Renderer(context, faults, parameters=False)
    intro = renderer.block("\n".join(line for _, line in opening), opening[0][0] if opening else 1)
    if not intro:
        faults(lines.get("title", 1), "empty", "The module has no opening. Write a paragraph above the first `## `.")
    _refuse_doubles([(one.heading.id, one.heading.line) for one in sources], "section", faults)
    sections = tuple(compile_section(source, renderer) for source in sources)
    if front is None:
        return None
    objectives = tuple(_objective(one, lines.get("objectives", 1), faults) for one in front.objectives)
    words = ModuleText(title=front.title, intro=intro, objectives=objectives)
    return ModuleDraft(
        text=words,
        sections=sections,
        lines=lines,
        front=front if isinstance(front, ModuleFront) else None,
        of=getattr(front, "of", None),
    )


def draft_quiz(text: str, original: bool, context: Context, faults: Faults) -> QuizDraft | None:
    """A quiz's file; None when its front matter can't be read."""
    kind: type[QuizHead] = QuizFront if original else QuizWords
    front, lines, body = _front(text, kind, faults)
    renderer = Renderer(context, faults)
    sources = scan_quiz(body, faults)
    items = tuple(_item(source, None, renderer, faults) for source in sources)
    places = [(one.id, one.line) for source in sources for one in (source, *source.questions) if one.id]
    _refuse_doubles(places, "question", faults)
    if front is None:
        return None
    return QuizDraft(
        title=front.title,
        items=items,
        places=dict(places),
        lines=lines,
        figures=tuple(renderer.figures),
        front=front if isinstance(front, QuizFront) else None,
        of=getattr(front, "of", None),
    )


def _front(text: str, kind: type[T], faults: Faults) -> tuple[T | None, dict[str, int], Lines]:
    """The typed front matter, the lines of its keys, and the lines below it."""
    yaml, body = split_front(text, faults)
    node = None if yaml is None else read_yaml(yaml, faults, first_line=2)
    return typed(kind, node, faults), {} if node is None else node.lines, body


def _refuse_doubles(places: list[tuple[str, int]], what: str, faults: Faults) -> None:
    first: dict[str, int] = {}
    for id, line in places:
        if first.setdefault(id, line) != line:
            faults(line, "id-double", f"The {what} on line {first[id]} is called “{id}” already. Give one another id.")


def _objective(text: str, line: int, faults: Faults) -> tuple[str, str]:
    found = OBJECTIVE.match(text)
    if not found:
        verbs = ", ".join(get_args(Level))
        faults(line, "objective", f"“{text}” must end in brackets with one of: {verbs}. Write `… (understand)`.")
        return text, ""
    return found[1], found[2]


def _item(source: ItemSource, scenario: Item | None, renderer: Renderer, faults: Faults) -> Item:
    """An item with its one text; questions take what they don't say themselves from their scenario."""
    known = _attributes(source, faults)
    text = read_item(source, renderer)
    if len(source.heading) > LONGEST_HEADING:
        message = (
            f"The heading has {len(source.heading)} characters. Keep it under {LONGEST_HEADING}; move the rest below."
        )
        faults(source.line, "heading-long", message, "warning")
    item = Item(
        id=source.id,
        quiz="",
        kind=source.kind,
        texts={renderer.context.language: text},
        points=int(known.points),
        practice="practice" in source.flags or (scenario is not None and scenario.practice),
        module=known.module or (scenario.module if scenario else ""),
        level=known.level or (scenario.level if scenario else ""),
        actions=known.actions or (scenario.actions if scenario else ()),
        partial=known.partial,
    )
    if not source.questions:
        return item
    questions = tuple(_item(one, item, renderer, faults) for one in source.questions)
    return replace(item, questions=questions, points=sum(one.points for one in questions))


def _attributes(source: ItemSource, faults: Faults) -> ItemAttributes:
    """What stands in the heading's braces, typed as front matter is."""
    line, nodes = source.line, {key: Node(source.line, value) for key, value in source.attributes.items()}
    if "actions" in nodes:
        nodes["actions"] = Node(line, [Node(line, one) for one in source.attributes["actions"].split(",")])
    return typed(ItemAttributes, Node(line, nodes, dict.fromkeys(nodes, line)), faults) or ItemAttributes()
