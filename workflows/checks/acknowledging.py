"""Steps that a link in a mail answers by itself (``wm:acknowledge``): only where there is nothing to decide or type."""

from collections.abc import Iterator

from workflows.checks.people import known_form
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import label


@rule
def acknowledged_steps_decide_nothing(subject: Subject) -> Iterator[Problem]:
    for element in subject.catalogue.elements.values():
        if element.extension("acknowledge") is None:
            continue
        if element.type != "userTask":
            message = f"{label(element)}不是人工任务，不能标记“凭链接确认”（wm:acknowledge）；请去掉这个标记。"
            yield Problem("error", "acknowledge_misplaced", element.id, message)
            continue
        form = known_form(subject, element)
        if form is not None and (form.needs_typing or len(form.outcome_values) > 1):
            message = (
                f"{label(element)}标记了“凭链接确认”（wm:acknowledge），但它的表单要选择结果或填写内容，"
                "只凭邮件链接答不了；请去掉标记，或换一个只有“已阅”一种结果、没有必填项的表单。"
            )
            yield Problem("error", "acknowledge_needs_answers", element.id, message)
