"""Pages of places: the plans, the board of one with its printed totals, transfers and settings."""

from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.quotas import AcknowledgeForm, DecideTransferForm, QuotaSettingsForm, TransferForm
from webapp import clock, navigation
from webapp.access import access, current_actor, may
from webapp.database import db
from webapp.exports import xlsx_response
from webapp.paging import page_numbers, page_of
from webapp.problems import Invalid
from webapp.quotas import operations, queries, rules, transfers
from webapp.quotas.models import QuotaPlan

blueprint = Blueprint("quotas", __name__, template_folder="templates", url_prefix="/quotas")
HEADER = ("地区", "荣誉", "类别", "下达", "已占用", "已使用", "剩余（还差）")
_ROWS = 20
"""Of the board on one page; on a phone each is a card."""
_FORMS = {"acknowledge": AcknowledgeForm, "transfers": TransferForm, "settings": QuotaSettingsForm}


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.add(app, "名额", "quotas.index", "quotas.read", 32, icon="scale")


@blueprint.get("")
@access("quotas.read")
def index() -> ResponseReturnValue:
    page, per_page = page_numbers(request.args)
    kind = request.args.get("kind", "")
    found = queries.list_plans(db.session(), current_actor(), kind if kind in rules.KINDS else "", page, per_page)
    return render_template("quotas/index.html", found=found, kinds=rules.KINDS, kind=kind, free=rules.free)


@blueprint.get("/<int:plan_id>")
@access("quotas.read")
def show(plan_id: int) -> ResponseReturnValue:
    return _page(queries.get_visible(db.session(), current_actor(), plan_id))


def _page(plan: QuotaPlan, tried: str = "", form: Any = None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    rows = queries.board(session, actor, plan)
    honour, region = request.args.get("honour", ""), request.args.get("region", "")
    found = [row for row in rows if honour in {"", row.honour_code} and region in {"", row.region_code}]
    is_own = queries.is_own(session, actor, plan) and may(actor, "quotas.edit")
    forms = {name: make() for name, make in _FORMS.items()} | ({tried: form} if tried else {})
    _offer(forms, rows, plan, filled=tried == "settings")
    page = render_template(
        "quotas/show.html",
        plan=plan,
        rows=rows,
        shown=page_of(found, *page_numbers(request.args, per_page=_ROWS)),
        wanted={"honour": honour, "region": region},
        choices={"honour": _names(rows, "honour"), "region": _names(rows, "region")},
        sums=queries.sums(plan, rows, is_whole=is_own or plan.region_code == actor.region_code),
        kinds=rules.KINDS,
        over_cap=rules.OVER_CAP,
        transfers=queries.transfers(session, plan.id) if actor.is_office else [],
        is_own=is_own,
        may_transfer=may(actor, "quotas.transfer") and len(rows) > 1,
        decides=transfers.is_province_of(session, actor, plan),
        forms=forms,
        decide_form=DecideTransferForm(),
        source=rules.SOURCE,
    )
    return page, 422 if form is not None and form.errors else 200


def _offer(forms: dict[str, Any], rows: list[queries.BoardRow], plan: QuotaPlan, *, filled: bool) -> None:
    forms["transfers"].offer(_names(rows, "honour"), _names(rows, "region"))
    forms["settings"].offer(list(rules.OVER_CAP.items()))
    if not filled:
        for name, value in operations.settings_of(plan).items():
            forms["settings"][name].data = value


def _names(rows: list[queries.BoardRow], what: str) -> list[tuple[str, str]]:
    """Code and name of every honour or region of a board, in its order."""
    named = {getattr(row, f"{what}_code"): getattr(row, what) for row in rows}
    return [(code, name) for code, name in named.items() if code]


@blueprint.get("/<int:plan_id>/export")
@access("quotas.read")
def export(plan_id: int) -> Response:
    session, actor = db.session(), current_actor()
    plan = queries.get_visible(session, actor, plan_id)
    return xlsx_response(plan.title, HEADER, [cells(row) for row in queries.board(session, actor, plan)])


def cells(row: queries.BoardRow) -> list[Any]:
    """A row of the board as a line of a file."""
    return [row.region, row.honour, row.line_name, row.planned, row.reserved, row.used, row.free]


@blueprint.post("/<int:plan_id>/<any(acknowledge,transfers,settings):act>")
@access("quotas.transfer")
def change(plan_id: int, act: str) -> ResponseReturnValue:
    """Acknowledge a difference, ask for a transfer, or change the settings."""
    session, actor, now = db.session(), current_actor(), clock.now()
    plan = queries.get_visible(session, actor, plan_id)
    form = _FORMS[act](request.form)
    _offer(
        {name: make() for name, make in _FORMS.items()} | {act: form},
        queries.board(session, actor, plan),
        plan,
        filled=True,
    )
    if not form.validate():
        return _page(plan, act, form)
    try:
        if act == "acknowledge":
            operations.acknowledge(session, actor, now, plan_id, form.reason.data)
            flash(_("已确认差异，两个数字都保留。"))
        elif act == "settings":
            operations.change_settings(session, actor, plan_id, form.data)
            flash(_("已保存设置。"))
        else:
            answers = form.data | {"from": form.giver.data, "to": form.taker.data}
            transfer = transfers.propose_transfer(session, actor, now, plan_id, answers)
            flash(_("已调剂。") if transfer.status == "approved" else _("已提交省级文明办，同意后生效。"))
    except Invalid as problem:
        session.rollback()
        _say(form, problem)
        return _page(queries.get_visible(session, actor, plan_id), act, form)
    return redirect(url_for(".show", plan_id=plan_id))


def _say(form: Any, problem: Invalid) -> None:
    names = {"from": "giver", "to": "taker"}
    for error in problem.errors:
        name = names.get(error.path, error.path)
        field = form[name] if name in form else next(iter(form))
        field.errors = [*field.errors, error.message]


@blueprint.post("/transfers/<int:transfer_id>")
@access("quotas.transfer")
def decide(transfer_id: int) -> ResponseReturnValue:
    """The province approves or refuses a transfer."""
    session, actor = db.session(), current_actor()
    form = DecideTransferForm(request.form)
    approve = request.form.get("act") == "approve"
    reason = form.reason.data or ""
    transfer = transfers.decide_transfer(session, actor, clock.now(), transfer_id, approve=approve, reason=reason)
    flash(_("已同意调剂。") if approve else _("已拒绝调剂。"))
    return redirect(url_for(".show", plan_id=transfer.plan_id))
