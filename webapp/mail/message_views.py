"""邮件 in administration: every message with what became of it; send again what did not leave."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.mail import MailFilterForm
from webapp import clock
from webapp.access import access, current_actor
from webapp.database import db
from webapp.mail import administering, queries
from webapp.mail.kinds import kinds
from webapp.mail.models import STATUSES
from webapp.mail.sending import NO_SERVER
from webapp.mail.settings import get_settings
from webapp.mail.views import blueprint
from webapp.paging import key_of
from webapp.problems import NotFound

_PER_PAGE = 50
_FILTERS = ("status", "kind", "person")
_STRANGER = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; sandbox"
"""What the HTML of a mail may do in a browser: be looked at."""
_FRAMING = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def as_stranger(html: str) -> Response:
    """The HTML of a mail as a page without scripts, forms and origin."""
    response = make_response(html)
    response.headers["Content-Security-Policy"] = _STRANGER
    return response


def framing(page: str, status: int = 200) -> Response:
    """A page that shows the HTML of a mail in a frame."""
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = _FRAMING
    return response


@blueprint.get("/administration/mail")
@access("administration.read")
def index() -> ResponseReturnValue:
    session = db.session()
    form = MailFilterForm(request.args)
    form.offer(STATUSES, {kind.name: kind.label for kind in kinds().values()})
    filters = {name: request.args[name][:100] for name in _FILTERS if request.args.get(name, "").strip()}
    before = key_of(request.args, "before")
    found = queries.list_messages(session, filters, before, _PER_PAGE + 1)
    return render_template(
        "mail/index.html",
        form=form,
        found=found[:_PER_PAGE],
        before=found[_PER_PAGE - 1].MailMessage.id if len(found) > _PER_PAGE else None,
        is_first=before is None,
        statuses=STATUSES,
        kinds=kinds(),
        settings=get_settings(session),
        repeats=queries.count_repeats(session),
        real_now=clock.real_now(),
    )


@blueprint.get("/administration/mail/<int:message_id>")
@access("administration.read")
def show(message_id: int) -> ResponseReturnValue:
    row = queries.get_message(db.session(), message_id)
    page = render_template(
        "mail/message.html", row=row, message=row.MailMessage, statuses=STATUSES, kinds=kinds(), no_server=NO_SERVER
    )
    return framing(page)


@blueprint.get("/administration/mail/<int:message_id>/html")
@access("administration.read")
def show_html(message_id: int) -> ResponseReturnValue:
    message = queries.get_message(db.session(), message_id).MailMessage
    if message.html is None:
        raise NotFound
    return as_stranger(message.html)


@blueprint.post("/administration/mail/<int:message_id>/again")
@access("administration.act")
def send_again(message_id: int) -> ResponseReturnValue:
    made = administering.send_again(db.session(), current_actor(), message_id)
    flash(_("已排队，稍后发送。") if made == message_id else _("已作为新邮件排队，稍后发送。"))
    return redirect(url_for("mail.show", message_id=made))


@blueprint.post("/administration/mail/release")
@access("administration.act")
def release() -> ResponseReturnValue:
    released = administering.release_held(db.session(), current_actor())
    flash(_("%(count)s 封邮件已重新排队。", count=released))
    return redirect(url_for("mail.index"))
