"""Joins that are right in loops: they look at the tokens of this round only and keep what each branch changed.

The library's joins fire early when branches finish in another order than the round before, lose data of all branches
but the last, and predict what follows once per branch.
"""

from copy import deepcopy
from itertools import takewhile
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.errors import NoWayOutError

OPEN: Final[int] = TaskState.WAITING | TaskState.READY | TaskState.STARTED | TaskState.ERROR
"""States of a task that holds a token."""


def path_to(task: Task | None) -> list[Task]:
    """The tasks from the root of the tree down to `task`."""
    found = []
    while task is not None:
        found.append(task)
        task = task.parent
    return found[::-1]


class _Rounds:
    """What the joins share. Mixed in before a class of the library."""

    def _arrivals(self, me: Task) -> list[Task]:
        """The tasks of this join that belong to the same round as `me`, itself among them."""
        before = me.find_ancestor(self.name)  # type: ignore[attr-defined]
        return [
            t
            for t in me.workflow.tasks.values()
            if t.task_spec is self
            and t.parent.state == TaskState.COMPLETED
            and not me.is_descendant_of(t)
            and not t.is_descendant_of(me)
            and (before is None or t.is_descendant_of(before))
        ]

    def _arrived(self, me: Task) -> set[str]:
        return {t.parent.task_spec.name for t in self._arrivals(me)}

    def _predict_hook(self, my_task: Task) -> None:
        """Nothing behind a join is predicted before it fires."""
        if len(self._inputs) < 2 or my_task.state >= TaskState.READY:  # type: ignore[attr-defined]
            super()._predict_hook(my_task)  # type: ignore[misc]

    def _merge(self, me: Task) -> None:
        """Data before the fork and what each branch changed since, in order of arrival."""
        others = sorted((t for t in self._arrivals(me) if t is not me), key=lambda t: float(t.last_state_change))
        ends = [t.parent for t in [*others, me]]
        base: dict[str, Any] = last_common(ends).data if others else me.parent.data
        me.data = deepcopy(base)
        for end in ends:
            me.data.update(deepcopy({k: v for k, v in end.data.items() if k not in base or base[k] != v}))


def last_common(tasks: list[Task]) -> Task:
    """The lowest task that all `tasks` have above them or are."""
    levels = zip(*(path_to(t) for t in tasks), strict=False)
    return [level[0] for level in takewhile(lambda level: all(t is level[0] for t in level), levels)][-1]


class ParallelJoin(_Rounds, ParallelGateway):  # type: ignore[misc]
    """Fires when a token of this round has come by every entry."""

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        return self._arrived(my_task) >= set(self._inputs)

    def _run_hook(self, my_task: Task) -> bool:
        self._merge(my_task)
        self._predict(my_task, mask=TaskState.NOT_FINISHED_MASK)
        return True


class InclusiveJoin(_Rounds, InclusiveGateway):  # type: ignore[misc]
    """Waits for the tokens that can still come in by another entry."""

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        if len(self._inputs) < 2:
            return True
        arrived = self._arrived(my_task)
        tokens = (t.task_spec for t in my_task.workflow.tasks.values() if t.has_state(OPEN))
        elsewhere = {spec.name: spec for spec in tokens if spec is not self}
        reach = (self._entries_from(spec) for spec in elsewhere.values())
        return not any(entries - arrived and not entries & arrived for entries in reach)

    def _entries_from(self, spec: Any) -> set[str]:
        seen, todo = {self.name}, [spec]
        while todo:
            at = todo.pop()
            if at.name not in seen:
                seen.add(at.name)
                todo.extend(at.outputs)
        return seen & set(self._inputs)

    def _run_hook(self, my_task: Task) -> bool:
        self._merge(my_task)
        matches, defaults = self._get_matching_outputs(my_task)
        if not matches and not defaults:
            raise NoWayOutError(f"网关“{self.bpmn_name or self.bpmn_id}”没有一个出口的条件成立，也没有默认出口。")
        my_task._sync_children(matches or defaults, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class EndOfAll(_Rounds, _EndJoin):  # type: ignore[misc]
    """The end of a process or subprocess: waits until no other token is left, a failed one included."""

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        return not any(t.has_state(OPEN) and t.task_spec is not self for t in my_task.workflow.tasks.values())

    def _run_hook(self, my_task: Task) -> bool:
        self._merge(my_task)
        self._predict(my_task, mask=TaskState.NOT_FINISHED_MASK)
        return True
