"""What every template may use: the person, the time, and how instants, days and sizes are written in Chinese."""

from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request, url_for
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError

from webapp import bundle, clock, navigation
from webapp.access import find_actor, may
from webapp.accounts.models import ROLES
from webapp.language.speaking import CHINESE_FILTERS, CHINESE_GLOBALS
from webapp.language.writing import largest_units

_NOTICEABLE = timedelta(seconds=2)


def install(app: Flask) -> None:
    """Hang filters, globals and the page frame's data into an application; before the areas are installed."""
    bundle.install(app)
    navigation.install(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(instant=instant, day=day, clock_time=clock_time, filesize=filesize, duration=duration)
    app.jinja_env.filters.update(CHINESE_FILTERS)
    app.jinja_env.globals.update(_=translate, gettext=translate)
    app.jinja_env.globals.update(may=may, url_with=url_with, return_address=return_address, role_names=role_names)
    app.jinja_env.globals.update(CHINESE_GLOBALS, version=version("wenming"))
    app.context_processor(_frame)


@pass_eval_context
def translate(context: EvalContext, text: str, /, **values: Any) -> str:
    """A text of a template, with ``%(name)s`` filled in and escaped; ``webapp.language`` says it in English."""
    written = Markup(text) if context.autoescape else text  # noqa: S704 (texts of the templates themselves)
    return written % values if "%" in written else written


def instant(value: datetime | None) -> str:
    """``2026-11-20 14:30`` in Shanghai; empty for ``None``."""
    return "" if value is None else value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")


def clock_time(value: datetime) -> str:
    """``2027年1月3日 09:30`` in Shanghai."""
    local = value.astimezone(clock.SHANGHAI)
    return f"{day(local)} {local:%H:%M}"


def day(value: date | None) -> str:
    """``2026年11月20日``; instants are taken in Shanghai; empty for ``None``."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(clock.SHANGHAI)
    return f"{value.year}年{value.month}月{value.day}日"


def filesize(size: int) -> str:
    """A number of bytes as people say it: ``1.4 MB``."""
    if size < 1024:
        return f"{size} B"
    if round(size / 1024) < 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def duration(value: timedelta | None) -> str:
    """How long something took, in its two largest units: ``3天4小时``."""
    if value is None:
        return ""
    said = [f"{number}{_UNITS[unit]}" for number, unit in largest_units(value)]
    return "".join(said) or "不到1分钟"


_UNITS = {"day": "天", "h": "小时", "min": "分钟"}


def role_names(roles: frozenset[str]) -> str:
    """The Chinese names of roles, in the order of the table."""
    return "、".join(name for role, name in ROLES.items() if role in roles)


def url_with(**changes: Any) -> str:
    """The address of this page with other query arguments; ``None`` removes one, a list repeats it."""
    arguments: dict[str, Any] = request.args.to_dict(flat=False) | (request.view_args or {}) | changes
    return url_for(request.endpoint or "static", **{k: v for k, v in arguments.items() if v is not None})


def return_address() -> str:
    """Where "back" leads: the page of this site that the person came from, else the start."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host or came_from.path == request.path:
        return "/"
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def _frame() -> dict[str, Any]:
    actor = find_actor()
    return {"actor": actor, "navigation_links": navigation.list_links(actor), "demo": _demo_notice()}


def _demo_notice() -> dict[str, Any] | None:
    """What the banner of a demo installation says; ``None`` in earnest. Never fails a page of refusal."""
    if not current_app.extensions["settings"].demo:
        return None
    try:
        shifted = abs(clock.offset()) > _NOTICEABLE
        return {"now": clock.now() if shifted else None}
    except DBAPIError:
        return {"now": None}
