"""Move, skip, repeat, cancel, retry: each under the lock of the case, with a reason in its timeline and audit log.

What would leave the case broken is refused and nothing has happened: a step that nobody may do, a gateway that then
has no way, a join that would wait for ever.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.instances.models import Instance
from webapp.instances.processes import Json, rules_of
from webapp.instances.recording import write_history
from webapp.instances.repairs import list_open, retry_incident
from webapp.instances.running import Run
from webapp.interventions.intervening import Wish, begin, tried, write_down
from webapp.problems import Conflict, InputError, Invalid, invalid
from webapp.tasks.models import Task
from workflows import cancel as engine_cancel
from workflows import goto, skip
from workflows.steps import EndReached


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
    run = begin(session, actor, now, wish, "running")
    return _moved(run, wish, token, element, data or {}, "move")


def repeat(session: Session, actor: Actor, now: datetime, wish: Wish, token: str, element: str) -> Instance:
    """Let a step be done again that was done already; from there the case goes along the diagram.

    Raises:
        NotFound, Conflict, Invalid: as for :func:`move`; or it was not done yet.
    """
    run = begin(session, actor, now, wish, "running")
    if element not in run.instance.way:
        raise invalid("element", "not_passed", f"“{run.published.name_of(element)}”还没有办过，谈不上重办。")
    return _moved(run, wish, token, element, {}, "repeat")


def _moved(run: Run, wish: Wish, token: str, element: str, data: Json, act: str) -> Instance:
    definition, state = run.published.definition, run.instance.state or ""
    _refuse_unknown(run, data)
    step = tried(run, lambda: goto(definition, state, element, data, run.context(), token or None))
    name = run.published.name_of(element)
    words = f"移动到“{name}”" if act == "move" else f"重办“{name}”"
    write_down(run, step, wish, act, words, {"token": token or None, "to_element": element} | _noted(data), element)
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
    run = begin(session, actor, now, wish, "running")
    definition, state = run.published.definition, run.instance.state or ""
    task = _task_of(run, token)
    if task is not None and task.return_id is not None:
        raise Conflict("这一步是退回补正，改好后要直接送回，不能跳过；请移动到退回它的环节。")
    facts = _outcome_facts(run, task, outcome) | (data or {})
    _refuse_unknown(run, data or {})
    step = tried(run, lambda: skip(definition, state, token, facts, run.context()))
    closed = [run.published.name_of(one.element) for one in step.closed]
    names = "、".join(dict.fromkeys(closed)) or "等待"
    result = f"，按“{run.published.outcome_label(task.element, outcome)}”处理" if task and outcome else ""
    after = {"token": token, "outcome": outcome} | _noted(data or {})
    write_down(run, step, wish, "skip", f"跳过“{names}”{result}", after, task.element if task else None)
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


def cancel(session: Session, actor: Actor, now: datetime, wish: Wish) -> Instance:
    """End a case where it is, without any of its ends; what it holds elsewhere is given back.

    Raises:
        NotFound, Conflict, Invalid: as for :func:`move`.
    """
    run = begin(session, actor, now, wish, "running", "suspended")
    definition, state = run.published.definition, run.instance.state or ""
    step = tried(run, lambda: engine_cancel(definition, state, run.context()))
    ended = replace(step, end=EndReached("", "cancelled", "cancelled", "管理员取消"))
    rules = rules_of(run.instance.process)
    if rules.cancelled is not None:
        rules.cancelled(run.case)
    write_down(run, ended, wish, "cancel", "取消办件", {}, None)
    return run.instance


def retry(session: Session, actor: Actor, now: datetime, wish: Wish, data: Json | None = None) -> Instance:
    """Try again what failed, after its cause was mended.

    Raises:
        NotFound, Conflict, Invalid: as for :func:`move`; or nothing has failed.
    """
    run = begin(session, actor, now, wish, "running")
    failed = [run.published.name_of(one.element) for one in list_open(session, wish.instance_id) if one.element]
    if not failed:
        raise Conflict("这个办件没有待处理的异常。")
    why = f"重试“{'、'.join(dict.fromkeys(failed))}”。理由：{wish.reason.strip()}"
    write_history(run, [{"act": "retry", "actor_id": actor.user_id, "comment": why}])
    return retry_incident(session, actor, now, wish.instance_id, data or {})
