"""What authors weigh: a section's words, minutes and bytes on the wire, a quiz's questions and what guessing earns."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from flask import current_app

from app.core import guessing
from app.core.content import Item, Quiz, Section
from app.web.assets import Assets, compress

BUDGET = 14_600  # octets of a first visit: one initial TCP window
HEADERS = 1_900  # octets of the status lines and headers of page, script and icon
LEVELS = ("remember", "understand", "apply", "analyse", "evaluate", "create")
BESIDE = ("site.js", "icon.svg")


@dataclass(frozen=True)
class Weight:
    """A section as authors weigh it; `octets` is what a first visit takes, compressed, with style, script and icon."""

    section: Section
    words: int
    minutes: int
    octets: int

    @property
    def share(self) -> int:
        """Hundredths of a per cent of the budget."""
        return self.octets * 10_000 // BUDGET


def weigh(section: Section, page: str) -> Weight:
    """The weight of a section that a visitor gets as this page."""
    return Weight(section, section.original.words, section.minutes, first_visit(page))


def first_visit(page: str) -> int:
    """Octets on the wire for a page with its style inlined, the script, the icon, and all headers."""
    assets: Assets = current_app.extensions["assets"]
    files = (assets.files[name] for name in BESIDE)
    return len(compress(page.encode())) + sum(len(one.packed or one.body) for one in files) + HEADERS


@dataclass(frozen=True)
class Bank:
    """A quiz file in numbers: items of a graded attempt by type and level, practice items, and chances.

    `asked` is the number of items of one attempt. Chances are hundredths of a per cent, rounded up: `guess` that blind
    guessing passes one attempt, `guess_all` that it passes some attempt of all that are allowed (None: they are not
    limited); `alike` is the mean share of items that two attempts have in common.
    """

    quiz: Quiz
    graded: tuple[Item, ...]
    practice: tuple[Item, ...]
    kinds: dict[str, int]
    levels: dict[str, int]
    asked: int
    guess: int
    guess_all: int | None
    alike: int


def bank(quiz: Quiz) -> Bank:
    graded = tuple(item for item in quiz.items if item.graded)
    counts = Counter(item.level for item in graded)
    return Bank(
        quiz=quiz,
        graded=graded,
        practice=tuple(item for item in quiz.items if not item.graded),
        kinds=dict(sorted(Counter(item.kind for item in graded).items())),
        levels={level: counts[level] for level in (*LEVELS, "") if counts[level]},
        asked=sum(rule.n for rule in quiz.draw) or len(graded),
        guess=hundredths(guessing.passing(quiz)) if graded else 0,
        guess_all=hundredths(guessing.passing_in_all(quiz)) if graded and quiz.attempts else None,
        alike=hundredths(guessing.overlap(quiz)),
    )


def hundredths(chance: float | Fraction) -> int:
    return ceil(chance * 10_000)
