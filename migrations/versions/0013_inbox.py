"""What lists of tasks are narrowed, sorted and searched by; who has seen a task; saved filters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("came_from", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_tasks_came_from"), "tasks", "users", ["came_from"], ["id"])
    op.add_column("tasks", sa.Column("was_returned", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("tasks", sa.Column("honour_code", sa.String(), nullable=True))
    op.add_column("tasks", sa.Column("region_path", sa.String(), nullable=True))
    op.execute("""
        UPDATE tasks t SET honour_code = i.honour_code, region_path = i.region_path,
            was_returned = t.round > 1 OR EXISTS (
                SELECT FROM submissions s WHERE s.instance_id = i.id AND s.outcome = 'return' AND s.at <= t.opened_at
            ),
            came_from = (
                SELECT s.actor_id FROM submissions s WHERE s.instance_id = i.id AND s.at <= t.opened_at
                ORDER BY s.id DESC LIMIT 1
            )
        FROM instances i WHERE i.id = t.instance_id
    """)
    op.add_column("task_candidates", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "search_entries",
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("terms", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_search_entries_instance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_search_entries")),
    )
    op.create_index("ix_search_entries_terms", "search_entries", ["terms"], postgresql_using="gin")
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("state", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_saved_filters_owner_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_saved_filters_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_filters_owner_id_name")),
    )
    op.create_index(op.f("ix_saved_filters_organisation_id"), "saved_filters", ["organisation_id"])
    op.create_table(
        "inbox_habits",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("opens_next", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("uses_keys", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("start_filter_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_inbox_habits_user_id")),
        sa.ForeignKeyConstraint(
            ["start_filter_id"],
            ["saved_filters.id"],
            name=op.f("fk_inbox_habits_start_filter_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_inbox_habits")),
    )


def downgrade() -> None:
    op.drop_table("inbox_habits")
    op.drop_table("saved_filters")
    op.drop_table("search_entries")
    op.drop_column("task_candidates", "read_at")
    op.drop_constraint(op.f("fk_tasks_came_from"), "tasks", type_="foreignkey")
    for name in ("region_path", "honour_code", "was_returned", "came_from"):
        op.drop_column("tasks", name)
