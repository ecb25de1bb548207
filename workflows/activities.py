"""What runs without a person: services registered by name, decision tables and choices."""

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway, ServiceTask
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.dmn.specs.business_rule_task_mixin import BusinessRuleTaskMixin
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.task import Task

from workflows.data import checked_data, checked_value
from workflows.errors import NoWayOutError, ServiceMissingError

_NO_ARGUMENTS = frozenset({"name", "result"})


class Service(ServiceTask):  # type: ignore[misc]
    """`<wm:service name="draw" unit="unit_id" result="drawn"/>`: every other attribute is an expression."""

    def _execute(self, task: Task) -> bool:
        call: Mapping[str, str] = self.extensions.get("service", ({},))[0]
        engine = task.workflow.script_engine
        service = engine.context.services.get(call.get("name"))
        if service is None:
            raise ServiceMissingError(f"没有名为“{call.get('name', '')}”的服务。")
        arguments = {k: checked_value(engine.evaluate(task, v), k) for k, v in call.items() if k not in _NO_ARGUMENTS}
        found = service(**arguments)
        if "result" in call:
            task.data[call["result"]] = checked_value(found, call["result"])
        return True


class Rule(BusinessRuleTaskMixin, BpmnSpecMixin):  # type: ignore[misc]
    """A decision table, evaluated by the same safe expressions."""

    def _run_hook(self, my_task: Task) -> Any:
        super()._run_hook(my_task)
        my_task.data = checked_data(my_task.data)
        return True


class Choice(ExclusiveGateway):  # type: ignore[misc]
    """An exclusive gateway that says so when no way is open."""

    def _predict_hook(self, my_task: Task) -> None:
        """Nothing behind a choice is predicted: all ways would be made and stored, to be thrown away but for one."""

    def _run_hook(self, my_task: Task) -> Any:
        try:
            return super()._run_hook(my_task)
        except WorkflowException as error:
            raise NoWayOutError(
                f"网关“{self.bpmn_name or self.bpmn_id}”没有一个出口的条件成立，也没有默认出口。"
            ) from error
