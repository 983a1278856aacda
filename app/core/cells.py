"""The cells of an export: checked for their kind, freed of what no file can hold, written so that nothing evaluates."""

import re
import unicodedata
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from zoneinfo import ZoneInfo

Cell = str | int | Decimal | datetime | None

LONGEST = 16_000  # characters: a spreadsheet's cell holds 32,767 halves of UTF-16
CENT = Decimal("0.01")

# Characters that XML or UTF-8 cannot carry: controls but tab and line end, half surrogates, the two non-characters.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
STARTS_FORMULA = re.compile(r"[=+\-@|%]")
# Where a cell begins: at its start, and after what another program may take for the border of a cell.
BEGINNING = re.compile("^|(?<=[;\t\n])")


def read(kind: str, name: str, value: object, zone: ZoneInfo) -> Cell:
    """A value as a cell of its column: texts cleaned, moments in `zone` to the second, decimals cut to two places.

    Raises ValueError where the value is not of that kind.
    """
    if value is None:
        return None
    if kind == "text" and isinstance(value, str):
        return clean(value) or None
    if kind == "integer" and type(value) is int:
        return value
    if kind == "decimal" and isinstance(value, Decimal) and value.is_finite():
        return value.quantize(CENT, ROUND_DOWN)
    if kind == "moment" and isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(zone).replace(microsecond=0)
    raise ValueError(f"column {name} wants {kind}, not {value!r}")


def clean(text: str) -> str:
    """A text that every format can hold: line ends as LF, the unfit as U+FFFD, cut to 16,000 characters."""
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return text
    whole = UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return whole if len(whole) <= LONGEST else whole[: LONGEST - 1] + "…"


def guard(text: str) -> str:
    """A text that no spreadsheet takes for a formula: a `'` before whatever could start one, full-width forms included.

    Programs that expect semicolons cut a cell of comma-separated values at each; what follows is guarded too.
    """
    if not text or (text[0].isalnum() and not set(text) & set(";\t\n")):
        return text
    return BEGINNING.sub(lambda found: "'" if _starts_formula(text[found.start() :]) else "", text)


def _starts_formula(text: str) -> bool:
    if text.startswith(("\t", "\n")):
        return True
    start = unicodedata.normalize("NFKC", text.lstrip("'\" \u00a0\u200b\ufeff\u3000")[:1])
    return STARTS_FORMULA.match(start) is not None


def as_text(cell: Cell) -> str:
    """A cell in canonical CSV: nothing as nothing, moments as ISO 8601 with their offset, texts guarded."""
    if isinstance(cell, str):
        return guard(cell)
    if isinstance(cell, datetime):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def as_csv(texts: list[str]) -> bytes:
    """A line by RFC 4180."""
    return (",".join(map(_quoted, texts)) + "\r\n").encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r;\t') else text
