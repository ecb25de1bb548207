"""登记退信 in administration: give a report that came to a mailbox to the installation by hand."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from forms.pages.mail import BounceForm
from webapp import clock
from webapp.access import access, current_actor
from webapp.database import db
from webapp.mail.bounce_report import MOST_BYTES
from webapp.mail.bouncing import note_bounce
from webapp.mail.views import blueprint
from webapp.problems import Invalid


@blueprint.route("/administration/mail/bounce", methods=["GET"])
@access("administration.read")
def bounce() -> ResponseReturnValue:
    return render_template("mail/bounce.html", form=BounceForm())


@blueprint.post("/administration/mail/bounce")
@access("administration.act")
def take_bounce() -> ResponseReturnValue:
    """Note a report: an uploaded file, else what was pasted."""
    form, upload = BounceForm(request.form), request.files.get("file")
    raw = upload.read(MOST_BYTES + 1) if upload and upload.filename else (form.source.data or "").encode()
    if not form.validate():
        return render_template("mail/bounce.html", form=form), 422
    try:
        noted = note_bounce(db.session(), current_actor(), clock.now(), raw)
    except Invalid as problem:
        given = form.file if upload and upload.filename else form.source
        given.errors = [problem.errors[0].message]
        return render_template("mail/bounce.html", form=form), 422
    flash(noted.words)
    return redirect(url_for("mail.show", message_id=noted.message_id))
