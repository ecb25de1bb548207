"""The clock of a case: what runs, what stands still, and that no day is lost or counted twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import day_of
from webapp.deadlines.shipped import shipped_calendar
from webapp.deadlines.spans import PAUSED, RUNNING, Stop, elapsed

CALENDAR = shipped_calendar()


@dataclass(frozen=True)
class Did:
    element: str
    opened_at: datetime
    closed_at: datetime | None

    @property
    def name(self) -> str:
        return {"review": "县级初审", "correct": "补正申报材料"}.get(self.element, self.element)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_the_clock_stands_still_while_the_unit_corrects():
    tasks = [
        Did("review", at("2021-04-20T09:00"), at("2021-04-22T10:00")),
        Did("correct", at("2021-04-22T10:00"), at("2021-04-28T10:00")),
        Did("review", at("2021-04-28T10:00"), None),
    ]
    found = elapsed(CALENDAR, None, at("2021-04-20T09:00"), None, at("2021-05-06T09:00"), tasks, [], {"correct"}, 10)
    assert [(span.kind, span.reason, span.working_days, span.is_open) for span in found.spans] == [
        (RUNNING, "", 2, False),
        (PAUSED, "补正申报材料", 5, False),  # Friday, the Sunday that is worked, and three days
        (RUNNING, "", 3, True),
    ]
    assert (found.running, found.paused) == (5, 5)
    # 10 working days of the offices and the 5 of the unit
    assert found.due_at == CALENDAR.after_working_days(at("2021-04-20T09:00"), 15).at


def test_what_runs_beside_keeps_the_clock_running():
    tasks = [
        Did("review", at("2021-04-20T09:00"), at("2021-04-26T10:00")),
        Did("correct", at("2021-04-20T09:00"), at("2021-04-28T10:00")),
    ]
    ended = at("2021-04-28T10:00")
    found = elapsed(CALENDAR, None, at("2021-04-20T09:00"), ended, ended, tasks, [], {"correct"})
    assert [(span.kind, span.working_days) for span in found.spans] == [(RUNNING, 5), (PAUSED, 2)]
    assert (found.limit, found.due_at) == (None, None)
    assert not any(span.is_open for span in found.spans)


def test_a_suspension_stops_everything_and_says_why():
    tasks = [Did("review", at("2021-04-20T09:00"), None)]
    stops = [
        Stop(at("2021-04-21T09:00"), at("2021-04-25T09:00"), "核实举报"),
        Stop(at("2021-04-27T09:00"), None, "再核实"),
    ]
    found = elapsed(CALENDAR, None, at("2021-04-20T09:00"), None, at("2021-04-28T09:00"), tasks, stops, {"correct"})
    assert [(span.kind, span.reason, span.working_days) for span in found.spans] == [
        (RUNNING, "", 1),
        (PAUSED, "挂起：核实举报", 3),
        (RUNNING, "", 2),
        (PAUSED, "挂起：再核实", 1),
    ]


def test_a_case_that_has_just_begun_has_no_history():
    now = at("2021-04-20T09:00")
    assert elapsed(CALENDAR, None, now, None, now, [Did("review", now, None)], [], set()).spans == []


MOMENTS = st.integers(0, 24 * 200).map(lambda hours: at("2021-01-01T00:00") + timedelta(hours=hours))
TASKS = st.lists(
    st.builds(
        lambda element, ends: Did(element, min(ends), max(ends)),
        st.sampled_from(["review", "correct", "consult"]),
        st.tuples(MOMENTS, MOMENTS),
    ),
    max_size=12,
)


@given(TASKS, st.tuples(MOMENTS, MOMENTS), st.lists(st.tuples(MOMENTS, MOMENTS), max_size=3))
def test_the_spans_cover_the_whole_time_without_gap_or_overlap(tasks, ends, stops):
    started, ended = min(ends), max(ends)
    stopped = [Stop(min(pair), max(pair), "核实") for pair in stops]
    found = elapsed(CALENDAR, None, started, ended, ended, tasks, stopped, {"correct", "consult"})
    total = CALENDAR.working_days_between(day_of(started), day_of(ended))
    assert found.running + found.paused == total
    if found.spans:
        assert (found.spans[0].since, found.spans[-1].until) == (started, ended)
    for one, following in zip(found.spans, found.spans[1:], strict=False):
        assert one.until == following.since
        assert (one.kind, one.reason) != (following.kind, following.reason)
