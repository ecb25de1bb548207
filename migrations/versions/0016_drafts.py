"""Working copies of process definitions, comments on their elements, and publications that wait."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "process_drafts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("bpmn", sa.String(), nullable=False),
        sa.Column("forms", JSONB(), nullable=False),
        sa.Column("tables", JSONB(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("editor_id", sa.Integer(), sa.ForeignKey("users.id"), nullable=True),
        sa.Column("editing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("process", name=op.f("uq_process_drafts_process")),
    )
    op.create_table(
        "draft_comments",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("draft_id", sa.Integer(), sa.ForeignKey("process_drafts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Integer(), sa.ForeignKey("users.id"), nullable=True),
    )
    op.create_index("ix_draft_comments_draft", "draft_comments", ["draft_id", "id"])
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("bpmn", sa.String(), nullable=False),
        sa.Column("forms", JSONB(), nullable=False),
        sa.Column("tables", JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("requested_by", sa.Integer(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), sa.ForeignKey("users.id"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.String(), nullable=True),
        sa.Column("version_id", sa.Integer(), sa.ForeignKey("process_versions.id"), nullable=True),
        sa.CheckConstraint("status in ('waiting', 'scheduled', 'published', 'refused', 'failed')", name="status"),
        sa.CheckConstraint("(status = 'published') = (version_id IS NOT NULL)", name="published"),
    )
    op.create_index(
        "ix_publications_open",
        "publications",
        ["process"],
        unique=True,
        postgresql_where=sa.text("status in ('waiting', 'scheduled')"),
    )
    op.create_table(
        "design_settings",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("second_person", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name="one"),
    )
    op.execute("INSERT INTO design_settings (id, second_person) VALUES (1, false)")


def downgrade() -> None:
    for table in ("design_settings", "publications", "draft_comments", "process_drafts"):
        op.drop_table(table)
