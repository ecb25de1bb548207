"""The due moments that diagrams declare, and what is said of them."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import Calendar, Customs
from webapp.deadlines.rules import compute, days_left_text, due_of, rest_day_words, severity, with_added
from webapp.deadlines.shipped import shipped_calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        ({"working_days": "5"}, "2021-04-29T23:59:59"),
        ({"working_days": "5", "office_hours": "true"}, "2021-04-29T17:30:00"),
        ({"working_days": "span"}, "2021-04-26T23:59:59"),
        ({"calendar_days": "9"}, "2021-05-06T23:59:59"),
        ({"date": "by"}, "2021-05-01T23:59:59"),
        ({"date": "'2021-05-01'"}, "2021-05-01T23:59:59"),
        ({"date": "exact"}, "2021-05-01T10:30:00"),
        ({"end_of_day": "exact"}, "2021-05-01T23:59:59"),
        ({"end_of_day": "by", "office_hours": "true"}, "2021-05-01T17:30:00"),
        ({"before": "by"}, "2021-05-01T23:59:59"),
    ],
)
def test_due_moments_of_steps(deadline, expected):
    data = {"span": 2, "by": "2021-05-01", "exact": "2021-05-01T10:30:00+08:00"}
    assert due_of(deadline, at("2021-04-23T09:00"), data).at == at(expected)


def test_before_follows_the_setting():
    shipped = shipped_calendar()
    exclusive = Calendar(shipped.days, shipped.years, (), Customs(before_includes_day=False))
    found = due_of({"before": "by"}, at("2021-04-12T09:00"), {"by": "2021-04-20"}, None, exclusive)
    assert found.at == at("2021-04-19T23:59:59")


@pytest.mark.parametrize("deadline", [None, {}, {"date": "later"}, {"before": "empty"}])
def test_a_step_without_deadline_is_never_late(deadline):
    assert due_of(deadline, at("2021-04-23T09:00"), {"empty": ""}) is None
    assert severity(None, at("2021-04-23T09:00")) == "normal"


@pytest.mark.parametrize("value", [None, "soon", 1.5, True, -1, 999999, [3]])
def test_a_variable_that_holds_no_number_of_days_is_a_fault(value):
    with pytest.raises(ValueError, match="span"):
        due_of({"working_days": "span"}, at("2021-04-23T09:00"), {"span": value})


@pytest.mark.parametrize("value", ["soon", 20210501, "2021-13-01"])
def test_a_variable_that_holds_no_date_is_a_fault(value):
    with pytest.raises(ValueError, match=r"日期|isoformat|month"):
        due_of({"date": "by"}, at("2021-04-23T09:00"), {"by": value})


def test_only_what_is_computed_from_days_keeps_a_rule():
    opened, data = at("2021-04-23T09:00"), {"by": "2021-05-01"}
    assert due_of({"working_days": "5"}, opened, data, "430681").rule == {"working_days": 5, "region": "430681"}
    assert due_of({"date": "by"}, opened, data).rule is None


@given(
    st.datetimes(datetime(2004, 1, 1), datetime(2025, 1, 1), timezones=st.just(SHANGHAI)),  # noqa: DTZ001
    st.sampled_from(["working_days", "calendar_days"]),
    st.integers(0, 60),
    st.integers(1, 30),
    st.integers(1, 30),
)
def test_days_that_are_added_move_the_due_moment_by_as_many_working_days(opened, kind, days, first, second):
    calendar = shipped_calendar()
    found = due_of({kind: str(days)}, opened, {})
    once = compute(with_added(found.rule, found.at, first, None), opened, calendar)
    twice = compute(with_added(with_added(found.rule, found.at, first, None), once.at, second, None), opened, calendar)
    assert calendar.working_days_left(once.at, found.at) == first
    assert calendar.working_days_left(twice.at, once.at) == second


def test_a_printed_date_that_a_person_extends_moves_from_itself():
    due = at("2021-05-01T23:59:59")
    rule = with_added(None, due, 2, None)
    assert compute(rule, due - timedelta(days=9), shipped_calendar()).at == at("2021-05-07T23:59:59")


def test_a_printed_date_on_a_holiday_says_so():
    words = rest_day_words(at("2021-05-01T23:59:59"))
    assert words == "5月1日为法定节假日（劳动节），日期不顺延；此前最后一个工作日是 4月30日。"
    assert rest_day_words(at("2021-04-20T23:59:59")) is None
    assert (rest_day_words(at("2099-01-24T23:59:59")) or "").startswith("1月24日为周末（当年放假安排尚未公布")


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
def test_severity_counts_working_days(now, expected, words):
    due = at("2021-04-26T23:59:59")
    assert severity(due, at(now)) == expected
    assert days_left_text(due, at(now)) == words
