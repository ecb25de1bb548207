"""Steps that ask for a handwritten signature (``wm:signature``): a field of their form must take its picture."""

from collections.abc import Iterator

from workflows.bpmn import Element
from workflows.checks.people import known_form
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import label


@rule
def signatures_have_a_field(subject: Subject) -> Iterator[Problem]:
    for element in subject.catalogue.elements.values():
        signature = element.extension("signature")
        if signature is None:
            continue
        why = _fault(subject, element, signature.get("field", "signature"))
        if why:
            yield Problem("error", "signature_unclear", element.id, f"{label(element)}{why}")


def _fault(subject: Subject, element: Element, field: str) -> str | None:
    if element.type != "userTask":
        return "不是人工任务，不能要求手写签名（wm:signature）；请去掉这个标记。"
    if element.extension("bulk") is not None:
        return "同时标记了批量办理（wm:bulk）和手写签名（wm:signature）；签名只能逐件签，请去掉其中一个。"
    form = known_form(subject, element)
    if form is not None and field not in form.pictures:
        return (
            f"要求手写签名（wm:signature），但表单没有只收一张图片的文件字段“{field[:60]}”；"
            "请在表单里加一个文件字段，只接受 .png、.jpg，不允许多个，并在 field 里写它的键。"
        )
    return None
