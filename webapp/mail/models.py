"""Messages with the state of their delivery, versions of templates, what each person wants, and how mail is sent.

When a message was made and sent is business time; when it is due and was last tried is real time, as for all transport.
"""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model

STATUSES = {
    "queued": "待发送",
    "sending": "发送中",
    "sent": "已发送",
    "bounced": "被退信",
    "failed": "发送失败",
    "held": "未发出",
    "void": "已作废",
    "digest": "并入汇总",
}


class MailMessage(Model):
    """One message for one person; also what the bell shows."""

    __tablename__ = "mail_messages"
    __table_args__ = (
        CheckConstraint(
            "status in ('queued', 'sending', 'sent', 'failed', 'held', 'void', 'digest', 'bounced')",
            name="status",
        ),
        CheckConstraint("(status in ('sent', 'bounced')) = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("(status = 'bounced') = (bounced_at IS NOT NULL)", name="bounced"),
        CheckConstraint("(kind = 'digest') = (day IS NOT NULL)", name="day"),
        Index("ix_mail_messages_unsent", "due_at", "id", postgresql_where="status IN ('queued', 'sending')"),
        Index("ix_mail_messages_status", "status", "id"),
        Index("ix_mail_messages_person", "user_id", "id"),
        Index(
            "ix_mail_messages_unread",
            "user_id",
            postgresql_where="read_at IS NULL AND kind <> 'digest' AND status <> 'void'",
        ),
        Index("ix_mail_messages_waiting", "user_id", postgresql_where="status = 'digest' AND digest_id IS NULL"),
        Index("ix_mail_messages_instance", "instance_id", "id"),
        Index("ix_mail_messages_topic", "topic", "user_id", postgresql_where="topic IS NOT NULL"),
        Index("uq_mail_messages_daily", "user_id", "day", unique=True, postgresql_where="day IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    address: Mapped[str | None]
    """Where it was sent to; read from the account when it is sent."""
    subject: Mapped[str | None]
    text: Mapped[str | None]
    html: Mapped[str | None]
    message_id: Mapped[str] = mapped_column(unique=True)
    """Never changes, so that a repeat is known as one by the recipient's mail program."""
    facts: Mapped[dict[str, Any]]
    topic: Mapped[str | None]
    """What it is about, where the same must not be said twice."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """Not to be tried before."""
    has_slot: Mapped[bool] = mapped_column(default=False)
    """Whether ``due_at`` is its turn under the rate limit."""
    status: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    repeats: Mapped[int] = mapped_column(default=0)
    """How often it was sent again although the server may have had it already."""
    last_error: Mapped[str | None]
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    """When it was reported that it came back, although the server had accepted it."""
    read_at: Mapped[datetime | None]
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instances.id"))
    task_id: Mapped[UUID | None]
    day: Mapped[date | None]
    """Of a digest: one per person and day."""
    digest_id: Mapped[int | None] = mapped_column(BigInteger)
    """The digest that carried it."""


class MailTemplate(Model):
    """One version of the template of a kind; without a current one the shipped template holds."""

    __tablename__ = "mail_templates"
    __table_args__ = (
        UniqueConstraint("kind", "version"),
        Index("uq_mail_templates_current", "kind", unique=True, postgresql_where="is_current"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    version: Mapped[int]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    is_current: Mapped[bool]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]
    reason: Mapped[str]


class MailPreference(Model):
    """What a person wants; who never said so gets everything at the usual times."""

    __tablename__ = "mail_preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    digest_at: Mapped[time] = mapped_column(default=time(8, 30))
    wants_immediate: Mapped[bool] = mapped_column(default=True)
    """Returns and escalations at once, not with the digest."""
    wants_digest: Mapped[bool] = mapped_column(default=True)
    rests: Mapped[bool] = mapped_column(default=True)
    """No digest on days when the offices of the person's region rest."""


class MailSettings(Model):
    """The single row of how mail leaves; user name and password come from the environment only."""

    __tablename__ = "mail_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("security in ('none', 'starttls', 'tls')", name="security"),
        CheckConstraint("host = '' OR sender <> ''", name="sender"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    host: Mapped[str]
    """Empty: nothing is sent, messages can be read in administration."""
    port: Mapped[int]
    security: Mapped[str]
    sender: Mapped[str]
    sender_name: Mapped[str]
    per_minute: Mapped[int]
    """0: as fast as the server takes them."""
    timeout_seconds: Mapped[int]
    base_url: Mapped[str]
    """Where the links of mails lead; empty: where the server listens."""
    next_slot_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    """After the server could not be reached at all, nothing is tried until then."""
    failures: Mapped[int]
    last_error: Mapped[str | None]
    digested_until: Mapped[datetime | None]
    """Business time up to which digests were built."""
