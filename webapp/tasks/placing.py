"""Whose an open task is and by when, from what its diagram declares and the instance's data.

What cannot be computed is a fault for the administrator; it never undoes the decision that opened the task.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.rules import Circumstances, Deadline, due_of
from webapp.definitions.library import Assignment, Published
from webapp.reminders.stages import next_stage
from workflows import WorkflowsError
from workflows.expressions import Evaluator

_MOST = 2**31


@dataclass(frozen=True)
class Place:
    """Where a task belongs; a fault says what could not be computed and why."""

    region: str | None = None
    organisation: int | None = None
    person: int | None = None
    deadline: Deadline | None = None
    next_notice: datetime | None = None
    """When somebody is told about the deadline for the first time."""
    acts_at: datetime | None = None
    """When the system acts by itself."""
    rule_fault: str | None = None
    deadline_fault: str | None = None

    @property
    def due_columns(self) -> dict[str, Any]:
        """What the row of the task holds about its deadline."""
        found = self.deadline
        plan = {"next_notice_at": self.next_notice, "acts_at": self.acts_at}
        if found is None:
            return {"due_at": None, "due_provisional": False, "due_rule": None} | plan
        return {"due_at": found.at, "due_provisional": found.is_provisional, "due_rule": found.rule} | plan


def place_task(
    published: Published,
    element: str,
    opened: datetime,
    data: Mapping[str, Any],
    home: str | None = None,
    given: Circumstances = Circumstances(),  # noqa: B008 (frozen)
) -> Place:
    """Evaluate the assignment rule and the deadline of a step; never raises for what the data hold.

    Args:
        home: code of the region of the case; its days count where the step is not for the office of a region.
        given: the batch and the time that earlier rounds used.
    """
    rule = published.assignments[element]
    region, organisation, person, rule_fault = whose(rule, data)
    deadline, deadline_fault = _due(published, element, opened, data, region or home, given)
    notice, acts_at = _plan(published, element, opened, deadline, region or home)
    return Place(region, organisation, person, deadline, notice, acts_at, rule_fault, deadline_fault)


def _plan(
    published: Published, element: str, opened: datetime, deadline: Deadline | None, region: str | None
) -> tuple[datetime | None, datetime | None]:
    """When somebody is told first, and when the system acts."""
    if deadline is None:
        return None, None
    calendar = calendar_in_force()
    stage = next_stage(published.reminders[element], deadline.at, opened, calendar, region)
    return stage.at if stage else None, published.endings[element].moment(deadline.at, calendar, region)


def whose(rule: Assignment, data: Mapping[str, Any]) -> tuple[str | None, int | None, int | None, str | None]:
    """Region, organisation and person that an assignment rule gives; at last why it gives none."""
    try:
        region = _evaluated(rule.region, data)
        organisation = _number("organisation", _evaluated(rule.organisation, data))
        person = _number("person", _evaluated(rule.person, data))
        if region is not None and not isinstance(region, str):
            raise ValueError(f"region 应为地区代码，而不是 {region!r}")
    except (WorkflowsError, ValueError) as error:
        return None, None, None, str(error)
    return region, organisation, person, None


def _due(
    published: Published,
    element: str,
    opened: datetime,
    data: Mapping[str, Any],
    region: str | None,
    given: Circumstances,
) -> tuple[Deadline | None, str | None]:
    declared = published.deadlines.get(element)
    try:
        found = due_of(declared, opened, data, region, given=given)
    except (ValueError, TypeError, OverflowError) as error:
        return None, f"{dict(declared or {})}: {error}"
    if found and element in published.timed:  # its timer in the engine stays where it was armed
        return replace(found, rule=None), None
    return found, None


def _evaluated(expression: str | None, data: Mapping[str, Any]) -> Any:
    return _OWN.evaluator.value(expression, dict(data)) if expression else None


class _OfThread(threading.local):
    """One evaluator for each thread: making one takes longer than most expressions do."""

    def __init__(self) -> None:
        self.evaluator = Evaluator({})


_OWN = _OfThread()


def _number(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or not 0 < int(value) < _MOST:
        raise ValueError(f"{name} 应为编号，而不是 {value!r}")
    return int(value)
