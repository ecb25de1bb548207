"""Close tasks with everything that hangs on them: by a person's decision, or because the process went another way.

Drafts go, candidates are let go, and incidents that are moot then are resolved, all in the statement that closes.
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


_WITH_THE_TASKS = """
    drafts_gone AS (DELETE FROM drafts WHERE task_id IN (SELECT id FROM closed)
    ), candidates_gone AS (
        UPDATE task_candidates SET is_open = false WHERE task_id IN (SELECT id FROM closed) AND is_open
    ), moot AS (
        UPDATE incidents SET status = 'resolved', resolved_at = :now, next_retry_at = NULL
        WHERE instance_id = :instance AND status = 'open' AND (
            :ended OR (kind IN ('nobody', 'deadline', 'overdue')
                AND CAST(pending->>'task' AS uuid) IN (SELECT id FROM closed))
        )
    ) SELECT count(*) FROM closed
"""

_DECIDE = Statement(
    f"""
    WITH submitted AS (
        INSERT INTO submissions (instance_id, task_id, element, round, actor_id, on_behalf_of, at, outcome, answers)
        VALUES (:instance, :task, :element, :round, :actor, :on_behalf_of, :now, :outcome, :answers)
    ), closed AS (
        UPDATE tasks SET status = 'done', closed_at = :now, closed_by = :actor, claimed_by = :actor,
            version = version + 1
        WHERE id = :task AND status = 'open' AND (claimed_by IS NULL OR claimed_by = :actor
            OR CAST(:actor AS integer) IS NULL) RETURNING id
    ), {_WITH_THE_TASKS}
""",  # noqa: S608 (only constants of this module)
    json=["answers"],
)

_CANCEL = Statement(f"""
    WITH closed AS (
        UPDATE tasks SET status = 'cancelled', closed_at = :now, version = version + 1
        WHERE id = ANY(:tasks) AND status IN ('open', 'suspended') RETURNING id
    ), {_WITH_THE_TASKS}
""")  # noqa: S608 (only constants of this module)


def close_decided(run: Run, decision: Decision, *, ended: bool = False) -> None:
    """Write down a decision and close its task, in one statement.

    Args:
        ended: the whole instance is over: nothing of it waits for the administrator any more.

    Raises:
        Conflict: the task was taken by somebody else meanwhile.
    """
    task = decision.task
    values = {
        "instance": run.instance.id,
        "task": task.id,
        "seen": task.version,
        "element": task.element,
        "round": task.round,
        "actor": run.actor_id,
        "on_behalf_of": run.on_behalf_of,
        "now": run.now,
        "outcome": decision.outcome,
        "answers": decision.answers,
        "ended": ended,
    }
    if _DECIDE.execute(run.session, values)[0].count == 0:
        raise Conflict("这项任务刚刚由其他人办理或领取。请返回列表查看最新情况。")


def cancel_tasks(run: Run, tasks: Sequence[UUID], *, ended: bool = False) -> None:
    """Close tasks that nobody has to do any more, in one statement; ``ended`` as for :func:`close_decided`."""
    values = {"instance": run.instance.id, "tasks": list(tasks), "now": run.now, "ended": ended}
    _CANCEL.execute(run.session, values)
