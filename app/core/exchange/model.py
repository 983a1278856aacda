"""What question banks of other programs hold, in one neutral shape between their formats and ours.

Texts are HTML unless they are called plain. A reader gives one `Question` or one `LeftOut` for each question of its
file; a writer says `LeftOut` for what its format does not know. `notes` say what was changed or lost, in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

GAP_OPEN, GAP_CLOSE = "\ue010", "\ue011"  # around the number of a gap in the text of a cloze question


@dataclass(frozen=True)
class Choice:
    """An option: its `share` of the points from -1 to 1, what those who choose it are told, whether it stays there."""

    text: str
    share: Fraction
    remark: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class Choices:
    options: tuple[Choice, ...]


@dataclass(frozen=True)
class Number:
    """A value and its tolerance; the unit is plain."""

    value: Fraction
    tolerance: Fraction = Fraction(0)
    unit: str = ""


@dataclass(frozen=True)
class Words:
    """Accepted wordings, plain; the first is shown as the key."""

    wordings: tuple[str, ...]


@dataclass(frozen=True)
class Pairs:
    """Rows of (left, right); an empty left adds a wrong choice. `columns` are the headings, "" where there are none."""

    rows: tuple[tuple[str, str], ...]
    columns: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Steps:
    """Steps in the right order."""

    steps: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """A gap to fill in with any of `wordings`, or to choose for among `options`; all plain. `right` is an index."""

    wordings: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    right: int = 0


@dataclass(frozen=True)
class Gaps:
    """The gaps of a text, which holds `GAP_OPEN n GAP_CLOSE` where gap n (from 0) stands."""

    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Rubric:
    """What a good answer has."""

    points: tuple[str, ...]


Body = Choices | Number | Words | Pairs | Steps | Gaps | Rubric


@dataclass(frozen=True)
class Question:
    """One question. `kind` is one of ours; `name` is plain; `line` is where it starts in its file (0: nowhere).

    `attributes` are those of our headings: module, level, actions, partial, exact. `pictures` (name -> bytes) are those
    that its texts show as `course:name`.
    """

    kind: str
    name: str
    text: str
    body: Body
    line: int = 0
    id: str = ""
    hint: str = ""
    explanation: str = ""
    points: int = 1
    practice: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftOut:
    """A question, or where `question` is false another part of a file, that does not come along, and why."""

    line: int
    name: str
    reason: str
    question: bool = True


Found = Question | LeftOut


class Refused(ValueError):
    """A file of which nothing can be used; the message says why and what to do."""
