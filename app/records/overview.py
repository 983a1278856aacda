"""What the overview reads: sums of counts under filters. Its cost hangs on how many groups there are, not on people."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.core.certificates import COMPLETION
from app.core.content import Library
from app.core.filters import Filters
from app.records import hot, margins, step_facts, tallies
from app.records.filtering import TALLY, condition
from app.records.sql import Plain, query, spread, statement
from app.records.steps import BY_GROUP, SUMS

ENROLLED, STARTED, CERTIFICATE = tallies.ENROLLED, tallies.STARTED, tallies.CERTIFICATE
PARTICIPATION = "participation"
MEASURES = (ENROLLED, STARTED, PARTICIPATION, COMPLETION, CERTIFICATE)
ALL_MONTHS = ("0000-00", "9999-99")
FACTS = "tally"  # what the sums are of
UNNAMED = ("",)  # the organisation is asked not to be stated, which sums know
OF_SUMS = TALLY | {"organisation": margins.NAMED}

Names = tuple[str, ...]


class Count(NamedTuple):
    """People of one measure: `new` within the months that were asked for, `ever` up to the last of them."""

    new: int = 0
    ever: int = 0


Counts = Mapping[str, Count]  # by measure


class Groups(dict[Names, dict[str, Count]]):
    """The counts of each group, by the values of the dimensions that were asked for."""

    def of(self, *values: str) -> Counts:
        return self.get(values, {})

    def into(self, key: Any) -> "Groups":
        """The groups brought together by what `key` makes of their values; None leaves one out."""
        summed: dict[Names, dict[str, Count]] = defaultdict(dict)
        for values, counts in self.items():
            name = key(values)
            if name is not None:
                mine = summed[(name,)]
                for measure, one in counts.items():
                    before = mine.get(measure, Count())
                    mine[measure] = Count(before.new + one.new, before.ever + one.ever)
        return Groups(summed)

    def with_(self, others: "Groups") -> "Groups":
        """The same groups with other measures beside these."""
        return Groups({values: {**self.of(*values), **others.of(*values)} for values in self.keys() | others.keys()})

    @property
    def total(self) -> Counts:
        return self.into(lambda _values: "").of("")


def groups(session: Session, filters: Filters, library: Library, by: Names, measures: Names = MEASURES) -> Groups:
    """The counts by these dimensions under the filters, in few statements."""
    source = _Source(session, filters, library)
    return _groups(*source.counts(by, partial(source.read, by, measures)))


def each(
    session: Session, filters: Filters, library: Library, by: Sequence[Names], measures: Names
) -> dict[str, Groups]:
    """The counts by each dimension alone, by its name; those of one of the tuples in `by` are read together."""
    source, found = _Source(session, filters, library), {}
    for names in by:
        counts = source.counts(names, partial(source.alone, names, measures))
        for name in names:
            mine = (Counter({key[1:]: n for key, n in one.items() if key[0] == name}) for one in counts)
            found[name] = _groups(*mine)
    return found


def _groups(ever: Counter[Names], new: Counter[Names]) -> Groups:
    found = Groups()
    for key in ever.keys() | new.keys():
        found.setdefault(key[1:], {})[key[0]] = Count(new[key], ever[key])
    return found


def by_month(session: Session, filters: Filters, library: Library, measures: Names) -> dict[str, Counter[str]]:
    """How many were new in each month, whatever the period: measure -> month -> people."""
    source = _Source(session, filters, library)
    return {measure: Counter(dict(rows)) for measure, rows in source.rows((), measures, *_span(*ALL_MONTHS))}


def _span(first: str, last: str) -> tuple[str, dict[str, str]]:
    return "month BETWEEN :first AND :last", {"first": first, "last": last}


class _Source:
    """The tables that hold the sums for these filters, and their condition."""

    def __init__(self, session: Session, filters: Filters, library: Library) -> None:
        self.session = session
        if filters.organisation and filters.organisation != UNNAMED:
            filters = _with(filters, with_merged(session, filters.organisation))
        self.filters, self.library = filters, library
        self.months, self.bounded = filters.months, bool(filters.period)
        self.columns = OF_SUMS if filters.organisation == UNNAMED else TALLY
        self.asked = {self.columns[name] for name in condition(filters, library)[1]}  # which columns filters read

    def table(self, by: Names) -> str:
        """The smallest table that has all columns that are asked for."""
        wanted = self.asked.union(by)
        return next((one.table for one in margins.OF_ALL if wanted.issubset(one.key)), FACTS)

    def counts(
        self, by: Names, read: Callable[[str, Mapping[str, str]], Counter[Names]]
    ) -> tuple[Counter[Names], Counter[Names]]:
        """What `read` counts of months: of all up to the last of the period, and of those within it."""
        first, last = self.months.first or ALL_MONTHS[0], self.months.last or ALL_MONTHS[1]
        if self.table(by) == FACTS:
            ever = read(*_span(ALL_MONTHS[0], last))
        else:  # all, without the months after it
            ever = read("month = ''", {})
            if last != ALL_MONTHS[1]:
                ever.subtract(read("month > :last", {"last": last}))
        return ever, read(*_span(first, last)) if self.bounded else ever

    def read(self, by: Names, measures: Names, months: str, values: Mapping[str, str]) -> Counter[Names]:
        """The sums by measure and these dimensions."""
        found: Counter[Names] = Counter()
        for measure, rows in self.rows(by, measures, months, values):
            for _month, *group, n in rows:
                found[(measure, *group)] += n
        return found

    def alone(self, by: Names, measures: Names, months: str, values: Mapping[str, str]) -> Counter[Names]:
        """The sums by each of these dimensions: (dimension, measure, value) -> people."""
        found: Counter[Names] = Counter()
        for measure, rows in self.rows(by, measures, months, values):
            _month, *columns, ns = zip(*rows, strict=True) if rows else ((), *((),) * len(by), ())
            for name, column in zip(by, columns, strict=True):
                for value, n in zip(column, ns, strict=True):
                    found[name, measure, value] += n
        return found

    def rows(self, by: Names, measures: Names, months: str, values: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
        """For each measure rows of the month, `by` and the sum.

        A measure at a time, and month by month: so the key of the table has its rows in the order in which they are
        grouped, as long as `by` begins like it, and SQLite need not sort them, which took most of the time.
        """
        columns, table = ", ".join(("month", *by)), self.table(by)
        chosen, asked = condition(self.filters, self.library, TALLY if table == FACTS else self.columns)
        sql, asked = spread(
            f"SELECT {columns}, sum(n) AS n FROM {table} WHERE course = :course AND measure = :measure"
            f" AND {months}{chosen} GROUP BY {columns}",
            {**asked, "course": self.filters.course, **values},
        )
        for measure in measures:
            yield measure, hot.rows(self.session, _plain(sql), asked | {"measure": measure})


@lru_cache(maxsize=256)
def _plain(sql: str) -> Plain:
    return Plain(sql, tuple)


def _with(filters: Filters, organisations: Names) -> Filters:
    return replace(filters, organisation=organisations)


# Organisations

MERGED = query("SELECT organisation_id AS id, into_id FROM organisation_merge")
NAMES = query("SELECT id, name FROM organisation WHERE id IN :people")
LISTED = query(
    """
    SELECT organisation.id, organisation.name, organisation.country FROM listed_organisation
    JOIN organisation ON organisation.id = listed_organisation.organisation_id
    ORDER BY organisation.country, organisation.name_key
    """
)
BY_ORGANISATION = """
    SELECT measure, organisation, sum(n) AS n FROM organisation_tally
    WHERE course = :course AND measure IN :measures AND {months}{condition} GROUP BY measure, organisation
"""


class Organisation(NamedTuple):
    """One of the lists; `id` as filters write it."""

    id: str
    name: str
    country: str


def listed(session: Session, countries: Sequence[str]) -> list[Organisation]:
    """The listed organisations of these countries (of all, where none is named), by country and name."""
    rows = (Organisation(row.id.hex, row.name, row.country) for row in session.execute(LISTED))
    return [one for one in rows if not countries or one.country in countries]


def names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """The names of these organisations."""
    wanted = [uuid.UUID(id) for id in ids if id]
    return {row.id.hex: row.name for row in session.execute(NAMES, {"people": wanted})} if wanted else {}


def leads(session: Session) -> dict[str, str]:
    """Which organisation each merged way of writing stands for."""
    return {row.id.hex: row.into_id.hex for row in session.execute(MERGED)}


def with_merged(session: Session, organisations: Names) -> Names:
    """These organisations with all that was merged into them: completions keep the organisation as it was."""
    merged = (id for id, into in leads(session).items() if into in organisations)
    return tuple(sorted({*organisations, *merged}))


def by_organisation(session: Session, filters: Filters, library: Library, measures: Names) -> Groups:
    """The counts of each organisation of the countries that the filters leave; those merged stand with their lead.

    Only what those say who name an organisation, by country and sex; the caller knows that no other filter is set.
    """
    asked, values = condition(filters, library)
    values |= {"course": filters.course, "measures": list(measures)}
    first, last = filters.months.first or ALL_MONTHS[0], filters.months.last or ALL_MONTHS[1]
    parts = {"ever": "month = ''", "after": "month > :last", "new": "month BETWEEN :first AND :last"}
    spans = {"ever": {}, "after": {"last": last}, "new": {"first": first, "last": last}}
    read: dict[str, Counter[Names]] = {}
    for part, months in parts.items():
        sql = query(BY_ORGANISATION.format(months=months, condition=asked))
        rows = session.execute(sql, values | spans[part])
        read[part] = Counter({(row.measure, row.organisation): int(row.n) for row in rows})
    read["ever"].subtract(read["after"])
    found, stand_for = Groups(), leads(session)
    for key in read["ever"].keys() | read["new"].keys():
        found.setdefault(key[1:], {})[key[0]] = Count(read["new"][key], read["ever"][key])
    return found.into(lambda values: stand_for.get(values[0], values[0]))


# Active, and persons with several accounts


def active(session: Session, filters: Filters, library: Library, since: datetime) -> int:
    """How many of the enrolled have read a section or opened a quiz since then."""
    filters = _with(filters, with_merged(session, filters.organisation)) if filters.organisation else filters
    asked, values = condition(filters, library)
    sql = statement(f"SELECT count(*) FROM last_act WHERE course = :course AND at > :since{asked}")
    return int(session.execute(sql, values | {"course": filters.course, "since": since}).scalar_one())


DOUBLES = f"SELECT sum(n) AS n FROM double_count WHERE course = :course AND measure = '{ENROLLED}'"


def accounts(session: Session, filters: Filters, library: Library) -> int:
    """How many accounts are enrolled to this day, whatever the period: those that are linked as one person are counted
    one by one, as steps are."""
    source = _Source(session, replace(filters, period=""), library)
    people, _new = source.counts((), partial(source.read, (), (ENROLLED,)))
    asked, values = condition(source.filters, library)
    doubles = session.execute(query(DOUBLES + asked), values | {"course": filters.course}).scalar()
    return people.total() + int(doubles or 0)


# Steps

# Grouped in the order of the key, so that nothing is sorted; the measures of a step lie side by side.
STEPS = "SELECT step, {sums} FROM {table} WHERE course = :course AND measure IN :measures{condition} GROUP BY {by}"
SUM = "sum(CASE WHEN measure = '{measure}' THEN n ELSE 0 END) AS {measure}_n"


def steps(session: Session, filters: Filters, library: Library, measures: Names) -> dict[str, Counter[str]]:
    """How many took each step of these measures of `app.records.steps`, to this day: measure -> step -> people."""
    source, found = _Source(session, filters, library), {measure: Counter[str]() for measure in measures}
    for measure, step, n in _steps(source, measures):
        found[measure][step] += n
    return found


def _steps(source: "_Source", measures: Names) -> Iterator[tuple[str, str, int]]:
    """From the first table of sums that knows what is asked for; else from the facts, as the choice is narrow then."""
    table = next((one.table for one in SUMS if source.asked.issubset(one.who)), None)
    if table is None:
        yield from step_facts.of_choice(source.session, source.filters, source.library, measures)
        return
    asked, values = condition(source.filters, source.library, source.columns)
    by = "country, step" if table == BY_GROUP.table else "step"
    sums = ", ".join(SUM.format(measure=measure) for measure in measures)
    sql = query(STEPS.format(sums=sums, table=table, condition=asked, by=by))
    values |= {"course": source.filters.course, "measures": list(measures)}
    for step, *ns in source.session.execute(sql, values):
        yield from ((measure, step, int(n)) for measure, n in zip(measures, ns, strict=True) if n)


ANSWERS = Plain(
    """
    SELECT item, key_hash, option, sum(n) AS n FROM item_sum WHERE later = 0 AND n > 0
    GROUP BY item, key_hash, option
    """,
    tuple,
)


def first_answers(session: Session) -> dict[tuple[str, str], dict[str, int]]:
    """How often each option was chosen in first attempts, by the item and its key; of everybody, in all courses."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for item, key_hash, option, n in hot.rows(session, ANSWERS, {}):
        found[item, key_hash][option] = int(n)
    return found
