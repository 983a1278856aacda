"""Questions of another program -> quiz files of ours that pass the check, and a word on everything that was changed.

Every question is written, read back by the same child process that reads all quiz files, and left out, by name and with
the reason, where that finds an error.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from itertools import islice

from app.core.exchange.html import web_link
from app.core.exchange.model import Found, LeftOut, Question
from app.core.exchange.tree import TooMuch
from app.core.exchange.writing import Unfit, write
from app.core.markup import Context
from app.core.pictures import Picture, as_text, look, picture_of
from app.core.worker import Task, Worker

AT_ONCE = 100  # questions that are read back together
LARGEST = 900_000  # bytes of a quiz file; the check refuses those above 1 MB
FRONT = "---\ntitle: {}\n---\n\n"
HERE = re.compile(r"/courses/[a-z0-9-]+/([a-z0-9-]+)/?([a-z0-9-]+)?/?$")


@dataclass(frozen=True)
class Known:
    """What the content root holds already: ids of questions, sections by module, actions; `site` is its address."""

    ids: Set[str] = frozenset()
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    actions: Set[str] = frozenset()
    site: str = ""

    def link(self, target: str) -> str:
        """A link to a page of this course as authors write it; else the web by https."""
        found = HERE.fullmatch(target.removeprefix(self.site)) if self.site and target.startswith(self.site) else None
        if found and found[1] in self.modules and found[2] in (None, *self.modules[found[1]]):
            return f"modules/{found[1]}" + (f"#{found[2]}" if found[2] else "")
        return web_link(target)

    def context(self, language: str) -> Context:
        return Context(
            language=language,
            courses=dict.fromkeys(self.modules, "course"),
            sections=dict(self.modules),
            figures={},
            terms={},
            countries={},
            actions=tuple(self.actions),
        )


@dataclass(frozen=True)
class Remark:
    """What is said of a question: it was left out, or came along changed; `line` is of the file that was read."""

    line: int
    name: str
    text: str
    left_out: bool = False


@dataclass
class Bank:
    """The texts of the files to write and the pictures of each, how many questions are in them, and what is said about
    them."""

    files: list[str] = field(default_factory=list)
    pictures: list[dict[str, bytes]] = field(default_factory=list)
    imported: int = 0
    remarks: list[Remark] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)  # (line, what was done to the file itself)

    @property
    def left_out(self) -> int:
        return sum(remark.left_out for remark in self.remarks)


@dataclass(frozen=True)
class _Written:
    question: Question
    text: str
    lost: list[str]


def make(
    found: Iterable[Found],
    title: str,
    language: str,
    known: Known,
    worker: Worker,
    step: Callable[[int], None] = lambda _: None,
) -> Bank:
    """The bank of all questions; `step` is told the line that has been reached, now and then."""
    bank, ids, parts = Bank(), Ids(known.ids), _Parts(title)
    questions = iter(found)
    while some := list(islice(questions, AT_ONCE)):
        written = list(_write(some, ids, known, bank))
        for one, problem in _read_back(written, language, known, worker):
            if problem:
                bank.remarks.append(Remark(one.question.line, one.question.name, problem, left_out=True))
                continue
            parts.add(one.text, one.question.pictures)
            bank.imported += 1
            bank.remarks += [Remark(one.question.line, one.question.name, lost) for lost in one.lost]
        step(max(one.line for one in some))
    bank.files, bank.pictures = (
        parts.files(),
        [album for part, album in zip(parts.parts, parts.albums, strict=True) if part],
    )
    bank.remarks.sort(key=lambda remark: remark.line)
    return bank


def _write(found: list[Found], ids: "Ids", known: Known, bank: Bank) -> Iterator[_Written]:
    for one in found:
        if isinstance(one, LeftOut):
            bank.remarks.append(Remark(one.line, one.name, one.reason, left_out=one.question))
            continue
        try:
            question = _fitting(one, known)
            id = ids.of(question)
            text, lost = write(question, id, known.link)
            if question.id and id != question.id:
                lost.append(f"its id “{question.id[:60]}” became “{id}”")
        except (Unfit, TooMuch) as problem:
            bank.remarks.append(Remark(one.line, one.name, str(problem), left_out=True))
        else:
            yield _Written(one, text, lost)


def _fitting(question: Question, known: Known) -> Question:
    """Without a module and actions that this content root has not."""
    kept, notes = dict(question.attributes), list(question.notes)
    if kept.get("module") and kept["module"] not in known.modules:
        notes.append(f"there is no module “{kept.pop('module')}” here")
    strange = [one for one in kept.get("actions", "").split(",") if one and one not in known.actions]
    if strange:
        notes.append(f"there is no action {', '.join(strange)} here")
        kept["actions"] = ",".join(one for one in kept["actions"].split(",") if one not in strange)
    return replace(question, attributes={key: value for key, value in kept.items() if value}, notes=tuple(notes))


def _read_back(written: list[_Written], language: str, known: Known, worker: Worker) -> Iterator[tuple[_Written, str]]:
    """Each with the first error that reading it finds, or ""."""
    if not written:
        return
    front = FRONT.format("Import")
    starts, line = [], front.count("\n") + 1
    for one in written:
        starts.append(line)
        line += one.text.count("\n") + 1
    text = front + "\n".join(one.text for one in written)
    shown = {name: picture(data) for one in written for name, data in one.question.pictures.items()}
    task = Task(path="import", kind="quiz", text=text, language=language, pictures=shown)
    [(draft, problems)] = worker.run([task], {language: known.context(language)})
    if draft is None and len(written) > 1:
        half = len(written) // 2
        yield from _read_back(written[:half], language, known, worker)
        yield from _read_back(written[half:], language, known, worker)
        return
    errors = sorted((problem.line, problem.message) for problem in problems if problem.severity == "error")
    for start, one in zip(starts, written, strict=True):
        end = start + one.text.count("\n") + 1
        yield one, next((message for number, message in errors if start <= number < end or draft is None), "")


def picture(data: bytes) -> Picture:
    """What the check needs of a picture that was looked at before."""
    return picture_of(as_text(data, look(data)[0]))


class _Parts:
    """Items gathered into files that are not too large."""

    def __init__(self, title: str) -> None:
        self.title, self.size = title, 0
        self.parts: list[list[str]] = [[]]
        self.albums: list[dict[str, bytes]] = [{}]

    def add(self, text: str, pictures: Mapping[str, bytes]) -> None:
        size = len(text.encode()) + 1
        if self.size + size > LARGEST:
            self.parts.append([])
            self.albums.append({})
            self.size = 0
        self.parts[-1].append(text)
        self.albums[-1] |= {name: data for name, data in pictures.items() if f"]({name})" in text}
        self.size += size

    def files(self) -> list[str]:
        """Each with its front matter; none where there is no question."""
        found = []
        for number, part in enumerate((part for part in self.parts if part), 1):
            title = self.title if number == 1 else f"{self.title} ({number})"
            found.append(FRONT.format(json.dumps(title, ensure_ascii=False)) + "\n".join(part))
        return found


class Ids:
    """Ids made from what a file calls a question; each is given once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)
        self.last: dict[str, int] = {}

    def of(self, question: Question) -> str:
        base = slug(question.id) or slug(question.name) or "question"
        id, number = base, self.last.get(base, 1)
        while id in self.taken:
            number += 1
            id = f"{base}-{number}"
        self.last[base] = number
        self.taken.add(id)
        return id


def slug(text: str) -> str:
    """Lower-case Latin letters, digits and hyphens of a text, at most 50; "" where it has none."""
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    if len(words) <= 50:
        return words
    return words[:51].rpartition("-")[0] or words[:50]
