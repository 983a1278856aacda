"""What authors may write in YAML: one struct per kind of file, unknown keys refused, each problem at its line."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.core.content import ID
from app.core.typed import Entry

Words = Annotated[str, Meta(pattern=r"\S", description="some words")]
Id = Annotated[str, Meta(pattern=ID, max_length=64, description="an id of lower-case letters, digits and hyphens")]
ActionId = Annotated[str, Meta(pattern=r"^A([1-9]|1[0-2])$", description="an action, A1 to A12")]
Code = Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description="a country code of two capital letters")]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", description="a language tag like en or fr")]
Date = Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])$", description="a date like 2026-11-21")]
Year = Annotated[str, Meta(pattern=r"^\d{4}([-–]\d{2,4})?$", description="a year like 2023, or years like 2020-22")]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/]+\.[^\s]+$", description="a web address that starts with https://")]
Number = Annotated[str, Meta(pattern=r"^(0|[1-9]\d{0,4})$", description="a whole number")]
Positive = Annotated[str, Meta(pattern=r"^[1-9]\d{0,4}$", description="a whole number from 1")]
Percent = Annotated[str, Meta(pattern=r"^(100|[1-9]\d?)$", description="a whole number from 1 to 100")]
Limit = Annotated[str, Meta(pattern=r"^(unlimited|none|[1-9]\d{0,4})$", description="a whole number from 1, or none")]
Level = Literal["remember", "understand", "apply", "analyse", "evaluate", "create"]
Flag = Literal["yes", "no", "true", "false"]
Stage = Literal["childhood", "working-age", "old-age", "all"]
Covered = Literal[
    "everybody", "children", "mothers", "disability", "unemployed", "workers", "older", "poor", "vulnerable"
]
SectionId = Annotated[
    str, Meta(pattern=r"^$|^[a-z0-9-]+#[a-z0-9-]+$", description="a module and a section, like right#treaties")
]
_SHARE = r"(100|\d{1,2}(\.\d+)?)"
_YEAR = rf"(19|20)\d\d(?= )( total {_SHARE})?( women {_SHARE})?( men {_SHARE})?"
Observations = Annotated[
    str,
    Meta(pattern=rf"^{_YEAR}(; {_YEAR})*$", description="a year and shares, like 2020 total 58.9 women 60.1 men 57"),
]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{12}$", description="the 12 characters that the check names")]


class Participation(Entry, frozen=True):
    every_section_read: Flag


class Completion(Entry, frozen=True):
    every_quiz_passed: Flag = "no"
    final_passed: Flag = "no"
    valid_years: Positive | None = None


class Certificates(Entry, frozen=True):
    participation: Participation | None = None
    completion: Completion | None = None


class Surveys(Entry, frozen=True):
    """The survey of each occasion; `app.core.surveys` says when each is open."""

    before: Id | None = None
    after: Id | None = None
    end: Id | None = None
    follow_up: Id | None = None


class Outline(Entry, frozen=True):
    title: Words
    version: Words
    hours: Positive
    languages: tuple[Language, ...]
    licence: Words
    modules: tuple[Id, ...]
    final: Id | None = None
    entry: Id | None = None
    surveys: Surveys = Surveys()
    certificates: Certificates = Certificates()


class ActionEntry(Entry, frozen=True):
    title: Words
    text: Words
    levels: tuple[Words, ...] = ()
    begin: str = ""
    hint: str = ""
    by_choice: Flag = "no"


class OptionWords(Entry, frozen=True):
    title: Words
    fits: Words
    cost: Words
    wrong: Words
    example: str = ""


class OptionEntry(OptionWords, frozen=True, kw_only=True):
    stages: tuple[Stage, ...]
    actions: tuple[ActionId, ...] = ()
    section: SectionId = ""


class Coverage(Entry, frozen=True):
    """Published values: country -> group -> `2020 total 58.9 women 60.1 men 57`, a later year behind a semicolon."""

    source: Words
    status: Literal["verified", "secondary"]
    seen: Date
    countries: dict[Code, dict[Covered, Observations]]


class CoverageWords(Entry, frozen=True):
    source: Words


class FigureEntry(Entry, frozen=True):
    value: Words
    text: Words
    year: Year
    source: Words
    seen: Date
    status: Literal["verified", "secondary", "own calculation", "unverified"]
    unit: str = ""
    url: Url | None = None
    seen_via: str | None = None
    region: str | None = None
    scope: str | None = None
    formula: str | None = None
    note: str | None = None


class TermEntry(Entry, frozen=True):
    term: Words
    text: Words
    module: Id | None = None
    see: tuple[Id, ...] = ()


class CountryEntry(Entry, frozen=True):
    name: Words
    m49: str = ""
    membership: Literal["member", "associate", "none"] = "none"
    subregion: str = ""
    ldc: Flag = "no"
    lldc: Flag = "no"
    sids: Flag = "no"


class Countries(Entry, frozen=True):
    as_of: Date
    sources: tuple[Words, ...]
    countries: dict[Code, CountryEntry]


class OutlineWords(Entry, frozen=True):
    """A translation of an outline, as the classes below are of the other shared files."""

    title: Words
    of: Hash | None = None


class FigureWords(Entry, frozen=True):
    text: Words
    unit: str | None = None
    value: str | None = None


class TermWords(Entry, frozen=True):
    term: Words
    text: Words


class CountryName(Entry, frozen=True):
    name: Words


class CountryNames(Entry, frozen=True):
    countries: dict[Code, CountryName]


class ModuleHead(Entry, frozen=True):
    """The front matter of a module in any language."""

    title: Words
    objectives: tuple[Words, ...] = ()


class ModuleFront(ModuleHead, frozen=True):
    actions: tuple[ActionId, ...] = ()
    quiz: Id | None = None


class ModuleWords(ModuleHead, frozen=True):
    of: Hash | None = None


class Cell(Entry, frozen=True):
    """One row of a blueprint."""

    n: Positive
    module: Id | None = None
    level: tuple[Level, ...] = ()
    type: tuple[str, ...] = ()
    action: tuple[ActionId, ...] = ()


class Wait(Entry, frozen=True):
    after: Positive
    minutes: Positive


Shown = tuple[Literal["topics", "marks", "reasons", "key"], ...] | Literal["nothing", "default"]


class Shows(Entry, frozen=True):
    """What a result shows beside the points; by default what the mode of feedback does."""

    before_passing: Shown = "default"
    after_passing: Shown = "default"
    after_last_try: Shown = "default"


class QuizHead(Entry, frozen=True):
    """The front matter of a quiz in any language."""

    title: Words


class QuizFront(QuizHead, frozen=True):
    pass_mark: Percent = msgspec.field(name="pass", default="70")
    draw: Positive | tuple[Cell, ...] | None = None
    attempts: Limit = "unlimited"
    wait: Wait | None = None
    counts: Literal["best", "last", "average"] = "best"
    minutes: Limit = "none"
    feedback: Literal["after_each", "after_attempt", "by_topic", "score_only"] = "after_attempt"
    shows: Shows = Shows()


class QuizWords(QuizHead, frozen=True):
    of: Hash | None = None


class ItemAttributes(Entry, frozen=True):
    """What stands in the braces behind an item's heading, beside id and kind."""

    module: Id | None = None
    level: Level | None = None
    actions: tuple[ActionId, ...] = ()
    points: Positive = "1"
    partial: Literal["", "none"] = ""
    exact: str = ""


def truth(flag: str) -> bool:
    """A `Flag` as a truth value."""
    return flag in ("yes", "true")


def number(limit: str | None) -> int | None:
    """A `Limit` or number as an int; None for no limit."""
    return None if limit in (None, "unlimited", "none") else int(limit)
