"""Read what a message is about, as it is now: the person, the case, the task."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import User
from webapp.definitions.library import get_published
from webapp.instances.models import Instance
from webapp.mail.content import About, Action, Matter, Person
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
            Instance.process_version_id,
            Instance.status.label("instance_status"),
            _UNIT.name.label("unit"),
            Task.id.label("task"),
            Task.name.label("task_name"),
            Task.element,
            Task.status.label("task_status"),
            Task.due_at,
            Task.assigned_region,
            Task.assigned_organisation_id,
            Task.assigned_user_id,
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
        version_id=row.process_version_id,
        instance_status=row.instance_status,
        task_id=message.task_id,
        task_name=row.task_name or "",
        element=row.element or "",
        task_status=row.task_status or "",
        due_at=row.due_at,
        region=row.assigned_region,
        is_candidate=row.is_candidate,
        holder=row.holder,
        assigned=(row.assigned_organisation_id, row.assigned_user_id),
    )
    return About(person, matter)


def with_choices(session: Session, about: About) -> About:
    """The same with a link for each outcome of the step, where there are few."""
    matter = about.matter
    if matter is None or matter.task_id is None or not matter.is_candidate:
        return about
    published = get_published(session, matter.version_id)
    if matter.element in published.acknowledged:
        return About(about.person, matter, (Action("确认收到", _path(about, matter.task_id, "")),))
    form = published.form_of(matter.element)
    outcomes = form.outcomes if form else ()
    if not 1 < len(outcomes) <= MOST_CHOICES:
        return about
    choices = (Action(choice.label, _path(about, matter.task_id, str(choice.value))) for choice in outcomes)
    return About(about.person, matter, tuple(choices))


def _path(about: About, task_id: UUID, action: str) -> str:
    assert about.matter is not None  # noqa: S101 (the caller saw it)
    return f"/mail/act/{make_token(Ticket(about.person.user_id, task_id, action, about.matter.assigned))}"
