"""The tables of the overview about learning: where people stop, quizzes, hardest questions, the gain, surveys."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from app.core.content import Item, Quiz
from app.core.filters import DIMENSIONS
from app.core.itemcards import asked, shares_of
from app.core.overview import LEAST, Stop, funnel, mean, median, share, worst
from app.core.questions import body_of
from app.core.statistics import Count as Answers
from app.records import overview, reports
from app.records.step_facts import DAYS, GAIN, OF_QUIZZES, SECTION
from app.web import db
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.overview_tables import About
from app.web.report import Row, Share, Table

MOST_STOPS, MOST_ITEMS = 5, 10
TENTH = Decimal("0.1")
ROUNDING = 1e-9  # of floats, so that three tenths are not cut to less
FOLLOWED = ("group", *DIMENSIONS)  # steps are counted to this day
SO_FAR = N_(
    "To this day, whatever the period; the other filters count. Accounts that were linked as one person are counted "
    "one by one.")  # fmt: skip
ASKED = {
    "before": N_("before the course"),
    "after": N_("at the end of the course"),
    "end": N_("at the end of the course"),
    "follow_up": N_("90 days later, if wanted"),
}


def _stops(about: About, read: Mapping[str, int]) -> tuple[int, tuple[Stop, ...]]:
    """How many accounts are enrolled, and the sections of the course with what is lost at each."""
    # What an erased account read stays counted; whether it was somebody's second account is known no more.
    enrolled = max(overview.accounts(about.session, about.filters, about.library), *read.values(), 0)
    places = [place for id in about.course.modules for place, _section in about.library.modules[id].places]
    return enrolled, funnel(enrolled, [(place, read[place]) for place in places])


def where_people_stop(about: About) -> Table:
    """The sections at which most are lost."""
    enrolled, found = _stops(about, about.sections_read)
    note = _(
        "The five sections where the number of readers falls most from the section before. All sections stand "
        "under Learning."
    )
    return _sections(about, "stops", _("Where people stop"), enrolled, worst(found, MOST_STOPS), note)


def funnel_of_sections(about: About) -> Table:
    enrolled, found = _stops(about, about.steps[SECTION])
    note = _(
        "In the order of the course. Fewer: than have read the section before, before the first than are enrolled."
    )
    return _sections(about, "sections", _("Section by section"), enrolled, found, note)


def _sections(about: About, id: str, title: str, enrolled: int, found: Sequence[Stop], note: str) -> Table:
    heads = (_("Read it"), _("Fewer"), _("Of the enrolled"))
    rows = (Row(_place(about, one.place), (one.n, one.fewer, Share(share(one.n, enrolled)))) for one in found)
    return Table(
        id,
        title,
        _("Section"),
        heads,
        tuple(rows),
        notes=(note, _(SO_FAR)),
        empty=_("Nobody has stopped anywhere yet."),
        unheard=about.unheard(*FOLLOWED),
    )


def _place(about: About, place: str) -> str:
    module, _slash, section = place.partition("/")
    found = about.library.section(module, section)
    title = in_words(found.texts, "title") if found else section
    return Markup("{} › {}").format(in_words(about.library.modules[module].texts, "title"), title)


def days(about: About) -> Table:
    """How long those who completed took."""
    counts = {int(step): n for step, n in about.steps[DAYS].items()}
    n = sum(counts.values())
    middle = median(counts) if n >= LEAST else None
    heads = (_("People"), _("Days"))
    rows = (Row(_("Half of them took at most"), (n, None if middle is None else Decimal(str(middle)).normalize())),)
    notes = (
        _("The median of the days from enrolment to completion, of all who completed by what they did here."),
        _("Hidden under ten people."),
        _(SO_FAR),
    )
    return Table("days", _("Days from enrolment to completion"), _("Completed"), heads, rows, notes=notes, unit="",
                 unheard=about.unheard(*FOLLOWED))  # fmt: skip


def quizzes(about: About) -> Table:
    """How many passed each quiz of those who tried it."""
    wanted = [quiz for id in about.course.modules if (quiz := about.library.modules[id].quiz)]
    wanted += [about.course.final] if about.course.final else []
    rows = []
    for id in wanted:
        tried, first, passed = (about.steps[one][id] for one in OF_QUIZZES)
        rate = share(passed, tried) if tried >= LEAST else None
        at_once = share(first, tried) if tried >= LEAST else None
        rows.append(Row(_title(about.library.quizzes[id]), (tried, passed, Share(at_once), Share(rate))))
    heads = (_("Tried it"), _("Passed it"), _("Passed at the first try"), _("Passed of those who tried"))
    notes = (
        _(
            "By topic: the quiz of each module, in the order of the course. People who handed in a try; rates are "
            "hidden under ten."),
        _(SO_FAR),
    )  # fmt: skip
    unheard = about.unheard(*FOLLOWED)
    return Table("quizzes", _("Who passes what"), _("Quiz"), heads, tuple(rows), notes=notes, unheard=unheard)


def _title(quiz: Quiz) -> str:
    return in_words(quiz.title)


def in_words(texts: Mapping[str, Any], attribute: str = "") -> Markup:
    """A text of the course, marked with its language where that is not the page's."""
    one = spoken().shown(dict(texts))
    words = Markup(getattr(one.value, attribute) if attribute else one.value).striptags()
    return Markup("<span{}>{}</span>").format(one.attributes, words) if one.foreign else Markup(escape(words))


def hardest(about: About) -> Table:
    """The questions at which most points are lost in first attempts."""
    counted = overview.first_answers(about.session)
    found: list[tuple[float, int, Item, Quiz]] = []
    for quiz in _quizzes_of(about):
        for item in asked(quiz):
            options = counted.get((item.id, item.key_hash), {})
            n = sum(options.values())
            if n >= LEAST:
                found.append((_facility(item, options, n), n, item, quiz))
    found.sort(key=lambda one: (one[0], one[2].id))
    rows = (
        Row(Markup("{} ({})").format(_heading(item), _title(quiz)), (n, Share(int(points * 1000 + ROUNDING) * 10)))
        for points, n, item, quiz in found[:MOST_ITEMS]
    )
    heads = (_("Answers"), _("Points earned"))
    notes = (
        _(
            "First attempts of everybody, whatever the filters, under today's key. Points earned: of those "
            "that could be had."
        ),
        _("The ten with the fewest points; questions with under ten answers are left out."),
    )
    return Table(
        "hardest",
        _("The hardest questions"),
        _("Question"),
        heads,
        tuple(rows),
        notes=notes,
        unit="answers",
        empty=_("No question has ten answers yet."),
        unheard=about.unheard(),
    )


def _quizzes_of(about: About) -> list[Quiz]:
    ids = [about.library.modules[id].quiz for id in about.course.modules]
    return [about.library.quizzes[id] for id in (*ids, about.course.final) if id]


def _facility(item: Item, options: Mapping[str, int], n: int) -> float:
    """The mean share of the points; what an option earns is worked out once."""
    known: dict[tuple[str, str], float] = current_app.extensions.setdefault("worth of options", {})
    new = [Answers(option, 0, 1) for option in options if (item.version, option) not in known]
    if new:
        known |= {(item.version, option): float(one) for option, one in shares_of(item, new).items()}
    return sum(known[item.version, option] * one for option, one in options.items()) / n


def _heading(item: Item) -> str:
    return in_words(item.texts, "heading")


def gain(about: About) -> Table:
    """What those who completed scored more in the final than in the entry check."""
    counts = {int(step): n for step, n in about.steps[GAIN].items()}
    found = mean(counts)
    heads = (_("People"), _("Mean gain"), _("From"), _("To"))
    figures = (found.mean, found.low, found.high) if found else (None, None, None)
    points = (None if one is None else (Decimal(one) / 100).quantize(TENTH) for one in figures)
    rows = (Row(_("Entry check to final assessment"), (sum(counts.values()), *points)),)
    notes = (
        _(
            "People who took the entry check and completed: the best result of the final until then, less the "
            "first result of the entry check, in percentage points."),
        _(
            "From and to: the interval that holds the mean with 95 % certainty; hidden under ten people. Who "
            "completes is no sample of who begins, and a second test is often easier: a gain is no proof."),
        _(SO_FAR),
    )  # fmt: skip
    return Table("gain", _("What was gained"), _("Between"), heads, rows, notes=notes, unit="",
                 unheard=about.unheard(*FOLLOWED))  # fmt: skip


def learning(about: About) -> list[Table]:
    return [quizzes(about), hardest(about), gain(about), days(about), funnel_of_sections(about)]


def surveys(about: About) -> list[Table]:
    """What people answered, question by question; nobody's own answer can be told from it."""
    found = []
    for occasion, id in about.course.surveys.items():
        counted = reports.survey_counts(
            about.session, about.library, about.course, occasion, db.settings().suppression,
            current_app.extensions.setdefault("survey sums", {}),
        )  # fmt: skip
        title = _title(about.library.quizzes[id])
        for place, (_same, several) in enumerate(groupby(counted, key=_choices), 1):
            table = _questions(f"{occasion}-{place}", title, occasion, list(several))
            found.append(replace(table, unheard=about.unheard()))
    return found


def _choices(one: reports.Answered) -> tuple[str, ...]:
    return tuple(body_of(one.item, next(iter(one.item.texts))).choices)


def _questions(id: str, survey: str, occasion: str, several: Sequence[reports.Answered]) -> Table:
    """Questions with the same options stand in one table."""
    when = _(ASKED[occasion])
    title = Markup("{} ({})").format(survey, when) if len(several) > 1 else _heading(several[0].item)
    notes = (
        _("%(survey)s, asked %(when)s.", survey=Markup(survey).striptags(), when=when),
        _(
            "Answers of everybody, whatever the filters, counted %(least)s people at a time; numbers that could "
            "tell who answered what are hidden.", least=db.settings().suppression),
    )  # fmt: skip
    if len(several) == 1:
        return _question(id, title, several[0], notes)
    language = spoken().language.tag
    choices = body_of(
        several[0].item, language if language in several[0].item.texts else next(iter(several[0].item.texts))
    ).choices
    heads = (_("People"), *(Markup(one).striptags() for one in choices), _("Left empty"))
    rows = (Row(_heading(one.item), tuple(map(_shown, (one.n, *one.chosen, one.empty)))) for one in several)
    return Table(id, title, _("Question"), heads, tuple(rows), notes=notes)


def _question(id: str, title: str, one: reports.Answered, notes: tuple[str, ...]) -> Table:
    rows = [
        Row(Markup(words).striptags(), _answers(n, one.n)) for words, n in zip(_choices(one), one.chosen, strict=True)
    ]
    rows.append(Row(_("Left empty"), _answers(one.empty, one.n)))
    total = Row(_("Answered"), _answers(one.n, one.n))
    return Table(id, title, _("Answer"), (_("People"), _("Of those who answered")), tuple(rows), total, notes)


def _answers(n: int | None, whole: int | None) -> tuple[int | str, Share]:
    return _shown(n), Share(None if n is None or not whole else share(n, whole))


def _shown(n: int | None) -> int | str:
    return _("hidden") if n is None else n
