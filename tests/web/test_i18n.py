"""Languages: which one a reader gets, how numbers, dates and waits read, and that no string is missing."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.core import Locale
from babel.messages.extract import check_and_call_extract_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment

from app.web import i18n
from app.web.languages import LANGUAGES, PSEUDO, choose

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "N_")),
    **dict.fromkeys(("ngettext", "counted"), (1, 2)),
}
CALL = re.compile(rf"\b(?:{'|'.join(KEYWORDS)})\s*\(")


@pytest.fixture(scope="module")
def interface() -> i18n.Interface:
    return i18n.Interface(ROOT / "translations", ("en", "fr", PSEUDO), ZoneInfo("Asia/Bangkok"))


@pytest.fixture(autouse=True)
def english_again():
    yield
    i18n.speak(i18n.ENGLISH)


# Which language


@pytest.mark.parametrize(
    ("header", "offered", "wanted"),
    [
        ("", ("en", "fr"), "en"),
        ("fr", ("en", "fr"), "fr"),
        ("fr-CH, en;q=0.8", ("en", "fr"), "fr"),
        ("en;q=0.5, fr;q=0.9", ("en", "fr"), "fr"),
        ("fr;q=0, en", ("en", "fr"), "en"),
        ("de, *;q=0.1", ("en", "fr"), "en"),
        ("FR-ca", ("en", "fr"), "fr"),
        ("zh-TW,zh;q=0.9,en;q=0.8", ("en", "zh-Hans"), "en"),  # never the other script, not even by the bare zh behind
        ("zh-TW,zh;q=0.9", ("en", "zh-Hans", "zh-Hant"), "zh-Hant"),
        ("zh", ("en", "zh-Hans", "zh-Hant"), "zh-Hans"),
        ("zh-Hant-HK", ("en", "zh-Hant"), "zh-Hant"),
        ("zh-HK", ("en", "zh-Hant"), "zh-Hant"),
        ("in-ID", ("en", "id"), "id"),  # old Android telephones
        ("fr;q=high, en", ("fr", "en"), "en"),
        ("," * 5000, ("en", "fr"), "en"),
    ],
)
def test_browser_preferences_choose_a_language(header: str, offered: tuple[str, ...], wanted: str) -> None:
    assert choose(header, offered) == wanted


def test_what_a_reader_asked_for_goes_before_the_browser(interface: i18n.Interface) -> None:
    assert interface.choose(("xx", None, "fr"), "en").language.tag == "fr"


def test_the_test_language_is_only_for_those_who_name_it(interface: i18n.Interface) -> None:
    assert interface.choose((None,), "ar, ar-XB").language.tag == "en"
    assert interface.choose((PSEUDO,), "").language.dir == "rtl"


def test_every_language_formats_with_a_locale_that_babel_knows() -> None:
    for language in LANGUAGES.values():
        assert Locale.parse(language.formats)


def test_an_unknown_language_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        i18n.Interface(tmp_path, ("xx",))
    with pytest.raises(FileNotFoundError):
        i18n.Interface(tmp_path, ("km",))


# Numbers, dates, spans


@pytest.mark.parametrize(
    ("tag", "method", "value", "text"),
    [
        ("en", "number", 1234567, "1,234,567"),
        ("fr", "number", 1234.5, "1\u202f234,5"),
        ("en", "number", -5, "-5"),
        ("ar-XB", "number", -1234.5, "\u200e-1,234.5"),
        ("ar-XB", "number", 5, "5"),
        ("en", "percent", 8750, "87.5\u00a0%"),
        ("fr", "percent", 6999, "69,99\u00a0%"),
        ("en", "points", "14/3", "4.66"),  # rounded down: nobody sees more points than there are
        ("en", "points", "7", "7"),
        ("en", "size", 1, "1 kB"),
        ("en", "size", 41001, "42 kB"),
        ("fr", "size", 1_250_000, "1,2\u00a0Mo"),
        ("en", "day", date(2026, 11, 22), "22 November 2026"),
        ("fr", "day", date(2026, 2, 1), "1 février 2026"),
        ("en", "day", datetime(2026, 11, 22, 18, 0, tzinfo=UTC), "23 November 2026"),  # the site's day, not UTC's
        ("en", "moment", datetime(2026, 11, 22, 18, 5, tzinfo=UTC), "23 November 2026, 01:05 (UTC+7)"),
        ("en", "duration", 1, "1 minute"),
        ("en", "duration", 61, "2 minutes"),
        ("en", "duration", timedelta(minutes=90), "90 minutes"),
        ("en", "last_day", datetime(2026, 12, 1, 17, tzinfo=UTC), "1 December 2026"),  # midnight in Bangkok
        ("en", "last_day", datetime(2026, 12, 1, 18, tzinfo=UTC), "2 December 2026"),
        ("en", "duration", timedelta(minutes=91), "2 hours"),
        ("en", "wait", timedelta(hours=4, minutes=1), "in 5 hours"),
        ("en", "wait", timedelta(hours=49), "in 3 days"),
        ("en", "wait", timedelta(seconds=-5), "in 1 minute"),
        ("fr", "wait", timedelta(hours=5), "dans 5 heures"),
    ],
)
def test_formats(interface: i18n.Interface, tag: str, method: str, value: object, text: str) -> None:
    shown = getattr(interface.speeches[tag], method)(value)
    assert shown.replace("\u00a0", " ") == text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("zone", "text"), [("UTC", "UTC"), ("Asia/Kathmandu", "UTC+5:45"), ("Pacific/Pago_Pago", "UTC-11")]
)
def test_time_zones_are_told_as_distances(zone: str, text: str) -> None:
    assert i18n.offset(datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))) == text


# Texts


def test_course_text_in_another_language_is_marked(interface: i18n.Interface) -> None:
    title = {"en": "Why", "fr": "Pourquoi"}
    assert (interface.speeches["fr"].shown(title).value, interface.speeches["fr"].shown(title).foreign) == (
        "Pourquoi",
        False,
    )
    assert interface.speeches[PSEUDO].shown(title).attributes == ' lang="en" dir="ltr"'


def test_names_stand_apart_and_carry_their_language() -> None:
    assert i18n.person_name("សុខ ចន្ទដារា") == '<bdi lang="km">សុខ ចន្ទដារា</bdi>'
    assert i18n.person_name("<b>") == "<bdi>&lt;b&gt;</bdi>"


def test_the_test_language_keeps_placeholders_and_tags() -> None:
    assert i18n.pseudo("Hi %(name)s, <b>go</b> &amp; 5 %%") == "\u200f[هي %(name)s, <b>غو</b> &amp; 5 %%]\u200f"


def test_templates_speak_the_language_of_the_moment(interface: i18n.Interface) -> None:
    environment = Environment(autoescape=True)
    i18n.install(environment)
    template = environment.from_string('{{ _("Question %(number)s", number=number(1200)) }} {{ wait(60) }}')
    i18n.speak(interface.speeches["fr"])
    assert template.render().replace("\u202f", " ") == "Question 1 200 dans 1 minute"
    i18n.speak(i18n.ENGLISH)
    assert template.render() == "Question 1,200 in 1 minute"


def test_counted_things_are_written_as_numbers_are(interface: i18n.Interface) -> None:
    environment = Environment(autoescape=True)
    i18n.install(environment)
    rows = environment.from_string('{{ ngettext("%(num)s row", "%(num)s rows", n) }}')
    apart = environment.from_string('{{ ngettext("%(num)s <%(of)s>", "%(num)s <%(of)s>", n, of="&") }}')
    i18n.speak(interface.speeches["fr"])
    assert rows.render(n=199_999).replace("\u202f", " ") == "199 999 lignes"
    i18n.speak(i18n.ENGLISH)
    assert [rows.render(n=n) for n in (1, 199_999)] == ["1 row", "199,999 rows"]
    assert apart.render(n=1200) == "1,200 <&amp;>"


# Catalogues


def extracted() -> dict[str, object]:
    """msgid -> message id as Babel sees it, for every string of the code and the templates.

    Modules that call none of the functions are not read: Babel looks at every word of a module.
    """
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = {}
    code = [path for path in (ROOT / "app").rglob("*.py") if CALL.search(path.read_text())]
    for path in [*code, *(ROOT / "templates").rglob("*.*")]:
        for _, _, message, _, _ in check_and_call_extract_file(path, methods, options, None, KEYWORDS, (), False, ROOT):
            if message:
                found[message if isinstance(message, str) else message[0]] = message
    return found


@pytest.mark.parametrize(
    "path", sorted((ROOT / "translations").glob("*/messages.po")), ids=lambda path: path.parent.name
)
def test_a_catalogue_has_every_string_with_its_placeholders(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    strings = extracted()
    said = {message.id[0] if message.pluralizable else message.id: message for message in catalogue if message.id}
    assert sorted(strings.keys() - said.keys()) == [], "run `make translations` and translate these"
    assert sorted(said.keys() - strings.keys()) == [], "no longer in use: run `make translations`"
    for id, message in said.items():
        forms = message.string if message.pluralizable else (message.string,)
        assert all(forms), f"not translated: {id}"
        for form in forms:
            assert set(PLACEHOLDER.findall(form)) == set(PLACEHOLDER.findall(id)), f"other placeholders: {id}"


def test_french_is_a_draft_until_a_native_reader_has_seen_it(interface: i18n.Interface) -> None:
    assert {tag: speech.draft for tag, speech in interface.speeches.items()} == {"en": False, "fr": True, PSEUDO: False}
