"""From the XML to the library's specs, with our classes in the places where the library's go wrong."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.event_parsers import BoundaryEventParser, EventBasedGatewayParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser

from workflows.activities import Choice, Rule, Service
from workflows.bpmn import FLOW_NODES, Extensions
from workflows.details import read_extensions
from workflows.events import Attached, FirstOf, Race
from workflows.joins import EndOfAll, InclusiveJoin, ParallelJoin
from workflows.signing import InTurn, Signing
from workflows.timers import Deadline


class _Ours:
    """Mixed into the parser of every element."""

    PARALLEL_MI_CLASS = Signing
    SEQUENTIAL_MI_CLASS = InTurn
    node: etree._Element

    def parse_extensions(self, node: etree._Element | None = None) -> Extensions:
        return read_extensions(self.node if node is None else node)

    def parse_timer_event(self, event: etree._Element) -> Deadline:
        for kind in ("timeDate", "timeDuration"):
            text = event.findtext(full_tag(kind))
            if text and text.strip():
                return Deadline(self.node.get("name", self.node.get("id")), text.strip())
        raise ValidationException("定时事件只能用 timeDate 或 timeDuration。", node=self.node)


class _RaceParser(EventBasedGatewayParser):  # type: ignore[misc]
    def create_task(self) -> Race:
        first = FirstOf()
        race: Race = self._create_task(first)
        first.bind(race)
        return race


class _RuleParser(TaskParser):  # type: ignore[misc]
    def create_task(self) -> Rule:
        reference = self.get_decision_ref(self.node)
        engine = self.process_parser.parser.get_engine(reference, self.node)
        return Rule(self.spec, self.bpmn_id, dmnEngine=engine, **self.bpmn_attributes)

    @staticmethod
    def get_decision_ref(node: etree._Element) -> str:
        """The id of the decision: `<wm:decision ref="…"/>`."""
        return read_extensions(node).get("decision", ({},))[0].get("ref", "")


class _ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    def __init__(self, name: str, description: str) -> None:
        super().__init__(name=name, description=description)
        del self.task_specs[self.end.name], self.task_specs["End"]
        self.end: EndOfAll = EndOfAll(self, f"{name}.EndJoin")
        self.end.connect(SimpleBpmnTask(self, "End"))


class _ProcessParser(ProcessParser):  # type: ignore[misc]
    def create_spec(self) -> _ProcessSpec:
        if not self.process_executable:
            raise ValidationException("流程不可执行（isExecutable）。", node=self.node)
        return _ProcessSpec(self.bpmn_id, self.get_name())

    def _index_process_nodes(self) -> None:
        """A variable of a multi-instance may bear the id of an element; flows lead to the element."""
        super()._index_process_nodes()
        nodes = (node for tag in FLOW_NODES for node in self.node.iter(full_tag(tag)))
        self.nodes_by_id.update({node.get("id"): node for node in nodes if node.get("id")})


@cache
def _mixed(parser: type) -> type:
    return type(f"Our{parser.__name__}", (_Ours, parser), {})


class _Parser(BpmnDmnParser):  # type: ignore[misc]
    PROCESS_PARSER_CLASS = _ProcessParser
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 (the library's name and type)
        full_tag("serviceTask"): (TaskParser, Service),
        full_tag("businessRuleTask"): (_RuleParser, Rule),
        full_tag("exclusiveGateway"): (ConditionalGatewayParser, Choice),
        full_tag("parallelGateway"): (GatewayParser, ParallelJoin),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, InclusiveJoin),
        full_tag("eventBasedGateway"): (_RaceParser, Race),
        full_tag("boundaryEvent"): (BoundaryEventParser, Attached),
    }

    def _get_parser_class(self, tag: str) -> tuple[Any, Any]:
        parser, spec = super()._get_parser_class(tag)
        return (_mixed(parser), spec) if parser else (None, None)


def parse_specs(
    root: etree._Element, process: str, tables: Sequence[etree._Element]
) -> tuple[BpmnProcessSpec, Mapping[str, BpmnProcessSpec]]:
    """The spec of a process and those of its subprocesses; nobody changes them afterwards.

    Raises:
        ValidationException: what the library refuses, at the first problem.
    """
    parser = _Parser()
    for table in tables:
        parser.add_dmn_xml(table)
    parser.add_bpmn_xml(root)
    spec, inner = parser.get_spec(process), parser.get_subprocess_specs(process)
    for each in (spec, *inner.values()):
        _connect_loops(each)
    return spec, inner


def _connect_loops(spec: BpmnProcessSpec) -> None:
    """The library connects these while running, so that a restored multi-instance would never end."""
    for loop in [s for s in spec.task_specs.values() if isinstance(s, LoopTask)]:
        completed = spec.task_specs[loop.task_spec].completed_event
        if not completed.is_connected(loop.merge_child):
            completed.connect(loop.merge_child)
