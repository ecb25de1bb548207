"""What a person who leaves had, one row each, and what became of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM hand_overs")  # nothing has written there yet
    op.drop_column("hand_overs", "items")
    op.alter_column("hand_overs", "to_id", nullable=False)
    op.add_column("hand_overs", sa.Column("successors", postgresql.JSONB(), nullable=False))
    op.add_column("hand_overs", sa.Column("gives_roles", sa.Boolean(), nullable=False))
    op.add_column("hand_overs", sa.Column("disables", sa.Boolean(), nullable=False))
    op.add_column("hand_overs", sa.Column("status", sa.String(), nullable=False))
    op.add_column("hand_overs", sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_hand_overs_status"), "hand_overs", "status in ('running', 'done')")
    op.create_check_constraint(
        op.f("ck_hand_overs_finished"), "hand_overs", "(status = 'done') = (finished_at IS NOT NULL)"
    )
    op.create_index(
        "ix_hand_overs_running", "hand_overs", ["from_id"], unique=True, postgresql_where="status = 'running'"
    )
    op.create_table(
        "hand_over_items",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("hand_over_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status in ('waiting', 'handed', 'leader', 'left', 'ended', 'failed')",
            name=op.f("ck_hand_over_items_status"),
        ),
        sa.ForeignKeyConstraint(["hand_over_id"], ["hand_overs.id"], name=op.f("fk_hand_over_items_hand_over_id")),
        sa.ForeignKeyConstraint(["to_id"], ["users.id"], name=op.f("fk_hand_over_items_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over_items")),
        sa.UniqueConstraint(
            "hand_over_id", "kind", "subject", name=op.f("uq_hand_over_items_hand_over_id_kind_subject")
        ),
    )
    op.create_index(
        "ix_hand_over_items_waiting",
        "hand_over_items",
        ["hand_over_id", "id"],
        unique=False,
        postgresql_where="status = 'waiting'",
    )


def downgrade() -> None:
    op.drop_index("ix_hand_over_items_waiting", table_name="hand_over_items", postgresql_where="status = 'waiting'")
    op.drop_table("hand_over_items")
    op.drop_index("ix_hand_overs_running", table_name="hand_overs", postgresql_where="status = 'running'")
    op.drop_constraint(op.f("ck_hand_overs_finished"), "hand_overs", type_="check")
    op.drop_constraint(op.f("ck_hand_overs_status"), "hand_overs", type_="check")
    for column in ("finished_at", "status", "disables", "gives_roles", "successors"):
        op.drop_column("hand_overs", column)
    op.alter_column("hand_overs", "to_id", nullable=True)
    op.execute("DELETE FROM hand_overs")
    op.add_column("hand_overs", sa.Column("items", postgresql.JSONB(), nullable=False))
