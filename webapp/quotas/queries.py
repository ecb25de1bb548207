"""Read plans: which a person may see, the board of one, its sums beside what is printed, transfers that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor, in_subtree, lies_in
from webapp.accounts.models import User
from webapp.paging import Page, fetch_page
from webapp.problems import Forbidden, NotFound
from webapp.quotas import rules
from webapp.quotas.models import Quota, QuotaPlan, QuotaTransfer
from webapp.registry.models import Honour, Region

NO_PLAN = "none"


@dataclass(frozen=True)
class BoardRow:
    """Places of one honour in one region, of one line or of all."""

    id: int
    honour_code: str
    honour: str
    region_code: str | None
    region: str
    printed_name: str | None
    line: str
    planned: int
    reserved: int
    used: int
    free: int
    """What is left of a cap; of a target what is missing, negative where it is exceeded."""

    @property
    def line_name(self) -> str:
        return rules.LINES[self.line]

    @property
    def excess(self) -> int:
        """How many more stand in the row than are planned: of targets alone, a cap has none."""
        return max(0, self.reserved + self.used - self.planned)


@dataclass(frozen=True)
class Sum:
    """All places of an honour, with the printed total if there is one."""

    honour_code: str
    honour: str
    planned: int
    reserved: int
    used: int
    free: int
    printed: int | None

    @property
    def differs(self) -> bool:
        return self.printed is not None and self.printed != self.planned


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Plans of the offices above and, for offices, of their own subtree; an administrator imports and sees all."""
    if "administrator" in actor.roles:
        return true()
    line = QuotaPlan.region_code.in_(actor.region_path.split("/"))
    return or_(line, in_subtree(Region.path, actor.region_path)) if actor.sees_subtree else line


def list_plans(session: Session, actor: Actor, kind: str, page: int, per_page: int) -> Page:
    """The plans that the actor may see, newest first, with region and sums.

    Args:
        kind: ``target`` or ``cap``, or empty for both.
    """
    counts = Quota.line.not_in(rules.CEILINGS)
    sums = {
        name: select(func.coalesce(func.sum(column), 0))
        .where(Quota.plan_id == QuotaPlan.id, counts)
        .correlate(QuotaPlan)
        .scalar_subquery()
        .label(name)
        for name, column in {"planned": Quota.planned, "reserved": Quota.reserved, "used": Quota.used}.items()
    }
    query = (
        select(QuotaPlan, Region.name.label("region"), *sums.values())
        .join(Region, Region.code == QuotaPlan.region_code)
        .where(_visible(actor))
        .order_by(QuotaPlan.id.desc())
    )
    return fetch_page(session, query.where(QuotaPlan.kind == kind) if kind else query, page, per_page)


def get_visible(session: Session, actor: Actor, plan_id: int, *, lock: bool = False) -> QuotaPlan:
    """The plan, if the actor may see it.

    Raises:
        NotFound: there is none, or it lies outside the actor's scope.
    """
    query = select(QuotaPlan).join(Region, Region.code == QuotaPlan.region_code)
    plan = session.scalar(query.where(QuotaPlan.id == plan_id, _visible(actor)))
    if plan is None:
        raise NotFound
    if lock:
        session.refresh(plan, with_for_update=True)
    return plan


def get_own(session: Session, actor: Actor, plan_id: int) -> QuotaPlan:
    """The plan, locked, if the actor's office made it or lies above the one that did.

    Raises:
        NotFound: it may not be seen. Forbidden: it is the plan of an office above or beside.
    """
    plan = get_visible(session, actor, plan_id, lock=True)
    if not is_own(session, actor, plan):
        raise Forbidden("只有下达这份名额（指标）的文明办或其上级可以改动或确认它。")
    return plan


def is_own(session: Session, actor: Actor, plan: QuotaPlan) -> bool:
    """Whether the actor's office made the plan or lies above the one that did, or they administer the installation."""
    if "administrator" in actor.roles:
        return True
    path = session.scalar(select(Region.path).where(Region.code == plan.region_code)) or ""
    return actor.sees_subtree and lies_in(path, actor.region_path)


def board(session: Session, actor: Actor, plan: QuotaPlan, honour: str = "", region: str = "") -> list[BoardRow]:
    """The rows of a plan as printed: all for the office that allots, else those of the actor's own places."""
    rows = session.execute(_board_query(actor, plan, honour, region))
    return [BoardRow(**row._mapping, free=rules.free(plan.kind, row.planned, row.reserved, row.used)) for row in rows]


def _board_query(actor: Actor, plan: QuotaPlan, honour: str, region: str) -> Any:
    query = (
        select(
            Quota.id,
            Quota.honour_code,
            Honour.name.label("honour"),
            Quota.region_code,
            func.coalesce(Region.name, "全部地区").label("region"),
            Quota.printed_name,
            Quota.line,
            Quota.planned,
            Quota.reserved,
            Quota.used,
        )
        .join(Honour, Honour.code == Quota.honour_code)
        .outerjoin(Region, Region.code == Quota.region_code)
        .where(Quota.plan_id == plan.id)
        .order_by(Quota.position, Region.code.nulls_first(), Honour.rank.desc(), Quota.line)
    )
    if plan.region_code != actor.region_code and "administrator" not in actor.roles:
        above = Quota.region_code.in_(actor.region_path.split("/"))
        mine = or_(above, Quota.region_code.is_(None))
        query = query.where(or_(mine, in_subtree(Region.path, actor.region_path)) if actor.is_office else mine)
    if honour:
        query = query.where(Quota.honour_code == honour)
    return query.where(Quota.region_code == region) if region else query


def sums(plan: QuotaPlan, rows: Sequence[BoardRow], *, is_whole: bool) -> list[Sum]:
    """The places by honour; the printed totals stand beside them where the rows are the whole plan."""
    found = []
    for code in dict.fromkeys(row.honour_code for row in rows):
        mine = [row for row in rows if row.honour_code == code]
        planned, reserved, used = (rules.total(mine, name) for name in ("planned", "reserved", "used"))
        left = rules.free(plan.kind, planned, reserved, used)
        printed = plan.printed.get(code) if is_whole else None
        found.append(Sum(code, mine[0].honour, planned, reserved, used, left, printed))
    return found


def differences(session: Session, plan: QuotaPlan) -> list[dict[str, Any]]:
    """The honours whose printed total is not the sum of the rows."""
    query = select(Quota.honour_code, func.sum(Quota.planned)).where(
        Quota.plan_id == plan.id, Quota.line.not_in(rules.CEILINGS)
    )
    computed = {code: int(number) for code, number in session.execute(query.group_by(Quota.honour_code))}
    return rules.differences(computed, plan.printed)


@dataclass(frozen=True)
class TransferRow:
    """Places asked for or moved, with the names of everything."""

    id: int
    honour: str
    from_region: str
    to_region: str
    number: int
    reason: str
    status: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None


def transfers(session: Session, plan_id: int) -> list[TransferRow]:
    """The transfers of a plan, newest first."""
    from_quota, to_quota = aliased(Quota), aliased(Quota)
    from_region, to_region = aliased(Region), aliased(Region)
    proposer, decider = aliased(User), aliased(User)
    query = (
        select(QuotaTransfer, Honour.name, from_region.name, to_region.name, proposer.name, decider.name)
        .join(from_quota, from_quota.id == QuotaTransfer.from_id)
        .join(to_quota, to_quota.id == QuotaTransfer.to_id)
        .join(Honour, Honour.code == from_quota.honour_code)
        .outerjoin(from_region, from_region.code == from_quota.region_code)
        .outerjoin(to_region, to_region.code == to_quota.region_code)
        .join(proposer, proposer.id == QuotaTransfer.proposed_by)
        .outerjoin(decider, decider.id == QuotaTransfer.decided_by)
        .where(QuotaTransfer.plan_id == plan_id)
        .order_by(QuotaTransfer.id.desc())
        .limit(100)
    )
    return [
        TransferRow(
            row.id,
            honour,
            sender or "全部地区",
            receiver or "全部地区",
            row.number,
            row.reason,
            row.status,
            by,
            row.proposed_at,
            decided,
            row.decided_at,
            row.decision_reason,
        )
        for row, honour, sender, receiver, by, decided in session.execute(query)
    ]


def say_full(session: Session, quota_id: int) -> str:
    """Which places are used up, as a refusal says it: plan, document, region, line and number."""
    query = (
        select(Quota, QuotaPlan, Honour.name.label("honour"), Region.name.label("region"))
        .join(QuotaPlan, QuotaPlan.id == Quota.plan_id)
        .join(Honour, Honour.code == Quota.honour_code)
        .outerjoin(Region, Region.code == Quota.region_code)
        .where(Quota.id == quota_id)
    )
    row = session.execute(query).one()
    source = f"{row.QuotaPlan.title}，{row.QuotaPlan.document_number}" if row.QuotaPlan.document_number else None
    line = f"（{rules.LINES[row.Quota.line]}）" if row.Quota.line else ""
    where = row.region or "全部地区"
    planned = f"名额 {row.Quota.planned} 个已占满" if row.Quota.is_cap else f"指标 {row.Quota.planned} 个已报满"
    return f"依据：{source or row.QuotaPlan.title}，{where}“{row.honour}”{line}{planned}。"


def plan_choices(session: Session, actor: Actor, kinds: Sequence[str] = ("cap", "target")) -> list[dict[str, Any]]:
    """No plan, then those of the actor's office and of the offices above that stand for themselves, newest first."""
    query = (
        select(QuotaPlan.id, QuotaPlan.title, QuotaPlan.kind, QuotaPlan.period)
        .where(QuotaPlan.batch_id.is_(None), QuotaPlan.kind.in_(kinds))
        .where(QuotaPlan.region_code.in_(actor.region_path.split("/")))
        .order_by(QuotaPlan.id.desc())
        .limit(50)
    )
    return [{"value": NO_PLAN, "label": "不对照"}] + [
        {"value": str(row.id), "label": f"{row.title}（{rules.KINDS[row.kind]}，{row.period}）"}
        for row in session.execute(query)
    ]


def chosen_plan(value: Any) -> int | None:
    """The plan that was chosen among :func:`plan_choices`."""
    return None if value in (None, "", NO_PLAN) else int(value)
