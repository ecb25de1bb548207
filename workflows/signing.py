"""Multi-instance activities 会签 或签 依次: nobody is skipped silently, and no round sees the results of another.

Each child gets its item; what it leaves under the output item is collected in order of completion, everything else
that it changed stays with it. The completion condition sees the list so far, `instances` and `completed`.
"""

from typing import Any, Final

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.errors import SignersError

MOST_INSTANCES: Final = 2000
_REMAINING: Final = "remaining"  # places in the collection whose turn is still to come


class Signing(MultiInstanceTask, BpmnSpecMixin):  # type: ignore[misc]
    """All instances at once."""

    at_once = True

    def _update_hook(self, my_task: Task) -> bool:
        if my_task.state == TaskState.STARTED:
            return False
        BpmnTaskSpec._update_hook(self, my_task)
        places = list(range(len(self._items(my_task))))
        if self.data_output is not None:
            my_task.data = my_task.data | {self.data_output.bpmn_id: []}
        my_task.internal_data[_REMAINING] = [] if self.at_once else places[1:]
        my_task._set_state(TaskState.STARTED)
        for place in places if self.at_once else places[:1]:
            self.open_child(my_task, place)
        return False

    def _items(self, me: Task) -> list[Any]:
        """What the activity is done for, once each.

        Raises:
            SignersError: missing, empty, too long or no list; the diagram must guard an empty one by a gateway.
        """
        items = self._counted(me) if self.data_input is None else me.data.get(self.data_input.bpmn_id)
        if not isinstance(items, list) or not items or None in items:
            source = self.cardinality if self.data_input is None else self.data_input.bpmn_id
            raise self._refused(f"名单“{source}”不存在、为空或不是列表")
        if len(items) > MOST_INSTANCES:
            raise self._refused(f"名单超过 {MOST_INSTANCES} 个")
        if self.input_item is not None and self.input_item.exists(me):
            raise self._refused(f"成员变量“{self.input_item.bpmn_id}”已被占用")
        return items

    def _counted(self, me: Task) -> list[int] | None:
        count = me.workflow.script_engine.evaluate(me, self.cardinality)
        return list(range(min(count, MOST_INSTANCES + 1))) if type(count) is int else None

    def _refused(self, why: str) -> SignersError:
        return SignersError(f"多实例活动“{self.bpmn_id}”：{why}。", self.bpmn_id)

    def open_child(self, me: Task, place: int) -> Task:
        """Open the instance for the item at `place` of the collection."""
        spec = me.workflow.spec.task_specs[self.task_spec]
        child = me._add_child(spec, TaskState.WAITING)
        child.triggered = True
        child.internal_data["key_or_index"] = place
        if self.input_item is not None:
            self.input_item.set(child, self._items(me)[place])
        spec._update(child)
        return child

    def merge_child(self, _workflow: Any, child: Task) -> None:
        """Called when an instance is completed."""
        me = child.parent
        if self.data_output is not None and self.output_item is not None:
            name = self.data_output.bpmn_id
            me.data = me.data | {name: [*me.data[name], self._result(child)]}
        if self._is_decided(me):
            for other in list(self._instances(me)):
                other.cancel()
            me._set_state(TaskState.READY)
        else:
            self.go_on(me)

    def _result(self, child: Task) -> Any:
        if not self.output_item.exists(child):
            raise self._refused(f"一个实例没有给出“{self.output_item.bpmn_id}”")
        return self.output_item.get(child)

    def go_on(self, me: Task) -> None:
        """Open the next instance, or finish when none is left; a cancelled one does not block the rest."""
        remaining = me.internal_data[_REMAINING]
        if remaining:
            me.internal_data[_REMAINING] = remaining[1:]
            self.open_child(me, remaining[0])
        elif all(c.has_state(TaskState.FINISHED_MASK) for c in self._instances(me)):
            me._set_state(TaskState.READY)

    def _is_decided(self, me: Task) -> bool:
        if self.condition is None:
            return False
        children = [c for c in self._instances(me) if c.state != TaskState.CANCELLED]
        facts = {
            "instances": len(children) + len(me.internal_data[_REMAINING]),
            "completed": sum(c.state == TaskState.COMPLETED for c in children),
        }
        return bool(me.workflow.script_engine.evaluate(me, self.condition, external_context=facts))


class InTurn(Signing):
    """One instance after the other, in the order of the collection."""

    at_once = False


def find_container(task: Task) -> Signing | None:
    """The multi-instance that a task is an instance of, if it is one."""
    above = None if task.parent is None else task.parent.task_spec
    return above if isinstance(above, Signing) and above.task_spec == task.task_spec.name else None


def named_result(task: Task, answers: dict[str, Any]) -> dict[str, Any]:
    """`answers` of an instance; where the diagram collects results, all of them with the item, as one result."""
    container = find_container(task)
    if container is None or container.output_item is None or container.output_item.bpmn_id in answers:
        return answers
    item = {} if container.input_item is None else {container.input_item.bpmn_id: container.input_item.get(task)}
    return answers | {container.output_item.bpmn_id: answers | item}
