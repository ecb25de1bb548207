"""Tell people what the clock says: reminders with their digest, escalations at once; each stage of a task once.

Due tasks are found by index, locked (busy ones are skipped until the next sweep), read again by that lock, told, and
given the moment of their next stage in the same transaction. What fails stops no other and is tried again later.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from webapp.absence.standing_in import list_standing_in
from webapp.audit.operations import record_batch
from webapp.deadlines.calendar import Calendar
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.rules import days_left_text, rest_day_words
from webapp.definitions.library import get_published
from webapp.instances.running import LOST
from webapp.mail.operations import Recipients, enqueue
from webapp.reminders.stages import ESCALATION, REMINDER, Plan, Stage, latest_stage, next_stage
from webapp.reminders.superiors import Superiors, find_superiors
from webapp.statements import Statement

log = logging.getLogger(__name__)
BATCH = 50
LATER = timedelta(hours=1)

_COLUMNS = """
    t.id, t.instance_id, t.process, t.element, t.name, t.opened_at, t.due_at, t.due_rule IS NULL AS is_printed,
    t.noticed_at, t.next_notice_at, t.assigned_organisation_id, t.excluded_organisation_id, i.process_version_id,
    COALESCE(t.due_rule->>'region', t.assigned_region, NULLIF(split_part(i.region_path, '/', -1), '')) AS region
"""
_DUE = f"""
    SELECT {_COLUMNS} FROM tasks t JOIN instances i ON i.id = t.instance_id
    WHERE t.status = 'open' AND t.next_notice_at <= :until AND t.due_at IS NOT NULL AND i.status = 'running'
    ORDER BY t.next_notice_at, t.id LIMIT :most
"""  # noqa: S608 (only constants of this module)
DUE = text(_DUE)
"""Tasks with a stage up to ``until``, without locks."""
_LOCKED = text(_DUE + "FOR NO KEY UPDATE OF t SKIP LOCKED FOR KEY SHARE OF i SKIP LOCKED")

_HOLDERS = text("""
    SELECT c.task_id, u.id, u.name, u.username, u.organisation_id
    FROM task_candidates c JOIN tasks t ON t.id = c.task_id JOIN users u ON u.id = c.user_id
    WHERE c.task_id = ANY(:tasks) AND c.is_open AND (t.claimed_by IS NULL OR t.claimed_by = c.user_id) ORDER BY u.id
""")
_NOTED = text("""
    UPDATE tasks SET next_notice_at = n.next_at, noticed_at = COALESCE(n.noticed_at, tasks.noticed_at)
    FROM jsonb_to_recordset(:rows) AS n(id uuid, next_at timestamptz, noticed_at timestamptz) WHERE tasks.id = n.id
""").bindparams(bindparam("rows", type_=JSONB))
_TELL = Statement(
    """
    INSERT INTO history_entries (instance_id, at, machine, element, task_id, act, comment)
    SELECT l.instance_id, :now, true, l.element, l.task_id, 'escalate', l.comment
    FROM jsonb_to_recordset(:lines) AS l(instance_id bigint, element text, task_id uuid, comment text)
""",
    json=["lines"],
)


@dataclass
class Notice:
    """A locked task with the stage that has come, if any."""

    task: Any
    stage: Stage | None
    next_at: datetime | None
    holders: list[Any]
    failed: bool = False

    def row(self, now: datetime) -> dict[str, Any]:
        """What its row says from now on."""
        next_at = now + LATER if self.failed else self.next_at
        told = self.stage if self.stage and not self.failed else None
        return {
            "id": str(self.task.id),
            "next_at": next_at.isoformat() if next_at else None,
            "noticed_at": told.at.isoformat() if told else None,
        }


def sweep_batch(session: Session, now: datetime, most: int = BATCH) -> tuple[int, int]:
    """Tell what has come for at most ``most`` tasks; returns how many were looked at, and how many of them told."""
    calendar = calendar_in_force()
    tasks = session.execute(_LOCKED, {"until": now, "most": most}).all()
    if not tasks:
        return 0, 0
    holders = list_holders(session, [task.id for task in tasks])
    notices = [_notice(session, now, calendar, task, holders.get(task.id, [])) for task in tasks]
    _remind(session, notices)
    _escalate_each(session, now, [n for n in notices if n.stage and n.stage.kind == ESCALATION])
    session.execute(_NOTED, {"rows": [notice.row(now) for notice in notices]})
    return len(tasks), sum(1 for notice in notices if notice.stage and not notice.failed)


def list_holders(session: Session, tasks: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """Who should act on each task: who claimed it, else everybody who may do it."""
    found: dict[UUID, list[Any]] = {}
    for row in session.execute(_HOLDERS, {"tasks": list(tasks)}):
        found.setdefault(row.task_id, []).append(row)
    return found


def plan_for(session: Session, task: Any) -> Plan:
    """When people are told about a task of :data:`DUE`, as the version of its diagram declares it."""
    return get_published(session, task.process_version_id).reminders.get(task.element, Plan())


def _notice(session: Session, now: datetime, calendar: Calendar, task: Any, holders: list[Any]) -> Notice:
    try:
        plan, after = plan_for(session, task), task.noticed_at or task.opened_at
        stage = latest_stage(plan, task.due_at, after, now, calendar, task.region)
        following = next_stage(plan, task.due_at, max(now, after), calendar, task.region)
    except LOST:
        raise
    except Exception:
        log.exception("notices of task %s", task.id)
        return Notice(task, None, None, holders, failed=True)
    return Notice(task, stage, following.at if following else None, holders)


def _attempt(session: Session, notices: list[Notice], act: Callable[[], object]) -> None:
    try:
        with session.begin_nested():
            act()
    except LOST:
        raise
    except Exception:
        log.exception("notices of tasks %s", [notice.task.id for notice in notices])
        for notice in notices:
            notice.failed = True


def _remind(session: Session, notices: list[Notice]) -> None:
    """Reminders of one wording in one statement; they wait for the digest, the bell shows them at once."""
    groups: dict[str | None, list[Notice]] = {}
    for notice in notices:
        if notice.stage and notice.stage.kind == REMINDER and notice.holders:
            task = notice.task
            note = rest_day_words(task.due_at, task.region) if task.is_printed else None
            groups.setdefault(note, []).append(notice)
    for note, group in groups.items():
        facts, tasks = ({"note": note} if note else {}), [notice.task.id for notice in group]
        _attempt(
            session,
            group,
            lambda f=facts, t=tasks: enqueue(session, REMINDER, Recipients(tasks=t), f),  # type: ignore[misc]
        )


def _escalate_each(session: Session, now: datetime, notices: list[Notice]) -> None:
    """All together; where that fails, one by one, so that only what is broken waits."""
    if not notices:
        return
    _attempt(session, notices, lambda: _escalate(session, now, notices))
    if len(notices) > 1 and notices[0].failed:
        for notice in notices:
            notice.failed = False
            _attempt(session, [notice], lambda one=notice: _escalate(session, now, [one]))  # type: ignore[misc]


@dataclass
class _Escalated:
    """A late task with those who are told of it."""

    task: Any
    number: int
    holders: list[Any]
    found: Superiors
    late: str

    @property
    def message(self) -> tuple[tuple[int, ...], tuple[str, ...], str, str]:
        """What messages about it depend on, beside the task."""
        holders = tuple(holder.name for holder in self.holders)
        return tuple(self.found.ids), holders, self.found.why, self.task.process

    @property
    def line(self) -> dict[str, Any]:
        """What the timeline says."""
        name, late, found = self.task.name, self.late, self.found
        if found.people:
            comment = f"“{name}”{late}，已上报{found.organisation}：{found.names}。"
        else:
            comment = f"“{name}”{late}。{found.why}，已通知系统管理员。"
        about = {"instance_id": self.task.instance_id, "element": self.task.element, "task_id": str(self.task.id)}
        return about | {"comment": comment}

    @property
    def entry(self) -> dict[str, Any]:
        """What the audit log says."""
        told = {"to": self.found.ids, "late": self.late, "number": self.number + 1, "reason": self.found.why}
        return {"instance_id": self.task.instance_id, "subject": f"task:{self.task.id}", "after": told}


def _escalate(session: Session, now: datetime, notices: list[Notice]) -> None:
    """Tell the superiors and who stands in for them, or the administrators why there are none.

    Both sides read it in the timeline.
    """
    late = _list_escalated(session, now, notices)
    messages: dict[Any, list[UUID]] = {}
    for one in late:
        messages.setdefault(one.message, []).append(one.task.id)
    away = list_standing_in(session, sorted({person for people, *_rest in messages for person in people}))
    for (people, holders, why, process), tasks in messages.items():
        deputies = [one.deputy_id for one in away if one.principal_id in people and one.process in {"*", process}]
        to = Recipients(people=[*people, *deputies], administrators=not people)
        enqueue(session, ESCALATION, to, {"holders": list(holders), "why": why}, task_ids=tasks)
    _TELL.execute(session, {"now": now, "lines": [one.line for one in late]})
    record_batch(session, "task.escalate", [one.entry for one in late])


def _list_escalated(session: Session, now: datetime, notices: list[Notice]) -> list[_Escalated]:
    """Superiors are looked up once for all tasks that the same people of an organisation are late with."""
    known: dict[Any, Superiors] = {}
    found = []
    for notice in notices:
        task, holders, number = notice.task, notice.holders, notice.stage.number if notice.stage else 0
        people = tuple(holder.id for holder in holders)
        wanted = (organisation_of(task, holders), number, people, task.excluded_organisation_id)
        if wanted not in known:
            known[wanted] = find_superiors(session, *wanted)
        late = days_left_text(task.due_at, now, task.region)
        found.append(_Escalated(task, number, holders, known[wanted], late))
    return found


def organisation_of(task: Any, holders: Sequence[Any]) -> int | None:
    """The organisation that should act: that of whoever holds the task, else the one that it is for."""
    of_holders = {holder.organisation_id for holder in holders}
    found: int | None = of_holders.pop() if len(of_holders) == 1 else task.assigned_organisation_id
    return found
