"""Whose an open task is and by when, from what its diagram declares and the instance's data.

What cannot be computed is a fault for the administrator; it never undoes the decision that opened the task.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.deadlines.rules import due_of
from webapp.definitions.library import Published
from workflows import WorkflowsError
from workflows.expressions import Evaluator

_MOST = 2**31


@dataclass(frozen=True)
class Place:
    """Where a task belongs; a fault says what could not be computed and why."""

    region: str | None = None
    organisation: int | None = None
    person: int | None = None
    due_at: datetime | None = None
    rule_fault: str | None = None
    deadline_fault: str | None = None


def place_task(published: Published, element: str, opened: datetime, data: Mapping[str, Any]) -> Place:
    """Evaluate the assignment rule and the deadline of a step; never raises for what the data hold."""
    rule = published.assignments[element]
    due_at, deadline_fault = _due(published.deadlines.get(element), opened, data)
    try:
        region = _evaluated(rule.region, data)
        organisation = _number("organisation", _evaluated(rule.organisation, data))
        person = _number("person", _evaluated(rule.person, data))
        if region is not None and not isinstance(region, str):
            raise ValueError(f"region 应为地区代码，而不是 {region!r}")
    except (WorkflowsError, ValueError) as error:
        return Place(due_at=due_at, rule_fault=str(error), deadline_fault=deadline_fault)
    return Place(region, organisation, person, due_at, deadline_fault=deadline_fault)


def _due(
    deadline: Mapping[str, str] | None, opened: datetime, data: Mapping[str, Any]
) -> tuple[datetime | None, str | None]:
    try:
        return due_of(deadline, opened, data), None
    except (ValueError, TypeError, OverflowError) as error:
        return None, f"{dict(deadline or {})}: {error}"


def _evaluated(expression: str | None, data: Mapping[str, Any]) -> Any:
    return Evaluator({}).value(expression, dict(data)) if expression else None


def _number(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or not 0 < int(value) < _MOST:
        raise ValueError(f"{name} 应为编号，而不是 {value!r}")
    return int(value)
