"""The words of a certificate: what its page, its PDF and the verify page print, in each language.

A language is one module here with a dict `WORDS` that has the keys of `en.WORDS` and the same {fields}, listed in
`LANGUAGES`. The words are made from the public record alone.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.core.content import Struct
from app.core.wording import en, fr, vi

LANGUAGES: Mapping[str, Mapping[str, Any]] = {"en": en.WORDS, "fr": fr.WORDS, "vi": vi.WORDS}
FALLBACK = "en"


class Fact(Struct, frozen=True):
    """One line of a list of what was certified; `key` names it in every language."""

    key: str
    label: str
    value: str


class Mark(Struct, frozen=True):
    """A stamp on what certifies nothing: its key (demonstration, sample, trial), its word and its sentence."""

    key: str
    word: str
    sentence: str


class Words(Struct, frozen=True):
    """All that is printed. `language` is that of the words; the course's title is in `title_language`.

    `edition` says which edition this is and why, empty for a first one. `assessment` is the badge "No assessment" of a
    confirmation of participation, else empty. `certifier`, `signatory`, `role`, `name_latin`, `topics` and `expiry` may
    be empty. `qr_alt` and `verify` are empty without an address.
    """

    language: str
    title: str
    assessment: str
    certifier: str
    opening: str
    name: str
    name_latin: str
    deed: str
    course_title: str
    title_language: str
    result: str
    study: str
    topics: str
    date_label: str
    date: str
    expiry: str
    number_label: str
    number: str
    verify: str
    signatory: str
    role: str
    small_print: tuple[str, ...]
    edition: str
    marks: tuple[Mark, ...]
    facts: tuple[Fact, ...]
    qr_alt: str
    attachment: str


def best_language(language: str) -> str:
    """The language of the words for a wished one: itself, its base (fr for fr-CH), or English."""
    return next((one for one in (language, language.partition("-")[0]) if one in LANGUAGES), FALLBACK)


def marks(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a certificate certifies nothing, gravest first: demonstration, sample (no issuer), trial."""
    found = {
        "demonstration": record["demonstration"],
        "sample": not record["issuer"]["name"],
        "trial": record["trial"],
    }
    return tuple(key for key, holds in found.items() if holds)


def labels(language: str) -> Mapping[str, str]:
    """The names of the facts that a stranger compares with the paper."""
    named: Mapping[str, str] = LANGUAGES[best_language(language)]["labels"]
    return named


def titles(language: str) -> Mapping[str, str]:
    """What each kind of document is called."""
    named: Mapping[str, str] = LANGUAGES[best_language(language)]["titles"]
    return named


def attached(language: str) -> Mapping[str, str]:
    """What the files inside a PDF are, besides the record."""
    named: Mapping[str, str] = LANGUAGES[best_language(language)]["attached"]
    return named


def fault_in_words(fault: str, language: str) -> str:
    """A sentence for a fault that `certificates.number_fault` found; empty for none."""
    return str(LANGUAGES[best_language(language)]["faults"][fault]) if fault else ""


def wording(record: Mapping[str, Any], language: str, verify_url: str = "", revoked: bool = False) -> Words:
    """The words for a public record in `language`, or in English where that language has none.

    `verify_url` is the full address of its verify page, printed and put into the QR code. `revoked`: stamped as such.
    """
    spoken = best_language(language)
    words = LANGUAGES[spoken]
    kind, issuer = record["kind"], record["issuer"]
    certifier = issuer["name"]
    day = _day(words, record["date"])
    return Words(
        language=spoken,
        title=words["titles"][kind],
        assessment=words["no_assessment"] if kind == "participation" else "",
        certifier=certifier,
        opening=words["openings"][kind].format(issuer=certifier) if certifier else words["opening_sample"],
        name=record["name"],
        name_latin=record["name_latin"],
        deed=words["deeds"][kind],
        course_title=record["course_title"],
        title_language=record["title_language"],
        result=_result(words, record).format(version=record["version"], date=day),
        study=_study(words, record["hours"]),
        topics=words["topics"].format(topics=words["topics_joint"].join(record["topics"])) if record["topics"] else "",
        date_label=words["labels"]["date"],
        date=day,
        expiry=words["until"].format(date=_day(words, record["expiry"])) if record["expiry"] else "",
        number_label=words["labels"]["number"],
        number=record["number"],
        verify=words["verify"].format(url=verify_url.partition("://")[2]) if verify_url else "",
        signatory=issuer["signatory"],
        role=issuer["role"],
        small_print=_small_print(words, record),
        edition=_edition(words, record),
        marks=tuple(_mark(words, key) for key in (*(("revoked",) if revoked else ()), *marks(record))),
        facts=_facts(words, record),
        qr_alt=words["qr_alt"].format(url=verify_url) if verify_url else "",
        attachment=words["attachment"],
    )


def _mark(words: Mapping[str, Any], key: str) -> Mark:
    word, sentence = words["marks"][key]
    return Mark(key=key, word=word, sentence=sentence)


def _day(words: Mapping[str, Any], iso: str) -> str:
    day = date.fromisoformat(iso)
    number = words["first_day"] if day.day == 1 else str(day.day)
    return f"{number} {words['months'][day.month - 1]} {day.year}"


def _study(words: Mapping[str, Any], hours: int) -> str:
    return str(words["study_one" if hours == 1 else "study"]).format(hours=hours)


def _result(words: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """The sentence that states the rule; version and date still stand in it as fields."""
    if record["kind"] == "participation":
        return str(words["result_read"])
    quizzes, final = record["rule"]["quiz_pass_mark"], record["rule"]["final_pass_mark"]
    sentence = words["results"][_rule_kind(quizzes, final)]
    return str(sentence.replace("{quizzes}", str(quizzes)).replace("{final}", str(final)))


def _rule_kind(quizzes: int | None, final: int | None) -> str:
    if quizzes is None or final is None:
        return "none" if quizzes == final else "final" if quizzes is None else "quizzes"
    return "same" if quizzes == final else "both"


def _small_print(words: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[str, ...]:
    issuer = record["issuer"]
    alone = words["issued_alone"].format(issuer=issuer["name"]) if issuer["name"] else words["issued_by_nobody"]
    edition = _edition(words, record)
    own = (issuer["statement"] or alone, _identity(words, record, ""), words["no_credit"], words["sources"])
    return (edition, *own) if edition else own


def _edition(words: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    if record["edition"] == 1:
        return ""
    return str(words["editions"][record["reason"]].format(edition=record["edition"], number=record["replaces"]))


def _identity(words: Mapping[str, Any], record: Mapping[str, Any], form: str) -> str:
    """Who says that this is the holder's name; `form`: "" for the sentence, "_short" for the fact."""
    confirmed = record["identity"]
    if isinstance(confirmed, str):
        return str(words[f"identity{form}"])
    sentence = str(words[f"identity_confirmed{form}"])
    return sentence.format(office=confirmed["office"], date=_day(words, confirmed["date"]))


def _facts(words: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[Fact, ...]:
    """What a stranger compares with the paper, in the order of the verify page."""
    values = {
        "number": record["number"],
        "name": record["name"],
        "name_latin": record["name_latin"],
        "identity": _identity(words, record, "_short"),
        "kind": words["titles"][record["kind"]],
        "assessment": words["no_assessment"] if record["kind"] == "participation" else "",
        "course": record["course_title"],
        "version": record["version"],
        "edition": str(record["edition"]) if record["edition"] > 1 else "",
        "date": f"{_day(words, record['date'])} ({record['timezone']})",
        "expiry": _day(words, record["expiry"]) if record["expiry"] else "",
        "hours": _hours(words, record["hours"]),
        "issuer": record["issuer"]["name"] or words["no_issuer"],
    }
    return tuple(Fact(key=key, label=words["labels"][key], value=value) for key, value in values.items() if value)


def _hours(words: Mapping[str, Any], hours: int) -> str:
    return str(words["hour" if hours == 1 else "hours"]).format(hours=hours)
