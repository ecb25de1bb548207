"""Move, skip, repeat, correct, cancel: each under the lock of the case, with a reason in its timeline and audit log.

What would leave the case broken is refused and nothing has happened: a step that nobody may do, a gateway that then
has no way, a join that would wait for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.instances import scope
from webapp.instances.models import Instance, Submission
from webapp.instances.operations import deliver_kept
from webapp.instances.processes import Json, rules_of
from webapp.instances.recording import record_step, write_history
from webapp.instances.repairs import list_open, retry_incident
from webapp.instances.running import STATUS_WORDS, Run, attempted, lock_instance
from webapp.problems import Conflict, InputError, Invalid, NotFound, invalid
from webapp.tasks.answers import validated_answers
from webapp.tasks.models import Task
from workflows import CannotMoveError, DataNotAllowedError, Step, TaskNotOpenError, goto, set_data, skip
from workflows import cancel as engine_cancel
from workflows.steps import EndReached

MOST_REASON = 1000


@dataclass(frozen=True)
class Wish:
    """What an administrator has in mind: the case as they saw it, and why."""

    instance_id: int
    version: int
    """Of the instance when they looked at it."""
    reason: str


def _begin(session: Session, actor: Actor, now: datetime, wish: Wish, *allowed: str) -> Run:
    run = lock_instance(session, actor, now, wish.instance_id)
    instance = run.instance
    if not scope.may_see(session, actor, instance):
        raise NotFound
    if not wish.reason.strip():
        raise invalid("reason", "required", "请填写理由；它会写进办理过程和审计日志。")
    if len(wish.reason.strip()) > MOST_REASON:
        raise invalid("reason", "too_long", f"理由不能超过 {MOST_REASON} 字。")
    if instance.status not in allowed:
        hint = "请先恢复办件。" if instance.status == "suspended" else ""
        raise Conflict(f"办件 {instance.number} {STATUS_WORDS[instance.status]}，不能进行这项操作。{hint}")
    if instance.version != wish.version:
        raise Conflict("在您查看之后，这个办件已有新的办理。请看清现在停在哪里，再决定怎么做。")
    return run


def move(
    session: Session, actor: Actor, now: datetime, wish: Wish, token: str, element: str, data: Json | None = None
) -> Instance:
    """Move a token, or (with an empty ``token``) all tokens of a level, to another activity.

    Args:
        token: as :func:`workflows.list_tokens` names it.
        data: variables that are set right on the way.

    Raises:
        NotFound: there is no such case, or the actor may not see it.
        Conflict: somebody acted since, the case is not running, or it would be left broken.
        Invalid: no reason, it cannot go there, or a variable that the process does not know.
    """
    run = _begin(session, actor, now, wish, "running")
    return _moved(run, wish, token, element, data or {}, "move")


def repeat(session: Session, actor: Actor, now: datetime, wish: Wish, token: str, element: str) -> Instance:
    """Let a step be done again that was done already; from there the case goes along the diagram.

    Raises:
        NotFound, Conflict, Invalid: as for :func:`move`; or it was not done yet.
    """
    run = _begin(session, actor, now, wish, "running")
    if element not in run.instance.way:
        raise invalid("element", "not_passed", f"“{run.published.name_of(element)}”还没有办过，谈不上重办。")
    return _moved(run, wish, token, element, {}, "repeat")


def _moved(run: Run, wish: Wish, token: str, element: str, data: Json, act: str) -> Instance:
    definition, state = run.published.definition, run.instance.state or ""
    _refuse_unknown(run, data)
    step = _tried(run, lambda: goto(definition, state, element, data, run.context(), token or None))
    name = run.published.name_of(element)
    words = f"移动到“{name}”" if act == "move" else f"重办“{name}”"
    _write(run, step, wish, act, words, {"token": token or None, "to_element": element} | _noted(data), element)
    return run.instance


def pass_on(
    session: Session,
    actor: Actor,
    now: datetime,
    wish: Wish,
    token: str,
    outcome: str | None = None,
    data: Json | None = None,
) -> Instance:
    """Skip where a token stands: it goes on as if that were done.

    Args:
        outcome: which result of the step's form is taken for given.
        data: variables that are set right on the way.

    Raises:
        NotFound, Conflict, Invalid: as for :func:`move`.
    """
    run = _begin(session, actor, now, wish, "running")
    definition, state = run.published.definition, run.instance.state or ""
    task = _task_of(run, token)
    if task is not None and task.return_id is not None:
        raise Conflict("这一步是退回补正，改好后要直接送回，不能跳过；请移动到退回它的环节。")
    facts = _outcome_facts(run, task, outcome) | (data or {})
    _refuse_unknown(run, data or {})
    step = _tried(run, lambda: skip(definition, state, token, facts, run.context()))
    closed = [run.published.name_of(one.element) for one in step.closed]
    names = "、".join(dict.fromkeys(closed)) or "等待"
    result = f"，按“{run.published.outcome_label(task.element, outcome)}”处理" if task and outcome else ""
    after = {"token": token, "outcome": outcome} | _noted(data or {})
    _write(run, step, wish, "skip", f"跳过“{names}”{result}", after, task.element if task else None)
    return run.instance


def _task_of(run: Run, token: str) -> Task | None:
    try:
        key = UUID(token)
    except ValueError:
        raise invalid("token", "unknown", "请选择办件现在停在的位置。") from None
    task = run.session.get(Task, key, populate_existing=True)
    return task if task is not None and task.instance_id == run.instance.id else None


def _outcome_facts(run: Run, task: Task | None, outcome: str | None) -> Json:
    form = run.published.form_of(task.element) if task else None
    if not outcome or form is None or form.outcome_field is None:
        return {}
    if outcome not in {str(choice.value) for choice in form.outcomes}:
        raise invalid("outcome", "unknown", "这个环节没有这样的结果，请重新选择。")
    return run.wanted({form.engine_names[form.outcome_field]: outcome})


def _noted(data: Json) -> Json:
    return {"corrections": data} if data else {}


def _refuse_unknown(run: Run, data: Json) -> None:
    known = run.published.definition.variables | run.instance.data.keys()
    unknown = [InputError(f"data.{key}", "unknown", f"流程没有名为“{key}”的变量。") for key in data if key not in known]
    if unknown:
        raise Invalid(unknown)


def _tried(run: Run, act: Any) -> Step:
    """Make a step of the engine; what cannot go on is refused."""
    try:
        step = attempted(run, act)
    except TaskNotOpenError as error:
        raise invalid("element", "not_possible", str(error)) from error
    except DataNotAllowedError as error:
        raise invalid("data", "not_allowed", str(error)) from error
    trouble = step.failed_entering or next(iter(step.incidents), None)
    if trouble is not None and trouble.error_type == CannotMoveError.__name__:
        raise invalid("element", "not_possible", trouble.message)
    if trouble is not None:
        name = run.published.name_of(trouble.element)
        raise Conflict(f"没有进行：之后在“{name}”处无法继续（{trouble.message}）。请一并更正所需的变量，或另选环节。")
    return step


def _write(
    run: Run, step: Step, wish: Wish, act: str, words: str, after: Json, element: str | None, before: Json | None = None
) -> None:
    """Everything that people see of it; a step that nobody may do is refused."""
    why = wish.reason.strip()
    line = {"act": act, "actor_id": run.actor_id, "element": element, "comment": f"{words}。理由：{why}"}
    record_step(run, step, line)
    _refuse_deserted(run, step)
    changed = after | {"reason": why}
    record(run.session, run.actor, f"instance.{act}", instance_id=run.instance.id, before=before, after=changed)
    if run.instance.status == "running":
        deliver_kept(run)


_DESERTED = text("""
    SELECT t.name FROM tasks t WHERE t.id = ANY(:tasks) AND t.status = 'open' AND NOT EXISTS (
        SELECT FROM task_candidates c WHERE c.task_id = t.id AND c.is_open
    )
""")


def _refuse_deserted(run: Run, step: Step) -> None:
    opened = [UUID(task.id) for task in step.opened]
    names = list(run.session.scalars(_DESERTED, {"tasks": opened})) if opened else []
    if names:
        raise Conflict(f"没有进行：“{'、'.join(names)}”没有可办理人员。请先在账号管理中补充人员或角色。")


def get_submission(session: Session, instance_id: int, task_id: UUID) -> Submission:
    """What was answered at a step.

    Raises:
        NotFound: nothing was.
    """
    query = select(Submission).where(Submission.instance_id == instance_id, Submission.task_id == task_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def why_not_corrected(run: Run, element: str) -> str:
    """Why the answers of a step cannot be corrected; nothing: they can."""
    rules = rules_of(run.instance.process)
    if element in run.published.items or run.published.form_of(element) is None:
        return "会签和没有表单的环节不能更正数据；请重办这个环节。"
    if element in rules.steps and element not in rules.undoable:
        return "这个环节的办理已登记生效（文书、名额或决定），不能只改数据；请重办这个环节。"
    return ""


def correct(
    session: Session, actor: Actor, now: datetime, wish: Wish, task_id: UUID, answers: Mapping[str, Any]
) -> Instance:
    """Set the answers of a step right through its form; the former ones stay on record.

    Raises:
        NotFound: nothing was answered there, or as for :func:`move`.
        Conflict, Invalid: as for :func:`move`, or as the form and the rule of the step say.
    """
    run = _begin(session, actor, now, wish, "running", "suspended")
    former = get_submission(session, run.instance.id, task_id)
    why = why_not_corrected(run, former.element)
    if why:
        raise Conflict(why)
    task = session.get_one(Task, original_task(session, former), populate_existing=True)
    run.case.element, run.case.item = task.element, task.item
    checked = validated_answers(run, task, dict(answers))
    facts = _facts(run, former.element, checked.values, checked)
    definition, state = run.published.definition, run.instance.state or ""
    step = _tried(run, lambda: set_data(definition, state, facts, run.context()))
    session.add(_corrected(former, actor, now, checked.outcome, checked.values))
    name = run.published.name_of(former.element)
    changed = sorted(key for key in {**former.answers, **checked.values} if _differs(former, checked.values, key))
    before = {"answers": {key: former.answers.get(key) for key in changed}}
    after = {"element": former.element, "answers": {key: checked.values.get(key) for key in changed}}
    _write(run, step, wish, "change_data", f"更正“{name}”的数据", after, former.element, before)
    return run.instance


def original_task(session: Session, former: Submission) -> UUID:
    """The task at which it was answered first; a correction has none of its own."""
    if session.get(Task, former.task_id) is not None:
        return former.task_id
    query = select(Task.id).where(
        Task.instance_id == former.instance_id, Task.element == former.element, Task.round == former.round
    )
    found = session.scalar(query.order_by(Task.opened_at.desc()).limit(1))
    if found is None:
        raise NotFound
    return found


def _facts(run: Run, element: str, values: Json, checked: Any) -> Json:
    run.case.answers = values
    rule = rules_of(run.instance.process).steps.get(element)
    facts = dict(rule(run.case, values) or {}) if rule else {}
    chosen: Json = checked.form.pick_variables(values, run.published.definition.variables) if checked.form else {}
    return chosen | run.wanted(facts)


def _corrected(former: Submission, actor: Actor, now: datetime, outcome: str | None, values: Json) -> Submission:
    return Submission(
        instance_id=former.instance_id,
        task_id=uuid4(),
        element=former.element,
        round=former.round,
        actor_id=actor.user_id,
        at=now,
        outcome=outcome,
        answers=values,
    )


def _differs(former: Submission, values: Json, key: str) -> bool:
    return bool(former.answers.get(key) != values.get(key))


def cancel(session: Session, actor: Actor, now: datetime, wish: Wish) -> Instance:
    """End a case where it is, without any of its ends; what it holds elsewhere is given back.

    Raises:
        NotFound, Conflict, Invalid: as for :func:`move`.
    """
    run = _begin(session, actor, now, wish, "running", "suspended")
    definition, state = run.published.definition, run.instance.state or ""
    step = _tried(run, lambda: engine_cancel(definition, state, run.context()))
    ended = replace(step, end=EndReached("", "cancelled", "cancelled", "管理员取消"))
    rules = rules_of(run.instance.process)
    if rules.cancelled is not None:
        rules.cancelled(run.case)
    _write(run, ended, wish, "cancel", "取消办件", {}, None)
    return run.instance


def retry(session: Session, actor: Actor, now: datetime, wish: Wish, data: Json | None = None) -> Instance:
    """Try again what failed, after its cause was mended.

    Raises:
        NotFound, Conflict, Invalid: as for :func:`move`; or nothing has failed.
    """
    run = _begin(session, actor, now, wish, "running")
    failed = [run.published.name_of(one.element) for one in list_open(session, wish.instance_id) if one.element]
    if not failed:
        raise Conflict("这个办件没有待处理的异常。")
    why = f"重试“{'、'.join(dict.fromkeys(failed))}”。理由：{wish.reason.strip()}"
    write_history(run, [{"act": "retry", "actor_id": actor.user_id, "comment": why}])
    return retry_incident(session, actor, now, wish.instance_id, data or {})
