"""Completing a task that means something else than to go on: an opinion, a decision to be countersigned, a correction.

Called by ``webapp.tasks.operations.complete_task``, which has checked that the person may do it.
"""

from typing import Any

from sqlalchemy import delete, update

from webapp.accounts.queries import get_actor
from webapp.acts import asking
from webapp.acts.models import HeldDecision, TaskReturn
from webapp.acts.opinions import opinion_form
from webapp.acts.reopening import reopen, without_known
from webapp.instances.processes import Json
from webapp.instances.running import HeldTask, Run, attempted, make_run
from webapp.problems import Conflict, InputError, Invalid
from webapp.signatures.operations import check_signature
from webapp.tasks.answers import Answers, Given, read, validated_answers
from webapp.tasks.deciding import facts_of, settle
from webapp.tasks.models import Task
from workflows import Step, come_back, complete


def complete_detoured(run: Run, held: HeldTask, given: Given) -> Answers:
    """Complete such a task and return what was answered; raises what completing raises."""
    if held.task.request_id is not None:
        return _give_opinion(run, held, given)
    answers = validated_answers(run, held.task, given)
    check_signature(run, held.task, answers.values)
    if held.task.waiting_signers:
        asking.hold_decision(run, held, answers.values)
    else:
        take_effect(run, held, answers)
    return answers


def _give_opinion(run: Run, held: HeldTask, given: Given) -> Answers:
    form = opinion_form()
    checked = form.validate(read(given, form))
    if checked.errors:
        raise Invalid([InputError(e.path, e.code, str(e.message)) for e in checked.errors])
    outcome, opinion = str(checked.answers["outcome"]), str(checked.answers["opinion"])
    if asking.answer(run, held, outcome, opinion) is not None:
        _let_take_effect(run, held.task)
    return Answers(form, checked.answers, outcome, opinion)


def _let_take_effect(run: Run, task: Task) -> None:
    """Everybody has agreed: the decision that was held is made, in the name of its author."""
    decision = run.session.get_one(HeldDecision, task.id)
    author = get_actor(run.session, decision.actor_id)
    made = make_run(run.session, author, run.now, run.instance)
    made.on_behalf_of, made.case.element, made.case.item = decision.on_behalf_of, task.element, task.item
    answers = validated_answers(made, task, decision.answers)
    run.session.execute(delete(HeldDecision).where(HeldDecision.task_id == task.id))
    run.session.execute(update(Task).where(Task.id == task.id).values(waiting_signers=0))
    run.session.refresh(task)
    take_effect(made, HeldTask(task, is_candidate=True), answers)


def take_effect(run: Run, held: HeldTask, answers: Answers) -> None:
    """Let the engine go on by a decision, along the diagram or straight back to whoever returned the case."""
    facts = facts_of(run, held, answers)
    came_from = run.session.get(TaskReturn, held.task.return_id) if held.task.return_id else None
    step = attempted(run, lambda: _step(run, held.task, facts, came_from))
    if step.failed_entering:
        raise Conflict(f"提交没有生效，内容没有丢失：{step.failed_entering.message} 请联系管理员后重试。")
    new, known = without_known(run, step) if came_from is not None else (step, [])
    settle(run, held, answers, new)
    if came_from is not None:
        came_from.came_back_at = run.now
        run.session.flush()
        reopen(run, known, mine=came_from.task_id, holder=came_from.returned_by, away=came_from.at)


def _step(run: Run, task: Task, facts: Json, came_from: TaskReturn | None) -> Step:
    definition, state, context = run.published.definition, run.instance.state or "", run.context()
    if came_from is None or came_from.parked is None:
        return complete(definition, state, str(task.id), facts, context)
    parked: dict[str, Any] = came_from.parked
    return come_back(definition, state, str(task.id), parked, facts, context)
