"""Read what a message is about, as it is now: the person, the case, the task."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import User
from webapp.definitions.library import Published, get_published
from webapp.instances.models import Instance
from webapp.mail.content import About, Action, Json, Matter, Person
from webapp.mail.models import MailMessage
from webapp.mail.tokens import Ticket, make_token
from webapp.registry.models import Organisation
from webapp.tasks.models import Task, TaskCandidate

MOST_CHOICES = 4
_HOLDER = aliased(User, name="holder")
_UNIT = aliased(Organisation, name="unit")


def messages() -> Select[*tuple[Any, ...]]:
    """Messages with everything that :func:`about_of` needs."""
    doable = exists().where(
        TaskCandidate.task_id == Task.id, TaskCandidate.user_id == MailMessage.user_id, TaskCandidate.is_open
    )
    query: Select[*tuple[Any, ...]] = (
        select(
            MailMessage,
            User.name.label("person"),
            User.email,
            User.disabled_at,
            Organisation.name.label("organisation"),
            Instance.number,
            Instance.title,
            _UNIT.name.label("unit"),
            Task.id.label("task"),
            Task.name.label("task_name"),
            Task.status.label("task_status"),
            Task.due_at,
            Task.due_region.label("region"),
            _HOLDER.name.label("holder"),
            doable.label("is_candidate"),
        )
        .join(User, User.id == MailMessage.user_id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Task, Task.id == MailMessage.task_id)
        .outerjoin(_HOLDER, and_(_HOLDER.id == Task.claimed_by, _HOLDER.id != MailMessage.user_id))
        .outerjoin(Instance, Instance.id == MailMessage.instance_id)
        .outerjoin(_UNIT, _UNIT.id == Instance.subject_id)
    )
    return query


def about_of(row: Any) -> About:
    """What a row of :func:`messages` is about, without choices."""
    message: MailMessage = row.MailMessage
    person = Person(message.user_id, row.person, row.organisation, row.email, row.disabled_at is not None)
    if message.instance_id is None or row.number is None:
        return About(person)
    matter = Matter(
        instance_id=message.instance_id,
        number=row.number,
        title=row.title,
        unit=row.unit or "",
        task_id=message.task_id,
        task_name=row.task_name or "",
        task_status=row.task_status or "",
        due_at=row.due_at,
        region=row.region,
        is_candidate=row.is_candidate,
        holder=row.holder,
    )
    return About(person, matter)


def with_choices(session: Session, about: About, facts: Json) -> About:
    """The same with links for the outcomes of its task, and of each task that the facts list under ``tasks``."""
    listed = [UUID(line["task"]) for lines in facts.get("tasks", {}).values() for line in lines if "task" in line]
    own = about.matter.task_id if about.matter else None
    found = _choices(session, about.person.user_id, [*listed, own] if own else listed)
    return replace(about, choices=found.get(own, ()), listed={str(task): found.get(task, ()) for task in listed})


def _choices(session: Session, user_id: int, task_ids: Sequence[UUID]) -> dict[UUID | None, tuple[Action, ...]]:
    """What a person can decide at each of the tasks that are still theirs to do."""
    query = (
        select(Task.id, Task.element, Task.assigned_organisation_id, Task.assigned_user_id, Instance.process_version_id)
        .join(Instance, Instance.id == Task.instance_id)
        .join(TaskCandidate, TaskCandidate.task_id == Task.id)
        .where(Task.id.in_(task_ids), Task.status == "open", Instance.status == "running")
        .where(TaskCandidate.user_id == user_id, TaskCandidate.is_open)
        .where(or_(Task.claimed_by.is_(None), Task.claimed_by == user_id))
    )
    found: dict[UUID | None, tuple[Action, ...]] = {}
    for row in session.execute(query) if task_ids else ():
        assigned = (row.assigned_organisation_id, row.assigned_user_id)
        offered = _offered(get_published(session, row.process_version_id), row.element)
        found[row.id] = tuple(
            Action(label, f"/mail/act/{make_token(Ticket(user_id, row.id, value, assigned))}")
            for label, value in offered
        )
    return found


def _offered(published: Published, element: str) -> list[tuple[str, str]]:
    """The outcomes of a step by label and value, where there are few; one that is only taken note of has one."""
    form = published.form_of(element)
    outcomes = [(choice.label, str(choice.value)) for choice in form.outcomes] if form else []
    if element in published.acknowledged:
        return [(outcomes[0][0] if outcomes else "确认收到", "")]
    return outcomes if 1 < len(outcomes) <= MOST_CHOICES else []
