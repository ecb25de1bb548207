"""Steps that may be decided for many cases together (``wm:bulk``): those of people, with outcomes of their form."""

from collections.abc import Iterator

from workflows.checks.people import known_form
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import label


@rule
def steps_decided_together_are_decided_by_people(subject: Subject) -> Iterator[Problem]:
    for element in subject.catalogue.elements.values():
        given = element.extension("bulk")
        if given is None:
            continue
        if element.type != "userTask":
            message = f"{label(element)}不是人工任务，不能标记“可以批量办理”（wm:bulk）；请去掉这个标记。"
            yield Problem("error", "bulk_misplaced", element.id, message)
            continue
        form = known_form(subject, element)
        unknown = set(given.get("outcomes", "").split()) - set(form.outcome_values if form else ())
        if form is not None and unknown:
            message = (
                f"{label(element)}允许批量的结果“{'、'.join(sorted(unknown))[:80]}”不在表单的结果之中；"
                f"可以写 {'、'.join(form.outcome_values)}，或者不写 outcomes，表示全部结果都可以批量。"
            )
            yield Problem("error", "bulk_outcome_unknown", element.id, message)
