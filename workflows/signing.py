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
from workflows.signing_rules import SigningRule, read_rule

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
        self.go_on(me)

    def _result(self, child: Task) -> Any:
        if not self.output_item.exists(child):
            raise self._refused(f"一个实例没有给出“{self.output_item.bpmn_id}”")
        return self.output_item.get(child)

    def go_on(self, me: Task) -> None:
        """Finish when it is decided or nobody is left, else open the next instance; a cancelled one blocks nobody."""
        remaining = me.internal_data[_REMAINING]
        if self._is_decided(me):
            self._finish(me)
        elif remaining and not self._open(me):
            me.internal_data[_REMAINING] = remaining[1:]
            self.open_child(me, remaining[0])
        elif not remaining and not self._open(me):
            self._finish(me)

    def _finish(self, me: Task) -> None:
        rule = self._rule(me)
        if rule is not None and rule.result:
            me.data = me.data | {rule.result: rule.has_passed(self._votes(me), self._total(me))}
        for other in list(self._instances(me)):
            other.cancel()
        me._set_state(TaskState.READY)

    def _is_decided(self, me: Task) -> bool:
        rule, votes, total = self._rule(me), self._votes(me), self._total(me)
        if rule is not None and rule.is_settled(votes, total):
            return True
        if self.condition is None:
            return False
        facts = {"instances": total, "completed": len(self._in_state(me, TaskState.COMPLETED))}
        return bool(me.workflow.script_engine.evaluate(me, self.condition, external_context=facts))

    def _rule(self, me: Task) -> SigningRule | None:
        declared = me.workflow.spec.task_specs[self.task_spec].extensions.get("signing")
        return read_rule(declared[0]) if declared else None

    def _votes(self, me: Task) -> list[Any]:
        found: list[Any] = [] if self.data_output is None else me.data.get(self.data_output.bpmn_id, [])
        return found

    def _in_state(self, me: Task, state: int) -> list[Task]:
        return [child for child in self._instances(me) if child.has_state(state)]

    def _open(self, me: Task) -> list[Task]:
        return [child for child in self._instances(me) if not child.has_state(TaskState.FINISHED_MASK)]

    def _total(self, me: Task) -> int:
        kept = [child for child in self._instances(me) if child.state != TaskState.CANCELLED]
        return len(kept) + len(me.internal_data[_REMAINING])

    def signers_left(self, me: Task) -> list[tuple[int, Task | None]]:
        """Those who have not signed yet: their place in the collection and, if it is their turn, their task."""
        begun: list[tuple[int, Task | None]] = [
            (child.internal_data["key_or_index"], child) for child in self._open(me)
        ]
        return begun + [(place, None) for place in me.internal_data[_REMAINING]]

    def to_come(self, me: Task) -> list[Any]:
        """Those whose turn has not come, in order."""
        items = self._items(me)
        return [items[place] for place in me.internal_data[_REMAINING]]

    def add(self, me: Task, item: Any, current: Task, *, before: bool) -> None:
        """One more signer; in turn right after `current`, or before it, which then has its turn again."""
        items = self._items(me)
        left = [items[place] for place, _child in self.signers_left(me)]
        done = [items[c.internal_data["key_or_index"]] for c in self._in_state(me, TaskState.COMPLETED)]
        if item in left or item in done:
            raise self._refused("这名办理人已在名单中")
        if len(items) >= MOST_INSTANCES:
            raise self._refused(f"名单超过 {MOST_INSTANCES} 个")
        me.data = me.data | {self.data_input.bpmn_id: [*items, item]}
        if self.at_once:
            self.open_child(me, len(items))
        elif before:
            again = current.internal_data["key_or_index"]
            me.internal_data[_REMAINING] = [len(items), again, *me.internal_data[_REMAINING]]
            current.cancel()
            self.go_on(me)
        else:
            me.internal_data[_REMAINING] = [len(items), *me.internal_data[_REMAINING]]

    def remove(self, me: Task, item: Any) -> None:
        """One signer fewer, who has not signed yet; never the last one."""
        items = self._items(me)
        found = next(((place, child) for place, child in self.signers_left(me) if items[place] == item), None)
        if found is None:
            raise self._refused("名单中没有这名尚未办理的人")
        if self._total(me) < 2:
            raise self._refused("名单至少保留一人")
        place, child = found
        if child is None:
            me.internal_data[_REMAINING] = [other for other in me.internal_data[_REMAINING] if other != place]
        else:
            child.cancel()
        self.go_on(me)

    def replace(self, me: Task, child: Task, item: Any) -> None:
        """Another one in the place of a signer who has not signed yet."""
        items, place = list(self._items(me)), child.internal_data["key_or_index"]
        if item in [items[other] for other, _child in self.signers_left(me) if other != place]:
            raise self._refused("这名办理人已在名单中")
        items[place] = item
        me.data = me.data | {self.data_input.bpmn_id: items}
        if self.input_item is not None:
            child.data = child.data | {self.input_item.bpmn_id: item}


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
