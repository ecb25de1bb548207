"""What the pages of one case have in common: answers, files, whereabouts and timeline, read once per request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.compile import CompiledForm
from webapp.access import Actor, may
from webapp.deadlines.wording import time_words
from webapp.definitions.library import Published, get_published
from webapp.instances import progress, queries
from webapp.instances.casefile import CaseFile, FormFor, read_case
from webapp.instances.models import Instance
from webapp.instances.processes import Case
from webapp.instances.running import case_of
from webapp.instances.turns import Turns, turns_to_come
from webapp.migration.former import Versions, versions_of
from webapp.notices.models import Objection
from webapp.notices.queries import objections_of
from webapp.tasks.answers import form_for
from webapp.tasks.models import Task, TaskCandidate
from workflows.outline import describe

_SETTLERS = frozenset({"county_reviewer", "city_reviewer", "city_leader"})


@dataclass(frozen=True)
class CaseView:
    """One case as a person sees it."""

    instance: Instance
    published: Published
    names: Any
    """See :func:`webapp.instances.queries.names_of`."""
    file: CaseFile
    tasks: Sequence[Any]
    waiting: list[progress.Waiting]
    happened: list[progress.Happened]
    steps: list[dict[str, Any]]
    turns: Turns
    """Who signs later at the open steps; nothing for units, which do not learn who signs."""
    objections: list[Objection]
    """Empty for everybody but the deciding office: an objector is known to it alone."""

    @property
    def states(self) -> dict[str, str]:
        """See :func:`webapp.instances.queries.element_states`."""
        open_elements = (task.element for task in self.tasks if task.status in {"open", "suspended"})
        return queries.states_of(self.instance, open_elements, self.names.failed or ())

    @property
    def outline(self) -> list[dict[str, Any]]:
        """The diagram as text, with how far the case has come."""
        states = self.states
        return [
            item.as_dict()
            | {"number": item.number, "depth": item.depth, "lane": None}
            | {"text": describe(item) + time_words(self.published, item.element, self.instance.data)}
            | {"state": states.get(item.element)}
            for item in self.published.outline
        ]


def view_case(session: Session, actor: Actor, now: datetime, instance: Instance, *, whole: bool = False) -> CaseView:
    """Read a case that ``actor`` may see.

    Args:
        whole: with everything that was ever declared in it, for its papers.
    """
    published = get_published(session, instance.process_version_id)
    versions = versions_of(session, instance.id, published)
    forms = _forms_of(case_of(session, actor, now, instance, None), instance.process, versions)
    file = read_case(session, actor, instance, versions, forms, attachment_address, whole=whole)
    tasks = progress.tasks_of(session, instance.id)
    waiting = progress.waiting_for(published, instance, tasks, now)
    people = [] if actor.is_unit else [wait.element for wait in waiting if wait.task_id]
    turns = turns_to_come(session, now, published, instance, people)
    return CaseView(
        instance=instance,
        published=published,
        names=queries.names_of(session, instance),
        file=file,
        tasks=tasks,
        waiting=waiting,
        happened=progress.what_happened(session, actor, versions, instance, tasks),
        steps=progress.what_comes_next(published, waiting, turns),
        turns=turns,
        objections=objections_of(session, instance.id)
        if decides(actor, instance) or stands_in(session, actor, instance)
        else [],
    )


def _forms_of(case: Case, process: str, versions: Versions) -> FormFor:
    """The forms of steps with their choices, each of a version looked up once."""
    known: dict[tuple[str, int], CompiledForm | None] = {}

    def find(element: str, at: datetime) -> CompiledForm | None:
        published = versions.at(at)
        if (element, published.id) not in known:
            known[element, published.id] = form_for(case, published, process, element)
        return known[element, published.id]

    return find


def attachment_address(attachment_id: int) -> str:
    """Where an attachment is shown without being downloaded."""
    return url_for("previews.show", attachment_id=attachment_id)


def stands_in(session: Session, actor: Actor, instance: Instance) -> bool:
    """Whether ``actor`` has an open step for the deciding office, which its conflict of interest leaves to others."""
    query = select(TaskCandidate.task_id).join(Task, Task.id == TaskCandidate.task_id)
    mine = query.where(TaskCandidate.user_id == actor.user_id, TaskCandidate.is_open)
    region = instance.data.get("deciding_region")
    of_office = mine.where(Task.instance_id == instance.id, Task.assigned_region == region)
    named = TaskCandidate.reason.in_(("substitute", "office_above"))
    return actor.is_office and session.scalar(of_office.where(named).limit(1)) is not None


def decides(actor: Actor, instance: Instance) -> bool:
    """Whether ``actor`` works for the office that decides the case and may settle objections."""
    region = instance.data.get("deciding_region")
    return actor.is_office and region is not None and region == actor.region_code and bool(actor.roles & _SETTLERS)


def actions_on(actor: Actor, instance: Instance) -> set[str]:
    """What ``actor`` may do to the case as a whole: ``withdraw``, ``suspend``, ``resume``."""
    found = set()
    is_own = actor.organisation_id == instance.subject_id and may(actor, "instances.withdraw")
    if is_own and instance.status == "running" and any(wait["name"] == "withdrawal" for wait in instance.waits):
        found.add("withdraw")
    if may(actor, "instances.suspend"):
        found |= {"suspend"} if instance.status == "running" else set()
        found |= {"resume"} if instance.status == "suspended" else set()
    return found


def offices_on_form(instance: Instance) -> list[str]:
    """The opinions of offices that the printed form leaves a place for, in their order."""
    county = [] if instance.data.get("city_direct") else [_("县（市、区）文明办意见：")]
    city = [] if instance.data.get("level") == "county" else [_("市文明办意见：")]
    return county + city
