"""Try again what failed: by hand after the cause was mended, or by the machine with growing pauses.

Failed elements run again, kept decisions, messages and timers are replayed on the state of before, steps without
people look for them anew. What fails again stays one incident with its newest cause.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.deadlines.circumstances import Opened, read_circumstances
from webapp.instances import incidents
from webapp.instances.incidents import ADVANCE, DEADLINE, ENGINE, NOBODY, OVERDUE, REPLAY, Failure, resolve
from webapp.instances.models import Incident, Instance
from webapp.instances.operations import deliver_kept
from webapp.instances.processes import Json
from webapp.instances.recording import record_step, write_history
from webapp.instances.running import Run, attempted, lock_instance, refuse_unless_running
from webapp.problems import Conflict, InputError, Invalid, NotFound
from webapp.registry.models import Organisation
from webapp.tasks import candidates
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.placing import place_task
from workflows import (
    DataNotAllowedError,
    NobodyWaitingError,
    NothingToRetryError,
    Step,
    TaskNotOpenError,
    advance,
    complete,
    deliver,
    retry,
    set_data,
)
from workflows import list_open as engine_tasks


def retry_incident(
    session: Session, actor: Actor, now: datetime, instance_id: int, data: Json | None = None
) -> Instance:
    """Try again everything that failed in an instance, after its cause was mended.

    Args:
        data: corrections to the variables of the instance.

    Raises:
        Conflict: nothing has failed here, or the instance is not running.
        Invalid: a correction names no variable of this process, or holds what may not enter the engine.
    """
    run = lock_instance(session, actor, now, instance_id)
    refuse_unless_running(run.instance)
    found = list_open(session, instance_id)
    if not found:
        raise Conflict("这个办件没有待处理的异常。")
    _check_corrections(run, data or {})
    try:
        _try_all(run, found, data or {})
    except DataNotAllowedError as error:
        raise Invalid([InputError(f"data.{error.path}", "not_allowed", str(error))]) from error
    _audit(run, found, data or {})
    return run.instance


def retry_due(session: Session, now: datetime, instance_id: int) -> bool:
    """Let the machine try again what is due in an instance that is not busy; returns whether something was mended."""
    try:
        run = lock_instance(session, None, now, instance_id, busy_ok=True)
    except NotFound:
        return False
    due = [i for i in list_open(session, instance_id) if i.next_retry_at is not None and i.next_retry_at <= now]
    if run.instance.status != "running" or not due:
        return False
    _try_all(run, due, {})
    mended = [incident for incident in due if incident.status == "resolved"]
    if mended:
        _audit(run, mended, {})
    return bool(mended)


def list_open(session: Session, instance_id: int) -> list[Incident]:
    """The open incidents of an instance, oldest first."""
    query = select(Incident).where(Incident.instance_id == instance_id, Incident.status == "open")
    return list(session.scalars(query.order_by(Incident.id), execution_options={"populate_existing": True}))


def _check_corrections(run: Run, data: Json) -> None:
    known = run.published.definition.variables | run.instance.data.keys()
    unknown = [
        InputError(f"data.{key}", "unknown_variable", f"流程没有名为“{key}”的变量。")
        for key in data
        if key not in known
    ]
    if unknown:
        raise Invalid(unknown)


def _audit(run: Run, found: Sequence[Incident], data: Json) -> None:
    after = {"incidents": {str(i.id): i.status for i in found}} | ({"corrections": data} if data else {})
    record(run.session, run.actor, "instance.retry", instance_id=run.instance.id, after=after)


def _try_all(run: Run, found: Sequence[Incident], data: Json) -> None:
    unplaced = [i for i in found if i.kind in {NOBODY, DEADLINE}]
    ended = [i for i in found if i.kind == OVERDUE]
    if data and (unplaced or ended):
        _correct(run, data)
    for incident in unplaced:
        _place_again(run, incident)
    for incident in ended:
        _end_again(run, incident)
    failed = [i for i in found if i.kind == ENGINE]
    if failed:
        _run_again(run, failed, data)
    for incident in (i for i in found if i.kind == REPLAY):
        if run.instance.status == "running":
            _replay(run, incident, data)
    run.session.flush()


def _correct(run: Run, data: Json) -> None:
    """Set variables right in the whole instance; where that itself cannot go on, nothing is set."""
    definition, state = run.published.definition, run.instance.state or ""
    step = attempted(run, lambda: set_data(definition, state, data, run.context()))
    if not step.failed_entering:
        record_step(run, step)
        run.case.data = dict(run.instance.data)


def _place_again(run: Run, incident: Incident) -> None:
    """Ask the rule of an open task again: whose it is, by when, and who that is."""
    pending = incident.pending or {}
    task = run.session.get(Task, UUID(pending["task"]), populate_existing=True)
    if task is None or task.status != "open":
        resolve(incident, run.now, run.actor_id)
        return
    wanted = [Opened(str(task.id), task.element, task.item)]
    given = read_circumstances(run.session, run.instance, run.published, wanted)[str(task.id)]
    place = place_task(run.published, task.element, task.opened_at, _seen_at(run, task), run.region, given)
    if incident.kind == DEADLINE:
        _settle(run, incident, place.deadline_fault)
        columns = place.due_columns
        run.session.execute(update(Task).where(Task.id == task.id).values(columns))
        candidates_due = update(TaskCandidate).where(TaskCandidate.task_id == task.id)
        run.session.execute(candidates_due.values(due_at=columns["due_at"]))
        return
    if place.rule_fault is None:
        office = select(Organisation.id).where(Organisation.kind == "office", Organisation.region_code == place.region)
        values = {
            "assigned_region": place.region,
            "assigned_organisation_id": place.organisation or office.scalar_subquery(),
            "assigned_user_id": place.person,
        }
        run.session.execute(update(Task).where(Task.id == task.id).values(values))
    short = candidates.fill(run.session, [task.id], int(pending.get("persons", 1)))
    _settle(run, incident, place.rule_fault or (incident.message if short else None))


def _end_again(run: Run, incident: Incident) -> None:
    """Let the next sweep try again what the diagram declares for the end of the time."""
    again = update(Task).where(Task.id == UUID((incident.pending or {})["task"]), Task.status == "open")
    run.session.execute(again.values(acts_at=run.now))
    _settle(run, incident, None)


def _seen_at(run: Run, task: Task) -> Json:
    """The data that are visible at an open task."""
    definition, state = run.published.definition, run.instance.state or ""
    seen = {opened.id: opened.data for opened in engine_tasks(definition, state, run.context())}
    return run.instance.data | task.item | seen.get(str(task.id), {})


def _settle(run: Run, incident: Incident, fault: str | None) -> None:
    if fault is None:
        resolve(incident, run.now, run.actor_id)
        _tell(run, incident)
    else:
        failure = Failure(incident.kind, incident.element, incident.error_type, fault)
        incidents.note_failed_retry(incident, failure, run.now)


def _run_again(run: Run, failed: Sequence[Incident], data: Json) -> None:
    """Run the failed elements again; the engine takes all of them at once."""
    definition, state = run.published.definition, run.instance.state or ""
    try:
        step = attempted(run, lambda: retry(definition, state, run.context(), data))
    except NothingToRetryError:
        for incident in failed:
            resolve(incident, run.now, run.actor_id)
        return
    if step.failed_entering:
        for incident in failed:
            incidents.note_failed_retry(incident, _failure_of(incident, step), run.now)
        return
    again = {incident.task_id for incident in step.incidents}
    for incident in failed:
        if (incident.pending or {}).get("task") not in again:
            resolve(incident, run.now, run.actor_id)
            _tell(run, incident)
    run.session.flush()
    record_step(run, step)
    deliver_kept(run)


def _replay(run: Run, incident: Incident, data: Json) -> None:
    """Do again, on the state of before, what could not be entered; what nothing waits for any more is moot."""
    pending = incident.pending or {}
    try:
        step = attempted(run, _verb(run, pending, data))
    except (TaskNotOpenError, NobodyWaitingError):
        resolve(incident, run.now, run.actor_id)
        return
    if step.failed_entering:
        incidents.note_failed_retry(incident, _failure_of(incident, step), run.now)
        return
    resolve(incident, run.now, run.actor_id)
    _tell(run, incident)
    run.session.flush()
    record_step(run, step)
    deliver_kept(run)


def _verb(run: Run, pending: dict[str, Any], data: Json) -> Callable[[], Step]:
    definition, state, context = run.published.definition, run.instance.state or "", run.context()
    if pending["act"] == "complete":
        return lambda: complete(definition, state, pending["task"], pending["facts"] | data, context)
    if pending["act"] == "deliver":
        return lambda: deliver(definition, state, pending["message"], pending["payload"] | data, context)
    if data:
        return lambda: set_data(definition, state, data, context)
    return lambda: advance(definition, state, context)


def _failure_of(incident: Incident, step: Step) -> Failure:
    cause = step.failed_entering
    assert cause is not None  # noqa: S101 (the caller saw it)
    return Failure(incident.kind, cause.element, cause.error_type, cause.message, cause.trace)


def _tell(run: Run, incident: Incident) -> None:
    line = {"element": incident.element, "act": "retry", "actor_id": run.actor_id, "machine": run.actor is None}
    write_history(run, [line])


def report_stuck(session: Session, now: datetime, instance_id: int, error: Exception) -> None:
    """Record that due timers of an instance could not even be looked at; it is left alone until it is mended."""
    failure = Failure(REPLAY, None, type(error).__name__, str(error)[:2000] or type(error).__name__, pending=ADVANCE)
    incidents.open_incident(session, now, instance_id, failure)
