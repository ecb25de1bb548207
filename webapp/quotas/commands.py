"""``wenming quota``: the plans of places, the board of one, its printed totals."""

import json
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.config import load_settings
from webapp.host.command_session import AS_PERSON, acting_session, command_session
from webapp.quotas import operations, queries, rules
from webapp.quotas.models import Quota, QuotaPlan
from webapp.registry.models import Honour, Region


@click.group("quota")
def quota() -> None:
    """Targets and places 名额和指标."""


@quota.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def list_(as_json: bool) -> None:
    """List the plans, newest first 列出名额和指标."""
    with command_session(load_settings()) as session:
        plans = session.scalars(select(QuotaPlan).order_by(QuotaPlan.id.desc())).all()
        found = [_plan(session, plan) for plan in plans]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for plan in found:
        state = "" if plan["in_force"] else "（合计待确认）"
        click.echo(f"{plan['id']:>5} {rules.KINDS[plan['kind']]} {plan['period']} {plan['title']}{state}")


@quota.command("board")
@click.argument("plan_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def board(plan_id: int, as_json: bool) -> None:
    """Show planned, reserved, used and free places per region and honour 名额进度."""
    with command_session(load_settings()) as session:
        plan = session.get(QuotaPlan, plan_id)
        if plan is None:
            raise click.ClickException(f"没有编号为 {plan_id} 的名额（指标）；编号见 wenming quota list。")
        found = _plan(session, plan) | {"items": _rows(session, plan)}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for row in found["items"]:
        numbers = "".join(f"{row[name]:>6}" for name in ("planned", "reserved", "used", "free"))
        click.echo(f"{row['region_name']}\t{row['honour_name']}{rules.LINES[row['line']]}\t{numbers}")
    for one in found["differences"]:
        click.echo(f"{one['field']}：所印合计 {one['printed']}，各行之和 {one['computed']}，两者不符。")


@quota.command("acknowledge")
@click.argument("plan_id", type=int)
@click.option("--reason", required=True, help="what was found when the figures were compared")
@AS_PERSON
def acknowledge(plan_id: int, reason: str, username: str) -> None:
    """Say that somebody has seen where printed totals differ 确认差异."""
    with acting_session(username, "quotas.edit") as (session, actor):
        plan = operations.acknowledge(session, actor, clock.now(), plan_id, reason)
        click.echo(f"已确认“{plan.title}”的差异，两个数字都保留。")


def _plan(session: Session, plan: QuotaPlan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "kind": plan.kind,
        "title": plan.title,
        "period": plan.period,
        "region": plan.region_code,
        "document_number": plan.document_number,
        "batch": plan.batch_id,
        "printed": plan.printed,
        "differences": queries.differences(session, plan),
        "in_force": plan.is_in_force,
    }


def _rows(session: Session, plan: QuotaPlan) -> list[dict[str, Any]]:
    query = (
        select(Quota, Honour.name.label("honour"), Region.name.label("region"))
        .join(Honour, Honour.code == Quota.honour_code)
        .outerjoin(Region, Region.code == Quota.region_code)
        .where(Quota.plan_id == plan.id)
        .order_by(Quota.position, Region.code.nulls_first(), Honour.rank.desc(), Quota.line)
    )
    return [
        {
            "region": row.Quota.region_code,
            "region_name": row.region or "全部地区",
            "honour": row.Quota.honour_code,
            "honour_name": row.honour,
            "line": row.Quota.line,
            "planned": row.Quota.planned,
            "reserved": row.Quota.reserved,
            "used": row.Quota.used,
            "free": rules.free(plan.kind, row.Quota.planned, row.Quota.reserved, row.Quota.used),
        }
        for row in session.execute(query)
    ]


COMMANDS = (quota,)
