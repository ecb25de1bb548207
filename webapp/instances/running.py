"""Lock an instance and hold it for one step: the engine's context, and the case that rules and services see.

The row of the instance is locked by the statement that reads it; whoever comes second sees what the first one did.
"""

import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, SessionTransaction

from webapp.access import Actor
from webapp.deadlines.campaigns import CAMPAIGN, campaign_of
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.rules import Campaign
from webapp.definitions.library import Published, get_published
from webapp.instances.models import Instance
from webapp.instances.processes import Case, Json, rules_of
from webapp.problems import Conflict, Invalid, NotFound
from webapp.statements import Statement, columns_of, loaded
from webapp.tasks.models import Task
from workflows import (
    Context,
    DataNotAllowedError,
    Incident,
    NobodyWaitingError,
    NothingToRetryError,
    Step,
    TaskNotOpenError,
)

STATUS_WORDS = {
    "running": "办理中",
    "suspended": "已挂起",
    "completed": "已办结",
    "withdrawn": "已撤回",
    "cancelled": "已取消",
}


LOST = (OperationalError, InterfaceError)
"""What says that the database went away: nothing of the request counts, and it is no incident of a process."""


@dataclass
class Attempt:
    """What services did during a step that may have to be undone; the first that is called sets the savepoint."""

    session: Session
    ends: ExitStack
    savepoint: SessionTransaction | None = None

    def begin(self) -> None:
        if self.savepoint is None:
            self.savepoint = self.ends.enter_context(self.session.begin_nested())

    def undo(self) -> None:
        if self.savepoint is not None:
            self.savepoint.rollback()


@dataclass
class Run:
    """A locked instance in the hands of one actor (or of the machine) at one moment."""

    session: Session
    actor: Actor | None
    now: datetime
    published: Published
    instance: Instance
    case: Case
    on_behalf_of: int | None = None
    """The absent person for whom the actor stands in at the task at hand."""
    let_through: tuple[type[Exception], ...] = LOST
    """What leaves the engine as it is instead of becoming an incident."""
    attempt: Attempt | None = None
    campaign: Campaign | None = None
    """The dates of its batch, where they were read with it."""

    @property
    def actor_id(self) -> int | None:
        return self.actor.user_id if self.actor else None

    @property
    def region(self) -> str | None:
        """Code of the region that the case belongs to; its days count where no office of a region acts."""
        return self.instance.region_path.rpartition("/")[2] or None

    def context(self) -> Context:
        """What the engine may call during this step."""
        services = rules_of(self.instance.process).services
        return Context(
            now=self.now,
            services={name: partial(self._serve, service) for name, service in services.items()},
            functions=functions_at(self.now, self.region),
            let_through=self.let_through,
        )

    def _serve(self, service: Callable[..., Any], **arguments: Any) -> Any:
        if self.attempt is not None:
            self.attempt.begin()
        with self.session.begin_nested():
            return service(self.case, **arguments)

    def wanted(self, facts: Json) -> Json:
        """The facts that the diagram names; nothing else enters the engine."""
        names = self.published.definition.variables
        return {name: value for name, value in facts.items() if name in names}


def functions_at(now: datetime, region: str | None) -> dict[str, Callable[..., Any]]:
    """What expressions may call at a moment, by the calendar of a region."""
    return {"end_of_working_day": partial(_end_of_working_day, now, region)}


def _end_of_working_day(now: datetime, region: str | None, days: int) -> str:
    return calendar_in_force().after_working_days(now, int(days), region).at.isoformat()


def case_of(session: Session, actor: Actor | None, now: datetime, instance: Instance, task: Task | None = None) -> Case:
    """What rules, services and choices see of an instance, at one of its tasks or as a whole."""
    return Case(
        session=session,
        now=now,
        actor=actor,
        instance_id=instance.id,
        number=instance.number,
        subject_id=instance.subject_id,
        batch_id=instance.batch_id,
        honour_code=instance.honour_code,
        data=dict(instance.data),
        element=task.element if task else None,
        item=task.item if task else {},
    )


def make_run(session: Session, actor: Actor | None, now: datetime, instance: Instance) -> Run:
    """Hold an instance that the caller has locked or just made."""
    case = case_of(session, actor, now, instance)
    return Run(session, actor, now, get_published(session, instance.process_version_id), instance, case)


_ANSWERS = (TaskNotOpenError, NobodyWaitingError, NothingToRetryError, DataNotAllowedError)


def guarded(run: Run, act: Callable[[], Step]) -> Step:
    """Make a step of the engine; whatever fails in it comes as a step that could not be entered."""
    through = run.let_through + _ANSWERS
    try:
        return act()
    except through:
        raise
    except Exception as error:
        trace = "".join(traceback.format_exception(error))[-8000:]
        cause = Incident("", run.case.element or "", type(error).__name__, str(error) or type(error).__name__, trace)
        return Step(state=run.instance.state or "", failed_entering=cause)


def attempted(run: Run, act: Callable[[], Step]) -> Step:
    """Make a step like :func:`guarded`; where it could not be entered, what services did is undone."""
    with ExitStack() as ends:
        run.attempt = Attempt(run.session, ends)
        try:
            step = guarded(run, act)
            if step.failed_entering:
                run.attempt.undo()
                run.case.notes.clear()
        finally:
            run.attempt = None
    return step


def lock_instance(
    session: Session, actor: Actor | None, now: datetime, instance_id: int, *, busy_ok: bool = False
) -> Run:
    """Lock an instance by id.

    Args:
        busy_ok: skip an instance that somebody else holds (sweeps) instead of waiting for it.

    Raises:
        NotFound: there is none (or it is busy and ``busy_ok``).
    """
    rows = (_INSTANCE_UNLESS_BUSY if busy_ok else _INSTANCE).execute(session, {"instance": instance_id})
    if not rows:
        raise NotFound
    return make_run(session, actor, now, loaded(session, Instance, rows[0]))


_LOCK = f"SELECT {columns_of(Instance, 'i')} FROM instances i WHERE i.id = :instance FOR UPDATE"  # noqa: S608 (only constants)
_INSTANCE, _INSTANCE_UNLESS_BUSY = Statement(_LOCK), Statement(_LOCK + " SKIP LOCKED")


@dataclass(frozen=True)
class HeldTask:
    """A task whose instance is locked; its own row is as old as the wait for that lock."""

    task: Task
    is_candidate: bool


STILL_STANDS_IN = """
    (c.on_behalf_of IS NULL OR EXISTS (
        SELECT FROM deputy_rights d WHERE d.principal_id = c.on_behalf_of AND d.until_at > :now
            AND (c.reason = 'leader' OR d.deputy_id = c.user_id)
    ))
"""
"""SQL: candidate ``c`` acts for themselves, or for somebody whose absence is not over to the second."""

_TASK = Statement(f"""
    SELECT {columns_of(Instance, "i")}, {columns_of(Task, "t")}, (
        SELECT COALESCE(c.on_behalf_of, 0) FROM task_candidates c
        WHERE c.task_id = t.id AND c.user_id = :user AND c.is_open AND {STILL_STANDS_IN}
    ) AS stands_for, b.id AS batch, {CAMPAIGN}
    FROM instances i JOIN tasks t ON t.instance_id = i.id LEFT JOIN batches b ON b.id = i.batch_id
    WHERE t.id = :task FOR UPDATE OF i
""")  # noqa: S608 (only constants of this module)


def lock_task(session: Session, actor: Actor, now: datetime, task_id: UUID) -> tuple[Run, HeldTask]:
    """Lock the instance of a task, in one statement.

    Raises:
        NotFound: there is no such task.
    """
    rows = _TASK.execute(session, {"task": task_id, "user": actor.user_id, "now": now})
    if not rows:
        raise NotFound
    row, width = rows[0], len(Instance.__table__.columns)
    instance = loaded(session, Instance, row[:width])
    task = loaded(session, Task, row[width : width + len(Task.__table__.columns)])
    run, stands_for = make_run(session, actor, now, instance), row.stands_for
    run.campaign = campaign_of(row) if row.batch else None
    run.case.element, run.case.item = task.element, task.item
    run.on_behalf_of = stands_for or None
    run.let_through = (*LOST, Invalid)  # a service may refuse what the person has decided
    return run, HeldTask(task, stands_for is not None)


def refuse_unless_running(instance: Instance) -> None:
    """Raise :class:`Conflict`, with what became of it, unless the instance is running."""
    if instance.status == "running":
        return
    result = f"（{instance.outcome_name}）" if instance.outcome_name else ""
    raise Conflict(f"办件 {instance.number} {STATUS_WORDS[instance.status]}{result}，不能再办理。请返回列表。")
