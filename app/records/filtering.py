"""The condition in SQL of what a report is about: one for the tallies, one for rows of persons."""

from collections.abc import Mapping
from typing import Any

from app.core.content import Library
from app.core.filters import DIMENSIONS, Filters

TALLY = {name: name for name in DIMENSIONS}


def condition(filters: Filters, library: Library, columns: Mapping[str, str] = TALLY) -> tuple[str, dict[str, Any]]:
    """`AND …` for every question that is not left open, and its values; "" where all are.

    `columns` names the expression of each dimension, which is "" where nothing is stated. Period and status are not in
    it: they mean another column for each count.
    """
    wanted = {name: getattr(filters, name) for name in DIMENSIONS} | {"country": filters.countries(library)}
    asked = {name: list(values) for name, values in wanted.items() if values}
    return "".join(f" AND {columns[name]} IN :{name}" for name in asked), asked
