"""Ends of the whole process: each says what became of the case."""

from collections.abc import Iterator

from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import label

STATUSES = ("completed", "withdrawn", "cancelled")


@rule
def ends_have_an_outcome(subject: Subject) -> Iterator[Problem]:
    called = {e.attributes.get("calledElement") for e in subject.of_type("callActivity")}
    for element in subject.of_type("endEvent"):
        if element.parent != element.process or element.process in called:
            continue
        outcome = element.extension("outcome")
        if outcome is None:
            message = f"{label(element)}没有说明办件的结果；请设置状态、结果代码和名称（wm:outcome）。"
            yield Problem("warning", "outcome_missing", element.id, message)
        elif outcome.get("status") not in STATUSES:
            message = f"{label(element)}的状态“{outcome.get('status', '')[:40]}”无效；可用：{'、'.join(STATUSES)}。"
            yield Problem("error", "outcome_invalid", element.id, message)
        elif not outcome.get("value") or not outcome.get("name"):
            message = f"{label(element)}的结果缺少代码（value）或名称（name）；请补上，列表和统计要用。"
            yield Problem("warning", "outcome_incomplete", element.id, message)
