"""Asking a tool in tests, and reading its answer in English."""

from fractions import Fraction
from typing import Any

from app.core.numbers import plain, show
from app.core.tools import TOOLS, Cell, Number, Outcome, Quoted, Table, Typed, calculate


def said(cell: Cell) -> str:
    """A cell in English."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Typed):
        return cell.text
    if isinstance(cell, Quoted):
        return str(next(iter(cell.texts.values())))
    if isinstance(cell, Number):
        return (show(plain(Fraction(cell.value), cell.decimals)) + f" {cell.unit}").strip().replace("\u00a0", " ")
    return cell.text % {name: said(value) for name, value in cell.values.items()} if cell.values else cell.text


def asked(name: str, entries: dict[str, Any]) -> Outcome:
    return calculate(
        TOOLS[name], {key: value if isinstance(value, list) else [value] for key, value in entries.items()}
    )


def sentences(outcome: Outcome) -> list[str]:
    assert outcome.result, problems(outcome)
    return [said(words) for words in outcome.result.words]


def problems(outcome: Outcome) -> dict[str, str]:
    return {name: said(words) for name, words in outcome.entry.problems.items()}


def rows(table: Table) -> list[tuple[str, ...]]:
    return [tuple(said(cell) for cell in row) for row in table.rows]
