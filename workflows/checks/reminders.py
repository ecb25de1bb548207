"""Reminders and escalation of user tasks: what could not be planned is refused, with what to write instead."""

from collections.abc import Iterator, Mapping

from workflows.checks.numbers import is_whole
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import label

_KNOWN = ("before", "on_day", "escalate_after", "repeat_every")
_MOST_DAYS = 250


@rule
def reminders_can_be_planned(subject: Subject) -> Iterator[Problem]:
    for task in subject.of_type("userTask"):
        declared = task.extension("reminders")
        if declared is None:
            continue
        for why in _faults(declared):
            yield Problem("error", "reminders_unclear", task.id, f"{label(task)}的提醒设置（wm:reminders）{why}")


def _faults(declared: Mapping[str, str]) -> Iterator[str]:
    for name in declared:
        if name not in _KNOWN:
            yield f"不认识“{name[:40]}”；可以写 {'、'.join(_KNOWN)}。"
    for text in declared.get("before", "").split():
        if not is_whole(text, 1, _MOST_DAYS):
            yield f"的 before 中“{text[:40]}”不是 1 到 {_MOST_DAYS} 的整数；请写到期前的工作日数，如 5 3 1。"
    if declared.get("on_day", "true") not in {"true", "false"}:
        yield f"的 on_day“{declared['on_day'][:40]}”只能是 true（到期当天提醒）或 false。"
    for name in ("escalate_after", "repeat_every"):
        if name in declared and not is_whole(declared[name], 0, _MOST_DAYS):
            yield f"的 {name}“{declared[name][:40]}”不是 0 到 {_MOST_DAYS} 的整数；请写工作日数，0 表示不作。"
