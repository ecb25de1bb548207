"""User tasks: somebody must be able to do each, with a form and with a way to say no."""

from collections.abc import Iterator, Mapping

from workflows.bpmn import Element
from workflows.checks.facts import FormFacts
from workflows.checks.numbers import is_whole
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.graph import Graph
from workflows.wording import label

_WHERE = ("region", "organisation", "person")
_MOST_PERSONS = 99_999


@rule
def tasks_have_candidates(subject: Subject) -> Iterator[Problem]:
    for task in subject.of_type("userTask"):
        assignment = subject.catalogue.assignment(task.id)
        if assignment is None:
            message = f"{label(task)}没有指定办理人；请设置角色，以及地区、单位或人员之一（wm:assignment）。"
            yield Problem("error", "assignment_missing", task.id, message)
        else:
            yield from _incomplete(task, assignment)


@rule
def roles_are_known(subject: Subject) -> Iterator[Problem]:
    roles = subject.facts.roles
    if roles is None:
        return
    for task in subject.of_type("userTask"):
        assignment = subject.catalogue.assignment(task.id) or {}
        for role in assignment.get("roles", "").split():
            if role not in roles:
                message = f"{label(task)}的角色“{role}”不存在；可用的角色：{'、'.join(sorted(roles))}。"
                yield Problem("error", "role_unknown", task.id, message)


@rule
def exclusions_are_known(subject: Subject) -> Iterator[Problem]:
    for task in subject.of_type("userTask"):
        assignment = subject.catalogue.assignment(task.id) or {}
        for word in assignment.get("exclude", "").split():
            kind, _, element = word.partition(":")
            known = element in subject.catalogue.elements if kind == "acted" else word == "unit"
            if not known:
                message = f"{label(task)}的回避规则“{word}”无效；请写 unit，或 acted:加上本流程中一个任务的 id。"
                yield Problem("error", "exclusion_unknown", task.id, message)


@rule
def tasks_have_forms(subject: Subject) -> Iterator[Problem]:
    forms = subject.facts.forms
    if forms is None:
        return
    for task in subject.of_type("userTask"):
        key = form_key(task)
        if key in forms:
            continue
        if task.extension("form") is None:
            message = f"{label(task)}没有表单；请为它选择表单（wm:form），或建立名为“{key}”的表单。"
            yield Problem("error", "form_missing", task.id, message)
        else:
            message = f"{label(task)}的表单“{key}”不存在；请建立该表单或另选一个（与它有关的变量暂不检查）。"
            yield Problem("error", "form_unknown", task.id, message)


@rule
def forms_have_an_outcome(subject: Subject) -> Iterator[Problem]:
    for task in subject.of_type("userTask"):
        form = known_form(subject, task)
        if form is not None and form.outcome is None:
            message = f"{label(task)}的表单没有“办理结果”字段；请加一个单选或下拉字段并标记为结果。"
            yield Problem("warning", "outcome_field_missing", task.id, message)


@rule
def deciding_tasks_can_refuse(subject: Subject) -> Iterator[Problem]:
    for container, graph in subject.graphs.items():
        starts = subject.catalogue.starts(container)
        first = graph.reach(starts, lambda key: _is_work(subject.catalogue.elements[key]))
        deciding = _before_choices(subject, graph)
        for key in graph.after:
            task = subject.catalogue.elements[key]
            is_exempt = task.type != "userTask" or key in first or _is_one_of_many(subject, task)
            if not is_exempt and key not in deciding:
                yield _no_way_back(subject, task)


def form_key(task: Element) -> str:
    """Key of the form of a user task: what it names, else its own id."""
    return (task.extension("form") or {}).get("key") or task.id


def known_form(subject: Subject, task: Element) -> FormFacts | None:
    """What is known of the form of a task."""
    return (subject.facts.forms or {}).get(form_key(task))


def _incomplete(task: Element, assignment: Mapping[str, str]) -> Iterator[Problem]:
    given = [name for name in _WHERE if assignment.get(name)]
    if len(given) != 1:
        message = f"{label(task)}的办理人应在地区（region）、单位（organisation）、人员（person）中恰好设置一个。"
        yield Problem("error", "assignment_unclear", task.id, message)
    elif given != ["person"] and not assignment.get("roles", "").split():
        message = f"{label(task)}没有设置办理角色；请至少选择一个角色（roles）。"
        yield Problem("error", "assignment_unclear", task.id, message)
    if assignment.get("persons") and not is_whole(assignment["persons"], 1, _MOST_PERSONS):
        message = f"{label(task)}的最少人数“{assignment['persons'][:40]}”不是正整数；请写数字，如 2。"
        yield Problem("error", "assignment_unclear", task.id, message)


def _is_one_of_many(subject: Subject, task: Element) -> bool:
    """Whether a task is done several times at once, so that the decision falls behind it."""
    return any(e.loop is not None and e.loop.kind == "multi" for e in subject.catalogue.around(task.id))


def _is_work(element: Element) -> bool:
    return element.type in ("userTask", "manualTask", "task", "subProcess", "transaction", "callActivity")


def _before_choices(subject: Subject, graph: Graph) -> set[str]:
    """Everything that comes to a choice before anybody does something else."""
    choices = [key for key in graph.after if _is_choice(subject.catalogue.elements[key])]
    return graph.reach_back(choices, lambda key: _is_work(subject.catalogue.elements[key]))


def _is_choice(element: Element) -> bool:
    return element.type in ("exclusiveGateway", "inclusiveGateway") and len(element.outgoing) > 1


def _no_way_back(subject: Subject, task: Element) -> Problem:
    form = known_form(subject, task)
    if form is not None and len(form.outcome_values) < 2:
        message = f"{label(task)}只有一种结果，之后没有退回或否决的去路；如果只是经办步骤，可以不改。"
        return Problem("info", "no_way_back", task.id, message)
    message = f"{label(task)}之后没有退回或否决的去路；请在其后加排他网关，画出退回（或否决）的连线。"
    return Problem("warning", "no_way_back", task.id, message)
