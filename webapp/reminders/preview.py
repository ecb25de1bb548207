"""What the clock would do up to a moment, found by the same functions that do it, without doing it."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from webapp.clock import SHANGHAI
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.endings import HAND_OVER
from webapp.instances.models import Instance, Wait
from webapp.instances.running import Run, make_run
from webapp.reminders.operations import DUE, list_holders, organisation_of, plan_for
from webapp.reminders.stages import REMINDER, Stage, latest_stage, stages_between
from webapp.reminders.succession import CannotActError, successor_of
from webapp.reminders.superiors import find_superiors
from webapp.tasks import candidates
from webapp.tasks.models import Task

MOST = 5000
"""Items, and tasks looked at; whoever asks for more asks for a shorter time."""


def preview(
    session: Session, now: datetime, until: datetime, sees: ColumnElement[bool] | None = None
) -> list[dict[str, Any]]:
    """Every reminder, escalation and timer up to ``until`` if nobody acts meanwhile, in order of time.

    Args:
        sees: which instances count; all of them where it is left out.
    """
    rows = session.execute(DUE, {"until": until, "most": MOST}).all()
    if sees is not None and rows:
        ids = {row.instance_id for row in rows}
        seen = set(session.scalars(select(Instance.id).where(Instance.id.in_(ids), sees)))
        rows = [row for row in rows if row.instance_id in seen]
    holders = list_holders(session, [row.id for row in rows])
    notices = (item for row in rows for item in _notices(session, now, until, row, holders.get(row.id, [])))
    shown = true() if sees is None else sees
    found = islice(chain(notices, _endings(session, now, until, shown), _timers(session, until, shown)), MOST)
    return sorted(found, key=lambda item: (item["at"], item["kind"], item["instance"]))


def _notices(
    session: Session, now: datetime, until: datetime, task: Any, holders: list[Any]
) -> Iterator[dict[str, Any]]:
    calendar, plan, after = calendar_in_force(), plan_for(session, task), task.noticed_at or task.opened_at
    come = latest_stage(plan, task.due_at, after, min(now, until), calendar, task.region)
    coming = stages_between(plan, task.due_at, max(now, after), until, calendar, task.region)
    for stage in [come, *coming] if come else coming:
        people = holders if stage.kind == REMINDER else _superiors(session, task, stage, holders)
        yield _item(stage.at, stage.kind, task.instance_id, str(task.id), task.element, people)


def _superiors(session: Session, task: Any, stage: Stage, holders: list[Any]) -> Iterator[Any]:
    ids = [holder.id for holder in holders]
    organisation, excluded = organisation_of(task, holders), task.excluded_organisation_id
    return iter(find_superiors(session, organisation, stage.number, ids, excluded).people)


def _endings(session: Session, now: datetime, until: datetime, sees: ColumnElement[bool]) -> Iterator[dict[str, Any]]:
    """What the system would do at the end of the time of a step; an extension may have moved it beyond ``acts_at``.

    ``to``: who would get it, or in whose place the machine would decide.
    """
    query = (
        select(Task, Instance)
        .join(Instance, Instance.id == Task.instance_id)
        .where(Task.status == "open", Task.acts_at <= until, Instance.status == "running", sees)
        .order_by(Task.acts_at)
        .limit(MOST)
    )
    calendar, coming = calendar_in_force(), []
    for task, instance in session.execute(query):
        run = make_run(session, None, now, instance)
        ending = run.published.endings[task.element]
        moment = task.due_at and ending.moment(task.due_at, calendar, task.due_region or run.region)
        if moment is not None and moment <= until:
            coming.append((moment, run, task, ending.act))
    for moment, task, act, people in _with_people(session, coming):
        yield _item(moment, "timer", task.instance_id, str(task.id), task.element, people, act)


def _with_people(
    session: Session, coming: list[tuple[datetime, Run, Task, str]]
) -> Iterator[tuple[datetime, Task, str, list[Any]]]:
    places = {task.id: _place(run, task) for _at, run, task, act in coming if act == HAND_OVER}
    heirs = candidates.list_would_be(session, places)
    holders = list_holders(session, [task.id for _at, _run, task, act in coming if act != HAND_OVER])
    for moment, _run, task, act in coming:
        yield moment, task, act, (heirs if act == HAND_OVER else holders).get(task.id, [])


def _place(run: Run, task: Task) -> dict[str, Any]:
    try:
        return successor_of(run, task).columns
    except CannotActError:  # it would become an incident, for nobody
        return {"assigned_organisation_id": None, "assigned_user_id": None, "handed_to": None}


def _timers(session: Session, until: datetime, sees: ColumnElement[bool]) -> Iterator[dict[str, Any]]:
    query = (
        select(Wait.instance_id, Wait.element, Wait.due_at)
        .join(Instance, Instance.id == Wait.instance_id)
        .where(Wait.kind == "timer", Wait.due_at <= until, Instance.status == "running", sees)
        .order_by(Wait.due_at)
        .limit(MOST)
    )
    for row in session.execute(query):
        yield _item(row.due_at, "timer", row.instance_id, None, row.element, ())


def _item(
    at: datetime, kind: str, instance: int, task: str | None, element: str, people: Any, act: str | None = None
) -> dict[str, Any]:
    return {
        "at": at.astimezone(SHANGHAI).isoformat(),
        "kind": kind,
        "act": act,
        "task": task,
        "element": element,
        "instance": instance,
        "to": [{"id": person.id, "username": person.username, "name": person.name} for person in people],
    }
