"""What the files of `course/` hold: outlines, actions, figures, glossary, countries, and their translations."""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from app.core.content import Action, Country, Course, Figure, Observation, Option, Published, Term, Texts
from app.core.markup import Context, LedgerFigure, amount, fold
from app.core.schema import (
    ActionEntry,
    Countries,
    CountryEntry,
    CountryName,
    CountryNames,
    Coverage,
    CoverageWords,
    FigureEntry,
    FigureWords,
    OptionEntry,
    OptionWords,
    Outline,
    OutlineWords,
    TermEntry,
    TermWords,
    truth,
)

E = TypeVar("E")
W = TypeVar("W")


@dataclass
class Ledger(Generic[E, W]):
    """Entries by id, their translations by language, the file they stand in, and the line of each id in each file."""

    path: str = ""
    entries: dict[str, E] = field(default_factory=dict)
    words: dict[str, dict[str, W]] = field(default_factory=dict)
    lines: dict[str, dict[str, int]] = field(default_factory=dict)

    def line(self, id: str, path: str = "") -> int:
        return self.lines.get(path or self.path, {}).get(id, 0)

    def named(self) -> list[str]:
        """The ids of all entries, of those too that have a fault: references to them are not wrong."""
        return list(self.lines.get(self.path, {}))


@dataclass
class Shared:
    """Everything in `course/`; an outline's ledger has one entry, the outline itself, under the course's id; that of
    published coverage has one, under "coverage"."""

    outlines: dict[str, Ledger[Outline, OutlineWords]] = field(default_factory=dict)
    actions: Ledger[ActionEntry, ActionEntry] = field(default_factory=Ledger)
    figures: Ledger[FigureEntry, FigureWords] = field(default_factory=Ledger)
    glossary: Ledger[TermEntry, TermWords] = field(default_factory=Ledger)
    countries: Ledger[CountryEntry, CountryName] = field(default_factory=Ledger)
    options: Ledger[OptionEntry, OptionWords] = field(default_factory=Ledger)
    coverage: Ledger[Coverage, CoverageWords] = field(default_factory=Ledger)

    @property
    def original(self) -> str:
        """The language in which everything was written first."""
        return next((language for language in self.languages), "en")

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that an outline names, the original first."""
        return tuple(dict.fromkeys(one for outline in self.courses.values() for one in outline.languages))

    @property
    def courses(self) -> dict[str, Outline]:
        return {id: one for ledger in self.outlines.values() for id, one in ledger.entries.items()}

    def course_of(self) -> dict[str, str]:
        """Module id -> course id; the first course that lists it."""
        found: dict[str, str] = {}
        for id, outline in self.courses.items():
            for module in outline.modules:
                found.setdefault(module, id)
        return found

    def add(self, kind: str, stem: str, path: str, language: str | None, entries: Any, lines: dict[str, int]) -> None:
        """Takes in one file's typed entries; `language` None for an original."""
        kind = kind.removesuffix("-words")
        ledger: Ledger[Any, Any]
        ledger = self.outlines.setdefault(stem, Ledger()) if kind == "outline" else getattr(self, kind)
        if kind in ("outline", "coverage"):
            entries = {stem: entries} if entries else {}
        if isinstance(entries, Countries | CountryNames):
            entries = entries.countries
        ledger.lines[path] = lines
        if language is None:
            ledger.path, ledger.entries = path, entries or {}
        else:
            ledger.words[language] = entries or {}


def contexts(shared: Shared, sections: dict[str, tuple[str, ...]]) -> dict[str, Context]:
    """What a file may refer to, by language; `sections`: module -> ids of its sections."""
    return {language: _context(shared, sections, language) for language in (shared.languages or ("en",))}


def _context(shared: Shared, sections: dict[str, tuple[str, ...]], language: str) -> Context:
    term_words = shared.glossary.words.get(language, {})
    names = shared.countries.words.get(language, {})
    terms = {id: id for id in shared.glossary.named()}
    terms |= {fold(entry.term): id for id, entry in shared.glossary.entries.items()}
    terms |= {fold(entry.term): id for id, entry in term_words.items()}
    return Context(
        language=language,
        courses=shared.course_of(),
        sections=sections,
        figures={id: printed(shared, id, language) for id in shared.figures.named()},
        terms=terms,
        countries=dict.fromkeys(shared.countries.named(), "?")
        | {code: names.get(code, entry).name for code, entry in shared.countries.entries.items()},
        actions=tuple(shared.actions.named()),
    )


def printed(shared: Shared, id: str, language: str) -> LedgerFigure:
    """What a page in `language` prints of a figure."""
    entry, words = shared.figures.entries.get(id), shared.figures.words.get(language, {}).get(id)
    if entry is None:
        return LedgerFigure(value="?", unit="", year="?", checked=False)
    return LedgerFigure(
        value=(words and words.value) or entry.value,
        unit=entry.unit if words is None or words.unit is None else words.unit,
        year=entry.year,
        checked=entry.status in ("verified", "own calculation"),
    )


def _texts(shared: Shared, ledger: Ledger[Any, Any], id: str, name: str) -> Texts:
    """One attribute of an entry in every language it has, the original first."""
    found = {shared.original: str(getattr(ledger.entries[id], name))}
    for language, words in ledger.words.items():
        if id in words:
            found[language] = getattr(words[id], name)
    return found


def _filled(shared: Shared, ledger: Ledger[Any, Any], id: str, name: str) -> dict[str, Any]:
    """The same for an attribute that may be left out: only the languages that have it."""
    every = {shared.original: ledger.entries[id]} | {
        language: words[id] for language, words in ledger.words.items() if id in words
    }
    return {language: value for language, entry in every.items() if (value := getattr(entry, name))}


def courses(shared: Shared, modules: set[str]) -> dict[str, Course]:
    """The outlines, without modules whose files are missing (the check names them)."""
    return {
        id: Course(
            id=id,
            title=_texts(shared, shared.outlines[id], id, "title"),
            version=outline.version,
            hours=int(outline.hours),
            languages=outline.languages,
            licence=outline.licence,
            modules=tuple(module for module in outline.modules if module in modules),
            final=outline.final,
            entry=outline.entry,
            surveys=surveys(outline),
            participation=_participation(outline),
            completion=_completion(outline),
        )
        for id, outline in shared.courses.items()
    }


def surveys(outline: Outline) -> dict[str, str]:
    """Occasion -> the id of its survey."""
    named = {occasion: getattr(outline.surveys, occasion) for occasion in outline.surveys.__struct_fields__}
    return {occasion: survey for occasion, survey in named.items() if survey}


def _participation(outline: Outline) -> dict[str, Any]:
    rule = outline.certificates.participation
    return {"every_section_read": truth(rule.every_section_read)} if rule else {}


def _completion(outline: Outline) -> dict[str, Any]:
    rule = outline.certificates.completion
    if rule is None:
        return {}
    return {
        "every_quiz_passed": truth(rule.every_quiz_passed),
        "final_passed": truth(rule.final_passed),
        "valid_years": int(rule.valid_years) if rule.valid_years else None,
    }


def actions(shared: Shared) -> dict[str, Action]:
    ledger = shared.actions
    return {
        id: Action(
            id=id,
            title=_texts(shared, ledger, id, "title"),
            text=_texts(shared, ledger, id, "text"),
            levels=_filled(shared, ledger, id, "levels"),
            begin=_filled(shared, ledger, id, "begin"),
            hint=_filled(shared, ledger, id, "hint"),
            by_choice=truth(entry.by_choice),
        )
        for id, entry in ledger.entries.items()
    }


def options(shared: Shared, html: dict[str, dict[str, dict[str, str]]]) -> dict[str, Option]:
    """The toolbox; `html`: attribute -> language -> id -> HTML."""
    return {
        id: Option(
            id=id,
            title=_texts(shared, shared.options, id, "title"),
            stages=entry.stages,
            actions=entry.actions,
            module=entry.section.partition("#")[0],
            section=entry.section.partition("#")[2],
            **{
                name: {language: texts[id] for language, texts in found.items() if id in texts}
                for name, found in html.items()
            },
        )
        for id, entry in shared.options.entries.items()
    }


def published(shared: Shared) -> Published | None:
    """The published values, where there are any."""
    for id, entry in shared.coverage.entries.items():
        countries: dict[str, dict[str, tuple[Observation, ...]]] = {
            code: {group: tuple(_observation(one) for one in text.split("; ")) for group, text in groups.items()}
            for code, groups in entry.countries.items()
        }
        source = _texts(shared, shared.coverage, id, "source")
        return Published(source=source, status=entry.status, seen=entry.seen, countries=countries)
    return None


def _observation(text: str) -> Observation:
    """`2020 total 58.9 women 60.1` as its year and shares."""
    year, *words = text.split()
    return Observation(year=int(year), **dict(zip(words[::2], words[1::2], strict=True)))


def figures(shared: Shared) -> dict[str, Figure]:
    ledger = shared.figures
    return {
        id: Figure(
            id=id,
            value=entry.value,
            unit=entry.unit,
            shown={one: amount(printed(shared, id, one), one) for one in (shared.original, *ledger.words)},
            year=entry.year,
            text=_texts(shared, ledger, id, "text"),
            source=entry.source,
            status=entry.status,
            seen=entry.seen,
            url=entry.url,
            region=entry.region,
            scope=entry.scope,
            formula=entry.formula,
            note=entry.note,
        )
        for id, entry in ledger.entries.items()
    }


def terms(shared: Shared, html: dict[str, dict[str, str]], modules: set[str]) -> dict[str, Term]:
    """The glossary; `html`: language -> id -> definition as HTML. A module that no course holds yet is left out."""
    return {
        id: Term(
            id=id,
            term=_texts(shared, shared.glossary, id, "term"),
            text={language: texts[id] for language, texts in html.items() if id in texts},
            see=entry.see,
            module=entry.module if entry.module in modules else None,
        )
        for id, entry in shared.glossary.entries.items()
    }


def countries(shared: Shared) -> dict[str, Country]:
    return {
        code: Country(
            code=code,
            name=_texts(shared, shared.countries, code, "name"),
            m49=entry.m49,
            membership=entry.membership,
            subregion=entry.subregion,
            ldc=truth(entry.ldc),
            lldc=truth(entry.lldc),
            sids=truth(entry.sids),
        )
        for code, entry in shared.countries.entries.items()
    }
