"""The server that mail leaves by, and the templates: written, looked at, tried, then put in force."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.mail import MailSettingsForm, MailTemplateForm
from webapp import clock
from webapp.access import access, current_actor
from webapp.database import db
from webapp.mail import administering, queries
from webapp.mail.kinds import kinds
from webapp.mail.message_views import as_stranger, framing
from webapp.mail.rendering import Source
from webapp.mail.settings import base_url, get_settings
from webapp.mail.smtp import has_credentials
from webapp.mail.views import blueprint
from webapp.problems import Invalid, NotFound


@blueprint.route("/administration/mail/settings", methods=["GET"])
@access("administration.read")
def settings() -> ResponseReturnValue:
    form = MailSettingsForm(obj=get_settings(db.session()))
    form.offer()
    return _settings(form)


@blueprint.post("/administration/mail/settings")
@access("administration.act")
def change_settings() -> ResponseReturnValue:
    form = MailSettingsForm(request.form)
    form.offer()
    if not form.validate():
        return _settings(form), 422
    try:
        values = {name: value.strip() if isinstance(value, str) else value for name, value in form.data.items()}
        administering.change_settings(db.session(), current_actor(), values)
    except Invalid as problem:
        for error in problem.errors:
            form[error.path].errors = [*form[error.path].errors, error.message]
        return _settings(form), 422
    flash(_("已保存。发一封测试邮件看看设置是否可用。"))
    return redirect(url_for("mail.settings"))


def _settings(form: MailSettingsForm) -> str:
    now_in_force = get_settings(db.session())
    return render_template(
        "mail/settings.html",
        form=form,
        settings=now_in_force,
        has_credentials=has_credentials(),
        base_url=base_url(now_in_force),
    )


@blueprint.post("/administration/mail/test")
@access("administration.act")
def send_test() -> ResponseReturnValue:
    """A test mail to oneself: of the server, or of one version of a template."""
    kind, version = request.form.get("kind") or None, request.form.get("version", "0")
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else -1
    if kind:
        queries.get_source(db.session(), kind, number)
    made = administering.send_test(db.session(), current_actor(), kind, number)
    flash(_("测试邮件已排队，几秒钟后刷新本页看结果。"))
    return redirect(url_for("mail.show", message_id=made))


@blueprint.get("/administration/mail/templates")
@access("administration.read")
def templates() -> ResponseReturnValue:
    versions = {name: queries.list_templates(db.session(), name) for name in kinds()}
    return render_template("mail/templates.html", kinds=kinds(), versions=versions)


@blueprint.get("/administration/mail/templates/<kind>/<int:version>")
@access("administration.read")
def template(kind: str, version: int) -> ResponseReturnValue:
    source = queries.get_source(db.session(), kind, version)
    form = MailTemplateForm(data={"subject": source.subject.strip(), "text": source.text, "html": source.html})
    return _template(kind, version, form)


@blueprint.post("/administration/mail/templates/<kind>/<int:version>")
@access("administration.act")
def save_template(kind: str, version: int) -> ResponseReturnValue:
    """Keep what was written as a new version."""
    queries.get_source(db.session(), kind, version)
    form = MailTemplateForm(request.form)
    if not form.validate():
        return _template(kind, version, form, 422)
    source = Source(form.subject.data, form.text.data.replace("\r\n", "\n"), form.html.data.replace("\r\n", "\n"))
    try:
        made = administering.save_template(db.session(), current_actor(), kind, source, form.reason.data)
    except Invalid as problem:
        for error in problem.errors:
            form[error.path].errors = [*form[error.path].errors, error.message]
        return _template(kind, version, form, 422)
    flash(_("已保存为第 %(version)s 版，尚未启用。看过预览后再启用。", version=made))
    return redirect(url_for("mail.template", kind=kind, version=made))


def _template(kind: str, version: int, form: MailTemplateForm, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    versions = queries.list_templates(session, kind)
    current = next((row.MailTemplate.version for row in versions if row.MailTemplate.is_current), 0)
    page = render_template(
        "mail/template.html",
        kind=kinds()[kind],
        version=version,
        form=form,
        versions=versions,
        current=current,
        preview=queries.preview(session, kind, version, clock.now()),
    )
    return framing(page, status)


@blueprint.get("/administration/mail/templates/<kind>/<int:version>/html")
@access("administration.read")
def preview_html(kind: str, version: int) -> ResponseReturnValue:
    return as_stranger(queries.preview(db.session(), kind, version, clock.now()).html)


@blueprint.post("/administration/mail/templates/<kind>/<int:version>/use")
@access("administration.act")
def use_template(kind: str, version: int) -> ResponseReturnValue:
    if kind not in kinds():
        raise NotFound
    administering.use_template(db.session(), current_actor(), kind, version)
    flash(_("已启用第 %(version)s 版。", version=version) if version else _("已恢复默认模板。"))
    return redirect(url_for("mail.template", kind=kind, version=version))
