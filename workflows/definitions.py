"""One version of a process: immutable, loaded once from its files and shared by all threads and instances."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from workflows.bpmn import Catalogue, Element, Extensions
from workflows.catalogue import read_catalogue
from workflows.checks.problem import Problem
from workflows.errors import DefinitionError, ExpressionError
from workflows.expressions import names_in
from workflows.parsing import parse_specs
from workflows.safe_xml import UnsafeXmlError, parse_xml

_TEXTS_THAT_ARE_NO_EXPRESSIONS = {
    "service": {"name", "result"},
    "assignment": {"roles", "persons", "exclude"},
    "deadline": {"office_hours", "phase_end", "on_return"},
    "overdue": {"act", "after", "roles", "persons", "outcome"},
    "signing": {"rule", "ratio", "approve", "hear_all"},
    "cc": {"roles"},
}


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A version of a process. `digest` tells versions apart; a state can be restored onto its own version only.

    `variables` are the names that conditions, scripts, services, assignments, deadlines, timers and multi-instances
    read, the results that these collect included: nothing else has any business in the engine.
    """

    process: str
    name: str
    digest: str
    catalogue: Catalogue = field(repr=False)
    variables: frozenset[str] = field(repr=False)
    flows: Mapping[tuple[str, str], str] = field(repr=False)  # (source, target) → flow, where there is only one
    spec: Any = field(repr=False)  # the library's spec and, by id, those of the subprocesses
    inner: Mapping[str, Any] = field(repr=False)


def load_definition(bpmn: bytes, process: str | None = None, tables: Sequence[bytes] = ()) -> Definition:
    """Load a process from a BPMN file and its decision tables (DMN).

    Args:
        process: id of the process; may be left out if the file has one executable process.

    Raises:
        DefinitionError: unreadable, no such process, or something that the engine cannot take. `workflows.checks`
            finds what the engine would take silently and get wrong.
    """
    root = _parsed(bpmn)
    everything = read_catalogue(root)
    process = process or _only_process(everything)
    catalogue = read_catalogue(root, process)
    if process not in catalogue.processes:
        raise _refused("process_missing", process, f"文件中没有流程“{process}”。")
    spec, inner = _specs(root, process, [_parsed(table) for table in tables])
    return Definition(
        process=process,
        name=catalogue.processes[process].name or process,
        digest=_digest(process, bpmn, *tables),
        catalogue=catalogue,
        variables=_variables(catalogue),
        flows=_single_flows(catalogue),
        spec=spec,
        inner=inner,
    )


def _parsed(data: bytes) -> etree._Element:
    try:
        return parse_xml(data)
    except UnsafeXmlError as error:
        raise _refused("unreadable", "", error.message) from error


def _only_process(catalogue: Catalogue) -> str:
    executable = [p.id for p in catalogue.processes.values() if p.executable]
    if len(executable) != 1:
        raise _refused("process_missing", "", f"文件中有 {len(executable)} 个可执行流程，需要指明其中一个。")
    return executable[0]


def _specs(root: etree._Element, process: str, tables: Sequence[etree._Element]) -> tuple[Any, Mapping[str, Any]]:
    try:
        spec, inner = parse_specs(root, process, tables)
        for each in (spec, *inner.values()):
            BpmnWorkflow(each, inner)  # a circle that no gateway breaks shows only now
        return spec, inner
    except ValidationException as error:
        raise _refused("not_executable", error.id or "", f"引擎不能执行“{error.id or process}”：{error}") from error
    except Exception as error:  # whatever a file of unknown origin provokes in the library
        raise _refused("not_executable", process, f"引擎不能读取该流程：{type(error).__name__} {error}") from error


def _refused(code: str, element: str, message: str) -> DefinitionError:
    return DefinitionError([Problem("error", code, element, message)])


def _digest(process: str, *files: bytes) -> str:
    found = hashlib.sha256(process.encode())
    for data in files:
        found.update(hashlib.sha256(data).digest())
    return found.hexdigest()


def _single_flows(catalogue: Catalogue) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], list[str]] = {}
    for flow in catalogue.flows.values():
        found.setdefault((flow.source, flow.target), []).append(flow.id)
    return {ends: flows[0] for ends, flows in found.items() if len(flows) == 1}


def _variables(catalogue: Catalogue) -> frozenset[str]:
    sources = [f.condition for f in catalogue.flows.values()]
    for element in catalogue.elements.values():
        sources += [element.script, *_texts_of_loop(element), *_texts_of_extensions(element.extensions)]
        sources.append(element.event.timer if element.event else None)
    for lane in catalogue.lanes.values():
        sources += _texts_of_extensions(lane.extensions)
    return frozenset(name for source in sources if source for name in _names(source))


def _texts_of_loop(element: Element) -> list[str | None]:
    loop = element.loop
    return [] if loop is None else [loop.collection, loop.condition, loop.cardinality, loop.output_item]


def _texts_of_extensions(extensions: Extensions) -> Iterator[str]:
    for tag, literal in _TEXTS_THAT_ARE_NO_EXPRESSIONS.items():
        for attributes in extensions.get(tag, ()):
            yield from (text for name, text in attributes.items() if name not in literal)


def _names(source: str) -> frozenset[str]:
    try:
        return names_in(source)
    except ExpressionError:  # the checks say so; here it only means that nothing can be read by it
        return frozenset()
