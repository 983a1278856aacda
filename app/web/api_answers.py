"""What each endpoint for other systems answers: a struct of `app.core.api`, from the same functions as the pages."""

import binascii
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import abort

from app.core import api, filters
from app.core.api import CountLine, CourseDetail, CourseLine, Endpoint, People, PersonRow, QuizLine
from app.core.certificates import COMPLETION, PARTICIPATION, normalise_number
from app.core.content import Course, Module
from app.core.filters import Filters, Unfit
from app.core.openapi import describe
from app.records import api_rows, certificates, tallies
from app.records.api_rows import Place
from app.records.filtering import check
from app.records.tokens import Holder
from app.web import db, pace
from app.web.db import settings
from app.web.library import course_or_404, library

VERSION = "1"


class Unfitting(Exception):
    """Parameters that cannot be; `problems`: name -> unknown, several, contradiction, or what it should be."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


class Asked:
    """A request: the endpoint, what stands in the query, and whose token asks."""

    def __init__(self, endpoint: Endpoint, given: Mapping[str, list[str]], holder: Holder | None) -> None:
        self.endpoint, self.holder = endpoint, holder
        self.given = {name: [one for one in values if one] for name, values in given.items()}
        wrong = {name: "unknown" for name in self.given if endpoint.knows(name) is None}
        for one in endpoint.parameters:
            values = self.given.get(one.name, [])
            if len(values) > 1 and not one.many:
                wrong[one.name] = "several"
            elif one.values and any(value not in one.values for value in values):
                wrong[one.name] = "unknown"
        if wrong:
            raise Unfitting(wrong)

    def value(self, name: str) -> str:
        """A parameter that is given once; "" where it is not."""
        return next(iter(self.given.get(name, [])), "")

    def filters(self, course: str) -> Filters:
        """What is to be left, within the one country of the token."""
        wanted = {name: self.given[name] for name in Filters.__struct_fields__ if name in self.given}
        only = self.holder.country if self.holder else None
        try:
            found = filters.read(wanted | {"course": [course]}, library(), settings().languages, only)
            return check(db.reading(), found, library())
        except Unfit as error:
            raise Unfitting(error.problems) from error

    @cached_property
    def limit(self) -> int:
        given = self.value("limit")
        if not given:
            return api.USUAL
        if not (given.isascii() and given.isdigit() and len(given) < 5 and 1 <= int(given) <= api.MOST):
            raise Unfitting({"limit": f"a whole number from 1 to {api.MOST}"})
        return int(given)

    @cached_property
    def since(self) -> datetime | None:
        given = self.value("since")
        return moment(given, "since") if given else None

    @cached_property
    def behind(self) -> Place | None:
        """Where the page begins; what was not made by `following` is refused."""
        given = self.value("next")
        if not given:
            return None
        try:
            at, _, id = urlsafe_b64decode(given.encode()).decode().partition("|")
            return Place(moment(at, "next"), uuid.UUID(id))
        except (ValueError, binascii.Error, Unfitting) as error:
            raise Unfitting({"next": "take it from the page before, as it is"}) from error


def moment(given: str, name: str) -> datetime:
    """A moment with its offset from UTC; in an address “+” may have become a space."""
    try:
        found = datetime.fromisoformat(given.replace(" ", "+"))
        if found.tzinfo is None:
            raise ValueError(given)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unfitting({name: "a moment such as 2026-11-01T00:00:00Z"}) from error


def following(place: Place | None) -> str | None:
    return urlsafe_b64encode(f"{place.at.isoformat()}|{place.id}".encode()).decode() if place else None


def address(path: str, query: list[tuple[str, str]]) -> str:
    return f"{settings().base_url}{path}?{urlencode(query)}"


# The catalogue


def description(asked: Asked) -> dict[str, Any]:
    return describe(f"{settings().base_url}/api/v1", VERSION)


def token(asked: Asked) -> api.Token:
    holder = asked.holder or abort(401)
    until = holder.expires_at.astimezone(UTC) if holder.expires_at else None
    return api.Token(name=holder.name, scopes=list(holder.scopes), country=holder.country, expires=until)


def courses(asked: Asked) -> api.Courses:
    return api.Courses(release=library().release, items=[line(one) for one in library().courses.values()])


def line(course: Course) -> CourseLine:
    languages = list(course.languages)
    return CourseLine(id=course.id, title=course.title, version=course.version, hours=course.hours, languages=languages)


def course(asked: Asked, course: str) -> CourseDetail:
    found = course_or_404(course)
    return CourseDetail(
        id=found.id,
        title=found.title,
        version=found.version,
        hours=found.hours,
        languages=list(found.languages),
        licence=found.licence,
        modules=[module(library().modules[id]) for id in found.modules],
        final=quiz(found.final),
        entry=quiz(found.entry),
    )


def module(one: Module) -> api.ModuleLine:
    sections = [
        api.SectionLine(
            id=section.id, title={tag: text.title for tag, text in section.texts.items()}, minutes=section.minutes
        )
        for section in one.sections
    ]
    title = {tag: text.title for tag, text in one.texts.items()}
    return api.ModuleLine(id=one.id, title=title, sections=sections, quiz=quiz(one.quiz))


def quiz(id: str | None) -> QuizLine | None:
    """The rules of a quiz, without any question."""
    one = library().quizzes.get(id or "")
    if one is None:
        return None
    return QuizLine(
        id=one.id,
        title=one.title,
        questions=one.questions,
        pass_mark=one.pass_mark,
        tries=one.attempts,
        minutes=one.minutes,
    )


# Counts


def counts(asked: Asked, course: str) -> api.Counts:
    found = course_or_404(course)
    by = tuple(dict.fromkeys(asked.given.get("by", [])))
    if len(by) > 2:
        raise Unfitting({"by": "at most two"})
    groups = api_rows.counts(db.reading(), library(), asked.filters(found.id), by)
    total: Counter[str] = Counter()
    for one in groups.values():
        total.update(one)
    lines = [counted(one, dict(zip(by, group, strict=True))) for group, one in groups.items()]
    return api.Counts(
        course=found.id, by=list(by), timezone=settings().timezone, total=counted(total, {}), items=lines if by else []
    )


def counted(n: Counter[str], group: dict[str, str]) -> CountLine:
    return CountLine(
        enrolled=n[tallies.ENROLLED],
        started=n[tallies.STARTED],
        completed=n[COMPLETION],
        participation=n[PARTICIPATION],
        certificates=n[tallies.CERTIFICATE],
        **group,
    )


# Persons


def completions(asked: Asked, course: str) -> People:
    return people(asked, course, api_rows.COMPLETED)


def enrolments(asked: Asked, course: str) -> People:
    return people(asked, course, api_rows.ENROLLED)


def people(asked: Asked, course: str, order: str) -> People:
    found = course_or_404(course)
    page = api_rows.page(
        db.reading(),
        library(),
        asked.filters(found.id),
        order,
        asked.limit,
        db.now(),
        since=asked.since,
        behind=asked.behind,
    )
    return People(items=[PersonRow(**row) for row in page.rows], next=following(page.behind))


def enrolment(asked: Asked, course: str, learner: str) -> Any:
    found, id = course_or_404(course), db.as_id(learner) or abort(404)
    row = api_rows.one(db.reading(), library(), asked.filters(found.id), id, db.now())
    return PersonRow(**(row or abort(404)))


def certificate(asked: Asked, number: str) -> api.CertificateStatus:
    wanted = normalise_number(number) or abort(404)
    found = certificates.find(db.reading(), wanted, db.now())
    only = asked.holder.country if asked.holder else None
    if found is None or (only and api_rows.country_of(db.reading(), wanted) != only):
        pace.too_many(pace.MISSES)
        abort(404)
    record = found.record or {}
    return api.CertificateStatus(
        number=found.number,
        status=found.status,
        kind=found.kind or None,
        name=record.get("name"),
        name_latin=record.get("name_latin") or None,
        course=found.course or None,
        title=record.get("course_title"),
        issuer=(record.get("issuer") or {}).get("name") or None,
        issued=day(record.get("date")),
        expires=day(record.get("expiry")),
        revoked=found.revoked_at.astimezone(UTC) if found.revoked_at else None,
        reason=found.reason or None,
        replaced_by=found.successor,
        replaces=found.predecessor,
    )


def day(given: str | None) -> date | None:
    return date.fromisoformat(given) if given else None


WORK = {
    work.__name__: work
    for work in (description, token, courses, course, counts, completions, enrolments, enrolment, certificate)
}
