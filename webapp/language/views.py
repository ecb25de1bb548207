"""The page on which a reader chooses the language; the choice stays in the browser."""

from flask import Blueprint, Flask, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.access import public
from webapp.language.speaking import COOKIE, LANGUAGES
from webapp.problems import BadRequest
from webapp.routing import within_site

blueprint = Blueprint("language", __name__, template_folder="templates", url_prefix="/public/language")
_A_YEAR = 366 * 24 * 3600


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("")
@public
def show() -> ResponseReturnValue:
    return render_template("language/show.html", languages=LANGUAGES, next=within_site(request.args.get("next")))


@blueprint.post("")
@public
def choose() -> ResponseReturnValue:
    chosen = request.form.get("language")
    if chosen not in LANGUAGES:
        raise BadRequest("没有这种语言。请从列出的语言里选择。")
    answer = redirect(within_site(request.form.get("next")))
    is_encrypted = current_app.extensions["settings"].is_encrypted
    answer.set_cookie(COOKIE, chosen, max_age=_A_YEAR, httponly=True, samesite="Lax", secure=is_encrypted)
    return answer
