"""Read instances: lists within scope, the timeline, what was declared and decided, what comes next."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased, defer

from webapp.access import Actor, in_subtree
from webapp.accounts.models import User
from webapp.batches.models import Batch
from webapp.clock import SHANGHAI
from webapp.definitions.library import Published, get_published
from webapp.definitions.models import ProcessVersion
from webapp.instances import scope
from webapp.instances.models import MACHINE, HistoryEntry, Incident, Instance, Submission
from webapp.instances.processes import rules_of
from webapp.instances.readable import COMMENTS, is_beside, readable
from webapp.instances.running import Run
from webapp.paging import Page, fetch_page
from webapp.problems import InputError, Invalid, NotFound
from webapp.registry.models import Honour, Organisation, Region
from webapp.tasks.models import Task

STATUSES = ("running", "suspended", "completed", "withdrawn", "cancelled")
_ACTS = {
    "start": "发起",
    "complete": "办理",
    "withdraw": "撤回申报",
    "suspend": "挂起",
    "resume": "恢复",
    "extend_deadline": "延长期限",
    "escalate": "逾期上报",
    "hand_over": "逾期转办",
    "recompute": "期限变更",
    "retry": "重试",
    "incident": "处理异常",
    "service": "系统办理",
    "event": "系统事件",
    "end": "办结",
    "decision_table": "系统判定",
    "transfer": "转办",
    "succession": "交接",
    "delegate": "委派",
    "add_signer": "加签",
    "remove_signer": "减签",
    "opinion": "提出意见",
    "hold": "待后加签",
    "return_to_unit": "退回",
    "return_to_step": "退回",
    "recall": "撤回办理",
    "nudge": "催办",
    "cc": "抄送",
    "comment": "评论",
    "snooze": "暂缓",
    "migrate": "换用新版本",
    "move": "管理员移动办理位置",
    "skip": "管理员跳过环节",
    "repeat": "管理员要求重办",
    "change_data": "管理员更正数据",
    "cancel": "管理员取消办件",
    "migrate_back": "换回原版本",
}


def get_visible(session: Session, actor: Actor, instance_id: int) -> Instance:
    """The instance, if the actor may see it; else raises ``NotFound``."""
    query = select(Instance).options(defer(Instance.state)).where(Instance.id == instance_id, scope.visible(actor))
    instance = session.scalar(query)
    if instance is None:
        raise NotFound
    return instance


def list_instances(session: Session, actor: Actor, filters: dict[str, str], page: int, per_page: int) -> Page:
    """One page of the instances within the actor's scope, newest first.

    Args:
        filters: ``process``, ``status``, ``q``, ``batch``; each optional.
    """
    return fetch_page(session, instance_query(actor, filters), page, per_page)


def instance_query(actor: Actor, filters: dict[str, str]) -> Select[*tuple[Any, ...]]:
    """The same list as a query, for exports."""
    query: Select[*tuple[Any, ...]] = (
        select(
            Instance,
            Organisation.name.label("unit"),
            Honour.name.label("honour"),
            Region.name.label("region"),
            Batch.title.label("batch"),
            ProcessVersion.version.label("process_version"),
            ProcessVersion.name.label("process_name"),
        )
        .join(ProcessVersion, ProcessVersion.id == Instance.process_version_id)
        .outerjoin(Organisation, Organisation.id == Instance.subject_id)
        .outerjoin(Honour, Honour.code == Instance.honour_code)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .outerjoin(Batch, Batch.id == Instance.batch_id)
        .options(*map(defer, (Instance.state, Instance.data, Instance.way, Instance.waits)))
        .where(scope.visible(actor))
        .order_by(Instance.id.desc())
    )
    if status := filters.get("status"):
        if status not in STATUSES:
            raise Invalid([InputError("status", "unknown", f"status 只能是 {'、'.join(STATUSES)}。")])
        query = query.where(Instance.status == status)
    if process := filters.get("process"):
        query = query.where(Instance.process == process)
    if batch := filters.get("batch"):
        if not (batch.isascii() and batch.isdecimal() and len(batch) < 9):
            raise Invalid([InputError("batch", "type", "batch 须为数字编号。")])
        query = query.where(Instance.batch_id == int(batch))
    if text := filters.get("q", "").strip():
        like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(or_(Instance.title.ilike(like), Instance.number.ilike(like)))
    return query


def running_cases(*those: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many of those cases are not over; a part of a query on versions of processes."""
    query = select(func.count()).where(*those, Instance.ended_at.is_(None))
    return query.correlate(ProcessVersion).scalar_subquery()


def names_of(session: Session, instance: Instance) -> Any:
    """What the columns of an instance mean: ``unit``, ``uscc``, ``honour``, ``region``, ``batch``, ``starter``; and
    the elements where it ``failed`` and waits for the administrator."""
    failed = select(func.array_agg(Incident.element)).where(
        Incident.instance_id == instance.id, Incident.status == "open", Incident.element.is_not(None)
    )
    query = (
        select(
            Organisation.name.label("unit"),
            Organisation.uscc.label("uscc"),
            Organisation.city_direct.label("city_direct"),
            Honour.name.label("honour"),
            Region.name.label("region"),
            Batch.title.label("batch"),
            Batch.pass_mark.label("pass_mark"),
            User.name.label("starter"),
            failed.scalar_subquery().label("failed"),
        )
        .select_from(User)
        .outerjoin(Organisation, Organisation.id == instance.subject_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .outerjoin(Honour, Honour.code == instance.honour_code)
        .outerjoin(Batch, Batch.id == instance.batch_id)
        .where(User.id == instance.started_by)
    )
    return session.execute(query).one()


def list_batches(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """The batches that a person may narrow a list to, newest first."""
    path = actor.region_path
    query = select(Batch.id, Batch.title).join(Region, Region.code == Batch.region_code)
    if path:
        query = query.where(or_(in_subtree(Region.path, path), Region.code.in_(path.split("/"))))
    return [(id_, title) for id_, title in session.execute(query.order_by(Batch.id.desc()).limit(100))]


def list_processes(session: Session) -> list[tuple[str, str]]:
    """The processes in use, with their names."""
    query = select(ProcessVersion.process, ProcessVersion.name).where(ProcessVersion.is_current)
    return [(process, name) for process, name in session.execute(query.order_by(ProcessVersion.process))]


_SAID = func.jsonb_build_object(
    *(part for key in COMMENTS for part in (literal_column(f"'{key}'"), Submission.answers[key]))
)


def history_of(session: Session, actor: Actor, instance_id: int) -> list[Any]:
    """The timeline, oldest first, with people and their organisations; without what offices beside the actor's did."""
    behalf = aliased(User)
    query = (
        select(
            HistoryEntry,
            User.name.label("actor"),
            Organisation.name.label("organisation"),
            Organisation.id.label("organisation_id"),
            Organisation.kind.label("organisation_kind"),
            Region.path.label("author_path"),
            behalf.name.label("on_behalf_of"),
            _SAID.label("said"),
        )
        .outerjoin(User, User.id == HistoryEntry.actor_id)
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .outerjoin(behalf, behalf.id == HistoryEntry.on_behalf_of)
        .outerjoin(Submission, and_(Submission.task_id == HistoryEntry.task_id, Submission.at == HistoryEntry.at))
        .where(HistoryEntry.instance_id == instance_id)
        .order_by(HistoryEntry.id)
    )
    return [row for row in session.execute(query) if not is_beside(actor, row.author_path) and _concerns(actor, row)]


_TOLD_TO_UNITS = frozenset({"return_to_unit"})
"""Acts whose words are meant for the unit although they decide nothing."""
_AMONG_OFFICES = frozenset({"comment", "cc", "snooze"})
"""Acts that change nothing about a case and are no business of units and departments, unless their own."""


def _concerns(actor: Actor, row: Any) -> bool:
    return actor.is_office or row.HistoryEntry.act not in _AMONG_OFFICES or row.organisation_id == actor.organisation_id


def comment_for(actor: Actor, instance: Instance, row: Any) -> str | None:
    """The comment of a line of :func:`history_of`, as far as ``actor`` may read what was said there."""
    entry: HistoryEntry = row.HistoryEntry
    is_internal = entry.element in rules_of(instance.process).internal
    if entry.task_id is None or actor.is_office or (entry.machine and not is_internal):
        return entry.comment
    if entry.machine:
        return None
    if entry.act in _TOLD_TO_UNITS or row.organisation_id == actor.organisation_id:
        return entry.comment
    said = readable(
        actor,
        instance.subject_id,
        row.organisation_id,
        row.organisation_kind,
        row.said,
        is_internal=is_internal,
        is_shared=entry.element in rules_of(instance.process).shared,
    )
    return next((str(said[key]) for key in COMMENTS if said.get(key)), None) if said else None


def act_label(published: Published, element: str | None, act: str) -> str:
    """What an act of the timeline is called."""
    return _ACTS.get(act) or published.outcome_label(element, act)


def in_whose_name(name: str, absent: str | None) -> str:
    """Who did something, with the absent person for whom: “乙 代 甲”."""
    return f"{name} {_('代')} {absent}" if absent else name


def open_incidents(session: Session, instance_id: int) -> list[Incident]:
    """What waits for the administrator."""
    query = select(Incident).where(Incident.instance_id == instance_id, Incident.status == "open")
    return list(session.scalars(query.order_by(Incident.id)))


def outline_of(session: Session, instance: Instance) -> list[dict[str, Any]]:
    """The text outline of the diagram with how far the instance has come: ``done``, ``open`` or ``ahead``."""
    published = get_published(session, instance.process_version_id)
    states = element_states(session, instance)
    return [item.as_dict() | {"state": states.get(item.element, "ahead")} for item in published.outline]


def element_states(session: Session, instance: Instance) -> dict[str, str]:
    """Element id → ``done``, ``open`` or ``incident``; what is missing lies ahead or was not taken."""
    is_open = Task.status.in_(("open", "suspended"))
    open_elements = session.scalars(select(Task.element).where(Task.instance_id == instance.id, is_open))
    failed = (i.element for i in open_incidents(session, instance.id) if i.element)
    return states_of(instance, open_elements, failed)


def states_of(instance: Instance, open_elements: Iterable[str], failed: Iterable[str]) -> dict[str, str]:
    """The same for a page that has read tasks and incidents already."""
    waits = (wait["element"] for wait in instance.waits if wait["name"] != "withdrawal")
    states = dict.fromkeys(instance.way, "done")
    return states | dict.fromkeys((*open_elements, *waits), "open") | dict.fromkeys(failed, "incident")


def decision_words(run: Run, task: Task) -> str:
    """What became of a task that somebody else decided first."""
    absent = aliased(User)
    name = func.coalesce(User.name, MACHINE).label("name")
    row = run.session.execute(
        select(Submission.outcome, Submission.at, name, absent.name.label("absent"))
        .outerjoin(User, User.id == Submission.actor_id)
        .outerjoin(absent, absent.id == Submission.on_behalf_of)
        .where(Submission.task_id == task.id)
    ).one_or_none()
    if row is None:
        return f"“{task.name}”已不需要办理（流程已转到其他环节或已结束）。请返回列表。"
    result = run.published.outcome_label(task.element, row.outcome)
    when = row.at.astimezone(SHANGHAI)
    done = (
        f"“{task.name}”已由{in_whose_name(row.name, row.absent)}于 {when:%Y-%m-%d %H:%M} 办理（{result or '已提交'}）。"
    )
    return f"{done}您的内容没有提交，请返回列表。"


def iso(instant: datetime | None) -> str | None:
    """An instant as the API writes it: ISO 8601 with the offset of Shanghai."""
    return instant.astimezone(SHANGHAI).isoformat() if instant else None
