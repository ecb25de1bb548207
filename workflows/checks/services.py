"""Service tasks call services that exist, with the parameters that these take; rule tasks name a decision table."""

from collections.abc import Iterator, Mapping

from workflows.bpmn import Element
from workflows.checks.facts import ServiceFacts
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.data import RESERVED
from workflows.wording import label


@rule
def service_tasks_name_a_service(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("serviceTask"):
        call = element.extension("service")
        if call is None or not call.get("name"):
            message = f"{label(element)}没有指定服务；请从已登记的服务中选择一个（wm:service name）。"
            yield Problem("error", "service_missing", element.id, message)


@rule
def services_are_known(subject: Subject) -> Iterator[Problem]:
    services = subject.facts.services
    if services is None:
        return
    for element, name, _ in _calls(subject):
        if name not in services:
            known = "、".join(sorted(services)) or "（无）"
            message = f"{label(element)}的服务“{name}”没有登记；已登记的服务：{known}。"
            yield Problem("error", "service_unknown", element.id, message)


@rule
def services_get_their_parameters(subject: Subject) -> Iterator[Problem]:
    for element, name, call in _calls(subject):
        service = (subject.facts.services or {}).get(name)
        if service is not None:
            yield from _wrong_parameters(element, name, call, service)


@rule
def rule_tasks_name_a_decision(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("businessRuleTask"):
        decision = (element.extension("decision") or {}).get("ref", "")
        known = subject.facts.decisions
        if not decision:
            message = f"{label(element)}没有指定决策表，引擎无法载入；请选择一个（wm:decision ref）。"
            yield Problem("error", "decision_missing", element.id, message)
        elif known is not None and decision not in known:
            message = (
                f"{label(element)}的决策表“{decision}”不存在；已有的：{'、'.join(sorted(known)) or '（无）'}，请另选。"
            )
            yield Problem("error", "decision_unknown", element.id, message)


@rule
def results_have_usable_names(subject: Subject) -> Iterator[Problem]:
    for element, _, call in _calls(subject):
        result = call.get("result")
        if result and (not result.isidentifier() or result in RESERVED or result.startswith("_")):
            message = f"{label(element)}的结果变量“{result}”不是可用的名称；请用英文字母开头的名称，且不用保留名。"
            yield Problem("error", "name_reserved", element.id, message)


def _calls(subject: Subject) -> Iterator[tuple[Element, str, Mapping[str, str]]]:
    for element in subject.of_type("serviceTask"):
        call = element.extension("service")
        if call is not None and call.get("name"):
            yield element, call["name"], call


def _wrong_parameters(element: Element, name: str, call: Mapping[str, str], service: ServiceFacts) -> Iterator[Problem]:
    given = call.keys() - {"name", "result"}
    for missing in sorted(service.required - given):
        message = f"{label(element)}调用服务“{name}”缺少参数“{missing}”；请补上（值是表达式）。"
        yield Problem("error", "service_parameter_missing", element.id, message)
    for extra in sorted(given - service.required - service.optional):
        message = f"{label(element)}调用的服务“{name}”没有参数“{extra}”；请删除或改名。"
        yield Problem("error", "service_parameter_unknown", element.id, message)
    if service.has_result and not call.get("result"):
        message = f"{label(element)}没有保存服务“{name}”的结果；如后面的条件要用，请设置结果变量（result）。"
        yield Problem("info", "service_result_unused", element.id, message)
    if call.get("result") and not service.has_result:
        message = f"{label(element)}的服务“{name}”没有结果，变量“{call['result']}”得不到值；请删除结果变量。"
        yield Problem("error", "service_without_result", element.id, message)
