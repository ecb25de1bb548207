"""The fixed order of a request: who is it, may they, act, commit once, answer.

Refusals become problem documents under ``/api`` and pages with the same words elsewhere.
"""

import json
from datetime import timedelta
from functools import lru_cache

from flask import Flask, Response, current_app, g, redirect, render_template, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from forms.pages.login import LoginForm
from webapp import clock
from webapp.access import EVERYBODY, PERMISSIONS, Actor, find_actor, require
from webapp.accounts.known import known_people
from webapp.accounts.operations import digest, touch
from webapp.audit.operations import record_refusal
from webapp.database import db
from webapp.language.speaking import Environment, worded_problem
from webapp.notices.limits import veiled
from webapp.problems import BadRequest, Conflict, Forbidden, NotFound, Problem, TooLarge, Unauthenticated, invalid
from webapp.routing import LateRule
from webapp.standing import announce

csrf = CSRFProtect()
_TOUCH_AFTER = timedelta(minutes=10)
_REFUSALS = {403, 404, 409, 429}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def with_style_attributes() -> dict[str, str]:
    """Headers of the pages with diagram editors, whose libraries write style attributes (no elements, no scripts)."""
    policy = _HEADERS["Content-Security-Policy"]
    return {"Content-Security-Policy": f"{policy}; style-src-attr 'unsafe-inline'"}


class CookieSessions(SecureCookieSessionInterface):
    """Sessions in signed cookies, by one signer: Flask would make another for each that it reads or writes."""

    get_signing_serializer = lru_cache(1)(SecureCookieSessionInterface.get_signing_serializer)


class Application(Flask):
    """Flask that commits exactly once, after the view and before the answer leaves."""

    url_rule_class = LateRule
    session_interface = CookieSessions()
    jinja_environment = Environment

    def dispatch_request(self) -> ResponseReturnValue:
        answer = super().dispatch_request()
        db.session.commit()
        return answer


def install(app: Flask) -> None:
    """Hang the request order into an application."""
    csrf.init_app(app)
    if app.extensions["settings"].proxies:
        _listen_to_proxies(app)
    app.before_request(_identify)
    app.before_request(_authorise)
    app.after_request(_announce)
    app.after_request(_add_headers)
    app.register_error_handler(Problem, _answer_problem)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(CSRFError, _answer_csrf)
    app.register_error_handler(DBAPIError, _answer_database)


def _listen_to_proxies(app: Flask) -> None:
    """Take the word of one's own proxies for whose request it is and how it came, and of nobody before them."""
    count = app.extensions["settings"].proxies
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]


def is_api() -> bool:
    return request.path.startswith("/api/")


def _identify() -> None:
    g.actor = None
    if request.endpoint == "static":
        return
    secret, kind = _bearer(), "token"
    if not is_api():
        secret, kind = session.get("key"), "browser"
    if not secret:
        return
    people = known_people()
    found = people.find(db.session(), secret, kind=kind, address=request.remote_addr)
    if found is None:
        session.pop("key", None)
        return
    g.actor = found.actor
    g.session_secret = secret
    if kind == "browser" and clock.real_now() - found.seen_at > _TOUCH_AFTER:
        touch(db.session(), digest(secret))
        people.forget(secret, kind=kind, address=request.remote_addr)


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _authorise() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    permission = _permission()
    if not is_api() and request.method not in _READING:
        _protect(permission)
    if permission == "public":
        return None
    if permission is None:
        raise Forbidden("这个地址没有声明访问权限，已拒绝访问。请告知管理员。")
    actor = find_actor()
    if actor is None:
        raise Unauthenticated("请先登录。" if not is_api() else "令牌缺失、错误或已失效，请重新获取。")
    if PERMISSIONS[permission] is not EVERYBODY:
        require(actor, permission)
    if actor.must_change_password and request.endpoint not in _WITH_OLD_PASSWORD:
        return _ask_for_a_password()
    return None


def _ask_for_a_password() -> ResponseReturnValue:
    """A one-time password opens nothing but the change of it."""
    if is_api():
        raise Forbidden("一次性密码须先修改：请登录网页修改，或用 POST /api/v1/me/password {current,new} 修改。")
    return redirect(url_for("accounts.password"))


_WITH_OLD_PASSWORD = {"accounts.password", "accounts.logout", "api.change_password", "api.delete_token", "api.me"}


def _protect(permission: str | None) -> None:
    """Refuse forged posts; somebody whose session has ended is asked to log in again instead."""
    if permission != "public" and find_actor() is None:
        raise Unauthenticated("登录已失效，请重新登录；刚才填写的内容会保留。")
    csrf.protect()


def _announce(response: Response) -> Response:
    """Workers ask again what holds after whatever was written; decisions, by far most writes, concern cases alone."""
    if request.method not in _READING and _permission() not in _ON_CASES_ALONE:
        announce()
    return response


_READING = {"GET", "HEAD", "OPTIONS"}
_ON_CASES_ALONE = {"tasks.work"}


def _permission() -> str | None:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "__access__", None)


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.extensions["settings"].is_encrypted:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _answer_problem(problem: Problem) -> ResponseReturnValue:
    db.session.rollback()
    if problem.status in _REFUSALS and (request.method != "GET" or problem.status == 403):
        actor, address = _who_to_record()
        act = f"{request.method.lower()} {request.endpoint}"
        record_refusal(actor, act, problem.detail, subject=request.path[:300], address=address)
    if is_api() or request.accept_mimetypes.best == "application/json":
        document = problem.as_json() if is_api() else worded_problem(problem)
        return document, problem.status, {"Content-Type": "application/problem+json"}
    if problem.status == 401:
        return _ask_to_log_in()
    return render_template("problem.html", problem=problem), problem.status


def _who_to_record() -> tuple[Actor | None, str | None]:
    """Who objects is for the deciding office alone: the log knows neither an objector's name nor their address."""
    if request.endpoint in {"api.raise_objection", "notices.raise_objection"}:
        return None, veiled(request.remote_addr or "")
    return find_actor(), request.remote_addr


def _ask_to_log_in() -> ResponseReturnValue:
    """To the login page; what was posted travels along and is offered again after the login."""
    if request.method == "GET":
        return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))
    typed = [[name, value] for name, value in request.form.items(multi=True) if name not in _NEVER_KEPT]
    kept = json.dumps(typed) if typed else None
    return render_template("accounts/login.html", next=request.path, typed=kept, form=LoginForm()), 401


_NEVER_KEPT = {"csrf_token", "password", "current", "new", "again"}
"""What is typed anew after a login: secrets do not travel through pages."""


def _answer_http(error: HTTPException) -> ResponseReturnValue:
    known: dict[int | None, Problem] = {
        404: NotFound(),
        413: TooLarge("上传的内容超过了允许的大小，请压缩后再传。"),
    }
    if error.code in {301, 302, 303, 307, 308}:
        return error
    problem = known.get(error.code) or BadRequest(_words(error))
    problem.status = error.code or 400
    if error.code == 500:
        problem.title = "系统出错"
    return _answer_problem(problem)


def _words(error: HTTPException) -> str:
    return {
        400: "请求的内容无法识别，请返回上一页重试。",
        405: "这个地址不支持这种操作方式。",
        415: "内容类型不受支持，请使用 JSON。",
        500: "系统遇到了意外情况，您的操作没有生效，也没有丢失已保存的内容。请稍后重试；若再次出现，请告知管理员。",
    }.get(error.code or 400, error.description or "请求有误。")


def _answer_csrf(_error: CSRFError) -> ResponseReturnValue:
    detail = "页面停留时间过长或登录已变更，本次提交没有生效。请返回上一页（填写的内容仍在），刷新后重新提交。"
    return _answer_problem(Conflict(detail))


def _answer_database(error: DBAPIError) -> ResponseReturnValue:
    db.session.rollback()
    if isinstance(error, DataError):
        return _answer_problem(_unstorable(error))
    if getattr(error.orig, "sqlstate", None) == _DEADLOCK:
        return _answer_problem(Conflict("同一时刻有别的操作涉及同样的内容，您的操作没有生效。请重试一次。"))
    if not (isinstance(error, OperationalError) or error.connection_invalidated):
        raise error
    problem = Problem("数据库暂时不可用，操作没有生效。请几秒钟后重试。")
    problem.status, problem.title = 503, "暂时不可用"
    if is_api():
        return problem.as_json(), 503, {"Content-Type": "application/problem+json", "Retry-After": "5"}
    return render_template("problem.html", problem=problem), 503, {"Retry-After": "5"}


def _unstorable(error: DataError) -> Problem:
    """What no column can hold: a number beyond all rows, or characters that no text may contain."""
    current_app.logger.warning("%s %s: %s", request.method, request.endpoint, error.orig)
    if getattr(error.orig, "sqlstate", None) == _OUT_OF_RANGE:
        return NotFound()
    return invalid("", "characters", "内容含有不能保存的字符（如空字符）或超出范围的数值，请改正后重试。")


_OUT_OF_RANGE = "22003"
_DEADLOCK = "40P01"
