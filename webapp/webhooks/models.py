"""Hosts that webhooks may go to, webhooks, and what became of each delivery.

When a delivery was made is business time; when it is due and was answered is real time, as for all transport.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model

STATUSES = {"queued": "待推送", "sent": "已推送", "failed": "推送失败"}


class WebhookHost(Model):
    """A host on the administrator's list; nothing leaves for any other."""

    __tablename__ = "webhook_hosts"

    name: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]


class Webhook(Model):
    """An address that is told of some kinds of events."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    url: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    salt: Mapped[str]
    """What its secret is made from, with the key of the installation; the secret itself is kept nowhere."""
    is_active: Mapped[bool]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    """How often in a row it did not take what it was sent."""
    paused_until: Mapped[datetime | None]
    """After a failure nothing is tried until then."""


class WebhookDelivery(Model):
    """One event for one webhook."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint("status in ('queued', 'sent', 'failed')", name="status"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("message_id IS NOT NULL OR body IS NOT NULL", name="content"),
        Index("ix_webhook_deliveries_due", "due_at", "id", postgresql_where="status = 'queued'"),
        Index("ix_webhook_deliveries_webhook", "webhook_id", "id"),
        Index("ix_webhook_deliveries_message", "message_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event: Mapped[UUID] = mapped_column(unique=True)
    """Never changes, so that the receiver knows a repeat as one."""
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    kind: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("mail_messages.id", ondelete="CASCADE"))
    """One of the messages that people got of it; none for a trial."""
    people: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    """Who was told."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    status: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    body: Mapped[str | None]
    """What is sent; written at the first attempt, the same at every other."""
    answer_code: Mapped[int | None]
    last_error: Mapped[str | None]
    sent_at: Mapped[datetime | None]
