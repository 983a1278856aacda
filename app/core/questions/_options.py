"""Options of a task list, shared by the types that choose among them."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.content import Struct
from app.core.questions._shared import LETTERS, Lines, folded

if TYPE_CHECKING:
    from app.core.scan import ItemSource, Render

OPTION = re.compile(r"\s{0,3}[-*+]\s+\[([ xX])\]\s+(.*\S)")
LOOKS_LIKE_OPTION = re.compile(r"\s{0,3}[-*+]\s+\[")
REMARK = re.compile(r"\s*> ?(.*)")
FIXED = re.compile(r"\s*\{\.fixed\}\s*$")


class Option(Struct):
    """One option: `text` is inline HTML, `remark` HTML for those who choose it; `fixed` ones stay last."""

    text: str
    right: bool
    remark: str = ""
    fixed: bool = False


class _Draft:
    """An option while its lines are gathered."""

    def __init__(self, line: int, mark: str, text: str) -> None:
        self.line = line
        self.right = mark != " "
        self.fixed = bool(FIXED.search(text))
        self.text = FIXED.sub("", text)
        self.remark: Lines = []

    def finish(self, render: "Render") -> Option:
        remark = render.block("\n".join(text for _, text in self.remark), self.remark[0][0]) if self.remark else ""
        text = render.inline(self.text, self.line, pictures=True)
        return Option(text=text, right=self.right, remark=remark, fixed=self.fixed)


def parse_options(source: "ItemSource", lines: Lines, render: "Render") -> tuple[Option, ...]:
    """The options of a task list, with the remarks beneath them."""
    drafts = _gather(source, lines)
    _check(source, drafts)
    return tuple(draft.finish(render) for draft in drafts)


def _gather(source: "ItemSource", lines: Lines) -> list[_Draft]:
    drafts: list[_Draft] = []
    for number, text in lines:
        if option := OPTION.fullmatch(text.rstrip()):
            drafts.append(_Draft(number, option[1], option[2]))
        elif drafts and (remark := REMARK.fullmatch(text)):
            drafts[-1].remark.append((number, remark[1]))
        elif drafts and not drafts[-1].remark and text.startswith("  ") and text.strip():
            drafts[-1].text = FIXED.sub("", f"{drafts[-1].text} {text.strip()}")
            drafts[-1].fixed |= bool(FIXED.search(text))
        elif text.strip():
            source.fault(number, "option", "This line belongs to no option. Write `- [ ] text` or `- [x] text`.")
    return drafts


def _check(source: "ItemSource", drafts: Sequence[_Draft]) -> None:
    seen: dict[str, int] = {}
    for draft in drafts:
        other = seen.setdefault(folded(draft.text), draft.line)
        if other != draft.line:
            source.fault(draft.line, "equal-options", f"This option is the same as in line {other}. Change one.")
    if len(drafts) < 2:
        source.fault(source.line, "options", "A question to choose from needs two options or more. Write `- [ ] text`.")
    if len(drafts) > len(LETTERS):
        source.fault(drafts[len(LETTERS)].line, "options", f"Use at most {len(LETTERS)} options.")


def one_right(source: "ItemSource", options: Sequence[Option]) -> None:
    """Reports options of which not exactly one is right."""
    right = sum(option.right for option in options)
    if options and not right:
        source.fault(source.line, "no-right-answer", "No option is marked [x]. Mark the right one.")
    if right > 1:
        source.fault(
            source.line, "two-right-answers", f"{right} options are marked [x]. Mark one, or make it .multiple."
        )
