"""Rows of a spreadsheet as the text that XlsxWriter would write for them in its mode of constant memory, but column by
column, in a tenth of the time; a test compares the two. Texts are written as texts, whatever they look like."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from app.core.cells import FEW, LONGEST, UNCLEAN, Cell, Kept
from app.core.moments import DAY, numbered

EPOCH = 25_569  # 1970-01-01 as a spreadsheet counts days
SPECIAL = re.compile(r"[&<>]|^\s|\s$|_x[0-9a-fA-F]{4}_")
EMPTY = (None, "")
MAY_BE_SPECIAL = ("&", "<", ">", "_x")
ESCAPE = re.compile("(_x[0-9a-fA-F]{4}_)")  # would be read as a character
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

Values = Sequence[object]
Column = Callable[[Values, Sequence[str]], list[str]]


def rows(columns: Sequence[Column], values: Sequence[Values], first: int) -> str:
    """The rows from number `first` on (the sheet's first is 1), each with a value for each column."""
    numbers = [str(number) for number in range(first, first + len(values))]
    made = [column(several, numbers) for column, several in zip(columns, zip(*values, strict=True), strict=True)]
    lines = map("".join, zip(*made, strict=True))
    return "".join(f'<row r="{number}">{cells}</row>' for number, cells in zip(numbers, lines, strict=True))


def column(kind: str, letters: str, style: int, read: Callable[[object], Cell], zone: ZoneInfo) -> Column:
    """What makes the cells of a column (`letters`: A, B …) of its values; nothing of nothing. `style` is the index of
    its format, 0 for none; `read` and `zone` as for `app.core.cells`, whose fields were made of these values before."""
    opening = f'<c r="{letters}'
    middle = (f'" s="{style}"' if style else '"') + (' t="inlineStr">' if kind == "text" else ">")
    behind = _moments(middle, zone) if kind == "moment" else _others(kind, middle, read)

    def made(values: Values, numbers: Sequence[str]) -> list[str]:
        return [one and f"{opening}{number}{one}" for one, number in zip(behind(values), numbers, strict=True)]

    return made


def _moments(middle: str, zone: ZoneInfo) -> Callable[[Values], Iterable[str]]:
    """What makes of moments all that stands behind the address of a cell."""
    days = numbered(zone)

    def behind(value: Any) -> str:
        if value is None:
            return ""
        day, second = days(value)
        return f"{middle}<v>{EPOCH + day + second / DAY:.16G}</v></c>"

    return lambda values: map(behind, values)


def _others(kind: str, middle: str, read: Callable[[object], Cell]) -> Callable[[Values], Iterable[str]]:
    """The same of what is no moment."""

    def behind(value: object) -> str:
        inner = _inner(read(value))
        return f"{middle}{inner}</c>" if inner else ""

    kept = Kept(behind)

    def texts(values: Values) -> Iterable[str]:
        new: list[Any] = list(set(values).difference(kept, EMPTY))
        if len(new) > FEW and are_plain(new):
            kept.learn({text: f"{middle}<is><t>{text}</t></is></c>" for text in new})
        return map(kept.__getitem__, values)

    return texts if kind == "text" else lambda values: map(kept.__getitem__, values)


def are_plain(texts: list[str]) -> bool:
    """Whether all these texts stand in a sheet as they are; no is always a safe answer."""
    joined = "\n".join(texts)
    if len(joined) > LONGEST or UNCLEAN.search(joined) or any(mark in joined for mark in MAY_BE_SPECIAL):
        return False
    return list(map(str.strip, texts)) == texts


def _inner(cell: Cell) -> str:
    """What stands in a cell that is no moment."""
    if isinstance(cell, str):
        return _text(cell)
    return "" if cell is None else f"<v>{cell:.16G}</v>"


def _text(text: str) -> str:
    if not SPECIAL.search(text):
        return f"<is><t>{text}</t></is>"
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    escaped = ESCAPE.sub(r"_x005F\1", text).translate(ENTITIES)
    return f"<is><t{kept}>{escaped}</t></is>"
