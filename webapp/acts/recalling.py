"""撤回: take one's own decision back while nobody has acted on the case since; the state of before comes back.

What a service or the rule of a step did for good stays done, so such decisions cannot be taken back; mails that have
left cannot either, and the answer says how many.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.acts.holding import words_of
from webapp.acts.models import KeptState
from webapp.acts.reopening import reopen
from webapp.audit.operations import record
from webapp.instances import scope
from webapp.instances.closing import cancel_tasks
from webapp.instances.models import HistoryEntry, Instance
from webapp.instances.processes import rules_of
from webapp.instances.recording import write_history
from webapp.instances.running import Run, case_of, lock_instance
from webapp.problems import Conflict, Forbidden, NotFound
from webapp.tasks.models import Task
from workflows import list_open


@dataclass(frozen=True)
class Recall:
    """What taking a decision back would mean."""

    kept: KeptState
    opened: list[str]
    """Steps that would not be waited for any more."""
    sent: int
    """Mails that have left and cannot be taken back."""


def preview(session: Session, actor: Actor, now: datetime, instance_id: int) -> Recall:
    """What would become of the case; raises as :func:`recall`."""
    run = lock_instance(session, actor, now, instance_id)
    kept = _recallable(run)
    return Recall(kept, [task.name for task in _opened_since(run, kept)], _mails(run, kept))


def may_recall(session: Session, actor: Actor, instance: Instance) -> bool:
    """Whether the last thing that happened on a case is a decision of the actor's; the rest is checked at the act."""
    query = select(KeptState.version).where(KeptState.instance_id == instance.id, KeptState.actor_id == actor.user_id)
    return session.scalar(query) == instance.version - 1


def recall(session: Session, actor: Actor, now: datetime, instance_id: int, reason: str | None) -> Instance:
    """Take back the actor's decision.

    Raises:
        NotFound: there is no such case, or the actor may not see it.
        Forbidden: the last decision is somebody else's.
        Conflict: somebody or the system has acted since; it says who.
        Invalid: no reason.
    """
    run = lock_instance(session, actor, now, instance_id)
    if not scope.may_see(session, actor, run.instance):
        raise NotFound
    why = words_of(reason, required="请填写撤回理由。", path="reason")
    kept = _recallable(run)
    sent = _void_mails(run, kept)
    gone = _opened_since(run, kept)
    cancel_tasks(run, [task.id for task in gone])
    before = _open_before(run, kept)
    _put_back(run, kept)
    _undo_services(run, kept)
    session.execute(_KEEP_WORDS, {"task": kept.task_id, "at": kept.at, "now": now, "by": actor.user_id, "reason": why})
    reopen(run, before, mine=kept.task_id, holder=actor.user_id)
    session.execute(delete(KeptState).where(KeptState.instance_id == instance_id))
    task = session.get_one(Task, kept.task_id, populate_existing=True)
    mails = f"（已发出的 {sent} 封邮件无法收回）" if sent else ""
    line = {"act": "recall", "actor_id": actor.user_id, "element": task.element, "task_id": str(task.id)}
    write_history(run, [line | {"comment": f"{why}{mails}"}])
    after = {"reason": why, "task": str(kept.task_id), "mails": sent}
    record(session, actor, "instance.recall", instance_id=instance_id, after=after)
    session.refresh(run.instance)
    return run.instance


def _recallable(run: Run) -> KeptState:
    kept = run.session.get(KeptState, run.instance.id, populate_existing=True)
    if kept is None or run.instance.version != kept.version + 1:
        raise Conflict(f"这个办件在您办理之后已有新的办理，不能撤回。{_latest(run)}")
    if kept.actor_id != run.actor_id:
        raise Forbidden("最近一次办理不是您作出的，不能撤回。")
    if run.instance.status == "suspended":
        raise Conflict("办件已挂起，恢复之后才能撤回。")
    _refuse_lasting(run, kept)
    claimed = next((task for task in _opened_since(run, kept) if _is_taken(task)), None)
    if claimed is not None:
        raise Conflict(f"“{claimed.name}”已有人领取，不能撤回。请与对方联系，由其退回。")
    return kept


def _is_taken(task: Task) -> bool:
    return task.claimed_at is not None and task.claimed_at > task.opened_at


def _services_since(run: Run, kept: KeptState) -> list[str]:
    acted = select(HistoryEntry.element).where(
        HistoryEntry.instance_id == run.instance.id,
        HistoryEntry.machine,
        HistoryEntry.act == "service",
        HistoryEntry.at >= kept.at,
    )
    return [element for element in run.session.scalars(acted) if element]


def _undo_services(run: Run, kept: KeptState) -> None:
    run.session.refresh(run.instance)
    case = case_of(run.session, run.actor, run.now, run.instance)
    for element in _services_since(run, kept):
        rules_of(run.instance.process).undo[element](case)


def _refuse_lasting(run: Run, kept: KeptState) -> None:
    """What acts outside the case cannot be taken back with the case, unless its process says how."""
    lasting = [e for e in _services_since(run, kept) if e not in rules_of(run.instance.process).undo]
    services = [run.published.name_of(element) for element in lasting]
    if services:
        raise Conflict(f"系统已随您的办理完成“{'、'.join(services)}”，不能撤回。请联系管理员，或由下一环节退回。")
    element = run.session.scalar(select(Task.element).where(Task.id == kept.task_id))
    rules = rules_of(run.instance.process)
    if element in rules.steps and element not in rules.undoable:
        raise Conflict(f"“{run.published.name_of(element)}”已登记生效（文书、公示或决定），不能撤回。")


def _latest(run: Run) -> str:
    query = select(HistoryEntry.element, HistoryEntry.machine).where(HistoryEntry.instance_id == run.instance.id)
    row = run.session.execute(query.order_by(HistoryEntry.id.desc()).limit(1)).one_or_none()
    name = run.published.name_of(row.element) if row else ""
    return f"最近的一步：{name}{'（系统）' if row and row.machine else ''}。" if name else ""


def _ids_before(run: Run, kept: KeptState) -> set[UUID]:
    return {UUID(task.id) for task in list_open(run.published.definition, kept.state, run.context())}


def _opened_since(run: Run, kept: KeptState) -> list[Task]:
    is_open = Task.status.in_(("open", "suspended"))
    query = select(Task).where(Task.instance_id == run.instance.id, is_open, Task.id.not_in(_ids_before(run, kept)))
    return list(
        run.session.scalars(query.order_by(Task.opened_at, Task.id), execution_options={"populate_existing": True})
    )


def _open_before(run: Run, kept: KeptState) -> list[UUID]:
    """The tasks that were open before and are not now."""
    ids = _ids_before(run, kept)
    return list(run.session.scalars(select(Task.id).where(Task.id.in_(ids), Task.status.in_(("done", "cancelled")))))


_RESTORE = text("""
    WITH disarmed AS (DELETE FROM waits WHERE instance_id = :instance
    ), armed AS (
        INSERT INTO waits (instance_id, kind, element, name, due_at)
        SELECT :instance, w.kind, w.element, w.name, w.due_at
        FROM jsonb_to_recordset(:waits) AS w(kind text, element text, name text, due_at timestamptz)
    ) UPDATE instances i SET state = k.state, data = k.data, way = k.way, waits = k.waits, version = i.version + 1,
        status = 'running', outcome = NULL, outcome_name = NULL, ended_at = NULL
    FROM kept_states k WHERE k.instance_id = i.id AND i.id = :instance
""").bindparams(bindparam("waits", type_=JSONB))


def _put_back(run: Run, kept: KeptState) -> None:
    try:
        with run.session.begin_nested():
            run.session.execute(_RESTORE, {"instance": run.instance.id, "waits": kept.waits})
    except IntegrityError as error:
        raise Conflict("办结之后已发起了同样的新办件，不能再撤回。") from error


_KEEP_WORDS = text("""
    WITH taken AS (
        DELETE FROM submissions WHERE task_id = :task AND at = :at RETURNING *
    ), drafted AS (
        INSERT INTO drafts (task_id, user_id, answers, saved_at) SELECT task_id, actor_id, answers, :now FROM taken
        ON CONFLICT (task_id, user_id) DO UPDATE SET answers = excluded.answers, saved_at = excluded.saved_at
    )
    INSERT INTO recalled_decisions (
        instance_id, task_id, element, round, actor_id, on_behalf_of, at, outcome, answers, recalled_at, recalled_by,
        reason
    )
    SELECT instance_id, task_id, element, round, actor_id, on_behalf_of, at, outcome, answers, :now, :by, :reason
    FROM taken
""")
_VOID = text("""
    UPDATE mail_messages SET status = 'void', last_error = '办理已撤回'
    WHERE instance_id = :instance AND created_at >= :at AND status IN ('queued', 'digest', 'held', 'failed')
        AND digest_id IS NULL
""")
_SENT = text("""
    SELECT count(*) FROM mail_messages
    WHERE instance_id = :instance AND created_at >= :at AND (status IN ('sent', 'sending') OR digest_id IS NOT NULL)
""")


def _mails(run: Run, kept: KeptState) -> int:
    return run.session.scalar(_SENT, {"instance": run.instance.id, "at": kept.at}) or 0


def _void_mails(run: Run, kept: KeptState) -> int:
    run.session.execute(_VOID, {"instance": run.instance.id, "at": kept.at})
    return _mails(run, kept)
