"""委派 and 加签 on a step of one person: somebody gives an opinion first, or agrees before the decision takes effect.

Whoever was asked decides nothing: the task comes back with the opinion, or the decision that was held takes effect.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.acts import people
from webapp.acts.handing import give
from webapp.acts.holding import hold, tell, words_of
from webapp.acts.models import HeldDecision, TaskRequest
from webapp.acts.notifications import tell_handed
from webapp.instances.processes import Json
from webapp.instances.running import HeldTask, Run
from webapp.problems import Conflict, NotFound, invalid
from webapp.tasks.models import Draft, Task

ACTS = {"delegate": "delegate", "before": "add_signer", "after": "add_signer"}
_WORDS = {
    "delegate": "委派{who}提出意见。",
    "before": "请{who}先签署意见。",
    "after": "请{who}在决定之后签署，同意后生效。",
}


def ask(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: UUID,
    version: int,
    kind: str,
    to: Any,
    words: str | None = None,
) -> None:
    """Ask another person about a task.

    Args:
        kind: ``delegate``, ``before`` (now) or ``after`` (once the actor has decided).

    Raises:
        NotFound, Forbidden, Conflict: as for completing it.
        Invalid: the other may not be asked; the message names the rule.
    """
    run, held = hold(session, actor, now, task_id, version)
    said = words_of(words)
    person = people.find(session, actor, run.instance, task_id, people.person_id(session, to))
    if person.id == actor.user_id:
        raise invalid("to", "self", "不能委派给自己或请自己加签，请选择其他人。")
    if kind == "delegate":
        people.refused(people.refusal_to_take(run.published, held.task, person))
    else:
        people.refused(people.refusal_to_sign(run.published, run.instance, held.task, person))
    _refuse_twice(session, task_id, person.id)
    comment = _WORDS[kind].format(who=f"{person.organisation}{person.name}") + said
    tell(run, held.task, ACTS[kind], comment, {"to": person.id, "kind": kind}, changes=True)
    request = _request(run, held.task, kind, person.id, said)
    if kind == "after":
        _count_signers(run, held.task, +1)
    else:
        give(run, held.task, person.id, request=request.id)
    tell_handed(run, held.task, person.id, kind, said) if kind != "after" else None


def _refuse_twice(session: Session, task_id: UUID, person: int) -> None:
    query = select(TaskRequest.id).where(
        TaskRequest.task_id == task_id, TaskRequest.asked_id == person, TaskRequest.status.in_(("waiting", "open"))
    )
    if session.scalar(query) is not None:
        raise invalid("to", "asked_already", "已经请过这个人了，请等其签署，或选择其他人。")


def _request(run: Run, task: Task, kind: str, to: int, words: str) -> TaskRequest:
    request = TaskRequest(
        instance_id=run.instance.id,
        task_id=task.id,
        kind=kind,
        status="waiting" if kind == "after" else "open",
        asker_id=run.actor_id,
        asked_id=to,
        words=words or None,
        asked_at=run.now,
        was_handed_to=task.handed_to,
    )
    run.session.add(request)
    run.session.flush()
    return request


_COUNT = text("""
    UPDATE tasks SET waiting_signers = waiting_signers + :by, version = version + 1, claimed_by = :holder,
        claimed_at = COALESCE(claimed_at, :now)
    WHERE id = :task
""")


def _count_signers(run: Run, task: Task, by: int) -> None:
    run.session.execute(_COUNT, {"task": task.id, "by": by, "holder": run.actor_id, "now": run.now})
    run.session.refresh(task)


def answer(run: Run, held: HeldTask, outcome: str, opinion: str) -> TaskRequest | None:
    """Write down what somebody who was asked says, and let the task go on.

    Returns:
        The request, where everybody agrees to a decision that takes effect now.
    """
    task, request = held.task, run.session.get_one(TaskRequest, held.task.request_id, with_for_update=True)
    request.status, request.answered_at, request.answered_by = "answered", run.now, run.actor_id
    request.agrees, request.opinion = outcome == "agree", opinion
    run.session.flush()
    comment = f"{'同意' if request.agrees else '不同意'}。{opinion}"
    tell(run, task, "opinion", comment, {"request": request.id, "agrees": request.agrees}, changes=True)
    if request.kind == "after" and request.agrees:
        following = _next_signer(run, task)
        if following is not None:
            _open(run, task, following)
            return None
        give_back(run, task, request)
        return request
    if request.kind == "after":
        drop_decision(run, task)
    give_back(run, task, request)
    tell_handed(run, task, request.asker_id, "opinion", comment)
    return None


def _next_signer(run: Run, task: Task) -> TaskRequest | None:
    query = select(TaskRequest).where(
        TaskRequest.task_id == task.id, TaskRequest.kind == "after", TaskRequest.status == "waiting"
    )
    return run.session.scalars(query.order_by(TaskRequest.id).limit(1)).one_or_none()


def _open(run: Run, task: Task, request: TaskRequest) -> None:
    request.status = "open"
    run.session.flush()
    give(run, task, request.asked_id, request=request.id)
    tell_handed(run, task, request.asked_id or 0, "after", request.words or "")


def give_back(run: Run, task: Task, request: TaskRequest) -> None:
    """The task is again with whoever asked, and for whom it was before."""
    give(run, task, request.was_handed_to, holder=request.asker_id)


def hold_decision(run: Run, held: HeldTask, answers: Json) -> None:
    """Keep a decision until those who were asked to sign after it agree."""
    first = _next_signer(run, held.task)
    if first is None:
        raise Conflict("等待后加签的名单刚刚有了变化，请刷新后再提交。")
    row = HeldDecision(
        task_id=held.task.id, actor_id=run.actor_id, on_behalf_of=run.on_behalf_of, at=run.now, answers=answers
    )
    run.session.merge(row)
    run.session.flush()
    tell(run, held.task, "hold", "已作决定，等待后加签的人同意之后生效。", None, changes=True)
    _open(run, held.task, first)


def drop_decision(run: Run, task: Task) -> None:
    """A held decision does not take effect: it becomes a draft of its author, and nobody else need sign."""
    held = run.session.get(HeldDecision, task.id)
    if held is not None:
        draft = upsert(Draft).values(task_id=task.id, user_id=held.actor_id, answers=held.answers, saved_at=run.now)
        same = {"answers": draft.excluded.answers, "saved_at": draft.excluded.saved_at}
        run.session.execute(draft.on_conflict_do_update(index_elements=["task_id", "user_id"], set_=same))
        run.session.execute(delete(HeldDecision).where(HeldDecision.task_id == task.id))
    left = update(TaskRequest).where(TaskRequest.task_id == task.id, TaskRequest.status.in_(("waiting", "open")))
    run.session.execute(left.values(status="void"), execution_options={"synchronize_session": "fetch"})
    run.session.execute(update(Task).where(Task.id == task.id).values(waiting_signers=0))


def withdraw_request(run: Run, held: HeldTask, person: int, words: str) -> None:
    """减签: the asker, or a leader, asks somebody no more who has not answered yet.

    Raises:
        NotFound: nobody asked that person.
    """
    query = select(TaskRequest).where(
        TaskRequest.task_id == held.task.id,
        TaskRequest.asked_id == person,
        TaskRequest.status.in_(("waiting", "open")),
        TaskRequest.kind != "co_sign",
    )
    request = run.session.scalars(query.with_for_update()).one_or_none()
    if request is None:
        raise NotFound("这项任务没有请这个人加签或提意见，或者对方已经答复。")
    was_open = request.status == "open"
    request.status = "withdrawn"
    run.session.flush()
    tell(run, held.task, "remove_signer", f"不再请{_name(run, person)}签署。{words}", {"to": person}, changes=True)
    if request.kind == "after" and not was_open:
        run.session.execute(_LESS, {"task": held.task.id})
    elif request.kind == "after":
        following = _next_signer(run, held.task)
        if following is not None:
            run.session.execute(_LESS, {"task": held.task.id})
            _open(run, held.task, following)
        else:
            drop_decision(run, held.task)
            give_back(run, held.task, request)
    else:
        give_back(run, held.task, request)


_LESS = text("UPDATE tasks SET waiting_signers = waiting_signers - 1, version = version + 1 WHERE id = :task")
_NAME = text("SELECT name FROM users WHERE id = :id")


def _name(run: Run, person: int) -> str:
    return run.session.scalar(_NAME, {"id": person}) or ""
