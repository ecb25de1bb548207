"""Working days against an independent day-by-day count, and the dates that the source documents name."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.deadlines.notices import every_day, is_worked
from webapp.clock import SHANGHAI
from webapp.config import ROOT
from webapp.deadlines.calendar import Calendar, Closure, Customs
from webapp.deadlines.shipped import shipped_calendar

CALENDAR = shipped_calendar()
KNOWN = st.datetimes(datetime(2004, 1, 1), datetime(2025, 6, 30), timezones=st.just(SHANGHAI))  # noqa: DTZ001
LATE = st.datetimes(datetime(2004, 1, 1), datetime(2026, 9, 20), timezones=st.just(SHANGHAI))  # noqa: DTZ001
"""So late that sixty working days more still end in the last year that is known."""
DAYS = st.dates(date(2004, 1, 1), date(2026, 12, 31))
COUNTY, CITY, ELSEWHERE = "430681", "430600", "430700"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def with_closures(*closures: Closure, **customs: object) -> Calendar:
    return Calendar(CALENDAR.days, CALENDAR.years, closures, Customs(**customs))


def closed(day: str, *regions: str, part: str = "all") -> Closure:
    return Closure(date.fromisoformat(day), frozenset(regions), part, "抗洪抢险")


def test_the_calendar_agrees_with_the_notices_day_by_day() -> None:
    assert [day for day in every_day() if CALENDAR.works(day) != is_worked(day)] == []


@given(LATE, st.integers(1, 60))
def test_working_days_agree_with_a_count_day_by_day(start: datetime, days: int) -> None:
    day, counted = start.date(), 0
    while counted < days:
        day += timedelta(days=1)
        if chinese_calendar.is_workday(day):
            counted += 1
    due = CALENDAR.after_working_days(start, days)
    assert due.at == datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)
    assert not due.is_provisional
    assert CALENDAR.working_days_left(due.at, start) == days


@given(DAYS, st.integers(0, 900), st.lists(st.tuples(DAYS, st.sampled_from(["all", "am", "pm"])), max_size=20))
def test_days_between_are_those_that_a_count_day_by_day_finds(
    first: date, span: int, days: list[tuple[date, str]]
) -> None:
    calendar = with_closures(*(closed(day.isoformat(), COUNTY, part=part) for day, part in days))
    last = min(first + timedelta(days=span), date(2026, 12, 31))
    parts = {day: {part for other, part in days if other == day} for day, _ in days}
    closed_days = {day for day, found in parts.items() if "all" in found or found == {"am", "pm"}}
    passed = [first + timedelta(days=n + 1) for n in range((last - first).days)]
    expected = sum(chinese_calendar.is_workday(day) and day not in closed_days for day in passed)
    assert calendar.working_days_between(first, last, COUNTY) == expected
    assert calendar.working_days_between(last, first, COUNTY) == -expected
    assert calendar.working_days_between(first, last) == sum(map(chinese_calendar.is_workday, passed))


@given(KNOWN, st.integers(0, 400))
def test_calendar_days_end_on_a_working_day_at_or_after_the_last_day(start: datetime, days: int) -> None:
    last = start.date() + timedelta(days=days)
    end = CALENDAR.after_calendar_days(start, days).at.date()
    assert end >= last
    assert chinese_calendar.is_workday(end)
    assert not any(chinese_calendar.is_workday(last + timedelta(days=n)) for n in range((end - last).days))


def test_calendar_days_stay_on_a_rest_day_where_the_setting_says_so() -> None:
    strict = with_closures(rest_day_end_moves=False)
    assert strict.after_calendar_days(at("2021-04-22T09:00"), 9).at == at("2021-05-01T23:59:59")
    assert CALENDAR.after_calendar_days(at("2021-04-22T09:00"), 9).at == at("2021-05-06T23:59:59")


@given(DAYS.filter(lambda day: day.year > 2004), st.integers(0, 30))
def test_the_working_day_before_is_as_many_working_days_away(day: date, days: int) -> None:
    found = CALENDAR.working_day_before(day, days)
    assert chinese_calendar.is_workday(found)
    last = CALENDAR.working_day_before(day, 0)
    assert CALENDAR.working_days_between(found, last) == days
    assert CALENDAR.working_days_between(last, day) == 0


@pytest.mark.parametrize("zone_hour", [0, 15, 16, 23])
def test_the_day_is_that_of_shanghai_whatever_the_zone_of_the_instant(zone_hour: int) -> None:
    start = datetime(2021, 4, 22, zone_hour, tzinfo=UTC)
    expected = date(2021, 4, 23) if zone_hour < 16 else date(2021, 4, 25)
    assert CALENDAR.after_working_days(start, 1).at.date() == expected


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Auckland"])
def test_the_zone_of_the_server_changes_nothing(zone: str) -> None:
    program = (
        "import json; from datetime import datetime, UTC; from webapp.deadlines.rules import due_of, severity\n"
        "opened = datetime(2021, 4, 22, 17, tzinfo=UTC)\n"
        "ways = [{'working_days': '5'}, {'calendar_days': '9'}, {'date': 'by'}, {'date': 'exact'}, {'before': 'by'}]\n"
        "data = {'by': '2021-05-01', 'exact': '2021-05-01T10:00:00'}\n"
        "due = [due_of(way, opened, data).at for way in ways]\n"
        "print(json.dumps([d.astimezone(UTC).isoformat() for d in due] + [severity(d, opened) for d in due]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"TZ": zone, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [
        "2021-04-29T15:59:59+00:00",
        "2021-05-06T15:59:59+00:00",
        "2021-05-01T15:59:59+00:00",
        "2021-05-01T02:00:00+00:00",
        "2021-05-01T15:59:59+00:00",
        *["normal"] * 5,
    ]


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="没有时区"):
        CALENDAR.after_working_days(datetime(2021, 4, 22, 9), 3)  # noqa: DTZ001


def test_a_year_without_published_holidays_is_marked() -> None:
    due = CALENDAR.after_working_days(at("2039-12-30T10:00"), 3)
    assert due.is_provisional
    assert due.at.date() == date(2040, 1, 4)
    assert "尚未公布" in CALENDAR.state_of(date(2040, 1, 2)).reason
    crossing = CALENDAR.after_working_days(at("2026-12-30T10:00"), 3)
    assert crossing.is_provisional
    assert not CALENDAR.after_working_days(at("2026-12-30T10:00"), 1).is_provisional


def test_a_closure_holds_in_its_regions_alone() -> None:
    calendar = with_closures(closed("2021-04-26", CITY, COUNTY))
    start = at("2021-04-25T09:00")
    assert calendar.after_working_days(start, 1, COUNTY).at.date() == date(2021, 4, 27)
    assert calendar.after_working_days(start, 1, ELSEWHERE).at.date() == date(2021, 4, 26)
    assert calendar.after_working_days(start, 1).at.date() == date(2021, 4, 26)
    assert calendar.state_of(date(2021, 4, 26), COUNTY).reason == "本地不办公（抗洪抢险）"


def test_half_a_day_counts_and_ends_the_office_hours_earlier() -> None:
    calendar = with_closures(closed("2021-04-26", COUNTY, part="pm"), closed("2021-04-27", COUNTY, part="am"))
    start = at("2021-04-25T09:00")
    assert calendar.after_working_days(start, 1, COUNTY, office_hours=True).at == at("2021-04-26T12:00")
    assert calendar.after_working_days(start, 2, COUNTY, office_hours=True).at == at("2021-04-27T17:30")
    assert calendar.after_working_days(start, 1, COUNTY).at == at("2021-04-26T23:59:59")
    assert calendar.state_of(date(2021, 4, 26), COUNTY).reason == "工作日，下午不办公（抗洪抢险）"


def test_both_halves_closed_are_a_closed_day() -> None:
    calendar = with_closures(closed("2021-04-26", COUNTY, part="pm"), closed("2021-04-26", COUNTY, part="am"))
    assert calendar.after_working_days(at("2021-04-25T09:00"), 1, COUNTY).at.date() == date(2021, 4, 27)


def test_office_hours_are_a_setting() -> None:
    calendar = with_closures(afternoon=(time(15), time(18)))
    assert calendar.end_of(date(2021, 4, 26), office_hours=True) == at("2021-04-26T18:00")


def test_before_a_day_includes_it_unless_the_setting_says_otherwise() -> None:
    assert CALENDAR.end_before(date(2021, 4, 20)) == at("2021-04-20T23:59:59")
    exclusive = with_closures(before_includes_day=False)
    assert exclusive.end_before(date(2021, 4, 20)) == at("2021-04-19T23:59:59")


def test_sunday_25_april_2021_is_a_working_day_before_the_labour_holiday() -> None:
    found = CALENDAR.explain(date(2021, 4, 24), date(2021, 5, 6), by_working_days=True)
    days = {item["date"]: item for item in found}
    assert days["2021-04-25"] == {"date": "2021-04-25", "counted": True, "reason": "调休上班"}
    assert days["2021-05-01"] == {"date": "2021-05-01", "counted": False, "reason": "法定节假日（劳动节）"}
    assert CALENDAR.after_working_days(at("2021-04-30T10:00"), 1).at.date() == date(2021, 5, 6)


@pytest.mark.parametrize(
    ("printed", "works", "day_itself", "five_before"),
    [
        # 于4月20日前报3至5个非公单位（平文明办〔2021〕11号）
        ("2021-04-20", True, "2021-04-20", "2021-04-13"),
        # 2021年5月1日前确定帮创名单（豫文明办〔2021〕5号）: a holiday, and the Sunday before it is worked
        ("2021-05-01", False, "2021-04-30", "2021-04-25"),
        # 7月1日—7月31日 第一阶段, 8月20日前提交, 9月1日—9月30日 第二阶段（岳市文明委〔2020〕1号 附件2）
        ("2020-07-31", True, "2020-07-31", "2020-07-24"),
        ("2020-08-20", True, "2020-08-20", "2020-08-13"),
        ("2020-09-30", True, "2020-09-30", "2020-09-24"),
    ],
)
def test_the_dates_of_the_source_documents(printed: str, works: bool, day_itself: str, five_before: str) -> None:
    day = date.fromisoformat(printed)
    assert CALENDAR.works(day) is works
    assert CALENDAR.end_before(day) == at(f"{printed}T23:59:59")
    assert CALENDAR.working_day_before(day, 0).isoformat() == day_itself
    assert CALENDAR.working_day_before(day, 5).isoformat() == five_before
