"""Write the places of a plan and its settings, acknowledge what its printed totals say otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.problems import Conflict, InputError, Invalid, invalid
from webapp.quotas import rules
from webapp.quotas.models import Quota, QuotaPlan
from webapp.quotas.queries import get_own
from webapp.registry.models import Honour

Key = tuple[str, str | None, str]
"""Honour, region and line."""


@dataclass(frozen=True)
class Places:
    """How many places a row of a plan has, and how its table prints it."""

    planned: int
    position: int = 0
    printed_name: str | None = None


def write_rows(
    session: Session, plan: QuotaPlan, wanted: Mapping[Key, Places], path: str = "quotas", *, keep: bool = False
) -> int:
    """Set the places of a plan; places that cases hold stay held, so a cap never falls below them.

    Args:
        path: which input is wrong where a row cannot be written.
        keep: leave rows that are not wanted as they are.

    Returns:
        How many rows were added, changed or removed.

    Raises:
        Invalid: fewer places than are taken.
    """
    held = session.scalars(select(Quota).where(Quota.plan_id == plan.id).order_by(Quota.id).with_for_update()).all()
    known = {(q.honour_code, q.region_code, q.line): q for q in held}
    stated = {key: quota for key, quota in known.items() if quota.line not in rules.CEILINGS}
    targets = dict(wanted) | _ceilings(plan, wanted if not keep else _stated(stated) | dict(wanted))
    changes, errors = 0, []
    for key, quota in known.items():
        if key not in targets and keep:
            continue
        places = targets.get(key)
        taken = quota.reserved + quota.used
        if plan.kind == "cap" and taken > (places.planned if places else 0):
            errors.append(too_small(key, taken, path))
        else:
            changes += _change(session, quota, places)
    if errors:
        raise Invalid(errors)
    fresh = [_row(plan, key, places) for key, places in targets.items() if key not in known]
    session.flush()
    if fresh:
        session.execute(insert(Quota), fresh)
    return changes + len(fresh)


def _stated(rows: Mapping[Key, Quota]) -> dict[Key, Places]:
    return {key: Places(quota.planned, quota.position, quota.printed_name) for key, quota in rows.items()}


def _change(session: Session, quota: Quota, places: Places | None) -> int:
    if places is None:
        if quota.reserved + quota.used:  # a target that cases count against is kept, with nothing planned
            is_other, quota.planned = quota.planned != 0, 0
            return int(is_other)
        session.delete(quota)
        return 1
    before = (quota.planned, quota.position, quota.printed_name)
    after = (places.planned, places.position, places.printed_name)
    quota.planned, quota.position, quota.printed_name = after
    return int(before != after)


def _row(plan: QuotaPlan, key: Key, places: Places) -> dict[str, Any]:
    honour, region, line = key
    return {
        "plan_id": plan.id,
        "honour_code": honour,
        "region_code": region,
        "line": line,
        "is_cap": plan.kind == "cap",
        "planned": places.planned,
        "reserved": 0,
        "used": 0,
        "position": places.position,
        "printed_name": places.printed_name,
    }


def _ceilings(plan: QuotaPlan, stated: Mapping[Key, Places]) -> dict[Key, Places]:
    """The rows that the shares of the plan come to, in every region and for every honour that has places."""
    percents = {"administrative": plan.administrative_percent, "above_grassroots": plan.grassroots_percent}
    together: dict[tuple[str, str | None], list[Places]] = {}
    for (honour, region, _line), places in stated.items():
        together.setdefault((honour, region), []).append(places)
    return {
        (honour, region, line): Places(
            rules.ceiling(sum(p.planned for p in found), line, percent), found[0].position, found[0].printed_name
        )
        for (honour, region), found in together.items()
        for line, percent in percents.items()
        if percent is not None
    }


def too_small(key: Key, held: int, path: str = "quotas") -> InputError:
    """The error of a cap below the places that are taken."""
    line = f"（{rules.LINES[key[2]]}）" if key[2] else ""
    return InputError(path, "held", f"荣誉 {key[0]}{line} 已占用 {held} 个名额，不能删除或调到更少。")


def change_settings(session: Session, actor: Actor, plan_id: int, answers: Mapping[str, Any]) -> QuotaPlan:
    """Set what becomes of cases over the cap, and the shares of administrative bodies and of the grassroots.

    Raises:
        Forbidden: it is not the actor's plan. Conflict: it belongs to a batch, whose form says the same.
        Invalid: more is taken already than a share would leave.
    """
    plan = get_own(session, actor, plan_id)
    if plan.batch_id is not None:
        raise Conflict("这份名额属于一个批次，请在批次的设置里修改。")
    before = settings_of(plan)
    apply_settings(plan, answers)
    write_rows(session, plan, {}, "administrative_percent", keep=True)
    _drop_idle_ceilings(session, plan)
    record(session, actor, "quota.settings", subject=f"quota:{plan.id}", before=before, after=settings_of(plan))
    return plan


def apply_settings(plan: QuotaPlan, answers: Mapping[str, Any]) -> None:
    """Take over the settings of a checked form."""
    plan.over_cap = answers.get("over_cap") or "waitlist"
    plan.administrative_percent = _percent(answers.get("administrative_percent"))
    plan.grassroots_percent = _percent(answers.get("grassroots_percent"))


def settings_of(plan: QuotaPlan) -> dict[str, Any]:
    """The settings as the answers of their form."""
    return {
        "over_cap": plan.over_cap,
        "administrative_percent": _plain(plan.administrative_percent),
        "grassroots_percent": _plain(plan.grassroots_percent),
    }


def _percent(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _drop_idle_ceilings(session: Session, plan: QuotaPlan) -> None:
    given = {"administrative": plan.administrative_percent, "above_grassroots": plan.grassroots_percent}
    idle = [line for line, percent in given.items() if percent is None]
    rows = session.scalars(select(Quota).where(Quota.plan_id == plan.id, Quota.line.in_(idle)))
    for quota in rows:
        if quota.reserved + quota.used:
            raise invalid(
                f"{'administrative' if quota.line == 'administrative' else 'grassroots'}_percent",
                "held",
                f"“{rules.LINES[quota.line]}”已有办件占用，不能取消这项比例；可以改为 100%（不限）或 0%（不保留）。",
            )
        session.delete(quota)
    session.flush()


def acknowledge(session: Session, actor: Actor, now: datetime, plan_id: int, reason: str) -> QuotaPlan:
    """Say that one has seen the difference between printed and computed totals; both stay as they are.

    Raises:
        Conflict: there is no difference, or somebody has acknowledged it.
        Invalid: without a word on it.
    """
    plan = get_own(session, actor, plan_id)
    if not plan.differs:
        raise Conflict("所印合计与各行之和一致，无需确认。")
    if plan.acknowledged_at is not None:
        raise Conflict("差异已由他人确认，请刷新查看。")
    if not reason.strip():
        raise invalid("reason", "required", "请写明对差异的核对情况，例如“已电话核实，以各行为准”。")
    plan.acknowledged_by, plan.acknowledged_at = actor.user_id, now
    plan.acknowledgement = reason.strip()[:500]
    session.flush()
    record(session, actor, "quota.acknowledge", subject=f"quota:{plan.id}", after={"reason": plan.acknowledgement})
    return plan


def honour_names(session: Session) -> dict[str, str]:
    """Code → name of every honour, lowest first."""
    return {code: name for code, name in session.execute(select(Honour.code, Honour.name).order_by(Honour.rank))}
