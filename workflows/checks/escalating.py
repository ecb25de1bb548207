"""Escalation events: what is thrown must be caught around it, for the engine passes over what nobody catches."""

from collections.abc import Iterator

from workflows.bpmn import Element
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import label


@rule
def escalations_reach_somebody(subject: Subject) -> Iterator[Problem]:
    called = {e.attributes.get("calledElement", "").strip() for e in subject.of_type("callActivity")}
    for element in subject.of_type("intermediateThrowEvent", "endEvent"):
        is_thrown = element.event is not None and element.event.kind == "escalation"
        if is_thrown and element.process not in called and not any(_catchers(subject, element)):
            message = (
                f"{label(element)}发出的升级没有人接收，不会有任何作用；请在外面的子流程边界上加升级事件来接收，"
                "要报告上级的，请改用人工任务的“提醒和上报”。"
            )
            yield Problem("warning", "escalation_to_nobody", element.id, message)


def _catchers(subject: Subject, thrown: Element) -> Iterator[bool]:
    sent = thrown.event.reference if thrown.event else None
    for around in subject.catalogue.around(thrown.id):
        for key in subject.catalogue.attached.get(around.id, ()):
            event = subject.catalogue.elements[key].event
            if event is not None and event.kind == "escalation":
                yield event.reference in (None, sent)
