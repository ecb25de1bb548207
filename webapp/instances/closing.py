"""Close tasks with everything that hangs on them: by a person's decision, or because the process went another way.

Drafts go, candidates are let go, nobody is asked any more, and incidents that are moot then are resolved, all in the
statement that closes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from webapp.instances.processes import Json
from webapp.instances.running import Run
from webapp.problems import Conflict
from webapp.statements import Statement
from webapp.tasks.models import Task


@dataclass(frozen=True)
class Decision:
    """What a person, or the machine at the end of the time, decided at a task."""

    task: Task
    outcome: str | None
    answers: Json
    comment: str | None

    def line(self, actor_id: int | None) -> dict[str, Any]:
        """The line of the timeline."""
        return {
            "act": self.outcome or "complete",
            "actor_id": actor_id,
            "machine": actor_id is None,
            "element": self.task.element,
            "task_id": str(self.task.id),
            "comment": self.comment,
        }


DECIDED = """
    submitted AS (
        INSERT INTO submissions (instance_id, task_id, element, round, actor_id, on_behalf_of, at, outcome, answers)
        VALUES (:instance, :task, :element, :round, :actor, :on_behalf_of, :now, :decided, :answers)
    ), decided AS (
        UPDATE tasks SET status = 'done', closed_at = :now, closed_by = :actor, claimed_by = :actor,
            version = version + 1
        WHERE id = :task AND status = 'open' AND (claimed_by IS NULL OR claimed_by = :actor
            OR CAST(:actor AS integer) IS NULL) RETURNING id
    )
"""
CANCELLED = """
    cancelled AS (
        UPDATE tasks SET status = 'cancelled', closed_at = :now, version = version + 1
        WHERE id = ANY(:cancelled) AND status IN ('open', 'suspended') RETURNING id
    )
"""
LET_GO = """
    drafts_gone AS (DELETE FROM drafts WHERE task_id IN (SELECT id FROM closed)
    ), candidates_gone AS (
        UPDATE task_candidates SET is_open = false WHERE task_id IN (SELECT id FROM closed) AND is_open
    ), moot AS (
        UPDATE incidents SET status = 'resolved', resolved_at = :now, next_retry_at = NULL
        WHERE instance_id = :instance AND status = 'open' AND (
            :ended OR (kind IN ('nobody', 'deadline', 'overdue')
                AND CAST(pending->>'task' AS uuid) IN (SELECT id FROM closed))
        )
    ), unasked AS (
        UPDATE task_requests SET status = 'ended' WHERE instance_id = :instance AND status IN ('waiting', 'open')
            AND (:ended OR (kind <> 'co_sign' AND task_id IN (SELECT id FROM closed)))
    )
"""
"""Parts of a statement: what hangs on the tasks that are ``closed`` in it."""

_DECIDE = Statement(
    f"WITH {DECIDED}, closed AS (SELECT id FROM decided), {LET_GO} SELECT count(*) FROM closed",  # noqa: S608 (constants)
    json=["answers"],
)
_CANCEL = Statement(
    f"WITH {CANCELLED}, closed AS (SELECT id FROM cancelled), {LET_GO} SELECT count(*) FROM closed"  # noqa: S608 (constants)
)


def close_decided(run: Run, decision: Decision) -> None:
    """Write down a decision and close its task, in one statement.

    Raises:
        Conflict: the task was taken by somebody else meanwhile.
    """
    refuse_unless_decided(_DECIDE.execute(run.session, decided(run, decision) | {"ended": False})[0].count)


def decided(run: Run, decision: Decision) -> dict[str, Any]:
    """The values of :data:`DECIDED`."""
    task = decision.task
    return {
        "instance": run.instance.id,
        "task": task.id,
        "element": task.element,
        "round": task.round,
        "actor": run.actor_id,
        "on_behalf_of": run.on_behalf_of,
        "now": run.now,
        "decided": decision.outcome,
        "answers": decision.answers,
    }


def refuse_unless_decided(count: int) -> None:
    """Raise :class:`Conflict` where a decision found its task closed or in other hands."""
    if count == 0:
        raise Conflict("这项任务刚刚由其他人办理或领取。请返回列表查看最新情况。")


def cancel_tasks(run: Run, tasks: Sequence[UUID]) -> None:
    """Close tasks that nobody has to do any more, in one statement."""
    values = {"instance": run.instance.id, "cancelled": list(tasks), "now": run.now, "ended": False}
    _CANCEL.execute(run.session, values)
