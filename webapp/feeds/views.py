"""The page of one's own calendar feed, and the feed itself."""

from flask import Blueprint, Flask, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import clock
from webapp.access import access, current_actor, public
from webapp.database import db
from webapp.feeds import operations, queries
from webapp.feeds.rules import calendar
from webapp.mail.settings import base_url, get_settings

blueprint = Blueprint("feeds", __name__, template_folder="templates")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/calendar/feed")
@access("account.own")
def show() -> ResponseReturnValue:
    session = db.session()
    token = queries.find_token(session, current_actor())
    path = url_for("feeds.read", token=token) if token else None
    return render_template("feeds/feed.html", address=path and base_url(get_settings(session)) + path)


@blueprint.post("/calendar/feed")
@access("account.own")
def renew() -> ResponseReturnValue:
    operations.renew_feed(db.session(), current_actor(), clock.now())
    flash(_("订阅地址已生成，请复制到日历程序中。"))
    return redirect(url_for("feeds.show"))


@blueprint.post("/calendar/feed/remove")
@access("account.own")
def remove() -> ResponseReturnValue:
    operations.remove_feed(db.session(), current_actor())
    flash(_("订阅已取消，原地址不再可用。"))
    return redirect(url_for("feeds.show"))


@blueprint.get("/calendar/feeds/<token>.ics")
@public
def read(token: str) -> ResponseReturnValue:
    """The feed; the secret address is all that a calendar program can show."""
    session = db.session()
    owner = queries.get_owner(session, token)
    operations.count_read(session, owner, clock.real_now())
    entries = queries.list_entries(session, owner, base_url(get_settings(session)))
    text = calendar("文明创建待办期限", entries, clock.real_now())
    return Response(text, content_type="text/calendar; charset=utf-8")
