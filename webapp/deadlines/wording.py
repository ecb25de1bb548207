"""What a step declares about its time, in one or two sentences: the same on the page of a task and in the outline."""

from collections.abc import Mapping

from webapp.accounts.models import ROLES
from webapp.deadlines.endings import HAND_OVER
from webapp.deadlines.rules import DATES
from webapp.definitions.library import Published

_PHASE = "phase_end"


def time_words(published: Published, element: str) -> str:
    """The period of a step with its reminders and its end, or an empty text where it has no deadline."""
    declared = published.deadlines.get(element)
    if not declared:
        return ""
    return f"期限：{_period(declared)}。{plan_words(published, element)}"


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


def _period(declared: Mapping[str, str]) -> str:
    parts = [
        words.format(declared[name])
        for name, words in (("working_days", "{} 个工作日"), ("calendar_days", "{} 个自然日"))
        if declared.get(name)
    ]
    parts += [f"以 {declared[name]} 为准的日期" for name in DATES if declared.get(name)]
    if declared.get(_PHASE):
        parts.insert(0, "批次规定的阶段截止日")
    words = "，未规定的为 ".join(parts)
    return words + ("，到当天下班为止" if declared.get("office_hours") == "true" else "")
