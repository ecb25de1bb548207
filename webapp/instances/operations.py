"""Start an instance, withdraw it, hand it messages: each locks, re-checks, acts."""

from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.clock import SHANGHAI
from webapp.definitions.library import Published, find_current
from webapp.instances import scope
from webapp.instances.incidents import REPLAY
from webapp.instances.models import Instance, Message
from webapp.instances.processes import Beginning, Json, rules_of
from webapp.instances.recording import record_step, report_failed, write_history
from webapp.instances.running import Run, attempted, case_of, lock_instance, make_run, refuse_unless_running
from webapp.problems import Conflict, Forbidden, InputError, Invalid, NotFound, invalid
from webapp.search.operations import index_case
from webapp.tasks.answers import validated_start
from workflows import NobodyWaitingError, Step, deliver, start


def start_instance(session: Session, actor: Actor, now: datetime, process: str, data: Json) -> Instance:
    """Start a process with the answers to its start form.

    Raises:
        Forbidden: the actor may not start this process.
        Invalid: the answers do not fit the form or the rules of the process.
    """
    published = _startable(session, actor, process)
    return start_version(session, actor, now, published, validated_start(session, actor, now, published, data))


def start_with(session: Session, actor: Actor, now: datetime, process: str, answers: Json) -> Instance:
    """Start a process for an operation that has checked its own input instead of a start form's.

    Raises:
        Forbidden, Invalid, Conflict: as the rules of the process say.
    """
    published = _startable(session, actor, process)
    return start_version(session, actor, now, published, answers)


def _startable(session: Session, actor: Actor, process: str) -> Published:
    published = find_current(session, process)
    if published is None:
        raise invalid("process", "unknown", f"没有名为“{process}”的流程。")
    if not rules_of(process).may_start(actor):
        raise Forbidden("您的角色或所在单位不能发起这个流程。")
    return published


def start_version(session: Session, actor: Actor, now: datetime, published: Published, answers: Json) -> Instance:
    """Start one version of a process with checked answers; whether the actor may, the caller has asked.

    Raises:
        Forbidden, Invalid, Conflict: as the rules of the process say.
    """
    rules = rules_of(published.process)
    beginning = rules.begin(session, actor, now, answers)
    run = make_run(session, actor, now, _insert_instance(session, actor, now, published, beginning))
    step = start(published.definition, run.wanted(beginning.data), run.context())
    if step.failed_entering:
        failed = step.failed_entering
        raise Invalid([InputError("process", failed.error_type, f"流程无法启动：{failed.message}")])
    run.instance.data = {**beginning.data}
    record_step(run, step, {"act": "start", "actor_id": actor.user_id})
    if rules.started is not None:
        rules.started(case_of(session, actor, now, run.instance))
    after = {"process": published.process, "answers": answers}
    record(session, actor, "instance.start", instance_id=run.instance.id, after=after)
    return run.instance


_SIX_DIGITS_OR_MORE = "FM999999999999000000"
"""Filled up with zeros to six; a longer number stands whole, or it would come again."""


def _insert_instance(
    session: Session, actor: Actor, now: datetime, published: Published, beginning: Beginning
) -> Instance:
    serial = func.to_char(func.nextval(text("'instance_numbers'")), _SIX_DIGITS_OR_MORE)
    number = func.concat(rules_of(published.process).number_prefix, str(now.astimezone(SHANGHAI).year), "-", serial)
    instance = Instance(
        number=number,
        process_version_id=published.id,
        process=published.process,
        status="running",
        title=beginning.title,
        subject_id=beginning.subject_id,
        batch_id=beginning.batch_id,
        honour_code=beginning.honour_code,
        region_path=beginning.region_path,
        state="",
        data={},
        way={},
        waits=[],
        version=0,
        started_by=actor.user_id,
        started_at=now,
    )
    session.add(instance)
    try:
        session.flush()
    except IntegrityError as error:
        raise _started_already(error) from error
    session.refresh(instance, ["number"])
    index_case(session, instance.id, [instance.title, instance.number, actor.name])
    return instance


def _started_already(error: IntegrityError) -> Exception:
    """The conflict of somebody who started the same a moment later."""
    if "uq_instances_running" in str(error.orig):
        return Conflict("同样的申报刚刚已经发起，正在办理。请在“办件”中打开它，不必重复发起。")
    return error


def withdraw(session: Session, actor: Actor, now: datetime, instance_id: int, reason: str) -> Instance:
    """Withdraw a declaration before the decision, by the unit itself.

    Raises:
        Conflict: it is decided or ended already.
    """
    run = lock_instance(session, actor, now, instance_id)
    if not scope.may_see(session, actor, run.instance):
        raise NotFound
    if actor.organisation_id != run.instance.subject_id:
        raise Forbidden("只有申报单位自己可以撤回申报。")
    if not reason.strip():
        raise invalid("reason", "required", "请填写撤回理由。")
    refuse_unless_running(run.instance)
    line = {"act": "withdraw", "actor_id": actor.user_id, "comment": reason.strip()}
    try:
        _hand_over(run, "withdrawal", {}, line)
    except NobodyWaitingError as error:
        raise Conflict("已作出决定，不能再撤回。如有异议，请联系作出决定的文明办。") from error
    record(session, actor, "instance.withdraw", instance_id=instance_id, after={"reason": reason.strip()})
    return run.instance


def send_message(session: Session, now: datetime, instance_id: int, name: str, payload: Json) -> bool:
    """Deliver a message, or keep it until the instance wants it; returns whether it was delivered now."""
    run = lock_instance(session, None, now, instance_id)
    message = Message(instance_id=instance_id, name=name, payload=payload, status="kept", created_at=now)
    session.add(message)
    if run.instance.status != "running" or not _waits_for(run.instance, name):
        session.flush()
        return False
    message.status, message.delivered_at = "delivered", now
    session.flush()
    step = _hand_over(run, name, payload)
    if step:
        deliver_kept(run)
    return True


def _waits_for(instance: Instance, name: str) -> bool:
    return any(wait["kind"] == "message" and wait["name"] == name for wait in instance.waits)


def _hand_over(run: Run, name: str, payload: Json, person: Json | None = None) -> Step | None:
    """Deliver a message that is wanted now; where it cannot go on, it is kept with an incident."""
    definition, state = run.published.definition, run.instance.state or ""
    step = attempted(run, lambda: deliver(definition, state, name, payload, run.context()))
    if step.failed_entering:
        write_history(run, [person] if person else [])
        report_failed(run, REPLAY, step.failed_entering, {"act": "deliver", "message": name, "payload": payload})
        return None
    record_step(run, step, person)
    return step


def deliver_kept(run: Run) -> None:
    """Hand over kept messages that the instance has begun to want, or wants again after a suspension."""
    goes_on = True
    while goes_on and run.instance.status == "running":
        wanted = {wait["name"] for wait in run.instance.waits if wait["kind"] == "message"}
        kept = _oldest_kept(run, wanted - {"withdrawal"})
        if kept is None:
            return
        kept.status, kept.delivered_at = "delivered", run.now
        run.session.flush()
        goes_on = _hand_over(run, kept.name, kept.payload) is not None


def _oldest_kept(run: Run, names: set[str]) -> Message | None:
    if not names:
        return None
    query = select(Message).where(
        Message.instance_id == run.instance.id, Message.status == "kept", Message.name.in_(names)
    )
    return run.session.scalars(query.order_by(Message.id).limit(1)).one_or_none()
