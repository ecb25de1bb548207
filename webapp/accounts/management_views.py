"""The pages on which an office looks after the accounts of its own units. One-time passwords are shown once."""

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.users import OrganisationSearchForm, UserFilterForm, UserForm
from webapp import navigation
from webapp.access import Actor, access, current_actor
from webapp.accounts import management, management_queries
from webapp.accounts.models import ROLES
from webapp.database import db
from webapp.exports import MAX_ROWS, xlsx_response
from webapp.paging import page_numbers
from webapp.problems import Invalid, NotFound
from webapp.registry.models import Organisation
from webapp.templating import role_names

blueprint = Blueprint("users", __name__, template_folder="templates", url_prefix="/users")
_PER_PAGE = 50


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.add(app, "账号", "users.index", "users.manage", 80, icon="users")


@blueprint.get("")
@access("users.manage")
def index() -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    form = UserFilterForm(request.args)
    form.offer(list(ROLES.items()))
    page, _ignored = page_numbers(request.args)
    wanted = _wanted(form)
    found = management_queries.list_users(session, actor, wanted, page, _PER_PAGE)
    managed = {row.id for row in found.items if management_queries.is_managed(actor, row)}
    organisation = _organisation(actor, wanted.organisation) if wanted.organisation is not None else None
    return render_template("users/index.html", form=form, found=found, managed=managed, organisation=organisation)


def _wanted(form: UserFilterForm) -> management_queries.UserFilter:
    text = request.args.get("organisation", "")
    organisation = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
    q = (form.q.data or "").strip()[:100]
    return management_queries.UserFilter(q, form.role.data or "", organisation, bool(form.disabled.data))


@blueprint.get("/export")
@access("users.manage")
def export() -> ResponseReturnValue:
    rows = management_queries.export_users(
        db.session(), current_actor(), _wanted(UserFilterForm(request.args)), MAX_ROWS
    )
    header = [_("用户名"), _("姓名"), _("单位"), _("地区"), _("角色"), _("邮箱"), _("手机"), _("状态")]
    cells = [
        (
            row.username,
            row.name,
            row.organisation,
            row.region_name,
            role_names(frozenset(row.roles)),
            row.email,
            row.mobile,
            _("已停用") if row.disabled_at else _("正常"),
        )
        for row in rows
    ]
    return xlsx_response(_("账号"), header, cells)


@blueprint.get("/choose-organisation")
@access("users.manage")
def choose_organisation() -> ResponseReturnValue:
    form = OrganisationSearchForm(request.args)
    q = (form.q.data or "").strip()[:100]
    found = management_queries.find_organisations(db.session(), current_actor(), q) if q else []
    return render_template("users/choose.html", form=form, found=found, q=q)


@blueprint.route("/new/<int:organisation_id>", methods=["GET", "POST"])
@access("users.manage")
def create(organisation_id: int) -> ResponseReturnValue:
    actor = current_actor()
    organisation, roles = _organisation(actor, organisation_id), _roles(actor, organisation_id)
    form = UserForm(request.form)
    form.offer(roles)
    if request.method == "POST" and form.validate():
        try:
            _id, password = management.create_user(
                db.session(), actor, form.username.data, _person(form, organisation_id)
            )
        except Invalid as problem:
            _show(form, problem)
        else:
            return _handed_out(form.username.data.strip().lower(), password, organisation, is_new=True)
    back = url_for("users.index", organisation=organisation_id)
    title = _("新建账号")
    return _form(title, form, organisation, back)


@blueprint.route("/<int:user_id>", methods=["GET", "POST"])
@access("users.manage")
def change(user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    user = management_queries.get_user(db.session(), actor, user_id)
    organisation, roles = _organisation(actor, user.organisation_id), _roles(actor, user.organisation_id)
    data = {
        "username": user.username,
        "name": user.name,
        "roles": user.roles,
        "email": user.email,
        "mobile": user.mobile,
    }
    form = UserForm(request.form, data=data)
    del form.username
    form.offer(roles)
    if request.method == "POST" and form.validate():
        try:
            management.change_user(db.session(), actor, user_id, _person(form, user.organisation_id))
        except Invalid as problem:
            _show(form, problem)
        else:
            flash(_("已保存。"))
            return redirect(url_for("users.change", user_id=user_id))
    managed = management_queries.is_managed(actor, user)
    page = render_template("users/user.html", form=form, user=user, organisation=organisation, managed=managed)
    return page, 422 if form.errors else 200


@blueprint.post("/<int:user_id>/disable")
@access("users.manage")
def disable(user_id: int) -> ResponseReturnValue:
    management.disable_user(db.session(), current_actor(), user_id)
    flash(_("账号已停用，已登录的会话立即失效，待办已转给同岗位的其他人。"))
    return redirect(url_for("users.change", user_id=user_id))


@blueprint.post("/<int:user_id>/enable")
@access("users.manage")
def enable(user_id: int) -> ResponseReturnValue:
    management.enable_user(db.session(), current_actor(), user_id)
    flash(_("账号已启用。"))
    return redirect(url_for("users.change", user_id=user_id))


@blueprint.post("/<int:user_id>/reset")
@access("users.manage")
def reset(user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    user = management_queries.get_user(db.session(), actor, user_id)
    password = management.reset_password(db.session(), actor, user_id)
    return _handed_out(user.username, password, _organisation(actor, user.organisation_id), is_new=False)


def _handed_out(username: str, password: str, organisation: Organisation, *, is_new: bool) -> ResponseReturnValue:
    return render_template(
        "users/password.html", username=username, password=password, organisation=organisation, is_new=is_new
    )


def _organisation(actor: Actor, organisation_id: int) -> Organisation:
    found = db.session().get(Organisation, organisation_id)
    if found is None:
        raise NotFound
    _roles(actor, organisation_id)
    return found


def _roles(actor: Actor, organisation_id: int) -> list[tuple[str, str]]:
    return management_queries.roles_for(actor, management.get_post(db.session(), organisation_id))


def _person(form: UserForm, organisation_id: int) -> management.Person:
    return management.Person(
        name=form.name.data,
        organisation_id=organisation_id,
        roles=frozenset(form.roles.data),
        email=form.email.data or None,
        mobile=form.mobile.data or None,
    )


def _show(form: Any, problem: Invalid) -> None:
    for error in problem.errors:
        form[error.path].errors = [*form[error.path].errors, error.message]


def _form(title: str, form: UserForm, organisation: Organisation, back: str) -> ResponseReturnValue:
    page = render_template("users/form.html", title=title, form=form, organisation=organisation, back=back)
    return page, 422 if form.errors else 200
