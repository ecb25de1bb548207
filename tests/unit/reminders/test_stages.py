"""The plan of reminders and escalation: in order, in the morning of working days, merged where they were missed."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.deadlines.conftest import at
from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import end_of
from webapp.deadlines.shipped import shipped_calendar
from webapp.reminders.stages import ESCALATION, REMINDER, Plan, latest_stage, next_stage, plan_of, stages_between

CALENDAR = shipped_calendar()
PLANS = st.builds(
    Plan,
    before=st.lists(st.integers(1, 20), max_size=4).map(tuple),
    on_day=st.booleans(),
    escalate_after=st.none() | st.integers(1, 10),
    repeat_every=st.none() | st.integers(1, 10),
)
DUES = st.dates(date(2005, 1, 1), date(2025, 12, 1)).map(end_of)


def stages(due: datetime, opened: datetime, until: datetime, plan: Plan | None = None) -> list[tuple[str, str]]:
    found = stages_between(plan or Plan(), due, opened, until, CALENDAR, None)
    return [(stage.kind, f"{stage.at:%Y-%m-%d %H}") for stage in found]


def test_first_of_may_2021_is_reminded_of_by_the_last_working_day_before() -> None:
    assert stages(at("2021-05-01T23:59:59"), at("2021-04-01T10:00"), at("2021-05-20T00:00")) == [
        (REMINDER, "2021-04-25 08"),
        (REMINDER, "2021-04-27 08"),
        (REMINDER, "2021-04-29 08"),
        (REMINDER, "2021-04-30 08"),
        (ESCALATION, "2021-05-06 09"),
        (ESCALATION, "2021-05-12 09"),
        (ESCALATION, "2021-05-19 09"),
    ]


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2021-04-20", ["2021-04-13", "2021-04-15", "2021-04-19", "2021-04-20", "2021-04-21"]),
        ("2020-07-31", ["2020-07-24", "2020-07-28", "2020-07-30", "2020-07-31", "2020-08-03"]),
        ("2020-08-20", ["2020-08-13", "2020-08-17", "2020-08-19", "2020-08-20", "2020-08-21"]),
        ("2020-09-30", ["2020-09-24", "2020-09-27", "2020-09-29", "2020-09-30", "2020-10-09"]),
    ],
)
def test_the_dates_of_the_documents(due: str, expected: list[str]) -> None:
    found = stages_between(
        Plan(repeat_every=None), at(f"{due}T23:59:59"), at("2020-01-01T00:00"), at("2022-01-01T00:00"), CALENDAR, None
    )
    assert [stage.at.date().isoformat() for stage in found] == expected


def test_what_is_due_before_the_office_opens_is_reminded_of_the_working_day_before() -> None:
    found = stages(at("2021-04-23T07:30"), at("2021-04-01T10:00"), at("2021-04-24T00:00"), Plan(before=()))
    assert found == [(REMINDER, "2021-04-22 08")]


def test_a_task_opened_late_misses_the_stages_before() -> None:
    assert stages(at("2021-04-23T23:59:59"), at("2021-04-22T10:00"), at("2021-04-24T00:00")) == [
        (REMINDER, "2021-04-23 08")
    ]


def test_what_was_missed_is_merged_into_the_latest_stage() -> None:
    due, opened = at("2021-04-23T23:59:59"), at("2021-04-01T10:00")
    missed = latest_stage(Plan(), due, opened, at("2021-04-22T12:00"), CALENDAR, None)
    assert missed is not None
    assert (missed.kind, missed.number) == (REMINDER, 1)
    late = latest_stage(Plan(), due, opened, at("2021-05-08T12:00"), CALENDAR, None)
    assert late is not None
    assert (late.kind, late.number) == (ESCALATION, 1)


def test_plans_are_read_from_the_diagram_and_said_in_words() -> None:
    assert plan_of(None) == Plan()
    own = plan_of({"before": "10", "on_day": "false", "escalate_after": "2", "repeat_every": "0"})
    assert own == Plan((10,), False, 2, None)
    assert own.words == "到期前 10 个工作日提醒办理人，逾期第 2 个工作日报上级。"
    assert Plan().words == (
        "到期前 5、3、1 个工作日和到期当天提醒办理人，逾期第 1 个工作日报上级，此后每 5 个工作日再报。"
    )
    assert plan_of({"before": "", "on_day": "false", "escalate_after": "0"}).words == "不作提醒，逾期不上报。"


@given(PLANS, DUES, st.integers(0, 60))
def test_stages_come_in_order_in_the_morning_of_working_days(plan: Plan, due: datetime, days: int) -> None:
    opened = due - timedelta(days=days, hours=3)
    found = stages_between(plan, due, opened, due + timedelta(days=40), CALENDAR, None)
    moments = [stage.at for stage in found]
    assert moments == sorted(set(moments))
    for stage in found:
        local = stage.at.astimezone(SHANGHAI)
        assert CALENDAR.works(local.date())
        assert local.hour in (8, 9)
        assert stage.at > opened
        assert (stage.at < due) == (stage.kind == REMINDER)


@given(PLANS, DUES, st.integers(0, 90))
def test_each_stage_is_the_next_after_the_one_before(plan: Plan, due: datetime, days: int) -> None:
    opened = due - timedelta(days=30)
    until = opened + timedelta(days=days)
    found, after = [], opened
    while (stage := next_stage(plan, due, after, CALENDAR, None)) and stage.at <= until:
        found.append(stage)
        after = stage.at
    assert found == stages_between(plan, due, opened, until, CALENDAR, None)
    assert latest_stage(plan, due, opened, until, CALENDAR, None) == (found[-1] if found else None)
