"""Which ticked tasks a person may decide together, and what stands in the way of the others; nothing is locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor, lies_in
from webapp.accounts.models import User
from webapp.clock import SHANGHAI
from webapp.definitions.library import Published, get_published
from webapp.instances.models import Instance, Submission
from webapp.instances.queries import in_whose_name
from webapp.instances.running import STATUS_WORDS
from webapp.problems import NotFound
from webapp.tasks.models import Task, TaskCandidate

_Holder = aliased(User)
_Closer = aliased(User)
_Absent = aliased(User)


@dataclass(frozen=True)
class Checked:
    """One ticked row; ``reason`` says why it cannot be decided together with others (Chinese), if it cannot."""

    id: UUID
    version: int
    row: Any
    published: Published | None
    reason: str | None

    @property
    def step(self) -> tuple[int, str] | None:
        """Version of the process and step; none for what may not be seen."""
        return (self.published.id, self.row.element) if self.published else None


def check_rows(session: Session, actor: Actor, rows: Sequence[tuple[UUID, int]]) -> list[Checked]:
    """Check ticked rows, in their order; one statement however many they are.

    Args:
        rows: task id and lock version of each.
    """
    query = (
        select(
            Task.id,
            Task.name,
            Task.element,
            Task.status,
            Task.version,
            Task.claimed_by,
            Task.is_detoured,
            Instance.title,
            Instance.number,
            Instance.status.label("case_status"),
            Instance.region_path,
            Instance.process_version_id,
            TaskCandidate.is_open,
            _Holder.name.label("holder"),
            _Closer.name.label("closer"),
            _Absent.name.label("absent"),
            Submission.at,
            Submission.outcome,
        )
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(TaskCandidate, and_(TaskCandidate.task_id == Task.id, TaskCandidate.user_id == actor.user_id))
        .outerjoin(_Holder, _Holder.id == Task.claimed_by)
        .outerjoin(Submission, Submission.task_id == Task.id)
        .outerjoin(_Closer, _Closer.id == Submission.actor_id)
        .outerjoin(_Absent, _Absent.id == Submission.on_behalf_of)
        .where(Task.id.in_([id_ for id_, _version in rows]))
    )
    found = {row.id: row for row in session.execute(query)}
    return [_checked(session, actor, id_, version, found.get(id_)) for id_, version in rows]


def _checked(session: Session, actor: Actor, task_id: UUID, version: int, row: Any) -> Checked:
    if row is None or not (row.is_open is not None or _sees(actor, row)):
        return Checked(task_id, version, None, None, NotFound().detail)
    published = get_published(session, row.process_version_id)
    return Checked(task_id, version, row, published, _reason(actor, published, row, version))


def _sees(actor: Actor, row: Any) -> bool:
    return actor.sees_subtree and lies_in(row.region_path, actor.region_path)


def _reason(actor: Actor, published: Published, row: Any, version: int) -> str | None:
    if row.status in {"done", "cancelled"}:
        return _became(published, row)
    if row.case_status != "running":
        return f"办件{STATUS_WORDS[row.case_status]}，现在不能办理。"
    if not row.is_open:
        return "不由您办理，或者已经转给别人。"
    if row.claimed_by not in {None, actor.user_id}:
        return f"已由{row.holder}领取。"
    if row.version != version:
        return "在您打开列表之后有了变化，请重新打开核对。"
    is_asked = "正在请人提意见、加签或退回修改，请逐件办理。"
    return is_asked if row.is_detoured else published.refuses_together(row.element)


def _became(published: Published, row: Any) -> str:
    if row.at is None:
        return "已不需要办理（流程已转到其他环节或已结束）。"
    result = published.outcome_label(row.element, row.outcome) or "已提交"
    return (
        f"已由{in_whose_name(row.closer, row.absent)}于 {row.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 办理（{result}）。"
    )
