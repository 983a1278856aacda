"""Certificates: their numbers, and the public record from which page, PDF and verify page are made.

A number reads `LON-7K4M-2Q9X-HD37`: eleven symbols of chance (55 bits) and a check symbol, in Crockford's base 32,
which has no I, L, O and U. The check symbol makes the number, read as a polynomial over the field of 32 elements,
vanish at a generator of that field: any one wrong symbol and any two exchanged symbols are noticed.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core.content import Course, Library, Struct, in_language
from app.core.names import clean_name
from app.core.wording import Words, fault_in_words, marks, wording

__all__ = [
    "COMPLETION",
    "CORRECTED",
    "KINDS",
    "PARTICIPATION",
    "RECORD_KEYS",
    "RENEWED",
    "SELF_DECLARED",
    "Issuer",
    "Words",
    "clean_name",
    "corrected",
    "explain_number",
    "marks",
    "may_be_renewed",
    "new_number",
    "normalise_number",
    "number_fault",
    "public_record",
    "rule_of",
    "status",
    "topics_of",
    "wording",
]

COMPLETION = "completion"
PARTICIPATION = "participation"
KINDS = (COMPLETION, PARTICIPATION)
SELF_DECLARED = "self-declared"
CORRECTED, RENEWED = "name", "renewal"  # why there is a further edition

RECORD_KEYS = (
    *("number", "edition", "kind", "name", "name_latin", "identity"),
    *("course", "course_title", "title_language", "version", "topics", "hours"),
    *("date", "timezone", "expiry", "issuer", "rule", "demonstration", "trial", "language"),
    *("replaces", "reason"),
)

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "LON"
LENGTH = 12
RANDOM_BYTES = 7
LONGEST_INPUT = 300
RENEWABLE = timedelta(days=90)  # before the last day of validity

# Read for what they look like: Crockford's own three, then capitals that Cyrillic and Greek keyboards write alike.
LOOK_ALIKES = str.maketrans("OILОІАВЕКМНРСТХУΟΙΑΒΕΖΗΚΜΝΡΤΧΥ", "011" + "01ABEKMHPCTXY" + "01ABEZHKMNPTXY")
DASHES = "-\u2212\u30fc_.\u00b7"


class Issuer(Struct, frozen=True):
    """Who issues, as the site is configured; an empty `name` makes every certificate a SAMPLE.

    `statement`: the issuer's own sentence on who stands behind the certificate, in place of the usual one ("Issued by
    … alone; not issued or endorsed by the United Nations or ESCAP."). `timezone` decides the date of a certificate;
    `trial`: the site's address is this machine only.
    """

    name: str = ""
    signatory: str = ""
    role: str = ""
    statement: str = ""
    timezone: str = "UTC"
    trial: bool = False


# Numbers


def _times_generator(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled


def _remainder(values: Sequence[int]) -> int:
    total = 1  # not 0, so that a row of zeros is no number
    for value in values:
        total = _times_generator(total) ^ value
    return total


def new_number(random_bytes: bytes) -> str:
    """A certificate number from at least 7 bytes of a cryptographic source; the same bytes give the same number."""
    if len(random_bytes) < RANDOM_BYTES:
        raise ValueError(f"a certificate number needs {RANDOM_BYTES} random bytes, not {len(random_bytes)}")
    chance = int.from_bytes(random_bytes[:RANDOM_BYTES])
    values = [chance >> 5 * place & 31 for place in range(LENGTH - 1)]
    return _grouped("".join(SYMBOLS[value] for value in (*values, _times_generator(_remainder(values)))))


def _grouped(symbols: str) -> str:
    return "-".join((PREFIX, *(symbols[start : start + 4] for start in range(0, LENGTH, 4))))


def _symbols(text: str) -> str:
    """What was meant by a typed or pasted number: capitals and digits alone, prefix and address taken off."""
    last = text.strip().partition("?")[0].rstrip("/").rpartition("/")[2]
    kept = [one for one in unicodedata.normalize("NFKC", last).upper() if not _is_separator(one)]
    plain = "".join(str(unicodedata.decimal(one, one)) for one in kept).translate(LOOK_ALIKES)
    prefix = PREFIX.translate(LOOK_ALIKES)
    return plain.removeprefix(prefix) if len(plain) > LENGTH or plain == prefix else plain


def _is_separator(char: str) -> bool:
    return char in DASHES or unicodedata.category(char) in ("Pd", "Zs", "Zl", "Zp", "Cc", "Cf")


def number_fault(text: str) -> str:
    """What is wrong with a number as typed: "" (nothing), empty, symbols, short, long or check.

    `symbols`: holds a character that no number has; `check`: the check symbol disagrees, so one is mistyped.
    """
    if len(text) > LONGEST_INPUT:
        return "long"
    symbols = _symbols(text)
    if not symbols:
        return "empty"
    if set(symbols) - set(SYMBOLS):
        return "symbols"
    if len(symbols) != LENGTH:
        return "short" if len(symbols) < LENGTH else "long"
    return "check" if _remainder([SYMBOLS.index(one) for one in symbols]) else ""


def normalise_number(text: str) -> str | None:
    """The number as printed, from any way of writing it; None where `number_fault` finds a fault.

    Takes look-alikes (O/0, I/L/1), any case, spaces and dashes, full-width forms, other scripts' digits, a missing
    prefix, and the whole address from a QR code.
    """
    return None if number_fault(text) else _grouped(_symbols(text))


def explain_number(text: str, language: str) -> str:
    """A sentence that helps to mend a wrong number; empty for a well-formed one."""
    return fault_in_words(number_fault(text), language)


# Records


def rule_of(library: Library, course: Course, kind: str) -> dict[str, Any]:
    """What a certificate of this kind certifies, in numbers; `quiz_pass_mark` is the lowest of the module quizzes."""
    rule = course.completion if kind == COMPLETION else course.participation
    quizzes = [library.quizzes[quiz] for module in course.modules if (quiz := library.modules[module].quiz)]
    graded = [quiz.pass_mark for quiz in quizzes if quiz.graded]
    by_quizzes = bool(rule.get("every_quiz_passed"))
    by_final = bool(rule.get("final_passed")) and course.final is not None
    return {
        "every_section_read": bool(rule.get("every_section_read")),
        "every_quiz_passed": by_quizzes,
        "final_passed": by_final,
        "quiz_pass_mark": min(graded, default=None) if by_quizzes else None,
        "final_pass_mark": library.quizzes[str(course.final)].pass_mark if by_final else None,
        "valid_years": rule.get("valid_years"),
    }


def topics_of(library: Library, course: Course, language: str) -> tuple[str, ...]:
    """The titles of the modules that have a quiz, to print as topics."""
    modules = [library.modules[module] for module in course.modules]
    return tuple(in_language(module.texts, language)[1].title for module in modules if module.quiz)


def public_record(
    *,
    number: str,
    edition: int,
    name: str,
    name_latin: str,
    course: Course,
    language: str,
    kind: str,
    at: datetime,
    timezone: str,
    issuer: Issuer,
    rule: Mapping[str, Any],
    demo: bool,
    trial: bool,
    topics: Sequence[str] = (),
    identity: Mapping[str, str] | None = None,
    replaces: str = "",
) -> dict[str, Any]:
    """All that the world may ever know of a certificate, as plain JSON: exactly the keys `RECORD_KEYS`.

    `at` is the moment of issue; the record keeps the day in `timezone`. `rule` comes from `rule_of`. `identity`: the
    office that confirmed who the holder is and the date, None where nobody did. `replaces`: the number of the edition
    that this one renews. Never country, sex, age or score. Raises ValueError for an unknown kind, an empty name or a
    moment with no time zone.
    """
    printed = clean_name(name)
    if kind not in KINDS or not printed or at.tzinfo is None:
        raise ValueError(f"no certificate of kind {kind!r} for {printed!r} at {at!r}")
    latin = clean_name(name_latin)
    title_language, title = in_language(course.title, language)
    day = at.astimezone(ZoneInfo(timezone)).date()
    return {
        "number": number,
        "edition": edition,
        "kind": kind,
        "name": printed,
        "name_latin": "" if latin == printed else latin,
        "identity": dict(identity) if identity else SELF_DECLARED,
        "course": course.id,
        "course_title": title,
        "title_language": title_language,
        "version": course.version,
        "topics": list(topics),
        "date": day.isoformat(),
        "timezone": timezone,
        "expiry": _expiry(day, rule.get("valid_years")),
        "hours": course.hours,
        "issuer": {
            "name": issuer.name,
            "signatory": issuer.signatory,
            "role": issuer.role,
            "statement": issuer.statement,
        },
        "rule": dict(rule),
        "demonstration": demo,
        "trial": trial,
        "language": language,
        "replaces": replaces,
        "reason": RENEWED if replaces else "",
    }


def corrected(record: Mapping[str, Any], number: str, name: str, name_latin: str) -> dict[str, Any]:
    """The record of the next edition: another number and name, all else as it was issued. Raises ValueError for an
    empty name."""
    printed, latin = clean_name(name), clean_name(name_latin)
    if not printed:
        raise ValueError("a certificate needs a name that can be printed")
    names = {"name": printed, "name_latin": "" if latin == printed else latin}
    edition = {"number": number, "edition": record["edition"] + 1, "replaces": record["number"], "reason": CORRECTED}
    return {**record, **names, **edition}


def for_another(record: Mapping[str, Any], number: str, name: str, name_latin: str, at: datetime) -> dict[str, Any]:
    """The record of another person who did the same at another moment; for demonstrations. Raises ValueError for an
    empty name."""
    names = corrected(record, number, name, name_latin)
    day = at.astimezone(ZoneInfo(record["timezone"])).date()
    dates = {"date": day.isoformat(), "expiry": _expiry(day, record["rule"].get("valid_years"))}
    return {**record, **dates, **{field: names[field] for field in ("number", "name", "name_latin")}}


def may_be_renewed(record: Mapping[str, Any], *, today: date) -> bool:
    """Whether the time has come: within the last 90 days of its validity, or after it."""
    expiry = record["expiry"]
    return bool(expiry) and today >= date.fromisoformat(expiry) - RENEWABLE


def _expiry(day: date, years: int | None) -> str | None:
    """The last day on which it is valid; from 29 February it ends on 28 February."""
    if not years:
        return None
    try:
        return day.replace(year=day.year + years).isoformat()
    except ValueError:
        return day.replace(year=day.year + years, day=28).isoformat()


def status(record: Mapping[str, Any], *, today: date, revoked: bool) -> str:
    """revoked, demonstration, sample, trial, expired or valid: the first that holds; the record itself never changes.

    `today` is the date in the record's time zone. A sample has no issuer, a trial was made on a machine that
    only its user can reach: neither certifies anything.
    """
    if revoked:
        return "revoked"
    if shown := marks(record):
        return shown[0]
    return "expired" if record["expiry"] and today > date.fromisoformat(record["expiry"]) else "valid"
