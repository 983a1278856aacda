"""Finding words in a course: sections and glossary terms that hold all of them."""

import re
import unicodedata
from functools import lru_cache

from app.core.content import Library, Struct, in_language

TAGS = re.compile(r"<[^>]*>")
MOST = 30
AROUND = 80


class Hit(Struct):
    """A place that holds every word asked for: kind "section" or "term", where, and the text around the first word."""

    kind: str
    course: str
    module: str
    id: str
    title: str
    before: str
    match: str
    after: str
    language: str


def fold(text: str) -> str:
    """Lower case without accents, character by character, so that positions stay where they are."""
    return "".join(unicodedata.normalize("NFKD", one)[0].casefold()[:1] or one for one in text)


def plain(html: str) -> str:
    text = TAGS.sub(" ", html)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&"), ("&quot;", '"')):
        text = text.replace(entity, character)
    return " ".join(text.split())


def find(library: Library, query: str, language: str) -> tuple[Hit, ...]:
    """At most 30 hits: those with a word in the title first, then in the order of the course, then the glossary."""
    words = fold(query).split()
    if not words:
        return ()
    hits = [*sections(library, words, language), *terms(library, words, language)]
    hits.sort(key=lambda hit: not any(word in fold(hit.title) for word in words))
    return tuple(hits[:MOST])


def sections(library: Library, words: list[str], language: str) -> list[Hit]:
    found = []
    for course in library.courses.values():
        for module in (library.modules[id] for id in course.modules):
            for section in module.sections:
                shown, text = in_language(section.texts, language)
                body = " ".join(_plain(part.html) for part in text.parts)
                if excerpt := around(f"{text.title}. {body}", words):
                    found.append(Hit(kind="section", course=course.id, module=module.id, id=section.id,
                                     title=text.title, language=shown, **excerpt))  # fmt: skip
    return found


def terms(library: Library, words: list[str], language: str) -> list[Hit]:
    found = []
    for term in library.terms.values():
        shown, name = in_language(term.term, language)
        if excerpt := around(f"{name}: {plain(in_language(term.text, shown)[1])}", words):
            found.append(Hit(kind="term", course="", module="", id=term.id, title=name, language=shown, **excerpt))
    return found


def around(text: str, words: list[str]) -> dict[str, str] | None:
    """The text before, at and after the first of the words; None unless all of them occur."""
    folded = _folded(text)
    if not all(word in folded for word in words):
        return None
    at = folded.index(words[0])
    end = at + len(words[0])
    start, stop = at - AROUND, end + AROUND
    before = text[:at] if start <= 0 else "… " + _from_a_word(text[start:at])
    after = text[end:] if stop >= len(text) else _from_a_word(text[end:stop][::-1])[::-1] + " …"
    return {"before": before, "match": text[at:end], "after": after}


def _from_a_word(text: str) -> str:
    """Without the half word at its start; scripts that write no spaces keep all of it."""
    return text.partition(" ")[2] or text


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    """The same pages are searched again and again."""
    return fold(text)


@lru_cache(maxsize=4096)
def _plain(html: str) -> str:
    return plain(html)
