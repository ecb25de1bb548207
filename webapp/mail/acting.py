"""Act from a mail: what a link may still do, and the answer of a step that a link may give by itself."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.audit.operations import record
from webapp.definitions.library import get_published
from webapp.instances.models import Instance
from webapp.mail.tokens import Ticket
from webapp.problems import Conflict
from webapp.registry.models import Organisation
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import complete_task


@dataclass(frozen=True)
class Offer:
    """A link that still holds: whose, for which task, and what it may answer by itself."""

    ticket: Ticket
    person: str
    task: Task
    title: str
    unit: str | None
    answer: dict[str, Any] | None
    """What the link may answer by itself; ``None`` where a person has to decide after a login."""


def find_offer(session: Session, ticket: Ticket) -> Offer | None:
    """What a ticket still offers; ``None`` once the task is done, has gone to others, or the account is closed."""
    doable = exists().where(
        TaskCandidate.task_id == ticket.task_id, TaskCandidate.user_id == ticket.user_id, TaskCandidate.is_open
    )
    query = (
        select(Task, Instance.title, Instance.process_version_id, Organisation.name.label("unit"), User.name)
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Organisation, Organisation.id == Instance.subject_id)
        .join(User, User.id == ticket.user_id)
        .where(Task.id == ticket.task_id, Task.status == "open", Instance.status == "running")
        .where(User.disabled_at.is_(None), doable)
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).one_or_none()
    if row is None or (row.Task.assigned_organisation_id, row.Task.assigned_user_id) != ticket.assigned:
        return None
    if row.Task.claimed_by not in {None, ticket.user_id}:
        return None
    published = get_published(session, row.process_version_id)
    return Offer(ticket, row.name, row.Task, row.title, row.unit, published.acknowledged.get(row.Task.element))


def acknowledge(session: Session, now: datetime, offer: Offer, address: str | None) -> None:
    """Answer a step that its diagram marks ``wm:acknowledge``, as the person to whom the link was sent.

    Raises:
        Conflict: the step needs more than a link; or somebody was first.
        Invalid: its form wants answers.
    """
    if offer.answer is None:
        raise Conflict("这一步不能只凭链接办理，请登录后填写。")
    actor = replace(get_actor(session, offer.ticket.user_id), address=address)
    complete_task(session, actor, now, offer.task.id, offer.answer, offer.task.version)
    record(session, actor, "mail.acknowledge", instance_id=offer.task.instance_id, subject=f"task:{offer.task.id}")
