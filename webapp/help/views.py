"""The help: an index and one page per role, each a template of its own."""

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue

from webapp.access import access, current_actor
from webapp.accounts.models import ROLES
from webapp.problems import NotFound

blueprint = Blueprint("help", __name__, template_folder="templates", url_prefix="/help")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/")
@access("help.read")
def index() -> ResponseReturnValue:
    return render_template("help/index.html", roles=ROLES, own=current_actor().roles)


@blueprint.get("/<role>")
@access("help.read")
def role(role: str) -> ResponseReturnValue:
    if role not in ROLES:
        raise NotFound("没有这一页帮助。请从帮助目录进入。")
    return render_template(f"help/{role}.html", role=role, roles=ROLES)
