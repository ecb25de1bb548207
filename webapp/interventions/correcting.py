"""Set the answers of a step right through its form; what was answered before stays on record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.instances.models import Instance, Submission
from webapp.instances.processes import Json, rules_of
from webapp.instances.running import Run
from webapp.interventions.intervening import Wish, begin, tried, write_down
from webapp.problems import Conflict, NotFound
from webapp.tasks.answers import validated_answers
from webapp.tasks.models import Task
from workflows import set_data


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
        NotFound: nothing was answered there, or the case may not be seen.
        Conflict, Invalid: as for :func:`.begin` and :func:`.tried`, or as the form and the rule of the step say.
    """
    run = begin(session, actor, now, wish, "running", "suspended")
    former = get_submission(session, run.instance.id, task_id)
    why = why_not_corrected(run, former.element)
    if why:
        raise Conflict(why)
    task = session.get_one(Task, original_task(session, former), populate_existing=True)
    run.case.element, run.case.item = task.element, task.item
    checked = validated_answers(run, task, dict(answers))
    facts = _facts(run, former.element, checked.values, checked)
    definition, state = run.published.definition, run.instance.state or ""
    step = tried(run, lambda: set_data(definition, state, facts, run.context()))
    session.add(_corrected(former, actor, now, checked.outcome, checked.values))
    name = run.published.name_of(former.element)
    changed = sorted(key for key in {**former.answers, **checked.values} if _differs(former, checked.values, key))
    before = {"answers": {key: former.answers.get(key) for key in changed}}
    after = {"element": former.element, "answers": {key: checked.values.get(key) for key in changed}}
    write_down(run, step, wish, "change_data", f"更正“{name}”的数据", after, former.element, before)
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
