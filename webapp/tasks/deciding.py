"""What a decision tells the engine, and everything that is written down about it once the engine has gone on."""

from typing import Any
from uuid import UUID

from webapp.acts.copying import copy_by_rule
from webapp.audit.operations import entry
from webapp.instances.closing import Decision
from webapp.instances.operations import deliver_kept
from webapp.instances.processes import Json, rules_of
from webapp.instances.recording import record_step, status_after
from webapp.instances.running import HeldTask, Run
from webapp.mail.notifications import tell_returned
from webapp.signatures.operations import bind_signature
from webapp.tasks.answers import Answers
from workflows import Step

_RETURN = "return"


def facts_of(run: Run, held: HeldTask, answers: Answers) -> Json:
    """Apply the rule of the step and pick what the diagram reads; raises ``Invalid`` where the rule refuses."""
    run.case.answers = answers.values
    rule = rules_of(run.instance.process).steps.get(held.task.element)
    facts = dict(rule(run.case, answers.values) or {}) if rule else {}
    wanted = run.published.definition.variables
    chosen = answers.form.pick_variables(answers.values, wanted) if answers.form else {}
    return chosen | run.wanted(facts)


def decision_of(held: HeldTask, answers: Answers) -> Decision:
    """The decision as it is stored."""
    return Decision(held.task, answers.outcome, answers.values, answers.comment)


def settle(run: Run, held: HeldTask, answers: Answers, step: Step) -> None:
    """Write down a decision and what the engine did behind it; tell whoever has to correct."""
    audit = entry_of(run, held, answers, status_after(run.instance, step))
    record_step(run, step, decision=decision_of(held, answers), audit=audit)
    bind_signature(run, held.task, answers.outcome, answers.values)
    if answers.outcome == _RETURN and step.opened:
        _tell_returned(run, held, answers, step)
    if held.task.element in run.published.copies:
        copy_by_rule(run, held.task)
    deliver_kept(run)


def entry_of(run: Run, held: HeldTask, answers: Answers, status: str) -> dict[str, Any]:
    """The line of the audit log: what was decided, and the status of the case after it."""
    return entry(
        run.actor,
        "task.complete",
        instance_id=run.instance.id,
        subject=f"task:{held.task.id}",
        before={"element": held.task.element, "round": held.task.round},
        after={"outcome": answers.outcome, "status": status},
        on_behalf_of=run.on_behalf_of,
    )


def _tell_returned(run: Run, held: HeldTask, answers: Answers, step: Step) -> None:
    reasons = answers.values.get("reasons")
    tell_returned(
        run.session,
        run.instance.id,
        [UUID(task.id) for task in step.opened],
        by=run.actor.organisation_name if run.actor else None,
        step=held.task.name,
        comment=answers.comment,
        reasons=len(reasons) if isinstance(reasons, list) else 0,
    )
