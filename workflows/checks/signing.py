"""Multi-instance (会签、或签、依次): declared in full, or the engine stops at it or loses what people decided."""

from collections.abc import Iterator, Mapping

from workflows.bpmn import ACTIVITIES, Element, Loop
from workflows.checks.problem import Problem, Severity
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.signing_rules import read_rule
from workflows.wording import label


@rule
def signings_are_declared(subject: Subject) -> Iterator[Problem]:
    for element, loop in _signings(subject):
        if loop.cardinality:
            message = f"{label(element)}按固定次数会签，分不清谁是谁；请改为名单（loopDataInputRef），每人一份。"
            yield Problem("warning", "signing_by_number", element.id, message)
        elif not loop.collection or not loop.item:
            message = f"{label(element)}缺少会签名单（loopDataInputRef）或名单项（inputDataItem），引擎会中断；请补上。"
            yield Problem("error", "signing_without_list", element.id, message)
        if not loop.output or not loop.output_item:
            message = (
                f"{label(element)}缺少结果列表（loopDataOutputRef）或单项结果（outputDataItem），"
                "各人的结果不会保留；请两者都设置。"
            )
            severity: Severity = "error" if loop.output or loop.output_item or loop.condition else "warning"
            yield Problem(severity, "signing_without_result", element.id, message)


@rule
def signing_names_are_names(subject: Subject) -> Iterator[Problem]:
    for element, loop in _signings(subject):
        for name in filter(None, (loop.collection, loop.item, loop.output, loop.output_item)):
            if not name.isidentifier():
                message = f"{label(element)}的会签变量“{name[:60]}”不是变量名；请写一个变量的名称，不写表达式。"
                yield Problem("error", "signing_name_invalid", element.id, message)
        names = [n for n in (loop.collection, loop.item, loop.output, loop.output_item) if n]
        if len(set(names)) < len(names):
            message = f"{label(element)}的名单、名单项、结果列表、单项结果用了相同的名称；请各用各的名称。"
            yield Problem("error", "signing_name_repeated", element.id, message)


def _signings(subject: Subject) -> Iterator[tuple[Element, Loop]]:
    for element in subject.elements:
        if element.loop is not None and element.loop.kind == "multi" and element.type in ACTIVITIES:
            yield element, element.loop


@rule
def signing_rules_can_be_counted(subject: Subject) -> Iterator[Problem]:
    signings = {element.id: loop for element, loop in _signings(subject)}
    for element in subject.elements:
        declared = element.extension("signing")
        if declared is None:
            continue
        if element.id not in signings:
            message = f"{label(element)}声明了会签规则（wm:signing），却不是多实例；请为它设置会签名单。"
            yield Problem("error", "signing_rule_alone", element.id, message)
            continue
        yield from _unclear(element, declared)


def _unclear(element: Element, declared: Mapping[str, str]) -> Iterator[Problem]:
    try:
        read = read_rule(declared)
    except (ValueError, ZeroDivisionError):
        message = f"{label(element)}的会签规则无效；rule 请写 all、any 或 ratio，ratio 请写 0 到 1 之间的数，如 2/3。"
        yield Problem("error", "signing_rule_invalid", element.id, message)
        return
    if not read.approve:
        message = f'{label(element)}的会签规则没有说明哪些结果算同意；请在 approve 中写出，如 approve="pass"。'
        yield Problem("error", "signing_rule_without_approval", element.id, message)
    if not declared.get("outcome"):
        message = f'{label(element)}的会签规则没有说明哪个变量是各人的结果；请在 outcome 中写出，如 outcome="outcome"。'
        yield Problem("error", "signing_rule_without_outcome", element.id, message)
