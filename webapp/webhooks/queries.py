"""What administrators see of webhooks."""

from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.instances.models import Instance
from webapp.mail.kinds import kinds
from webapp.mail.models import MailMessage
from webapp.problems import NotFound
from webapp.webhooks.models import Webhook, WebhookDelivery, WebhookHost
from webapp.webhooks.rules import secret_of


def event_kinds() -> dict[str, str]:
    """The kinds of messages that are events, with what they are called."""
    return {kind.name: kind.label for kind in kinds().values() if kind.is_notice}


def list_hosts(session: Session) -> list[Any]:
    """The hosts on the list with who put them there."""
    query = select(WebhookHost, User.name.label("by")).join(User, User.id == WebhookHost.added_by)
    return list(session.execute(query.order_by(WebhookHost.name)))


def list_webhooks(session: Session) -> list[Any]:
    """All webhooks, with how many deliveries of each wait and have failed."""
    of_status = {
        status: func.count(WebhookDelivery.id).filter(WebhookDelivery.status == status).label(status)
        for status in ("queued", "failed")
    }
    query = select(Webhook, *of_status.values()).outerjoin(WebhookDelivery, WebhookDelivery.webhook_id == Webhook.id)
    return list(session.execute(query.group_by(Webhook.id).order_by(Webhook.id)))


def get_webhook(session: Session, webhook_id: int) -> Webhook:
    """One webhook.

    Raises:
        NotFound: there is none.
    """
    webhook = session.get(Webhook, webhook_id)
    if webhook is None:
        raise NotFound
    return webhook


def list_deliveries(session: Session, webhook: Webhook, before: int | None, most: int) -> list[Any]:
    """Deliveries of a webhook with the case of each, newest first."""
    query = (
        select(WebhookDelivery, Instance.number)
        .outerjoin(MailMessage, MailMessage.id == WebhookDelivery.message_id)
        .outerjoin(Instance, Instance.id == MailMessage.instance_id)
        .where(WebhookDelivery.webhook_id == webhook.id)
    )
    if before is not None:
        query = query.where(WebhookDelivery.id < before)
    return list(session.execute(query.order_by(WebhookDelivery.id.desc()).limit(most)))


def get_delivery(session: Session, delivery_id: int, *, for_update: bool = False) -> WebhookDelivery:
    """One delivery.

    Raises:
        NotFound: there is none.
    """
    delivery = session.get(WebhookDelivery, delivery_id, with_for_update=for_update)
    if delivery is None:
        raise NotFound
    return delivery


def secret_for(webhook: Webhook) -> str:
    """What its receiver checks signatures with."""
    return secret_of(current_app.config["SECRET_KEY"], webhook.salt)
