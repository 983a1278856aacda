"""The shapes of a checked and compiled course: frozen plain data that survives a round trip through JSON.

A text that exists in several languages is a dict from language tag to text; the first language of the
course is the original and is always present. `Item.texts[lang].body` holds the part that belongs to the
question type as builtins; `app.core.questions.body_of` turns it into that type's own struct.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any, dataclass_transform

import msgspec

Texts = dict[str, str]
FOLDERS = {"course": "yml", "modules": "md", "quizzes": "md"}  # of a content root: what authors write, and as what
ID = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"  # of modules, sections, quizzes, questions and what else files name


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all content: frozen, keyword-only, JSON-ready."""


class Problem(Struct, order=True):
    """One finding of the check. `line` counts from 1 (0: the whole file); `severity` is "error" or "warning"."""

    path: str
    line: int
    severity: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}[{self.code}]: {self.message}"


class Figure(Struct):
    """One entry of the ledger: a number, what it measures, and where it was published.

    `shown` is the number with its unit as pages print it, by language.
    """

    id: str
    value: str
    unit: str
    year: str
    text: Texts
    source: str
    status: str  # "verified", "secondary" or "own calculation"
    seen: str
    url: str | None = None
    region: str | None = None
    scope: str | None = None
    formula: str | None = None
    note: str | None = None
    shown: Texts = {}


class Term(Struct):
    """A glossary entry; `text` is HTML."""

    id: str
    term: Texts
    text: Texts
    see: tuple[str, ...] = ()
    module: str | None = None


class Country(Struct):
    """A country or area by its United Nations short name; `membership` is member, associate or none (of ESCAP)."""

    code: str
    name: Texts
    m49: str = ""
    membership: str = "none"
    subregion: str = ""
    ldc: bool = False
    lldc: bool = False
    sids: bool = False


class Action(Struct):
    """One of the 12 national actions of the Action Plan, A1 to A12.

    `levels`: language -> the words of the readiness self-check for 0 to 4, empty where it does not ask; `begin` a first
    thing to do; `by_choice` where a country may answer that the action is its own choice.
    """

    id: str
    title: Texts
    text: Texts
    levels: dict[str, tuple[str, ...]] = {}
    begin: Texts = {}
    hint: Texts = {}
    by_choice: bool = False


class Option(Struct):
    """A policy option of the toolbox. `fits`, `cost`, `wrong` and `example` (may be empty) are HTML; `module` and
    `section` name what teaches it, "" where nothing does."""

    id: str
    title: Texts
    stages: tuple[str, ...]
    actions: tuple[str, ...]
    fits: Texts
    cost: Texts
    wrong: Texts
    example: Texts = {}
    module: str = ""
    section: str = ""


class Observation(Struct):
    """Published shares of one year in per cent, as printed; None where that one was not published."""

    year: int
    total: str | None = None
    women: str | None = None
    men: str | None = None


class Published(Struct):
    """Published values of indicator 1.3.1: country code -> group -> observations, oldest first."""

    source: Texts
    status: str
    seen: str
    countries: dict[str, dict[str, tuple[Observation, ...]]]


class Part(Struct):
    """A piece of a section in reading order.

    kind "html": `html` alone. "check": `ref` is the practice item's id. "activity": `ref` is the activity's id,
    `action` its national action, `title` its heading, `html` the task. "tool": `ref` is its name.
    """

    kind: str
    html: str = ""
    ref: str = ""
    action: str = ""
    title: str = ""


class SectionText(Struct):
    """A section in one language; `source` is the Markdown with figures filled in, used to show what changed."""

    title: str
    parts: tuple[Part, ...]
    words: int
    source: str


class Section(Struct):
    """One idea, one page. `version` is the hash of what learners saw in all languages."""

    id: str
    module: str
    texts: dict[str, SectionText]
    minutes: int
    figures: tuple[str, ...] = ()
    version: str = ""

    @property
    def original(self) -> SectionText:
        return next(iter(self.texts.values()))


class ModuleText(Struct):
    """A module's own words: `intro` is HTML; each objective is (text, Bloom verb)."""

    title: str
    intro: str
    objectives: tuple[tuple[str, str], ...] = ()


class Module(Struct, dict=True):
    id: str
    texts: dict[str, ModuleText]
    sections: tuple[Section, ...]
    actions: tuple[str, ...] = ()
    quiz: str | None = None

    @property
    def minutes(self) -> int:
        return sum(section.minutes for section in self.sections)

    def teaches(self, tool: str) -> bool:
        """Whether a section shows this tool."""
        return any(part.kind == "tool" and part.ref == tool for one in self.sections for part in one.original.parts)

    @cached_property
    def places(self) -> tuple[tuple[str, Section], ...]:
        """The sections, each with its place in the course, "module/section"."""
        return tuple((f"{self.id}/{section.id}", section) for section in self.sections)


class ItemText(Struct, dict=True):
    """An item in one language. `heading` is inline HTML, the others HTML; `body` belongs to the question type."""

    heading: str
    body: dict[str, Any]
    stem: str = ""
    hint: str = ""
    explanation: str = ""


class Item(Struct):
    """A question as authored. `version` is the hash of all it shows; `key_hash` of what decides the grade.

    A scenario's `questions` are items of their own; a paper asks them one by one under the scenario's stem.
    """

    id: str
    quiz: str
    kind: str
    texts: dict[str, ItemText]
    points: int = 1
    practice: bool = False
    module: str = ""
    level: str = ""
    actions: tuple[str, ...] = ()
    partial: str = ""
    questions: tuple["Item", ...] = ()
    version: str = ""
    key_hash: str = ""

    @property
    def graded(self) -> bool:
        """Whether a graded attempt may ask it."""
        return not self.practice and self.kind not in ("reflection", "survey")

    @property
    def original(self) -> ItemText:
        return next(iter(self.texts.values()))


class DrawRule(Struct):
    """`n` questions of one cell of the blueprint; empty module, levels, kinds or actions mean any."""

    n: int
    module: str = ""
    level: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    action: tuple[str, ...] = ()


class Quiz(Struct, dict=True):
    """A quiz and its bank. `draw` empty: all graded items. `attempts` None: no limit.

    After `wait_after` failed attempts a new one waits `wait_minutes` from the last hand-in.
    `shows`: what results tell, by the rows of `app.core.limits`; `minutes` of time for an attempt, None: no limit.
    A bank whose items are all practice has no attempts (`graded` is False).
    """

    id: str
    title: Texts
    items: tuple[Item, ...]
    pass_mark: int = 70
    draw: tuple[DrawRule, ...] = ()
    attempts: int | None = None
    wait_after: int = 0
    wait_minutes: int = 0
    counts: str = "best"
    feedback: str = "after_attempt"
    shows: dict[str, tuple[str, ...]] = {}
    minutes: int | None = None
    version: str = ""

    @cached_property
    def graded(self) -> bool:
        return any(item.graded for item in self.items)

    @property
    def survey(self) -> bool:
        """Whether its questions are only counted: then it is one page, without attempts."""
        return bool(self.items) and all(item.kind == "survey" for item in self.items)

    @cached_property
    def questions(self) -> int:
        """How many questions an attempt asks."""
        return sum(rule.n for rule in self.draw) or sum(item.graded for item in self.items)


class Course(Struct):
    """An outline. `participation` and `completion` are the rules under which the two certificates are due.

    `entry` is a quiz that shows where one stands and counts for nothing; `surveys`: occasion -> the quiz of surveys.
    """

    id: str
    title: Texts
    version: str
    hours: int
    languages: tuple[str, ...]
    licence: str
    modules: tuple[str, ...]
    final: str | None = None
    entry: str | None = None
    surveys: dict[str, str] = {}
    participation: dict[str, Any] = {}
    completion: dict[str, Any] = {}


class Library(Struct):
    """Everything that a running server serves, by id; built by `app.core.load`, hashed as a whole into `release`."""

    courses: dict[str, Course]
    modules: dict[str, Module]
    quizzes: dict[str, Quiz]
    figures: dict[str, Figure]
    terms: dict[str, Term]
    countries: dict[str, Country]
    actions: dict[str, Action]
    options: dict[str, Option] = {}
    published: Published | None = None
    pictures: Texts = {}  # path -> hash, of those that are shown
    release: str = ""

    def course_of_module(self, module: str) -> Course | None:
        return next((course for course in self.courses.values() if module in course.modules), None)

    def course_of_quiz(self, quiz: str) -> Course | None:
        """The course in which this quiz can be taken: of a module, the final or the entry check; never a survey."""
        for course in self.courses.values():
            if quiz in (course.final, course.entry, *(self.modules[module].quiz for module in course.modules)):
                return course
        return None

    def uses(self, quiz: str) -> bool:
        """Whether learners meet this quiz or survey in some course."""
        surveyed = any(quiz in course.surveys.values() for course in self.courses.values())
        return surveyed or self.course_of_quiz(quiz) is not None

    def section(self, module: str, section: str) -> Section | None:
        found = self.modules.get(module)
        return next((one for one in found.sections if one.id == section), None) if found else None

    def item(self, id: str) -> Item | None:
        """An item by its id, questions of scenarios included."""
        return next((item for quiz in self.quizzes.values() for item in flatten(quiz.items) if item.id == id), None)


def flatten(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Items with the questions of each scenario behind it."""
    return tuple(one for item in items for one in (item, *item.questions))


def in_language(texts: Mapping[str, Any], language: str) -> tuple[str, Any]:
    """The language that is shown and the text in it: the wanted one, or else the original (the first)."""
    if language in texts:
        return language, texts[language]
    return next(iter(texts.items()))


_SORTED = msgspec.json.Encoder(order="sorted")  # those of structs, too


def canonical(value: object) -> bytes:
    """JSON bytes that are equal for equal values: keys sorted, no spaces."""
    return _SORTED.encode(value)


def digest(value: object) -> str:
    """The first 32 hexadecimal digits of the SHA-256 of the canonical JSON: the key of a version."""
    return hashlib.sha256(canonical(value)).hexdigest()[:32]
