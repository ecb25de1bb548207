"""What a person does with a task: claim it, put it back, keep a draft, decide it.

A failure after the decision becomes an incident and keeps the decision; only refusals raise. The caller commits.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp.absence.models import DeputyRight
from webapp.access import Actor
from webapp.acts.detours import complete_detoured
from webapp.audit.operations import record, write_entry
from webapp.instances import scope
from webapp.instances.closing import close_decided
from webapp.instances.incidents import REPLAY
from webapp.instances.models import Instance
from webapp.instances.processes import Json
from webapp.instances.recording import report_failed, write_history
from webapp.instances.running import HeldTask, Run, guarded, lock_task
from webapp.problems import Conflict, NotFound, invalid
from webapp.signatures.operations import bind_signature, check_signature
from webapp.tasks.answers import Answers, Given, draft_answers, validated_answers
from webapp.tasks.deciding import decision_of, entry_of, facts_of, settle
from webapp.tasks.doable import became, refuse_unless_doable
from webapp.tasks.models import Draft, Task, TaskCandidate
from workflows import Incident, TaskNotOpenError, complete


@dataclass(frozen=True)
class Completion:
    """A decision that stands, and what its person should know at once of what came of it."""

    instance: Instance
    step: str
    outcome: str
    """What the step and the chosen outcome are called."""
    is_opinion: bool
    """The person was only asked for an opinion."""
    is_held: bool
    """It takes effect when those agree who sign after it."""
    remarks: tuple[str, ...] = ()


def complete_task(
    session: Session, actor: Actor, now: datetime, task_id: UUID, data: Given, version: int, *, together: bool = False
) -> Completion:
    """Decide a task: validate, apply the rules of the step, let the engine go on, write everything down.

    Args:
        data: the answers as JSON, nested as the form says, or what reads them by the form.
        version: the lock of the task as the client saw it.
        together: the same answers go to many tasks, which the diagram has to allow.

    Raises:
        NotFound: there is no such task, or the actor may not see it.
        Forbidden: the actor sees it and may not do it.
        Conflict: somebody was first, or the task has changed.
        Invalid: the answers need correction; nothing was stored.
    """
    run, held = lock_task(session, actor, now, task_id)
    refuse_unless_doable(run, held, version)
    is_opinion, is_held = held.task.request_id is not None, held.task.waiting_signers > 0
    if not held.task.is_detoured:
        answers = _decide(run, held, data, together)
    elif together:
        raise invalid("items", "not_bulk", f"“{held.task.name}”正在请人提意见、加签或退回修改，请逐件办理。")
    else:
        answers = complete_detoured(run, held, data)
    remarks = tuple(run.case.remarks)
    return Completion(run.instance, held.task.name, answers.outcome_name, is_opinion, is_held, remarks)


def _decide(run: Run, held: HeldTask, data: Given, together: bool) -> Answers:
    """Go on along the diagram; what fails behind the decision is kept for a replay."""
    answers = validated_answers(run, held.task, data)
    if together:
        _refuse_single_only(run, held, answers.outcome)
    check_signature(run, held.task, answers.values)
    facts = facts_of(run, held, answers)
    definition, state = run.published.definition, run.instance.state or ""
    try:
        step = guarded(run, lambda: complete(definition, state, str(held.task.id), facts, run.context()))
    except TaskNotOpenError as error:
        raise became(run, held) from error
    if step.failed_entering:
        _keep_for_replay(run, held.task.id, data, step.failed_entering)
    else:
        settle(run, held, answers, step)
    return answers


def _refuse_single_only(run: Run, held: HeldTask, outcome: str | None) -> None:
    reason = run.published.refuses_together(held.task.element, outcome)
    if reason:
        raise invalid("outcome" if held.task.element in run.published.bulk_elements else "items", "not_bulk", reason)


def _keep_for_replay(failed: Run, task_id: UUID, data: Given, cause: Incident) -> None:
    """Undo what services did, keep the decision, and leave the engine as it was before."""
    session, actor = failed.session, failed.actor
    assert actor is not None  # noqa: S101 (a person decides)
    session.rollback()
    failed.case.remarks.clear()
    run, held = lock_task(session, actor, failed.now, task_id)
    refuse_unless_doable(run, held, None)
    answers = validated_answers(run, held.task, data)
    facts = facts_of(run, held, answers)
    decision = decision_of(held, answers)
    close_decided(run, decision)
    write_history(run, [decision.line(run.actor_id)])
    report_failed(run, REPLAY, cause, {"act": "complete", "task": str(task_id), "facts": facts})
    write_entry(session, entry_of(run, held, answers, run.instance.status))
    bind_signature(run, held.task, answers.outcome, answers.values)


def claim(session: Session, actor: Actor, now: datetime, task_id: UUID) -> None:
    """Take a task that others could do as well.

    Raises:
        NotFound, Forbidden, Conflict: as for :func:`complete_task`.
    """
    taken = session.execute(
        update(Task)
        .where(
            Task.id == task_id,
            Task.status == "open",
            (Task.claimed_by.is_(None)) | (Task.claimed_by == actor.user_id),
            _is_candidate(actor, now),
        )
        .values(claimed_by=actor.user_id, claimed_at=now)
        .returning(Task.instance_id, _stands_for(actor).label("stands_for"))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        run, held = lock_task(session, actor, now, task_id)
        refuse_unless_doable(run, held, None)
        raise Conflict("这项任务刚刚有了变化，请刷新列表。")
    subject, absent = f"task:{task_id}", taken.stands_for
    record(session, actor, "task.claim", instance_id=taken.instance_id, subject=subject, on_behalf_of=absent)


def release(session: Session, actor: Actor, task_id: UUID) -> None:
    """Put a claimed task back for the others.

    Raises:
        NotFound: there is no such task, or the actor may not see it.
        Conflict: the actor does not hold it, or is the only person it is for.
    """
    given = session.execute(
        update(Task)
        .where(
            Task.id == task_id,
            Task.status == "open",
            Task.claimed_by == actor.user_id,
            Task.assigned_user_id.is_(None),
            Task.handed_to.is_(None),
        )
        .values(claimed_by=None, claimed_at=None)
        .returning(Task.instance_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if given is None:
        instance = session.scalar(
            select(Instance).join(Task, Task.instance_id == Instance.id).where(Task.id == task_id)
        )
        if instance is None or not scope.may_see(session, actor, instance):
            raise NotFound
        raise Conflict("这项任务不在您手里，或者只指定（转给）您办理，不能放回；需要别人办理时请用“转办”。")
    record(session, actor, "task.release", instance_id=given.instance_id, subject=f"task:{task_id}")


def _stands_for(actor: Actor) -> Any:
    mine = select(TaskCandidate.on_behalf_of).where(
        TaskCandidate.task_id == Task.id, TaskCandidate.user_id == actor.user_id
    )
    return mine.scalar_subquery()


def _is_candidate(actor: Actor, now: datetime) -> Any:
    """As ``webapp.instances.running`` asks it of a locked task."""
    stands_in = exists().where(
        DeputyRight.principal_id == TaskCandidate.on_behalf_of,
        DeputyRight.until_at > now,
        or_(TaskCandidate.reason == "leader", DeputyRight.deputy_id == actor.user_id),
    )
    return exists().where(
        TaskCandidate.task_id == Task.id,
        TaskCandidate.user_id == actor.user_id,
        TaskCandidate.is_open,
        or_(TaskCandidate.on_behalf_of.is_(None), stands_in),
    )


def save_draft(session: Session, actor: Actor, now: datetime, task_id: UUID, data: Json) -> None:
    """Keep what a person has typed so far, complete or not.

    Raises:
        NotFound, Forbidden, Conflict: as for :func:`complete_task`.
        Invalid: a key that the form does not have.
    """
    run, held = lock_task(session, actor, now, task_id)
    refuse_unless_doable(run, held, None)
    answers = draft_answers(run, held.task, data)
    row = upsert(Draft).values(task_id=task_id, user_id=actor.user_id, answers=answers, saved_at=now)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["task_id", "user_id"],
            set_={"answers": row.excluded.answers, "saved_at": row.excluded.saved_at},
        )
    )


def check_doable(session: Session, actor: Actor, now: datetime, task_id: UUID) -> None:
    """Raise what keeps the actor from deciding a task, as :func:`complete_task` does."""
    run, held = lock_task(session, actor, now, task_id)
    refuse_unless_doable(run, held, None)
