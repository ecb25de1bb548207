"""Plans of places: list, one with its sums and printed totals, the board, transfers and settings."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.access import access, current_actor
from webapp.api.bodies import body, flag_of, instance_id_of, text_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.exports import xlsx_response
from webapp.instances.queries import iso
from webapp.paging import page_numbers
from webapp.problems import invalid
from webapp.quotas import operations, queries, rules, transfers
from webapp.quotas.models import QuotaPlan, QuotaTransfer
from webapp.quotas.views import HEADER, cells


def plan_json(plan: QuotaPlan) -> dict[str, Any]:
    """A plan without its rows."""
    settings = operations.settings_of(plan)
    return {
        "id": plan.id,
        "kind": plan.kind,
        "title": plan.title,
        "period": plan.period,
        "region": plan.region_code,
        "document_number": plan.document_number,
        "batch": plan.batch_id,
        "printed": plan.printed,
        "in_force": plan.is_in_force,
        "acknowledged_at": iso(plan.acknowledged_at),
        "acknowledgement": plan.acknowledgement,
        **settings,
    }


@blueprint.get("/quotas")
@access("quotas.read")
def list_quotas() -> dict[str, Any]:
    """The plans that I may see, newest first."""
    page, per_page = page_numbers(request.args)
    kind = request.args.get("kind", "")
    if kind and kind not in rules.KINDS:
        raise invalid("kind", "choice", "kind 须为 target（指标）或 cap（名额）。")
    found = queries.list_plans(db.session(), current_actor(), kind, page, per_page)
    return found.as_json(
        lambda row: (
            plan_json(row.QuotaPlan)
            | {"planned": row.planned, "reserved": row.reserved, "used": row.used}
            | {"free": rules.free(row.QuotaPlan.kind, row.planned, row.reserved, row.used)}
        )
    )


@blueprint.get("/quotas/<plan_id>")
@access("quotas.read")
def get_quota(plan_id: str) -> dict[str, Any]:
    """One plan: sums by honour, and where printed totals differ from them."""
    return _whole(instance_id_of(plan_id))


def _whole(plan_id: int) -> dict[str, Any]:
    session, actor = db.session(), current_actor()
    plan = queries.get_visible(session, actor, plan_id)
    rows = queries.board(session, actor, plan)
    computed = {found.honour_code: found.planned for found in queries.sums(plan, rows, is_whole=False)}
    transfers = [_transfer_row(row) for row in queries.transfers(session, plan.id)] if actor.is_office else []
    differences = queries.differences(session, plan)
    return plan_json(plan) | {"computed": computed, "differences": differences, "transfers": transfers}


def _transfer_row(row: queries.TransferRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "honour": row.honour,
        "from": row.from_region,
        "to": row.to_region,
        "number": row.number,
        "reason": row.reason,
        "status": row.status,
        "decision_reason": row.decision_reason,
    }


@blueprint.get("/quotas/<plan_id>/board")
@access("quotas.read")
def get_quota_board(plan_id: str) -> dict[str, Any]:
    """Planned, reserved, used and free per region and honour, in the printed order."""
    session, actor = db.session(), current_actor()
    plan = queries.get_visible(session, actor, instance_id_of(plan_id))
    honour, region = request.args.get("honour", "")[:40], request.args.get("region", "")[:20]
    return {"items": [_board_row(row) for row in queries.board(session, actor, plan, honour, region)]}


def _board_row(row: queries.BoardRow) -> dict[str, Any]:
    return {
        "region": row.region_code,
        "region_name": row.region,
        "printed_name": row.printed_name,
        "honour": row.honour_code,
        "line": row.line,
        "planned": row.planned,
        "reserved": row.reserved,
        "used": row.used,
        "free": row.free,
        "excess": row.excess,
    }


@blueprint.get("/quotas/<plan_id>/export")
@access("quotas.read")
def export_quota(plan_id: str) -> ResponseReturnValue:
    """The board as XLSX."""
    session, actor = db.session(), current_actor()
    plan = queries.get_visible(session, actor, instance_id_of(plan_id))
    return xlsx_response(plan.title, HEADER, [cells(row) for row in queries.board(session, actor, plan)])


@blueprint.post("/quotas/<plan_id>/acknowledge")
@access("quotas.edit")
def acknowledge_quota(plan_id: str) -> dict[str, Any]:
    """Say that I have seen where printed totals differ; nothing is corrected."""
    reason = text_of(body("reason"), "reason")
    plan = operations.acknowledge(db.session(), current_actor(), clock.now(), instance_id_of(plan_id), reason)
    return _whole(plan.id)


@blueprint.put("/quotas/<plan_id>/settings")
@access("quotas.edit")
def change_quota_settings(plan_id: str) -> dict[str, Any]:
    """What becomes of cases over the cap, and the shares of administrative bodies and of the grassroots."""
    data = body("over_cap", "administrative_percent", "grassroots_percent")
    if text_of(data, "over_cap", required=False) not in rules.OVER_CAP:
        raise invalid("over_cap", "choice", "over_cap 须为 block 或 waitlist。")
    for name in ("administrative_percent", "grassroots_percent"):
        value = data.get(name)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100
        ):
            raise invalid(name, "range", f"{name} 须为 0 到 100 的数，或 null。")
    plan = operations.change_settings(db.session(), current_actor(), instance_id_of(plan_id), data)
    return _whole(plan.id)


@blueprint.post("/quotas/<plan_id>/transfers")
@access("quotas.transfer")
def propose_quota_transfer(plan_id: str) -> ResponseReturnValue:
    """Ask for places to be moved between regions; the province's own transfer takes effect at once."""
    data = body("honour", "from", "to", "line", "number", "reason")
    answers: dict[str, Any] = {name: text_of(data, name) for name in ("honour", "from", "to", "reason")}
    answers["line"] = text_of(data, "line", required=False)
    number = data.get("number")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 100_000:
        raise invalid("number", "range", "number 须为正整数。")
    answers["number"] = number
    plan = instance_id_of(plan_id)
    return _transfer(transfers.propose_transfer(db.session(), current_actor(), clock.now(), plan, answers)), 201


@blueprint.post("/quotas/transfers/<transfer_id>")
@access("quotas.transfer")
def decide_quota_transfer(transfer_id: str) -> dict[str, Any]:
    """Approve or refuse a transfer, as the province."""
    data = body("approve", "reason")
    reason = text_of(data, "reason", required=False)
    session, actor, number = db.session(), current_actor(), instance_id_of(transfer_id)
    approve = flag_of(data, "approve")
    return _transfer(transfers.decide_transfer(session, actor, clock.now(), number, approve=approve, reason=reason))


def _transfer(transfer: QuotaTransfer) -> dict[str, Any]:
    return {"id": transfer.id, "plan": transfer.plan_id, "number": transfer.number, "status": transfer.status}
