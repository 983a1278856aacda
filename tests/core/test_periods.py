"""Periods in words, the moments of their months, filters of the audit log, and wishes for exports."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.core import acts
from app.core.acts import Sought
from app.core.exports import KINDS, want
from app.core.filters import Period, Unfit, months_of
from app.core.periods import RELATIVE, absolute, bounds
from tests.records.samples import LIBRARY

TODAY = date(2026, 11, 22)
SOMEBODY = "00000000-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (TODAY, ("2026-11", "2026-10", "2026-Q4", "2026-Q3", "2026", "2025")),
        (date(2026, 1, 1), ("2026-01", "2025-12", "2026-Q1", "2025-Q4", "2026", "2025")),
        (date(2026, 12, 31), ("2026-12", "2026-11", "2026-Q4", "2026-Q3", "2026", "2025")),
    ],
)
def test_words_mean_other_months_each_day(today: date, told: tuple[str, ...]) -> None:
    assert tuple(absolute(word, today) for word in RELATIVE) == told
    assert [absolute(period, today) for period in ("", "2026-Q2", "soon")] == ["", "2026-Q2", "soon"]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026-Q4", datetime(2026, 9, 30, 12, tzinfo=UTC), datetime(2026, 12, 31, 12, tzinfo=UTC)),
        ("..2026-12", None, datetime(2026, 12, 31, 12, tzinfo=UTC)),
        ("2026..", datetime(2025, 12, 31, 12, tzinfo=UTC), None),
        ("", None, None),
    ],
)
def test_months_begin_in_the_time_zone_of_the_site(period: str, first: datetime | None, last: datetime | None) -> None:
    assert bounds(months_of(period), ZoneInfo("Pacific/Fiji")) == (first, last)


def test_no_month_is_lost_between_two_periods() -> None:
    zone = ZoneInfo("Asia/Kathmandu")
    assert bounds(Period("2026-01", "2026-03"), zone)[1] == bounds(Period("2026-04", ""), zone)[0]


def test_acts_are_sought_by_deed_person_and_months() -> None:
    args = {"deed": "export", "person": f" {SOMEBODY.replace('-', '')} ", "period": "this-year"}
    sought = acts.read(args, ("export",), TODAY)
    assert sought == Sought(deed="export", person=SOMEBODY, period="2026")
    assert acts.read(sought.as_args(), ("export",), TODAY) == sought
    assert acts.read({"person": "-", "deed": ""}, (), TODAY) == Sought(person=acts.COMMAND_LINE)


def test_what_no_act_can_be_is_refused() -> None:
    wrong = {"deed": "stolen", "person": "nobody", "period": "2026..2025", "who": "x"}
    with pytest.raises(Unfit) as refused:
        acts.read(wrong, ("export",), TODAY)
    assert refused.value.problems == {
        "deed": "unknown",
        "person": "unknown",
        "period": "contradiction",
        "who": "unknown",
    }
    with pytest.raises(Unfit, match="period: period"):
        acts.read({"period": "soon"}, (), TODAY)


def test_a_wish_takes_the_columns_in_their_own_order() -> None:
    wanted = want("learners", ("role", "name"), {"period": ["last-month"], "sex": ["-"]}, LIBRARY, ("en",), TODAY)
    assert [column.name for column in wanted.columns] == ["name", "role"]
    assert [wanted.kind.columns[place].name for place in wanted.places()] == ["name", "role"]
    assert wanted.told == {"period": "2026-10 (last month): joined in these months", "sex": "-"}
    assert wanted.args["period"] == ["last-month"]


@pytest.mark.parametrize(
    ("kind", "chosen", "args", "problems"),
    [
        ("secrets", (), {}, {"kind": "unknown"}),
        ("items", ("name",), {}, {"column": "unknown"}),
        ("items", (), {"sex": ["woman"], "period": ["2026"]}, {"sex": "unused", "period": "unused"}),
        ("statistics", (), {"status": ["started"]}, {"status": "unused"}),
        ("completions", ("hash",), {"sex": ["x"]}, {"sex": "unknown", "column": "unknown"}),
        ("completions", (), {"period": ["2026", "2025"]}, {"period": "several"}),
        ("completions", (), {"period": ["this-year"], "status": ["started"]}, {"status": "contradiction"}),
        ("completions", (), {"period": ["2026"], "status": ["not-started"]}, {"status": "contradiction"}),
    ],
)
def test_wishes_that_cannot_be(
    kind: str, chosen: tuple[str, ...], args: dict[str, list[str]], problems: dict[str, str]
) -> None:
    with pytest.raises(Unfit) as refused:
        want(kind, chosen, args, LIBRARY, ("en",), TODAY)
    assert refused.value.problems == problems


def test_how_far_goes_with_a_period_that_does_not_ask_for_completions() -> None:
    for kind, args in (
        ("completions", {"period": ["2026"], "status": ["completed"]}),
        ("completions", {"status": ["started"]}),
        ("enrolments", {"period": ["2026"], "status": ["not-started"]}),
        ("attempts", {"period": ["2026"], "status": ["started"]}),
    ):
        assert want(kind, (), args, LIBRARY, ("en",), TODAY).filters.status == args["status"][0]


def test_each_kind_says_what_a_row_is() -> None:
    assert all(kind.row.startswith("One row for each") and kind.row.endswith(".") for kind in KINDS.values())
    assert all(column.meaning.endswith(".") for kind in KINDS.values() for column in kind.columns)
