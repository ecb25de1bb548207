"""推送 in administration: the hosts that are allowed, where events go, what became of each."""

import json

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.webhooks import WebhookForm, WebhookHostForm
from webapp import clock
from webapp.access import access, current_actor
from webapp.administration.views import offers
from webapp.database import db
from webapp.paging import key_of
from webapp.problems import Invalid
from webapp.webhooks import operations, queries
from webapp.webhooks.models import STATUSES, Webhook

blueprint = Blueprint("webhooks", __name__, template_folder="templates", url_prefix="/administration/webhooks")
blueprint.context_processor(offers)
_PER_PAGE = 30


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("")
@access("administration.read")
def index() -> ResponseReturnValue:
    return _index(WebhookHostForm())


@blueprint.post("/hosts")
@access("administration.act")
def add_host() -> ResponseReturnValue:
    form = WebhookHostForm(request.form)
    if not form.validate():
        return _index(form), 422
    try:
        name = operations.add_host(db.session(), current_actor(), clock.now(), form.name.data, form.reason.data)
    except Invalid as problem:
        form.name.errors = [problem.errors[0].message]
        return _index(form), 422
    flash(_("%(name)s 已加入名单。", name=name))
    return redirect(url_for("webhooks.index"))


@blueprint.post("/hosts/remove")
@access("administration.act")
def remove_host() -> ResponseReturnValue:
    operations.remove_host(db.session(), current_actor(), request.form.get("name", ""))
    flash(_("已移出名单，不再向它推送。"))
    return redirect(url_for("webhooks.index"))


def _index(form: WebhookHostForm) -> str:
    session = db.session()
    return render_template(
        "webhooks/index.html",
        form=form,
        hosts=queries.list_hosts(session),
        found=queries.list_webhooks(session),
        kinds=queries.event_kinds(),
        real_now=clock.real_now(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@access("administration.act")
def new() -> ResponseReturnValue:
    if request.method == "GET":
        form = WebhookForm(data={"kinds": list(queries.event_kinds()), "is_active": True})
        form.offer(queries.event_kinds())
        return render_template("webhooks/new.html", form=form)
    form = _posted()
    saved = _save(form, None)
    if saved is None:
        return render_template("webhooks/new.html", form=form), 422
    flash(_("已建立。把密钥交给接收方，再发一次测试推送。"))
    return redirect(url_for("webhooks.show", webhook_id=saved.id))


@blueprint.get("/<int:webhook_id>")
@access("administration.read")
def show(webhook_id: int) -> ResponseReturnValue:
    webhook = queries.get_webhook(db.session(), webhook_id)
    form = WebhookForm(obj=webhook)
    form.offer(queries.event_kinds())
    return _show(webhook, form)


@blueprint.post("/<int:webhook_id>")
@access("administration.act")
def change(webhook_id: int) -> ResponseReturnValue:
    webhook = queries.get_webhook(db.session(), webhook_id)
    form = _posted()
    if _save(form, webhook) is None:
        return _show(webhook, form), 422
    flash(_("已保存。"))
    return redirect(url_for("webhooks.show", webhook_id=webhook_id))


def _posted() -> WebhookForm:
    form = WebhookForm(request.form)
    form.offer(queries.event_kinds())
    return form


def _save(form: WebhookForm, webhook: Webhook | None) -> Webhook | None:
    """The webhook as the form wants it; ``None`` where the form says what is wrong."""
    if not form.validate():
        return None
    try:
        return operations.save_webhook(db.session(), current_actor(), clock.now(), webhook, **form.data)
    except Invalid as problem:
        form.url.errors = [problem.errors[0].message]
        return None


def _show(webhook: Webhook, form: WebhookForm) -> str:
    before = key_of(request.args, "before")
    found = queries.list_deliveries(db.session(), webhook, before, _PER_PAGE + 1)
    return render_template(
        "webhooks/webhook.html",
        webhook=webhook,
        form=form,
        secret=queries.secret_for(webhook),
        found=found[:_PER_PAGE],
        before=found[_PER_PAGE - 1].WebhookDelivery.id if len(found) > _PER_PAGE else None,
        is_first=before is None,
        kinds=queries.event_kinds(),
        statuses=STATUSES,
    )


@blueprint.post("/<int:webhook_id>/test")
@access("administration.act")
def send_test(webhook_id: int) -> ResponseReturnValue:
    session = db.session()
    webhook = queries.get_webhook(session, webhook_id)
    delivery = operations.send_trial(session, current_actor(), clock.now(), webhook)
    flash(_("测试推送已排队，几秒钟后刷新本页看结果。"))
    return redirect(url_for("webhooks.show_delivery", delivery_id=delivery.id))


@blueprint.post("/<int:webhook_id>/secret")
@access("administration.act")
def renew_secret(webhook_id: int) -> ResponseReturnValue:
    session = db.session()
    operations.renew_secret(session, current_actor(), queries.get_webhook(session, webhook_id))
    flash(_("密钥已更换，请把新密钥交给接收方；旧密钥立即失效。"))
    return redirect(url_for("webhooks.show", webhook_id=webhook_id))


@blueprint.route("/<int:webhook_id>/remove", methods=["GET", "POST"])
@access("administration.act")
def remove(webhook_id: int) -> ResponseReturnValue:
    session = db.session()
    webhook = queries.get_webhook(session, webhook_id)
    if request.method == "GET":
        return render_template("webhooks/remove.html", webhook=webhook)
    operations.remove_webhook(session, current_actor(), webhook)
    flash(_("已删除。"))
    return redirect(url_for("webhooks.index"))


@blueprint.get("/deliveries/<int:delivery_id>")
@access("administration.read")
def show_delivery(delivery_id: int) -> ResponseReturnValue:
    session = db.session()
    delivery = queries.get_delivery(session, delivery_id)
    return render_template(
        "webhooks/delivery.html",
        delivery=delivery,
        webhook=queries.get_webhook(session, delivery.webhook_id),
        body=json.dumps(json.loads(delivery.body), ensure_ascii=False, indent=2) if delivery.body else None,
        kinds=queries.event_kinds(),
        statuses=STATUSES,
    )


@blueprint.post("/deliveries/<int:delivery_id>/again")
@access("administration.act")
def deliver_again(delivery_id: int) -> ResponseReturnValue:
    session = db.session()
    delivery = queries.get_delivery(session, delivery_id, for_update=True)
    operations.deliver_again(session, current_actor(), delivery)
    flash(_("已排队，稍后推送。"))
    return redirect(url_for("webhooks.show_delivery", delivery_id=delivery_id))
