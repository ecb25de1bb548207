"""The bell: what a person was told, and when they want mail. The number beside it is asked for by the page itself."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.mail import MailPreferenceForm
from webapp import clock
from webapp.access import access, current_actor
from webapp.database import db
from webapp.mail import personal, queries
from webapp.mail.views import blueprint
from webapp.paging import key_of
from webapp.problems import BadRequest, Invalid

_PER_PAGE = 30


@blueprint.get("/notifications")
@access("account.own")
def notices() -> ResponseReturnValue:
    before = key_of(request.args, "before")
    found = queries.list_notices(db.session(), current_actor(), clock.now(), before, _PER_PAGE + 1)
    return render_template(
        "mail/notices.html",
        notices=found[:_PER_PAGE],
        before=found[_PER_PAGE - 1].id if len(found) > _PER_PAGE else None,
        is_first=before is None,
    )


@blueprint.get("/notifications/count")
@access("account.own")
def count() -> ResponseReturnValue:
    return jsonify(unread=queries.count_unread(db.session(), current_actor()))


@blueprint.post("/notifications/read")
@access("account.own")
def mark_read() -> ResponseReturnValue:
    up_to = key_of(request.form, "up_to")
    if up_to is None:
        raise BadRequest(_("请从通知列表操作。"))
    personal.mark_read(db.session(), current_actor(), clock.now(), up_to)
    flash(_("已全部标为已读。"))
    return redirect(url_for("mail.notices"))


@blueprint.route("/notifications/settings", methods=["GET", "POST"])
@access("account.own")
def preferences() -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    if request.method == "GET":
        return _preferences(MailPreferenceForm(obj=queries.find_preference(session, actor)))
    form = MailPreferenceForm(request.form)
    if not form.validate():
        return _preferences(form), 422
    try:
        personal.set_preference(session, actor, **form.data)
    except Invalid as problem:
        form.digest_at.errors = [problem.detail]
        return _preferences(form), 422
    flash(_("已保存。"))
    return redirect(url_for("mail.preferences"))


def _preferences(form: MailPreferenceForm) -> str:
    return render_template("mail/preferences.html", form=form)
