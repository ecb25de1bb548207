"""Whose instances a person sees: units their own, offices their subtree, others what they have had a task on.

One rule, as SQL for lists and as a question about one instance. What somebody saw by an earlier post stays behind
with that post.
"""

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from webapp.access import Actor, in_subtree, lies_in
from webapp.instances.models import Instance
from webapp.tasks.models import Task, TaskCandidate


def visible(actor: Actor) -> ColumnElement[bool]:
    """SQL: the instance may be seen by ``actor``."""
    had_task = exists().where(
        Task.instance_id == Instance.id,
        TaskCandidate.task_id == Task.id,
        TaskCandidate.user_id == actor.user_id,
        or_(
            TaskCandidate.is_open,
            TaskCandidate.reason != "role",
            Task.assigned_organisation_id == actor.organisation_id,
        ),
    )
    if actor.is_unit:
        return or_(Instance.subject_id == actor.organisation_id, had_task)
    if actor.sees_subtree:
        return or_(in_subtree(Instance.region_path, actor.region_path), had_task)
    return had_task


def may_see(session: Session, actor: Actor, instance: Instance) -> bool:
    """Whether ``actor`` may see ``instance``; asks the database only where memory cannot tell."""
    if actor.is_unit and instance.subject_id == actor.organisation_id:
        return True
    if actor.sees_subtree and lies_in(instance.region_path, actor.region_path):
        return True
    query = select(Instance.id).where(Instance.id == instance.id, visible(actor))
    return session.scalar(query) is not None
