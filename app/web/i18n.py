"""The words, numbers and dates of each interface language, loaded once at start from `translations/<tag>/messages.po`.

`Interface` holds one `Speech` for every language a site offers. A request calls `speak(speech)`; from then on `gettext`
and the helpers of the templates use that language, in this thread or task alone.
"""

import gettext as gnu
import io
import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from app.core.content import in_language
from app.core.names import language_of
from app.web.languages import LANGUAGES, PSEUDO, Language, choose


def N_(message: str) -> str:  # noqa: N802 - the name that Babel looks for
    """Marks a text for extraction where it is written; it is translated where it is shown."""
    return message


def counted(one: str, many: str) -> tuple[str, str]:
    """The same for a text with a count."""
    return one, many


DURATIONS = {
    "minute": counted("%(n)s minute", "%(n)s minutes"),
    "hour": counted("%(n)s hour", "%(n)s hours"),
    "day": counted("%(n)s day", "%(n)s days"),
}
WAITS = {
    "minute": counted("in %(n)s minute", "in %(n)s minutes"),
    "hour": counted("in %(n)s hour", "in %(n)s hours"),
    "day": counted("in %(n)s day", "in %(n)s days"),
}


LATIN = "abcdefghijklmnopqrstuvwxyz"
ARABIC = "ابثدعفغهيجكلمنوپقرستطڤشخىز"
KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|&#?\w+;|\{[^}]*\})")


def pseudo(text: str) -> str:
    """The text in Arabic-looking letters between brackets and right-to-left marks; placeholders and tags stay.

    On a page in the test language every word in Latin letters is course text, or has missed its translation.
    """
    table = str.maketrans(LATIN + LATIN.upper(), ARABIC + ARABIC)
    parts = (part if place % 2 else part.translate(table) for place, part in enumerate(KEPT.split(text)))
    return f"\u200f[{''.join(parts)}]\u200f"


class Pseudo(gnu.NullTranslations):
    """The generated right-to-left test language."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text in the language that there is; `attributes` mark it where that is not the language of the page."""

    value: Any
    lang: str
    attributes: Markup

    @property
    def foreign(self) -> bool:
        return bool(self.attributes)


@lru_cache(maxsize=10_000)  # pages of numbers hold the same small ones again and again
def _decimal(value: int | float | Decimal, formats: str) -> str:
    return format_decimal(value, locale=formats)


class Speech:
    """One language: its catalogue and its formats. `draft` is true until a native reader has checked the catalogue.

    A catalogue is a draft while its header entry is marked `#, fuzzy`.
    """

    def __init__(self, language: Language, catalogue: gnu.NullTranslations, zone: tzinfo, draft: bool = False) -> None:
        self.language, self.zone, self.draft = language, zone, draft
        self.gettext, self.ngettext = catalogue.gettext, catalogue.ngettext

    def number(self, value: int | float | Decimal) -> str:
        """With the language's separators and Latin digits: 1,234.5. A minus stays before its number where text runs
        from right to left: a mark that nobody sees holds it there."""
        text = _decimal(value, self.language.formats)
        return f"\u200e{text}" if value < 0 and self.language.dir == "rtl" else text

    def percent(self, hundredths: int) -> str:
        """Hundredths of a per cent as they are kept in grades: 8750 -> "87.5 %"."""
        return self.number(Decimal(hundredths) / 100) + "\u00a0%"

    def points(self, value: Fraction | str | int) -> str:
        """Exact points ("7/3" or a fraction), shown with two decimals at most, rounded down: "2.33"."""
        hundredths = Fraction(value) * 100
        return self.number(Decimal(hundredths.numerator // hundredths.denominator) / 100)

    def size(self, octets: int) -> str:
        """Bytes, for a link to a file: at least "1 kB"."""
        if octets < 1_000_000:
            return self.gettext("%(number)s kB") % {"number": self.number(max(1, -(-octets // 1000)))}
        return self.gettext("%(number)s MB") % {"number": self.number(round(Decimal(octets) / 1_000_000, 1))}

    def day(self, day: date | datetime) -> str:
        """A day in words; a moment is given its day in the site's time zone."""
        return format_date(self._local(day), "d MMMM y", locale=self.language.formats)

    def last_day(self, end: datetime) -> str:
        """The last day of what works until a moment: midnight still belongs to the day that it ends."""
        return self.day(end - timedelta(microseconds=1))

    def moment(self, moment: datetime) -> str:
        """Day and time with the time zone's distance from UTC."""
        local = moment.astimezone(self.zone)
        clock = format_time(local, "HH:mm", locale=self.language.formats)
        return self.gettext("%(day)s, %(clock)s (%(zone)s)") % {
            "day": self.day(moment),
            "clock": clock,
            "zone": offset(local),
        }

    def duration(self, span: timedelta | int | float) -> str:
        """A time span (or seconds) in its largest fitting unit, rounded up: "40 minutes", "5 hours", "3 days"."""
        unit, count = units(span)
        return self.ngettext(*DURATIONS[unit], count) % {"n": self.number(count)}

    def minutes(self, span: timedelta | int | float) -> str:
        """A time span (or seconds) in minutes, rounded up: "90 minutes"."""
        count = max(0, -(-int(span.total_seconds() if isinstance(span, timedelta) else span) // 60))
        return self.ngettext(*DURATIONS["minute"], count) % {"n": self.number(count)}

    def wait(self, span: timedelta | int | float) -> str:
        """The same as a time from now: "in 5 hours"."""
        unit, count = units(span)
        return self.ngettext(*WAITS[unit], count) % {"n": self.number(count)}

    def shown(self, texts: dict[str, Any]) -> Shown:
        """A content text in this language, or in its original one."""
        lang, value = in_language(texts, self.language.tag)
        return Shown(value, lang, self.marked(lang))

    def marked(self, lang: str) -> Markup:
        """` lang="en" dir="ltr"` for a text in `lang` where the page's language is another one, else nothing."""
        if lang == self.language.tag:
            return Markup("")
        direction = LANGUAGES[lang].dir if lang in LANGUAGES else "ltr"
        return Markup(' lang="{}" dir="{}"').format(lang, direction)

    def _local(self, day: date | datetime) -> date:
        return day.astimezone(self.zone).date() if isinstance(day, datetime) else day


def units(span: timedelta | int | float) -> tuple[str, int]:
    """Minutes up to 90, hours up to 48, then days; always rounded up, so that nobody comes too early."""
    seconds = max(1, -int(-(span.total_seconds() if isinstance(span, timedelta) else span) // 1))
    for unit, length, most in (("minute", 60, 90), ("hour", 3600, 48)):
        if (count := -(-seconds // length)) <= most:
            return unit, count
    return "day", -(-seconds // 86400)


def offset(moment: datetime) -> str:
    """The time zone's distance: "UTC", "UTC+7", "UTC+5:45"."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")


def read_catalogue(path: Path) -> tuple[gnu.NullTranslations, bool]:
    """A .po file as (catalogue, draft), compiled in memory, once until it changes."""
    return _compiled(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _compiled(path: Path, _changed: int) -> tuple[gnu.NullTranslations, bool]:
    with path.open("rb") as file:
        messages = read_po(file, locale=None, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gnu.GNUTranslations(compiled), bool(messages.fuzzy)


def read_speech(folder: Path, tag: str, zone: tzinfo) -> Speech:
    """The speech of one tag; English is what the templates say, the test language is generated.

    Raises KeyError for a tag that is not in the table, OSError for a catalogue that is not there.
    """
    row = LANGUAGES[tag]
    if tag == "en":
        return Speech(row, gnu.NullTranslations(), zone)
    if tag == PSEUDO:
        return Speech(row, Pseudo(), zone)
    catalogue, draft = read_catalogue(folder / tag / "messages.po")
    return Speech(row, catalogue, zone, draft)


class Interface:
    """All languages of a site in the order of its setting; the first is for readers whose own language is missing."""

    def __init__(self, folder: Path, tags: Sequence[str], zone: tzinfo = UTC) -> None:
        self.speeches = {tag: read_speech(folder, tag, zone) for tag in tags}
        self.tags = tuple(tags)
        self.languages = tuple(self.speeches[tag].language for tag in tags)

    def choose(self, wanted: Sequence[str | None], accept_language: str = "") -> Speech:
        """The first wanted tag that is offered (address, account, cookie), else by the browser's preferences.

        The test language is for those who ask for it by name: no browser's preference leads there.
        """
        for tag in wanted:
            if tag in self.speeches:
                return self.speeches[tag]
        return self.speeches[choose(accept_language, tuple(tag for tag in self.tags if tag != PSEUDO) or self.tags)]


ENGLISH = Speech(LANGUAGES["en"], gnu.NullTranslations(), UTC)
_spoken: ContextVar[Speech] = ContextVar("speech", default=ENGLISH)


def speak(speech: Speech) -> None:
    """Sets the language of this thread or task until the next call."""
    _spoken.set(speech)


def spoken() -> Speech:
    """The language that was set last; English at first."""
    return _spoken.get()


def language() -> str:
    """The tag of the language that is spoken now."""
    return spoken().language.tag


def gettext(message: str, **values: object) -> str:
    """The message in the spoken language, with `%(name)s` filled in when values are given."""
    translated = spoken().gettext(message)
    return translated % values if values else translated


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """The form for `n`; `%(n)s` is filled in, as are further values."""
    return spoken().ngettext(one, many, n) % {"n": spoken().number(n), **values}


@lru_cache(maxsize=4096)
def person_name(name: str) -> Markup:
    """A person's name, kept apart from the text around it and marked with the language of its script."""
    lang = language_of(name)
    return Markup("<bdi{}>{}</bdi>").format(Markup(' lang="{}"').format(lang) if lang else "", escape(name))


HELPERS = {
    "number": "number",
    "percent": "percent",
    "points": "points",
    "size": "size",
    "date": "day",
    "last_day": "last_day",
    "datetime": "moment",
    "duration": "duration",
    "minutes": "minutes",
    "wait": "wait",
    "shown": "shown",
    "marked": "marked",
}


def install(environment: jinja2.Environment) -> None:
    """Gives templates `_`, `ngettext` and the helpers, all in the language spoken at the time; `ngettext` writes its
    number with the language's separators."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # of its extension
        lambda message: spoken().gettext(message),
        lambda one, many, n: spoken().ngettext(one, many, n),
        newstyle=True,
    )
    plain: Any = environment.globals["ngettext"]

    @jinja2.pass_context
    def grouped(context: jinja2.runtime.Context, one: str, many: str, n: int, **values: Any) -> Any:
        return plain(context, one, many, n, **({"num": spoken().number(n)} | values))

    environment.globals["ngettext"] = grouped
    for name, method in HELPERS.items():
        environment.globals[name] = environment.filters[name] = _helper(method)
    environment.globals["person_name"] = environment.filters["person_name"] = person_name


def _helper(method: str) -> Callable[..., Any]:
    return lambda *given: getattr(spoken(), method)(*given)
