"""Published values as the first texts of the target worksheet."""

from collections.abc import Mapping

from app.core.content import Published
from app.core.numbers import show
from app.core.tools._worksheet import FIRST, GROUPS, SEXES


def fill(published: Published | None, typed: Mapping[str, str], language: str) -> dict[str, str]:
    """The published values of the chosen country for the chosen group, where nothing of this group is filled in."""
    group = typed.get("group", "")
    if published is None or group not in GROUPS:
        return {}
    known = published.countries.get(typed.get("country", ""), {}).get(group, ())
    empty = not any(text for name, text in typed.items() if f"-{group}" in name)
    if not known or not empty:
        return {}
    found = {f"source-{group}": published.source.get(language) or next(iter(published.source.values()))}
    for one in known:
        column, year = ("base", "year") if one.year <= FIRST else ("latest", "latest_year")
        found[f"{year}-{group}"] = str(one.year)
        shares = {row: getattr(one, row) for row in SEXES if row in GROUPS[group].sexes and getattr(one, row)}
        found |= {f"{column}-{group}-{row}": show(share, language) for row, share in shares.items()}
    return found
