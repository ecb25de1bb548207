"""Open one task: its form for this case, what was typed or is proposed, and what the person may do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.compile import CompiledForm
from webapp.access import Actor
from webapp.acts.offers import acts_on
from webapp.deadlines.extending import is_extendable, may_extend
from webapp.definitions.library import Published, get_published
from webapp.instances import scope
from webapp.instances.models import Instance, Submission
from webapp.instances.processes import Case, rules_of
from webapp.instances.running import case_of
from webapp.problems import NotFound
from webapp.tasks.answers import form_of_task
from webapp.tasks.models import Task
from webapp.tasks.queries import find_opened


@dataclass(frozen=True)
class OpenedTask:
    """Everything that the task page and the API show of one task."""

    row: Any
    task: Task
    instance: Instance
    published: Published
    form: CompiledForm | None
    data: dict[str, Any]
    draft_saved_at: datetime | None
    actions: list[str]


def open_task(session: Session, actor: Actor, now: datetime, task_id: UUID) -> OpenedTask:
    """Read a task that the actor may do or may see.

    Raises:
        NotFound: there is none, or it lies outside the actor's scope.
    """
    row = find_opened(session, actor, task_id)
    if row is None or not (row.mine or scope.may_see(session, actor, row.Instance)):
        raise NotFound
    task, instance, mine = row.Task, row.Instance, row.mine
    published = get_published(session, instance.process_version_id)
    case = case_of(session, actor, now, instance, task)
    is_theirs = mine or actor.is_office or task.assigned_organisation_id == actor.organisation_id
    form = form_of_task(case, published, instance.process, task) if is_theirs else None
    draft = row.Draft if mine else None
    data = (
        draft.answers
        if draft
        else (_proposed(case, published, instance, task) if mine and task.request_id is None else {})
    )
    actions = _actions(actor, task, mine) + acts_on(published, actor, instance, task, mine=mine)
    if is_extendable(published, instance, task) and may_extend(session, actor, instance, task):
        actions.append("extend")
    return OpenedTask(row, task, instance, published, form, data, draft.saved_at if draft else None, actions)


def _actions(actor: Actor, task: Task, mine: bool) -> list[str]:
    if not mine or task.status != "open" or task.claimed_by not in {None, actor.user_id}:
        return []
    if task.claimed_by is None:
        return ["claim", "complete", "draft"]
    is_alone = task.assigned_user_id or task.handed_to
    return ["complete", "draft"] if is_alone else ["release", "complete", "draft"]


def _proposed(case: Case, published: Published, instance: Instance, task: Task) -> dict[str, Any]:
    """What a form starts with: for the unit its last answers, else what the process knows of the case.

    Offices and departments start empty, unless the process offers something for the step: an opinion of an earlier
    round must not be submitted again by oversight.
    """
    form = published.form_of(task.element)
    if form is None:
        return {}
    is_subjects = task.assigned_organisation_id == instance.subject_id
    prefill = rules_of(instance.process).prefill.get(task.element)
    answers = _last_answers(case.session, instance, published.prefilled_from(task.element)) if is_subjects else None
    if answers is None:
        answers = prefill(case) if prefill else {}
    keys = {name.split(".")[0] for name in form.variables} - {form.outcome_field}
    return {key: value for key, value in answers.items() if key in keys}


def _last_answers(session: Session, instance: Instance, elements: Sequence[str]) -> dict[str, Any] | None:
    query = (
        select(Submission.answers)
        .where(Submission.instance_id == instance.id, Submission.element.in_(elements))
        .order_by(Submission.id.desc())
        .limit(1)
    )
    return session.scalars(query).first() if elements else None
