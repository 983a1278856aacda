"""The content root's folders -> the library and all problems. `app.core.files` opens them."""

import os
from contextlib import nullcontext, suppress
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from app.core import assemble, check_pictures, shared
from app.core.check import check
from app.core.compiled import program
from app.core.content import Item, Library, Problem, Quiz, Section, digest
from app.core.drafts import SHARED
from app.core.echoes import without_echoes
from app.core.files import File, read_files
from app.core.pictures import Picture
from app.core.questions import key_hash
from app.core.scan import Faults, section_ids
from app.core.shared import Ledger, Shared, contexts
from app.core.worker import Task, Worker


def load(
    root: Path,
    *,
    figure_months: int = 24,
    today: date,
    worker: Worker | None = None,
    kept: Path | None = None,
    seconds: float | None = None,
    unlisted: bool = False,
    before: Library | None = None,
) -> tuple[Library | None, list[Problem]]:
    """The checked library, or None when any of the problems (sorted by place) is an error.

    `figure_months`: the age in months from which figures and country boxes are named as old. A `worker` that is given
    is left running, for loads that follow. `kept` is a file that keeps what files were turned into, so that the next
    load reads changed files only; it is replaced whole. Files that are not read after so many `seconds` are refused.
    `unlisted`: modules that no outline names are kept, to be looked at. `before` is the release that learners have.
    """
    faults = Faults("")
    answers = kept_in(kept) if kept else {}
    with nullcontext(worker) if worker else Worker(answers, program() if kept else "", seconds) as running:
        files = list(read_files(root, faults))
        library, drafts, common = _compile(files, running, faults)
    check_pictures.check(files, faults)
    if kept and running.used.keys() != answers.keys():
        _keep(kept, running.used)
    faults.found += check(library, drafts, common, figure_months=figure_months, today=today, before=before)
    problems = sorted(set(without_echoes(faults.found, drafts, common)))
    if any(one.severity == "error" for one in problems):
        return None, problems
    return seal(library if unlisted else listed(library)), problems


def listed(library: Library) -> Library:
    """The library without modules that no outline names."""
    modules = {id: one for id, one in library.modules.items() if library.course_of_module(id)}
    return replace(library, modules=modules)


def kept_in(file: Path) -> dict[str, bytes]:
    """What an earlier load has kept; nothing where the file is missing or spoilt."""
    try:
        return msgspec.msgpack.decode(file.read_bytes(), type=dict[str, bytes])
    except (OSError, msgspec.MsgspecError):
        return {}


def _keep(file: Path, answers: dict[str, bytes]) -> None:
    """A folder that is missing or can't be written is no reason to fail: the next load takes longer."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    with suppress(OSError):
        part.write_bytes(msgspec.msgpack.encode(answers))
        part.replace(file)


def _compile(files: list[File], worker: Worker, faults: Faults) -> tuple[Library, assemble.Drafts, Shared]:
    """Everything that the files say, put together; not yet checked across files, and without hashes."""
    common = _shared([one for one in files if one.folder == "course"], worker, faults)
    pages = [one for one in files if one.folder in ("modules", "quizzes")]
    albums = check_pictures.albums(files)
    drafts = assemble.Drafts(original=common.original, unread={one.path for one in faults.found})
    ids = {one.stem: section_ids(one.text) for one in pages if one.folder == "modules" and not one.language}
    by_language = contexts(common, ids)
    tasks = [_page_task(one, common.original, albums) for one in pages if _is_wanted(one, common, faults)]
    for task, (draft, problems) in zip(tasks, worker.run(tasks, by_language), strict=True):
        faults.found += problems
        drafts.add(task.path, draft, task.language, task.text)
    assemble.drop_orphans(drafts, faults)
    html = _html(common.glossary, "text", common, worker, by_language, faults)
    words = ("fits", "cost", "wrong", "example")
    of_options = {one: _html(common.options, one, common, worker, by_language, faults) for one in words}
    modules = assemble.modules(drafts, faults)
    library = Library(
        courses=shared.courses(common, set(modules)),
        modules=modules,
        quizzes=assemble.quizzes(drafts, faults),
        figures=shared.figures(common),
        terms=shared.terms(common, html, set(modules)),
        countries=shared.countries(common),
        actions=shared.actions(common),
        options=shared.options(common, of_options),
        published=shared.published(common),
        pictures={f"{folder}/{name}": one.hash for folder, album in albums.items() for name, one in album.items()},
    )
    return library, drafts, common


def _is_wanted(file: File, common: Shared, faults: Faults) -> bool:
    """Whether the file is an original, or a translation into a language that an outline names."""
    if file.language and file.language == common.original:
        message = f"“{file.language}” is the language of the original. Name the file {file.stem}.md."
        Faults(file.path, faults.found)(0, "file-name", message)
    elif file.language and file.language not in common.languages:
        message = f"No outline names the language “{file.language}”. Add it to `languages:` there."
        Faults(file.path, faults.found)(0, "unused", message, "warning")
    return file.language != common.original and file.language in ("", *common.languages)


def _page_task(file: File, original: str, albums: dict[str, dict[str, Picture]]) -> Task:
    kind = "module" if file.folder == "modules" else "quiz"
    language = file.language or original
    pictures = albums.get(f"{file.folder}/{file.stem}", {})
    return Task(
        path=file.path, kind=kind, text=file.text, language=language, original=not file.language, pictures=pictures
    )


def _shared(files: list[File], worker: Worker, faults: Faults) -> Shared:
    common = Shared()
    kinds = [(one.stem if one.stem in SHARED else "outline") + ("-words" if one.language else "") for one in files]
    tasks = [Task(path=one.path, kind=kind, text=one.text) for one, kind in zip(files, kinds, strict=True)]
    for file, task, (draft, problems) in zip(files, tasks, worker.run(tasks, {}), strict=True):
        faults.found += problems
        if draft is not None:
            entries: Any = None if draft.entries is None else msgspec.convert(draft.entries, SHARED[task.kind])
            common.add(task.kind, file.stem, file.path, file.language or None, entries, draft.lines)
    return common


def _html(
    ledger: Ledger[Any, Any], name: str, common: Shared, worker: Worker, by_language: Any, faults: Faults
) -> dict[str, dict[str, str]]:
    """One attribute of a ledger's entries, where it is filled in, as HTML: language -> id -> HTML."""
    texts: dict[str, tuple[str, Any]] = {common.original: (ledger.path, ledger.entries)}
    for language, words in ledger.words.items():
        texts[language] = (ledger.path.replace(".yml", f".{language}.yml"), words)
    languages = [one for one in texts if one in by_language]
    tasks = [
        Task(
            path=path,
            kind="snippets",
            language=language,
            snippets={
                id: (ledger.line(id, path), text) for id, entry in entries.items() if (text := getattr(entry, name))
            },
        )
        for language, (path, entries) in texts.items()
        if language in by_language
    ]
    replies = list(worker.run(tasks, by_language))
    faults.found += [problem for _, problems in replies for problem in problems]
    return {language: draft or {} for language, (draft, _) in zip(languages, replies, strict=True)}


def seal(library: Library) -> Library:
    """The library with the hashes of its items, sections and quizzes, and of the whole."""
    modules = {
        id: replace(module, sections=tuple(_sealed_section(one) for one in module.sections))
        for id, module in library.modules.items()
    }
    quizzes = {id: _sealed_quiz(quiz) for id, quiz in library.quizzes.items()}
    sealed = replace(library, modules=modules, quizzes=quizzes)
    return replace(sealed, release=digest(sealed))


def _sealed_section(section: Section) -> Section:
    return replace(section, version=digest(section))


def _sealed_quiz(quiz: Quiz) -> Quiz:
    sealed = replace(quiz, items=tuple(_sealed_item(one) for one in quiz.items))
    return replace(sealed, version=digest(sealed))


def _sealed_item(item: Item) -> Item:
    questions = tuple(_sealed_item(one) for one in item.questions)
    key = key_hash(item.kind, item.original)
    key = digest([key, [one.key_hash for one in questions]]) if questions else key
    sealed = replace(item, questions=questions, key_hash=key)
    return replace(sealed, version=digest(sealed))
