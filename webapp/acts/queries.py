"""What acts have left at a case and at one of its tasks, for their pages: one statement, whatever there is.

What people say to each other follows one rule (``rules.may_read_remark``); who holds a task reads what concerns it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.acts.rules import may_read_remark
from webapp.instances.models import Instance
from webapp.instances.processes import rules_of
from webapp.instances.turns import Turn
from webapp.tasks.models import Task

MOST = 60
"""How many rows of one kind a page shows; the timeline has them all."""

_COLUMNS = {
    "id": "bigint",
    "at": "timestamptz",
    "by_id": "integer",
    "by_name": "text",
    "office": "text",
    "office_id": "integer",
    "to_id": "integer",
    "to_name": "text",
    "kind": "text",
    "status": "text",
    "words": "text",
    "answer": "text",
    "flag": "boolean",
    "item": "jsonb",
    "until": "timestamptz",
    "path": "text",
}


def _part(what: str, source: str, **columns: str) -> str:
    """SELECT of one kind of rows, with every column in its place."""
    listed = ", ".join(f"CAST({columns.get(name, 'NULL')} AS {kind}) AS {name}" for name, kind in _COLUMNS.items())
    return f"(SELECT '{what}' AS what, {listed} FROM {source})"  # noqa: S608 (only constants of this module)


_OFFICE = "JOIN organisations o ON o.id = u.organisation_id LEFT JOIN regions r ON r.code = o.region_code"
_OF_CASE = "instance_id = :instance"
_SIBLINGS = f"s.{_OF_CASE} AND s.element = :element AND s.round = :round"
_LATEST = f"ORDER BY x.id DESC LIMIT {MOST}"
_READ = text(
    " UNION ALL ".join(
        [
            _part(
                "comment",
                f"comments x JOIN users u ON u.id = x.author_id {_OFFICE} WHERE x.{_OF_CASE} {_LATEST}",
                id="x.id",
                at="x.at",
                by_id="u.id",
                by_name="u.name",
                office="o.name",
                office_id="o.id",
                words="x.text",
                flag=":me = ANY(x.mentioned)",
                path="r.path",
            ),
            _part(
                "copy",
                f"carbon_copies x JOIN users u ON u.id = x.user_id JOIN organisations o ON o.id = u.organisation_id "
                f"LEFT JOIN users b ON b.id = x.sent_by WHERE x.{_OF_CASE} {_LATEST}",
                id="x.id",
                at="x.sent_at",
                by_id="x.sent_by",
                by_name="b.name",
                office="o.name",
                office_id="o.id",
                to_id="u.id",
                to_name="u.name",
                words="x.words",
                flag="x.user_id = :me AND x.read_at IS NULL",
                until="x.read_at",
            ),
            _part(
                "nudge",
                f"nudges x JOIN users u ON u.id = x.by {_OFFICE} "
                f"WHERE x.{_OF_CASE} AND (CAST(:task AS uuid) IS NULL OR x.at >= :opened) {_LATEST}",
                id="x.id",
                at="x.at",
                by_id="u.id",
                by_name="u.name",
                office="o.name",
                office_id="o.id",
                words="x.words",
                path="r.path",
            ),
            _part(
                "request",
                f"tasks s JOIN task_requests x ON x.task_id = s.id JOIN users u ON u.id = x.asker_id "
                f"LEFT JOIN users a ON a.id = x.asked_id LEFT JOIN organisations o ON o.id = a.organisation_id "
                f"WHERE {_SIBLINGS} AND (x.kind = 'co_sign' OR x.task_id = :task) {_LATEST}",
                id="x.id",
                at="x.asked_at",
                by_id="u.id",
                by_name="u.name",
                office="o.name",
                to_id="a.id",
                to_name="a.name",
                kind="x.kind",
                status="x.status",
                words="x.words",
                answer="x.opinion",
                flag="x.agrees",
                item="x.item",
                until="x.answered_at",
            ),
            _part(
                "signer",
                f"tasks s LEFT JOIN users u ON u.id = COALESCE(s.closed_by, s.handed_to, s.assigned_user_id) "
                f"LEFT JOIN organisations o ON o.id = COALESCE(s.assigned_organisation_id, u.organisation_id) "
                f"LEFT JOIN submissions d ON d.task_id = s.id "
                f"WHERE {_SIBLINGS} AND s.item <> '{{}}' AND s.status <> 'cancelled' "
                f"ORDER BY s.opened_at, s.id LIMIT {MOST}",
                at="s.closed_at",
                to_id="u.id",
                to_name="u.name",
                office="o.name",
                office_id="o.id",
                status="s.status",
                answer="d.outcome",
                item="s.item",
                flag="s.id = :task",
            ),
            _part(
                "return",
                f"task_returns x JOIN users u ON u.id = x.returned_by JOIN organisations o ON o.id = u.organisation_id "
                f"WHERE x.{_OF_CASE} AND x.to_element = :element AND x.at >= :opened {_LATEST}",
                id="x.id",
                at="x.at",
                by_id="u.id",
                by_name="u.name",
                office="o.name",
                kind="x.element",
                words="x.reason",
                flag="x.parked IS NOT NULL",
            ),
            _part(
                "mine",
                "task_candidates c LEFT JOIN users u ON u.id = c.on_behalf_of "
                "WHERE c.task_id = :task AND c.user_id = :me AND c.is_open",
                by_name="u.name",
                kind="c.reason",
            ),
            _part(
                "snooze", "snoozes z WHERE z.task_id = :task AND z.user_id = :me AND z.until > :now", until="z.until"
            ),
            _part(
                "kept",
                "kept_states k JOIN tasks d ON d.id = k.task_id "
                "WHERE k.instance_id = :instance AND k.actor_id = :me AND k.version = :before AND NOT EXISTS ("
                "SELECT FROM tasks t WHERE t.instance_id = k.instance_id AND t.status = 'open' "
                "AND t.opened_at >= k.at AND t.claimed_at > t.opened_at)",
                kind="d.element",
                item="(SELECT to_jsonb(array_agg(h.element)) FROM history_entries h "
                "WHERE h.instance_id = k.instance_id AND h.machine AND h.act = 'service' AND h.at >= k.at)",
            ),
        ]
    )
)


@dataclass(frozen=True)
class Marks:
    """What acts have left; of each kind the newest rows, oldest first."""

    comments: Sequence[Any] = ()
    copies: Sequence[Any] = ()
    nudges: Sequence[Any] = ()
    requests: Sequence[Any] = ()
    signers: Sequence[Any] = ()
    """The tasks of a 会签 in this round, decided or not."""
    turns: Sequence[Turn] = ()
    """Those whose turn in it has not come, in order."""
    returned: Any | None = None
    """The return that opened the task."""
    mine: Any | None = None
    """Why the task is the reader's to do, and for whom."""
    snoozed_until: datetime | None = None
    may_recall: bool = False
    """Whether the last thing that happened on the case is a decision of the reader's; the act checks the rest."""

    @property
    def has_unread_copy(self) -> bool:
        return any(copy.flag for copy in self.copies)

    @property
    def asked(self) -> Any | None:
        """What the reader is asked, where they only give an opinion."""
        is_asked = self.mine is not None and self.mine.kind in {"delegate", "signer"}
        return next((one for one in reversed(self.requests) if one.status == "open"), None) if is_asked else None

    @property
    def answers(self) -> list[Any]:
        """What those who were asked have said."""
        return [one for one in self.requests if one.status == "answered"]

    @property
    def pending(self) -> list[Any]:
        """Who was asked and has not answered."""
        return [one for one in self.requests if one.status in {"open", "waiting"}]


def read_marks(session: Session, actor: Actor, now: datetime, instance: Instance, task: Task | None = None) -> Marks:
    """Read what acts have left at a case that the actor may see, and at one of its tasks."""
    values = {
        "me": actor.user_id,
        "now": now,
        "instance": instance.id,
        "before": instance.version - 1,
        "task": task.id if task else None,
        "element": task.element if task else "",
        "round": task.round if task else 0,
        "opened": task.opened_at if task else now,
    }
    found: dict[str, list[Any]] = {}
    for row in session.execute(_READ, values):
        found.setdefault(row.what, []).append(row)
    of = {what: sorted(rows, key=lambda row: row.id or 0) for what, rows in found.items()}
    mine = next(iter(found.get("mine", ())), None)
    is_inside = actor.is_office or mine is not None
    return Marks(
        comments=[row for row in of.get("comment", ()) if _may_read(actor, row)],
        copies=[row for row in of.get("copy", ()) if actor.is_office or actor.user_id in {row.to_id, row.by_id}],
        nudges=[row for row in of.get("nudge", ()) if mine or _may_read(actor, row)],
        requests=[row for row in of.get("request", ()) if is_inside or row.by_id == actor.user_id],
        signers=found.get("signer", ()) if is_inside else (),
        returned=next(iter(of.get("return", [])[::-1]), None) if is_inside else None,
        mine=mine,
        snoozed_until=next((row.until for row in found.get("snooze", ())), None),
        may_recall=any(_is_undoable(instance, row.kind, row.item or []) for row in found.get("kept", ())),
    )


def _is_undoable(instance: Instance, element: str, services: Sequence[str]) -> bool:
    """Whether nothing hangs on a decision that stays done, as ``webapp.acts.recalling`` asks as well."""
    rules = rules_of(instance.process)
    is_kept = element in rules.steps and element not in rules.undoable
    return not is_kept and all(one in rules.undo for one in services)


def _may_read(actor: Actor, row: Any) -> bool:
    return may_read_remark(actor, row.office_id, row.path, names_actor=bool(row.flag))


_LATEST_ACT = text("""
    SELECT h.act, h.at, h.comment, h.actor_id, h.machine, h.element, u.name FROM history_entries h
    LEFT JOIN users u ON u.id = h.actor_id
    WHERE h.instance_id = :instance AND h.task_id = COALESCE(CAST(:task AS uuid), h.task_id)
    ORDER BY h.id DESC LIMIT 1
""")


def latest_act(session: Session, instance_id: int, task_id: UUID | None = None) -> Any | None:
    """What people did last with a task, or with the case: ``act``, ``at``, ``comment``, ``actor_id``, ``name``."""
    return session.execute(_LATEST_ACT, {"instance": instance_id, "task": task_id}).one_or_none()
