"""Working days against an independent day-by-day count, and the dates that the source documents name."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import after_calendar_days, after_working_days, explain, working_days_left
from webapp.deadlines.rules import days_left_text, due_of, severity

KNOWN = st.datetimes(datetime(2004, 1, 1), datetime(2025, 6, 30), timezones=st.just(SHANGHAI))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@given(KNOWN, st.integers(1, 60))
def test_working_days_agree_with_a_count_day_by_day(start: datetime, days: int) -> None:
    day, counted = start.date(), 0
    while counted < days:
        day += timedelta(days=1)
        if chinese_calendar.is_workday(day):
            counted += 1
    due = after_working_days(start, days)
    assert due.at == datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)
    assert not due.is_provisional
    assert working_days_left(due.at, start) == days


@given(KNOWN, st.integers(0, 400))
def test_calendar_days_end_on_a_working_day_at_or_after_the_last_day(start: datetime, days: int) -> None:
    last = start.date() + timedelta(days=days)
    end = after_calendar_days(start, days).at.date()
    assert end >= last
    assert chinese_calendar.is_workday(end)
    assert not any(chinese_calendar.is_workday(last + timedelta(days=n)) for n in range((end - last).days))


@pytest.mark.parametrize("zone_hour", [0, 15, 16, 23])
def test_the_day_is_that_of_shanghai_whatever_the_zone_of_the_instant(zone_hour: int) -> None:
    start = datetime(2021, 4, 22, zone_hour, tzinfo=UTC)
    expected = date(2021, 4, 23) if zone_hour < 16 else date(2021, 4, 25)
    assert after_working_days(start, 1).at.date() == expected


def test_sunday_25_april_2021_is_a_working_day_before_the_labour_holiday() -> None:
    days = {item["date"]: item for item in explain(date(2021, 4, 24), date(2021, 5, 6), by_working_days=True)}
    assert days["2021-04-25"] == {"date": "2021-04-25", "counted": True, "reason": "调休上班"}
    assert days["2021-05-01"] == {"date": "2021-05-01", "counted": False, "reason": "法定节假日（劳动节）"}
    assert after_working_days(at("2021-04-30T10:00"), 1).at.date() == date(2021, 5, 6)


def test_a_year_without_published_holidays_is_marked() -> None:
    assert after_working_days(at("2039-12-30T10:00"), 3).is_provisional


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        ({"working_days": "5"}, "2021-04-29T23:59:59"),
        ({"working_days": "span"}, "2021-04-26T23:59:59"),
        ({"calendar_days": "9"}, "2021-05-06T23:59:59"),
        ({"date": "by"}, "2021-05-01T23:59:59"),
    ],
)
def test_due_moments_of_steps(deadline: dict[str, str], expected: str) -> None:
    data = {"span": 2, "by": "2021-05-01"}
    assert due_of(deadline, at("2021-04-23T09:00"), data) == at(expected)


def test_a_step_without_deadline_is_never_late() -> None:
    assert due_of(None, at("2021-04-23T09:00"), {}) is None
    assert severity(None, at("2021-04-23T09:00")) == "normal"


@pytest.mark.parametrize(
    ("now", "expected", "words"),
    [
        ("2021-04-19T09:00", "normal", "还剩 6 个工作日"),
        ("2021-04-22T09:00", "soon", "还剩 3 个工作日"),
        ("2021-04-25T09:00", "soon", "还剩 1 个工作日"),
        ("2021-04-26T23:00", "soon", "今天到期"),
        ("2021-04-27T00:00", "overdue", "逾期 1 个工作日"),
        ("2021-05-08T09:00", "serious", "逾期 7 个工作日"),
    ],
)
def test_severity_counts_working_days(now: str, expected: str, words: str) -> None:
    due = at("2021-04-26T23:59:59")
    assert severity(due, at(now)) == expected
    assert days_left_text(due, at(now)) == words
