"""The tables of the overview about people: who completed, who was meant to, by whom, month by month."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core import denominators as meant
from app.core.certificates import COMPLETION
from app.core.content import Course, Library
from app.core.denominators import Line
from app.core.filters import BLOCS, DIMENSIONS, Filters, members_of
from app.core.overview import line, months_between, share
from app.records import denominators, overview
from app.records.overview import CERTIFICATE, ENROLLED, PARTICIPATION, STARTED, Count, Counts, Groups
from app.records.people import fold
from app.records.step_facts import OF_COMPLETIONS, OF_QUIZZES, SECTION
from app.web import db
from app.web.fields import AGE_BANDS, MINISTRY_TYPES, SEXES, country_choices
from app.web.filter_words import LABELS, group_words, groups, offered
from app.web.i18n import N_, ngettext, spoken
from app.web.i18n import gettext as _
from app.web.report import Row, Share, Table

ACTIVE_DAYS = 30
COUNTED = (ENROLLED, STARTED, COMPLETION)
OF_ORGANISATIONS = ("country", "sex", "organisation")  # by which they are counted, and denominators entered
STEPS = (SECTION, *OF_QUIZZES, *OF_COMPLETIONS)
TOGETHER = (("country",), ("sex", "ministry_type"), ("age_band", "language"))  # each has small sums of its own
WIDTH, HEIGHT = 600, 120  # of the picture of a line
TODAY = N_(
    "Enrolled and started people stand under what their profile says today, completions under what it said then."
)
NEW = N_("New: in the period. The columns without “new” count everybody up to its end.")
SHARED = N_("Completed of enrolled: the completed of a row, divided by the enrolled of the same row.")


class Tile(NamedTuple):
    """A number that stands out: `new` is None where nothing is counted by period."""

    words: str
    new: int | None
    ever: int
    note: str


@dataclass(frozen=True)
class About:
    """What a report is about, and where its numbers come from."""

    session: Session
    library: Library
    course: Course
    filters: Filters
    now: datetime
    whole: bool = False  # all parts are shown together, so that what one has read serves the others

    @property
    def zone(self) -> ZoneInfo:
        return db.settings().zone

    @property
    def bounded(self) -> bool:
        """Whether there is a period, so that new ones are fewer than all."""
        return bool(self.filters.period)

    def groups(self, *by: str, measures: Sequence[str] = COUNTED) -> Groups:
        return overview.groups(self.session, self.filters, self.library, by, tuple(measures))

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """The countries that the filters leave; empty: all."""
        return tuple(code for code in self.filters.countries(self.library) if code)

    @cached_property
    def by_country(self) -> Groups:
        """All counts by country, read once for tiles and tables."""
        if not self.whole:
            return self.groups("country", measures=overview.MEASURES)
        return self.groups("country", measures=(PARTICIPATION, CERTIFICATE)).with_(self.by_choice["country"])

    @cached_property
    def by_choice(self) -> Mapping[str, Groups]:
        """The counts by each thing that people may state."""
        return overview.each(self.session, self.filters, self.library, TOGETHER, COUNTED)

    @cached_property
    def steps(self) -> Mapping[str, Counter[str]]:
        """How many have taken each step to this day, by measure."""
        return overview.steps(self.session, self.filters, self.library, STEPS)

    @cached_property
    def sections_read(self) -> Counter[str]:
        """How many have read each section; read alone where the other steps are not shown."""
        if self.whole:
            return self.steps[SECTION]
        return overview.steps(self.session, self.filters, self.library, (SECTION,))[SECTION]

    @property
    def one_country(self) -> str:
        """The country, where the filters leave a single one."""
        return self.countries[0] if len(self.filters.countries(self.library)) == 1 and self.countries else ""

    def unheard(self, *heard: str) -> tuple[str, ...]:
        """The chosen filters in words, without those that are heard: what a table does not follow."""
        asked = (name for name in ("period", "group", *DIMENSIONS) if name not in heard)
        return tuple(_(LABELS[name]) for name in asked if getattr(self.filters, name))

    def chosen_but(self, *names: str) -> tuple[str, ...]:
        """The questions about people that the filters ask beside these, in words."""
        return tuple(_(LABELS[name]) for name in DIMENSIONS if name not in names and getattr(self.filters, name))


# All


def tiles(about: About) -> list[Tile]:
    """What stands first: enrolled, persons, active, started, completed, certificates."""
    total = about.by_country.total
    enrolled, started, completed = (total.get(one, Count()) for one in COUNTED)
    certificates, read_all = total.get(CERTIFICATE, Count()), total.get(PARTICIPATION, Count())
    since = about.now - timedelta(days=ACTIVE_DAYS)
    active = overview.active(about.session, about.filters, about.library, since)
    return [
        Tile(_("Enrolled"), *enrolled, _(
            "People who started the course, read a section, opened a quiz or answered a survey. "
            "Linked accounts count as one person.")),
        Tile(_("Active"), None, active, _("Of the enrolled: read a section or began a quiz in the last 30 days.")),
        Tile(_("Started"), *started, _("Of the enrolled: a first section read, or a quiz opened.")),
        Tile(_("Completed"), *completed, _("Every module quiz and the final assessment passed.")),
        Tile(_("Every section read"), *read_all, _("Confirmations of participation.")),
        Tile(_("Certificates"), *certificates, _(
            "Of completion and of participation together, each once whatever its editions; revoked ones are "
            "counted.")),
    ]  # fmt: skip


def all_of_it(about: About, found: Sequence[Tile]) -> Table:
    """The tiles as a table, for the file."""
    enrolled = found[0].ever
    *people, certificates = found  # of certificates, somebody may have two
    rows = [Row(one.words, (one.new, one.ever, Share(share(one.ever, enrolled)))) for one in people]
    rows.append(Row(certificates.words, (certificates.new, certificates.ever, Share(None))))
    columns = (_("New in the period"), _("Up to its end"), _("Of the enrolled"))
    return Table("all", _("In all"), _("What is counted"), columns, tuple(rows))


# Completed of enrolled, by whatever


def columns(about: About) -> tuple[str, ...]:
    new = (_("Enrolled, new"), _("Enrolled"), _("Started"), _("Completed, new"), _("Completed"))
    ever = (_("Enrolled"), _("Started"), _("Completed"))
    return (*(new if about.bounded else ever), _("Completed of enrolled"))


def counted(about: About) -> tuple[str, ...]:
    """What the columns count, for the foot of a table."""
    return (_(TODAY), *([_(NEW)] if about.bounded else []), _(SHARED))


def row(about: About, words: str, counts: Counts) -> Row:
    enrolled, started, completed = (counts.get(one, Count()) for one in COUNTED)
    new = (enrolled.new, enrolled.ever, started.ever, completed.new, completed.ever)
    ever = (enrolled.ever, started.ever, completed.ever)
    return Row(words, (*(new if about.bounded else ever), Share(share(completed.ever, enrolled.ever))))


def table(about: About, id: str, title: str, head: str, found: Groups, named: Mapping[str, str], *notes: str) -> Table:
    """One line for each named group; "not stated" stands last even where nobody left it open."""
    rows = [row(about, words, found.of(value)) for value, words in named.items() if value]
    rows.append(row(about, _("Not stated"), found.of("")))
    total = row(about, _("All"), found.total)
    return Table(id, title, head, columns(about), tuple(rows), total, (*notes, *counted(about)))


def by_country(about: About, found: Groups) -> Table:
    """The countries that somebody stated, by their names in the reader's language, "other" behind them: no ranking."""
    seen = {values[0] for values in found}
    known = {code: name for code, name in country_choices().items() if code in seen}
    named = known | {code: code for code in sorted(seen) if code not in known}
    return table(about, "country", _("By country"), _("Country or area"), found, named, _("In alphabetical order."))


def by_choice(about: About, found: Groups, name: str) -> Table:
    titles = {
        "sex": (_("By sex"), _("Sex"), SEXES),
        "ministry_type": (_("By kind of ministry"), _("Kind of ministry"), MINISTRY_TYPES),
        "age_band": (_("By age"), _("Age"), AGE_BANDS),
    }
    title, head, choices = titles[name]
    return table(about, name, title, head, found, {value: _(words) for value, words in choices.items()})


def by_language(about: About, found: Groups) -> Table:
    named = offered("language")
    seen = sorted(values[0] for values in found if values[0])
    note = _("Enrolled: the language of messages; completed: the language in which the last step was taken.")
    return table(
        about, "language", _("By language"), _("Language"), found, {tag: named.get(tag, tag) for tag in seen}, note
    )


def by_subregion(about: About, found: Groups) -> Table:
    of = {code: one.subregion for code, one in about.library.countries.items()}
    regions = found.into(lambda values: of.get(values[0], "") if values[0] else "")
    named = {name: words for name, words in groups().items() if name not in BLOCS}
    note = _("Countries and areas without a subregion in the list, and “other”, stand under “not stated”.")
    return table(about, "subregion", _("By subregion"), _("Subregion"), regions, named, note)


def by_bloc(about: About, found: Groups) -> Table:
    """The groups of countries overlap, so they have no total."""
    rows = []
    for bloc in BLOCS:
        members = set(members_of(about.library, bloc))
        counts = found.into(lambda values, inside=members: "" if values[0] in inside else None).of("")
        rows.append(row(about, group_words(bloc), counts))
    note = _("A country can be in two of these groups, so they do not add up.")
    return Table(
        "bloc", _("By group of countries"), _("Group"), columns(about), tuple(rows), notes=(note, *counted(about))
    )


def by_organisation(about: About) -> Table | None:
    """The listed organisations of the one country that the filters leave; None where they leave several. Where other
    filters are chosen it has no rows, and says so."""
    title, head = _("By organisation"), _("Organisation")
    if not about.one_country:
        return None
    if closed := about.chosen_but(*OF_ORGANISATIONS):
        why = _(
            "Organisations are counted by country and sex alone. To see them, choose “All” under: %(filters)s.",
            filters=", ".join(closed),
        )
        return Table("organisation", title, head, columns(about), (), empty=why)
    found = overview.by_organisation(about.session, about.filters, about.library, COUNTED)
    wanted = about.filters.organisation
    listed = [one for one in overview.listed(about.session, [about.one_country]) if not wanted or one.id in wanted]
    rows = [row(about, one.name, found.of(one.id)) for one in listed]
    if wanted:
        others = overview.names(about.session, set(wanted) - {one.id for one in listed})
        rows += [row(about, name, found.of(id)) for id, name in sorted(others.items(), key=lambda one: fold(one[1]))]
        return Table("organisation", title, head, columns(about), tuple(rows))
    named = {one.id for one in listed}
    written = found.into(lambda values: None if values[0] in named else "").of("")
    every = about.groups().total
    rows.append(row(about, _("Not listed, as learners wrote it"), written))
    rows.append(row(about, _("Not stated"), _without(every, found.total)))
    total = row(about, _("All"), every)
    return Table("organisation", title, head, columns(about), tuple(rows), total, counted(about))


def _without(all: Counts, some: Counts) -> Counts:
    nothing = Count()
    return {
        one: Count(all[one].new - some.get(one, nothing).new, all[one].ever - some.get(one, nothing).ever)
        for one in all
    }


# Who was meant to


def missing(about: About, found: Groups) -> Table:
    """Officials to be trained, and who of them has come, by country, or by organisation where there is one country.

    `found`: the counts by country.
    """
    lines = [one.line for one in denominators.of_course(about.session, about.course.id, about.countries)]
    title = _("Who was meant to, and did not")
    shares = (_("Enrolled of those to be trained"), _("Completed of those to be trained"))
    heads = (_("To be trained"), _("Enrolled"), _("Completed"), _("Not yet"), *shares)
    notes = (
        _(
            "To be trained: the officials whom the country or organisation wants to have the course, as entered "
            "under Denominators with their source."),
        _(
            "Not yet: to be trained, less completed. Who is enrolled or completed need not be one of those who "
            "were meant."),
    )  # fmt: skip
    if about.chosen_but(*OF_ORGANISATIONS):
        empty = _("Denominators are known by country, organisation and sex. Open the other filters to see them.")
        return Table("meant", title, _("Country or area"), heads, (), empty=empty)
    rows = tuple(_of_organisations(about, lines) if about.one_country else _of_countries(about, lines, found))
    head = _("Organisation") if about.one_country else _("Country or area")
    left_out = _left_out(about, lines)
    empty = left_out or _("No denominators are entered for this choice.")
    return Table("meant", title, head, heads, rows, notes=(*notes, *([left_out] if left_out else ())), empty=empty)


def _left_out(about: About, lines: Sequence[Line]) -> str:
    """How many places have no row as they give a number for one sex alone, and none is chosen; "" for none."""
    if about.filters.sex:
        return ""
    if about.one_country:
        wanted = about.filters.organisation
        asked = [one for one in lines if not wanted or one.organisation in wanted]
    else:  # what is said of a country as a whole is taken, whatever its organisations say
        whole = {one.country for one in lines if meant.meant(_whole(lines, one.country)) is not None}
        asked = [one for one in lines if one.country not in whole]
    n = meant.of_one_sex(asked)
    words = ngettext(
        "%(n)s place gives a number for one sex only: choose it under Sex.",
        "%(n)s places give a number for one sex only: choose it under Sex.",
        n,
    )
    return words if n else ""


def _whole(lines: Sequence[Line], country: str) -> list[Line]:
    return [one for one in lines if one.country == country and not one.organisation]


def _of_countries(about: About, lines: Sequence[Line], found: Groups) -> Iterable[Row]:
    for code, name in country_choices().items():
        mine = [one for one in lines if code and one.country == code]
        n = meant.meant_of_country(mine, about.filters.sex)
        if n is not None:
            yield _reached(name, n, found.of(code))


def _of_organisations(about: About, lines: Sequence[Line]) -> Iterable[Row]:
    country, sexes = about.one_country, about.filters.sex
    found = overview.by_organisation(about.session, about.filters, about.library, COUNTED)
    whole = meant.meant_of_country(lines, sexes)
    if whole is not None and not about.filters.organisation:
        yield _reached(country_choices().get(country, country), whole, about.groups().total)
    ids = {one.organisation for one in lines if one.organisation}
    wanted = ids & set(about.filters.organisation) if about.filters.organisation else ids
    for id, name in sorted(overview.names(about.session, wanted).items(), key=lambda one: fold(one[1])):
        n = meant.meant([one for one in lines if one.organisation == id], sexes)
        if n is not None:
            yield _reached(name, n, found.of(id))


def _reached(words: str, n: int, counts: Counts) -> Row:
    enrolled, completed = (counts.get(one, Count()).ever for one in (ENROLLED, COMPLETION))
    shares = (Share(share(enrolled, n)), Share(share(completed, n)))
    return Row(words, (n, enrolled, completed, max(0, n - completed), *shares))


# Month by month


def by_month(about: About) -> Table:
    """New ones of each month, from the first to the last of the period, or to today."""
    found = overview.by_month(about.session, about.filters, about.library, (ENROLLED, COMPLETION))
    seen = sorted({month for counts in found.values() for month, n in counts.items() if n})
    today = about.now.astimezone(about.zone).strftime("%Y-%m")
    first, last = seen[0] if seen else today, max(seen[-1] if seen else today, today)
    months = months_between(first, last)
    lines = tuple((words, line([found[measure][month] for month in months], WIDTH, HEIGHT))
                  for measure, words in ((ENROLLED, _("Enrolled")), (COMPLETION, _("Completed"))))  # fmt: skip
    heads = (_("Enrolled, new"), _("Completed, new"))
    rows = (Row(month_words(month), (found[ENROLLED][month], found[COMPLETION][month])) for month in reversed(months))
    note = _("All months since the first, whatever the period; the other filters count.")
    return Table("month", _("Month by month"), _("Month"), heads, tuple(rows), notes=(note, _(TODAY)), line=lines,
                 unheard=about.unheard("group", *DIMENSIONS))  # fmt: skip


def month_words(month: str) -> str:
    """A month in the reader's language."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", datetime(int(month[:4]), int(month[5:]), 1), locale=spoken().language.formats)


def people(about: About) -> list[Table]:
    """Who enrolled and completed, by each thing that people may state."""
    by = about.by_choice
    chosen = [by_choice(about, by[name], name) for name in ("sex", "ministry_type", "age_band")]
    found = [*chosen, by_language(about, by["language"]), by_country(about, by["country"]),
             by_subregion(about, by["country"]), by_bloc(about, by["country"])]  # fmt: skip
    organisations = by_organisation(about)
    return [*found, *([organisations] if organisations else []), by_month(about)]
