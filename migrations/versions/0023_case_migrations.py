"""Migrations of running cases to another version of their process, and what became of each case."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_migrations",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("from_version_id", sa.Integer(), sa.ForeignKey("process_versions.id"), nullable=False),
        sa.Column("to_version_id", sa.Integer(), sa.ForeignKey("process_versions.id"), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("selection", JSONB(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("created_by", sa.Integer(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Integer(), sa.ForeignKey("users.id"), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('checking', 'ready', 'running', 'suspended', 'cancelled', 'done', 'undoing', 'undone')",
            name="status",
        ),
    )
    op.create_index("ix_case_migrations_process", "case_migrations", ["process", "id"])
    op.create_table(
        "case_migration_items",
        sa.Column(
            "migration_id",
            sa.Integer(),
            sa.ForeignKey("case_migrations.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("instance_id", sa.BigInteger(), sa.ForeignKey("instances.id"), primary_key=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("steps", sa.String(), nullable=False),
        sa.Column("findings", JSONB(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_after", sa.BigInteger(), nullable=True),
        sa.Column("before", JSONB(), nullable=True),
        sa.CheckConstraint("verdict in ('unchecked', 'safe', 'mapping', 'impossible')", name="verdict"),
        sa.CheckConstraint("status in ('waiting', 'moved', 'refused', 'kept', 'undone')", name="status"),
    )
    op.create_index(
        "ix_case_migration_items_state",
        "case_migration_items",
        ["migration_id", "status", "verdict", "instance_id"],
    )
    op.create_index(
        "ix_case_migration_items_instance",
        "case_migration_items",
        ["instance_id", "moved_at"],
        postgresql_where=sa.text("moved_at IS NOT NULL"),
    )
    op.create_index("ix_instances_version", "instances", ["process_version_id", "ended_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_instances_version", "instances")
    op.drop_table("case_migration_items")
    op.drop_table("case_migrations")
