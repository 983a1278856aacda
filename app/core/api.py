"""What the interface for other systems can be asked: scopes, endpoints with their parameters, the shapes of answers.

One declaration an endpoint: `app.web.api` makes its route of it, `app.core.openapi` its description. The rows of
persons are those of the exports, with the same names and meanings.
"""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from app.core.columns import COMPLETIONS
from app.core.content import Struct
from app.core.filters import BLOCS, STATUSES
from app.core.formats import Column
from app.core.profile import AGE_BANDS, MINISTRY_TYPES, SEXES

SCOPES = {
    "catalogue": "courses, modules, sections and quizzes; never a question or a key",
    "counts": "counts of people by profile and month; no names",
    "people": "rows of persons with names: who enrolled, who completed, with which result",
    "certificates": "what a certificate says, and whether it counts, by its number",
}
MOST, USUAL = 500, 100  # rows of a page
DIMENSIONS = ("month", "country", "sex", "ministry_type", "organisation", "age_band", "language")

Moment = Annotated[datetime, Meta(description="A moment in UTC, ISO 8601.")]
Texts = Annotated[dict[str, str], Meta(description="By language tag.")]


class Problem(Struct):
    """What went wrong, as RFC 9457 has it; `problems`: parameter -> what is wrong with it."""

    type: str
    title: str
    status: int
    detail: str
    problems: dict[str, str]


class Token(Struct):
    """What this token may do."""

    name: str
    scopes: list[str]
    country: Annotated[str | None, Meta(description="The one country whose people it sees; null: all.")]
    expires: Moment | None


class CourseLine(Struct):
    """A course of this site."""

    id: str
    title: Texts
    version: str
    hours: Annotated[int, Meta(description="Hours of study.")]
    languages: list[str]


class Courses(Struct):
    """Every course of this site."""

    release: Annotated[str, Meta(description="The release of the course files that is served.")]
    items: list[CourseLine]


class SectionLine(Struct):
    """A section of a module."""

    id: str
    title: Texts
    minutes: Annotated[int, Meta(description="Minutes of reading.")]


class QuizLine(Struct):
    """A quiz: its rules, never its questions."""

    id: str
    title: Texts
    questions: Annotated[int, Meta(description="How many questions a try asks.")]
    pass_mark: Annotated[int, Meta(description="Per cent of the points.")]
    tries: Annotated[int | None, Meta(description="null: no limit.")]
    minutes: Annotated[int | None, Meta(description="Minutes of time for a try; null: no limit.")]


class ModuleLine(Struct):
    """A module of a course, in the order in which it is taught."""

    id: str
    title: Texts
    sections: list[SectionLine]
    quiz: QuizLine | None


class CourseDetail(Struct):
    """A course with all its parts."""

    id: str
    title: Texts
    version: str
    hours: Annotated[int, Meta(description="Hours of study.")]
    languages: list[str]
    licence: str
    modules: list[ModuleLine]
    final: Annotated[QuizLine | None, Meta(description="The final assessment.")]
    entry: Annotated[QuizLine | None, Meta(description="The entry check, which counts for nothing.")]


def _field(column: Column) -> tuple[str, Any]:
    kinds: dict[str, Any] = {"text": str, "integer": int, "decimal": float, "moment": datetime}
    kind = kinds[column.kind] | None
    return column.name, Annotated[kind, Meta(description=column.meaning.replace("empty:", "null:"))]


FURTHER = (
    (
        "same_as",
        Annotated[
            str | None, Meta(description="learner_id of the account by which this person is counted; null: this one.")
        ],
    ),
)
PersonRow = msgspec.defstruct(
    "PersonRow",
    [*(_field(column) for column in COMPLETIONS), *FURTHER],
    frozen=True,
    kw_only=True,
    namespace={"__doc__": "One enrolled person, with the columns of the export of completions."},
)


class People(Struct):
    """A page of persons; `next` asks for the following one, null on the last."""

    items: list[PersonRow]  # type: ignore[valid-type]  # made of the columns
    next: str | None


class CountLine(Struct):
    """The counts of one group. What was not asked for is not in it; "" means not stated."""

    enrolled: int
    started: int
    completed: int
    participation: Annotated[int, Meta(description="Confirmations that every section was read.")]
    certificates: Annotated[int, Meta(description="Certificates of both kinds, revoked ones too.")]
    month: str | msgspec.UnsetType = msgspec.UNSET
    country: str | msgspec.UnsetType = msgspec.UNSET
    sex: str | msgspec.UnsetType = msgspec.UNSET
    ministry_type: str | msgspec.UnsetType = msgspec.UNSET
    organisation: str | msgspec.UnsetType = msgspec.UNSET
    age_band: str | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType = msgspec.UNSET


class Counts(Struct):
    """Counts of a course. Enrolled and started people stand under today's profile, the others under that of then."""

    course: str
    by: list[str]
    timezone: Annotated[str, Meta(description="The time zone of the months.")]
    total: CountLine
    items: list[CountLine]


class CertificateStatus(Struct):
    """What this site says of a certificate; of a withdrawn one nothing but its number is kept."""

    number: str
    status: Annotated[
        str, Meta(description="valid, expired, revoked, withdrawn, demonstration, sample or trial; only valid counts.")
    ]
    kind: Annotated[str | None, Meta(description="completion or participation.")]
    name: str | None
    name_latin: str | None
    course: str | None
    title: str | None
    issuer: str | None
    issued: Annotated[date | None, Meta(description="The day on it, in the issuer's time zone.")]
    expires: date | None
    revoked: Moment | None
    reason: Annotated[str | None, Meta(description="Why it was revoked: name, mistake, rules or holder.")]
    replaced_by: Annotated[str | None, Meta(description="The number of the newer edition.")]
    replaces: Annotated[str | None, Meta(description="The number of the edition before.")]


class Parameter(Struct):
    """What an endpoint understands in the query of its address; `many`: it may be given several times."""

    name: str
    meaning: str
    values: tuple[str, ...] = ()
    many: bool = False
    kind: str = "string"
    format: str = ""
    least: int | None = None
    most: int | None = None


class Endpoint(Struct):
    """An address under /api/v1 that answers GET. `scope` "": any token; None: nobody needs to say who asks."""

    name: str
    path: str
    summary: str
    answers: Any
    scope: str | None = ""
    parameters: tuple[Parameter, ...] = ()

    def knows(self, name: str) -> Parameter | None:
        return next((one for one in self.parameters if one.name == name), None)


NOT_STATED = "“-” means not stated."
PROFILE = (
    Parameter(name="country", meaning=f"ISO 3166-1 alpha-2 code. {NOT_STATED}", many=True),
    Parameter(name="group", meaning=f"A subregion of the course's list of countries, or {', '.join(BLOCS)}."),
    Parameter(name="sex", meaning=NOT_STATED, values=(*SEXES, "-"), many=True),
    Parameter(name="ministry_type", meaning=NOT_STATED, values=(*MINISTRY_TYPES, "-"), many=True),
    Parameter(name="organisation", meaning=f"organisation_id without hyphens. {NOT_STATED}", many=True),
    Parameter(name="age_band", meaning=NOT_STATED, values=(*AGE_BANDS, "-"), many=True),
    Parameter(name="language", meaning="The language that the learner chose, such as en.", many=True),
)
PAGING = (
    Parameter(name="limit", meaning="Rows of a page.", kind="integer", least=1, most=MOST),
    Parameter(name="next", meaning="What the page before answered as next, as it is; keep all other parameters."),
)
SINCE = Parameter(name="since", meaning="Only rows of this moment or later, such as 2026-11-01T00:00:00Z.",
                  format="date-time")  # fmt: skip
ENDPOINTS = (
    Endpoint(name="description", path="/openapi.json", summary="This description", answers=dict, scope=None),
    Endpoint(name="token", path="/token", summary="What this token may do", answers=Token),
    Endpoint(name="courses", path="/courses", summary="All courses", answers=Courses, scope="catalogue"),
    Endpoint(
        name="course",
        path="/courses/{course}",
        summary="A course with modules, sections and the rules of its quizzes",
        answers=CourseDetail,
        scope="catalogue",
    ),
    Endpoint(
        name="counts",
        path="/courses/{course}/counts",
        summary="How many enrolled, started and completed, by one or two dimensions",
        answers=Counts,
        scope="counts",
        parameters=(
            Parameter(name="by", meaning="At most two.", values=DIMENSIONS, many=True),
            Parameter(name="period", meaning="A year, quarter or month (2026, 2026-Q4, 2026-11), or two with “..”."),
            *PROFILE,
        ),
    ),
    Endpoint(
        name="completions",
        path="/courses/{course}/completions",
        summary="Who completed a course, by the moment of completion",
        answers=People,
        scope="people",
        parameters=(SINCE, *PROFILE, *PAGING),
    ),
    Endpoint(
        name="enrolments",
        path="/courses/{course}/enrolments",
        summary="Who is enrolled in a course, by the moment of enrolment",
        answers=People,
        scope="people",
        parameters=(
            Parameter(name="status", meaning="How far they are.", values=STATUSES),
            SINCE,
            *PROFILE,
            *PAGING,
        ),
    ),
    Endpoint(
        name="enrolment",
        path="/courses/{course}/enrolments/{learner}",
        summary="One enrolled person, by learner_id",
        answers=PersonRow,
        scope="people",
    ),
    Endpoint(
        name="certificate",
        path="/certificates/{number}",
        summary="Whether a certificate counts, and what it says",
        answers=CertificateStatus,
        scope="certificates",
    ),
)
