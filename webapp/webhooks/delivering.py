"""Deliver what is due, one by one; what is not taken is tried again later, under the same id and with the same body.

A worker that dies between the receiver's answer and the note of it leaves a delivery that is sent again: receivers
tell repeats by ``webhook-id``. A webhook that fails is left alone for a while, so that it keeps no other waiting.
"""

import json
import logging
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.models import User
from webapp.config import Settings
from webapp.database import transaction
from webapp.mail.content import Json
from webapp.mail.drafting import content_of
from webapp.mail.holding import hold_due
from webapp.mail.kinds import get_kind
from webapp.mail.models import MailMessage
from webapp.mail.reading import about_of, messages
from webapp.mail.sending import BACK_OFF
from webapp.mail.settings import base_url, get_settings
from webapp.registry.models import Organisation
from webapp.webhooks.models import Webhook, WebhookDelivery, WebhookHost
from webapp.webhooks.posting import PostError, post
from webapp.webhooks.rules import Place, place_of, secret_of, signature

log = logging.getLogger(__name__)
MOST_AT_ONCE = 200
NOT_LISTED = "主机不在允许推送的名单上，没有推送"
_LOCKS = 0x686F6F6B
_LONGEST_PAUSE = timedelta(minutes=15)
_GONE = 410


@dataclass(frozen=True)
class Letter:
    """A delivery that is about to be tried."""

    id: int
    webhook_id: int
    event: str
    attempts: int
    place: Place
    secret: str
    body: bytes


def deliver_due(*, most: int = MOST_AT_ONCE) -> int:
    """Deliver what is due until there is nothing or ``most`` are through; returns how many were taken."""
    with closing(hold_due(_LOCKS, _list_due, most)) as numbers:
        return sum(_deliver(number) for number in numbers)


def has_due() -> bool:
    """Whether a delivery waits to be tried now."""
    return bool(_list_due(1))


def _list_due(most: int) -> list[int]:
    now = clock.real_now()
    query = (
        select(WebhookDelivery.id)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.status == "queued", WebhookDelivery.due_at <= now, Webhook.is_active)
        .where(or_(Webhook.paused_until.is_(None), Webhook.paused_until <= now))
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(most)
    )
    with transaction() as session:
        return list(session.scalars(query))


def _deliver(number: int) -> bool:
    """Try one; whether it was taken."""
    letter = _prepare(number)
    if letter is None:
        return False
    settings: Settings = current_app.extensions["settings"]
    timestamp = int(clock.real_now().timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Wenming",
        "webhook-id": letter.event,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(letter.secret, letter.event, timestamp, letter.body),
    }
    try:
        answer = post(letter.place, letter.body, headers, settings.webhook_networks)
    except PostError as error:
        _postpone(letter, error)
        return False
    with transaction() as session:
        _note(session, letter, status="sent", sent_at=clock.real_now(), answer_code=answer.code, last_error=None)
        _pause(session, letter, failed=False)
    return True


def _prepare(number: int) -> Letter | None:
    """Make a delivery ready; ``None`` where it is not to be sent (now), or cannot be written: then that is noted."""
    try:
        return _ready(number)
    except Exception as error:
        log.exception("webhook delivery %s", number)
        told = f"无法生成：{type(error).__name__}: {error}"[:1000]
        with transaction() as session:
            failed = update(WebhookDelivery).where(WebhookDelivery.id == number)
            session.execute(failed.values(status="failed", last_error=told))
    return None


def _ready(number: int) -> Letter | None:
    """Count an attempt and fix what is sent."""
    with transaction() as session:
        query = select(WebhookDelivery, Webhook).join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        due = (WebhookDelivery.status == "queued", WebhookDelivery.due_at <= clock.real_now(), Webhook.is_active)
        found = session.execute(
            query.where(WebhookDelivery.id == number, *due).with_for_update(of=WebhookDelivery)
        ).one_or_none()
        if found is None or _is_paused(found.Webhook):
            return None
        delivery, webhook = found.WebhookDelivery, found.Webhook
        place = place_of(webhook.url)
        if place is None or session.get(WebhookHost, place.host) is None:
            delivery.status, delivery.last_error = "failed", NOT_LISTED
            session.flush()
            return None
        delivery.attempts += 1
        delivery.body = delivery.body or json.dumps(_body(session, delivery), ensure_ascii=False)
        session.flush()
        secret = secret_of(current_app.config["SECRET_KEY"], webhook.salt)
        event, body = str(delivery.event), delivery.body.encode()
        return Letter(number, webhook.id, event, delivery.attempts, place, secret, body)


def _is_paused(webhook: Webhook) -> bool:
    return webhook.paused_until is not None and webhook.paused_until > clock.real_now()


def _body(session: Session, delivery: WebhookDelivery) -> Json:
    """The event as plain data: the content of the message, the case and the task as they are now, who was told."""
    row = session.execute(messages().where(MailMessage.id == delivery.message_id)).one()
    about, base = about_of(row), base_url(get_settings(session))
    content = content_of(row.MailMessage, about, clock.now())
    people = (
        select(User.username, User.name, Organisation.name.label("organisation"))
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(User.id.in_(delivery.people))
        .order_by(User.username)
    )
    return {
        "id": str(delivery.event),
        "type": delivery.kind,
        "label": get_kind(delivery.kind).label,
        "at": delivery.created_at.astimezone(clock.SHANGHAI).isoformat(),
        "title": content.title,
        "text": content.lead,
        "facts": [{"label": label, "value": value} for label, value in content.facts],
        "url": base + content.actions[0].path if content.actions else base,
        "recipients": [dict(person._mapping) for person in session.execute(people)],
        **_matter(about.matter),
    }


def _matter(matter: Any) -> Json:
    if matter is None:
        return {"case": None, "task": None}
    case = {"id": matter.instance_id, "number": matter.number, "title": matter.title, "unit": matter.unit}
    if matter.task_id is None:
        return {"case": case, "task": None}
    due = matter.due_at.astimezone(clock.SHANGHAI).isoformat() if matter.due_at else None
    task = {"id": str(matter.task_id), "name": matter.task_name, "status": matter.task_status, "due_at": due}
    return {"case": case, "task": task}


def _postpone(letter: Letter, error: PostError) -> None:
    final = error.code == _GONE or letter.attempts > len(BACK_OFF)
    values: dict[str, Any] = {"status": "failed"}
    if not final:
        values = {"due_at": clock.real_now() + BACK_OFF[letter.attempts - 1]}
    with transaction() as session:
        _note(session, letter, **values, answer_code=error.code, last_error=str(error))
        _pause(session, letter, failed=True)


def _note(session: Session, letter: Letter, **values: Any) -> None:
    session.execute(update(WebhookDelivery).where(WebhookDelivery.id == letter.id).values(values))


def _pause(session: Session, letter: Letter, *, failed: bool) -> None:
    """Leave a webhook that failed alone, longer each time; one that works again is free at once."""
    webhook = session.get(Webhook, letter.webhook_id, with_for_update=True)
    if webhook is None:  # removed meanwhile
        return
    webhook.failures = webhook.failures + 1 if failed else 0
    pause = min(timedelta(seconds=15 * 2 ** min(webhook.failures, 8)), _LONGEST_PAUSE)
    webhook.paused_until = clock.real_now() + pause if failed else None
    session.flush()
