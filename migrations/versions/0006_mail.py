"""Mail: messages with their state, template versions, what people want, how it is sent; the unused outbox goes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("outbox")
    op.create_table(
        "mail_messages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("has_slot", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("repeats", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("sending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("digest_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status in ('queued', 'sending', 'sent', 'failed', 'held', 'void', 'digest')",
            name=op.f("ck_mail_messages_status"),
        ),
        sa.CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_mail_messages_sent")),
        sa.CheckConstraint("(kind = 'digest') = (day IS NOT NULL)", name=op.f("ck_mail_messages_day")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_messages_user_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_mail_messages_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_messages")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_messages_message_id")),
    )
    unsent = sa.text("status IN ('queued', 'sending')")
    op.create_index("ix_mail_messages_unsent", "mail_messages", ["due_at", "id"], postgresql_where=unsent)
    op.create_index("ix_mail_messages_status", "mail_messages", ["status", "id"])
    op.create_index("ix_mail_messages_person", "mail_messages", ["user_id", "id"])
    unread = sa.text("read_at IS NULL AND kind <> 'digest' AND status <> 'void'")
    op.create_index("ix_mail_messages_unread", "mail_messages", ["user_id"], postgresql_where=unread)
    waiting = sa.text("status = 'digest' AND digest_id IS NULL")
    op.create_index("ix_mail_messages_waiting", "mail_messages", ["user_id"], postgresql_where=waiting)
    op.create_index("ix_mail_messages_instance", "mail_messages", ["instance_id", "id"])
    told = sa.text("topic IS NOT NULL")
    op.create_index("ix_mail_messages_topic", "mail_messages", ["topic", "user_id"], postgresql_where=told)
    daily = sa.text("day IS NOT NULL")
    op.create_index("uq_mail_messages_daily", "mail_messages", ["user_id", "day"], unique=True, postgresql_where=daily)
    op.create_table(
        "mail_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_mail_templates_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_templates")),
        sa.UniqueConstraint("kind", "version", name=op.f("uq_mail_templates_kind_version")),
    )
    current = sa.text("is_current")
    op.create_index("uq_mail_templates_current", "mail_templates", ["kind"], unique=True, postgresql_where=current)
    op.create_table(
        "mail_preferences",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest_at", sa.Time(), nullable=False),
        sa.Column("wants_immediate", sa.Boolean(), nullable=False),
        sa.Column("wants_digest", sa.Boolean(), nullable=False),
        sa.Column("rests", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_preferences_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mail_preferences")),
    )
    settings = op.create_table(
        "mail_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sender_name", sa.String(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("next_slot_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("digested_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_settings_single")),
        sa.CheckConstraint("security in ('none', 'starttls', 'tls')", name=op.f("ck_mail_settings_security")),
        sa.CheckConstraint("host = '' OR sender <> ''", name=op.f("ck_mail_settings_sender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_settings")),
    )
    op.execute(
        sa.insert(settings).values(
            id=1,
            host="",
            port=465,
            security="tls",
            sender="",
            sender_name="文明创建流程平台",
            per_minute=120,
            timeout_seconds=20,
            base_url="",
            failures=0,
        )
    )


def downgrade() -> None:
    for table in ("mail_settings", "mail_preferences", "mail_templates", "mail_messages"):
        op.drop_table(table)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_outbox_instance_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_outbox_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_unsent", "outbox", ["id"], unique=False, postgresql_where=sa.text("sent_at IS NULL"))
