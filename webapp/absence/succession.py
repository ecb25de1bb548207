"""Give one thing of somebody who leaves to the successor, or to the leader where the successor may not have it.

Each is locked, looked at again and written into the timeline; what was done or taken by others meanwhile stays so.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from webapp.absence.models import HandOver, HandOverItem
from webapp.access import Actor
from webapp.acts import people
from webapp.acts.handing import give, is_signer, replace
from webapp.acts.holding import note, tell
from webapp.acts.models import TaskRequest
from webapp.acts.rules import conflict_of
from webapp.instances.running import Run, lock_instance
from webapp.reminders.superiors import find_superiors
from webapp.tasks.models import Task, TaskCandidate

ACT = "succession"
_LEVELS = 6
_OPEN = ("open", "suspended")


@dataclass(frozen=True)
class Succession:
    """Who leaves, who arranged it, and what was arranged."""

    row: HandOver
    leaver: Actor
    actor: Actor


@dataclass(frozen=True)
class _Chosen:
    person: Any
    status: str
    words: str | None = None

    @property
    def name(self) -> str:
        return f"{self.person.organisation}{self.person.name}"


def hand_task(session: Session, given: Succession, now: datetime, item: HandOverItem) -> None:
    """Give one open task to whoever may do it from now on."""
    run, task = _locked(session, given, now, UUID(item.subject))
    how = _how(session, task, given.leaver.user_id)
    if how is None:
        item.status, item.words = "left", _("已办理，或已不在其手里")
        return
    chosen = _choose(run, task, given, to_sign=task.request_id is not None)
    _note_down(item, chosen)
    if chosen.person is None:
        return
    comment = _comment(given, chosen)
    if is_signer(run, task) and task.request_id is None:
        replace(run, task, chosen.person.id, ACT, comment)
        note(run, task, ACT, {"from": given.leaver.user_id, "to": chosen.person.id})
    else:
        tell(run, task, ACT, comment, {"from": given.leaver.user_id, "to": chosen.person.id}, changes=True)
    _give(run, task, how, chosen.person.id)
    session.execute(_DRAFT, {"task": task.id, "leaver": given.leaver.user_id, "to": chosen.person.id})


def _locked(session: Session, given: Succession, now: datetime, task_id: UUID) -> tuple[Run, Task]:
    instance = session.scalars(select(Task.instance_id).where(Task.id == task_id)).one()
    run = lock_instance(session, given.actor, now, instance)
    task = session.get_one(Task, task_id, populate_existing=True)
    run.case.element, run.case.item = task.element, task.item
    return run, task


def _how(session: Session, task: Task, leaver: int) -> str | None:
    """How a task is the leaver's now; ``None``: not any more."""
    if task.status not in _OPEN:
        return None
    if leaver == (task.handed_to or task.assigned_user_id):
        return "personal"
    mine = select(TaskCandidate.is_open).where(
        TaskCandidate.task_id == task.id, TaskCandidate.user_id == leaver, TaskCandidate.on_behalf_of.is_(None)
    )
    if not session.scalar(mine):
        return None
    if task.claimed_by == leaver:
        return "held"
    return "offered" if task.claimed_by is None else None


def _choose(run: Run, task: Task, given: Succession, *, to_sign: bool) -> _Chosen:
    """The successor, else the nearest leader who may act on the case, with the rule that kept the successor from it."""
    session, wanted = run.session, given.row.successor_for(task.process)
    person = people.find(session, given.leaver, run.instance, task.id, wanted)
    if to_sign:
        refusal = people.refusal_to_sign(run.published, run.instance, task, person)
    else:
        refusal = people.refusal_to_take(run.published, task, person)
    if refusal is None:
        return _Chosen(person, "handed")
    holders = [given.leaver.user_id, wanted]
    for level in range(_LEVELS):
        found = find_superiors(session, given.leaver.organisation_id, level, holders, task.excluded_organisation_id)
        for leader in found.ids:
            person = people.find(session, given.leaver, run.instance, task.id, leader)
            if conflict_of(person) is None:
                return _Chosen(person, "leader", refusal.message)
    return _Chosen(None, "failed", f"{refusal.message}{_('也没有可以接手的负责人。')}")


def _note_down(item: HandOverItem, chosen: _Chosen) -> None:
    item.status, item.words = chosen.status, chosen.words
    item.to_id = chosen.person.id if chosen.person is not None else None


def _comment(given: Succession, chosen: _Chosen) -> str:
    to = _("，转给负责人%(name)s", name=chosen.name) if chosen.status == "leader" else _("给%(name)s", name=chosen.name)
    why = f"（{chosen.words}）" if chosen.words else ""
    return f"{_('%(name)s离任，任务交接', name=given.leaver.name)}{to}。{why}{given.row.reason}"


_CLAIM = text("""
    UPDATE tasks SET claimed_by = :to, claimed_at = :now, version = version + 1 WHERE id = :task AND EXISTS (
        SELECT FROM task_candidates c WHERE c.task_id = :task AND c.user_id = :to AND c.is_open
            AND c.on_behalf_of IS NULL
    ) RETURNING id
""")
_DRAFT = text("""
    UPDATE drafts SET user_id = :to WHERE task_id = :task AND user_id = :leaver AND NOT EXISTS (
        SELECT FROM drafts d WHERE d.task_id = :task AND d.user_id = :to
    )
""")


def _give(run: Run, task: Task, how: str, to: int) -> None:
    if task.request_id is not None:
        asked = update(TaskRequest).where(TaskRequest.id == task.request_id).values(asked_id=to)
        run.session.execute(asked, execution_options={"synchronize_session": "fetch"})
    if task.status == "suspended":
        run.session.execute(update(Task).where(Task.id == task.id).values(handed_to=to, claimed_by=to))
        return
    if how != "personal" and run.session.execute(_CLAIM, {"task": task.id, "to": to, "now": run.now}).first():
        return
    give(run, task, to, request=task.request_id)


def hand_request(session: Session, given: Succession, now: datetime, item: HandOverItem) -> None:
    """What the leaver asked comes back to the successor; what the leaver was asked, the successor is asked."""
    request = session.get_one(TaskRequest, int(item.subject), populate_existing=True)
    run, task = _locked(session, given, now, request.task_id)
    session.refresh(request, with_for_update=True)
    leaver = given.leaver.user_id
    if request.status not in {"waiting", "open"} or leaver not in {request.asker_id, request.asked_id}:
        item.status, item.words = "left", _("已答复，或已取消")
        return
    is_asker = request.asker_id == leaver
    chosen = _choose(run, task, given, to_sign=not is_asker)
    _note_down(item, chosen)
    if chosen.person is None:
        return
    if is_asker:
        request.asker_id = chosen.person.id
        if leaver in {request.was_handed_to, task.assigned_user_id}:
            request.was_handed_to = chosen.person.id
    else:
        request.asked_id = chosen.person.id
    session.flush()
    tell(run, task, ACT, _comment(given, chosen), {"request": request.id, "to": chosen.person.id}, changes=True)
