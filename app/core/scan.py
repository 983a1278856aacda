"""The one line scanner for modules and quizzes: front matter, headings with `{#id .class key=value}`, code fences.

Markdown's own attribute lists give up when another brace stands in the heading, so headings are read here and only
what stands between them goes to Markdown.
"""

from dataclasses import dataclass, field
from typing import Protocol

from app.core.content import Problem


class Render(Protocol):
    """Markdown of one file's language -> sanitised HTML; `{{name}}` other than `{{fig:…}}` stays as text."""

    def block(self, text: str, line: int) -> str:
        """Paragraphs, lists and tables; `line` is where `text` starts, for problems."""

    def inline(self, text: str, line: int) -> str:
        """One line without `<p>`."""


@dataclass
class ItemSource:
    """One item of a quiz file as written: `kind` is the first class that is no flag; `lines` leave out the questions."""

    path: str
    id: str
    kind: str
    heading: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    lines: list[tuple[int, str]] = field(default_factory=list)
    questions: list["ItemSource"] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)  # shared by all items of the load

    def fault(self, line: int, code: str, message: str, severity: str = "error") -> None:
        self.problems.append(Problem(path=self.path, line=line, severity=severity, code=code, message=message))
