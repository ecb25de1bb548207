"""Login, logout and the change of one's own password."""

import json

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.login import LoginForm, PasswordForm
from webapp.access import access, current_actor, find_actor, public
from webapp.accounts import known, management_views, operations
from webapp.database import db
from webapp.problems import Problem
from webapp.routing import within_site

blueprint = Blueprint("accounts", __name__, template_folder="templates")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    known.install(app)
    management_views.install(app)


@blueprint.get("/login")
@public
def login() -> ResponseReturnValue:
    if find_actor() is not None:
        return redirect(within_site(request.args.get("next")))
    return render_template(
        "accounts/login.html", form=LoginForm(), next=within_site(request.args.get("next")), typed=None
    )


@blueprint.post("/login")
@public
def log_in() -> ResponseReturnValue:
    form = LoginForm(request.form)
    target, typed = within_site(request.form.get("next")), request.form.get("typed")
    if form.validate():
        try:
            _open_session(form)
        except Problem as problem:
            form.form_errors.append(problem.detail)
        else:
            return _resume(target, typed) if typed else redirect(target)
    return render_template("accounts/login.html", form=form, next=target, typed=typed), 422


def _open_session(form: LoginForm) -> None:
    secret, _expires = operations.log_in(
        db.session(),
        form.username.data,
        form.password.data,
        kind="browser",
        address=request.remote_addr or "",
    )
    session.clear()
    session["key"] = secret


def _resume(target: str, typed: str) -> ResponseReturnValue:
    """Offer again what was typed before the session ended; the person decides to send it."""
    try:
        fields = [(str(name), str(value)) for name, value in json.loads(typed)]
    except (ValueError, TypeError):
        return redirect(target)
    return render_template("accounts/resume.html", target=target, fields=fields)


@blueprint.post("/logout")
@access("account.own")
def logout() -> ResponseReturnValue:
    operations.log_out(db.session(), current_actor(), g.session_secret)
    session.clear()
    return redirect(url_for("accounts.login"))


@blueprint.route("/password", methods=["GET", "POST"])
@access("account.own")
def password() -> ResponseReturnValue:
    form = PasswordForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            operations.change_password(
                db.session(), current_actor(), form.current.data, form.new.data, g.session_secret
            )
        except Problem as problem:
            for error in problem.errors:
                form[error.path].errors = [*form[error.path].errors, error.message]
        else:
            flash(_("密码已修改，其他设备上的登录已失效。"))
            return redirect("/")
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200
