"""The cells of an export: checked for their kind, freed of what no file can hold, written so that nothing evaluates."""

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from app.core.moments import in_zone

Cell = str | int | Decimal | datetime | None

AT_MOST = 256  # fields of a column that are kept
NOTHING = (None,)
FEW = 8  # texts that are looked at one by one
LONGEST = 16_000  # characters: a spreadsheet's cell holds 32,767 halves of UTF-16
CENT = Decimal("0.01")
ENCODE = json.JSONEncoder(ensure_ascii=False).encode

# Characters that XML or UTF-8 cannot carry: controls but tab and line end, half surrogates, the two non-characters.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
UNCLEAN = re.compile("[\r\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
STARTS_FORMULA = re.compile(r"[=+\-@|%]")
# A simple text begins with a letter or digit and has nothing that needs quotes, cleaning or a guard.
UNSIMPLE = re.compile('[,";\t\r\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]')
BEGINS, NO_BEGINNING = re.compile(r"[^\W_]"), re.compile(r"\n(?:[^\w\n]|_)")
PLAIN = re.compile(r"[^\W_][^;\t\n]*")
NEEDS_QUOTES = re.compile(r'[,"\n\r;\t]')
# Where a cell begins: at its start, and after what another program may take for the border of a cell.
BEGINNING = re.compile("^|(?<=[;\t\n])")


def reader(kind: str, name: str, zone: ZoneInfo) -> Callable[[object], Cell]:
    """What makes cells of the values of a column: texts cleaned, moments in `zone` to the second, decimals cut to two
    places. It raises ValueError where a value is not of that kind.
    """

    def read(value: object) -> Cell:
        if value is None:
            return None
        if kind == "text" and isinstance(value, str):
            return clean(value) or None
        if kind == "integer" and type(value) is int:
            return value
        if kind == "decimal" and isinstance(value, Decimal) and value.is_finite():
            return value.quantize(CENT, ROUND_DOWN)
        if kind == "moment" and isinstance(value, datetime) and value.tzinfo is not None:
            local = value.astimezone(zone)
            return local.replace(microsecond=0) if local.microsecond else local
        raise ValueError(f"column {name} wants {kind}, not {value!r}")

    return read


def clean(text: str) -> str:
    """A text that every format can hold: line ends as LF, the unfit as U+FFFD, cut to 16,000 characters."""
    if len(text) <= LONGEST and not UNCLEAN.search(text):
        return text
    whole = UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return whole if len(whole) <= LONGEST else whole[: LONGEST - 1] + "…"


def guard(text: str) -> str:
    """A text that no spreadsheet takes for a formula: a `'` before whatever could start one, full-width forms included.

    Programs that expect semicolons cut a cell of comma-separated values at each; what follows is guarded too.
    """
    if not text or PLAIN.fullmatch(text):
        return text
    return BEGINNING.sub(lambda found: "'" if _starts_formula(text[found.start() :]) else "", text)


def _starts_formula(text: str) -> bool:
    if text.startswith(("\t", "\n")):
        return True
    start = unicodedata.normalize("NFKC", text.lstrip("'\" \u00a0\u200b\ufeff\u3000")[:1])
    return STARTS_FORMULA.match(start) is not None


def fields(kind: str, read: Callable[[object], Cell], zone: ZoneInfo) -> Callable[[Sequence[object]], Iterable[str]]:
    """What makes fields of canonical CSV by RFC 4180 of some values of a column: nothing as nothing, moments as ISO
    8601 with their offset in `zone`, texts guarded. Raises ValueError as `read` does."""
    if kind == "moment":  # never the same twice, and slow to look up
        written = in_zone(zone)

        def moment(value: object) -> str:
            if value is None:
                return ""
            if type(value) is datetime and value.tzinfo is not None:
                return written(value)
            return _field(read(value))

        return lambda values: map(moment, values)
    if kind != "text":
        return partial(map, Kept(lambda value: _field(read(value))).__getitem__)
    kept = Kept(lambda value: value if _is_simple(value) else _field(read(value)))

    def texts(values: Sequence[object]) -> Iterable[str]:
        new = set(values).difference(kept, NOTHING)
        if len(new) > FEW and (simple := simple_texts(new)):
            kept.learn(dict(zip(simple, simple, strict=True)))
        return map(kept.__getitem__, values)

    return texts


def json_values(
    kind: str, read: Callable[[object], Cell], zone: ZoneInfo
) -> Callable[[Sequence[object]], Iterable[str]]:
    """What makes JSON of some values of a column: numbers as numbers, moments as ISO 8601 text, nothing as null. `read`
    and `zone` as for `fields`, which saw these values before."""
    if kind == "moment":
        written = in_zone(zone)
        return lambda values: ["null" if value is None else f'"{written(value)}"' for value in values]  # type: ignore[arg-type]  # seen before

    def made(value: object) -> str:
        cell = read(value)
        return ENCODE(float(cell) if isinstance(cell, Decimal) else cell)

    return partial(map, Kept(made).__getitem__)


def simple_texts(values: Collection[object]) -> list[str] | None:
    """These texts if all are simple; None for others, and where there is something else among them.

    Looking at all of them at once takes a fifth of the time.
    """
    texts = list(values)
    if not all(type(text) is str for text in texts):
        return None
    joined = "\n" + "\n".join(texts)  # type: ignore[arg-type]  # all are texts, as was just seen
    if len(joined) > LONGEST or UNSIMPLE.search(joined) or NO_BEGINNING.search(joined):
        return None
    return texts if joined.count("\n") == len(texts) else None  # type: ignore[return-value]  # likewise


class Kept(dict[Any, str]):
    """Value -> field: countries, courses and the like come again and again, so what was made last is kept."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, value: Any) -> str:
        if len(self) >= AT_MOST:
            self.clear()
        return self.setdefault(value, self.make(value))

    def learn(self, fields: Mapping[Any, str]) -> None:
        """Keep fields that were made together."""
        if len(self) + len(fields) > AT_MOST:
            self.clear()
        self.update(fields)


def _is_simple(value: Any) -> bool:
    """Whether a text needs neither cleaning nor guarding nor quotes: most names, ids and words."""
    if type(value) is not str or len(value) > LONGEST or not BEGINS.match(value):
        return False
    return "\n" not in value and not UNSIMPLE.search(value)


def csv_line(cells: Sequence[Cell]) -> bytes:
    """A line of canonical CSV."""
    return (",".join(map(_field, cells)) + "\r\n").encode()


def _field(cell: Cell) -> str:
    if isinstance(cell, str):
        return _text_field(cell)
    if isinstance(cell, datetime):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _text_field(text: str) -> str:
    guarded = guard(text)
    return '"' + guarded.replace('"', '""') + '"' if NEEDS_QUOTES.search(guarded) else guarded
