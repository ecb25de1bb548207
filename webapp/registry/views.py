"""The pages of the registry: list, unit, units that wait to be placed, and the changes that an office makes."""

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.pages.registry import EarlierNameForm, JurisdictionForm, RenameForm, UnitFactsForm, UnitFilterForm
from webapp import navigation
from webapp.access import Actor, access, current_actor, may
from webapp.database import db
from webapp.exports import MAX_ROWS, xlsx_response
from webapp.paging import page_numbers
from webapp.problems import Invalid
from webapp.registry import operations, queries, unit_record
from webapp.registry.rules import place_by_name

blueprint = Blueprint("registry", __name__, template_folder="templates")
_PER_PAGE = 50


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.add(app, "单位", "registry.units", "registry.read", 40, icon="building")


@blueprint.get("/units")
@access("registry.read")
def units() -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    if actor.is_unit:
        return redirect(url_for("registry.unit", unit_id=actor.organisation_id))
    form = _filter(actor)
    page, _ignored = page_numbers(request.args)
    wanted = _wanted(form)
    found = queries.list_units(
        session, actor, wanted.q, wanted.region, page, _PER_PAGE, honour=wanted.honour, waiting=wanted.waiting
    )
    edits = may(actor, "registry.edit")
    return render_template(
        "registry/units.html",
        form=form,
        found=found,
        waiting=queries.count_waiting(session, actor) if edits else 0,
        proposals=len(queries.list_proposals(session, actor)) if edits else 0,
    )


def _filter(actor: Actor) -> UnitFilterForm:
    form = UnitFilterForm(request.args)
    session = db.session()
    regions = [(code, name) for code, name, _level in queries.list_regions(session, actor)]
    form.offer(regions, queries.list_honours(session))
    return form


def _wanted(form: UnitFilterForm) -> queries.UnitFilter:
    q = (form.q.data or "").strip()[:100]
    return queries.UnitFilter(q, form.region.data or "", form.honour.data or "", bool(form.waiting.data))


@blueprint.get("/units/export")
@access("registry.read")
def export() -> ResponseReturnValue:
    actor = current_actor()
    rows = queries.export_units(db.session(), actor, _wanted(UnitFilterForm(request.args)), MAX_ROWS)
    header = [
        _("单位名称"),
        _("统一社会信用代码"),
        _("管辖地区"),
        _("所在地区"),
        _("市直"),
        _("类型"),
        _("行业"),
        _("所有制"),
        _("称号"),
    ]
    cells = [
        (
            row["name"],
            row["uscc"],
            row["region_name"] or _("待归属"),
            row["printed_region"],
            row["city_direct"],
            row["kind"],
            row["sector"],
            row["ownership"],
            "；".join(f"{honour['name']}（{honour['term']}）" for honour in row["honours"]),
        )
        for row in rows
    ]
    return xlsx_response(_("单位"), header, cells)


@blueprint.get("/units/<int:unit_id>")
@access("registry.read")
def unit(unit_id: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    found = unit_record.get_unit(session, actor, unit_id)
    return render_template(
        "registry/unit.html",
        unit=found,
        cases=unit_record.list_cases(session, unit_id),
        edits=may(actor, "registry.edit"),
        manages=may(actor, "users.manage"),
    )


@blueprint.route("/units/<int:unit_id>/facts", methods=["GET", "POST"])
@access("registry.edit")
def facts(unit_id: int) -> ResponseReturnValue:
    found = unit_record.get_unit(db.session(), current_actor(), unit_id)
    data = {
        "uscc": found["uscc"],
        "unit_kind": found["kind"],
        "sector": found["sector"],
        "ownership": found["ownership"],
    }
    form = UnitFactsForm(request.form, data=data)
    if request.method == "POST" and form.validate():
        said = operations.Facts(*(_text(form[name].data) for name in ("uscc", "unit_kind", "sector", "ownership")))
        try:
            warnings = operations.change_facts(db.session(), current_actor(), unit_id, said)
        except Invalid as problem:
            _show(form, problem)
        else:
            for warning in warnings:
                flash(warning, "warning")
            return _done(unit_id)
    return _form(_("单位资料"), form, found)


@blueprint.route("/units/<int:unit_id>/jurisdiction", methods=["GET", "POST"])
@access("registry.edit")
def jurisdiction(unit_id: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    found = unit_record.get_unit(session, actor, unit_id)
    form = JurisdictionForm(request.form, region=found["region"] or "")
    form.offer(list_places(session, actor, found["region"] or found["waiting_region"]))
    if request.method == "POST" and form.validate():
        operations.place_unit(session, actor, unit_id, form.region.data)
        return _done(unit_id)
    return _form(_("管辖地区"), form, found)


@blueprint.route("/units/<int:unit_id>/name", methods=["GET", "POST"])
@access("registry.edit")
def rename(unit_id: int) -> ResponseReturnValue:
    found = unit_record.get_unit(db.session(), current_actor(), unit_id)
    form = RenameForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            operations.rename_unit(
                db.session(),
                current_actor(),
                unit_id,
                form.name.data,
                since=form.since.data,
                source=_text(form.source.data),
            )
        except Invalid as problem:
            _show(form, problem)
        else:
            return _done(unit_id)
    return _form(_("更名"), form, found)


@blueprint.route("/units/<int:unit_id>/earlier-name", methods=["GET", "POST"])
@access("registry.edit")
def earlier_name(unit_id: int) -> ResponseReturnValue:
    found = unit_record.get_unit(db.session(), current_actor(), unit_id)
    form = EarlierNameForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            operations.add_earlier_name(
                db.session(),
                current_actor(),
                unit_id,
                form.name.data,
                until=form.until.data,
                source=_text(form.source.data),
            )
        except Invalid as problem:
            _show(form, problem)
        else:
            return _done(unit_id)
    return _form(_("补登曾用名"), form, found)


@blueprint.get("/predecessors")
@access("registry.edit")
def proposals() -> ResponseReturnValue:
    return render_template("registry/proposals.html", rows=queries.list_proposals(db.session(), current_actor()))


@blueprint.post("/predecessors/<int:predecessor_id>")
@access("registry.edit")
def decide_predecessor(predecessor_id: int) -> ResponseReturnValue:
    is_one = request.form.get("decision") == "confirm"
    unit_id = operations.decide_predecessor(db.session(), current_actor(), predecessor_id, is_one=is_one)
    flash(_("已确认为前身，称号仍保留在原名称下。") if is_one else _("已记录：不是前身。"))
    return redirect(url_for("registry.unit", unit_id=unit_id))


@blueprint.get("/units/waiting")
@access("registry.edit")
def waiting() -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    found = queries.list_units(session, actor, "", "", 1, _PER_PAGE, waiting=True)
    places = list_places(session, actor)
    return render_template("registry/waiting.html", found=found, places=places, advice=_advice(actor, found.items))


@blueprint.post("/units/waiting")
@access("registry.edit")
def place() -> ResponseReturnValue:
    """Place the units of the page for which a region was chosen."""
    chosen = [(int(key[6:]), value) for key, value in request.form.items() if value and _is_choice(key)]
    for unit_id, code in sorted(chosen):
        operations.place_unit(db.session(), current_actor(), unit_id, code)
    if not chosen:
        flash(_("没有选择任何单位的管辖地区。"), "warning")
    else:
        flash(_("已归属 %(count)s 个单位。", count=len(chosen)))
    return redirect(url_for("registry.waiting"))


def _is_choice(key: str) -> bool:
    number = key.removeprefix("place-")
    return key != number and number.isascii() and number.isdecimal() and len(number) < 10


def list_places(session: Session, actor: Actor, near: str | None = None) -> list[tuple[str, str]]:
    """What a unit can be placed at: the counties, and the city or province itself for what it looks after directly."""
    direct = {"province": _("省直"), "city": _("市直")}
    return [
        (code, f"{name}（{direct[level]}）" if level in direct else name)
        for code, name, level in queries.list_regions(session, actor, near)
    ]


def _advice(actor: Actor, units: list[dict[str, Any]]) -> dict[int, str]:
    """Unit → the county that its name suggests; only a city office has one city to compare with."""
    if actor.region_level != "city" or actor.region_name is None:
        return {}
    regions = queries.list_regions(db.session(), actor)
    counties = {code: name for code, name, level in regions if level == "county"}
    found = {unit["id"]: place_by_name(unit["name"], counties, actor.region_name) for unit in units}
    return {id_: counties[code] for id_, code in found.items() if code}


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None


def _show(form: Any, problem: Invalid) -> None:
    for error in problem.errors:
        form[error.path].errors = [*form[error.path].errors, error.message]


def _done(unit_id: int) -> ResponseReturnValue:
    flash(_("已保存。"))
    return redirect(url_for("registry.unit", unit_id=unit_id))


def _form(title: str, form: Any, found: dict[str, Any]) -> ResponseReturnValue:
    return render_template("registry/form.html", title=title, form=form, unit=found), 422 if form.errors else 200
