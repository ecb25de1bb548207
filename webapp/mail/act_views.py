"""Links from mails. GET only shows: mail scanners open links. After login the task's own page decides by POST."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import clock
from webapp.access import find_actor, public
from webapp.database import db
from webapp.mail.acting import Offer, acknowledge, find_offer
from webapp.mail.tokens import read_token
from webapp.mail.views import blueprint
from webapp.problems import Forbidden, Invalid, Unauthenticated


@blueprint.get("/mail/act/<token>")
@public
def act(token: str) -> ResponseReturnValue:
    offer = _offer(token)
    if offer is None:
        return _void()
    if offer.answer is not None:
        return render_template("mail/acknowledge.html", offer=offer, token=token)
    actor = find_actor()
    if actor is None:
        raise Unauthenticated(_("请先登录。"))
    if actor.user_id != offer.ticket.user_id:
        raise Forbidden(
            _("这个链接是发给%(name)s的，您登录的是另一个账号。请用收到邮件的账号登录。", name=offer.person)
        )
    return redirect(url_for("tasks.show", task_id=offer.task.id, choose=offer.ticket.action or None))


@blueprint.post("/mail/act/<token>")
@public
def answer(token: str) -> ResponseReturnValue:
    """Confirm a step that a link may answer by itself."""
    offer = _offer(token)
    if offer is None:
        return _void()
    try:
        acknowledge(db.session(), clock.now(), offer, request.remote_addr)
    except Invalid:
        db.session.rollback()
        return redirect(url_for("tasks.show", task_id=offer.ticket.task_id))
    return render_template("mail/acknowledged.html", offer=offer)


def _offer(token: str) -> Offer | None:
    ticket = read_token(token)
    return find_offer(db.session(), ticket) if ticket else None


def _void() -> ResponseReturnValue:
    return render_template("mail/void.html"), 410
