"""What a step declares about its time, in one or two sentences: the same on the page of a task and in the outline."""

from collections.abc import Mapping
from typing import Any

from webapp.accounts.models import ROLES
from webapp.deadlines.endings import HAND_OVER
from webapp.deadlines.rules import DATES
from webapp.definitions.library import Published
from workflows.picture import Limit

_PHASE = "phase_end"
_UNITS = {"working_days": "个工作日", "calendar_days": "个自然日"}


def time_words(published: Published, element: str, data: Mapping[str, Any] | None = None) -> str:
    """The period of a step with its reminders and its end, or an empty text where it has no deadline.

    Args:
        data: of a case, whose numbers and dates then stand instead of the names that the diagram gives them.
    """
    declared = published.deadlines.get(element)
    if not declared:
        return ""
    return f"期限：{_period(declared, data or {})}。{plan_words(published, element)}"


def limits_of(published: Published) -> dict[str, Limit]:
    """The time of each step that has a deadline, for the picture of the diagram."""
    return {
        element: Limit(_short(declared), time_words(published, element))
        for element, declared in published.deadlines.items()
        if declared
    }


def _short(declared: Mapping[str, str]) -> str:
    for name, unit in _UNITS.items():
        if declared.get(name, "").isdecimal() and not declared.get(_PHASE):
            return f"{declared[name]} {unit}"
    return "限时"


def plan_words(published: Published, element: str) -> str:
    """Who is reminded when, who is told when it is late, and what happens by itself."""
    return f"{published.reminders[element].words}{ending_words(published, element)}"


def ending_words(published: Published, element: str) -> str:
    """What happens by itself at the end of the time; empty where that is nothing."""
    ending = published.endings[element]
    if not ending.acts:
        return ""
    roles = published.successors[element].roles if ending.act == HAND_OVER else ()
    people = "、".join(ROLES.get(role, role) for role in roles) or "指定人员"
    return ending.words(people, published.outcome_label(element, ending.outcome))


def _period(declared: Mapping[str, str], data: Mapping[str, Any]) -> str:
    parts = [f"{_value(declared[name], data)} {unit}" for name, unit in _UNITS.items() if declared.get(name)]
    parts += [f"以 {_value(declared[name], data)} 为准的日期" for name in DATES if declared.get(name)]
    words = "，".join(parts)
    if declared.get(_PHASE):
        words = f"批次规定的阶段截止日，未规定的为 {words}" if words else "批次规定的阶段截止日"
    return f"{words}，到当天下班为止" if declared.get("office_hours") == "true" else words


def _value(text: str, data: Mapping[str, Any]) -> str:
    """What a variable of the case holds; the name itself where it holds nothing yet."""
    found = data.get(text)
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else text
