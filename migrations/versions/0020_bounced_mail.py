"""Mail that came back after the server had accepted it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BEFORE = "'queued', 'sending', 'sent', 'failed', 'held', 'void', 'digest'"


def upgrade() -> None:
    op.add_column("mail_messages", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    _constrain(f"status in ({_BEFORE}, 'bounced')", "(status in ('sent', 'bounced')) = (sent_at IS NOT NULL)")
    op.create_check_constraint(
        op.f("ck_mail_messages_bounced"), "mail_messages", "(status = 'bounced') = (bounced_at IS NOT NULL)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_mail_messages_bounced"), "mail_messages", type_="check")
    op.execute("UPDATE mail_messages SET status = 'failed', sent_at = NULL WHERE status = 'bounced'")
    _constrain(f"status in ({_BEFORE})", "(status = 'sent') = (sent_at IS NOT NULL)")
    op.drop_column("mail_messages", "bounced_at")


def _constrain(status: str, sent: str) -> None:
    for name, condition in (("status", status), ("sent", sent)):
        op.drop_constraint(op.f(f"ck_mail_messages_{name}"), "mail_messages", type_="check")
        op.create_check_constraint(op.f(f"ck_mail_messages_{name}"), "mail_messages", condition)
