"""What administrators do about webhooks: list hosts, make, change and remove webhooks, try them, deliver once more."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.mail.operations import POST
from webapp.problems import Conflict, NotFound, invalid
from webapp.webhooks.models import Webhook, WebhookDelivery, WebhookHost
from webapp.webhooks.rules import host_name, place_of

MOST_WEBHOOKS, MOST_HOSTS = 20, 100


def add_host(session: Session, actor: Actor, now: datetime, typed: str, reason: str) -> str:
    """Put a host on the list; returns its name as it is compared.

    Raises:
        Invalid: it is no name of a host.
        Conflict: the list is full.
    """
    name = host_name(typed)
    if name is None:
        raise invalid("name", "host", "请填写主机名，如 oa.example.cn，不带 https:// 和端口。")
    if (session.scalar(select(func.count()).select_from(WebhookHost)) or 0) >= MOST_HOSTS:
        raise Conflict(f"名单上最多 {MOST_HOSTS} 个主机，请先移除不用的。")
    if session.get(WebhookHost, name) is None:
        session.add(WebhookHost(name=name, reason=reason.strip(), added_by=actor.user_id, added_at=now))
        session.flush()
        record(session, actor, "webhook.add_host", subject=f"host:{name}", after={"reason": reason.strip()})
    return name


def remove_host(session: Session, actor: Actor, name: str) -> None:
    """Take a host off the list: from now on nothing leaves for it.

    Raises:
        NotFound: it is not on the list.
    """
    row = session.get(WebhookHost, name)
    if row is None:
        raise NotFound
    session.delete(row)
    session.flush()
    record(session, actor, "webhook.remove_host", subject=f"host:{name}")


def save_webhook(
    session: Session,
    actor: Actor,
    now: datetime,
    webhook: Webhook | None,
    *,
    label: str,
    url: str,
    kinds: Sequence[str],
    is_active: bool,
) -> Webhook:
    """Make a webhook, or change one.

    Raises:
        Invalid: the address is none, or its host is not on the list.
        Conflict: there are too many.
    """
    place = place_of(url.strip())
    if place is None or place.scheme not in {"http", "https"}:
        raise invalid("url", "url", "请填写完整的网址，如 https://oa.example.cn/hook，不带用户名和 # 部分。")
    if session.get(WebhookHost, place.host) is None:
        raise invalid("url", "host", f"主机“{place.host}”不在允许推送的名单上，请先把它加入名单。")
    values = {"label": label.strip(), "url": url.strip(), "kinds": sorted(kinds), "is_active": is_active}
    before = {name: getattr(webhook, name) for name in values} if webhook else None
    if webhook is None:
        webhook = _new(session, actor, now)
    for name, value in values.items():
        setattr(webhook, name, value)
    webhook.failures, webhook.paused_until = 0, None
    session.add(webhook)
    session.flush()
    act = "webhook.change" if before else "webhook.create"
    record(session, actor, act, subject=f"webhook:{webhook.id}", before=before, after=values)
    defer(session, POST, {}, lock=POST)
    return webhook


def _new(session: Session, actor: Actor, now: datetime) -> Webhook:
    if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST_WEBHOOKS:
        raise Conflict(f"最多设置 {MOST_WEBHOOKS} 个推送，请先删除不用的。")
    return Webhook(salt=secrets.token_urlsafe(24), created_by=actor.user_id, created_at=now)


def renew_secret(session: Session, actor: Actor, webhook: Webhook) -> None:
    """Give a webhook another secret; the old one signs nothing any more."""
    webhook.salt = secrets.token_urlsafe(24)
    session.flush()
    record(session, actor, "webhook.renew_secret", subject=f"webhook:{webhook.id}")


def remove_webhook(session: Session, actor: Actor, webhook: Webhook) -> None:
    """Remove a webhook with its deliveries."""
    record(session, actor, "webhook.remove", subject=f"webhook:{webhook.id}", before={"url": webhook.url})
    session.delete(webhook)
    session.flush()


def send_trial(session: Session, actor: Actor, now: datetime, webhook: Webhook) -> WebhookDelivery:
    """Send an event that says nothing, to see whether it arrives."""
    event = uuid4()
    body = {
        "id": str(event),
        "type": "test",
        "at": now.astimezone(clock.SHANGHAI).isoformat(),
        "title": "测试推送",
        "text": "收到即说明推送可用，无需处理。",
    }
    delivery = WebhookDelivery(
        event=event,
        webhook_id=webhook.id,
        kind="test",
        people=[],
        created_at=now,
        due_at=clock.real_now(),
        status="queued",
        body=json.dumps(body, ensure_ascii=False),
    )
    webhook.paused_until = None
    session.add(delivery)
    session.flush()
    record(session, actor, "webhook.test", subject=f"webhook:{webhook.id}")
    defer(session, POST, {}, lock=POST)
    return delivery


def deliver_again(session: Session, actor: Actor, delivery: WebhookDelivery) -> None:
    """Deliver an event once more by hand, under its own id, whatever became of it."""
    record(session, actor, "webhook.again", subject=f"delivery:{delivery.id}", before={"status": delivery.status})
    delivery.status, delivery.sent_at, delivery.attempts = "queued", None, 0
    delivery.due_at, delivery.last_error = clock.real_now(), None
    session.get_one(Webhook, delivery.webhook_id, with_for_update=True).paused_until = None
    session.flush()
    defer(session, POST, {}, lock=POST)
