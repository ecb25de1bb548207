"""What the diagram lets happen at the end of a step's time: the step is handed over, or the machine decides it.

Found by index, then each in a transaction of its own: the case is locked, the task read again, the moment computed
again (an extension or a suspension may have moved it), and only then something happens, once. What the machine cannot
do is an incident; it is tried again as incidents are.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from webapp.audit.operations import record
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.endings import HAND_OVER, Ending
from webapp.deadlines.rules import days_left_text
from webapp.instances.closing import Decision
from webapp.instances.incidents import OVERDUE, Failure, open_incident, report_nobody
from webapp.instances.operations import deliver_kept
from webapp.instances.processes import Json, rules_of
from webapp.instances.recording import record_step, write_history
from webapp.instances.running import LOST, Run, attempted, lock_instance
from webapp.mail.operations import Recipients, enqueue
from webapp.problems import Invalid, NotFound
from webapp.registry.models import Organisation
from webapp.reminders.operations import list_holders
from webapp.reminders.succession import CannotActError, successor_of
from webapp.tasks import candidates
from webapp.tasks.models import Task, TaskCandidate
from workflows import Step, complete

_ENDED = text("""
    SELECT t.id, t.instance_id FROM tasks t JOIN instances i ON i.id = t.instance_id AND i.status = 'running'
    WHERE t.status = 'open' AND t.acts_at <= :now ORDER BY t.acts_at, t.id LIMIT :most
""")
_LET_GO = text("UPDATE task_candidates SET is_open = false WHERE task_id = :task AND is_open")


def list_ended(session: Session, now: datetime, most: int) -> list[tuple[UUID, int]]:
    """Tasks, with their instances, at which something may have to happen by itself, longest due first."""
    return [(row.id, row.instance_id) for row in session.execute(_ENDED, {"now": now, "most": most})]


def act_on_ended(session: Session, now: datetime, task_id: UUID, instance_id: int) -> bool:
    """Do what the diagram declares for the end of the time of a task; returns whether something happened.

    Skips what is busy, done meanwhile, or has been given more time.
    """
    try:
        run = lock_instance(session, None, now, instance_id, busy_ok=True)
    except NotFound:
        return False
    task = session.get_one(Task, task_id, populate_existing=True)
    if run.instance.status != "running" or task.status != "open" or task.acts_at is None or task.due_at is None:
        return False
    run.case.element, run.case.item = task.element, task.item
    ending = run.published.endings[task.element]
    moment = ending.moment(task.due_at, calendar_in_force(), task.due_region or run.region)
    _plan(session, task_id, moment if moment is None or moment > now else None)
    if moment is None or moment > now:
        return False
    _act(run, task, ending)
    return True


def postpone_act(session: Session, task_id: UUID, until: datetime) -> None:
    """Leave a task alone for a while, after something unforeseen."""
    session.execute(update(Task).where(Task.id == task_id, Task.acts_at.is_not(None)).values(acts_at=until))


def _plan(session: Session, task_id: UUID, moment: datetime | None) -> None:
    session.execute(update(Task).where(Task.id == task_id).values(acts_at=moment))


def _act(run: Run, task: Task, ending: Ending) -> None:
    try:
        if ending.act == HAND_OVER:
            _hand_over(run, task)
        else:
            _decide(run, task, ending.outcome or "")
    except CannotActError as error:
        message = f"“{task.name}”期限已过，流程规定的到期处理没有完成：{error}"
        failure = Failure(OVERDUE, task.element, "OverdueError", message, pending={"task": str(task.id)})
        open_incident(run.session, run.now, run.instance.id, failure)


def _late(run: Run, task: Task) -> str:
    return days_left_text(task.due_at, run.now, task.due_region or run.region)


def _hand_over(run: Run, task: Task) -> None:
    """Give the task to whom the diagram names; whoever held it does not any more."""
    session, place = run.session, successor_of(run, task)
    holders = list_holders(session, [task.id]).get(task.id, [])
    freed = {"claimed_by": None, "claimed_at": None, "version": Task.version + 1}
    session.execute(update(Task).where(Task.id == task.id).values(place.columns | freed))
    session.execute(_LET_GO, {"task": task.id})
    if candidates.fill(session, [task.id], place.persons):
        report_nobody(session, run.now, [task.id], place.persons)
    to = session.scalar(select(Organisation.name).where(Organisation.id == place.organisation)) or ""
    said = f"“{task.name}”{_late(run, task)}仍未办理，按流程规定转由{to or '指定人员'}办理。"
    _tell(run, task, [{"act": "hand_over", "comment": said}])
    facts = {"act": "overdue", "holders": [holder.name for holder in holders]}
    enqueue(session, "handed", Recipients(tasks=[task.id]), facts)
    _tell_taken(session, task, holders, to)
    after = {"region": place.region, "organisation": place.organisation, "person": place.person}
    _audit(run, task, "task.hand_over", after)


def _tell_taken(session: Session, task: Task, holders: list[Any], to: str) -> None:
    """Tell those who had the task and do not have it any more."""
    kept = set(
        session.scalars(select(TaskCandidate.user_id).where(TaskCandidate.task_id == task.id, TaskCandidate.is_open))
    )
    losers = [holder.id for holder in holders if holder.id not in kept]
    if losers:
        enqueue(session, "taken", Recipients(people=losers), {"act": "overdue", "to": to}, task_id=task.id)


def _decide(run: Run, task: Task, outcome: str) -> None:
    """Let the machine decide the task with the outcome that the diagram names."""
    facts, answers = _facts(run, task, outcome)
    definition, state = run.published.definition, run.instance.state or ""
    step: Step = attempted(run, lambda: complete(definition, state, str(task.id), facts, run.context()))
    if step.failed_entering:
        raise CannotActError(step.failed_entering.message)
    comment = f"“{task.name}”{_late(run, task)}仍未办理，按流程规定由系统自动作出，不代表任何办理人的意见。"
    record_step(run, step, decision=Decision(task, outcome, answers, comment))
    _audit(run, task, "task.expire", {"outcome": outcome, "status": run.instance.status})
    deliver_kept(run)


def _facts(run: Run, task: Task, outcome: str) -> tuple[Json, Json]:
    """What the engine is told, and what is kept as the answer."""
    form = run.published.form_of(task.element)
    if form is None or form.outcome_field is None:
        raise CannotActError("这一步的表单没有办理结果字段。")
    if outcome not in {str(choice.value) for choice in form.outcomes}:
        raise CannotActError(f"表单没有“{outcome}”这个结果。")
    answers: Json = {form.outcome_field: outcome}
    run.case.answers = answers
    rule = rules_of(run.instance.process).steps.get(task.element)
    try:
        with run.session.begin_nested():
            found = dict(rule(run.case, answers) or {}) if rule else {}
    except LOST:
        raise
    except Exception as error:  # a rule that wants what only a person can say
        said = error.errors[0].message if isinstance(error, Invalid) and error.errors else str(error)
        raise CannotActError(f"这一步须由人填写才能办理（{said}）。") from error
    chosen = form.pick_variables(answers, run.published.definition.variables)
    return chosen | run.wanted(found), answers


def _tell(run: Run, task: Task, lines: list[dict[str, Any]]) -> None:
    about = {"machine": True, "element": task.element, "task_id": str(task.id)}
    write_history(run, [about | line for line in lines])


def _audit(run: Run, task: Task, act: str, after: Json) -> None:
    before = {"element": task.element, "round": task.round, "due_at": task.due_at.isoformat() if task.due_at else None}
    subject = f"task:{task.id}"
    record(run.session, None, act, instance_id=run.instance.id, subject=subject, before=before, after=after)
