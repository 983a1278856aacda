"""Filters of reports: what an address may ask, and what is refused."""

import pytest
from msgspec.structs import replace

from app.core.content import Country, Course, Library
from app.core.filters import Filters, Period, Unfit, members_of, months_of, quarter_of, read, subregions
from app.core.profile import AGE_BANDS, MINISTRY_TYPES, SEXES
from app.records.filtering import condition
from app.web import fields

NEPAL = Country(code="NP", name={"en": "Nepal"}, subregion="South", ldc=True, lldc=True)
FIJI = Country(code="FJ", name={"en": "Fiji"}, subregion="Pacific", sids=True)
TUVALU = Country(code="TV", name={"en": "Tuvalu"}, subregion="Pacific", ldc=True, sids=True)
NOWHERE = Country(code="ZZ", name={"en": "Elsewhere"})
OFFICE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def library() -> Library:
    course = Course(
        id="sp", title={"en": "Protection"}, version="1", hours=1, languages=("en",), licence="CC BY 4.0", modules=()
    )
    countries = {country.code: country for country in (NEPAL, FIJI, TUVALU, NOWHERE)}
    return Library(
        courses={"sp": course}, modules={}, quizzes={}, figures={}, terms={}, countries=countries, actions={}
    )


def test_an_address_and_back(library: Library) -> None:
    args = {
        "period": ["2026-Q4"],
        "group": ["Pacific"],
        "country": ["TV", "FJ", "TV", ""],
        "sex": ["-", "woman"],
        "ministry_type": [""],
        "organisation": [OFFICE],
        "status": ["completed"],
    }
    filters = read(args, library, ("en", "fr"))
    assert filters == Filters(
        course="sp",
        period="2026-Q4",
        group="Pacific",
        country=("FJ", "TV"),
        sex=("", "woman"),
        organisation=(OFFICE,),
        status="completed",
    )
    assert read(filters.as_args(), library, ("en",)) == filters
    assert read({}, library, ("en",)) == Filters(course="sp")
    assert Filters(course="sp").as_args() == {"course": ["sp"]}
    assert read({"course": [""], "period": [""], "sex": [""]}, library, ("en",)) == Filters(course="sp")
    assert read({"period": ["2026-11"]}, library, ("en",)).months == Period("2026-11", "2026-11")
    asked = {"ministry_type": MINISTRY_TYPES[:1], "age_band": AGE_BANDS[:1], "language": ("fr",)}
    for status in ("not-started", "started"):
        args = asked | {"status": (status,)}
        assert read(args, library, ("en", "fr")) == Filters(course="sp", status=status, **asked)


def test_a_course_is_named_where_there_are_several(library: Library) -> None:
    both = replace(library, courses=library.courses | {"care": replace(library.courses["sp"], id="care")})
    assert read({"course": ["care"]}, both, ("en",)) == Filters(course="care")
    with pytest.raises(Unfit, match=r"^course: unknown$"):
        read({}, both, ("en",))


@pytest.mark.parametrize(
    ("args", "problems"),
    [
        ({"sexx": ["woman"]}, {"sexx": "unknown"}),
        ({"sex": ["female"]}, {"sex": "unknown"}),
        ({"country": ["XX"]}, {"country": "unknown"}),
        ({"language": ["km"]}, {"language": "unknown"}),
        ({"organisation": ["1 OR 1=1"]}, {"organisation": "unknown"}),
        ({"organisation": [OFFICE.upper()]}, {"organisation": "unknown"}),
        ({"course": ["other"]}, {"course": "unknown"}),
        ({"status": ["failed"]}, {"status": "unknown"}),
        ({"group": ["Atlantis"]}, {"group": "unknown"}),
        ({"group": ["lldc"], "country": ["FJ"]}, {"country": "contradiction"}),
        ({"period": ["2026", "2027"]}, {"period": "several"}),
        ({"course": ["sp", "other"]}, {"course": "several"}),
        ({"group": ["ldc", "sids"]}, {"group": "several"}),
        ({"status": ["started", "completed"]}, {"status": "several"}),
        ({"period": ["2026-13"]}, {"period": "period"}),
        ({"period": ["2026-12..2026-Q1"]}, {"period": "contradiction"}),
        ({"period": ["soon"], "sex": ["x"]}, {"period": "period", "sex": "unknown"}),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    library: Library, args: dict[str, list[str]], problems: dict[str, str]
) -> None:
    with pytest.raises(Unfit) as refused:
        read(args, library, ("en", "fr"))
    assert refused.value.problems == problems
    assert str(refused.value) == ", ".join(f"{name}: {problem}" for name, problem in problems.items())


@pytest.mark.parametrize(
    ("args", "problem"),
    [({"country": ["NP"]}, "unknown"), ({"country": ["-"]}, "unknown"), ({"group": ["Pacific"]}, "unknown")],
)
def test_of_one_country_alone(library: Library, args: dict[str, list[str]], problem: str) -> None:
    assert read({}, library, ("en",), only="FJ").country == ("FJ",)
    assert read({"country": ["FJ"]}, library, ("en",), only="FJ").country == ("FJ",)
    with pytest.raises(Unfit) as refused:
        read(args, library, ("en",), only="FJ")
    assert refused.value.problems == {"country": problem}


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("", Period()),
        ("2026", Period("2026-01", "2026-12")),
        ("2026-Q1", Period("2026-01", "2026-03")),
        ("2026-Q4", Period("2026-10", "2026-12")),
        ("2026-02", Period("2026-02", "2026-02")),
        ("2026-02..2026-Q2", Period("2026-02", "2026-06")),
        ("..2026", Period("", "2026-12")),
        ("2026-07..", Period("2026-07", "")),
    ],
)
def test_periods_are_whole_months(period: str, months: Period) -> None:
    assert months_of(period) == months
    with pytest.raises(ValueError, match=r"^2026-13 is no year, quarter or month$"):
        months_of("2026-13")


def test_quarters() -> None:
    assert [quarter_of(f"2026-{month:02}") for month in (1, 3, 4, 6, 7, 9, 10, 12)] == [
        f"2026-Q{quarter}" for quarter in (1, 1, 2, 2, 3, 3, 4, 4)
    ]


def test_countries_of_a_group(library: Library) -> None:
    assert (subregions(library), members_of(library, "")) == (("South", "Pacific"), ())
    assert read({"group": ["ldc"]}, library, ("en",)).countries(library) == ("NP", "TV")
    assert read({"country": ["FJ"]}, library, ("en",)).countries(library) == ("FJ",)
    assert read({"group": ["ldc"], "country": ["TV", "FJ"]}, library, ("en",)).countries(library) == ("TV",)


def test_the_condition_names_only_what_is_asked(library: Library) -> None:
    assert condition(Filters(course="sp"), library) == ("", {})
    filters = read({"group": ["sids"], "sex": ["woman", "-"]}, library, ("en",))
    assert condition(filters, library) == (
        " AND country IN :country AND sex IN :sex",
        {"country": ["FJ", "TV"], "sex": ["", "woman"]},
    )


def test_the_forms_offer_what_is_stored() -> None:
    assert (tuple(fields.SEXES), tuple(fields.MINISTRY_TYPES), tuple(fields.AGE_BANDS)) == (
        SEXES,
        MINISTRY_TYPES,
        AGE_BANDS,
    )
