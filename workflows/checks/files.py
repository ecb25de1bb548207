"""The file as a whole: processes, ids, what stands in it that cannot run."""

from collections.abc import Iterator

from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import TYPES

_RESERVED = frozenset({"Start", "End", "StartEventSplit", "StartEventJoin"})
_RESERVED_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", ".StartEventSplit", ".StartEventJoin")


@rule
def has_executable_process(subject: Subject) -> Iterator[Problem]:
    catalogue = subject.catalogue
    if not catalogue.processes:
        message = "文件中没有流程（bpmn:process）；请提供 BPMN 2.0 流程图，而不是编排图、会话图或其他文件。"
        yield Problem("error", "no_process", "", message)
    elif not any(p.executable for p in catalogue.processes.values()):
        message = '文件中没有可执行的流程；请在流程属性中勾选“可执行”（isExecutable="true"）。'
        yield Problem("error", "not_executable", next(iter(catalogue.processes)), message)


@rule
def is_the_expected_process(subject: Subject) -> Iterator[Problem]:
    expected, catalogue = subject.facts.process, subject.catalogue
    if expected and catalogue.processes and expected not in catalogue.processes:
        message = f"流程的 id 须为“{expected}”（现为“{next(iter(catalogue.processes))}”）；请在流程属性中改回。"
        yield Problem("error", "process_renamed", next(iter(catalogue.processes)), message)


@rule
def has_one_executable_process(subject: Subject) -> Iterator[Problem]:
    called = {e.attributes.get("calledElement") for e in subject.elements if e.type == "callActivity"}
    runs = [p for p in subject.catalogue.processes.values() if p.executable and p.id not in called]
    for process in runs[1:]:
        message = f"文件中有多个可执行的流程；「{process.name or process.id}」请另存为一个文件，或设为不可执行。"
        yield Problem("warning", "several_processes", process.id, message)


@rule
def ids_are_there(subject: Subject) -> Iterator[Problem]:
    for kind, line in subject.catalogue.unnamed:
        message = f"第 {line} 行的{TYPES.get(kind, kind)}没有 id，引擎会忽略它；请补上唯一的 id。"
        yield Problem("error", "id_missing", "", message)


@rule
def ids_are_unique(subject: Subject) -> Iterator[Problem]:
    for key, line in subject.catalogue.repeated:
        message = f"id “{key}” 在第 {line} 行重复使用；请改成唯一的 id。"
        yield Problem("error", "id_repeated", key, message)


@rule
def ids_are_free(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        key = element.id
        if key in _RESERVED or key.endswith(_RESERVED_ENDINGS) or key.endswith(" [child]"):
            message = f"id “{key}” 为引擎保留，使用它会使流程静默出错；请改用别的 id。"
            yield Problem("error", "id_reserved", key, message)


@rule
def nothing_foreign_is_lost(subject: Subject) -> Iterator[Problem]:
    for namespace, count in subject.catalogue.foreign.items():
        message = (
            f"文件含有其他软件的扩展（{namespace[:100]}，{count} 处），本平台不使用；"
            "办理人、表单等请用本平台的属性重新设置。"
        )
        yield Problem("info", "foreign_extension", "", message)
